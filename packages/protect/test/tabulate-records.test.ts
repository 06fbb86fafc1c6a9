/** Records tabulated to cells, against a tabulation in nested loops that shares no code with it. */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protectCells, tabulateRecords } from '../src/index.ts';
import type { CellRow, ProtectionSpec, RecordRow } from '../src/index.ts';

type Spec = Pick<ProtectionSpec, 'dimensions' | 'rules'>;

/** Two hierarchies over the districts (by region, by coast), a total over kinds, and years that nothing adds up. */
const SPEC: Spec = {
  dimensions: [
    { column: 'district', sums: [
      { total: 'all', parts: ['r1', 'r2'] }, { total: 'r1', parts: ['a', 'b'] }, { total: 'r2', parts: ['c', 'd'] },
      { total: 'all', parts: ['coast', 'inland'] }, { total: 'coast', parts: ['a', 'c'] }, { total: 'inland', parts: ['b', 'd'] },
    ] },
    { column: 'kind', total: 'any' },
    { column: 'year' },
  ],
  rules: {},
};

const UNDER: Readonly<Record<string, readonly string[]>> = { all: ['a', 'b', 'c', 'd'], r1: ['a', 'b'], r2: ['c', 'd'], coast: ['a', 'c'], inland: ['b', 'd'], any: ['x', 'y', 'z'] };

const recordOf = fc.record({
  key: fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('x', 'y', 'z'), fc.constantFrom('2021', '2022')),
  value: fc.integer({ min: -50, max: 200 }), contributor: fc.constantFrom('p', 'q', 'r', 's', 't', 'u', 'v'),
});

describe('against nested loops', () => {
  test('every cell of the crossing has the records, sums and ranked contributors that loops find', async () => {
    await fc.assert(fc.asyncProperty(fc.array(recordOf, { minLength: 1, maxLength: 60 }), fc.boolean(), async (drawn, own) => {
      const records = own ? drawn.map(({ key, value }) => ({ key, value })) : drawn;
      const cells = new Map((await tabulateRecords(records, SPEC)).map((cell) => [cell.key.join('|'), cell]));
      const kinds = ['any', ...new Set(drawn.map(({ key }) => key[1]))];
      const years = [...new Set(drawn.map(({ key }) => key[2]))];
      expect(cells.size).toBe(9 * kinds.length * years.length);
      for (const district of ['a', 'b', 'c', 'd', 'r1', 'r2', 'coast', 'inland', 'all']) {
        for (const kind of kinds) {
          for (const year of years) expect(cells.get([district, kind, year].join('|'))).toEqual(naive(records, [district, kind, year]));
        }
      }
    }), { seed: 20231106, numRuns: 60 });
  });

  test('the order of the records leaves no trace', async () => {
    await fc.assert(fc.asyncProperty(fc.array(recordOf, { minLength: 2, maxLength: 40 }), async (records) => {
      expect(await tabulateRecords(records.toReversed(), SPEC)).toEqual(await tabulateRecords(records, SPEC));
    }), { seed: 20231106, numRuns: 40 });
  });

  test('beyond 200,000 cells in the crossing, only those with records are listed, and they are the same', async () => {
    const wide: Spec = { dimensions: [{ column: 'i', total: 'T' }, { column: 'j', total: 'T' }], rules: {} };
    const records = Array.from({ length: 500 }, (_, i) => ({ key: [`i${i}`, `j${(i * 7) % 450}`] }));
    const cells = await tabulateRecords(records, wide);
    expect(cells).toHaveLength(500 + 500 + 450 + 1);
    expect(cells.every(({ freq }) => freq > 0)).toBe(true);
    expect(cells[0]).toEqual({ key: ['T', 'T'], freq: 500 });
    expect(cells.filter(({ key }) => key[0] === 'T' && key[1] !== 'T').reduce((sum, { freq }) => sum + freq, 0)).toBe(500);
  });
});

describe('known answers', () => {
  const ONE: Spec = { dimensions: [{ column: 'branch', total: 'Total' }], rules: {} };

  test('two records of one holding rank as one: 40 + 30 come before 50', async () => {
    const records = [['A', 40], ['B', 50], ['A', 30], ['C', 5]].map(([contributor, value]) => ({ key: ['mills'], value: value as number, contributor: contributor as string }));
    expect(await tabulateRecords(records, ONE)).toEqual([
      { key: ['Total'], freq: 4, contributors: 3, value: 125, largest: [70, 50, 5] },
      { key: ['mills'], freq: 4, contributors: 3, value: 125, largest: [70, 50, 5] },
    ]);
  });

  test('a holding with parts in two cells is whole in the total', async () => {
    const records = [{ key: ['mills'], value: 40, contributor: 'A' }, { key: ['mines'], value: 45, contributor: 'A' }, { key: ['mines'], value: 60, contributor: 'B' }];
    expect(await tabulateRecords(records, ONE)).toEqual([
      { key: ['Total'], freq: 3, contributors: 2, value: 145, largest: [85, 60] },
      { key: ['mills'], freq: 1, contributors: 1, value: 40, largest: [40] },
      { key: ['mines'], freq: 2, contributors: 2, value: 105, largest: [60, 45] },
    ]);
  });

  test('a loss ranks by its size', async () => {
    const [total] = await tabulateRecords([{ key: ['mills'], value: -90 }, { key: ['mills'], value: 30 }], ONE);
    expect(total).toEqual({ key: ['Total'], freq: 2, value: -60, largest: [90, 30] });
  });

  test('0.1 + 0.2 is 0.3', async () => {
    const [total] = await tabulateRecords([{ key: ['mills'], value: 0.1 }, { key: ['mills'], value: 0.2 }], ONE);
    expect(total?.value).toBe(0.3);
  });

  test('without values a contributor contributes its records, and without either nothing is ranked', async () => {
    const keys = [{ key: ['mills'] }, { key: ['mills'] }, { key: ['mills'] }];
    expect((await tabulateRecords(keys, ONE))[0]).toEqual({ key: ['Total'], freq: 3 });
    expect((await tabulateRecords(keys.map((r, i) => ({ ...r, contributor: i === 0 ? 'A' : 'B' })), ONE))[0]).toEqual({ key: ['Total'], freq: 3, contributors: 2, largest: [2, 1] });
  });

  test('as many contributions are kept as a rule asks for', async () => {
    const records = Array.from({ length: 9 }, (_, i) => ({ key: ['mills'], value: i + 1 }));
    expect((await tabulateRecords(records, ONE))[0]?.largest).toEqual([9, 8, 7, 6, 5]);
    expect((await tabulateRecords(records, { ...ONE, rules: { dominance: [{ n: 7, k: 90 }] } }))[0]?.largest).toEqual([9, 8, 7, 6, 5, 4, 3]);
  });

  test('what is tabulated is a table that can be protected', async () => {
    const records = Array.from({ length: 40 }, (_, i) => ({ key: [['a', 'b', 'c', 'd'][i % 4] as string, i % 13 === 0 ? 'x' : 'y', '2021'], value: 1 + (i % 7), contributor: `p${i % 11}` }));
    const spec: ProtectionSpec = { ...SPEC, rules: { pPercent: { p: 10 } }, method: 'boxes', marksTold: false };
    const cells = await tabulateRecords(records, spec);
    expect((await protectCells(cells, spec)).certificate.summary).toMatchObject({ cells: cells.length, breaches: 0 });
  });
});

describe('bad input has a code, a row and a column, and no content', () => {
  const good: RecordRow = { key: ['a', 'x', '2021'], value: 1, contributor: 'p' };
  test.each<[string, RecordRow, string, object]>([
    ['a blank code', { ...good, key: ['a', '', '2021'] }, 'CODE_MISSING', { row: 2, column: 'kind' }],
    ['a code beyond the hierarchy', { ...good, key: ['secret', 'x', '2021'] }, 'CODE_UNKNOWN', { row: 2, column: 'district' }],
    ['a subtotal', { ...good, key: ['coast', 'x', '2021'] }, 'CODE_NOT_FINEST', { row: 2, column: 'district' }],
    ['a total', { ...good, key: ['a', 'any', '2021'] }, 'CODE_NOT_FINEST', { row: 2, column: 'kind' }],
    ['no number', { ...good, value: NaN }, 'NOT_A_NUMBER', { row: 2, column: 'value' }],
    ['no value', { key: good.key, contributor: 'p' }, 'VALUE_MISSING', { row: 2, column: 'value' }],
    ['a blank contributor', { ...good, contributor: '' }, 'CONTRIBUTOR_MISSING', { row: 2, column: 'contributor' }],
    ['no contributor', { key: good.key, value: 1 }, 'CONTRIBUTOR_MISSING', { row: 2, column: 'contributor' }],
  ])('%s', async (_, record, code, place) => {
    const error = await tabulateRecords([good, record], SPEC).catch((e: unknown) => e) as Refusal;
    expect(error).toBeInstanceOf(Refusal);
    expect(error.issues[0]).toMatchObject({ code, place });
    expect(JSON.stringify(error.issues)).not.toContain('secret');
  });

  test('no records at all', async () => {
    await expect(tabulateRecords([], SPEC)).rejects.toMatchObject({ issues: [{ code: 'NO_RECORDS' }] });
  });
});

test('reads a stream, tells how far it is, and stops when told to', async () => {
  const told: number[] = [];
  const stop = new AbortController();
  const stream = async function* (): AsyncGenerator<RecordRow> {
    for (let i = 0; i < 50_000; i++) yield await Promise.resolve({ key: ['a', 'x', '2021'] });
  };
  await expect(tabulateRecords(stream(), SPEC, { signal: stop.signal, onProgress: (done) => { told.push(done); if (done === 20_000) stop.abort(); } })).rejects.toMatchObject({ name: 'AbortError' });
  expect(told).toEqual([10_000, 20_000]);
});

function naive(records: readonly { readonly key: readonly string[]; readonly value: number; readonly contributor?: string }[], key: readonly string[]): CellRow {
  const mine = records.filter((record) => key.every((code, d) => code === record.key[d] || (UNDER[code]?.includes(record.key[d] ?? '') ?? false)));
  const own: Record<string, number> = {};
  for (const [i, { contributor = String(i), value }] of mine.entries()) own[contributor] = (own[contributor] ?? 0) + value;
  return {
    key, freq: mine.length, ...(records.some(({ contributor }) => contributor !== undefined) ? { contributors: Object.keys(own).length } : {}), value: mine.reduce((sum, { value }) => sum + value, 0),
    largest: Object.values(own).map(Math.abs).filter((x) => x > 0).sort((a, b) => b - a).slice(0, 5),
  };
}
