import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { buildRelease } from '../src/index.ts';
import { guardFormula, writeCsv } from '../src/csv.ts';
import { tableCsv, tidyColumns } from '../src/table-files.ts';
import { canonicalJson } from '@weighbridge/base';
import { readProtectedTable } from '@weighbridge/protect';
import { codes, dimension, fixtureInput, fixtureTable, fixtureTables } from './fixtures.ts';

describe('CSV', () => {
  test.each([['=1+1', "'=1+1"], ['+1', "'+1"], ['-1', "'-1"], ['@a', "'@a"], ['\tx', "'\tx"], ['\rx', "'\rx"], ['a=b', 'a=b'], ['', '']])('the text %j is written as %j', (text, want) => {
    expect(guardFormula(text)).toBe(want);
    expect(parse(writeCsv(['h'], [[text]]), { columns: false, skip_empty_lines: false })).toEqual([['h'], [want]]);
  });

  test('a negative number is a number, not a formula', () => {
    expect(writeCsv(['h'], [[-1]])).toBe('h\r\n-1\r\n');
  });

  test('commas, quotes, line breaks and outer spaces survive a round trip', () => {
    const texts = ['a,b', 'say "no"', 'two\r\nlines', ' padded ', 'Māori', ''];
    expect(parse(writeCsv(['h'], texts.map((t) => [t])))).toEqual([['h'], ...texts.map((t) => [t])]);
  });
});

describe('tidy CSV of a table', () => {
  const tables = fixtureTables();

  test('there are tables to test', () => {
    expect(tables.length).toBeGreaterThan(3);
  });

  test.each(tables.map((t) => [t.meta.id, t] as const))('%s: one row a cell, and every cell can be read back', (_, table) => {
    const rows: Record<string, string>[] = parse(tableCsv(table), { columns: true });
    expect(rows).toHaveLength(table.cells.length);
    table.cells.forEach((cell, i) => {
      const row = rows[i] ?? {};
      const bound = (name: string): number | null => (row[name] === '' ? null : Number(row[name]));
      expect([bound('value_low'), bound('value_high')]).toEqual([cell.value?.lo ?? null, cell.value?.hi ?? null]);
      expect(row['status']).toBe(cell.status);
      expect(row['synthetic']).toBe(String(table.meta.synthetic));
      expect(table.meta.dimensions.map((d) => row[d.field])).toEqual(cell.key.map((c) => c ?? '_T'));
    });
  });

  test('zero, blank, a range, "at least", a mark, words and suppression stay apart', () => {
    const values = [0, { lo: null, hi: null, states: { blank: 1 } }, { lo: 1, hi: 9, states: { band: 1 } }, { lo: 5, hi: null, states: { blank: 2 } }, { lo: 1, hi: 1, states: { starred: 1 } }, { lo: null, hi: null, states: { 'not-attempted': 1 } }, null];
    const list = values.map((_, i) => `c${i}`);
    const table = fixtureTable({ id: 't', title: 'T', method: 'suppress', dimensions: [dimension('kind', 'Kind', codes(...list), { total: null })], value: ([k]) => ({ value: values[list.indexOf(k ?? '')] ?? null }) });
    const rows: Record<string, string>[] = parse(tableCsv(table), { columns: true });
    expect(rows.map((r) => [r['value'], r['value_low'], r['value_high'], r['shown'], r['status'], r['states']])).toEqual([
      ['0', '0', '0', '0', 'published', ''],
      ['', '', '', 'blank in the source', 'published', 'blank:1'],
      ['', '1', '9', '1 to 9', 'published', 'band:1'],
      ['', '5', '', 'at least 5', 'published', 'blank:2'],
      ['1', '1', '1', '1*', 'published', 'starred:1'],
      ['', '', '', 'not attempted', 'published', 'not-attempted:1'],
      ['', '', '', 'suppressed', 'suppressed', ''],
    ]);
  });

  test('a dimension called like a measure column gets a name of its own', () => {
    const table = fixtureTable({ id: 't', title: 'T', dimensions: [dimension('status', 'Status', codes('a'))], value: () => ({ value: 1 }) });
    const names = tidyColumns(table).map((c) => c.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe('status_code');
  });
});

describe('JSON of a table', () => {
  test('is the protected table, whole, one canonical line a cell', () => {
    const files = buildRelease(fixtureInput());
    for (const table of fixtureTables()) {
      const again = readProtectedTable(JSON.parse(String(files.get(`tables/${table.meta.id}.json`))));
      expect(String(files.get(`tables/${table.meta.id}.json`)).split('\n').slice(2, 2 + table.cells.length)).toEqual(table.cells.map((c, i) => canonicalJson(c) + (i < table.cells.length - 1 ? ',' : '')));
      expect([again.meta, again.cells, again.protection]).toEqual([table.meta, table.cells, table.protection]);
    }
  });
});
