/** Swiss interception, 2010 to 2014: disagreeing margins, units in one column, and the malformed yearly file. */
import { beforeAll, expect, test } from 'vitest';
import { checkReal, collectionFolder, definitionIssues, describeReal, oracleRows, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const FILE = 'interception-ch/swiss_interception_by_canton_2010_2014.csv';
const ID = 'swiss-interception';

describeReal('Swiss interception', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
  });

  test('the margins of 2014 are 14,119 by kind, 14,483 by offence, 14,484 by technology and by type', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const ids = ['measures-by-kind', 'measures-by-offence', 'measures-by-technology', 'measures-by-type'];
    const tables = await Promise.all(ids.map((id) => release.table(id)));
    expect(tables.map((t) => t.number({ year: '2014' }))).toEqual([14_119, 14_483, 14_484, 14_484]);
    expect(tables.slice(1).map((t) => t.number({ year: '2013' }))).toEqual([16_012, 16_013, 16_013]);
  });

  test('the disagreement is shown with its differences beside every margin', async () => {
    const pages = (await Promise.all((await release.files()).filter((f) => f.endsWith('.html')).map((f) => release.text(f)))).join('\n');
    expect(pages).toContain('kind, offence, technology and type');
    expect(pages).toMatch(/\+364\b/);
    expect(pages).toMatch(/\+365\b/);
  });

  test('26 cantons and the federal prosecutor add to the national column for every count', async () => {
    const table = await release.table('measures-country-and-cantons');
    let compared = 0;
    for await (const row of oracleRows(FILE)) {
      if (row['Field'] !== 'typ' || row['FieldValue'] === 'telefonbuch') continue;
      const codes = { value_of: row['FieldValue'] ?? '', year: row['Year'] ?? '' };
      const cantons = table.codes('canton').filter((c) => c !== 'CH').map((canton) => table.number({ ...codes, canton }));
      expect(cantons).toHaveLength(27);
      expect(cantons.reduce((a, b) => a + b, 0)).toBe(table.number({ ...codes, canton: 'CH' }));
      expect(table.number({ ...codes, canton: 'CH' })).toBe(Number(row['CH']));
      compared += 1;
    }
    expect(compared).toBe(15);
    expect(await release.text('tables/measures-country-and-cantons.html')).not.toMatch(/is not the sum/);
  });

  test('adding over the breakdowns is refused', async () => {
    const folder = await variantOf(ID, { 'tables/measures-by-kind.yaml': (t) => t.replace('breakdown: art, ', '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/breakdown/);
  });

  test('adding measures to enquiries, francs or percentages is refused', async () => {
    const folder = await variantOf(ID, { 'tables/measures-by-type.yaml': (t) => t.replace(', counted: measures', '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/francs and percentages/);
  });

  test('adding the national column to its cantons is refused', async () => {
    const folder = await variantOf(ID, { 'tables/measures-by-kind.yaml': (t) => t.replace('level: canton, total:', 'total:') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toContain('LEVELS_MIXED');
  });

  test('a percentage is published as printed and never added: Appenzell Innerrhoden 2010 shows 18 beside a count of 0', async () => {
    const counts = await release.table('serious-offences-by-canton');
    const percentages = await release.table('serious-offence-percentages');
    expect(counts.number({ canton: 'AI', year: '2010', value_of: 'terror' })).toBe(0);
    expect(percentages.number({ canton: 'AI', year: '2010', value_of: 'terror_prozent' })).toBe(18);
    expect(percentages.number({ canton: 'BA', year: '2014', value_of: 'krimorg_prozent' })).toBe(50.5);
    expect(percentages.meta.dimensions.every((d) => d.total === null)).toBe(true);
  });

  test('directory enquiries of the cantons before 2014 are blank, not zero', async () => {
    const table = await release.table('directory-enquiries');
    expect(table.number({ canton: 'CH', year: '2010' })).toBe(190_866);
    const canton = table.at({ canton: 'ZH', year: '2010' });
    expect([canton.lo, canton.states.blank]).toEqual([null, 1]);
    expect(table.csv.find((r) => r['canton'] === 'ZH' && r['year'] === '2010')).toMatchObject({ value: '', states: 'blank:1' });
  });

  test('the yearly file is refused for its malformed row, with row and line', async () => {
    const result = await checkReal('interception-ch/swiss_annual_summary_1998_2014_as_published_malformed_row.csv', collectionFolder(ID), 'national-series');
    expect(result.exitCode).toBe(3);
    expect(result.all.filter((i) => i.severity === 'error').map((i) => [i.code, i.row, i.line])).toEqual([['RAGGED', 102, 103]]);
  });
});
