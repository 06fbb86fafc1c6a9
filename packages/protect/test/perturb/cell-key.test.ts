import { Refusal } from '@weighbridge/base';
import { count } from '@weighbridge/base/confidential';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellKey, cellKeyBounds, makePtable, perturbCells, perturbCount, perturbMagnitude, ptableFromBounds, recordKeys } from '../../src/perturb/index.ts';
import { DRAW_RANGE, unitDraw } from '../../src/units.ts';
import type { UnitDraw } from '../../src/units.ts';
import { KEY } from '../tables.ts';
import { chiSquare, critical, tally } from './chi-square.ts';

const SEED = { seed: 20231106 };
const KEY_OF = recordKeys(KEY);
const anyKey = fc.integer({ min: 0, max: DRAW_RANGE - 1 }).map((k) => k as UnitDraw);
const TABLE = makePtable({ maxNoise: 5, variance: 3, blockedUpTo: 2 });
/** Halves: every bound is a dyadic fraction, so that the convention shows. */
const HALVES = ptableFromBounds([[[0, 1]], [[-1, 0.5], [1, 1]]]);

describe('counts', () => {
  test('lower bounds are inclusive and upper bounds exclusive: the key of exactly one half takes the second entry', () => {
    expect([0, 2 ** 31 - 1, 2 ** 31, DRAW_RANGE - 1].map((k) => perturbCount(count(1), k as UnitDraw, HALVES))).toEqual([0, 0, 2, 2]);
  });

  test('a zero stays a zero, whatever its key', () => {
    fc.assert(fc.property(anyKey, (key) => { expect(perturbCount(count(0), key, TABLE)).toBe(0); }), SEED);
  });

  test('a count moves by at most D, never to a blocked count and never below 0, and its bounds hold it', () => {
    fc.assert(fc.property(fc.nat(1000), anyKey, (n, key) => {
      const to = perturbCount(count(n), key, TABLE);
      expect(Math.abs(to - n)).toBeLessThanOrEqual(5);
      expect(to === 0 || to > 2).toBe(true);
      const { lo, hi } = cellKeyBounds(to, TABLE);
      expect(n >= lo && n <= hi).toBe(true);
    }), { ...SEED, numRuns: 500 });
  });

  test('counts beyond the last row move as the last row does', () => {
    for (const key of [0, 0.2, 0.5, 0.77, 0.99].map(unitDraw)) expect(perturbCount(count(1_000_000), key, TABLE) - 1_000_000).toBe(perturbCount(count(8), key, TABLE) - 8);
  });

  test('over all keys the mean change of every count is 0 to within 1e-6', () => {
    for (let n = 1; n <= 12; n++) {
      const row = TABLE.rows[Math.min(n, 8)];
      const mean = (row?.entries ?? []).reduce((s, e, i) => s + e.change * ((row?.upperKeys[i] ?? 0) - (row?.upperKeys[i - 1] ?? 0)), 0) / DRAW_RANGE;
      expect(Math.abs(mean)).toBeLessThan(1e-6);
    }
  });

  test.each([1, 4, 8])('shares over 5,000 cells of %i records are those of the row', (n) => {
    const row = TABLE.rows[n]?.entries ?? [];
    const draws = Array.from({ length: 5000 }, (_, g) => perturbCount(count(n), cellKey(Array.from({ length: n }, (_, u) => KEY_OF(`${n}-${g}-${u}`))), TABLE) - n);
    expect(chiSquare(tally(row.map((e) => e.change), draws), row.map((e) => e.probability))).toBeLessThan(critical(row.length - 1));
  });

  test('a list of cells is checked whole and perturbed cell by cell', () => {
    const cells = [{ address: 'a', n: 4, draw: unitDraw(0.1) }, { address: 'b', n: 0, draw: unitDraw(0) }];
    expect(perturbCells(cells, TABLE).map((c) => c.value)).toEqual([perturbCount(count(4), unitDraw(0.1), TABLE), 0]);
    expect(() => perturbCells([{ address: 'a', n: -1, draw: unitDraw(0) }], TABLE)).toThrow(Refusal);
  });
});

describe('magnitudes', () => {
  const rows = ptableFromBounds([[[0, 1]], [[-1, 0.5], [1, 1]], [[0, 0.8], [1, 1]], [[-1, 0.3], [0, 0.7], [1, 1]]]);

  test('x + delta · largest · change at a row, and in between by interpolation', () => {
    expect(perturbMagnitude({ x: 300, largest: 200 }, 0.5, unitDraw(0.75), rows)).toBe(400);
    // Half-way between row 2 (no change) and row 3 (up by one): half a step of 120.
    expect(perturbMagnitude({ x: 300, largest: 200 }, 0.6, unitDraw(0.75), rows)).toBe(360);
  });

  test('the sign stays, nothing passes zero, and zero stays zero', () => {
    fc.assert(fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 2, noNaN: true }), anyKey, (x, share, delta, key) => {
      const to = perturbMagnitude({ x, largest: share * Math.abs(x) }, delta, key, TABLE);
      expect(to === 0 || Math.sign(to) === Math.sign(x)).toBe(true);
      expect(Math.abs(to - x)).toBeLessThanOrEqual(5 * delta * share * Math.abs(x) * (1 + 1e-12));
      const minus = perturbMagnitude({ x: -x, largest: share * Math.abs(x) }, delta, key, TABLE);
      expect(to + minus).toBe(0);
    }), SEED);
    expect(perturbMagnitude({ x: 0, largest: 10 }, 0.5, unitDraw(0.9), rows)).toBe(0);
  });

  test('a delta that is not above 0 and numbers that are not finite are refused', () => {
    for (const delta of [0, -1, NaN, Infinity]) expect(() => perturbMagnitude({ x: 1, largest: 1 }, delta, unitDraw(0), rows)).toThrow('delta: expected');
    for (const x of [NaN, Infinity]) expect(() => perturbMagnitude({ x, largest: 1 }, 1, unitDraw(0), rows)).toThrow('finite');
  });
});
