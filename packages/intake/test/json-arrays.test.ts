import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cellText } from '../src/json-cells.ts';
import { parseDigits, readLines } from '../src/json-document.ts';
import { elementLines } from '../src/json-text.ts';
import { MAX_COLUMNS } from '../src/limits.ts';
import { openStore, submitFile } from '../src/index.ts';
import type { Submitted } from '../src/index.ts';
import { Fixture, fieldInstrument, parquetRows, told } from './fixture.ts';

const SECRET = 'Rumpelstiltskin';

/** An instrument over half-years, kinds and banded counts, with a format of its own. */
function requests(id: string, format: string, fields = ''): string {
  return `id: ${id}
title: Requests
description: Made-up requests for tests
record: One half-year and kind
unit: {id: request, one: request, many: requests}
sensitivity: {level: public, reason: invented for tests}
coverage: nobody
format: ${format}
fields:
  - {name: period, title: Half-year, type: string, required: true}
  - {name: kind, title: Kind, type: string}
  - {name: n, title: Requests, type: integer, bounds: [band], required: true}
${fields}measures:
  - {id: requests, label: Requests, sum: n}
`;
}

const PLAIN = 'columns: [period, kind, n]';
let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.make({
    plain: requests('plain', `{records: data.rows, json: {${PLAIN}}}`),
    root: requests('root', `{json: {${PLAIN}}}`),
    named: requests('named', '{records: rows, json: {columns: meta.names}}'),
    header: requests('header', '{json: {header: true}}'),
    coded: requests('coded', `{records: rows, json: {${PLAIN}, lists: {period: periods, kind: kinds}}}`),
    banded: requests('banded', '{records: rows, json: {columns: names, bands: {n: {low: least, high: most}}}}'),
    objects: requests('objects', '{records: rows, json: {lists: {period: periods}, bands: {n: {low: least, high: most}}}}'),
    wide: requests('wide', "{json: {header: true}, unpivot: {columns: '^[a-z]$', name: kind, value: n}}"),
  });
});
afterAll(() => fixture.dispose());

const json = (value: unknown): string => JSON.stringify(value);


let stores = 0;
async function submit(text: string, name: string, id: string): Promise<{ submitted: Submitted; rows: string[] }> {
  const store = await openStore(fixture.path(`store-${stores++}`));
  const submitted = await submitFile({ file: await fixture.write(name, text), collection: await fixture.collection(), instrument: id, agency: 'police', round: '2020', store });
  const rows = await parquetRows(store.objectPath(submitted.manifest.sealed.sha384), 'period, kind, n__state AS state, n__lo AS lo, n__hi AS hi');
  return { submitted, rows: rows.map((r) => [r['period'], r['kind'], r['state'], r['lo'], r['hi']].map((v) => (v === null || v === undefined ? '-' : String(v))).join('|')) };
}

const TABLE = [['2024 H1', 'letters', 5], ['2024 H2', null, '0-249']];
const SEALED = ['2024 H1|letters|exact|5|5', '2024 H2|-|band|0|249'];

describe('rows that are arrays are a table', () => {
  test.each<[string, string, string, string]>([
    ['at a path, the instrument naming the columns', 'a.json', json({ data: { rows: TABLE } }), 'plain'],
    ['as the whole document', 'a.json', json(TABLE), 'root'],
    ['one a line', 'a.ndjson', TABLE.map(json).join('\n'), 'root'],
    ['the document naming the columns, in another order', 'a.json', json({ rows: TABLE.map(([p, k, n]) => [n, p, k]), meta: { names: ['n', 'period', 'kind'] } }), 'named'],
    ['the first row naming the columns', 'a.json', json([['kind', 'n', 'period'], ...TABLE.map(([p, k, n]) => [k, n, p])]), 'header'],
    ['the first line naming the columns', 'a.ndjson', `${json(['period', 'kind', 'n'])}\n\n${TABLE.map(json).join('\n')}\n`, 'header'],
  ])('%s', async (_, name, text, id) => {
    const { submitted, rows } = await submit(text, name, id);
    expect(told(submitted.report)).toEqual([]);
    expect(rows).toEqual(SEALED);
  });

  test('and are the same records as the same rows in CSV', async () => {
    const csv = await submit('period,kind,n\n2024 H1,letters,5\n2024 H2,,0-249\n', 'a.csv', 'root');
    expect(csv.rows).toEqual(SEALED);
  });

  test('and wide columns of them become records', async () => {
    const { rows } = await submit(json([['period', 'a', 'b'], ['2024 H1', 1, '0-9']]), 'a.json', 'wide');
    expect(rows).toEqual(['2024 H1|a|exact|1|1', '2024 H1|b|band|0|9']);
  });

  test('and 100,000 of them are read from lines', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => json([`20${10 + (i % 15)} H1`, `k${i % 7}`, i]));
    const report = await fixture.check(lines.join('\n'), 'a.ndjson', {}, 'root');
    expect(told(report)).toEqual([]);
    expect(report.rows).toBe(100_000);
  });
});

test('lines are read as they are asked for, not all at once', async () => {
  const instrument = await fixture.instrument('root');
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      given += 1;
      yield await Promise.resolve(Buffer.from(`[${given},\n${given}]\n`.replace('\n', '')));
    }
  }
  const source = { path: '', name: 'a.ndjson', bytes: 0, kind: 'ndjson', compressed: false, head: Buffer.alloc(0) } as const;
  const seen: unknown[] = [];
  for await (const { value, line } of readLines({ source, instrument }, endless())) {
    seen.push([value, line]);
    if (line === 3) break;
  }
  expect(seen).toEqual([[[1, 1], 1], [[2, 2], 2], [[3, 3], 3]]);
  expect(given).toBe(3);
});

describe('a form that differs is refused:', () => {
  const rows = (...more: unknown[]): string => json({ data: { rows: [...TABLE, ...more] } });
  test.each<[string, string, string, string, string[]]>([
    ['a row too short and one too long, with their places', 'a.json', rows(['2025 H1'], ['2025 H1', 'x', 1], ['2025 H1', 'x', 1, 2]), 'plain', ['RAGGED r3 l1 x2']],
    ['a line too short, with its line', 'a.ndjson', `${json(['period', 'kind', 'n'])}\n["2024 H1"]\n`, 'header', ['RAGGED r1 l2 x1']],
    ['an object among the rows', 'a.json', rows({ period: '2025 H1' }), 'plain', ['JSON_NO_RECORDS r3 l1 x1']],
    ['a line that is an object', 'a.ndjson', '["a","b",1]\n{"period":1}', 'root', ['JSON_NO_RECORDS r2 l2 x1']],
    ['an array in a cell', 'a.json', rows(['2025 H1', ['x'], 1]), 'plain', ['JSON_NESTED kind r3 l1 x1']],
    ['U+0000 in a cell', 'a.json', rows(['2025 H1', 'a\0b', 1]), 'plain', ['NUL_BYTE kind r3 l1 x1']],
    ['a text too long', 'a.json', rows(['2025 H1', 'x'.repeat(1_100_000), 1]), 'plain', ['FIELD_TOO_LONG kind r3 l1 x1']],
    ['no rows at the path', 'a.json', json({ data: { items: TABLE } }), 'plain', ['JSON_NO_RECORDS x1']],
    ['rows that are no array', 'a.json', json({ data: { rows: { a: TABLE } } }), 'plain', ['JSON_NO_RECORDS x1']],
    ['no list of names at its path', 'a.json', json({ rows: TABLE }), 'named', ['JSON_LIST x1']],
    ['names that are no texts', 'a.json', json({ rows: TABLE, meta: { names: [['period']] } }), 'named', ['JSON_LIST x1']],
    ['a header without a column', 'a.json', json([['period', 'kind'], ['2024 H1', 'x']]), 'header', ['COLUMN_MISSING n x1']],
    ['a header with a column nobody asked for', 'a.json', json([['period', 'surname', 'kind', 'n'], ['2024 H1', 'x', 'y', 1]]), 'header', ['COLUMN_UNKNOWN surname x1']],
    ['a header with a column twice', 'a.json', json([['period', 'kind', 'n', 'n'], ['2024 H1', 'x', 1, 1]]), 'header', ['HEADER_DUPLICATE n x1']],
    ['no header at all', 'a.json', '[]', 'header', ['HEADER_MISSING x1']],
    ['more columns than a table has', 'a.json', json([Array.from({ length: MAX_COLUMNS + 1 }, (_, i) => `c${i}`)]), 'header', ['TOO_MANY_COLUMNS l1 x1']],
    ['a list asked of a file of lines', 'a.ndjson', TABLE.map(json).join('\n'), 'coded', ['JSON_LIST x1']],
    ['cut off inside a row', 'a.json', rows().slice(0, -9), 'plain', ['JSON_SYNTAX x1']],
  ])('%s', async (_, name, text, id, expected) => {
    const report = await fixture.check(text, name, {}, id);
    expect(told(report)).toEqual(expected);
    expect(report.accepted).toBe(false);
  });

  test('a message says which part of a path is not there', async () => {
    const message = async (text: string, id: string): Promise<string> => (await fixture.check(text, 'a.json', {}, id)).summary[0]?.message ?? '';
    expect(await message('{"data":{}}', 'plain')).toBe('expected an array of arrays at data.rows; there is no data.rows');
    expect(await message('{"dat":{}}', 'plain')).toBe('expected an array of arrays at data.rows; there is no data');
    expect(await message('{"data":{"rows":7}}', 'plain')).toBe('expected an array of arrays at data.rows; found something else');
    expect(await message('{"rows":[],"meta":{}}', 'named')).toBe('expected a list of texts or numbers at meta.names; there is no meta.names');
  });

  test('a row in the place of the header is not echoed', async () => {
    const { report, lines } = await fixture.issues(json([[SECRET, 'letters', 5], ['2024 H1', 'letters', 5]]), 'a.json', 'header');
    expect(told(report)[0]).toBe('HEADER_MISSING x1');
    expect(JSON.stringify([report, lines])).not.toContain(SECRET);
  });

  test('rows of the wrong width are left out of the rows that are judged, and the others keep their numbers', async () => {
    const { lines } = await fixture.issues(json({ data: { rows: [['2024 H1'], ['2024 H1', 'x', 'many']] } }), 'a.json', 'plain');
    expect(lines.map((l) => [l['code'], l['row']])).toEqual([['RAGGED', 1], ['NOT_AN_INTEGER', 2]]);
  });

  test('a file without records is told', async () => {
    for (const [text, id] of [['[]', 'root'], ['{"rows":[],"meta":{"names":["period","kind","n"]}}', 'named']] as const) {
      const report = await fixture.check(text, 'a.json', {}, id);
      expect([report.accepted, told(report)]).toEqual([true, ['NO_RECORDS x1']]);
    }
  });
});

describe('the line of a record of a document', () => {
  test('is where the record starts, for its form and for its values', async () => {
    const text = '{"data": {\n  "rows2": [["\\n"]],\n  "rows": [\n    ["2024 H1", "x", 1],\n    ["2024 H1",\n      "x"], ["2024 H1", "x", "many"]\n  ]}}';
    const { lines } = await fixture.issues(text, 'a.json', 'plain');
    expect(lines.map((l) => [l['code'], l['row'], l['line']])).toEqual([['RAGGED', 2, 5], ['NOT_AN_INTEGER', 3, 6]]);
  });

  test('is found under any path, behind any values', () => {
    const space = fc.constantFrom('', ' ', '\n', '\r\n', '\n\n\t');
    fc.assert(fc.property(fc.jsonValue(), fc.array(fc.tuple(fc.jsonValue(), space, space)), space, fc.string(), (before, items, gap, name) => {
      const key = `k${name.replaceAll('.', '')}`;
      let text = `${gap}{${gap}"a":${json(before)},${JSON.stringify(key)}${gap}:${gap}[${json(before)}${gap},${gap}[`;
      const expected: number[] = [];
      for (const [i, [value, left, right]] of items.entries()) {
        text += `${i === 0 ? '' : ','}${left}`;
        expected.push(text.split('\n').length);
        text += `${JSON.stringify(value, null, right === '' ? 0 : 1)}${right}`;
      }
      text += `],${gap}7]${gap}}`;
      expect(elementLines(text, [key, '1'])).toEqual(expected);
      expect((JSON.parse(text) as Record<string, unknown[]>)[key]?.[1]).toHaveLength(expected.length);
    }), { seed: 20231106 });
  });
});

describe('places in a list of the document', () => {
  const coded = (rows: unknown, more: Record<string, unknown> = {}): string => json({ periods: ['2024 H1', '2024 H2'], kinds: ['letters', '', 3], rows, ...more });

  test('become the texts that stand there; null and an empty text are blanks', async () => {
    const { rows } = await submit(coded([[0, 0, 5], [1, 1, 6], [1, null, 7], [1, 2, 8]]), 'a.json', 'coded');
    expect(rows.map((r) => r.split('|').slice(0, 2).join('|'))).toEqual(['2024 H1|letters', '2024 H2|-', '2024 H2|-', '2024 H2|3']);
  });

  test.each<[string, unknown]>([['past its end', 2], ['below its start', -1], ['between two', 0.5], ['written as a text', '0'], ['written with decimals', 'RAW 1.0'], ['that is no value', { a: 1 }]])('%s are refused', async (_, place) => {
    const text = coded([[0, 0, 5], [place, 0, 5]]).replace('"RAW 1.0"', '1.0');
    expect(told(await fixture.check(text, 'a.json', {}, 'coded'))[0]).toBe('JSON_LIST_PLACE period r2 l1 x1');
  });

  test('are refused where the list is not there or holds more than texts and numbers', async () => {
    for (const kinds of [undefined, 'letters', ['a', ['b']], {}]) expect(told(await fixture.check(coded([[0, 0, 5]], { kinds }), 'a.json', {}, 'coded'))).toEqual(['JSON_LIST x1']);
  });

  test('are told where a list holds a text twice: two places become one', async () => {
    const report = await fixture.check(coded([[0, 0, 5]], { kinds: ['x', 'y', 'x', 'x'] }), 'a.json', {}, 'coded');
    expect([report.accepted, told(report)]).toEqual([true, ['JSON_LIST_REPEATS kind x2']]);
  });
});

describe('a number given by two bounds', () => {
  const banded = (rows: unknown, names: readonly string[] = ['period', 'kind', 'least', 'most']): string => json({ names, rows });

  test('is a band, and a number where both are the same; zero, a band from zero and a blank stay apart', async () => {
    const { submitted, rows } = await submit(banded([['a', 'x', 0, 249], ['b', 'x', 0, 0], ['c', 'x', 47, 47], ['d', 'x', 11000000, 12000000]]), 'a.json', 'banded');
    expect(told(submitted.report)).toEqual([]);
    expect(rows).toEqual(['a|x|band|0|249', 'b|x|exact|0|0', 'c|x|exact|47|47', 'd|x|band|11000000|12000000']);
    expect(told(await fixture.check(banded([['a', 'x', null, null]]), 'a.json', {}, 'banded'))).toEqual(['REQUIRED n r1 l1 x1']);
  });

  test('is read from objects too, with places in lists', async () => {
    const { submitted, rows } = await submit(json({ periods: ['2024 H1'], rows: [{ period: 0, kind: 'x', least: 0, most: 249 }, { period: 0, least: 3, most: 3 }] }), 'a.json', 'objects');
    expect(told(submitted.report)).toEqual([]);
    expect(rows).toEqual(['2024 H1|x|band|0|249', '2024 H1|-|exact|3|3']);
  });

  test.each<[string, unknown[], string]>([
    ['of which one is missing', ['a', 'x', null, 249], 'JSON_BAND n r1 l1 x1'],
    ['in the wrong order', ['a', 'x', 249, 0], 'JSON_BAND n r1 l1 x1'],
    ['that are no numbers', ['a', 'x', 'few', 'many'], 'NOT_AN_INTEGER n r1 l1 x1'],
    ['below zero', ['a', 'x', -5, 5], 'NOT_AN_INTEGER n r1 l1 x1'],
    ['one of which is an array', ['a', 'x', [0], 5], 'JSON_NESTED n r1 l1 x1'],
  ])('with bounds %s is refused', async (_, row, expected) => {
    const report = await fixture.check(banded([row]), 'a.json', {}, 'banded');
    expect(told(report)[0]).toBe(expected);
    expect(report.accepted).toBe(false);
  });

  test('without the column of one bound is refused by its name', async () => {
    const report = await fixture.check(banded([['a', 'x', 0]], ['period', 'kind', 'least']), 'a.json', {}, 'banded');
    expect(told(report)[0]).toBe('COLUMN_MISSING most x1');
    expect(told(report)).not.toContain('JSON_BAND n r1 l1 x1');
    expect(report.accepted).toBe(false);
  });
});

describe('numbers keep the digits they are written with', () => {
  test('and are judged by them', async () => {
    expect(told(await fixture.check('[["2024 H1","x",1.0],["2024 H1","x",12345678901234567890],["2024 H1","x",1e3],["2024 H1","x",-0]]', 'a.json', {}, 'root'))).toEqual(['NOT_AN_INTEGER n r1 l1 x3']);
  });

  test('however they are written, beside texts that look like numbers', () => {
    const literal = fc.oneof(
      fc.integer().map(String), fc.bigInt().map(String), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
      fc.constantFrom('0', '-0', '1.0', '1.50', '-0.0', '1e3', '1E+3', '9007199254740993', '0.1', '100000000000000000000', '1e-7', '1e400'),
      fc.constantFrom('"1.0"', '", 2.50"', '": -0"', '"[1e3"', 'true'),
    );
    const space = fc.constantFrom('', ' ', '\n', '\t');
    fc.assert(fc.property(fc.array(literal), space, (literals, gap) => {
      const values = parseDigits(`${gap}[${literals.map((l) => `${gap}${l}${gap}`).join(',')}]`) as unknown[];
      expect(values.map(cellText)).toEqual(literals.map((l) => (l.startsWith('"') ? JSON.parse(l) as string : l)));
      const members = parseDigits(`{${literals.map((l, i) => `"k${i}"${gap}:${gap}${l}`).join(',')}}`) as Record<string, unknown>;
      expect(Object.values(members).map(cellText)).toEqual(values.map(cellText));
    }), { seed: 20231106, numRuns: 500 });
  });
});

test('the example in the documentation is read as it says', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'definitions.md'), 'utf8');
  const example = (/### JSON[\s\S]*?\n\n((?: {4}.*\n)+)/.exec(page)?.[1] ?? '').split('\n').map((line) => line.slice(4).split('#'));
  const format = example.map(([yaml]) => yaml).join('\n').replace(/^format:\n/, '').split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
  const document = example.map(([, comment]) => comment ?? '').join('');
  const fields = '  - {name: period, title: P, type: string}\n  - {name: requests, title: R, type: integer, bounds: [band]}';
  await fixture.write('instruments/one.yaml', fieldInstrument('{name: x, title: X, type: string}').replace(/ {2}- \{name: n,.*\n.*\{name: x.*/, fields).replace('fields:', `format:\n${format.join('\n')}\nfields:`));
  expect(told(await fixture.check(document, 'a.json', {}, 'one'))).toEqual([]);
  expect((await fixture.check(document, 'a.json', {}, 'one')).rows).toBe(2);
});
