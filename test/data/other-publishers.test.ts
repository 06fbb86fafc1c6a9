/** CERT NZ, Twitter, Facebook, Google, Hong Kong and Korea: marks, bands, shares and totals kept apart from file to CSV. */
import { beforeAll, expect, test } from 'vitest';
import { checkReal, collectionFolder, definitionIssues, describeReal, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

describeReal('CERT NZ referrals', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder('certnz-referrals'));
  });

  test('quarters are 1,203; 1,905; 1,258, as added and as published', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const added = await release.table('incidents-by-referral');
    const published = await release.table('incidents-as-reported');
    const quarters = ['2024Q2', '2024Q3', '2024Q4'];
    expect(quarters.map((quarter) => added.number({ quarter }))).toEqual([1203, 1905, 1258]);
    expect(quarters.map((quarter) => published.number({ quarter, disposition: 'TOTAL (published)' }))).toEqual([1203, 1905, 1258]);
    expect(await release.text('tables/incidents-as-reported.html')).not.toMatch(/is not the sum/);
  });

  test('a control that is missed by one stops the release, and both figures are named', async () => {
    const folder = await variantOf('certnz-referrals', { 'collection.yaml': (t) => t.replace('equals: 1905', 'equals: 1906') });
    const { run } = await runCollection(folder);
    expect(run.exitCode).toBe(3);
    const errors = run.issues.filter((i) => i.severity === 'error');
    expect(errors.map((i) => i.code)).toEqual(['CONTROL_MISSED']);
    expect(errors[0]?.message).toMatch(/expected 1,906 .* found 1,905, difference −1/);
  });

  test('a total among its parts is never added to them', async () => {
    const folder = await variantOf('certnz-referrals', { 'tables/incidents-by-referral.yaml': (t) => t.replace('level: disposition, ', '') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toContain('LEVELS_MIXED');
  });

  test('"65%", "2.7%" and "<1%" stay apart to the CSV', async () => {
    const table = await release.table('shares-as-published');
    const at = (disposition: string): unknown => table.at({ disposition, quarter: '2024Q2' });
    expect(at('responded to directly by CERT NZ/NCSC')).toEqual({ lo: 65, hi: 65, states: {} });
    expect(at('referred to NZ Telecommunications Forum')).toEqual({ lo: 2.7, hi: 2.7, states: {} });
    const row = table.csv.find((r) => r['disposition'] === 'referred to NCSC' && r['quarter'] === '2024Q2');
    expect(row).toMatchObject({ value: '', states: 'less-than:1' });
    expect(Number(row?.['value_high'])).toBeLessThanOrEqual(1);
    expect(table.csv.filter((r) => r['states'] === 'less-than:1')).toHaveLength(9);
  });
});

describeReal('Providers, one layout each', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder('provider-requests'));
  });

  test('Twitter: 28 dashes are not published and 23 starred numbers keep their star', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const table = await release.table('twitter-requests');
    const rows = table.csv.filter((r) => r['country'] !== '_T');
    expect(rows).toHaveLength(83);
    expect(rows.filter((r) => r['states'] === 'not-published:1' && r['value'] === '')).toHaveLength(28);
    expect(rows.filter((r) => r['states'] === 'starred:1')).toHaveLength(23);
    expect(rows.find((r) => r['country'] === 'Austria')).toMatchObject({ states: 'starred:1' });
    const total = table.at();
    expect(total.states).toMatchObject({ 'not-published': 28, starred: 23 });
    expect([total.lo, total.hi]).toEqual([6448, null]);
    expect((await release.table('twitter-total')).number({ period: 'January - June 2017' })).toBe(6448);
  });

  test('Twitter: adding the row of totals to its countries is refused', async () => {
    const folder = await variantOf('provider-requests', { 'tables/twitter-requests.yaml': (t) => t.replace(/^where: .*\n/m, '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['OVERLAPPING_AGGREGATE']);
    expect(issues[0]?.message).toMatch(/TOTAL/);
  });

  test('Twitter: a table without a total shows them side by side and derives none', async () => {
    const folder = await variantOf('provider-requests', { 'tables/every-row.yaml': () => 'id: every-row\ntitle: Every row\ninstrument: twitter\nmeasure: requests\nby:\n  - { field: country }\n' });
    const table = await (await runCollection(folder)).table('every-row');
    expect(table.meta.dimensions[0]?.total).toBeNull();
    expect(table.cells).toHaveLength(84);
  });

  test('Facebook: the band 11,000 to 12,000 stays a band and makes the total a range', async () => {
    const table = await release.table('facebook-requests');
    expect(table.at({ country: 'United States' })).toEqual({ lo: 11_000, hi: 12_000, states: { band: 1 } });
    const total = table.at();
    expect((total.hi ?? 0) - (total.lo ?? 0)).toBe(1000);
    expect(table.csv.find((r) => r['country'] === 'United States')).toMatchObject({ value: '', value_low: '11000', value_high: '12000', states: 'band:1' });
    const shares = await release.table('facebook-shares');
    expect([shares.number({ country: 'Albania' }), shares.number({ country: 'Bangladesh' })]).toEqual([83, 0]);
  });

  test('Google: the line that is not UTF-8 is refused with its line and without its bytes', async () => {
    const result = await checkReal('transparency/google-user-data-requests_2009H2_2017H1.csv', collectionFolder('provider-requests'), 'google');
    expect(result.exitCode).toBe(3);
    const encoding = result.all.filter((i) => i.code === 'ENCODING');
    expect(encoding.map((i) => [i.row, i.line, i.column])).toEqual([[232, 233, 'Country']]);
    expect(result.issues.filter((i) => i.severity === 'error').map((i) => i.code)).toEqual(['ENCODING']);
    expect(JSON.stringify(result)).not.toContain('Ivoire');
  });

  test('a third party\'s 5.5 is false precision and refused as a count, 80 cells', async () => {
    const result = await checkReal('transparency/alice_corona_transparency_full_2009_2013.csv', collectionFolder('provider-requests'), 'third-party-2009-2013');
    expect(result.exitCode).toBe(3);
    const cells = result.all.filter((i) => i.severity === 'error' && i.column === 'User Data Requests');
    expect(cells.filter((i) => i.value === '5.5')).toHaveLength(80);
    expect(cells.every((i) => i.code === 'NOT_AN_INTEGER' && i.row !== undefined && i.line !== undefined)).toBe(true);
    const companies = await checkReal('transparency/hongkong_All_Requests__Company_Source_.csv', collectionFolder('provider-requests'), 'hong-kong-companies');
    expect(companies.exitCode).toBe(3);
    expect(companies.all.filter((i) => i.severity === 'error').map((i) => i.row)).toEqual([18]);
  });

  test('Hong Kong: totals among the rows are shown as reported and never added', async () => {
    const table = await release.table('hong-kong-requests');
    expect(table.number({ type: "Users' Information Disclosure", year: '2013' })).toBe(5511);
    expect(table.number({ type: 'Total', year: '2013' })).toBe(7467);
    const folder = await variantOf('provider-requests', { 'tables/hong-kong-requests.yaml': (t) => t.replace('levels: [all, type] }', 'levels: [all, type], total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['LEVELS_MIXED']);
  });
});

describeReal('Requests to Naver and Kakao', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder('korea-interception'));
  });

  test('interceptions of KakaoTalk are 61, 20, 0, 9, 15, 13 and then 0 from 2017, while Daum mail continues', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const table = await release.table('interceptions-requested');
    const periods = ['2014-H1', '2014-H2', '2015-H1', '2015-H2', '2016-H1', '2016-H2', '2017-H1', '2017-H2'];
    expect(periods.map((period) => table.number({ service_name: 'KakaoTalk', period }))).toEqual([61, 20, 0, 9, 15, 13, 0, 0]);
    expect(table.number({ service_name: 'Daum mail', period: '2017-H1' })).toBeGreaterThan(0);
    expect(table.meta.basis.notes.join(' ')).toMatch(/not sought or not served/);
  });

  test('requests, requests processed, accounts and rates in one column are never added', async () => {
    const folder = await variantOf('korea-interception', { 'tables/interceptions-requested.yaml': (t) => t.replace(', metric: requests }', ' }') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/accounts and rates are different units/);
  });

  test('providers are never added', async () => {
    const folder = await variantOf('korea-interception', { 'tables/interceptions-requested.yaml': (t) => t.replace('{ field: service_name }', '{ field: service_name, total: All services }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });
});
