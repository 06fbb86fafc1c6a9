/**
 * Where two agencies' cell-key systems look up a count that is larger than their tables.
 * Source: docs/references.md#ons-cell-key and docs/references.md#superstar.
 * Leaves out: the tables themselves, which the agencies keep, and how SuperSTAR folds a cell's key into a row.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import type { RoundedCount } from '../units.ts';

/** Changes by perturbation cell value and integer cell key, as ONS files carry them. */
export interface OnsTable {
  /** Number of keys: 256 or 4,096. */
  readonly keys: number;
  /** Change for perturbation cell value `pcv` from 0 to 750 at `pcv · keys + key`. */
  readonly changes: ArrayLike<number>;
}

/** The perturbation cell value: the count itself to 750, and from 501 to 750 over and over again beyond. */
export function onsCellValue(n: Count): number {
  return n <= 750 ? n : ((n - 1) % 250) + 501;
}

/**
 * Perturbs a count by an ONS table. The cell's key is the sum of its records' integer keys modulo their number. Where the
 * table holds a threshold, its changes carry it: a count below comes out as 0.
 * @throws RangeError for a table or a key that does not fit
 */
export function perturbByOnsTable(n: Count, recordKeys: Iterable<number>, table: OnsTable): RoundedCount {
  if (!Number.isSafeInteger(table.keys) || table.keys < 1 || table.changes.length !== 751 * table.keys) throw new RangeError('table: expected a change for every cell value from 0 to 750 and every key');
  let key = 0;
  for (const k of recordKeys) {
    if (!Number.isSafeInteger(k) || k < 0 || k >= table.keys) throw new RangeError(`record key: expected a whole number from 0 to ${table.keys - 1}`);
    key = (key + k) % table.keys;
  }
  return (n + (table.changes[onsCellValue(n) * table.keys + key] ?? 0)) as RoundedCount;
}

/**
 * The column of a SuperSTAR table for a count: the count itself while it fits, then the last `smallN` columns over and over
 * again. Columns count from 1.
 * @throws RangeError unless tableSize ≥ smallN ≥ 1
 */
export function superstarColumn(n: Count, tableSize: number, smallN: number): number {
  if (!Number.isSafeInteger(tableSize) || !Number.isSafeInteger(smallN) || smallN < 1 || tableSize < smallN) throw new RangeError('table: expected tableSize ≥ smallN ≥ 1');
  return n > tableSize - smallN ? (n % smallN) + tableSize + 1 - smallN : n;
}
