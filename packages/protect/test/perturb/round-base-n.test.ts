import { count } from '@weighbridge/base/confidential';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseRoundingBounds, roundIntegerToBase, roundToBase } from '../../src/perturb/index.ts';
import { roundIntegerToBase3 } from '../../src/round-base3.ts';
import { DRAW_RANGE, unitDraw } from '../../src/units.ts';
import type { UnitDraw } from '../../src/units.ts';

const SEED = { seed: 20231106 };
const anyDraw = fc.integer({ min: 0, max: DRAW_RANGE - 1 }).map((d) => d as UnitDraw);
const anyBase = fc.integer({ min: 2, max: 1000 });
const anyCount = fc.integer({ min: 0, max: 1_000_000 });

test.each([
  [12, 5, 0.1, 15], [12, 5, 0.39, 15], [12, 5, 0.41, 10], [10, 5, 0.0, 10], [1, 2, 0.49, 2], [1, 2, 0.5, 0], [0, 7, 0.0, 0],
])('roundToBase(%i, %i, %d) === %i', (n, base, draw, want) => {
  expect(roundToBase(count(n), base, unitDraw(draw))).toBe(want);
});

test('to base 3 it is the rounding of published tables, for every residue and at every threshold', () => {
  const third = Math.floor(DRAW_RANGE / 3);
  for (const n of [-4, -1, 0, 1, 2, 3, 4, 5, 3001]) {
    for (const d of [0, third - 1, third, third + 1, 2 * third, 2 * third + 1, 2 * third + 2, DRAW_RANGE - 1]) {
      expect(roundIntegerToBase(n, 3, d as UnitDraw)).toBe(roundIntegerToBase3(n, d as UnitDraw));
    }
  }
});

// Draws below the threshold go up and all others down, so the threshold alone is the distribution.
test('the mean over all draws is n to within base · 2^-32', () => {
  fc.assert(fc.property(anyCount, anyBase, (n, base) => {
    const excess = n % base;
    const threshold = Math.floor((excess * DRAW_RANGE) / base);
    const at = (d: number): number => roundIntegerToBase(n, base, d as UnitDraw);
    if (excess > 0) expect([at(threshold - 1), at(threshold)]).toEqual([n - excess + base, n - excess]);
    const mean = n - excess + (base * threshold) / DRAW_RANGE;
    expect(Math.abs(mean - n)).toBeLessThanOrEqual(base / DRAW_RANGE);
  }), SEED);
});

test('a result is a multiple of the base within base - 1, and multiples stay', () => {
  fc.assert(fc.property(anyCount, anyBase, anyDraw, (n, base, draw) => {
    const r = roundIntegerToBase(n, base, draw);
    expect(r % base).toBe(0);
    expect(Math.abs(r - n)).toBeLessThan(base);
    expect(roundIntegerToBase(n * base, base, draw)).toBe(n * base);
    const { lo, hi } = baseRoundingBounds(r, base);
    expect(n >= lo && n <= hi).toBe(true);
  }), SEED);
});

test.each([[6, 3, 4, 8], [0, 3, 0, 2], [20, 10, 11, 29]])('a reader of %i to base %i must allow for %i to %i', (published, base, lo, hi) => {
  expect(baseRoundingBounds(published, base)).toEqual({ lo, hi });
});

test('under one draw rounding is monotone, so bounds never cross', () => {
  fc.assert(fc.property(anyCount, anyBase, anyDraw, (n, base, draw) => {
    expect(roundIntegerToBase(n, base, draw)).toBeLessThanOrEqual(roundIntegerToBase(n + 1, base, draw));
  }), SEED);
});

test('a base that is no whole number from 2 to 2^20 is refused', () => {
  for (const base of [1, 0, -3, 2.5, 2 ** 20 + 1, NaN]) expect(() => roundIntegerToBase(1, base, unitDraw(0))).toThrow('expected a whole number from 2');
});
