/** Which pattern the methods come out with: the cheapest that is proved, within the time given; and what happens when one is broken. */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditSuppression, makeCellTable, makeHierarchy, suppressTable } from '../src/index.ts';
import type { CellTable, PrimaryCell, SuppressTableOptions } from '../src/index.ts';

const SEED = { seed: 20231106, numRuns: 40 };

/** Rows × columns with margins, of counts or amounts. */
function square(rows: number, columns: number, finest: readonly number[], amounts: boolean): CellTable {
  const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);
  const hierarchies = [['r', rows], ['c', columns]].map(([name, count]) => makeHierarchy({ name: String(name), sums: [{ total: 'Total', parts: names(String(name), Number(count)) }] }));
  const keys: number[] = [];
  const value: number[] = [];
  const at = (name: string): number[] => (name === 'Total' ? [] : [Number(name.slice(1))]);
  for (const [i, row] of hierarchies[0]?.codes.entries() ?? []) for (const [j, column] of hierarchies[1]?.codes.entries() ?? []) {
    keys.push(i, j);
    const rowsOf = row === 'Total' ? [...Array(rows).keys()] : at(row);
    const columnsOf = column === 'Total' ? [...Array(columns).keys()] : at(column);
    value.push(rowsOf.flatMap((r) => columnsOf.map((c) => finest[r * columns + c] ?? 0)).reduce((sum, n) => sum + n, 0));
  }
  return makeCellTable(hierarchies, Int32Array.from(keys), Float64Array.from(amounts ? value.map((_, cell) => 5 * finestUnder(keys, cell, rows, columns)) : value), amounts ? Float64Array.from(value) : undefined);
}

/** Finest cells under a cell: of amounts, each has five records. */
function finestUnder(keys: readonly number[], cell: number, rows: number, columns: number): number {
  return (keys[2 * cell] === 0 ? rows : 1) * (keys[2 * cell + 1] === 0 ? columns : 1);
}

const priceOf = (table: CellTable, cells: Iterable<number>): number => [...cells].reduce((sum, cell) => sum + 1e-3 + ((table.value ?? table.freq)[cell] ?? 0), 0);

describe('the method combined', () => {
  const cases = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 20, maxLength: 20 }).chain((finest) => fc.record({
    finest: fc.constant(finest), unsafe: fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 6 }), share: fc.constantFrom(0.1, 0.3),
  }));

  test('withholds amounts at no higher price than boxes alone, and nothing that the audit breaks', async () => {
    let compared = 0;
    await fc.assert(fc.asyncProperty(cases, async ({ finest, unsafe, share }) => {
      const table = square(4, 5, finest, true);
      const primary = new Map(unsafe.map((i): [number, PrimaryCell] => {
        const cell = table.find([1 + Math.floor(i / 5), 1 + (i % 5)]);
        return [cell, { reason: 'unsafe', upper: share * (table.value?.[cell] ?? 0) }];
      }));
      const options: SuppressTableOptions = { rules: {}, primary, cost: 'values' };
      const [combined, boxes] = [await suppressTable(table, { ...options, method: 'combined' }), await suppressTable(table, { ...options, method: 'boxes' })];
      compared++;
      expect(combined.mended).toBe(0);
      expect(priceOf(table, combined.secondary.keys())).toBeLessThanOrEqual(priceOf(table, boxes.secondary.keys()) * (1 + 1e-9));
      expect((await auditSuppression(table, { primary, zerosPrinted: true, whole: false }, combined)).breaches).toEqual([]);
    }), SEED);
    expect(compared).toBe(SEED.numRuns);
  });

  test('out of time, gives what it found before: a pattern that holds', async () => {
    const table = square(6, 6, Array.from({ length: 36 }, (_, i) => (i % 11 === 0 ? 1 + (i % 2) : 10 + i)), false);
    const rules = { minFrequency: { threshold: 3, zeros: 'published' as const } };
    const hurried = await suppressTable(table, { rules, method: 'combined', seconds: 0 });
    expect(hurried.mended).toBe(0);
    expect(hurried.secondary.size).toBeGreaterThan(0);
    await expect(suppressTable(table, { rules, method: 'optimisation', seconds: 0 })).rejects.toThrow(Refusal);
  });
});

describe('a pattern that the audit breaks', () => {
  test('gets what opens the broken cells, not every line that they stand in', async () => {
    const finest = [1, 30, 40, 50, 60, 1, 70, 80, 90, 20, 25, 35, 45, 55, 65, 75, 85, 95, 15, 10, 12, 14, 16, 18, 22];
    const table = square(5, 5, finest, false);
    const { primary, secondary, mended } = await suppressTable(table, { rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'elimination' });
    expect(primary.size).toBe(2);
    expect(mended).toBeGreaterThan(0);
    expect(secondary.size).toBeLessThan(10);
  });
});
