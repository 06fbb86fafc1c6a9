import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { openEngine, sqlText } from '@weighbridge/engine';
import { loadNeighbours } from '@weighbridge/instrument';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, submitFile } from '../src/index.ts';
import type { CheckReport } from '../src/index.ts';
import { DEVICES, Fixture, GOOD, HEADER, fieldInstrument, told } from './fixture.ts';

const REFERRALS = DEVICES.slice(0, DEVICES.indexOf('fields:')).replace('id: devices\n', 'id: referrals\n') + `fields:
  - {name: id, title: Number, type: string}
  - {name: received, title: Received, type: date}
  - {name: provider, title: Provider, type: string}
  - {name: files, title: Files, type: integer}
  - {name: note, title: Note, type: string}
measures:
  - {id: referrals, label: Referrals, count: records}
`;
const REFERRAL_HEADER = 'id,received,provider,files,note';
const RECORDS = Array.from({ length: 40 }, (_, i) => `R${i},2020-03-01,p,1,x`);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({ devices: DEVICES, referrals: REFERRALS, third: DEVICES.replace('id: devices\n', 'id: third\n').replace('coverage:', 'format: {headerRow: 3}\ncoverage:') });
});
afterAll(() => fixture.dispose());

/** Checks with the other instruments of the collection known, as the command does. */
async function check(data: string | Uint8Array, name = 'data.csv', id = 'devices'): Promise<CheckReport> {
  return fixture.check(data, name, { others: () => loadNeighbours(fixture.path(`instruments/${id}.yaml`)) }, id);
}

async function workbook(sheets: Readonly<Record<string, string>>): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  for (const [name, text] of Object.entries(sheets)) book.addWorksheet(name).addRows(text.split('\n').map((line) => line.split(',')));
  return Buffer.from(await book.xlsx.writeBuffer());
}

const said = (report: CheckReport): string => report.summary[0]?.message ?? '';

describe('a file of another instrument is told in one sentence', () => {
  const file = [REFERRAL_HEADER, ...RECORDS, ''].join('\n');
  test.each<[string, string | Uint8Array]>([['plain', file], ['rewritten', file.replaceAll('\n', '\r\n\r\n')], ['packed', gzipSync(file)], ['with other delimiters', file.replaceAll(',', ';')]])('%s', async (_, data) => {
    const report = await check(data);
    expect(told(report)).toEqual(['WRONG_INSTRUMENT l1 x1']);
    expect(said(report)).toBe('only 2 of the 6 columns of this instrument are in the header; this looks like an extract of “referrals”: all 5 of its columns are there');
    expect(report).toMatchObject({ accepted: false, rows: 40 });
  });

  test('also where its header stands further down, and in a workbook', async () => {
    expect(said(await check(`Referrals 2020\n\n${file}`))).toContain('none of the 6 columns of this instrument are in the header; this looks like an extract of “referrals”: all 5 of its columns are on line 3');
    const report = await check(await workbook({ Returns: file }), 'a.xlsx');
    expect(told(report)).toEqual(['WRONG_INSTRUMENT l1 x1']);
    expect(said(report)).toContain('the sheet “Returns” was read, the only one');
  });

  test('in Parquet', async () => {
    const engine = await openEngine({ scratch: fixture.path('scratch'), allow: [] });
    const path = join(fixture.path('scratch'), 'a.parquet');
    await engine.run(`COPY (SELECT 'x' AS id, 'x' AS received, 'x' AS provider, 1 AS files, 'x' AS note) TO ${sqlText(path)} (FORMAT parquet)`, 'making a test file');
    engine.close();
    expect(told(await check(await readFile(path), 'a.parquet'))).toEqual(['WRONG_INSTRUMENT x1']);
  });

  test('when it is submitted', async () => {
    const path = await fixture.write('data.csv', file);
    const submit = submitFile({ file: path, collection: await fixture.collection(), store: await openStore(fixture.path('store')), agency: 'police', round: '2020', instrument: 'devices' });
    await expect(submit).rejects.toMatchObject({ code: 'WRONG_INSTRUMENT', issues: { length: 1 } });
  });

  test('but columns of this instrument that are missing are told one by one', async () => {
    const report = await check(GOOD.replaceAll(/,[^,\n]*$/gm, ''));
    expect(told(report)).toContain('COLUMN_MISSING note l1 x1');
  });

  test('and a file that another instrument fits as well is not told to be its', async () => {
    const alike = await Fixture.make({ devices: DEVICES, twin: DEVICES.replace('id: devices\n', 'id: twin\n').replace('name: days', 'name: weeks') });
    const report = await alike.check(GOOD.replace('days', 'months'), 'data.csv', { others: () => loadNeighbours(alike.path('instruments/devices.yaml')) });
    expect(told(report).slice(0, 2)).toEqual(['COLUMN_MISSING days l1 x1', 'COLUMN_UNKNOWN months l1 x1']);
    await alike.dispose();
  });
});

describe('a header on another line is told with its line', () => {
  const many = [HEADER, ...Array.from({ length: 30 }, (_, i) => `D${i},01,2020-03-01,true,1,x`), ''].join('\n');
  test.each<[string, string, string, number, string]>([
    ['below a title', `Devices of 2020\n${many}`, 'none', 2, 'devices'],
    ['below a title with delimiters, a blank line and notes', `Note,2020,,,,\n\n"Made on, 1 January"\nnote: all\n${many}`, 'only 1', 5, 'devices'],
    ['far below, with semicolons', `${'x\n'.repeat(18)}${many.replaceAll(',', ';')}`, 'none', 19, 'devices'],
    ['above the line that the instrument names', many, 'none', 1, 'third'],
  ])('%s', async (_, data, few, line, id) => {
    const report = await check(data, 'data.csv', id);
    expect(report.summary.map((i) => [i.code, i.place.line])).toEqual([['HEADER_MISPLACED', line]]);
    expect(said(report)).toMatch(new RegExp(`^${few} of the 6 columns of this instrument are in the header; the header seems to stand on line ${line}, where 6 of them are`));
  });

  test('beyond the first twenty it is missing', async () => {
    expect(told(await check(`${'x\n'.repeat(25)}${many}`))).toEqual(['HEADER_MISSING l1 x1']);
  });

  test('in a workbook, with the sheet that was read', async () => {
    const report = await check(await workbook({ Data: `Devices of 2020\n${many}`, Notes: 'x' }), 'a.xlsx');
    expect(report.summary.map((i) => [i.code, i.place.line])).toEqual([['HEADER_MISPLACED', 2]]);
    expect(said(report)).toContain('; the sheet “Data” was read, the workbook also has “Notes”');
  });

  test('on another sheet, with the name of that sheet', async () => {
    const report = await check(await workbook({ Cover: 'Police\nDevices', Notes: 'x', Returns: many }), 'a.xlsx');
    expect(told(report)).toEqual(['HEADER_MISPLACED x1']);
    expect(said(report)).toBe('none of the 6 columns of this instrument are in the header; the header seems to stand on line 1 of the sheet “Returns”, where 6 of them are; the sheet “Cover” was read, the workbook also has “Notes”, “Returns”');
  });
});

describe('a file that is nothing known is told in one sentence', () => {
  test('without any column', async () => {
    const report = await check(`a,b\n${'1,2\n'.repeat(50)}1,2,3\n`);
    expect(told(report)).toEqual(['HEADER_MISSING l1 x1']);
    expect(said(report)).toMatch(/^none of the 6 columns of this instrument are in the header: /);
    expect(report.summary[0]?.repair).toContain('it expects id, offence, seized, locked, days, note');
  });

  test('with few', async () => {
    expect(said(await check('id,note,a,b\n1,2,3,4\n'))).toMatch(/^only 2 of the 6 columns/);
  });

  test('in a workbook, with its sheets; an empty sheet likewise', async () => {
    expect(said(await check(await workbook({ Sheet1: 'a,b\n1,2', Sheet2: 'c' }), 'a.xlsx'))).toMatch(/^none of the 6 .*the sheet “Sheet1” was read, the workbook also has “Sheet2”$/);
    const empty = new ExcelJS.Workbook();
    for (const name of ['First', 'Second']) empty.addWorksheet(name);
    expect(said(await check(Buffer.from(await empty.xlsx.writeBuffer()), 'a.xlsx'))).toContain('“First”; there is none; the workbook also has “Second”');
  });

  test('without the other instruments known, too', async () => {
    expect(told(await fixture.check([REFERRAL_HEADER, ...RECORDS, ''].join('\n')))).toEqual(['HEADER_MISSING l1 x1']);
  });

  test('and where wide columns are awaited', async () => {
    const wide = await Fixture.make({ one: fieldInstrument('{name: year, title: Y, type: year}', "  - {name: count, title: C, type: integer}\nformat: {unpivot: {columns: '^[0-9]{4}$', name: year, value: count}}") });
    const report = await wide.check('a,b\n1,2\n', 'data.csv', {}, 'one');
    expect(told(report)).toEqual(['HEADER_MISSING l1 x1']);
    expect(said(report)).toMatch(/^none of the 2 columns/);
    await wide.dispose();
  });
});
