import { deflateRawSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { writeXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, submitFile } from '../src/index.ts';
import { columnOf } from '../src/sheet.ts';
import { kindOfFormat } from '../src/workbook.ts';
import { Fixture, HEADER, fieldInstrument, parquetRows, told } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({
    devices: (await import('./fixture.ts')).DEVICES,
    one: fieldInstrument('{name: v, title: V, type: string}', '  - {name: d, title: D, type: date}\n  - {name: p, title: P, type: percent}\n  - {name: m, title: M, type: yearmonth}\nextraColumns: ignore'),
  });
});
afterAll(() => fixture.dispose());

type Cells = (string | number | boolean | Date | null | object)[][];

/** A workbook written by ExcelJS: not the program that reads it. */
async function workbook(rows: Cells, change: (sheet: ExcelJS.Worksheet, book: ExcelJS.Workbook) => void = () => undefined): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet('Data');
  sheet.addRows(rows);
  change(sheet, book);
  return Buffer.from(await book.xlsx.writeBuffer());
}

const header = HEADER.split(',');
const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

async function sealedRows(data: Buffer, columns: string): Promise<unknown[][]> {
  const store = await openStore(fixture.path(`store-${Math.abs(data.readInt32LE(14))}-${data.length}`));
  const file = await fixture.write('data.xlsx', data);
  await submitFile({ file, collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'one' });
  const rows = await parquetRows((await store.current())[0]?.parquetPath ?? '', columns);
  return rows.map((r) => Object.values(r).map((v) => (typeof v === 'bigint' ? Number(v) : v)));
}

test('a workbook is read like the table it shows: texts, dates, numbers, booleans, blanks', async () => {
  const data = await workbook([header, ['D1', '01', day('2020-03-01'), true, 10, 'first'], ['D2', '02', '2020-03-02', 'no', null, 'é & <x>\nline']]);
  const report = await fixture.check(data, 'data.xlsx');
  expect(told(report)).toEqual([]);
  expect(report).toMatchObject({ accepted: true, rows: 2, format: { kind: 'xlsx' } });
});

test('leading zeros, dates of both epochs, percentages and rich text come through', async () => {
  const rows: Cells = [['n', 'v', 'd', 'p', 'm', 'x'], [1, '0131', day('2020-02-29'), 0.65, day('2014-10-01'), 'ignored'], [2, { richText: [{ text: 'a' }, { text: 'b', font: { bold: true } }] }, '2020-03-01', '2.7%', '2014-11', null]];
  for (const date1904 of [false, true]) {
    const data = await workbook(rows, (sheet, book) => {
      book.properties.date1904 = date1904;
      sheet.getCell('D2').numFmt = '0%';
      sheet.getCell('E2').numFmt = 'mmm-yy';
    });
    expect(await sealedRows(data, '_row, n, v, d, p, m')).toEqual([[1, 1, '0131', '2020-02-29', '65.0000', '2014-10'], [2, 2, 'ab', '2020-03-01', '2.7000', '2014-11']]);
  }
});

test('a code that a spreadsheet made a date is told as one, with what was likely typed', async () => {
  const data = await workbook([['n', 'v', 'd', 'p', 'm'], [1, day('2014-10-01')], [2, day('2026-09-05')]], (sheet) => {
    sheet.getCell('B2').numFmt = 'mmm-yy';
    sheet.getCell('B3').numFmt = 'd-mmm';
  });
  const report = await fixture.check(data, 'data.xlsx', {}, 'one');
  expect(told(report)).toEqual(['SPREADSHEET_DATE v r1 l2 x2']);
  expect(report.summary[0]?.message).toContain('“5-Sep”, likely 5-9, in 1');
});

test('formulas, error cells and numbers past 15 digits have the address of their cell', async () => {
  const data = await workbook([header, ['D1', '01', day('2020-03-01'), true, { formula: '5+5', result: 10 }, 'x'], [], ['D2', '01', { error: '#N/A' }, true, 1, 12345678901234567]]);
  const { lines } = await fixture.issues(data, 'data.xlsx');
  expect(lines.map((l) => [l['code'], l['row'], l['line'], l['column']])).toEqual([
    ['FORMULA', 1, 2, 'days'], ['CELL_ERROR', 2, 4, 'seized'], ['PRECISION_LOST', 2, 4, 'note'],
  ]);
});

test('the first visible sheet is read, or the one the instrument names', async () => {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('Hidden', { state: 'hidden' }).addRows([['wrong']]);
  book.addWorksheet('Data').addRows([header, ['D1', '01', '2020-03-01', true, 1, 'x']]);
  expect(told(await fixture.check(Buffer.from(await book.xlsx.writeBuffer()), 'data.xlsx'))).toEqual([]);
});

test('ten thousand rows written by another library agree cell by cell', async () => {
  const rows: Cells = [['n', 'v', 'd', 'p', 'm'], ...Array.from({ length: 10_000 }, (_, i) => [i, `t${i % 97}`, '2020-01-01', '1%', '2020-01'])];
  const data = Buffer.from(await writeXlsx({ sheets: [{ name: 'Data', rows: rows as string[][] }] }));
  const sealed = await sealedRows(data, 'sum(n), count(*), count(distinct v), min(d)');
  expect(sealed).toEqual([[(9999 * 10_000) / 2, 10_000, 97, '2020-01-01']]);
});

describe('refused', () => {
  test('macros', async () => {
    const data = zip([['[Content_Types].xml', '<Types/>'], ['xl/vbaProject.bin', 'x']]);
    expect(told(await fixture.check(data, 'data.xlsx'))).toEqual(['MACROS x1']);
  });

  test.each<[string, () => Buffer | Promise<Buffer>, string]>([
    ['a zip that is no workbook', () => zip([['readme.txt', 'x']]), 'NOT_A_WORKBOOK'],
    ['a workbook cut off', async () => (await workbook([header])).subarray(0, 3000), 'TRUNCATED'],
    ['a part that says it is small and is not', () => zip([['_rels/.rels', 'x'.repeat(5000)]], { claim: 100 }), 'ZIP_BOMB'],
    ['parts that unpack to thousands of times the file', () => zip([['_rels/.rels', Buffer.alloc(80 << 20)]]), 'ZIP_BOMB'],
    ['parts that share bytes', () => zip(Array.from({ length: 50 }, (_, i): [string, string] => [`p${i}`, 'x'.repeat(99)]), { overlap: true }), 'ZIP_BOMB'],
    ['an entity bomb', () => zip([['_rels/.rels', '<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="w.xml"/></Relationships>'], ['w.xml', '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>']]), 'NOT_A_WORKBOOK'],
  ])('%s', async (_, make, code) => {
    expect(told(await fixture.check(await make(), 'data.xlsx'))).toEqual([`${code} x1`]);
  });

  test('a sheet that is not there, with the names of those that are', async () => {
    const named = await Fixture.make({ devices: (await import('./fixture.ts')).DEVICES.replace('coverage:', 'format: {sheet: Returns}\ncoverage:') });
    const report = await named.check(await workbook([header]), 'data.xlsx');
    expect(report.summary[0]).toMatchObject({ code: 'SHEET_MISSING', repair: expect.stringContaining('“Data”') as string });
    await named.dispose();
  });

  test('a value right of the header', async () => {
    expect(told(await fixture.check(await workbook([header, ['D1', '01', '2020-03-01', true, 1, 'x', 'stray']]), 'data.xlsx'))).toEqual(['RAGGED r1 l2 x1']);
  });
});

test.each([['A1', 0], ['Z9', 25], ['AA1', 26], ['XFD1', 16383]])('column of %s is %i', (reference, column) => {
  expect(columnOf(reference)).toBe(column);
});

test.each([
  ['yyyy-mm-dd', 'date'], ['mmm-yy', 'month-year'], ['d-mmm', 'day-month'], ['0.0%', 'percent'], ['#,##0.00', 'number'], ['[Red]0;[Blue]0', 'number'],
  ['"day "0', 'number'], ['hh:mm', 'time'], ['[$-409]d-mmm-yy', 'date'], ['General', 'number'], ['@', 'number'],
])('number format %s shows a %s', (code, kind) => {
  expect(kindOfFormat(code)).toBe(kind);
});

/** A ZIP archive by hand, so that it can lie. */
function zip(parts: readonly [string, string | Buffer][], lie: { claim?: number; overlap?: boolean } = {}): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of parts) {
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(lie.claim ?? data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(lie.overlap === true ? 0 : offset, 42);
    entries.push(Buffer.concat([entry, Buffer.from(name)]));
    if (lie.overlap === true && bodies.length > 0) continue;
    const body = Buffer.concat([local, Buffer.from(name), packed]);
    bodies.push(body);
    offset += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}
