/**
 * Random rounding to base 3 (RR3): unbiased, moves a count by at most 2.
 * Source: docs/references.md#rr3.
 * Not additive: totals are rounded on their own, so rows need not sum to them.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import { DRAW_RANGE } from './units.ts';
import type { RoundedCount, UnitDraw } from './units.ts';

const BASE = 3;

/**
 * Rounds one cell up or down to a multiple of 3.
 *
 * Pure: chance comes in as `draw`. Derive it from the cell with a secret key,
 * so that a cell always rounds the same way: with a fresh draw per query,
 * a reader could average the noise away.
 * Never throws: `count()` and `unitDraw()` rejected bad input at the boundary.
 *
 * @param n - true number of people (confidential)
 * @param draw - uniform on [0, 1)
 * @returns releasable multiple of 3; a multiple of 3, 0 included, stays as it is
 * @example roundToBase3(count(7), unitDraw(0.9)) // 6
 */
export function roundToBase3(n: Count, draw: UnitDraw): RoundedCount {
  return roundIntegerToBase3(n, draw);
}

/** The same for any safe integer: a magnitude may be negative, and rounds towards and away from minus infinity. */
export function roundIntegerToBase3(n: number, draw: UnitDraw): RoundedCount {
  const excess = ((n % BASE) + BASE) % BASE; // 0, 1 or 2
  // P(up) = excess / 3, hence E[result] = n; the threshold is exact to 2^-32 and the same on every machine.
  const up = draw < Math.floor((excess * DRAW_RANGE) / BASE);
  return (n - excess + (up ? BASE : 0)) as RoundedCount;
}
