/** Amounts of any size: what is withheld does not depend on the unit that they are given in, and the solver is never at a loss. */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditCells, protectCells } from '../src/index.ts';
import type { CellRow, ProtectionSpec } from '../src/index.ts';

const SEED = { seed: 20231106, numRuns: 60 };
const METHODS = ['combined', 'optimisation', 'boxes', 'elimination'] as const;
const SPEC: ProtectionSpec = {
  dimensions: [{ column: 'area', total: 'Total' }, { column: 'kind', total: 'Total' }], method: 'combined', marksTold: false, cost: 'values',
  rules: { minFrequency: { threshold: 3, zeros: 'published' }, pPercent: { p: 10 } },
};

/** Three areas by three kinds with totals; each finest cell has the contributions given. */
function rowsOf(parts: readonly (readonly number[])[]): CellRow[] {
  const areas = ['a', 'b', 'c', 'Total'];
  return areas.flatMap((area, i) => areas.map((kind, j): CellRow => {
    const own = parts.filter((_, at) => (i === 3 || Math.floor(at / 3) === i) && (j === 3 || at % 3 === j)).flat().sort((x, y) => y - x);
    return { key: [area, kind], freq: own.length, value: own.reduce((sum, x) => sum + x, 0), largest: own };
  }));
}

const times = (rows: readonly CellRow[], by: number): CellRow[] => rows.map((row) => ({ ...row, value: (row.value ?? 0) * by, largest: (row.largest ?? []).map((x) => x * by) }));

async function statuses(rows: readonly CellRow[], spec: ProtectionSpec): Promise<readonly string[]> {
  try {
    const { cells } = await protectCells(rows, spec, { intervals: false });
    expect((await auditCells(rows.map((row, i) => ({ ...row, status: cells[i]?.status ?? 'published' })), spec)).broken).toEqual([]);
    return cells.map(({ status }) => status);
  } catch (error) {
    if (error instanceof Refusal) return error.issues.map(({ code }) => code);
    throw error;
  }
}

const parts = (most: number): fc.Arbitrary<number[][]> => fc.array(fc.array(fc.integer({ min: 1, max: most }), { maxLength: 4 }), { minLength: 9, maxLength: 9 });

test('amounts in pennies, in billions and in billionths are protected alike', async () => {
  await fc.assert(fc.asyncProperty(parts(1000), fc.constantFrom(...METHODS), fc.boolean(), async (each, method, insiders) => {
    const spec = { ...SPEC, method, insiders, cost: 'cells' as const };
    const here = await statuses(rowsOf(each), spec);
    for (const by of [2 ** 40, 2 ** -50]) expect(await statuses(times(rowsOf(each), by), spec)).toEqual(here);
  }), SEED);
});

test('one amount may be a billion times another', async () => {
  let made = 0;
  await fc.assert(fc.asyncProperty(parts(9), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 }), fc.constantFrom(...METHODS), fc.boolean(), async (each, zeros, method, insiders) => {
    const found = await statuses(rowsOf(each.map((own, at) => own.map((x) => x * 10 ** (zeros[at] ?? 0)))), { ...SPEC, method, insiders });
    made += found.includes('primary') ? 1 : 0;
  }), SEED);
  expect(made).toBeGreaterThan(20);
});
