/**
 * What a submission's entry says of its records: a commitment to the root of their tree and to their number.
 * It hides the number as well, for nobody guesses the root; a release protects its totals, and an exact total here would undo that.
 * @module
 */
import { sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';

/** Commitment to the root of the tree of records (record-receipt.ts) and to their number. */
export function recordsCommitment(root: Sha384, count: number | bigint): Sha384 {
  return sha384(`weighbridge-records/1\n${count.toString()}\n${root}\n`);
}
