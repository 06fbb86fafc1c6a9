/**
 * Holds a receipt against the log that others see: the log must go on from the head that the receipt was given under. If it does not, the
 * two signed heads are evidence, and the entry was dropped, changed or back-dated for somebody.
 * Pure over a port that reads files.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { proveEquivocation } from './equivocation.ts';
import type { Policy } from './policy.ts';
import { TileReader } from './tile-reader.ts';
import type { LogFiles } from './tile-reader.ts';

/** Either the log goes on from the receipt's head, or there is evidence that it does not. */
export type HeldAgainst = { readonly proved: string } | { readonly evidence: Uint8Array };

/**
 * @param receipt - the signed head of a receipt that was checked under the policy
 * @param log - the head of a log that was verified under the policy, and its files
 * @throws Refusal `LOG_OLDER` when the log at hand ends before the receipt's head; `EVIDENCE_ORIGIN` for another log
 */
export async function holdAgainst(receipt: Uint8Array, log: { readonly head: Checkpoint; readonly files: LogFiles }, policy: Policy): Promise<HeldAgainst> {
  const { size } = parseCheckpoint(receipt);
  const { head, files } = log;
  if (size > head.size) {
    refuse('LOG_OLDER', `the log has ${head.size} entries, and the receipt was given under a head of ${size}`, { file: 'checkpoint' },
      'get the log again; if its operator has none that is larger, the log was rolled back: give the receipt to a witness or to whoever oversees the log');
  }
  const evidence = await proveEquivocation(receipt, head.note.bytes, policy.logs.map(({ key }) => key), new TileReader(files, head.size));
  if (evidence !== null) return { evidence };
  return { proved: `The log’s head of ${head.size} entries goes on from the head of ${size} that the receipt was given under: what the receipt shows is still there.` };
}
