import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEVICES, Fixture, HEADER, fieldInstrument, told } from './fixture.ts';

const RULES = `rules:
  - {id: released, when: {locked: 'false'}, then: {days: {blank: false}}, message: Days are missing, repair: Give the days}
  - {id: seized, when: {locked: 'true'}, then: {seized: {blank: false}}, message: The day is missing, repair: Give the day}
  - {id: homicide, when: {offence: {notIn: ['01']}}, then: {note: {blank: false}}, message: A note is missing, repair: Give a note}
`;
const CLOSED = "{name: v, title: V, type: integer, codelist: numbers, constraints: {pattern: '[0-9]+', enum: ['1', '2'], maximum: 1}}";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({
    devices: `${DEVICES}${RULES}`,
    one: fieldInstrument(CLOSED),
    text: fieldInstrument("{name: v, title: V, type: string, constraints: {pattern: '[a-z]+', minLength: 3, maxLength: 9}}").replace('id: one', 'id: text'),
    wide: fieldInstrument('{name: year, title: Y, type: year}', "  - {name: count, title: C, type: integer}\nformat: {unpivot: {columns: '^[0-9]{4}$', name: year, value: count}}").replace('id: one', 'id: wide'),
  });
  await fixture.write('codelists/numbers.yaml', "id: numbers\ntitle: N\nedition: '1'\nsource: t\ncodes: [{code: '1', label: One}, {code: '2', label: Two}]\n");
});
afterAll(() => fixture.dispose());

const latin = (...records: string[]): Buffer => Buffer.from([HEADER, ...records, ''].join('\n'), 'latin1');
const rows = (...records: string[]): string => [HEADER, ...records, ''].join('\n');

async function workbook(records: (string | number | object | null)[][]): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  book.addWorksheet('Data').addRows(records);
  return Buffer.from(await book.xlsx.writeBuffer());
}

describe('a cell whose form is at fault is not judged as a value', () => {
  test.each<[string, string, string | Buffer, string[]]>([
    ['bytes of another encoding in a code and a pattern', 'a.csv', latin('D\u00e9,01,2020-03-01,true,1,x', 'D2,\u00e9,2020-03-01,true,1,x'), ['ENCODING id r1 l2 x1', 'ENCODING offence r2 l3 x1']],
    ['text after a quote', 'a.csv', rows('D1,01,"2020-03-01"x,true,1,x'), ['QUOTE_MALFORMED seized r1 l2 x1']],
    ['an object where a value is required', 'a.ndjson', '{"id":"D1","offence":{"a":1},"seized":"2020-03-01","days":1,"note":"x"}', ['JSON_NESTED offence r1 l1 x1']],
    ['the same bytes twice in a key', 'a.csv', latin('\u00e9,01,2020-03-01,true,1,x', '\u00e8,01,2020-03-01,true,1,x'), ['ENCODING id r1 l2 x2']],
  ])('%s', async (_, name, data, expected) => {
    const { report, lines } = await fixture.issues(data, name);
    expect(told(report)).toEqual(expected);
    expect(lines).toHaveLength(expected.reduce((sum, text) => sum + Number(text.split(' x')[1]), 0));
  });

  test('error cells and formulas of a workbook', async () => {
    const error = { error: '#N/A' };
    const data = await workbook([HEADER.split(','), [error, error, error, error, error, 'x'], ['D2', { formula: '1', result: 'zz' }, '2020-03-01', 'false', { formula: '1', result: -5 }, 'x']]);
    const codes = (await fixture.check(data, 'a.xlsx')).summary.map((i) => [i.code, i.place.column, i.count]);
    expect(codes).toEqual([...['id', 'offence', 'seized', 'locked', 'days'].map((c) => ['CELL_ERROR', c, 1]), ['FORMULA', 'offence', 1], ['FORMULA', 'days', 1]]);
  });

  test('but every other cell of the record is, and the same column in other records', async () => {
    const { report, lines } = await fixture.issues(latin('D\u00e9,99,2020-03-01,true,1,x', 'bad,01,2020-03-01,true,1,x', 'D3,99,2020-03-01,true,1,x'));
    expect(told(report)).toEqual(['ENCODING id r1 l2 x1', 'PATTERN id r2 l3 x1', 'UNKNOWN_CODE offence r1 l2 x2']);
    expect(lines.map((l) => [l['code'], l['row']])).toEqual([['ENCODING', 1], ['PATTERN', 2], ['UNKNOWN_CODE', 1], ['UNKNOWN_CODE', 3]]);
  });

  test('cell by cell where wide columns become records', async () => {
    const data = await workbook([['n', '2019', '2020'], [1, { error: '#N/A' }, 'x'], [2, 'y', 4]]);
    expect(told(await fixture.check(data, 'a.xlsx', {}, 'wide'))).toEqual(['CELL_ERROR 2019 r1 l2 x1', 'NOT_AN_INTEGER count r1 l2 x2']);
  });

  test('a warning of form does not silence an error', async () => {
    const data = await workbook([['n', 'v'], [1, 12345678901234567]]);
    expect(told(await fixture.check(data, 'a.xlsx', {}, 'text'))).toEqual(['TOO_LONG v r1 l2 x1', 'PRECISION_LOST v r1 l2 x1']);
  });

  test('thousands of faults in the order of the file', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? `D\u00e9${i}` : `X${i}`) + ',01,2020-03-01,true,1,x');
    const { report, lines } = await fixture.issues(latin(...records));
    expect(told(report)).toEqual(['ENCODING id r1 l2 x2500', 'PATTERN id r2 l3 x2500']);
    expect(lines.slice(2500).map((l) => l['row'])).toEqual(Array.from({ length: 2500 }, (_, i) => 2 * i + 2));
  });
});

describe('a value that is wrong is wrong once', () => {
  test.each<[string, string, string[]]>([
    ['of the wrong type, in no list, pattern or set', 'x', ['NOT_AN_INTEGER v r1 l2 x1']],
    ['in no list and no set, and above the maximum', '3', ['UNKNOWN_CODE v r1 l2 x1']],
    ['above the maximum only', '2', ['ABOVE_MAXIMUM v r1 l2 x1']],
  ])('%s', async (_, value, expected) => {
    expect(told(await fixture.check(`n,v\n1,${value}\n`, 'a.csv', {}, 'one'))).toEqual(expected);
  });

  test('too short and of another form', async () => {
    const { report, lines } = await fixture.issues('n,v\n1,A\n2,abcdefghijk\n3,ABCD\n4,abcd\n', 'a.csv', 'text');
    expect(told(report)).toEqual(['TOO_SHORT v r1 l2 x1', 'TOO_LONG v r2 l3 x1', 'PATTERN v r3 l4 x1']);
    expect(lines).toHaveLength(3);
  });

  test('a date that cannot be is not missing for a rule; nor does an unknown code break one', async () => {
    expect(told(await fixture.check(rows('D1,01,2021-02-30,true,1,x')))).toEqual(['IMPOSSIBLE_DATE seized r1 l2 x1']);
    expect(told(await fixture.check(rows('D1,01,2020-03-01,false,many,x')))).toEqual(['NOT_AN_INTEGER days r1 l2 x1']);
    expect(told(await fixture.check(rows('D1,99,2020-03-01,true,1,')))).toEqual(['UNKNOWN_CODE offence r1 l2 x1']);
  });

  test('the rule is told of the records that break it by themselves', async () => {
    const { report, lines } = await fixture.issues(rows('D1,01,2020-03-01,false,many,x', 'D2,01,2020-03-01,false,,x', 'D3,02,2020-03-01,true,1,'));
    expect(told(report)).toEqual(['NOT_AN_INTEGER days r1 l2 x1', 'RULE days r2 l3 x1', 'RULE note r3 l4 x1']);
    expect(lines).toHaveLength(3);
  });
});
