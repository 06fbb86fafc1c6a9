/**
 * Suppression on the published cases: the peer's patterns cell for cell where they are determined, and ours before the gate.
 * Files are read in place; when they are absent every check is skipped and said so.
 */
import { expect, test } from 'vitest';
import { eliminate, makeCellTable, makeHierarchy, suppressByBoxes, suppressByProgram, suppressTable } from '@weighbridge/protect';
import type { CellTable } from '@weighbridge/protect';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import { readColumns, readS1, readS4, readWays } from '../../packages/protect/test/gate/case-files.ts';
import type { PatternList } from '../../packages/protect/test/gate/case-files.ts';
import { gate } from '../../packages/protect/test/gate/gate.ts';
import type { Verdict } from '../../packages/protect/test/gate/gate.ts';
import { protectedBy } from '../../packages/protect/test/gate/minimality.ts';
import { describeCases } from './real-data.ts';

/** Which records add to which listed cell: districts count in their region and in the total. */
function columnsOf(list: PatternList, id: string, dimensions: readonly string[]): { rows: number; columns: Int32Array[] } {
  const records = readColumns(`synthetic/${id}.records.csv${id === 'S1' ? '' : '.gz'}`);
  const at = new Map(list.keys.map((key, i) => [key.join('|'), i]));
  const codes = dimensions.map((d) => (d === 'district' ? [records.text(d), records.text('region')] : [records.text(d)]));
  const columns: number[][] = list.keys.map(() => []);
  for (let row = 0; row < records.rows; row++) {
    let keys = [''];
    for (const [d, levels] of codes.entries()) keys = keys.flatMap((key) => ['Total', ...levels.map((l) => l[row] ?? '')].map((code) => (d === 0 ? code : `${key}|${code}`)));
    for (const key of keys) {
      const cell = at.get(key);
      if (cell !== undefined) (columns[cell] as number[]).push(row);
    }
  }
  return { rows: records.rows, columns: columns.map((c) => Int32Array.from(c)) };
}

const tableOf = (list: PatternList, magnitudes: boolean): CellTable => {
  const hierarchies = list.dimensions.map((d) => makeHierarchy({ name: d.name, sums: d.sums }));
  const keys = Int32Array.from(list.keys.flatMap((key) => key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1)));
  return makeCellTable(hierarchies, keys, Float64Array.from(list.value), magnitudes ? Float64Array.from(list.value) : undefined);
};

const primaryOf = (list: PatternList): number[] => list.keys.map((_, i) => i).filter((i) => list.primary[i]);
const FIVE = ['district', 'year', 'agency', 'kind', 'reason'];

describeCases('Elimination without singletons', () => {
  test.each([
    ['S1', 'full.maxN2', 240, () => readS1('maxN2'), ['district', 'kind', 'agency']],
    ['S1', 'full.maxN5', 103, () => readS1('maxN5'), ['district', 'kind', 'agency']],
    ['S3', 'way2.maxN2', 28, () => readWays('S3', 2), FIVE],
    ['S3', 'way3.maxN2', 1454, () => readWays('S3', 3), FIVE],
  ] as const)('%s %s: the peer’s %i secondary cells, cell for cell', (id, file, secondaries, read, dimensions) => {
    const list = read();
    const rank = readColumns(`synthetic/${id}.${file}.csv.gz`).number('cand_rank');
    const order = list.keys.map((_key, i) => i).sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0));
    const { secondary } = eliminate({ ...columnsOf(list, id, dimensions), primary: primaryOf(list), order });
    const peer = list.pattern('gauss_none');
    expect(secondary).toHaveLength(secondaries);
    expect(secondary).toEqual(list.keys.map((_key, i) => i).filter((i) => peer[i] === true && list.primary[i] !== true));
  });
});

describeCases('Boxes', () => {
  test.each([
    ['S3 two-way, values', 33, 120, () => readWays('S3', 2), false],
    ['S2 three-way, marks equal', 524, 2583, () => readWays('S2', 3), false],
    ['S2 three-way, marks known', 627, 3118, () => readWays('S2', 3), true],
  ] as const)('%s: at most %i secondary cells, none of which could be printed, and the gate passes', async (name, cells, value, read, marks) => {
    const list = read();
    const table = tableOf(list, false);
    const made = await suppressByBoxes(table, {
      primary: new Map(primaryOf(list).map((cell) => [cell, { reason: 'small', upper: 0 }])), zerosPrinted: true, whole: true, ...(marks ? { atMost: 2 } : {}), ...(name.endsWith('values') ? { cost: 'values' } : {}),
    });
    expect(made.unproved).toEqual([]);
    expect(made.secondary.size).toBeLessThanOrEqual(cells);
    expect([...made.secondary.keys()].reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0)).toBeLessThanOrEqual(value);
    const pattern = list.keys.map((_key, i) => list.primary[i] === true || made.secondary.has(i));
    const judged = caseOf(list, pattern, { lower: 1, integer: true, ...(marks ? { upperOfPrimary: 2 } : {}) });
    expect(await gate(judged, { checks: ['A', 'B'], integerSeconds: 240 })).toEqual([]);
    expect([...await protectedBy(judged, { width: 1 })].filter(([, unsafe]) => unsafe === null)).toEqual([]);
  });

  test('S3 three-way: at most 3,300 secondary cells worth 70,000, and the gate finds none of 2,651 that sums give away', async () => {
    const list = readWays('S3', 3);
    const made = await suppressByBoxes(tableOf(list, false), { primary: new Map(primaryOf(list).map((cell) => [cell, { reason: 'small', upper: 0 }])), zerosPrinted: true, whole: true });
    expect(made.unproved).toEqual([]);
    expect(primaryOf(list)).toHaveLength(2651);
    expect(made.secondary.size).toBeLessThanOrEqual(3300);
    expect([...made.secondary.keys()].reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0)).toBeLessThanOrEqual(70_000);
    const pattern = list.keys.map((_key, i) => list.primary[i] === true || made.secondary.has(i));
    expect(await gate(caseOf(list, pattern, { lower: 1, integer: true }), { checks: ['A', 'B'], width: 1, sample: 60, integerSeconds: 0 })).toEqual([]);
  });
});

describeCases('Optimisation', () => {
  test('S1: at most 445 secondary cells and a value of 2,400, none of 40 that could be printed, and the gate finds no interval narrower than 1 with printed zeros', async () => {
    const list = readS1('maxN2');
    const made = await suppressByProgram(tableOf(list, false), { primary: new Map(primaryOf(list).map((cell) => [cell, { reason: 'small', upper: 0 }])), zerosPrinted: true, whole: true });
    expect(made.unproved).toEqual([]);
    expect(made.secondary.size).toBeLessThanOrEqual(445);
    expect([...made.secondary.keys()].reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0)).toBeLessThanOrEqual(2400);
    const pattern = list.keys.map((_key, i) => list.primary[i] === true || made.secondary.has(i));
    expect(await gate(caseOf(list, pattern, { lower: 1, integer: true }), { checks: ['A', 'B'], width: 1, sample: 200, integerSeconds: 0 })).toEqual([]);
    const every = Math.floor(made.secondary.size / 40);
    const cells = [...made.secondary.keys()].filter((_, i) => i % every === 0).slice(0, 40);
    const by = await protectedBy(caseOf(list, pattern, { lower: 1, integer: true }), { cells, width: 1 });
    expect([...by].filter(([, unsafe]) => unsafe === null)).toEqual([]);
  });

  test.each([
    ['area', 'optimisation', 190, 1.25, 'area_zone_region_x_size.p10.numttHTT', 251],
    ['district', 'combined', 770, 3.45, 'district_x_size.p10.numttHTT', 5050],
  ] as const)('S4 %s, %s: no cell of the magnitudes below its protection level with at most %i secondary cells and %f percent of the value, none of which could be printed', async (_, method, cells, percent, file, primaries) => {
    const list = readS4(file);
    const table = tableOf(list, true);
    const need = new Map((list.required ?? []).map(({ cell, up }) => [cell, up]));
    const primary = new Map(primaryOf(list).map((cell) => [cell, { reason: 'p%', upper: need.get(cell) ?? 0 }]));
    expect(primary.size).toBe(primaries);
    const made = await suppressTable(table, { rules: {}, primary, method, cost: 'values', intervals: false });
    expect(made.mended).toBe(0);
    const [total] = list.value.toSorted((a, b) => b - a);
    expect([...made.secondary.keys()].reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0)).toBeLessThanOrEqual((percent / 100) * (total ?? 0));
    const pattern = list.keys.map((_key, i) => list.primary[i] === true || made.secondary.has(i));
    const judged = { ...caseOf(list, pattern, { lower: 0, integer: false }), required: list.required ?? [] };
    expect(await gate(judged, { checks: ['A', 'D'] })).toEqual([]);
    expect(made.secondary.size).toBeLessThanOrEqual(cells);
    const by = await protectedBy(judged);
    expect([...by].filter(([, unsafe]) => unsafe === null)).toEqual([]);
  });

  // The peer's pattern with singletons has 849 cells, 3.57 %, on the districts, and leaves 115 below their level; completed to all levels by linear programs it has 994, 4.29 %.
  test.each([
    ['area', 'optimisation', 200, 1.35, 10, 'area_zone_region_x_size.p10.numttHTT'],
    ['district', 'combined', 940, 4.2, 150, 'district_x_size.p10.numttHTT'],
  ] as const)('S4 %s, %s: no contributor who knows their own amounts derives another, with at most %i secondary cells', async (_, method, cells, percent, known, file) => {
    const list = readS4(file);
    const need = new Map((list.required ?? []).map(({ cell, up }) => [cell, up]));
    const options = { rules: {}, primary: new Map(primaryOf(list).map((cell) => [cell, { reason: 'p%', upper: need.get(cell) ?? 0 }])), method, cost: 'values', intervals: false } as const;
    const numbers = new Map<string, number>();
    const parts = (list.contributions ?? []).map(({ cell, contributor, amount }) => ({ cell, amount, contributor: numbers.get(contributor) ?? numbers.set(contributor, numbers.size).size - 1 }));
    const judged = async (secondary: ReadonlyMap<number, string>): Promise<Verdict[]> => {
      const pattern = list.keys.map((_key, i) => list.primary[i] === true || secondary.has(i));
      return gate({ ...caseOf(list, pattern, { lower: 0, integer: false }), required: list.required ?? [] }, { checks: ['A', 'C', 'D'] });
    };
    const table = tableOf(list, true);
    const plain = await judged((await suppressTable(table, options)).secondary);
    expect(new Set(plain.map(({ check }) => check))).toEqual(new Set(['C']));
    expect(new Set(plain.map(({ cell }) => cell)).size).toBeGreaterThanOrEqual(known);
    const { secondary } = await suppressTable(table, { ...options, insiders: { parts } });
    expect(await judged(secondary)).toEqual([]);
    expect(secondary.size).toBeLessThanOrEqual(cells);
    const [total = 0] = list.value.toSorted((a, b) => b - a);
    expect([...secondary.keys()].reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0)).toBeLessThanOrEqual((percent / 100) * total);
  }, 300_000);
});
