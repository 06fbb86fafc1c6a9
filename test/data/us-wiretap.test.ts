/** Wiretap orders: rows that add, bases that must not be mixed, late reports, and a file with bare carriage returns. */
import { beforeAll, expect, test } from 'vitest';
import { collectionFolder, definitionIssues, describeReal, oracleSums, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const ID = 'us-wiretap';
const YEARS = ['2010', '2011', '2012', '2013', '2014'];
const HEADLINE = 'federal+state (headline)';

describeReal('Wiretap orders', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
  });

  test('rows add to 3,194; 2,732; 4,503; 4,976; 4,809', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const table = await release.table('orders-by-level');
    expect(YEARS.map((year) => table.number({ year }))).toEqual([3194, 2732, 4503, 4976, 4809]);
    const sums = await oracleSums('us-wiretap/usatoday_wiretaps_by_jurisdiction_2010_2014.csv', 'Taps', (r) => r['Year'] ?? null);
    expect(YEARS.map((year) => sums.get(year))).toEqual([3194, 2732, 4503, 4976, 4809]);
  });

  test('encryption met and not deciphered are 25/4 (2014), 13/11 (2015) and 159/134 (2017)', async () => {
    const met = await release.table('encryption-met');
    const not = await release.table('encryption-not-deciphered');
    const at = (year: string, basis: string): number[] => [met.number({ year, basis }), not.number({ year, basis })];
    expect(['2014', '2015', '2017'].map((year) => at(year, HEADLINE))).toEqual([[25, 4], [13, 11], [159, 134]]);
    expect([at('2017', 'state'), at('2017', 'federal')]).toEqual([[102, 97], [57, 37]]);
  });

  test('late reports of earlier years stay out of 2017: 41 older orders stand in a place of their own', async () => {
    const met = await release.table('encryption-met');
    const late = met.codes('year').filter((code) => !/^\d{4}$/.test(code));
    expect(late).toContain('(earlier-period)');
    expect(met.number({ year: '(earlier-period)', basis: 'state' }) + met.number({ year: '(earlier-period)', basis: 'federal' })).toBe(41);
    expect(met.number({ year: '2017', basis: HEADLINE })).toBe(159);
    const label = met.meta.dimensions.find((d) => d.field === 'year')?.codes.find((c) => c.code === '(earlier-period)')?.label;
    expect(label).toMatch(/earlier period/i);
  });

  test('adding over bases is refused and the levels are named', async () => {
    const folder = await variantOf(ID, { 'tables/encryption-met.yaml': (t) => t.replace('{ field: basis, levels: [headline, part, rows, span] }', '{ field: basis, total: All }') });
    const issues = await definitionIssues(folder);
    expect(new Set(issues.map((i) => i.code))).toEqual(new Set(['LEVELS_MIXED']));
    expect(issues[0]?.message).toMatch(/headline, part, rows, span/);
    const leftOut = await variantOf(ID, { 'tables/met-by-year.yaml': () => 'id: met-by-year\ntitle: Encryption met\ninstrument: encryption\nmeasure: met\nby:\n  - { field: year, time: true }\n' });
    expect((await definitionIssues(leftOut)).map((i) => i.code)).toEqual(['LEVELS_MIXED']);
  });

  test('adding over years is refused, since late reports and spans overlap them', async () => {
    const folder = await variantOf(ID, { 'tables/encryption-met.yaml': (t) => t.replace('{ field: year, time: true }', '{ field: year, time: true, total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });

  test('headline and rows stand beside each other: 3,576 and 4,976 in 2013, 3,554 and 4,809 in 2014', async () => {
    const table = await release.table('orders-authorised');
    const rows = await release.table('orders-by-level');
    expect(['2013', '2014'].map((year) => table.number({ year, basis: HEADLINE }))).toEqual([3576, 3554]);
    expect(['2013', '2014'].map((year) => rows.number({ year }))).toEqual([4976, 4809]);
    const pages = (await Promise.all((await release.files()).filter((f) => f.endsWith('.html')).map((f) => release.text(f)))).join('\n');
    expect(pages).toContain('−1,400');
    expect(pages).toContain('−1,255');
  });

  test('a blank in the encryption series is no zero', async () => {
    const table = await release.table('encryption-met');
    const q = table.at({ year: '2013', basis: HEADLINE });
    expect([q.lo, q.states.blank]).toEqual([null, 1]);
  });

  test('the file with bare carriage returns is read: forty agencies, Clark County 175 where the other file has 177', async () => {
    const second = await release.table('orders-second-naming');
    expect(second.codes('jurisdiction')).toHaveLength(40);
    expect(second.number({ jurisdiction: 'Clark County, Nev.', year: '2014' })).toBe(175);
    expect((await release.table('orders-in-crosstab')).number({ jurisdiction: 'NEVADA, CLARK', year: '2014' })).toBe(177);
  });
});
