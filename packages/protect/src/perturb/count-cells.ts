/**
 * What the perturbing methods take and give: counts with an address and a draw.
 * @module
 */
import { refuseOnErrors } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { RoundedCount, UnitDraw } from '../units.ts';

/** A true count with its address and its draw (confidential). */
export interface CountCell {
  /** Names the cell in refusals and in the result: `north | phone`. */
  readonly address: string;
  /** Records behind the cell. */
  readonly n: number;
  /** From the cell's set of records or from its identity, never drawn anew. */
  readonly draw: UnitDraw;
}

/** A cell that may leave. `value` is null exactly when the status is `suppressed`. */
export interface PerturbedCell {
  readonly address: string;
  readonly status: 'rounded' | 'suppressed';
  readonly value: RoundedCount | null;
  /** The rule that made it so, the same for every cell that the rule touches: it tells nothing about the cell. */
  readonly reason: string;
}

/**
 * Checks counts at the boundary, all of them.
 * @throws Refusal `FREQUENCY` for a count that is negative or no whole number and `CELL_TWICE` for an address that occurs
 *   twice, one issue for each, with the address and never the count
 */
export function checkCounts(cells: readonly Pick<CountCell, 'address' | 'n'>[]): void {
  const seen = new Set<string>();
  const issues: Issue[] = [];
  for (const { address, n } of cells) {
    if (!Number.isSafeInteger(n) || n < 0) issues.push({ code: 'FREQUENCY', severity: 'error', message: 'a frequency is negative or no whole number', place: { object: address }, repair: 'count records: 0, 1, 2 …' });
    if (seen.has(address)) issues.push({ code: 'CELL_TWICE', severity: 'error', message: 'two cells have the same address', place: { object: address }, repair: 'give each cell once' });
    seen.add(address);
  }
  refuseOnErrors(issues);
}
