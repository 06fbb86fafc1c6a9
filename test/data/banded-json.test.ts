/** GitHub's bands, Google's removals and Apple's national security requests: rows as arrays, read by definition alone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkReal, collectionFolder, DATA, definitionIssues, describeReal, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

type Row = readonly (string | number | null)[];
type Document = Readonly<Record<string, readonly Row[] & readonly string[]>>;

/** A document read by the parser alone: the oracle. */
async function oracle(file: string): Promise<Document> {
  return JSON.parse(await readFile(join(DATA, 'transparency', file), 'utf8')) as Document;
}

/** Sums of a column by what a row is put under. */
function sums(rows: readonly Row[], column: number, key: (row: Row) => string): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) found.set(key(row), (found.get(key(row)) ?? 0) + Number(row[column]));
  return found;
}

const GITHUB = 'github-transparency_banded_counts.json';
const GOOGLE = 'google-government-removals_2019_2025.json';
const APPLE = 'apple-transparency_2013H1_2025H1.json';

describeReal('GitHub, counts between two bounds', () => {
  let release: ReadRelease;
  let rows: readonly Row[];
  beforeAll(async () => {
    release = await runCollection(collectionFolder('github-transparency'));
    rows = (await oracle(GITHUB))['rows'] ?? [];
  });

  test('62 of 476 counts are bands, the others are numbers', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const table = await release.table('how-stated');
    expect([table.number(), table.number({ stated: 'a band' }), table.number({ stated: 'a number' })]).toEqual([476, 62, 414]);
    expect([rows.length, rows.filter((r) => r[7] !== r[8]).length]).toEqual([476, 62]);
    expect(table.number({ dataset: 'national_security', stated: 'a band' })).toBe(48);
  });

  test('the band 0-249 stays a band from file to CSV and page, and is neither 0 nor 249', async () => {
    const table = await release.table('national-security');
    const expected = rows.filter((r) => r[2] === 'national_security');
    expect(expected).toHaveLength(48);
    for (const [year, period, , , , category, , lo, hi] of expected) {
      expect(table.at({ year: String(year), period: String(period), category: String(category) })).toEqual({ lo, hi, states: { band: 1 } });
    }
    const narrow = table.csv.filter((r) => r['value_low'] === '0' && r['value_high'] === '249');
    expect(narrow).toHaveLength(40);
    expect(narrow.every((r) => r['value'] === '' && r['states'] === 'band:1' && r['shown'] === '0 to 249')).toBe(true);
    expect(await release.text('tables/national-security.html')).toContain('0 to 249');
  });

  test('bands are never added: neither over half-years nor over years nor over what is counted', async () => {
    const table = await release.table('national-security');
    expect(table.meta.dimensions.map((d) => d.total)).toEqual([null, null, null]);
    for (const [from, to] of [['{ field: period, total: false }', '{ field: period, total: Year }'], ['year, time: true, total: false', 'year, time: true, total: All'], ['category, total: false', 'category, total: Both']] as const) {
      const folder = await variantOf('github-transparency', { 'tables/national-security.yaml': (t) => t.replace(from, to) });
      expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    }
  });

  test('data sets are never added, and what is exact stays exact', async () => {
    const folder = await variantOf('github-transparency', { 'tables/national-security.yaml': (t) => t.replace('dataset: national_security, ', '') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    const table = await release.table('user-information-requests');
    const expected = rows.filter((r) => r[2] === 'user_info_requests');
    expect(expected).toHaveLength(52);
    for (const [year, , , , , category, metric, lo] of expected) expect(table.number({ year: String(year), period: '', category: String(category), metric: String(metric) })).toBe(lo);
  });

  test('a bound whose column is not there is refused by its name, and the column that was meant by its own', async () => {
    const folder = await variantOf('github-transparency', { 'instruments/counts.yaml': (t) => t.replace('low: count_low', 'low: lowest') });
    const result = await checkReal(`transparency/${GITHUB}`, folder, 'counts');
    expect(result.exitCode).toBe(3);
    expect(result.issues.map((i) => [i.code, i.place.column])).toEqual(expect.arrayContaining([['COLUMN_MISSING', 'lowest'], ['COLUMN_UNKNOWN', 'count_low']]));
  });
});

describeReal('Apple, national security requests in the second block of a document', () => {
  let release: ReadRelease;
  let document: Document;
  beforeAll(async () => {
    release = await runCollection(collectionFolder('apple-national-security'));
    document = await oracle(APPLE);
  });

  test('all 62 rows are bands, under the names that their places stand for', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const [requests, accounts] = [await release.table('requests-by-kind'), await release.table('accounts-by-kind')];
    const rows = document['ns_rows'] ?? [];
    expect(rows).toHaveLength(62);
    for (const [period, country, kind, low, high, least, most] of rows) {
      const at = { period: document['periods']?.[Number(period)] ?? '', country: document['countries']?.[Number(country)] ?? '', request_type: String(kind) };
      expect(requests.at(at)).toEqual({ lo: low, hi: high, states: { band: 1 } });
      expect(accounts.at(at)).toEqual({ lo: least, hi: most, states: { band: 1 } });
    }
    expect(requests.csv.filter((r) => r['states'] === 'band:1')).toHaveLength(62);
    expect(requests.at({ period: '2013 H1', country: 'United States of America', request_type: 'National Security' })).toEqual({ lo: 0, hi: 249, states: { band: 1 } });
    expect(requests.codes('country')).toEqual(['United States of America', 'United Kingdom']);
  });

  test('bands have no totals, and asking for one is refused', async () => {
    const table = await release.table('requests-by-kind');
    expect(table.meta.dimensions.map((d) => d.total)).toEqual([null, null, null]);
    const folder = await variantOf('apple-national-security', { 'tables/requests-by-kind.yaml': (t) => t.replace('{ field: period, time: true }', '{ field: period, time: true, total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });

  test('a half-year without a row says nothing, and is not zero', async () => {
    const table = await release.table('requests-by-kind');
    expect(table.at({ period: '2022 H2', country: 'United Kingdom', request_type: 'Content' }).lo).toBeNull();
    expect(table.meta.basis.breaks.map((b) => b.at)).toEqual(['2018 H1']);
  });

  test('the first block of the document gives the tables that the flat file gives', async () => {
    const names = ['period', 'country', 'request_type', ...(document['measures'] ?? [])];
    const folder = await variantOf('apple-requests', {
      'collection.yaml': (t) => t.replace('apple_requests_flat.csv', APPLE),
      'instruments/requests.yaml': (t) => t.replace('fields:', `format: { records: rows, json: { columns: [${names.join(', ')}], lists: { period: periods, country: countries, request_type: request_types } } }\nfields:`),
    });
    const [flat, nested] = [await runCollection(collectionFolder('apple-requests')), await runCollection(folder)];
    expect(nested.run.issues.filter((i) => i.severity === 'error')).toEqual([]);
    expect(nested.run.exitCode).toBe(0);
    expect(nested.run.events.find((e) => e.event === 'submitted')?.['rows']).toBe(4802);
    const tables = (await flat.files()).filter((f) => /^tables\/.*\.csv$/.test(f));
    expect(tables.length).toBeGreaterThan(3);
    for (const file of tables) expect(await nested.text(file)).toBe(await flat.text(file));
  });
});

describeReal('Google, requests to remove content', () => {
  let release: ReadRelease;
  let document: Document;
  let rows: readonly Row[];
  const place = (list: string, row: Row, column: number): string => document[list]?.[Number(row[column])] ?? '?';
  beforeAll(async () => {
    release = await runCollection(collectionFolder('google-removals'));
    document = await oracle(GOOGLE);
    rows = document['rows'] ?? [];
  });

  test('27,991 rows are read and every half-year has its sum', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    expect(release.run.events.filter((e) => e.event === 'submitted').map((e) => e['rows'])).toEqual([27_991, 27_991]);
    const table = await release.table('items-by-period');
    const expected = sums(rows, 6, (r) => place('periods', r, 0));
    expect(expected.size).toBeGreaterThan(20);
    for (const [period, items] of expected) expect(table.number({ period })).toBe(items);
    expect(table.number()).toBe(7_839_387);
  });

  test('half-years stand in their order, from 2011 though the file is named after 2019', async () => {
    const table = await release.table('items-by-period');
    expect(table.codes('period')).toEqual(document['periods']);
    expect(table.csv[0]).toMatchObject({ period: 'January - June 2011', period_label: '2011 H1' });
  });

  test('GB and UK both occur and stay two codes; a body and a blank are no country', async () => {
    const table = await release.table('requests-by-country');
    const expected = sums(rows, 5, (r) => place('countries', r, 1));
    expect([table.number({ country: 'GB' }), table.number({ country: 'UK' }), table.number({ country: 'EUROPOL' })]).toEqual([8156, 1, 115]);
    for (const [country, requests] of expected) expect(table.number({ country })).toBe(requests);
    expect(table.number({ country: 'NZ' })).toBe(312);
    expect(table.number()).toBe(603_110);
    expect(table.meta.basis.notes.join(' ')).toMatch(/UK .* GB.* until a person confirms/);
  });

  test('an approved repair makes one country of GB and UK, and is counted', async () => {
    const folder = await variantOf('google-removals', {
      'instruments/requests.yaml': (t) => t.replace('title: Country or body, type: string }', 'title: Country or body, type: string, repairs: [{ from: UK, to: GB, why: one country, approvedBy: a test, on: "2026-01-01" }] }'),
    });
    const repaired = await runCollection(folder);
    expect(repaired.run.exitCode).toBe(0);
    const table = await repaired.table('requests-by-country');
    expect(table.number({ country: 'GB' })).toBe(8157);
    expect(table.codes('country')).not.toContain('UK');
    const { issues } = await checkReal(`transparency/${GOOGLE}`, folder, 'requests');
    expect(issues.filter((i) => i.code === 'REPAIRED').map((i) => [i.place.column, i.count])).toEqual([['country', 1]]);
  });

  test('reasons and bodies are the texts of their lists, and add to all requests', async () => {
    const [reasons, bodies] = [await release.table('requests-by-reason'), await release.table('requests-by-body')];
    for (const [reason, requests] of sums(rows, 5, (r) => place('reasons', r, 4))) expect(reasons.number({ reason })).toBe(requests);
    for (const [requestor, requests] of sums(rows, 5, (r) => place('requestors', r, 2))) expect(bodies.number({ requestor })).toBe(requests);
    expect([reasons.number(), bodies.number()]).toEqual([603_110, 603_110]);
  });

  test('outcomes do not add to the items named from 2020, and both are shown with the difference', async () => {
    const table = await release.table('items-by-outcome');
    for (const [i, outcome] of ['removed_legal', 'removed_policy', 'not_found', 'not_enough_info', 'no_action', 'already_removed'].entries()) {
      expect(table.number({ outcome })).toBe(rows.reduce((sum, row) => sum + Number(row[7 + i]), 0));
    }
    expect(table.number()).toBe(7_786_305);
    const differing = rows.filter((row) => row.slice(7).reduce<number>((sum, n) => sum + Number(n), 0) !== row[6]);
    expect(differing).toHaveLength(97);
    expect(Math.min(...differing.map((row) => Number(row[0])))).toBe(document['periods']?.indexOf('January - June 2020'));
    const pages = (await Promise.all((await release.files()).filter((f) => f.endsWith('.html')).map((f) => release.text(f)))).join('\n');
    expect(pages).toContain('items named');
    expect(pages).toMatch(/789,794/);
    expect(pages).toMatch(/775,775/);
  });

  test('the series of outcomes breaks where six are told apart instead of two', async () => {
    const table = await release.table('items-by-outcome');
    const first = document['periods']?.find((_, i) => rows.some((row) => row[0] === i && row[9] !== 0));
    expect(table.meta.basis.breaks.map((b) => b.at)).toEqual([first]);
    expect(table.meta.basis.notes.join(' ')).toMatch(/zeros .* mean not recorded/);
  });

  test('a place in a list is no text: without its list a country would be a number', async () => {
    const folder = await variantOf('google-removals', { 'instruments/requests.yaml': (t) => t.replace('country: countries', 'country: nations') });
    const result = await checkReal(`transparency/${GOOGLE}`, folder, 'requests');
    expect(result.exitCode).toBe(3);
    expect(result.issues.map((i) => i.code)).toEqual(['JSON_LIST']);
    const names = await variantOf('google-removals', { 'instruments/requests.yaml': (t) => t.replace('country: countries', 'country: country_names') });
    const repeats = (await checkReal(`transparency/${GOOGLE}`, names, 'requests')).issues.filter((i) => i.code === 'JSON_LIST_REPEATS');
    expect(repeats.map((i) => [i.place.column, i.count])).toEqual([['country', 3]]);
  });
});
