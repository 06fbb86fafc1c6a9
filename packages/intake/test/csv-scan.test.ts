import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvScanner } from '../src/csv-scan.ts';
import type { CsvFault, CsvScanOptions, CsvTotals } from '../src/csv-scan.ts';
import { MAX_FIELD_BYTES } from '../src/limits.ts';

const SEED = { seed: 20231106 };

interface Scan {
  readonly records: string[][];
  readonly lines: number[];
  readonly faults: CsvFault[];
  readonly totals: CsvTotals;
}

function scan(input: Buffer | string, chunks: readonly number[] = [], options: Partial<CsvScanOptions> = {}): Scan {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const records: string[][] = [];
  const lines: number[] = [];
  const faults: CsvFault[] = [];
  const scanner = new CsvScanner({
    delimiter: ',', lineEnd: 'lf', headerLine: 1, onFault: (f) => faults.push(f),
    onRecord: (r) => {
      records.push(r.texts());
      lines.push(r.line);
    },
    ...options,
  });
  let at = 0;
  for (const size of chunks) {
    scanner.push(bytes.subarray(at, at + size));
    at += size;
  }
  scanner.push(bytes.subarray(at));
  scanner.end();
  return { records, lines, faults, totals: scanner.totals };
}

const codes = (s: Scan): string[] => s.faults.map((f) => f.code);

/** Texts that break parsers: quotes, delimiters, line ends, several bytes a character. */
const text = fc.array(fc.constantFrom('a', 'B', '0', ' ', '"', ',', ';', '\n', '\r\n', 'é', '€', '𝒳', '-', '\t'), { maxLength: 6 }).map((parts) => parts.join(''));
const table = fc.integer({ min: 2, max: 5 }).chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));

function write(rows: readonly (readonly string[])[], delimiter: string, newline: string, quoteAll: boolean): string {
  const field = (t: string): string => (quoteAll || /["\r\n]/.test(t) || t.includes(delimiter) ? `"${t.replaceAll('"', '""')}"` : t);
  return rows.map((row) => row.map(field).join(delimiter) + newline).join('');
}

test('texts are those that csv-parse reads, for every delimiter, line end and way of quoting', () => {
  fc.assert(fc.property(table, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean(), (rows, delimiter, newline, quoteAll, cutEnd) => {
    const csv = write(rows, delimiter, newline, quoteAll);
    const input = cutEnd ? csv.slice(0, csv.length - newline.length) : csv;
    const oracle = parse(input, { delimiter, record_delimiter: [newline], skip_empty_lines: true, relax_column_count: true });
    const found = scan(input, [], { delimiter });
    expect(found.records).toEqual(oracle);
    expect(found.faults).toEqual([]);
  }), { ...SEED, numRuns: 200 });
});

test('cut into chunks at any place, byte by byte included, the records are the same', () => {
  fc.assert(fc.property(table, fc.constantFrom('\n', '\r\n'), fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 30 }), (rows, newline, chunks) => {
    const csv = Buffer.from(write(rows, ',', newline, false));
    const whole = scan(csv);
    expect(scan(csv, chunks)).toEqual(whole);
    expect(scan(csv, new Array<number>(csv.length).fill(1))).toEqual(whole);
  }), { ...SEED, numRuns: 120 });
});

test('arbitrary bytes, cut anywhere, give the same records, faults and totals, and never throw', () => {
  const byte = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(10, 13, 34, 44) }, { weight: 2, arbitrary: fc.integer({ min: 0, max: 255 }) });
  fc.assert(fc.property(fc.array(byte, { maxLength: 60 }), fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 }), (bytes, chunks) => {
    const input = Buffer.from(bytes);
    expect(scan(input, chunks)).toEqual(scan(input));
  }), { ...SEED, numRuns: 1000 });
});

test('counting lines only gives the totals of counting records, where no field is quoted', () => {
  const plain = fc.array(fc.array(fc.stringMatching(/^[a-c é]{0,4}$/), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 9 });
  fc.assert(fc.property(plain, fc.constantFrom('\n', '\r\n'), fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 }), (rows, newline, chunks) => {
    const csv = Buffer.from(rows.map((r) => r.join(',') + newline).join(''));
    expect(scan(csv, chunks, { linesOnly: true, onRecord: undefined }).totals).toEqual(scan(csv).totals);
  }), { ...SEED, numRuns: 120 });
});

test('lines are those of a text editor, whatever lies inside quotes', () => {
  const found = scan('a,b\n1,"x\ny"\n\n2,z\r\n3,"p\r\nq"\n4,w\n');
  expect(found.records.map((r) => r[0])).toEqual(['a', '1', '2', '3', '4']);
  expect(found.lines).toEqual([1, 2, 5, 6, 8]);
  expect(found.totals).toMatchObject({ rows: 4, blankLines: 1, linear: false, crlf: 1 });
});

test.each([
  ['a record with too few fields', 'a,b\n1,2\n3\n', { code: 'RAGGED', row: 2, line: 3, fields: 1 }],
  ['a record with too many fields', 'a,b\n1,2,3\n', { code: 'RAGGED', row: 1, line: 2, fields: 3 }],
  ['a quote that never closes', 'a,b\n1,2\n3,"4\n5,6\n', { code: 'TRUNCATED', row: 2, line: 3, field: 1 }],
  ['text after a closing quote', 'a,b\n"1"x,2\n', { code: 'QUOTE_MALFORMED', row: 1, line: 2, field: 0 }],
  ['a bare CR in a file of LF', 'a,b\n1,2\r3,4\n', { code: 'BARE_CR', row: 1, line: 2 }],
  ['a NUL', 'a,b\n1,2\0\n', { code: 'NUL_BYTE', row: 1, line: 2, field: 1 }],
])('%s has its address', (_, csv, fault) => {
  expect(scan(csv).faults[0]).toMatchObject(fault);
});

test('bytes that are not UTF-8 have the address of each field that holds them', () => {
  const csv = Buffer.concat([Buffer.from('a,b\n1,caf'), Buffer.from([0xe9]), Buffer.from('\n2,x\n'), Buffer.from([0xff]), Buffer.from(',y\n')]);
  expect(scan(csv).faults).toEqual([{ code: 'ENCODING', row: 1, line: 2, field: 1 }, { code: 'ENCODING', row: 3, line: 4, field: 0 }]);
});

test('empty fields beyond the last are tolerated, a value there is not', () => {
  expect(scan('a,b\n1,2,\n3,4,,\n').records).toEqual([['a', 'b'], ['1', '2'], ['3', '4']]);
  expect(codes(scan('a,b\n1,2,,x\n'))).toEqual(['RAGGED']);
});

test('a quote inside an unquoted field is text, and counted', () => {
  const found = scan('a,b\n5" disk,2\n');
  expect(found.records[1]).toEqual(['5" disk', '2']);
  expect(found.totals.strayQuotes).toBe(1);
});

test('bare CR line ends are line ends where they are the file’s own', () => {
  expect(scan('a,b\r1,"x,y"\r2,z', [], { lineEnd: 'cr' }).records).toEqual([['a', 'b'], ['1', 'x,y'], ['2', 'z']]);
});

test.each([['quoted', '"'], ['unquoted', '']])('a %s field of 10 MB stops the scan at its address, fed whole or in pieces', (_, quote) => {
  const csv = Buffer.from(`a,b\n1,2\n3,${quote}${'x'.repeat(10 << 20)}${quote}\n`);
  for (const chunks of [[], new Array<number>(40).fill(1 << 18)]) {
    expect(scan(csv, chunks).faults).toEqual([{ code: 'FIELD_TOO_LONG', row: 2, line: 3, field: 1 }]);
  }
});

test('a field of exactly the limit passes', () => {
  expect(scan(`a,b\n1,${'x'.repeat(MAX_FIELD_BYTES)}\n`).faults).toEqual([]);
});

test('lines before the header line are passed over', () => {
  const found = scan('Report of "2020"\n\na,b\n1,2\n', [], { headerLine: 3 });
  expect(found.records).toEqual([['a', 'b'], ['1', '2']]);
  expect(found.lines).toEqual([3, 4]);
});
