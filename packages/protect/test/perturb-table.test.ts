/** The perturbing methods over lists of cells: the order of rows, and sums over what is not listed. */
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
