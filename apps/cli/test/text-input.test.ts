/** Files that would be misread: other encodings, blank codes, other separators, columns that nobody reads. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CELLS } from './cells.ts';
import { temporaryFolder, weighbridge } from './command-line.ts';

const DIMENSIONS = ['district', 'kind'].map((column) => ({ column, total: 'Total' }));
const SPEC = { dimensions: DIMENSIONS, rules: { minFrequency: { threshold: 3 } } };
const RECORDS = `district,kind\n${'north,phone\n'.repeat(5)}south,tablet\n`;

let folder = '';
const at = (name: string): string => join(folder, name);
const file = async (name: string, content: string | object | Uint8Array): Promise<string> => {
  await writeFile(at(name), typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return at(name);
};
beforeAll(async () => {
  folder = await temporaryFolder();
  await file('spec.json', SPEC);
});

/** The first issue of a command that refused. */
async function refused(...args: string[]): Promise<unknown> {
  const { code, events } = await weighbridge(args);
  expect(code).toBe(3);
  return events.find((e) => e['event'] === 'issue');
}
const protect = (cells: string, ...more: string[]): string[] => ['protect', cells, '--spec', at('spec.json'), '--out', at('out.csv'), ...more];
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('a file that is not UTF-8', () => {
  const SOUTHERN = CELLS.replaceAll('south', 'süd');

  test('is refused with file and line as a list of cells, as records, as a specification and as a list released before', async () => {
    const cells = await file('latin.csv', latin1(SOUTHERN));
    expect(await refused(...protect(cells))).toMatchObject({ code: 'NOT_UTF8', place: { file: cells, line: 4 } });
    const records = await file('latin-records.csv', latin1(RECORDS.replace('south', 'süd')));
    expect(await refused(...protect(records, '--microdata'))).toMatchObject({ code: 'NOT_UTF8', place: { file: records, line: 7 } });
    const spec = await file('latin.json', latin1(JSON.stringify({ ...SPEC, dimensions: [{ column: 'größe', total: 'Total' }] })));
    expect(await refused('protect', await file('cells.csv', CELLS), '--spec', spec, '--out', at('out.csv'))).toMatchObject({ code: 'NOT_UTF8', place: { file: spec, line: 1 } });
    const earlier = await temporaryFolder();
    await writeFile(join(earlier, 'before.csv'), latin1('district,kind,status,published\nsüd,phone,published,17\n'));
    await weighbridge(protect(at('cells.csv')));
    expect(await refused('audit', at('out.csv'), '--spec', at('spec.json'), '--earlier', earlier)).toMatchObject({ code: 'NOT_UTF8', place: { file: join(earlier, 'before.csv'), line: 2 } });
  });

  test.each([['little', Buffer.from(`\uFEFF${CELLS}`, 'utf16le')], ['big', Buffer.from(`\uFEFF${CELLS}`, 'utf16le').swap16()]])('UTF-16, %s end first, is named as such', async (_, bytes) => {
    expect(await refused(...protect(await file('wide.csv', bytes)))).toMatchObject({ code: 'NOT_UTF8', place: { line: 1 }, repair: expect.stringContaining('UTF-16') as string });
    expect(await refused(...protect(at('wide.csv'), '--microdata'))).toMatchObject({ code: 'NOT_UTF8', repair: expect.stringContaining('UTF-16') as string });
  });

  test('UTF-8 with a byte order mark is read, the specification too', async () => {
    const { code } = await weighbridge(['protect', await file('marked.csv', `\uFEFF${SOUTHERN}`), '--spec', await file('marked.json', `\uFEFF${JSON.stringify(SPEC)}`), '--out', at('out.csv')]);
    expect(code).toBe(0);
  });
});

describe('a blank code', () => {
  test.each(['', '  '])('“%s” in a list of cells is refused with file, row and column, in one released before too', async (blank) => {
    const cells = await file('blank.csv', CELLS.replace('north,tablet', `${blank},tablet`));
    expect(await refused(...protect(cells))).toMatchObject({ code: 'CODE_MISSING', place: { file: cells, row: 2, column: 'district' }, repair: expect.stringContaining('the code of its total') as string });
    const earlier = await temporaryFolder();
    await writeFile(join(earlier, 'before.csv'), `district,kind,status,published\nsouth,${blank},published,48\n`);
    await weighbridge(protect(await file('cells.csv', CELLS)));
    expect(await refused('audit', at('out.csv'), '--spec', at('spec.json'), '--earlier', earlier)).toMatchObject({ code: 'CODE_MISSING', place: { file: join(earlier, 'before.csv'), row: 1, column: 'kind' } });
  });
});

describe('a column that nothing uses', () => {
  const issues = async (...args: string[]): Promise<unknown> => (await weighbridge(args)).events.filter((e) => e['event'] === 'issue').map((e) => [e['code'], (e['place'] as { column?: string }).column]);
  const withColumn = (text: string, name: string): string => text.trim().split('\n').map((line, i) => `${line},${i === 0 ? name : '5'}`).join('\n');

  test.each(['day', 'state', 'male', 'row', 'wave1', 'notes', 'amount', 'status'])('%s is told and left out of what is written', async (name) => {
    const cells = await file('more.csv', withColumn(CELLS, name));
    const made = await weighbridge(protect(cells));
    expect([made.code, made.events.filter((e) => e['event'] === 'issue')]).toMatchObject([0, [{ code: 'COLUMN_UNUSED', severity: 'warning', place: { file: cells, column: name } }]]);
    expect(await issues(...protect(await file('more.csv', withColumn(RECORDS, name)), '--microdata'))).toEqual([['COLUMN_UNUSED', name]]);
  });

  test.each([
    ['Value', 'value'], ['vlaue', 'value'], ['values', 'value'], ['contributor', 'contributors'], ['contributers', 'contributors'], ['request', 'requested'], ['draws', 'draw'], ['largest', 'largest1'],
    ['larget2', 'largest2'], ['Waived1', 'waived1'],
  ])('“%s” in cells is refused, for it is nearly “%s”', async (name, meant) => {
    expect(await refused(...protect(await file('more.csv', withColumn(CELLS, name))))).toMatchObject({ code: 'COLUMN_MISSPELT', place: { column: name }, repair: expect.stringContaining(`“${meant}”`) as string });
  });

  test('“Freq” for “freq” is said to be a misspelling, not a column that is missing', async () => {
    expect(await refused(...protect(await file('more.csv', CELLS.replace('freq', 'Freq'))))).toMatchObject({ code: 'COLUMN_MISSPELT', place: { column: 'Freq' } });
  });

  test('“contributors” in records is refused, and told apart from a dimension of that name', async () => {
    expect(await refused(...protect(await file('more.csv', withColumn(RECORDS, 'contributors')), '--microdata'))).toMatchObject({ code: 'COLUMN_MISSPELT', place: { column: 'contributors' } });
    const spec = await file('dimension.json', { ...SPEC, dimensions: [...DIMENSIONS, { column: 'contributors', total: 'Total' }] });
    expect(await issues('protect', at('more.csv'), '--microdata', '--spec', spec, '--out', at('out.csv'))).toEqual([]);
  });

  test('audit and lists released before: “Published” is refused, and a column more is told', async () => {
    await weighbridge(protect(await file('cells.csv', CELLS)));
    const list = await file('list.csv', withColumn(['district,kind,status,published', 'north,phone,published,1'].join('\n'), 'notes'));
    expect(await issues('audit', list, '--spec', at('spec.json'))).toEqual([['COLUMN_UNUSED', 'notes']]);
    const earlier = await temporaryFolder();
    await writeFile(join(earlier, 'before.csv'), 'district,kind,status,Published\nnorth,Total,published,24\n');
    expect(await refused('audit', at('out.csv'), '--spec', at('spec.json'), '--earlier', earlier)).toMatchObject({ code: 'COLUMN_MISSPELT', place: { file: join(earlier, 'before.csv'), column: 'Published' } });
  });
});

describe('separators and numbers', () => {
  test.each([['tabs', '\t'], ['semicolons', ';']])('a file with %s is told what it has, as cells and as records', async (name, separator) => {
    const repair = expect.stringContaining(name) as string;
    expect(await refused(...protect(await file('other.csv', CELLS.replaceAll(',', separator).replace(/1$/m, '1,0'))))).toMatchObject({ code: 'CSV', place: { line: 1 }, repair });
    expect(await refused(...protect(await file('other.csv', RECORDS.replaceAll(',', separator)), '--microdata'))).toMatchObject({ code: 'CSV', place: { line: 1 }, repair });
  });

  test.each(['0x1', '0b1', '0o1', '1e', '1_0', 'Infinity', '1 0', '--1', ''])('“%s” is no number, in cells as in records', async (text) => {
    expect(await refused(...protect(await file('number.csv', CELLS.replace('north,phone,1', `north,phone,${text}`))))).toMatchObject({ code: 'NOT_A_NUMBER', place: { row: 1, column: 'freq' } });
    expect(await refused(...protect(await file('number.csv', `district,kind,value\nnorth,phone,${text}\n`), '--microdata'))).toMatchObject({ code: 'NOT_A_NUMBER', place: { row: 1, column: 'value' } });
  });

  test.each(['1', '1.0', '1e0', ' 1 ', '+1', '.1e1'])('“%s” is one', async (text) => {
    expect((await weighbridge(protect(await file('number.csv', CELLS.replace('north,phone,1', `north,phone,${text}`))))).code).toBe(0);
  });
});
