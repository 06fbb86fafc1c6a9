/** California electronic-warrant notices: 2,580 records in 15,450 lines, many spellings, and text that must not leave. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkReal, collectionFolder, definitionIssues, describeReal, oracleRows, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const FILE = 'calecpa/ca_doj_electronic_search_warrant_notifications_2020_2021.csv';
const ID = 'ca-warrant-notices';
const FREE_TEXT = ['Nature of the investigation', 'Primary Nature', 'Items to be searched for:', 'Grounds for Issuance', 'Facts giving rise to the emergency', 'Business Name', 'Warrant Number'];

describeReal('California warrant notices', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
  });

  test('2,580 records are read by the grammar of CSV, not by line', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    expect((await release.table('notices-by-year')).number()).toBe(2580);
    let records = 0;
    for await (const row of oracleRows(FILE)) records += row['Submitted'] === undefined ? 0 : 1;
    expect(records).toBe(2580);
  });

  test('notices with google in any cell: 186 in 2020 and 164 in 2021', async () => {
    const table = await release.table('notices-naming-google');
    expect([table.number({ year: '2020' }), table.number({ year: '2021' })]).toEqual([186, 164]);
  });

  test('an order served on several counts under each: business 1,338, device 1,260, residence 18, and each notice once in all', async () => {
    const table = await release.table('notices-by-served-on');
    expect(['Business', 'Device Only', 'Residence'].map((served_on) => table.number({ served_on }))).toEqual([1338, 1260, 18]);
    expect(table.number()).toBe(2580);
  });

  test('436 spellings of agencies as written, 402 trimmed, 373 without case and punctuation', async () => {
    expect((await release.table('agency-spellings-as-written')).number()).toBe(436);
    expect((await release.table('agency-spellings-trimmed')).number()).toBe(402);
    expect((await release.table('agency-spellings-folded')).number()).toBe(373);
  });

  test('29 periods that end before they start and 84 that end after submission are warnings, each with its row', async () => {
    const { all, exitCode } = await checkReal(FILE, collectionFolder(ID), 'notices');
    expect(exitCode).toBe(0);
    const rows = (rule: string): number => all.filter((i) => i.rule === rule && i.severity === 'warning' && i.row !== undefined && i.line !== undefined).length;
    expect([rows('period-runs-backwards'), rows('period-ends-after-notice')]).toEqual([29, 84]);
  });

  test('repeated warrant numbers are flagged; blanks of one space, N/A, None and TBD are no numbers and repeat nothing', async () => {
    const numbers = new Map<string, number>();
    for await (const row of oracleRows(FILE)) {
      const number = (row['Warrant Number'] ?? '').trim();
      if (!/^(|n\/a|na|none|tbd|n\/a-electronic submi)$/i.test(number)) numbers.set(number, (numbers.get(number) ?? 0) + 1);
    }
    const repeated = [...numbers.values()].filter((n) => n > 1);
    const flagged = release.run.issues.filter((i) => i.code === 'REPEATED_KEY');
    const surplus = repeated.reduce((sum, n) => sum + n - 1, 0);
    expect([repeated.length, surplus]).toEqual([51, 98]);
    expect(flagged.map((i) => [i.severity, i.count])).toEqual([['warning', 98]]);
    expect(flagged[0]?.message).toMatch(/^51 keys/);
  });

  test('spellings that differ in case or punctuation are proposed as one body, and none is merged', async () => {
    const { issues } = await checkReal(FILE, collectionFolder(ID), 'notices');
    const proposed = issues.filter((i) => i.code === 'SPELLINGS_ALIKE');
    expect(proposed).toHaveLength(1);
    expect(proposed[0]?.message).toMatch(/436 spellings, 373 remain/);
  });

  test('no free text of the records stands in the release, in an issue or on standard error', async () => {
    const ours = (await readFile(join(collectionFolder(ID), 'instruments/notices.yaml'), 'utf8')).toLowerCase();
    const texts = new Set<string>();
    for await (const row of oracleRows(FILE)) {
      for (const column of FREE_TEXT) {
        const text = (row[column] ?? '').trim();
        if (text.length >= 12 && !ours.includes(text.toLowerCase())) texts.add(text.slice(0, 60));
      }
    }
    expect(texts.size).toBeGreaterThan(1000);
    const { all, stderr, events } = await checkReal(FILE, collectionFolder(ID), 'notices');
    const said = JSON.stringify([all, events, release.run.events]) + stderr + release.run.stderr;
    const files = (await release.files()).filter((f) => /\.(html|json|csv|yaml|svg|txt|js)$/.test(f));
    expect(files.length).toBeGreaterThan(10);
    const pages = (await Promise.all(files.map((f) => release.text(f)))).join('\n');
    const leaked = [...texts].filter((t) => said.includes(t) || pages.includes(t)).length;
    expect(leaked).toBe(0);
  });

  test('records of a time before their round are flagged as late and counted in their own year', async () => {
    const years = new Map<string, number>();
    for await (const row of oracleRows(FILE)) {
      const year = (row['Start Date for Info'] ?? '').slice(5, 9);
      years.set(year, (years.get(year) ?? 0) + 1);
    }
    const folder = await variantOf(ID, {
      'instruments/notices.yaml': (t) => t.replace('\nderived:\n', '\nreferencePeriod: start_date\nderived:\n  - { name: start_year, title: Year in which the period starts, part: { of: start_date, grain: year } }\n'),
      'tables/notices-by-start.yaml': () => 'id: notices-by-start\ntitle: Notices by the year in which the period starts\ninstrument: notices\nmeasure: notices\nby:\n  - { field: start_year, time: true }\n',
    });
    const table = await (await runCollection(folder)).table('notices-by-start');
    const late = [...years].filter(([year]) => year < '2020').reduce((sum, [, n]) => sum + n, 0);
    expect(late).toBeGreaterThan(0);
    expect(table.meta.findings.find((f) => f.code === 'LATE_RECORDS')?.message).toContain(late.toLocaleString('en-NZ'));
    for (const [year, n] of years) expect(table.number({ start_year: year })).toBe(n);
  });

  test('free text and identifiers can be no dimension of a table', async () => {
    const folder = await variantOf(ID, { 'tables/notices-by-emergency.yaml': (t) => t.replace('{ field: emergency, total: All notices }', '{ field: nature }').replace(/^derive:\n.*\n/m, '') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toContain('FIELD_NOT_RELEASABLE');
  });
});
