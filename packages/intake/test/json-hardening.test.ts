import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine, sqlText } from '@weighbridge/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyRaw } from '../src/copy-raw.ts';
import { Findings } from '../src/findings.ts';
import { mapHeader } from '../src/header.ts';
import { duplicateMember } from '../src/json-text.ts';
import { splitLines } from '../src/split-lines.ts';
import { DEVICES, Fixture, GOOD, HEADER, fieldInstrument, told } from './fixture.ts';

const SECRET = 'Rumpelstiltskin';
let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({
    devices: DEVICES,
    one: fieldInstrument('{name: v, title: V, type: number}'), percent: fieldInstrument('{name: v, title: V, type: percent}').replace('id: one', 'id: percent'),
  });
});
afterAll(() => fixture.dispose());

const record = (n: number, more: Record<string, unknown> = {}): string => JSON.stringify({ id: `D${n}`, offence: '01', seized: '2020-03-01', locked: true, days: 10, note: 'first', ...more });

describe('nothing of a JSON file is lost', () => {
  test.each<[string, number]>([['2 MB', 2 << 20], ['20 MB', 20 << 20], ['40 MB', 40 << 20]])('a last line of %s is refused with its place', async (_, length) => {
    const report = await fixture.check(`${record(1)}\n${record(2, { note: 'x'.repeat(length) })}`, 'a.ndjson');
    expect(told(report)).toEqual(['FIELD_TOO_LONG note l2 x1']);
    expect(report.accepted).toBe(false);
  });

  test('a text over the limit in a line below it is refused with its row', async () => {
    expect(told(await fixture.check(`${record(1)}\n${record(2, { note: 'x'.repeat(1_100_000) })}\n`, 'a.ndjson'))).toEqual(['FIELD_TOO_LONG note r2 l2 x1']);
    expect(told(await fixture.check(`[${record(1)},${record(2, { note: 'x'.repeat(3 << 20) })}]`, 'a.json'))).toEqual(['FIELD_TOO_LONG note r2 l1 x1']);
  });

  test('a long line of short texts, and one made long by doubled quotes, are records too long', async () => {
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`m${i}`, 1]));
    expect(told(await fixture.check(`${record(1)}\n${record(2, many)}\n`, 'a.ndjson'))).toEqual(['RECORD_TOO_LONG l2 x1']);
    expect(told(await fixture.check(`[${record(1, { note: '"'.repeat(1_000_000) })}]`, 'a.json'))).toEqual(['RECORD_TOO_LONG r1 l1 x1']);
    expect(told(await fixture.check(`${HEADER}\rD1,01,2020-03-01,true,1,x${'"'.repeat(1_000_000)}\r`))).toEqual(['RECORD_TOO_LONG r1 l2 x1']);
  });

  test('a text just below the limit is a record like others', async () => {
    expect(await fixture.check(`${record(1)}\n${record(2, { note: 'x'.repeat(1_000_000) })}`, 'a.ndjson')).toMatchObject({ accepted: true, rows: 2 });
  });

  test('a stage that holds fewer records than were counted is refused', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'intake-lost-'));
    const engine = await openEngine({ scratch, allow: [] });
    const instrument = await fixture.instrument('one');
    const findings = new Findings('a.csv', join(scratch, 'issues.ndjson'));
    const { layout } = mapHeader(['n', 'v'], instrument.definition);
    const from = `(SELECT i AS _row, i AS _line, '1' AS c0, '2' AS c1 FROM range(3) t(i))`;
    expect(await copyRaw({ engine, instrument, findings, scratch }, layout, from, 3)).toMatchObject({ readable: true });
    expect(findings.summary()).toEqual([]);
    expect(await copyRaw({ engine, instrument, findings, scratch }, layout, from, 4)).toMatchObject({ readable: false });
    expect(findings.summary()).toMatchObject([{ code: 'RECORDS_LOST', severity: 'error' }]);
    findings.close();
    engine.close();
    await rm(scratch, { recursive: true });
  });
});

describe('a name that stands twice in an object', () => {
  test.each<[string, string, string, string[]]>([
    ['in a line', 'a.ndjson', `${record(1)}\n${record(2).replace('{', '{"note":"x",')}`, ['JSON_DUPLICATE_MEMBER note l2 x1']],
    ['in a document', 'a.json', `[${record(1)},\n${record(2).replace('{', '{"n\\u006fte":"x",')}]`, ['JSON_DUPLICATE_MEMBER note l2 x1']],
    ['that is not the instrument’s, and is not told', 'a.ndjson', `{"${SECRET}":1,"${SECRET}":2}`, ['JSON_DUPLICATE_MEMBER l1 x1']],
  ])('%s is refused', async (_, name, text, expected) => {
    const report = await fixture.check(text, name);
    expect(told(report)).toEqual(expected);
    expect(JSON.stringify(report)).not.toContain(SECRET);
  });

  test('is told from one in another object, in a value, or behind escapes', () => {
    const texts = ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', '{"a":"\\"a\\":1,\\"a\\":","b":"a","c":"a"}', '{"a":"x\\\\","b":"{\\"b\\":1}"}', '["a","a"]', '{"a":["a","a"],"b":1}'];
    for (const json of texts) expect(duplicateMember(json)).toBeUndefined();
    for (const json of ['{"a":1,"a":2}', '{"x":[{"a":"\\\\","a":2}]}', '{"a":{"b":1},"a":2}', '{"a\\"b":1,"a\\u0022b":2}', '{"a":[[1,{}],2],"a":2}']) expect(duplicateMember(json)).toBeDefined();
  });

  test('never stands in what was written from an object', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(duplicateMember(JSON.stringify(value))).toBeUndefined();
      expect(duplicateMember(`{"k":${JSON.stringify(value)},"k":1}`)).toMatchObject({ name: 'k' });
    }), { seed: 20231106 });
  });
});

describe('texts that are no Unicode are refused with their place', () => {
  const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
  test.each<[string, string, string | Buffer, string[]]>([
    ['bytes of Latin-1 in NDJSON', 'a.ndjson', latin(`${record(1)}\n${record(2, { note: 'caf\u00e9' })}`), ['ENCODING l2 x1']],
    ['bytes of Latin-1 in JSON', 'a.json', latin(`[${record(1)},\n${record(2, { note: 'caf\u00e9' })}\n]`), ['ENCODING l2 x1']],
    ['U+0000', 'a.ndjson', record(1, { note: 'a\0b' }), ['NUL_BYTE note r1 l1 x1']],
    ['half a surrogate pair', 'a.ndjson', record(1, { note: 'a\ud800b' }), ['ENCODING note r1 l1 x1']],
  ])('%s', async (_, name, data, expected) => {
    expect(told(await fixture.check(data, name))).toEqual(expected);
  });
});

test('U+2028 and U+2029 end no line of NDJSON', async () => {
  const { report, lines } = await fixture.issues(`${record(1, { note: 'a\u2028b\u2029c\u0085d' })}\r\n${record(2, { offence: '99' })}\n`, 'a.ndjson');
  expect(report.rows).toBe(2);
  expect(lines).toMatchObject([{ code: 'UNKNOWN_CODE', row: 2, line: 2 }]);
});

test('the workbook of issues takes U+2028 in an issue for a part of its text', async () => {
  const ExcelJS = (await import('exceljs')).default;
  const target = fixture.path('issues.xlsx');
  await fixture.write('instruments/quoted.yaml', fieldInstrument('{name: v, title: V, type: string}').replace('id: one', 'id: quoted'));
  await fixture.check('[{"n":1,"v":"x","a\u2028b":1}]', 'a.json', { annotate: target }, 'quoted');
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(target);
  expect(book.getWorksheet('Issues')?.getRow(2).getCell(5).value).toBe('COLUMN_UNKNOWN');
});

test('lines are the same however the stream is cut, and one that grows too long ends them', async () => {
  const data = Buffer.from('a\n\nb\u2028c\r\nlast');
  for (let size = 1; size <= data.length; size++) {
    const chunks = Array.from({ length: Math.ceil(data.length / size) }, (_, i) => data.subarray(i * size, (i + 1) * size));
    expect((await collect(chunks, 100)).map(String)).toEqual(['a', '', 'b\u2028c\r', 'last']);
  }
  expect((await collect([Buffer.from('a\nbbbb'), Buffer.from('bbbb'), Buffer.from('b\nc')], 6)).map(String)).toEqual(['a', 'bbbbbbbb']);
});

async function collect(chunks: readonly Buffer[], most: number): Promise<Buffer[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  const lines: Buffer[] = [];
  for await (const line of splitLines(stream(), most)) lines.push(line);
  return lines;
}

describe('a record in the place of the header is not echoed', () => {
  test.each<[string, string]>([
    ['read in place', `${SECRET},01,2020-03-01,true,10,x\nD2,01,2020-03-01,true,10,x\n`],
    ['rewritten', `${SECRET},01,2020-03-01,true,10,x\r\n\nD2,01,2020-03-01,true,10,"a"b\n`],
    ['with one name right', `id,${SECRET},2020-03-01,true,10,x\nD2,01,2020-03-01,true,10,"a"b\n`],
  ])('%s', async (_, data) => {
    const { report, lines } = await fixture.issues(data);
    expect(told(report)).toEqual(['HEADER_MISSING l1 x1']);
    expect(JSON.stringify([report, lines])).not.toContain(SECRET);
  });

  test('a header written in another case is a header', async () => {
    const codes = told(await fixture.check(GOOD.replace(HEADER, HEADER.toUpperCase()))).map((t) => t.split(' ')[0]);
    expect(codes).not.toContain('HEADER_MISSING');
  });

  test.each<[string, string]>([
    ['first', `{"${SECRET}":{"x":1}}`], ['later', `{"id":"D1"}\n{"${SECRET}":"x"}`],
  ])('nor a member name that may be a value, in the %s record', async (_, data) => {
    const { report, lines } = await fixture.issues(data, 'a.ndjson');
    expect(told(report).join()).toContain('COLUMN_UNKNOWN');
    expect(JSON.stringify([report, lines])).not.toContain(SECRET);
  });
});

describe('a number that is not zero is never kept as zero', () => {
  test.each<[string, string, string[]]>([
    ['one', '1e-7', ['ROUNDED_TO_ZERO v r1 x1']], ['one', '-2.5E-9', ['ROUNDED_TO_ZERO v r1 x1']], ['percent', '1e-5', ['ROUNDED_TO_ZERO v r1 x1']],
    ['one', '0.00000001', ['ROUNDED_TO_ZERO v r1 x1']],
    ['one', '0e5', []], ['one', '0.000000', []], ['one', '1e-6', []], ['one', '1.5e3', []],
  ])('as %s: %s', async (id, text, expected) => {
    const without = (s: string): string => s.replace(/ l\d/, '');
    expect(told(await fixture.check(`n,v\n1,${text}\n`, 'a.csv', {}, id)).map(without)).toEqual(expected);
    expect(told(await fixture.check(`[{"n":1,"v":${text}}]`, 'a.json', {}, id)).map(without)).toEqual(expected);
  });

  test('and decimals hidden in an exponent are told when they are rounded', async () => {
    const codes = async (text: string): Promise<string[]> => (await fixture.check(`n,v\n1,${text}\n`, 'a.csv', {}, 'one')).summary.map((i) => i.code);
    expect(await codes('1.5e-6')).toEqual(['ROUNDED']);
    expect(await codes('1.23456789e3')).toEqual([]);
  });
});

describe('the engine’s own name for the row number', () => {
  test('is refused as the name of a field', async () => {
    await fixture.write('instruments/rownumber.yaml', fieldInstrument('{name: file_row_number, title: V, type: string}').replace('id: one', 'id: rownumber'));
    await expect(fixture.instrument('rownumber')).rejects.toMatchObject({ name: 'Refusal' });
  });

  test('as a column of a Parquet file is a column like others', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'intake-parquet-'));
    const path = join(scratch, 'a.parquet');
    const engine = await openEngine({ scratch, allow: [] });
    await engine.run(`COPY (SELECT i AS n, IF(i = 2, 'x', '1.5') AS v, 'x' AS file_row_number FROM range(3) t(i)) TO ${sqlText(path)} (FORMAT parquet)`, 'making a test file');
    engine.close();
    expect(told(await fixture.check(await readFile(path), 'a.parquet', {}, 'one'))).toEqual(['COLUMN_UNKNOWN file_row_number x1', 'NOT_A_NUMBER v r3 x1']);
    await rm(scratch, { recursive: true });
  });
});

test.each(['·', '"', 'a', '\n', ';;'])('a delimiter %j is refused where it is defined', async (delimiter) => {
  await fixture.write('instruments/delimited.yaml', DEVICES.replace('id: devices\n', 'id: delimited\n').replace('coverage:', `format: {delimiter: ${JSON.stringify(delimiter)}}\ncoverage:`));
  await expect(fixture.instrument('delimited')).rejects.toMatchObject({ name: 'Refusal' });
});
