import { expect, test } from 'vitest';
import { count } from '@weighbridge/base/confidential';
import { roundIntegerToBase3, roundToBase3 } from '../src/round-base3.ts';
import { DRAW_RANGE, drawFromBytes, unitDraw } from '../src/units.ts';
import type { UnitDraw } from '../src/units.ts';

test.each([
  [0, 0.0, 0], [1, 0.33, 3], [1, 0.34, 0], [2, 0.66, 3], [2, 0.67, 0], [3, 0.0, 3], [7, 0.9, 6],
])('roundToBase3(%i, %d) === %i', (n, draw, want) => {
  expect(roundToBase3(count(n), unitDraw(draw))).toBe(want);
});

// The result is constant on each third of [0, 1), so one draw per third is the whole distribution.
test('the mean over the three thirds of [0, 1) is n, for every n up to 3000', () => {
  for (let n = 0; n <= 3000; n++) {
    const sum = [1 / 6, 3 / 6, 5 / 6].reduce((s, u) => s + roundToBase3(count(n), unitDraw(u)), 0);
    expect(sum).toBe(3 * n);
  }
});

test('the thresholds are the thirds of 2^32, rounded down', () => {
  const [third, twoThirds] = [Math.floor(DRAW_RANGE / 3), Math.floor((2 * DRAW_RANGE) / 3)];
  expect([third - 1, third, twoThirds - 1, twoThirds].map((d) => roundToBase3(count(1), d as UnitDraw))).toEqual([3, 0, 0, 0]);
  expect([third - 1, third, twoThirds - 1, twoThirds].map((d) => roundToBase3(count(2), d as UnitDraw))).toEqual([3, 3, 3, 0]);
});

test('under one draw rounding is monotone, so bounds never cross', () => {
  for (const u of [0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6]) {
    for (let n = -10; n < 100; n++) expect(roundIntegerToBase3(n, unitDraw(u))).toBeLessThanOrEqual(roundIntegerToBase3(n + 1, unitDraw(u)));
  }
});

test('a draw is refused outside [0, 1) and from fewer than four bytes', () => {
  for (const bad of [-0.1, 1, NaN]) expect(() => unitDraw(bad)).toThrow(RangeError);
  expect(() => drawFromBytes(new Uint8Array(3))).toThrow('expected at least 4 bytes, got 3');
  expect(drawFromBytes(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0))).toBe(DRAW_RANGE - 1);
});
