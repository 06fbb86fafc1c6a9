import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection } from '@weighbridge/instrument';
import { seriesRevisions } from '../src/index.ts';
import type { SealedSource } from '../src/index.ts';
import { COLLECTION, PUBLIC, instrument, lines, make, openWorkbench, table } from './workbench.ts';
import type { Workbench } from './workbench.ts';

let bench: Workbench;

const SENTENCES = `
id: sentences
title: Sentences
edition: "1"
source: test
levels: [main, detail]
codes:
  - { code: "200", label: Community }
  - { code: "09", label: Detention, parent: "200" }
  - { code: "10", label: Supervision, parent: "200" }
  - { code: "16", label: Monetary }
`;
const COUNTRIES = `
id: countries
title: Countries
edition: "1"
source: test
codes:
  - { code: NZ, label: New Zealand }
  - { code: EG, label: Egypt }
  - { code: AL, label: Arab League, overlaps: [EG] }
  - { code: ALL, label: World, overlaps: ["*"] }
`;
const SERVICES = `
id: services
title: Services
edition: "1"
source: test
codes:
  - { code: old, label: Old, validTo: "2023-06-30" }
  - { code: new, label: New, validFrom: "2023-07-01" }
  - { code: later, label: Later, validFrom: "2030-01-01" }
`;
const figures = (holds: string): string => instrument('figures', `
fields:
  - { name: sentence, title: Sentence, type: string, codelist: sentences${holds} }
  - { name: country, title: Country, type: string, codelist: countries, open: true }
  - { name: month, title: Month, type: yearmonth }
  - { name: service, title: Service, type: string, codelist: services, validAt: month }
  - { name: recipient, title: Recipient, type: string }
  - { name: number, title: Number, type: integer, marks: { "-": not-published, "": blank }, bounds: [band, less-than, at-least, starred] }
  - { name: plain, title: Plain, type: number }
derived:
  - { name: year, title: Year, part: { of: month, grain: year } }
referencePeriod: month
measures:
  - { id: number, label: Number, sum: number }
  - { id: plain, label: Plain, sum: plain }
  - { id: reports, label: Reports, sum: number, notOver: [{ field: recipient, why: one report goes to several recipients }] }
  - { id: held, label: Held, sum: number, kind: stock }
  - { id: rate, label: Rate, sum: number, adds: false }
  - { id: rows, label: Rows, count: records }
breaks:
  - { field: month, at: "2023-08", why: bundling began }
series: { key: [country, month], value: number }
`, PUBLIC);

const TABLES: Record<string, string> = {
  'by-country': 'measure: number\nby: [{ field: country }]',
  'by-country-total': 'measure: number\nby: [{ field: country, total: All, codes: [NZ, EG] }]',
  'by-month': 'measure: number\nby: [{ field: month, time: true }]',
  'by-year': 'measure: number\nby: [{ field: year, time: true }]',
  'by-sentence': 'measure: plain\nby: [{ field: sentence }]\nwhere: { country: NZ }',
  'no-sentence': 'measure: plain\nby: [{ field: month }]\nwhere: { country: NZ }',
  'by-service': 'measure: number\nby: [{ field: service }]',
  'main-only': 'measure: plain\nby: [{ field: sentence, level: main }]\nwhere: { country: NZ }',
  'both-levels': 'measure: plain\nby: [{ field: sentence, levels: [main, detail] }]\nwhere: { country: NZ }',
  reports: 'measure: reports\nby: [{ field: country, codes: [NZ], total: false }, { field: month }]',
  'reports-by-recipient': 'measure: reports\nby: [{ field: country, total: false }, { field: month, total: false }, { field: recipient }]',
  held: 'measure: held\nby: [{ field: recipient, total: false }]\nwhere: { country: NZ }',
  'held-by-month': 'measure: held\nby: [{ field: month, time: true }]\nwhere: { country: NZ }',
  rate: 'measure: rate\nby: [{ field: recipient, total: false }]\nwhere: { country: NZ }',
};

/**
 * Definitions as they are, with tables that were checked against milder ones: what reaches the second lock when a
 * code list or a measure is found to be stricter than the tables knew.
 */
async function collectionWith(holds = ''): Promise<Collection> {
  const lists = { 'collection.yaml': COLLECTION, 'codelists/sentences.yaml': SENTENCES, 'codelists/countries.yaml': COUNTRIES, 'codelists/services.yaml': SERVICES };
  const strict = await bench.collection({ ...lists, 'instruments/figures.yaml': figures(holds) });
  const mild = await bench.collection({
    ...lists, 'codelists/countries.yaml': COUNTRIES.replaceAll(/, overlaps: \[.*?\]/g, ''),
    'instruments/figures.yaml': figures('').replace(/, (notOver: .*|kind: stock|adds: false) \}/g, ' }'),
    ...Object.fromEntries(Object.entries(TABLES).map(([id, body]) => [`tables/${id}.yaml`, table(id, 'figures', body)])),
  });
  return { ...strict, tables: mild.tables };
}

/** country, month, sentence, recipient, lo, hi, state, text, plain */
type Row = readonly [string, string, string | null, string, number | null, number | null, string, string, number | null];

async function seal(rows: readonly Row[], source: Parameters<Workbench['seal']>[1] = {}, extra = {}): Promise<SealedSource> {
  const value = (v: string | number | null): string => (v === null ? 'NULL' : typeof v === 'number' ? String(v) : `'${v}'`);
  const values = rows.map((r) => `(${r.map(value).join(', ')})`).join(', ');
  return bench.seal(`SELECT country, month, sentence, recipient, CASE WHEN state = 'exact' THEN CAST(lo AS BIGINT) END AS number, CAST(lo AS BIGINT) AS number__lo, CAST(hi AS BIGINT) AS number__hi,
    state AS number__state, txt AS number__text, CAST(plain AS DECIMAL(18,6)) AS plain, CASE WHEN recipient IN ('old', 'new') THEN recipient END AS service FROM (VALUES ${values}) AS t(country, month, sentence, recipient, lo, hi, state, txt, plain)`, { instrument: 'figures', synthetic: false, ...source }, extra);
}

const exact = (country: string, month: string, n: number, sentence: string | null = '16', recipient = 'police'): Row => [country, month, sentence, recipient, n, n, 'exact', String(n), n];

beforeAll(async () => { bench = await openWorkbench(); });
afterAll(() => bench.close());

describe('states', () => {
  test('marks and bounds stay apart in a sum: a range, "at least", or no number', async () => {
    const collection = await collectionWith();
    const source = await seal([
      exact('NZ', '2023-01', 10), ['NZ', '2023-01', '16', 'police', 0, 249, 'band', '0-249', null],
      exact('NZ', '2023-02', 10), ['NZ', '2023-02', '16', 'police', null, null, 'not-published', '-', null],
      ['NZ', '2023-03', '16', 'police', 5, null, 'at-least', '5+', null], exact('NZ', '2023-03', 1),
      ['NZ', '2023-04', '16', 'police', null, null, 'not-published', '-', null],
      ['NZ', '2023-05', '16', 'police', 1, 1, 'starred', '1*', null],
      exact('NZ', '2023-06', 0),
      ['NZ', '2023-08', '16', 'police', null, null, 'blank', '', null], ['NZ', '2023-08', '16', 'police', 0, 10, 'less-than', '<10', null],
    ]);
    expect(lines(await make(bench, collection, 'by-month', [source]))).toEqual([
      '2023-01 = 10..259 band:1', '2023-02 = 10..null not-published:1', '2023-03 = 6..null at-least:1', '2023-04 = null not-published:1',
      '2023-05 = 1 starred:1', '2023-06 = 0', '2023-08 = 0..null less-than:1 blank:1',
      '* = 27..null band:1 less-than:1 at-least:1 starred:1 blank:1 not-published:2',
    ]);
  });

  test('a sum beyond the integers that a page can show exactly is refused', async () => {
    const collection = await collectionWith();
    const source = await seal([['NZ', '2023-01', '16', 'x', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'exact', '', null], exact('NZ', '2023-01', 2)]);
    await expect(make(bench, collection, 'by-month', [source])).rejects.toMatchObject({ code: 'SUM_TOO_LARGE' });
  });

  test('decimals add exactly', async () => {
    const collection = await collectionWith();
    const source = await seal([['NZ', '2023-01', '16', 'x', 1, 1, 'exact', '1', 0.1], ['NZ', '2023-01', '16', 'x', 1, 1, 'exact', '1', 0.2]]);
    expect(lines(await make(bench, collection, 'by-sentence', [source]))).toContain('16 = 0.3');
  });
});

describe('what must not be added', () => {
  test('LEVELS_MIXED: parent and child among the records, and the field is not shown', async () => {
    const collection = await collectionWith();
    const source = await seal([exact('NZ', '2023-01', 5, '200'), exact('NZ', '2023-01', 2, '09')]);
    await expect(make(bench, collection, 'no-sentence', [source])).rejects.toMatchObject({ code: 'LEVELS_MIXED', message: expect.stringContaining('main and detail') as string });
  });

  test('levels that stand side by side are shown without a margin unless one is asked for', async () => {
    const collection = await collectionWith();
    const source = await seal([exact('NZ', '2023-01', 5, '200'), exact('NZ', '2023-01', 2, '09')]);
    const made = await make(bench, collection, 'by-sentence', [source]);
    expect(lines(made)).toEqual(['200 = 5', '09 = 2', '10 = null', '16 = null']);
    expect(made.meta.dimensions[0]).toMatchObject({ total: null, notAdditive: expect.stringContaining('side by side') as string });
  });

  test('mixed data fixed at one level leave the other rows out; nothing is rolled up', async () => {
    const collection = await collectionWith(', holds: mixed');
    const source = await seal([exact('NZ', '2023-01', 5, '200'), exact('NZ', '2023-01', 2, '09'), exact('NZ', '2023-01', 1, '10'), exact('NZ', '2023-01', 7, '16')]);
    expect(lines(await make(bench, collection, 'main-only', [source]))).toEqual(['200 = 5', '16 = 7', '* = 12']);
    const both = await make(bench, collection, 'both-levels', [source]);
    expect(lines(both)).toEqual(['200 = 5', '09 = 2', '10 = 1', '16 = 7']);
    expect(both.meta.dimensions[0]).toMatchObject({ levelsShown: true, total: null });
    expect(both.meta.dimensions[0]?.codes[1]).toEqual({ code: '09', label: 'Detention', parent: '200', level: 'detail' });
  });

  test('OVERLAPPING_AGGREGATE: an aggregate among its members gets no margin, and adding over both is refused', async () => {
    const collection = await collectionWith();
    const overlapping = await seal([exact('NZ', '2023-01', 5), exact('EG', '2023-01', 2), exact('AL', '2023-01', 2)]);
    await expect(make(bench, collection, 'by-month', [overlapping])).rejects.toMatchObject({ code: 'OVERLAPPING_AGGREGATE' });
    await expect(make(bench, collection, 'by-month', [await seal([exact('ALL', '2023-01', 5), exact('Narnia', '2023-01', 2)])])).rejects.toMatchObject({ code: 'OVERLAPPING_AGGREGATE' });
    expect((await make(bench, collection, 'by-country', [overlapping])).meta.dimensions[0]?.total).toBeNull();
    expect(lines(await make(bench, collection, 'by-country-total', [overlapping]))).toEqual(['NZ = 5', 'EG = 2', '* = 7']);
  });

  test('MEASURE_DOES_NOT_ADD: a cell over several recipients is refused; over one it stands', async () => {
    const collection = await collectionWith();
    const several = await seal([exact('NZ', '2023-01', 5, '16', 'police'), exact('NZ', '2023-01', 5, '16', 'customs')]);
    const one = await seal([exact('NZ', '2023-01', 5, '16', 'police'), exact('NZ', '2023-02', 5, '16', 'police')]);
    await expect(make(bench, collection, 'reports', [several])).rejects.toMatchObject({ code: 'MEASURE_DOES_NOT_ADD', message: expect.stringContaining('several recipients') as string });
    expect(lines(await make(bench, collection, 'reports', [one]))).toEqual(['NZ|2023-01 = 5', 'NZ|2023-02 = 5', 'NZ|* = 10']);
    const shown = await make(bench, collection, 'reports-by-recipient', [several]);
    expect(lines(shown)).toContain('NZ|2023-01|customs = 5');
    expect(shown.meta.dimensions[2]).toMatchObject({ total: null, notAdditive: 'The numbers must not be added: one report goes to several recipients.' });
  });

  test('STOCK_OVER_TIME: numbers at different dates are shown side by side and never added', async () => {
    const collection = await collectionWith();
    const source = await seal([exact('NZ', '2023-01', 5), exact('NZ', '2023-02', 6)]);
    await expect(make(bench, collection, 'held', [source])).rejects.toMatchObject({ code: 'STOCK_OVER_TIME' });
    expect(lines(await make(bench, collection, 'held-by-month', [source]))).toEqual(['2023-01 = 5', '2023-02 = 6']);
  });

  test('MEASURE_DOES_NOT_ADD: a measure that never adds refuses a cell of two records', async () => {
    const collection = await collectionWith();
    await expect(make(bench, collection, 'rate', [await seal([exact('NZ', '2023-01', 5), exact('NZ', '2023-02', 6)])])).rejects.toMatchObject({ code: 'MEASURE_DOES_NOT_ADD' });
    expect(lines(await make(bench, collection, 'rate', [await seal([exact('NZ', '2023-01', 5)])]))).toEqual(['police = 5']);
  });
});

describe('validity', () => {
  const used = (month: string, service: string): Row => exact('NZ', month, 1, '16', service);

  test('CODE_NOT_VALID_AT_DATE: a code used outside its dates is refused', async () => {
    const collection = await collectionWith();
    await expect(make(bench, collection, 'by-service', [await seal([used('2023-07', 'old')])])).rejects.toMatchObject({ code: 'CODE_NOT_VALID_AT_DATE' });
  });

  test('codes that never existed in the period are not shown, not even as zero', async () => {
    const collection = await collectionWith();
    const made = await make(bench, collection, 'by-service', [await seal([used('2023-06', 'old'), used('2023-07', 'new')])]);
    expect(lines(made)).toEqual(['old = 1', 'new = 1', '* = 2']);
  });
});

describe('periods', () => {
  test('a year that the months cover in part says which part', async () => {
    const collection = await collectionWith();
    const months = Array.from({ length: 18 }, (_, i) => `${2023 + Math.floor((i + 6) / 12)}-${String(((i + 6) % 12) + 1).padStart(2, '0')}`);
    const early = await seal(months.slice(0, 6).map((m) => exact('NZ', m, 1)));
    const late = await seal(months.slice(6, 10).map((m) => exact('NZ', m, 1)), { round: '2024' });
    const made = await make(bench, collection, 'by-year', [early, late]);
    expect(made.meta.dimensions[0]?.codes).toEqual([
      { code: '2023', label: '2023', partPeriod: '6 of 12 months, July to December 2023' },
      { code: '2024', label: '2024', partPeriod: '4 of 12 months, January to April 2024' },
    ]);
    expect(made.meta.basis.breaks).toEqual([{ field: 'year', at: '2023', why: 'bundling began' }]);
  });

  test('a month before every round holds late records only, and they are told', async () => {
    const collection = await collectionWith();
    const made = await make(bench, collection, 'by-month', [await seal([exact('NZ', '2022-12', 1), exact('NZ', '2023-01', 3)])]);
    expect(made.meta.dimensions[0]?.codes[0]).toEqual({ code: '2022-12', label: 'December 2022', partPeriod: 'no month of it is covered: late records only' });
    expect(made.meta.findings).toContainEqual({ code: 'LATE_RECORDS', severity: 'warning', message: '1 record belongs to a time before the round that reported them; each is counted in its own period.' });
  });
});

describe('findings and editions', () => {
  test('repeated keys and repairs are told', async () => {
    const collection = await collectionWith();
    const source = await seal([exact('NZ', '2023-01', 1)], { repairs: [{ text: 'country: "N Z" read as "NZ"', records: 1 }] }, { repeatedKeys: 4001 });
    const { meta } = await make(bench, collection, 'by-month', [source]);
    expect(meta.findings.map((f) => f.code)).toEqual(['REPEATED_KEYS', 'COLUMN_REPAIRS']);
    expect(meta.findings[0]?.message).toMatch(/^4,001 keys/);
  });

  test('SYNTHETIC_MIXED and NO_SUBMISSIONS are refused, with the table\'s file', async () => {
    const collection = await collectionWith();
    const real = await seal([exact('NZ', '2023-01', 1)]);
    const made = await seal([exact('NZ', '2024-01', 1)], { round: '2024', synthetic: true });
    await expect(make(bench, collection, 'by-month', [real, made])).rejects.toMatchObject({ code: 'SYNTHETIC_MIXED' });
    await expect(make(bench, collection, 'by-month', [])).rejects.toMatchObject({ code: 'NO_SUBMISSIONS' });
  });

  test('revisions list what differs as printed, vanishes and appears between successive editions', async () => {
    const collection = await collectionWith();
    const of = collection.instruments.get('figures');
    if (!of) throw new Error('no instrument');
    const editions = [
      await seal([exact('NZ', '2023-01', 1), exact('NZ', '2023-02', 2), exact('NZ', '2023-03', 3)], { edition: 1, editionLabel: 'May' }),
      await seal([exact('NZ', '2023-01', 1), ['NZ', '2023-02', '16', 'police', 2, 2, 'starred', '2*', null], exact('NZ', '2023-04', 4)], { edition: 2, editionLabel: 'June' }),
      await seal([exact('NZ', '2023-01', 1), exact('NZ', '2023-02', 2), exact('NZ', '2023-04', 4)], { edition: 3, editionLabel: 'July' }),
    ];
    const { revisions } = await seriesRevisions({ instrument: of, submissions: editions.toReversed(), engine: bench.engine });
    expect(revisions).toEqual([
      { key: { country: 'NZ', month: '2023-02' }, fromEdition: 'May', toEdition: 'June', change: 'changed', before: '2', after: '2*' },
      { key: { country: 'NZ', month: '2023-03' }, fromEdition: 'May', toEdition: 'June', change: 'dropped', before: '3', after: null },
      { key: { country: 'NZ', month: '2023-04' }, fromEdition: 'May', toEdition: 'June', change: 'added', before: null, after: '4' },
      { key: { country: 'NZ', month: '2023-02' }, fromEdition: 'June', toEdition: 'July', change: 'changed', before: '2*', after: '2' },
    ]);
  });
});
