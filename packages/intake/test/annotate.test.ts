import { gzipSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEVICES, Fixture, HEADER, fieldInstrument } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({
    devices: `${DEVICES}rules:\n  - {id: both, when: {locked: 'true'}, then: {days: {blank: false}, note: {blank: false}}, message: Something is missing, repair: Give both}\n`,
    wide: fieldInstrument('{name: year, title: Y, type: year}', "  - {name: count, title: C, type: integer}\nformat: {unpivot: {columns: '^[0-9]{4}$', name: year, value: count}}").replace('id: one', 'id: wide'),
    public: fieldInstrument('{name: v, title: V, type: string}').replace('id: one', 'id: public'),
  });
});
afterAll(() => fixture.dispose());

async function annotated(data: string | Uint8Array, name = 'data.csv', id = 'devices'): Promise<ExcelJS.Workbook> {
  const target = fixture.path('issues.xlsx');
  await fixture.check(data, name, { annotate: target }, id);
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(target);
  return book;
}

/** The texts of the sheet of records, row by row. */
function records(book: ExcelJS.Workbook): string[][] {
  const rows: string[][] = [];
  book.getWorksheet('Records')?.eachRow({ includeEmpty: true }, (row) => {
    rows.push(Array.from({ length: row.cellCount }, (_, i) => row.getCell(i + 1).text));
  });
  return rows;
}

function notes(book: ExcelJS.Workbook): string[] {
  const found: string[] = [];
  book.getWorksheet('Summary')?.eachRow((row) => {
    if (row.getCell(1).text === 'Note') found.push(row.getCell(2).text);
  });
  return found;
}

describe('records with too few or too many fields stand at their place, under their columns', () => {
  const lines = [HEADER, 'D1,01,2020-03-01,true,1,x', 'D2,01,2020-03-01', 'D3,01,2020-03-01,true,1,x,y,"z, z"', 'D4,99,2020-03-01,true,1,x'];
  const expected = [
    [...HEADER.split(','), '(beyond the header)', '(beyond the header)'], ['D1', '01', '2020-03-01', 'true', '1', 'x'], ['D2', '01', '2020-03-01'],
    ['D3', '01', '2020-03-01', 'true', '1', 'x', 'y', 'z, z'], ['D4', '99', '2020-03-01', 'true', '1', 'x'],
  ];
  const trimmed = (rows: string[][]): string[][] => rows.map((row) => row.slice(0, row.findLastIndex((cell) => cell !== '') + 1));
  test.each<[string, string | Uint8Array]>([
    ['plain', `${lines.join('\n')}\n`], ['bare CR', `${lines.join('\r')}\r`], ['gzip', gzipSync(lines.join('\n'))], ['UTF-16', Buffer.from(`\ufeff${lines.join('\n')}`, 'utf16le')],
  ])('%s', async (_, data) => {
    const book = await annotated(data, 'data');
    expect(trimmed(records(book))).toEqual(expected);
    const sheet = book.getWorksheet('Records');
    expect(sheet?.getCell('A3').note).toContain('RAGGED');
    expect(sheet?.getCell('A4').note).toContain('RAGGED');
    expect(sheet?.getCell('B5').note).toContain('UNKNOWN_CODE');
    expect(notes(book)).toEqual([]);
  });

  test('also where the columns come in another order', async () => {
    const book = await annotated('note,days,locked,seized,offence,id\nx,1,true,2020-03-01,01,D1\nx,2\n');
    expect(trimmed(records(book)).slice(1)).toEqual([['D1', '01', '2020-03-01', 'true', '1', 'x'], ['', '', '', '', '2', 'x']]);
  });
});

test('an issue of a rule stands at every cell that the rule looks at', async () => {
  const sheet = (await annotated(`${HEADER}\nD1,01,2020-03-01,true,,\n`)).getWorksheet('Records');
  expect(['A2', 'D2', 'E2', 'F2'].map((cell) => sheet?.getCell(cell).note !== undefined)).toEqual([false, false, true, true]);
});

describe('why there are no records is said, and nothing else:', () => {
  test('they could not be read', async () => {
    const book = await annotated('a,b\n1,2\n');
    expect(notes(book)).toEqual(['the records are not shown: they could not be read; what was found is below']);
    expect(book.getWorksheet('Records')).toBeUndefined();
  });
  test('the instrument makes several of a row', async () => {
    expect(notes(await annotated('n,2019\n1,x\n', 'data.csv', 'wide'))).toEqual(['the records are not shown: the instrument makes several records of each row of the file']);
  });
  test('there are too many', async () => {
    expect(notes(await annotated(`n,v\n${'1,x\n'.repeat(50_001)}`, 'data.csv', 'public'))).toEqual(['the records are not shown: there are 50001, and the sheet would hold up to 50000']);
  });
});
