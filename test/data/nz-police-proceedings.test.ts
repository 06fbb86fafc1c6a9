/** New Zealand Police proceedings, 402,080 rows: totals, the repaired age column, repeated keys and part years. */
import { beforeAll, expect, test } from 'vitest';
import { checkReal, collectionFolder, describeReal, oracleSumsBy, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const FILE = 'nz-police/nzpolice_proceedings_2014-07_2023-07.csv.gz';
const ID = 'nz-police-proceedings';

describeReal('New Zealand Police proceedings', () => {
  let release: ReadRelease;
  let methods: ReadonlyMap<string, number>;
  let years: ReadonlyMap<string, number>;
  let ages: ReadonlyMap<string, number>;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
    const sums = await oracleSumsBy(FILE, 'Proceedings', [(r) => r['Method.of.Proceeding'] ?? null, (r) => `20${(r['Year.Month'] ?? '').slice(-2)}`, (r) => r['Age.Group'] ?? null]);
    [methods, years, ages] = [sums[0] ?? new Map(), sums[1] ?? new Map(), sums[2] ?? new Map()];
  });

  test('weighbridge run reproduces 1,339,183 proceedings of which 932,971 court action and 17,017 sexual assault', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const byMethod = await release.table('proceedings-by-method');
    expect(byMethod.number()).toBe(1_339_183);
    expect(byMethod.number({ method: 'Court Action' })).toBe(932_971);
    const byDivision = await release.table('proceedings-by-division');
    expect(byDivision.number({ division: 'Sexual Assault and Related Offences' })).toBe(17_017);
    expect(release.run.events.filter((e) => e.event === 'submitted').map((e) => e['rows'])).toEqual([402_080]);
  });

  test('every method and division equals a plain sum of the rows', async () => {
    const byMethod = await release.table('proceedings-by-method');
    expect(methods.size).toBe(7);
    for (const [method, sum] of methods) expect(byMethod.number({ method })).toBe(sum);
    const byYear = await release.table('proceedings-by-year');
    expect(byYear.codes('year')).toEqual([...years.keys()].sort());
    for (const [year, sum] of years) expect(byYear.number({ year })).toBe(sum);
  });

  test('the approved repair turns 28,502 cells into 10-14 and 1,539 into 5-9, and the provenance says so', async () => {
    const { meta } = await release.table('proceedings-by-age');
    const repairs = meta.provenance.submissions.flatMap((s) => s.repairs).map((r) => `${r.text} ${r.records}`).join('\n');
    expect(repairs).toMatch(/28,?502/);
    expect(repairs).toMatch(/1,?539/);
    expect(repairs).toMatch(/Secretariat/);
  });

  test('October 2014 stays a month: the repair touches one column only', async () => {
    const byAge = await release.table('proceedings-by-age');
    expect(byAge.number({ age: '10-14' })).toBe(ages.get('Oct-14'));
    expect(byAge.number({ age: '5-9' })).toBe(ages.get('5-Sep'));
    expect(byAge.codes('age')).not.toContain('Oct-14');
    expect((await release.table('proceedings-by-year')).number({ year: '2014' })).toBe(years.get('2014'));
  });

  test('the approved repairs are counted one by one when the file is checked', async () => {
    const { events, exitCode } = await checkReal(FILE, collectionFolder(ID), 'proceedings');
    expect(exitCode).toBe(0);
    const repairs = events.find((e) => e.event === 'accepted')?.['repairs'] as { from: string; to: string; rows: number; approvedBy: string }[];
    expect(repairs.map((r) => [r.from, r.to, r.rows, r.approvedBy])).toEqual([['Oct-14', '10-14', 28_502, 'Secretariat'], ['5-Sep', '5-9', 1539, 'Secretariat']]);
  });

  test('without an approved repair the mangled ages are refused, each of 30,041 cells counted', async () => {
    const folder = await variantOf(ID, { 'instruments/proceedings.yaml': (text) => text.replace(/ {4}repairs:\n(?: {6}.*\n)+/, '') });
    const result = await checkReal(FILE, folder, 'proceedings');
    expect(result.exitCode).toBe(3);
    const age = result.all.filter((i) => i.column === 'Age.Group');
    expect(age).toHaveLength(28_502 + 1539);
    expect(age.every((i) => i.code === 'SPREADSHEET_DATE' && i.severity === 'error' && i.row !== undefined && i.line === i.row + 1)).toBe(true);
    const summary = result.issues.filter((i) => i.code === 'SPREADSHEET_DATE');
    expect(summary.map((i) => i.count)).toEqual([28_502 + 1539]);
    expect(summary[0]?.message).toMatch(/Oct-14.*likely 10-14.*28502.*5-Sep.*likely 5-9.*1539/);
  });

  test('4,001 repeated keys with 4,143 surplus rows, 1,330 of them identical throughout, are flagged and still added', () => {
    const flagged = release.run.issues.filter((i) => i.code === 'REPEATED_KEY');
    expect(flagged.map((i) => [i.severity, i.count])).toEqual([['warning', 4143]]);
    expect(flagged[0]?.message).toMatch(/^4001 keys .* 4143 records beyond the first, of which 1330 are identical throughout$/);
    expect(release.run.exitCode).toBe(0);
  });

  test('2014 and 2023 are flagged as part years and no change is drawn from or to them', async () => {
    const { meta } = await release.table('proceedings-by-year');
    const part = meta.dimensions[0]?.codes.filter((c) => c.partPeriod !== undefined).map((c) => c.code);
    expect(part).toEqual(['2014', '2023']);
    const page = await release.text('tables/proceedings-by-year.html');
    const refused = page.match(/not comparable/g) ?? [];
    expect(refused.length).toBeGreaterThanOrEqual(2);
  });
});
