import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, sqlText } from '@weighbridge/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEVICES, Fixture, GOOD, told } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({ devices: DEVICES, nested: DEVICES.replace('id: devices\n', 'id: nested\n').replace('coverage:', 'format: {records: data.items}\ncoverage:') });
});
afterAll(() => fixture.dispose());

const one = { id: 'D1', offence: '01', seized: '2020-03-01', locked: true, days: 10, note: 'first' };
const two = { note: 'second', id: 'D2', offence: '02', seized: '2020-03-02', locked: null };

test.each<[string, string, string, string, string]>([
  ['an array of objects', 'a.json', JSON.stringify([one, two]), 'devices', 'json'],
  ['an array at a path', 'a.json', JSON.stringify({ data: { items: [one, two] } }), 'nested', 'json'],
  ['an object a line', 'a.ndjson', `${JSON.stringify(one)}\n\n${JSON.stringify(two)}`, 'devices', 'ndjson'],
])('%s is a table; absent members and null are blanks', async (_, name, text, instrument, kind) => {
  const report = await fixture.check(text, name, {}, instrument);
  expect(told(report)).toEqual([]);
  expect(report).toMatchObject({ accepted: true, rows: 2, format: { kind } });
});

test('numbers keep the digits they are written with', async () => {
  const { lines } = await fixture.issues('[{"id":"D1","offence":"01","seized":"2020-03-01","days":1.0},{"id":"D2","offence":"01","seized":"2020-03-01","days":12345678901234567890}]', 'a.json');
  expect(lines.map((l) => [l['code'], l['row']])).toEqual([['NOT_AN_INTEGER', 1], ['NOT_AN_INTEGER', 2]]);
});

test.each<[string, string, string, string[]]>([
  ['JSON cut off', 'a.json', '[{"id":"D1"', ['JSON_SYNTAX x1']],
  ['a line that is no JSON, with its line', 'a.ndjson', `${JSON.stringify(one)}\n{"id":`, ['JSON_SYNTAX l2 x1']],
  ['no array', 'a.json', '{"id":"D1"}', ['JSON_NO_RECORDS x1']],
  ['records that are no objects', 'a.json', '[1,2]', ['JSON_NO_RECORDS l1 x1']],
  ['an object in a cell', 'a.ndjson', JSON.stringify({ ...one, note: { a: 1 } }), ['JSON_NESTED note r1 l1 x1']],
  ['a member nobody asked for', 'a.ndjson', `${JSON.stringify(one)}\n${JSON.stringify({ ...two, surname: 'x' })}`, ['COLUMN_UNKNOWN surname r2 l2 x1']],
])('%s is refused', async (_, name, text, expected) => {
  const report = await fixture.check(text, name);
  expect(told(report)).toEqual(expected);
  expect(report.accepted).toBe(false);
});

test('no text of a bad JSON file is quoted', async () => {
  expect(JSON.stringify(await fixture.check('[{"id": Rumpelstiltskin', 'a.json'))).not.toContain('Rumpelstiltskin');
});

test('Parquet is a table, its dates, numbers and booleans typed', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'intake-parquet-'));
  const path = join(scratch, 'a.parquet');
  const engine = await openEngine({ scratch, allow: [] });
  await engine.run(`COPY (SELECT 'D' || i AS id, '01' AS offence, DATE '2020-03-01' + i::INT AS seized, i % 2 = 0 AS locked, i::INT AS days, NULL::VARCHAR AS note FROM range(500) t(i)) TO ${sqlText(path)} (FORMAT parquet)`, 'making a test file');
  engine.close();
  const report = await fixture.check(await readFile(path), 'a.parquet');
  expect(told(report)).toEqual([]);
  expect(report).toMatchObject({ accepted: true, rows: 500, format: { kind: 'parquet' } });
  const cut = (await readFile(path)).subarray(0, 900);
  expect(told(await fixture.check(cut, 'b.parquet'))).toEqual(['PARQUET_DAMAGED x1']);
  await rm(scratch, { recursive: true });
});

test('a workbook with the issues has a comment on each cell that has one', async () => {
  const ExcelJS = (await import('exceljs')).default;
  const target = fixture.path('issues.xlsx');
  await fixture.check(GOOD.replace(',01,', ',99,').replace('2020-03-02', '2021-02-30'), 'data.csv', { annotate: target });
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(target);
  const records = book.getWorksheet('Records');
  expect(records?.getCell('B2').note).toContain('UNKNOWN_CODE');
  expect(records?.getCell('C3').note).toContain('IMPOSSIBLE_DATE');
  expect(records?.getCell('A2').note).toBeUndefined();
  expect(book.getWorksheet('Issues')?.getRow(2).getCell(5).value).toBe('UNKNOWN_CODE');
});
