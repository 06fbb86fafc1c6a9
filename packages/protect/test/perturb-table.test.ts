/** The perturbing methods over lists of cells: the order of rows, and sums over what is not listed. */
import type { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellTableOf } from '../src/cell-rows.ts';
import { protectCells, tabulateRecords } from '../src/index.ts';
import { inAddressOrder } from '../src/perturb/address-order.ts';
import { PERTURBATIONS } from '../src/perturb-table.ts';
import type { CellRow, ProtectionSpec } from '../src/index.ts';

const SEED = '0123456789abcdef';
const TABLE: ProtectionSpec['dimensions'] = [{ column: 'a', total: 'T' }, { column: 'b', total: 'T' }];
/** Regions that overlap. */
const OVERLAPPING: ProtectionSpec['dimensions'] = [{ column: 'a', total: 'T' }, { column: 'b', roots: 'several', sums: [{ total: 'x', parts: ['b0', 'b1'] }, { total: 'y', parts: ['b1', 'b2'] }, { total: 'z', parts: ['b2', 'b3'] }] }];
/** Two hierarchies over one dimension. */
const CROSSED: ProtectionSpec['dimensions'] = [{ column: 'a', total: 'T' }, { column: 'b', sums: [
  { total: 'T', parts: ['r2', 'r1'] }, { total: 'r1', parts: ['b1', 'b0'] }, { total: 'r2', parts: ['b2', 'b3'] },
  { total: 'T', parts: ['s1', 's2'] }, { total: 's1', parts: ['b0', 'b2'] }, { total: 's2', parts: ['b3', 'b1'] },
] }];
const UNDER: Readonly<Record<string, readonly string[]>> = { T: ['b0', 'b1', 'b2', 'b3'], r1: ['b0', 'b1'], r2: ['b2', 'b3'], s1: ['b0', 'b2'], s2: ['b1', 'b3'], x: ['b0', 'b1'], y: ['b1', 'b2'], z: ['b2', 'b3'] };

const specOf = (dimensions: ProtectionSpec['dimensions'], method: ProtectionSpec['method'], more: Partial<ProtectionSpec> = {}): ProtectionSpec => ({ dimensions, rules: {}, method, marksTold: false, seed: SEED, ...more });

/** Every cell of a crossing, from finest counts row by row. */
function rowsOf(counts: readonly (readonly number[])[], totals: readonly string[]): CellRow[] {
  const lines = ['T', ...counts.map((_, i) => `a${i}`)];
  const finest = counts[0]?.map((_, j) => `b${j}`) ?? [];
  return lines.flatMap((a) => [...finest, ...totals].map((b): CellRow => ({
    key: [a, b],
    freq: counts.reduce((sum, line, i) => sum + (a === 'T' || a === `a${i}` ? line.reduce((own, n, j) => own + ((UNDER[b] ?? [b]).includes(`b${j}`) ? n : 0), 0) : 0), 0),
  })));
}

/** What is printed at each address. */
async function printed(rows: readonly CellRow[], spec: ProtectionSpec): Promise<Readonly<Record<string, number | null>>> {
  const { cells } = await protectCells(rows, spec, { intervals: false });
  return Object.fromEntries(cells.map(({ key, published }): [string, number | null] => [key.join('|'), published]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('the order of rows leaves no trace', () => {
  test.each(PERTURBATIONS.flatMap((method) => [[method, 'one total', TABLE, ['T']], [method, 'two hierarchies', CROSSED, ['T', 'r1', 'r2', 's1', 's2']], [method, 'overlapping regions', OVERLAPPING, ['x', 'y', 'z']]] as const))('%s, %s', async (method, _, dimensions, totals) => {
    const base = ['round-base-3', 'cell-key'].includes(method) ? {} : { base: 4 };
    const shuffled = fc.array(fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 3 }).chain((counts) => {
      const rows = rowsOf(counts, totals);
      return fc.record({ rows: fc.constant(rows), again: fc.shuffledSubarray(rows, { minLength: rows.length }) });
    });
    await fc.assert(fc.asyncProperty(shuffled, async ({ rows, again }) => {
      expect(await printed(again, specOf(dimensions, method, base))).toEqual(await printed(rows, specOf(dimensions, method, base)));
    }), { seed: 20231106, numRuns: 30 });
  });

  test.each(['controlled-rounding', 'small-count-rounding'] as const)('%s: nor does the order of sums and parts in the specification, with draws that are all alike', async (method) => {
    const turned = OVERLAPPING.map((dimension) => (dimension.sums === undefined ? dimension : { ...dimension, sums: dimension.sums.toReversed().map(({ total, parts }) => ({ total, parts: parts.toReversed() })) }));
    for (const counts of [[[2, 2, 2, 2], [2, 2, 2, 2]], [[1, 2, 3, 1], [2, 3, 1, 2], [1, 1, 2, 3]]]) {
      const rows = rowsOf(counts, ['x', 'y', 'z']).map((row) => ({ ...row, draw: 7 }));
      expect(await printed(rows.toReversed(), specOf(turned, method, { base: 4 }))).toEqual(await printed(rows, specOf(OVERLAPPING, method, { base: 4 })));
    }
  });
  test('lists as they are tabulated from records stand in that order already', async () => {
    const spec = specOf([{ column: 'a', total: 'T' }, { column: 'b', total: 'alle' }, { column: 'c' }], 'controlled-rounding');
    const rows = await tabulateRecords(['a0 b9 y', 'a0 z y', 'Z b10 x', 'a1 b9 x'].map((key) => ({ key: key.split(' ') })), spec);
    const { keys, relations } = cellTableOf(rows, spec);
    const { table, cellAt } = inAddressOrder(cellTableOf(rows, spec));
    expect([[...cellAt], table.keys, table.relations]).toEqual([[...rows.keys()], keys, relations]);
  });
});

test('controlled rounding sees a signal that comes from outside while it searches', async () => {
  const spec = specOf([...TABLE, { column: 'c', total: 'T' }], 'controlled-rounding');
  const rows = await tabulateRecords(Array.from({ length: 1500 }, (_, i) => ({ key: [`a${(i * i) % 7}`, `b${(i * 13 + (i >> 3)) % 9}`, `c${(i >> 2) % 5}`] })), spec);
  const stop = new AbortController();
  const reports: number[] = [];
  const made = protectCells(rows, spec, { signal: stop.signal, onProgress: (stage, done) => {
    reports.push(done);
    if (stage === 'controlled-rounding' && done === 1) setTimeout(() => { stop.abort(); }, 0);
  } });
  await expect(made).rejects.toMatchObject({ name: 'AbortError' });
  expect(Math.max(...reports)).toBeLessThan(10);
});

describe('what is printed adds wherever it can be added up', () => {
  /** Inner cells, margins and the grand total, listed or not. */
  const partial = fc.tuple(fc.array(fc.array(fc.nat(7), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([counts, listed]) => rowsOf(counts, ['T']).filter(({ key }) => listed[(key[0] === 'T' ? 1 : 0) + (key[1] === 'T' ? 2 : 0)] === true)).filter((rows) => rows.some(({ key }) => key[0] === 'T') && rows.some(({ key }) => key[1] === 'T'));
  /** Everybody is counted once in the inner cells, in each margin and in the grand total. */
  function doesAdd(cells: readonly { readonly key: readonly string[]; readonly published: number | null }[]): boolean {
    const groups = Map.groupBy(cells, ({ key: [a, b] }) => `${a === 'T'} ${b === 'T'}`);
    const total = (own: typeof cells): number => own.reduce((sum, { published }) => sum + (published ?? NaN), 0);
    const lines = cells.flatMap(({ key: [a, b], published }) => {
      const parts = cells.filter(({ key: [x, y] }) => x !== 'T' && y !== 'T' && (a === 'T' || a === x) && (b === 'T' || b === y));
      return parts.length === 0 ? [] : [total(parts) === published];
    });
    return new Set([...groups.values()].map(total)).size === 1 && lines.every((holds) => holds);
  }

  test.each([['controlled-rounding', 3], ['controlled-rounding', 5], ['small-count-rounding', 3], ['small-count-rounding', 5]] as const)('%s to base %i', async (method, base) => {
    const outcomes = { made: 0, refused: 0 };
    await fc.assert(fc.asyncProperty(partial, async (rows) => {
      const made = await protectCells(rows, specOf(TABLE, method, { base }), { intervals: false }).catch((error: unknown) => (error as Refusal).issues[0]?.code);
      if (typeof made !== 'object') expect([method, made]).toEqual(['small-count-rounding', 'INNER_CELLS']);
      else expect(doesAdd(made.cells)).toBe(true);
      outcomes[typeof made === 'object' ? 'made' : 'refused']++;
    }), { seed: 20231106, numRuns: 60 });
    expect(outcomes.made).toBeGreaterThan(10);
    expect(outcomes.refused > 10).toBe(method === 'small-count-rounding');
  });

  test('controlled rounding: regions by kind and a grand total, with neither margin nor finest cell', async () => {
    const dimensions: ProtectionSpec['dimensions'] = [{ column: 'a', sums: [{ total: 'T', parts: ['r', 's'] }, { total: 'r', parts: ['a0', 'a1'] }, { total: 's', parts: ['a2', 'a3'] }] }, { column: 'b', sums: [{ total: 'T', parts: ['b0', 'b1'] }] }];
    for (const counts of [[1, 5, 4, 7], [2, 2, 2, 1], [4, 4, 4, 4]]) {
      const rows = [['r', 'b0'], ['r', 'b1'], ['s', 'b0'], ['s', 'b1']].map((key, i): CellRow => ({ key, freq: counts[i] ?? 0 }));
      const { cells } = await protectCells([{ key: ['T', 'T'], freq: counts.reduce((a, b) => a + b) }, ...rows], specOf(dimensions, 'controlled-rounding'), { intervals: false });
      expect(cells.slice(1).reduce((sum, { published }) => sum + (published ?? NaN), 0)).toBe(cells[0]?.published);
      expect(cells.every(({ published }, i) => Math.abs((published ?? NaN) - (i === 0 ? counts.reduce((a, b) => a + b) : counts[i - 1] ?? NaN)) < 3)).toBe(true);
    }
  });

  test('small counts: a total of which nothing between is listed is no finest cell, and is refused by its address', async () => {
    const rows = rowsOf([[1, 5], [4, 7]], ['T']).filter(({ key: [a, b] }) => (a === 'T') === (b === 'T'));
    const error = await protectCells(rows, specOf(TABLE, 'small-count-rounding')).catch((e: unknown) => e) as Refusal;
    expect(error.issues[0]).toMatchObject({ code: 'INNER_CELLS', place: { object: 'T | T' } });
  });
});
