/** CyberTipline reports: every published total, disagreeing margins, and sums that must not be drawn. */
import { beforeAll, expect, test } from 'vitest';
import { collectionFolder, definitionIssues, describeReal, oracleSums, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const ID = 'cybertips';
const YEARS = ['2019', '2020', '2021', '2022'] as const;

describeReal('CyberTipline reports', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
  });

  test('weighbridge run meets every published total by provider', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const published = await oracleSums('ncmec/ncmec_esp_published_totals_2019_2022.csv', 'published_total', (r) => r['year'] ?? null);
    const table = await release.table('reports-by-provider');
    expect(YEARS.map((year) => table.number({ year }))).toEqual([16_836_694, 21_447_786, 29_157_083, 31_802_525]);
    expect(YEARS.map((year) => published.get(year))).toEqual([16_836_694, 21_447_786, 29_157_083, 31_802_525]);
  });

  test('weighbridge run meets every published total by country, and New Zealand', async () => {
    const table = await release.table('reports-by-country');
    expect(YEARS.map((year) => table.number({ year }))).toEqual([16_987_361, 21_751_085, 29_397_681, 32_059_029]);
    expect(YEARS.map((year) => table.number({ year, country: 'New Zealand' }))).toEqual([4973, 6511, 9971, 32_766]);
  });

  test('a blank country stays apart from a zero, in the table and in its CSV', async () => {
    const table = await release.table('countries-as-published');
    const in2020 = table.codes('country').map((country) => table.at({ country, year: '2020' }));
    expect(in2020.filter((q) => q.lo === null && q.states.blank === 1)).toHaveLength(7);
    expect(in2020.filter((q) => q.lo === 0 && q.hi === 0)).toHaveLength(3);
    const rows = table.csv.filter((r) => r['year'] === '2020');
    expect(rows.filter((r) => r['value'] === '' && r['states'] === 'blank:1')).toHaveLength(7);
    expect(rows.filter((r) => r['value'] === '0' && r['states'] === '')).toHaveLength(3);
  });

  test('margins that disagree are shown with their differences and none is overwritten', async () => {
    const listed = await release.table('reports-by-country');
    const location = await release.table('reports-by-location');
    const notListed = YEARS.slice(1).map((year) => listed.number({ year, country: 'No Country Listed' }));
    const unknown = YEARS.slice(1).map((year) => location.number({ year, label: 'unknown' }));
    expect(notListed).toEqual([641_874, 1_193_266, 1_662_916]);
    expect(unknown).toEqual([261_304, 1_193_266, 1_312_655]);
    const pages = (await Promise.all((await release.files()).filter((f) => f.endsWith('.html')).map((f) => release.text(f)))).join('\n');
    expect(pages).toMatch(/Reports without a country in two tables/);
    expect(pages).toContain('−350,261');
    expect(pages).toContain('−380,570');
  });

  test('provider and NCMEC stand side by side: Discord 2022 58,179 and 169,800; Aylo 2020 4,171 and 13,229', async () => {
    const table = await release.table('reports-by-observer');
    expect(table.number({ provider: 'Discord', stated_by: 'provider', year: '2022' })).toBe(58_179);
    expect(table.number({ provider: 'Discord', stated_by: 'NCMEC', year: '2022' })).toBe(169_800);
    expect(table.number({ provider: 'Aylo', stated_by: 'provider', year: '2020' })).toBe(4171);
    expect(table.number({ provider: 'Aylo', stated_by: 'NCMEC', year: '2020' })).toBe(13_229);
    expect(table.meta.dimensions.find((d) => d.field === 'stated_by')?.total).toBeNull();
  });

  test('adding the two observers is refused', async () => {
    const folder = await variantOf(ID, { 'tables/reports-by-observer.yaml': (t) => t.replace('{ field: stated_by }', '{ field: stated_by, total: Both }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });

  test('recipients add to more than the reports there are, so adding them is refused', async () => {
    const sums = await oracleSums('ncmec/ocse-report-recipients_to2022.csv', 'reports', (r) => r['year'] ?? null);
    expect(sums.get('2022')).toBe(32_254_278);
    const asMargin = await variantOf(ID, { 'tables/reports-by-recipient.yaml': (t) => t.replace('{ field: recipients }', '{ field: recipients, total: All recipients }') });
    const issues = await definitionIssues(asMargin);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/several recipients/);
    const leftOut = await variantOf(ID, { 'tables/reports-by-recipient.yaml': (t) => t.replace('  - { field: recipients }\n', '') });
    expect((await definitionIssues(leftOut)).map((i) => i.code)).toContain('MEASURE_DOES_NOT_ADD');
  });

  test('a group of countries beside its members is refused, and without it 2019 is 16,987,333, 28 short of the total', async () => {
    const folder = await variantOf(ID, { 'tables/reports-in-per-head-file.yaml': (t) => t.replace(/^where: .*\n/m, '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['OVERLAPPING_AGGREGATE']);
    expect(issues[0]?.message).toMatch(/Arab League/);
    const table = await release.table('reports-in-per-head-file');
    expect(table.number({ year: '2019' })).toBe(16_987_333);
    const naive = await oracleSums('ncmec/ocse-reports-per-year-country-capita_to2022.csv', 'reports', (r) => r['year'] ?? null);
    expect(naive.get('2019')).toBe(20_868_434);
  });

  test('headings that count the same reports, or files, are not added', async () => {
    const folder = await variantOf(ID, { 'tables/reports-by-location.yaml': (t) => t.replace('where: { category: user location }\n', '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/attachments are files/);
    const kinds = await release.table('reports-by-kind');
    expect(kinds.number({ year: '2020' })).toBe(21_751_085);
  });

  test('unique and similar photos do not add to photos: the gap is shown', async () => {
    const table = await release.table('attachments');
    expect(table.number({ label: 'photos', year: '2020' })).toBe(33_690_561);
    const page = await release.text('tables/attachments.html');
    expect(page).toMatch(/Photos.{1,4} is not the sum/);
  });
});
