/**
 * Random rounding to base n: unbiased, moves a value by at most n - 1, leaves multiples alone.
 * Source: docs/references.md#random-rounding. Base 3 is {@link roundIntegerToBase3}, with the same results.
 * Not additive: totals are rounded on their own.
 * @module
 */
import type { Count } from '@weighbridge/base/confidential';
import { DRAW_RANGE } from '../units.ts';
import type { RoundedCount, UnitDraw } from '../units.ts';

/** Largest base: the thresholds of a draw stay exact in double precision. */
const MAX_BASE = 2 ** 20;

/** The two multiples between which a value lies; equal to it, both, when it is a multiple. */
export interface Neighbours {
  readonly down: number;
  readonly up: number;
}

/**
 * Rounds one count up or down to a multiple of `base`.
 *
 * Pure. P(up) = excess / base to within 2^-32, so the mean over all draws is n to within base · 2^-32. Under one draw it
 * is monotone in n: bounds of an interval never cross.
 *
 * @param draw - derived from what the cell counts with a secret key; see {@link cellKey} and `cell-draw.ts`
 * @throws RangeError unless the base is a whole number from 2 to 2^20
 * @example roundToBase(count(12), 5, unitDraw(0.1)) // 15
 */
export function roundToBase(n: Count, base: number, draw: UnitDraw): RoundedCount {
  return roundIntegerToBase(n, base, draw);
}

/** The same for any safe integer: a magnitude may be negative, and rounds towards and away from minus infinity. */
export function roundIntegerToBase(n: number, base: number, draw: UnitDraw): RoundedCount {
  assertBase(base);
  const { down, up } = neighbours(n, base);
  return (drawnUp(n - down, base, draw) ? up : down) as RoundedCount;
}

/**
 * The counts that a reader of a rounded count must allow for: [published - base + 1, published + base - 1], none below 0.
 * For audits of rounded tables; {@link roundIntegerToBase} never leaves these bounds.
 */
export function baseRoundingBounds(published: number, base: number): { readonly lo: number; readonly hi: number } {
  assertBase(base);
  return { lo: Math.max(0, published - base + 1), hi: published + base - 1 };
}

/** @throws RangeError unless a whole number from 2 to 2^20. */
export function assertBase(base: number): void {
  if (!Number.isSafeInteger(base) || base < 2 || base > MAX_BASE) throw new RangeError(`base: expected a whole number from 2 to ${MAX_BASE}`);
}

/** The multiples of the base on both sides of a safe integer. */
export function neighbours(n: number, base: number): Neighbours {
  const excess = ((n % base) + base) % base;
  return excess === 0 ? { down: n, up: n } : { down: n - excess, up: n - excess + base };
}

/** True for a share of excess / base of all draws: the threshold is exact to 2^-32 and the same on every machine. */
export function drawnUp(excess: number, base: number, draw: UnitDraw): boolean {
  return draw < Math.floor((excess * DRAW_RANGE) / base);
}
