import { readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Refusal } from '@weighbridge/base';
import { writeXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFile } from '../src/index.ts';
import { DEVICES, Fixture, GOOD, HEADER, told } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({ devices: DEVICES, latin: DEVICES.replace('id: devices', 'id: latin').replace('coverage:', 'format: {encoding: windows-1252}\ncoverage:') });
});
afterAll(() => fixture.dispose());

const rows = (...records: string[]): string => [HEADER, ...records, ''].join('\n');
const utf16 = (text: string, mark: boolean): Buffer => Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');

describe('accepted, whatever their form', () => {
  test.each<[string, string | Uint8Array, Record<string, unknown>]>([
    ['plain CSV', GOOD, { newline: 'lf', encoding: 'utf-8', delimiter: ',' }],
    ['CRLF', GOOD.replaceAll('\n', '\r\n'), { newline: 'crlf' }],
    ['bare CR', GOOD.replaceAll('\n', '\r'), { newline: 'cr' }],
    ['a byte order mark', `\ufeff${GOOD}`, { encoding: 'utf-8' }],
    ['UTF-16 with a mark', utf16(GOOD, true), { encoding: 'utf-16le' }],
    ['UTF-16 without a mark', utf16(GOOD, false), { encoding: 'utf-16le' }],
    ['UTF-16, big end first', utf16(GOOD, true).swap16(), { encoding: 'utf-16be' }],
    ['semicolons', GOOD.replaceAll('second, with', 'second with').replaceAll(',', ';'), { delimiter: ';' }],
    ['tabs', GOOD.replaceAll('second, with', 'second with').replaceAll(',', '\t'), { delimiter: '\t' }],
    ['gzip', gzipSync(GOOD), { compressed: true }],
    ['mixed line ends', GOOD.replace('\n', '\r\n'), { newline: 'mixed' }],
    ['blank lines', GOOD.replaceAll('\n', '\n\n'), {}],
    ['columns in another order', 'note,days,locked,seized,offence,id\nx,10,true,2020-03-01,01,D1\ny,,false,2020-03-02,02,D2\n', {}],
    ['spaces around values and names', GOOD.replaceAll(',01,', ', 01\u00a0,').replace('offence', ' offence '), {}],
    ['no line end at the end', GOOD.trimEnd(), {}],
  ])('%s', async (_, data, format) => {
    const report = await fixture.check(data, 'data');
    expect(told(report)).toEqual([]);
    expect(report).toMatchObject({ accepted: true, rows: 2, format: { kind: 'csv', ...format } });
  });

  test('Windows-1252 where the instrument says so', async () => {
    const report = await fixture.check(Buffer.from(rows('D1,01,2020-03-01,true,1,caf\u00e9 \x93x\x94'), 'latin1'), 'data.csv', {}, 'latin');
    expect(report).toMatchObject({ accepted: true, format: { encoding: 'windows-1252' } });
  });

  test.each<[string, string | Promise<Uint8Array>]>([
    ['a.csv', `${HEADER}\n`], ['a.json', '[]'], ['a.xlsx', writeXlsx({ sheets: [{ name: 'Data', rows: [HEADER.split(',')] }] })],
  ])('a file without records, with a warning: %s', async (name, data) => {
    expect(told(await fixture.check(await data, name))).toEqual(['NO_RECORDS x1']);
  });
});

describe('refused, with place and code', () => {
  test.each<[string, string | Uint8Array, string[]]>([
    ['cut off inside a quote', `${rows('D1,01,2020-03-01,true,1,x')}D2,01,2020-03-01,true,1,"unfini`, ['TRUNCATED note r2 l3 x1']],
    ['cut off inside a record', `${rows('D1,01,2020-03-01,true,1,x')}D2,01,2020`, ['RAGGED r2 l3 x1']],
    ['cut off in gzip', gzipSync(rows(...Array.from({ length: 500 }, (_, i) => `D${i},01,2020-03-01,true,1,${Math.sin(i)}`))).subarray(0, 900), ['TRUNCATED x1']],
    ['binary', Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 256)), ['NOT_TEXT l1 x1']],
    ['Latin-1 that nobody declared', Buffer.from(rows('D1,01,2020-03-01,true,1,x', 'D2,01,2020-03-01,true,1,caf\u00e9'), 'latin1'), ['ENCODING note r2 l3 x1']],
    ['a bare CR in a record', rows('D1,01,2020-03-01,true,1,x\ry'), ['BARE_CR r1 l2 x1']],
    ['records with a field too few and too many', rows('D1,01,2020-03-01,true,1', 'D2,01,2020-03-01,true,1,x', 'D3,01,2020-03-01,true,1,x,y'), ['RAGGED r1 l2 x2']],
    ['a field of 10 MB', rows(`D1,01,2020-03-01,true,1,${'x'.repeat(10 << 20)}`), ['FIELD_TOO_LONG note r1 l2 x1']],
    ['a column named twice', `id,id,offence,seized,locked,days,note\nD1,D1,01,2020-03-01,true,1,x\n`, ['HEADER_DUPLICATE id l1 x1']],
    ['a column missing', 'id,offence,locked,days,note\nD1,01,true,1,x\n', ['COLUMN_MISSING seized l1 x1']],
    ['a column nobody asked for', `${HEADER},surname\nD1,01,2020-03-01,true,1,x,Doe\n`, ['COLUMN_UNKNOWN surname l1 x1']],
    ['text after a quote', rows('D1,01,2020-03-01,true,1,"x"y'), ['QUOTE_MALFORMED note r1 l2 x1']],
    ['an unknown code', rows('D1,01,2020-03-01,true,1,x', 'D2,99,2020-03-01,true,1,x'), ['UNKNOWN_CODE offence r2 l3 x1']],
    ['a date that cannot be', rows('D1,01,2021-02-29,true,1,x'), ['IMPOSSIBLE_DATE seized r1 l2 x1']],
    ['a date in another form', rows('D1,01,1/3/2020,true,1,x'), ['NOT_A_DATE seized r1 l2 x1']],
    ['a blank where a value must be', rows('D1,01, ,true,1,x'), ['REQUIRED seized r1 l2 x1']],
    ['a key twice', rows('D1,01,2020-03-01,true,1,x', 'D2,01,2020-03-01,true,1,x', 'D1,02,2020-03-01,true,1,x'), ['REPEATED_KEY id r1 l2 x1']],
    ['a number out of bounds', rows('D1,01,2020-03-01,true,-1,x', 'D2,01,2020-03-01,true,1001,x'), ['BELOW_MINIMUM days r1 l2 x1', 'ABOVE_MAXIMUM days r2 l3 x1']],
  ])('%s', async (_, data, expected) => {
    const report = await fixture.check(data, 'data');
    expect(told(report)).toEqual(expected);
    expect(report.accepted).toBe(false);
    for (const issue of report.summary) expect(issue.message + issue.repair).not.toMatch(/Error|\bat \/|undefined|null/);
  });

  test('a gzip file that unpacks to thousands of times its size is refused before it fills the disk', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(rows()), Buffer.alloc(40 << 20, 'D1,01,2020-03-01,true,1,x\n')]));
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(told(await fixture.check(bomb, 'data.csv.gz')).map((s) => s.split(' ')[0])).toContain('ZIP_BOMB');
  });

  test.each([
    ['no file', 'absent.csv', 'FILE_MISSING'], ['a folder', 'instruments', 'FILE_UNREADABLE'],
  ])('%s', async (_, name, code) => {
    await expect(checkFile(fixture.path(name), await fixture.instrument())).rejects.toMatchObject({ code });
  });

  test.each([['an empty file', '', 'FILE_EMPTY'], ['a PDF', '%PDF-1.7 x', 'NOT_A_TABLE'], ['damaged gzip', `\x1f\x8b\x08\0${'\xff'.repeat(99)}`, 'GZIP_DAMAGED'], ['an old workbook', '\xd0\xcf\x11\xe0', 'NOT_A_TABLE']])('%s', async (_, text, code) => {
    await expect(fixture.check(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ code });
  });
});

test('every issue of every record is written, with row, line, column, code, message and repair', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `D${i},99,2020-03-01,perhaps,${i % 2 === 0 ? 'x' : '5'},n`);
  const { report, lines } = await fixture.issues(rows(...many));
  expect(lines).toHaveLength(3000 + 3000 + 1500);
  expect(lines[0]).toEqual({ row: 1, line: 2, column: 'offence', code: 'UNKNOWN_CODE', severity: 'error', message: 'the code is not in the list “Offences” (test): expected one of 01, 02', repair: expect.any(String) as string });
  expect(report.summary.map((i) => [i.code, i.count])).toEqual([['UNKNOWN_CODE', 3000], ['NOT_A_BOOLEAN', 3000], ['NOT_AN_INTEGER', 1500]]);
});

test('line numbers hold where fields span lines and lines are blank', async () => {
  const { lines } = await fixture.issues(rows('D1,01,2020-03-01,true,1,"a\nb\nc"', '', 'D2,99,2020-03-01,true,1,x'));
  expect(lines).toMatchObject([{ row: 2, line: 6, code: 'UNKNOWN_CODE' }]);
});

test('no value of a confidential field is in a report, an issue file or a refusal', async () => {
  const secret = 'Rumpelstiltskin';
  const data = rows(`${secret},${secret},${secret},${secret},${secret},"${secret}"x`, `${secret},01,2020-03-01,true,1,x`);
  const { report, lines } = await fixture.issues(data);
  expect(lines.length).toBeGreaterThan(5);
  expect(JSON.stringify([report, lines])).not.toContain(secret);
});

test('a header that is a record is refused without being quoted', async () => {
  const report = await fixture.check(`${'Rumpelstiltskin'.repeat(6)},b\n1,2\n`);
  expect(report.accepted).toBe(false);
  expect(JSON.stringify(report)).not.toContain('Rumpelstiltskin');
});

test('nothing is left in the temporary folder, whatever came of the check', async () => {
  const scratch = await fixture.write('scratch/.keep', '');
  const options = { scratch: scratch.replace('/.keep', '') };
  await fixture.check(GOOD, 'data.csv', options);
  await fixture.check(rows('D1,99,2020-03-01,true,1,"'), 'data.csv', options);
  await expect(fixture.check('', 'data.csv', options)).rejects.toBeInstanceOf(Refusal);
  expect(await readdir(options.scratch)).toEqual(['.keep']);
});

test.each([['issuesFile'], ['annotate']])('%s in a folder that is not there is told before the work', async (option) => {
  await expect(fixture.check(GOOD, 'data.csv', { [option]: fixture.path('nowhere/out') })).rejects.toMatchObject({ code: 'USAGE' });
});

test('the original is only read', async () => {
  const path = await fixture.write('original.csv', GOOD.replaceAll('\n', '\r'));
  const before = await readFile(path);
  await checkFile(path, await fixture.instrument());
  expect(await readFile(path)).toEqual(before);
  await writeFile(path, before);
});
