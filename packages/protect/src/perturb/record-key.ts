/**
 * Record keys: a fixed random integer for every record, and their sum for a cell, so that cells of the same records get
 * the same draw whatever table they stand in. Source: docs/references.md#cell-key; RFC 2104 (HMAC) over SHA-256.
 * Keys are integers from 0 to 2^32 - 1 and sums are taken modulo 2^32: exact in any order, and the same on every machine.
 * Leaves out: keys for records without an identifier of their own; an identifier that changes changes the key.
 * @module
 */
import { keyedHmacSha256 } from '@weighbridge/base';
import { assertKey } from '../cell-draw.ts';
import { DRAW_RANGE, drawFromBytes } from '../units.ts';
import type { UnitDraw } from '../units.ts';

/**
 * The key of one record or unit: a keyed hash of its identifier, so that it needs no storage and nobody without the
 * secret can rebuild it.
 * @param secret - one for a data series, at least 16 bytes; with another secret every number is drawn anew
 * @param id - what makes the record that record in every edition
 * @throws RangeError when the secret is too short
 */
export function recordKey(secret: Uint8Array, id: string): UnitDraw {
  return recordKeys(secret)(id);
}

/** {@link recordKey} for many records under one secret: the same keys, the secret prepared once. */
export function recordKeys(secret: Uint8Array): (id: string) => UnitDraw {
  assertKey(secret);
  const keyed = keyedHmacSha256(secret);
  return (id) => drawFromBytes(keyed(`weighbridge record key 1\n${id}`));
}

/**
 * The key of a cell: the fraction of the sum of its records' keys, as an integer. Additive: the key of a total is the key
 * of its parts' keys, so tables can be rolled up without records. A cell without records has key 0.
 * @throws RangeError unless every key is a whole number from 0 to 2^32 - 1
 */
export function cellKey(recordKeys: Iterable<number>): UnitDraw {
  let sum = 0;
  for (const key of recordKeys) {
    if (!Number.isInteger(key) || key < 0 || key >= DRAW_RANGE) throw new RangeError('record key: expected a whole number from 0 to 2^32 - 1');
    sum = (sum + key) % DRAW_RANGE;
  }
  return sum as UnitDraw;
}
