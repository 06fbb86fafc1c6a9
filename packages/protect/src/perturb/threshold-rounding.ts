/**
 * Random rounding that a threshold can stand beside: a count of t or more stays at t or more, a smaller one below t.
 * Without this a number printed below the threshold that is no mark would give the true count away. Also graduated
 * rounding, in which larger counts get coarser bases.
 * Source: docs/references.md#random-rounding (thresholds), docs/references.md#graduated-rounding (bases).
 * Biased within a base of a threshold, where only one multiple is allowed; unbiased elsewhere. Not additive.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import type { RoundedCount, UnitDraw } from '../units.ts';
import { checkCounts } from './count-cells.ts';
import type { CountCell, PerturbedCell } from './count-cells.ts';
import { assertBase, drawnUp, neighbours } from './round-base-n.ts';

/** A base for all counts, or the graduated bases. */
export type BaseRule = number | 'graduated';

/** How counts are rounded. */
export interface RoundingRule {
  readonly base: BaseRule;
  /** Ascending; a count never crosses one. Default: none. */
  readonly thresholds?: readonly number[];
  /** Counts from 1 to this less 1 are withheld, by the true count; it counts as a threshold. Default: none withheld. */
  readonly suppressBelow?: number;
}

/** Bases of graduated random rounding: the first entry whose bound exceeds the count. */
const GRADUATED_BASES: readonly (readonly [below: number, base: number])[] = [[19, 3], [20, 2], [100, 5], [1000, 10], [Infinity, 100]];

/** The base that graduated random rounding gives a count: 3 below 19, 2 for 19, 5 below 100, 10 below 1,000, else 100. */
export function graduatedBase(n: Count): number {
  return GRADUATED_BASES.find(([below]) => n < below)?.[1] ?? 100;
}

/** Graduated random rounding (GRR) of one count: by the base of its size, unbiased, within that base less 1. */
export function roundGraduated(n: Count, draw: UnitDraw): RoundedCount {
  return roundWithinThresholds(n, { base: 'graduated' }, draw);
}

/**
 * Rounds one count without crossing a threshold of the rule.
 *
 * Pure. Within base - 1 of n; multiples of the base unchanged. Where both multiples are allowed P(up) = excess / base.
 * `suppressBelow` counts as a threshold here and withholds nothing: {@link roundCells} does.
 *
 * @throws RangeError unless thresholds ascend and stand at least a base apart: between closer ones no multiple is left
 * @example roundWithinThresholds(count(5), { base: 3, thresholds: [5] }, unitDraw(0.9)) // 6
 */
export function roundWithinThresholds(n: Count, rule: RoundingRule, draw: UnitDraw): RoundedCount {
  return round(n, rule.base, thresholdsOf(rule), draw);
}

/**
 * Suppresses, then rounds, a list of cells. The order of cells plays no part, nor does any cell but its own.
 * @returns the cells in the order given: withheld ones without a value, and all others rounded, on the published side of
 *   every threshold
 * @throws Refusal as {@link checkCounts} does
 */
export function roundCells(cells: readonly CountCell[], rule: RoundingRule): PerturbedCell[] {
  checkCounts(cells);
  const thresholds = thresholdsOf(rule);
  const below = rule.suppressBelow ?? 0;
  const reason = rule.base === 'graduated' ? 'rounded at random to the base of its size' : `rounded at random to base ${rule.base}`;
  return cells.map(({ address, n, draw }): PerturbedCell => {
    if (n > 0 && n < below) return { address, status: 'suppressed', value: null, reason: 'small number withheld' };
    return { address, status: 'rounded', value: round(n, rule.base, thresholds, draw), reason };
  });
}

/**
 * The counts that {@link roundWithinThresholds} can turn into a published number: what a reader who knows the rule must
 * allow for. For audits. Empty (lo above hi) when no count leads there.
 */
export function thresholdRoundingBounds(published: number, rule: RoundingRule): { readonly lo: number; readonly hi: number } {
  const thresholds = thresholdsOf(rule);
  const reach = rule.base === 'graduated' ? 100 : rule.base;
  const leads = (n: number): boolean => {
    const { down, up } = neighbours(n, baseOf(rule.base, n));
    return (published === down || published === up) && !crosses(n, published, thresholds) && !(n > 0 && n < (rule.suppressBelow ?? 0));
  };
  let [lo, hi] = [Infinity, -Infinity];
  for (let n = Math.max(0, published - reach); n <= published + reach; n++) {
    if (leads(n)) [lo, hi] = [Math.min(lo, n), n];
  }
  return { lo, hi };
}

function round(n: number, rule: BaseRule, thresholds: readonly number[], draw: UnitDraw): RoundedCount {
  const base = baseOf(rule, n);
  const { down, up } = neighbours(n, base);
  const [drawn, other] = drawnUp(n - down, base, draw) ? [up, down] : [down, up];
  return (crosses(n, drawn, thresholds) ? other : drawn) as RoundedCount;
}

function baseOf(base: BaseRule, n: number): number {
  return base === 'graduated' ? graduatedBase(n as Count) : base;
}

function thresholdsOf(rule: RoundingRule): readonly number[] {
  if (rule.base !== 'graduated') assertBase(rule.base);
  const all = [...(rule.thresholds ?? []), ...(rule.suppressBelow === undefined || rule.suppressBelow <= 1 ? [] : [rule.suppressBelow])];
  const thresholds = [...new Set(all)].sort((a, b) => a - b);
  for (const [i, t] of thresholds.entries()) {
    if (!Number.isSafeInteger(t) || t < 1) throw new RangeError('thresholds: expected whole numbers from 1');
    const before = thresholds[i - 1];
    if (before !== undefined && t - before < baseOf(rule.base, t - 1)) throw new RangeError(`thresholds: expected at least ${baseOf(rule.base, t - 1)} between neighbours`);
  }
  return thresholds;
}

function crosses(n: number, to: number, thresholds: readonly number[]): boolean {
  return thresholds.some((t) => (n < t) !== (to < t));
}
