import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundSmallCounts } from '../../src/perturb/index.ts';
import { adds, crossing, scattered } from './crossings.ts';

const SEED = { seed: 20231106 };

test('no small count is left, every relation holds, zeros stay, and other inner cells do not move', () => {
  const table = fc.tuple(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), fc.nat(1e6), fc.integer({ min: 2, max: 12 })).map(([sizes, seed, below]) => crossing(sizes, scattered(seed, below)));
  fc.assert(fc.property(table, fc.integer({ min: 2, max: 6 }), (t, base) => {
    const made = roundSmallCounts(t, { base });
    expect(adds(t, made.values)).toBe(true);
    for (const [cell, value] of made.values.entries()) {
      const before = t.values[cell] ?? 0;
      expect(value === 0 || value >= base).toBe(true);
      if (before === 0) expect(value).toBe(0);
      if (t.keys[cell]?.every((c) => c > 0) && before >= base) expect(value).toBe(before);
      if (t.keys[cell]?.every((c) => c > 0)) expect(Math.abs(value - before)).toBeLessThan(base);
    }
    // The grand total moves by half a base at most: all inner cells are published, so there is one round.
    expect(Math.abs((made.values[0] ?? 0) - (t.values[0] ?? 0))).toBeLessThanOrEqual(base / 2);
  }), SEED);
});

test('inner cells that are not shown round only where a shown count is small, and small sums vanish in the end', () => {
  const table = crossing([6, 5, 4], scattered(7, 9));
  const inner = (cell: number): boolean => table.keys[cell]?.every((c) => c > 0) === true;
  const made = roundSmallCounts(table, { base: 5, published: (cell) => !inner(cell) });
  expect(adds(table, made.values)).toBe(true);
  const shown = made.values.filter((_, cell) => !inner(cell));
  expect(shown.every((v) => v === 0 || v >= 5)).toBe(true);
  const all = roundSmallCounts(table, { base: 5 });
  expect(made.changed).toBeLessThan(all.changed);
});

test('exchanges make the changes of published cells smaller than the greedy choice', () => {
  const table = crossing([12, 10, 8], scattered(3, 5));
  const [greedy, improved] = [roundSmallCounts(table, { base: 3, passes: 0 }), roundSmallCounts(table, { base: 3, passes: 8 })];
  expect(improved.mean).toBeLessThan(greedy.mean);
  expect(improved.largest).toBeLessThanOrEqual(greedy.largest);
  expect(adds(table, improved.values)).toBe(true);
});

test('largest and mean are those of the shown cells', () => {
  const made = roundSmallCounts({ values: [6, 2, 4], relations: [{ total: 0, parts: [1, 2] }] }, { base: 3 });
  expect(made).toEqual({ values: [7, 3, 4], changed: 1, largest: 1, mean: 2 / 3 });
});

test('draws break ties, and without them the order of cells does', () => {
  const table = { values: [3, 1, 1, 1], relations: [{ total: 0, parts: [1, 2, 3] }] };
  expect(roundSmallCounts(table, { base: 3 }).values).toEqual([3, 3, 0, 0]);
  expect(roundSmallCounts(table, { base: 3, draws: [0, 9, 5, 7] }).values).toEqual([3, 0, 3, 0]);
});

test('two margins without their crossing are refused, naming the total', () => {
  const margins = { values: [4, 1, 3, 2, 2], relations: [{ total: 0, parts: [1, 2] }, { total: 0, parts: [3, 4] }], address: (c: number) => `cell of ${c}` };
  expect(() => roundSmallCounts(margins, { base: 3 })).toThrow('INNER_CELLS');
});

test('a table without cells and one without small counts stay as they are', () => {
  expect(roundSmallCounts({ values: [], relations: [] }, { base: 3 })).toEqual({ values: [], changed: 0, largest: 0, mean: 0 });
  expect(roundSmallCounts({ values: [9, 4, 5], relations: [{ total: 0, parts: [1, 2] }] }, { base: 3 }).changed).toBe(0);
});
