/**
 * The cell-key method: a count moves by what a table holds for its size and its cell's key, so that the same records show
 * the same number in every table for ever. Source: docs/references.md#cell-key.
 * Keys are integers from 0 to 2^32 - 1. Convention: the first entry whose upper bound exceeds key / 2^32, lower bounds
 * inclusive and upper bounds exclusive (as the code of the R package cellKey has it; the handbook's worked text has
 * lower < key ≤ upper, which differs at a key exactly on a bound alone).
 * Not additive. Leaves out: what unlimited ad hoc tables give away; limit their number and kind.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import type { RoundedCount, UnitDraw } from '../units.ts';
import { checkCounts } from './count-cells.ts';
import type { CountCell, PerturbedCell } from './count-cells.ts';
import type { Ptable, PtableRow } from './ptable.ts';

declare const kind: unique symbol;

/** A magnitude after perturbation: releasable. */
export type PerturbedMagnitude = number & { readonly [kind]: 'perturbed magnitude' };

/** A true magnitude (confidential). */
export interface Magnitude {
  /** The cell's sum. */
  readonly x: number;
  /** The largest contribution to it, by amount. */
  readonly largest: number;
}

/**
 * Perturbs one count: n plus the change that its row holds for the key. Counts beyond the last row use the last row.
 * A zero stays zero. Pure; unbiased over keys when the row's mean is 0, as in tables of {@link makePtable}.
 * @param key - the sum of the records' keys, from {@link cellKey}
 */
export function perturbCount(n: Count, key: UnitDraw, table: Ptable): RoundedCount {
  return (n + changeAt(rowOf(table, n), key)) as RoundedCount;
}

/**
 * Perturbs a list of cells, each by its own `draw` as the cell's key.
 * @throws Refusal as {@link checkCounts} does
 */
export function perturbCells(cells: readonly CountCell[], table: Ptable): PerturbedCell[] {
  checkCounts(cells);
  return cells.map(({ address, n, draw }) => ({ address, status: 'rounded', value: perturbCount(n as Count, draw, table), reason: 'moved at random by the cell-key method' }));
}

/**
 * Perturbs one magnitude: x + delta · largest · change, where the change is interpolated between the rows on both sides of
 * |x| / (delta · largest). The sign of x stays, and nothing passes zero; 0 stays 0. Means are to be taken of perturbed sums and
 * counts, never perturbed again.
 * @param delta - share of the largest contribution that one step of noise is worth, above 0
 * @throws RangeError unless delta is above 0 and x and its largest contribution are finite
 * @example perturbMagnitude({ x: 0, largest: 0 }, 0.5, key, table) // 0
 */
export function perturbMagnitude({ x, largest }: Magnitude, delta: number, key: UnitDraw, table: Ptable): PerturbedMagnitude {
  if (!(delta > 0 && Number.isFinite(delta))) throw new RangeError('delta: expected a number above 0');
  if (!Number.isFinite(x) || !Number.isFinite(largest)) throw new RangeError('magnitude: expected finite numbers');
  const step = delta * Math.abs(largest);
  if (x === 0 || step === 0) return x as PerturbedMagnitude;
  // Beyond the last row all rows are the last one.
  const size = Math.min(Math.abs(x) / step, table.rows.length - 1);
  const below = Math.floor(size);
  const share = size - below;
  const change = (1 - share) * changeAt(rowOf(table, below), key) + (share === 0 ? 0 : share * changeAt(rowOf(table, below + 1), key));
  return (Math.sign(x) * Math.max(0, Math.abs(x) + step * change)) as PerturbedMagnitude;
}

/**
 * The counts that a reader who knows the table must allow for behind a published count. For audits. Empty (lo above hi) when
 * no count leads there.
 */
export function cellKeyBounds(published: number, table: Ptable): { readonly lo: number; readonly hi: number } {
  const reach = Math.max(...table.rows.flatMap((r) => r.entries.map((e) => Math.abs(e.change))));
  let [lo, hi] = [Infinity, -Infinity];
  for (let n = Math.max(0, published - reach); n <= published + reach; n++) {
    if (rowOf(table, n).entries.some((e) => n + e.change === published)) [lo, hi] = [Math.min(lo, n), n];
  }
  return { lo, hi };
}

function rowOf(table: Ptable, n: number): PtableRow {
  const row = table.rows[Math.min(n, table.rows.length - 1)];
  if (row === undefined) throw new RangeError('table: expected at least one row');
  return row;
}

function changeAt(row: PtableRow, key: UnitDraw): number {
  const at = row.upperKeys.findIndex((upper) => key < upper);
  return row.entries[at]?.change ?? 0;
}
