/** Adults convicted, 2001 to 2014: mixed levels refused, the tree closed, and adult-ethnicity counts never called adults. */
import { beforeAll, expect, test } from 'vitest';
import { collectionFolder, definitionIssues, describeReal, oracleSumsBy, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const ID = 'nz-adults-convicted';
const FILES = ['nz-justice/justice-coded-2001-2009.csv.gz', 'nz-justice/justice-coded-2010-2014.csv.gz'];
const MAIN = new Set(['100', '200', '16', '23', '29']);

describeReal('Adults convicted', () => {
  let release: ReadRelease;
  const right = new Map<string, number>();
  const naive = new Map<string, number>();
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
    const year = (r: Readonly<Record<string, string>>): string => r['YEAR'] ?? '';
    for (const file of FILES) {
      const sums = await oracleSumsBy(file, 'Value', [(r) => (r['MAIN_OFFENCE']?.length === 2 && MAIN.has(r['SENTENCE'] ?? '') ? year(r) : null), year]);
      for (const [at, sum] of sums[0] ?? []) right.set(at, sum);
      for (const [at, sum] of sums[1] ?? []) naive.set(at, sum);
    }
  });

  test('weighbridge run reproduces 77,410 (2001), 94,365 (2007) and 73,272 (2014) adult-ethnicity counts', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    for (const id of ['counts-by-ethnicity', 'counts-by-division', 'counts-by-sentence']) {
      const table = await release.table(id);
      expect([table.number({ year: '2001' }), table.number({ year: '2007' }), table.number({ year: '2014' })]).toEqual([77_410, 94_365, 73_272]);
    }
  });

  test('every year equals a plain sum of division rows and main sentences, from both editions', async () => {
    const table = await release.table('counts-by-ethnicity');
    expect([...right.keys()].sort()).toEqual(table.codes('year'));
    expect(right.size).toBe(14);
    for (const [year, sum] of right) expect(table.number({ year })).toBe(sum);
  });

  test('sentences of 2014 are 8,365; 31,344; 25,324; 4,000; 4,239', async () => {
    const table = await release.table('counts-by-sentence');
    expect(['100', '200', '16', '23', '29'].map((sentence) => table.number({ sentence, year: '2014' }))).toEqual([8365, 31_344, 25_324, 4000, 4239]);
  });

  test('mixed levels are refused and named: a table that pins no sentence level never counts', async () => {
    const folder = await variantOf(ID, { 'tables/counts-by-division.yaml': (t) => t.replace(/^where: .*\n/m, '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['LEVELS_MIXED']);
    expect(`${issues[0]?.message} ${issues[0]?.repair}`).toMatch(/"sentence".*main.*detail/s);
    expect([naive.get('2001'), naive.get('2014')]).toEqual([246_175, 255_114]); // what the refused sum would have said
  });

  test('a margin over offences at several levels is refused', async () => {
    const folder = await variantOf(ID, { 'tables/offences-as-reported.yaml': (t) => t.replace('levels: [division, subdivision, group] }', 'levels: [division, subdivision, group], total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['LEVELS_MIXED']);
  });

  test('the tree closes: with home detention inside community sentences no parent differs from its children', async () => {
    const findings = await release.text('index.html').then(() => release.run.issues);
    expect(findings.filter((i) => i.code === 'PARENT_NOT_SUM')).toEqual([]);
    const table = await release.table('sentences-as-reported');
    for (const year of table.codes('year')) {
      const children = ['08', '09', '10', '13', '15'].map((sentence) => table.at({ sentence, year }).lo ?? 0); // not all existed in every year
      expect(children.reduce((a, b) => a + b, 0)).toBe(table.number({ sentence: '200', year }));
    }
  });

  test('with home detention taken out of community sentences the gap of 3,027 in 2014 is shown and nothing is derived', async () => {
    const folder = await variantOf(ID, { 'codelists/sentences.yaml': (t) => t.replace('{ code: "08", label: Home detention, parent: "200" }', '{ code: "08", label: Home detention, level: detail }') });
    const variant = await runCollection(folder);
    expect(variant.run.exitCode).toBe(0);
    const table = await variant.table('sentences-as-reported');
    const children = ['09', '10', '13', '15'].map((sentence) => table.number({ sentence, year: '2014' })).reduce((a, b) => a + b, 0);
    expect(table.number({ sentence: '200', year: '2014' }) - children).toBe(3027);
    const page = await variant.text('tables/sentences-as-reported.html');
    expect(page).toContain('3,027');
    expect(page).toMatch(/Community sentences.{1,4} is not the sum/);
  });

  test('adults convicted over all ethnicities is refused, and the right label is offered', async () => {
    const folder = await variantOf(ID, { 'tables/adults-by-ethnicity.yaml': (t) => t.replace('  - { field: ethnicity }\n', '') });
    const issues = await definitionIssues(folder);
    expect(issues.map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
    expect(issues[0]?.message).toMatch(/ethnicity/);
    expect(issues[0]?.message).toMatch(/adult-ethnicity-counts/);
    const { meta } = await release.table('counts-by-ethnicity');
    expect(meta.measure.unit.many).toBe('adult-ethnicity counts');
    expect(meta.basis.unit).toMatch(/adult-ethnicity counts/);
    expect((await release.table('adults-by-ethnicity')).meta.dimensions.every((d) => d.total === null)).toBe(true);
  });

  test('years are not added, and no change is drawn across the breaks of 2004 and 2009', async () => {
    const { meta } = await release.table('counts-by-ethnicity');
    expect(meta.dimensions.find((d) => d.field === 'year')?.total).toBeNull();
    expect(meta.basis.breaks.map((b) => b.at)).toEqual(['2004', '2009']);
    const page = await release.text('tables/counts-by-ethnicity.html');
    expect(page).toMatch(/not comparable/);
    expect(page).toMatch(/the source of the records changes in 2004/);
    expect(page).toMatch(/the counting method changes in 2009/);
  });
});
