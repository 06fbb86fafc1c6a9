/**
 * Fixed random rounding (FRR): every unit keeps one seed for ever, and a cell rounds by the sum of its units' seeds, so
 * that the same people round alike in every table, order and release. Source: docs/references.md#fixed-random-rounding.
 * That the draw is the fraction of the sum, and not of something else of the seeds, is inferred from tools that follow
 * the rule (unchecked against the publisher): it stands in {@link cellKey} alone.
 * Not additive, and not monotone under one draw: bounds of an interval may cross; see {@link roundToBase} for those.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import { DRAW_RANGE } from '../units.ts';
import type { RoundedCount, UnitDraw } from '../units.ts';
import { assertBase, neighbours } from './round-base-n.ts';

/**
 * Fixed random rounding to base 3: to the nearer multiple when the sum of seeds falls below two thirds, else to the
 * farther; multiples of 3 stay. Compared as integers with floor(2/3 · 2^32), never with a decimal of two thirds.
 * @param seeds - the sum of the units' seeds, from {@link cellKey}
 * @example roundFixedToBase3(count(7), unitDraw(0.5)) // 6
 */
export function roundFixedToBase3(n: Count, seeds: UnitDraw): RoundedCount {
  return roundFixedToBase(n, 3, seeds);
}

/**
 * The same to any base: nearer with probability 1 - d / base, where d is the distance to the nearer multiple, which
 * leaves the mean unchanged. Half-way up an even base the lower multiple counts as the nearer.
 * @throws RangeError unless the base is a whole number from 2 to 2^20
 */
export function roundFixedToBase(n: Count, base: number, seeds: UnitDraw): RoundedCount {
  assertBase(base);
  const { down, up } = neighbours(n, base);
  const excess = n - down;
  const nearer = excess <= base - excess ? down : up;
  const distance = Math.abs(n - nearer);
  const stay = seeds < Math.floor(((base - distance) * DRAW_RANGE) / base);
  return (stay ? nearer : down + up - nearer) as RoundedCount;
}
