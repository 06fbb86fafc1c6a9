import { count } from '@weighbridge/base/confidential';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellKey, recordKeys, roundFixedToBase, roundFixedToBase3 } from '../../src/perturb/index.ts';
import { DRAW_RANGE, unitDraw } from '../../src/units.ts';
import type { UnitDraw } from '../../src/units.ts';
import { KEY } from '../tables.ts';
import { chiSquare, critical, tally } from './chi-square.ts';

const SEED = { seed: 20231106 };
const KEY_OF = recordKeys(KEY);
const anyDraw = fc.integer({ min: 0, max: DRAW_RANGE - 1 }).map((d) => d as UnitDraw);
const TWO_THIRDS = Math.floor((2 * DRAW_RANGE) / 3);

test.each([
  [7, 0.5, 6], [7, 0.7, 9], [8, 0.5, 9], [8, 0.7, 6], [17, 0.0, 18], [17, 0.99, 15], [9, 0.99, 9], [0, 0.99, 0],
])('roundFixedToBase3(%i, %d) === %i', (n, seeds, want) => {
  expect(roundFixedToBase3(count(n), unitDraw(seeds))).toBe(want);
});

test('the threshold is floor(2/3 · 2^32), not a decimal of two thirds', () => {
  expect([TWO_THIRDS - 1, TWO_THIRDS].map((s) => roundFixedToBase3(count(1), s as UnitDraw))).toEqual([0, 3]);
  expect([TWO_THIRDS - 1, TWO_THIRDS].map((s) => roundFixedToBase3(count(2), s as UnitDraw))).toEqual([3, 0]);
});

test('multiples of 3 never move, whatever the seeds: not even above two thirds', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), anyDraw, (k, seeds) => {
    expect(roundFixedToBase3(count(3 * k), seeds)).toBe(3 * k);
  }), SEED);
});

test('to any base it is unbiased: nearer with probability 1 - distance / base', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 500 }), (n, base) => {
    const excess = n % base;
    const [nearer, distance] = excess <= base - excess ? [n - excess, excess] : [n - excess + base, base - excess];
    const threshold = Math.floor(((base - distance) * DRAW_RANGE) / base);
    expect(roundFixedToBase(count(n), base, (threshold - 1) as UnitDraw)).toBe(nearer);
    if (threshold < DRAW_RANGE) expect(Math.abs(roundFixedToBase(count(n), base, threshold as UnitDraw) - nearer)).toBe(base);
  }), SEED);
});

describe('over many groups of units', () => {
  const groups = Array.from({ length: 4000 }, (_, g) => g);
  const seedsOf = (group: number, size: number): UnitDraw => cellKey(Array.from({ length: size }, (_, u) => KEY_OF(`unit ${group}-${u}`)));

  test.each([[4, [3, 6], [2 / 3, 1 / 3]], [5, [6, 3], [2 / 3, 1 / 3]]] as const)('%i people go to the nearer multiple in two thirds of the groups', (n, to, shares) => {
    const observed = tally(to, groups.map((g) => roundFixedToBase3(count(n), seedsOf(g, n))));
    expect(chiSquare(observed, shares)).toBeLessThan(critical(1));
  });
});
