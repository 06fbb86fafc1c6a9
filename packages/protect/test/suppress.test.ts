import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dimension } from '@weighbridge/base';
import { enumeratedRanges } from './gate/enumerate.ts';
import { gate } from './gate/gate.ts';
import { releasedCase } from './released-case.ts';
import { dimensionsOf, protectOne, tableOf } from './tables.ts';

const THRESHOLD = 6;
const marks = async (dimensions: readonly Dimension[], finest: readonly number[]): Promise<string> => (await protectOne(tableOf(dimensions, finest, { threshold: THRESHOLD }))).cells.map((c) => (c.value === null ? 'x' : '.')).join('');

describe('known tables', () => {
  const square = dimensionsOf([['x', 'y'], ['p', 'q']]);
  // Each row of the picture is p, q, margin.
  test.each([
    ['nothing small', [10, 20, 30, 40], '... ... ...'],
    ['one small cell takes three partners', [2, 20, 30, 40], 'xx. xx. ...'],
    ['a small margin takes a partner of its own', [2, 3, 30, 40], 'xxx xxx ...'],
    ['zeros are shown', [0, 20, 30, 40], '... ... ...'],
    ['a small cell alone in its row and column takes both margins and the total', [2, 0, 0, 40], 'x.x ... x.x'],
    // A 1 cannot become less where zeros are printed: the partners that let a 2 move do not let these.
    ['two ones that a printed margin of 2 would tell take the margin', [1, 1, 30, 40], 'xxx xxx ...'],
  ])('%s', async (_, finest, want) => {
    expect(await marks(square, finest)).toBe(want.replaceAll(' ', ''));
  });

  test('every small cell of a small table has another value in some table that reads the same: all tables listed', async () => {
    const secret = tableOf(square, [2, 3, 9, 1], { threshold: THRESHOLD });
    const judged = releasedCase([secret], [await protectOne(secret)], THRESHOLD);
    const { tables, lo, hi } = enumeratedRanges({ ...judged, upper: judged.upper.map((u) => u ?? 40) });
    expect(tables).toBeGreaterThan(1);
    for (const cell of judged.primary) expect(lo[cell]).toBeLessThan(hi[cell] ?? 0);
  });
});

describe('properties', () => {
  const shapes = [[['x', 'y'], ['p', 'q', 'r']], [['x', 'y', 'z'], ['p', 'q', 'r'], ['1', '2']], [['x', 'y', 'z', 'w']]];
  const smallTable = fc.constantFrom(...shapes.map(dimensionsOf)).chain((dimensions) => {
    const size = dimensions.reduce((n, d) => n * d.codes.length, 1);
    return fc.tuple(fc.constant(dimensions), fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 500 })), { minLength: size, maxLength: size }));
  });

  test('small cells are withheld and follow from nothing, zeros are shown, and what is shown is true', async () => {
    let withSuppression = 0;
    await fc.assert(fc.asyncProperty(smallTable, async ([dimensions, finest]) => {
      const truth = tableOf(dimensions, finest, { threshold: THRESHOLD });
      const made = await protectOne(truth);
      withSuppression += made.certificate.withheld > 0 ? 1 : 0;
      expect(await gate(releasedCase([truth], [made], THRESHOLD), { checks: ['A', 'B'] })).toEqual([]);
      for (const [i, cell] of truth.cells.entries()) {
        const shown = made.cells[i]?.value;
        if (cell.records > 0 && cell.records < THRESHOLD) expect(shown).toBeNull();
        if (cell.records === 0) expect(shown?.lo).toBe(0);
        if (shown) expect(shown.lo).toBe(cell.records);
      }
    }), { seed: 20231106, numRuns: 100 });
    expect(withSuppression).toBeGreaterThan(40);
  }, 60_000);
});

describe('what counts as a sum', () => {
  test('without a margin a dimension protects nothing and needs nothing', async () => {
    const [a, b] = dimensionsOf([['x', 'y'], ['p', 'q']]) as [Dimension, Dimension];
    const made = await protectOne(tableOf([{ ...a, total: null }, b], [2, 20, 30, 40], { threshold: THRESHOLD }));
    expect(made.cells.map((c) => c.value?.lo ?? null)).toEqual([null, null, 22, 30, 40, 70]);
  });

  test('parents beside their children are sums where the children add to them', async () => {
    const codes = [{ code: '2', label: '2' }, { code: '21', label: '21', parent: '2' }, { code: '22', label: '22', parent: '2' }, { code: '3', label: '3' }];
    const levels: Dimension = { field: 'a', label: 'A', kind: 'category', total: null, levelsShown: true, notAdditive: 'levels', codes };
    const shown = async (finest: readonly number[]): Promise<(number | null)[]> => (await protectOne(tableOf([levels], finest, { threshold: THRESHOLD }))).cells.map((c) => c.value?.lo ?? null);
    expect(await shown([40, 38, 2, 4])).toEqual([40, null, null, null]);
    expect(await shown([50, 38, 2, 4])).toEqual([50, 38, null, null]);
  });

  test('codes that must not be added are no sum where they do not add, and one where they always do', async () => {
    const [a] = dimensionsOf([['x', 'y', 'z']]) as [Dimension];
    const people = (n: number): { lo: number; hi: number; states: Record<string, never> } => ({ lo: n, hi: n, states: {} });
    const split: Dimension = { ...a, notAdditive: 'one may stand under several' };
    const adds = tableOf([split], [3, 20, 30], { threshold: THRESHOLD, measure: 'distinct', value: people });
    expect((await protectOne(adds)).cells.map((c) => c.value?.lo ?? null)).toEqual([null, null, 30, 53]);
    const overlaps = tableOf([split], [3, 20, 30], { threshold: THRESHOLD, measure: 'distinct', value: (n) => people(Math.min(n, 40)) });
    expect((await protectOne(overlaps)).cells.map((c) => c.value?.lo ?? null)).toEqual([null, 20, 30, 40]);
  });

  test('distinct counts are judged by the units, not the records', async () => {
    const made = await protectOne(tableOf(dimensionsOf([['x', 'y']]), [100, 100], { measure: 'distinct', value: (n) => ({ lo: n / 25, hi: n / 25, states: {} }) }));
    expect(made.cells.map((c) => c.value?.lo ?? null)).toEqual([null, null, 8]);
  });
});
