import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entropyRow } from '../../src/perturb/entropy-row.ts';
import { makePtable, ptableFromBounds } from '../../src/perturb/index.ts';
import type { Ptable, PtableSettings } from '../../src/perturb/index.ts';
import { DRAW_RANGE } from '../../src/units.ts';

const SEED = { seed: 20231106 };

function refusal(make: () => unknown): Refusal {
  try {
    make();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function moments(table: Ptable, count: number): { sum: number; mean: number; variance: number } {
  const entries = table.rows[count]?.entries ?? [];
  const moment = (k: number): number => entries.reduce((s, e) => s + e.probability * e.change ** k, 0);
  return { sum: moment(0), mean: moment(1), variance: moment(2) };
}

const SETTINGS: readonly PtableSettings[] = [
  { maxNoise: 2, variance: 1.05, blockedUpTo: 1, monotone: [true, true, false, true] }, { maxNoise: 3, variance: 1 }, { maxNoise: 4, variance: 1, stay: 0.5 },
  { maxNoise: 5, variance: 3, blockedUpTo: 2 }, { maxNoise: 1, variance: 0.5 }, { maxNoise: 8, variance: 1.2, stay: [0.1, 0.2] }, { maxNoise: 10, variance: 4, blockedUpTo: 3 },
];

describe.each(SETTINGS)('a table of %j', (settings) => {
  const table = makePtable(settings);
  const { maxNoise, variance, blockedUpTo = 0 } = settings;

  test('has a row for every count up to D, or to D + js + 1 where counts are blocked', () => {
    expect(table.rows).toHaveLength(1 + (blockedUpTo === 0 ? maxNoise : maxNoise + blockedUpTo + 1));
  });

  test('leaves zeros alone and never leads to a blocked count, below 0 or beyond D', () => {
    expect(table.rows[0]?.entries).toEqual([{ change: 0, probability: 1, lower: 0, upper: 1 }]);
    for (const [count, row] of table.rows.entries()) {
      for (const { change } of row.entries) {
        expect(Math.abs(change)).toBeLessThanOrEqual(maxNoise);
        expect(count + change === 0 || count + change > (count === 0 ? 0 : blockedUpTo)).toBe(true);
      }
    }
  });

  test('has mean 0, the variance asked for and sum 1 in every row, to the eight decimals of its bounds', () => {
    for (let count = 1; count < table.rows.length; count++) {
      const { sum, mean, variance: v } = moments(table, count);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect(Math.abs(v - variance)).toBeLessThan(1e-5);
    }
  });

  test('has no change at least as often as asked where a count may stay', () => {
    for (let count = blockedUpTo + 1; count < table.rows.length; count++) {
      const stay = typeof settings.stay === 'object' ? (settings.stay[count - 1] ?? 0) : (settings.stay ?? 0);
      expect(table.rows[count]?.entries.find((e) => e.change === 0)?.probability).toBeGreaterThanOrEqual(stay - 1e-8);
    }
  });

  test('rises up to no change where monotone', () => {
    for (let count = blockedUpTo + 1; count < table.rows.length; count++) {
      if (Array.isArray(settings.monotone) && settings.monotone[count - 1] === false) continue;
      const rising = (table.rows[count]?.entries ?? []).filter((e) => e.change <= 0).map((e) => e.probability);
      for (const [i, p] of rising.entries()) expect(p).toBeGreaterThanOrEqual((rising[i - 1] ?? 0) - 2e-8);
    }
  });

  test('covers the integer keys from 0 to 2^32 - 1 without gap, each bound the least key beyond it', () => {
    for (const row of table.rows) {
      expect(row.upperKeys.at(-1)).toBe(DRAW_RANGE);
      for (const [i, upper] of row.upperKeys.entries()) {
        const bound = row.entries[i]?.upper ?? 0;
        expect(upper).toBeGreaterThan(row.upperKeys[i - 1] ?? -1);
        expect((upper - 1) / DRAW_RANGE).toBeLessThan(bound);
        expect(upper / DRAW_RANGE).toBeGreaterThanOrEqual(bound);
      }
    }
  });
});

test('the last row is symmetric', () => {
  const last = makePtable({ maxNoise: 5, variance: 3, blockedUpTo: 2 }).rows.at(-1)?.entries.map((e) => e.probability) ?? [];
  for (const [i, p] of last.entries()) expect(Math.abs(p - (last.at(-1 - i) ?? 0))).toBeLessThan(2e-8);
});

describe('a row', () => {
  const entropy = (p: readonly number[]): number => -p.reduce((s, x) => s + (x > 0 ? x * Math.log(x) : 0), 0);

  // Any direction that keeps sum, mean and variance is a combination of third differences of four changes.
  test('has more entropy than every other distribution of its mean and variance around it', () => {
    const changes = [-2, -1, 0, 1, 2, 3, 4];
    const p = entropyRow({ changes, variance: 1.4, stay: 0, monotone: false }) ?? [];
    expect(p).toHaveLength(7);
    fc.assert(fc.property(fc.uniqueArray(fc.nat(6), { minLength: 4, maxLength: 4 }), fc.boolean(), (at, up) => {
      const x = at.map((i) => changes[i] ?? 0);
      const direction = x.map((a, i) => 1 / x.reduce((product, b, j) => (i === j ? product : product * (a - b)), 1));
      const room = Math.min(...at.map((i, k) => (p[i] ?? 0) / Math.abs(direction[k] ?? 1)));
      const moved = [...p];
      for (const [k, i] of at.entries()) moved[i] = (moved[i] ?? 0) + (up ? 0.2 : -0.2) * room * (direction[k] ?? 0);
      expect(entropy(moved)).toBeLessThan(entropy(p));
    }), SEED);
  });

  test('is exp(b v + c v²): logarithms have constant second differences', () => {
    const p = entropyRow({ changes: [-3, -2, -1, 0, 1, 2, 3, 4], variance: 1.1, stay: 0, monotone: false }) ?? [];
    const logs = p.map(Math.log);
    const second = logs.slice(2).map((l, i) => l - 2 * (logs[i + 1] ?? 0) + (logs[i] ?? 0));
    for (const s of second) expect(Math.abs(s - (second[0] ?? 0))).toBeLessThan(1e-9);
  });

  test('pools neighbours that would fall on the way up to 0', () => {
    const target = { changes: [-4, -1, 0, 1, 2, 3, 4, 5], variance: 3, stay: 0 };
    const [free, pooled] = [entropyRow({ ...target, monotone: false }) ?? [], entropyRow({ ...target, monotone: true }) ?? []];
    expect(free[1]).toBeGreaterThan(free[2] ?? 1);
    expect(pooled[1]).toBeCloseTo(pooled[2] ?? 0, 12);
    expect(entropy(pooled)).toBeLessThan(entropy(free));
  });

  test('has no solution without changes on both sides', () => {
    expect(entropyRow({ changes: [0, 1, 2], variance: 1, stay: 0, monotone: true })).toBeUndefined();
  });
});

describe('what cannot be met', () => {
  test('names the first row and the probability of no change that would do', () => {
    const [issue] = refusal(() => makePtable({ maxNoise: 3, variance: 1, stay: 0.8 })).issues;
    expect(issue).toMatchObject({ code: 'PTABLE_VARIANCE', place: { object: 'row 1' } });
    const stay = Number(/set stay to ([\d.]+) for row 1/.exec(issue?.repair ?? '')?.[1]);
    expect(stay).toBeGreaterThan(0);
    expect(() => makePtable({ maxNoise: 3, variance: 1, stay })).not.toThrow();
    expect(entropyRow({ changes: [-1, 0, 1, 2, 3], variance: 1, stay: stay + 0.05, monotone: true })).toBeUndefined();
  });

  test('names the variances that the row can have when no probability would do', () => {
    for (const settings of [{ maxNoise: 3, variance: 9 }, { maxNoise: 5, variance: 1.05, blockedUpTo: 2 }]) {
      const [issue] = refusal(() => makePtable(settings)).issues;
      expect(issue).toMatchObject({ code: 'PTABLE_VARIANCE', place: { object: 'row 1' } });
      const [, lo, hi] = /from ([\d.]+) to ([\d.]+)/.exec(issue?.repair ?? '') ?? [];
      const changes = settings.blockedUpTo === undefined ? [-1, 0, 1, 2, 3] : [-1, 2, 3, 4, 5];
      for (const v of [lo, hi]) expect(entropyRow({ changes, variance: Number(v), stay: 0, monotone: true })).toBeDefined();
      expect(Number(lo) > settings.variance || Number(hi) < settings.variance).toBe(true);
    }
  });

  test('names the row that only the monotone shape keeps from its variance', () => {
    const error = refusal(() => makePtable({ maxNoise: 2, variance: 1.05, blockedUpTo: 1 }));
    expect(error.issues[0]).toMatchObject({ code: 'PTABLE_MONOTONE', place: { object: 'row 3' }, repair: 'set monotone to false for row 3' });
  });

  test('settings that make no sense are refused', () => {
    for (const bad of [{ maxNoise: 0 }, { maxNoise: 2.5 }, { maxNoise: 101 }, { variance: 0 }, { variance: NaN }, { blockedUpTo: 3 }, { blockedUpTo: -1 }, { stay: 1 }, { stay: [0.1, -1] }]) {
      expect(() => makePtable({ maxNoise: 3, variance: 1, ...bad })).toThrow(RangeError);
    }
  });
});

test('a table made elsewhere is read by its bounds, and refused when they do not ascend to 1', () => {
  const table = ptableFromBounds([[[0, 1]], [[-1, 0.5], [1, 1]]]);
  expect(table.rows[1]?.upperKeys).toEqual([2 ** 31, DRAW_RANGE]);
  for (const bad of [[[[0, 0.9]]], [[[0, 0.5], [1, 0.5], [2, 1]]], [[[-1, 1]]], [[[0.5, 1]]], [[[0, 1.5]]]] as const) expect(() => ptableFromBounds(bad)).toThrow(RangeError);
});
