/**
 * Reads the case files of `../shared/cases/sdc` in place: records, cell lists and the patterns that other systems gave.
 * Layouts: the README beside the files. Nothing of them is kept.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { keyText } from './cell-list.ts';
import type { CellList, ListDimension } from './cell-list.ts';
import { columnsDimension, crossing, levelsOf, tabulated } from './table-description.ts';
import type { TableDescription } from './table-description.ts';

/** The folder of the cases, beside the repository. */
export const CASES = fileURLToPath(new URL('../../../../../shared/cases/sdc', import.meta.url));

/** A CSV with a header, a column by its name. */
export interface Columns {
  readonly rows: number;
  /** @throws RangeError when the file has no such column. */
  text(name: string): readonly string[];
  number(name: string): readonly number[];
  flag(name: string): readonly boolean[];
  readonly names: readonly string[];
}

/** A cell list with the patterns that the file holds, by column. */
export interface PatternList extends CellList {
  /** True for every cell that is not printed. */
  readonly pattern: (column: string) => readonly boolean[];
  /** Order in which the peer tries to print cells, 1 first; null where the file does not say. */
  readonly rank: readonly number[] | null;
}

/** Whether the case files are there. */
export function haveCases(): boolean {
  return existsSync(CASES);
}

/** Reads a CSV of the cases: UTF-8, comma, no quotes, gzip by its name. */
export function readColumns(path: string): Columns {
  const bytes = readFileSync(join(CASES, path));
  const lines = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n').filter((l) => l !== '').map((l) => l.split(','));
  const names = lines.shift() ?? [];
  const column = (name: string): number => {
    const at = names.indexOf(name);
    if (at < 0) throw new RangeError(`${path} has no column ${name}`);
    return at;
  };
  return {
    rows: lines.length,
    names,
    text: (name) => lines.map(((at) => (line) => line[at] ?? '')(column(name))),
    number: (name) => lines.map(((at) => (line) => Number(line[at]))(column(name))),
    flag: (name) => lines.map(((at) => (line) => line[at] === '1' || line[at] === 'TRUE')(column(name))),
  };
}

/** S1: districts in regions × kind × agency, the full crossing. */
export function readS1(list = 'maxN2'): PatternList {
  const records = readColumns('synthetic/S1.records.csv');
  const columns = readColumns(`synthetic/S1.full.${list}.csv.gz`);
  return patternList(columns, dimensionsOf(records, { district: ['district', 'region'], kind: ['kind'], agency: ['agency'] }), list === 'pls_base3' ? 'original' : 'freq');
}

/** S2 or S3: margins of up to `way` of the five dimensions, cells that are not empty. */
export function readWays(id: 'S2' | 'S3', way: number, rule = 'maxN2'): PatternList {
  const records = readColumns(`synthetic/${id}.records.csv.gz`);
  const columns = readColumns(`synthetic/${id}.way${way}.${rule}.csv.gz`);
  return patternList(columns, dimensionsOf(records, { district: ['district', 'region'], year: ['year'], agency: ['agency'], kind: ['kind'], reason: ['reason'] }), 'freq');
}

/** S4: geography × size, a p percent rule of 10, with who contributes what. */
export function readS4(list: 'area_zone_region_x_size.p10.numttHTT' | 'area_zone_region_x_size.p10.none' | 'district_x_size.p10.numttHTT'): PatternList {
  const records = readColumns('synthetic/S4.records.csv.gz');
  const columns = readColumns(`synthetic/S4.${list}.csv.gz`);
  const levels = list.startsWith('district') ? ['district', 'region', 'zone', 'area'] : ['region', 'zone', 'area'];
  const [finest = ''] = levels;
  const dimensions = dimensionsOf(records, { [finest]: levels, size: ['size'] });
  return withLevels(patternList(columns, dimensions, 'value'), tableOf(records, dimensions, { value: 'value', contributor: 'unit' }), 10);
}

/** Dimensions by the column that names their cells, each from the columns of its levels in the records, finest first. */
export function dimensionsOf(records: Columns, levels: Readonly<Record<string, readonly string[]>>, total = 'Total'): ListDimension[] {
  return Object.entries(levels).map(([name, columns]) => columnsDimension(name, columns.map((c) => records.text(c)), total));
}

/** The records as a table of the dimensions' finest columns. */
export function tableOf(records: Columns, dimensions: readonly ListDimension[], measures: { freq?: string; value?: string; contributor?: string }, finest = dimensions.map((d) => d.name)): TableDescription {
  const codes = finest.map((name) => records.text(name));
  const freq = measures.freq === undefined ? null : records.number(measures.freq);
  const value = measures.value === undefined ? null : records.number(measures.value);
  const contributor = measures.contributor === undefined ? null : records.text(measures.contributor);
  return {
    dimensions,
    records: Array.from({ length: records.rows }, (_, i) => ({
      codes: codes.map((list) => list[i] ?? ''), freq: freq?.[i] ?? 1,
      ...(value ? { value: value[i] ?? 0 } : {}), ...(contributor ? { contributor: contributor[i] ?? '' } : {}),
    })),
  };
}

/** The list of a file of cells: keys by the dimensions' columns, the pattern of any 0/1 column; primary cells are never printed. */
export function patternList(columns: Columns, dimensions: readonly ListDimension[], value: string): PatternList {
  const codes = dimensions.map((d) => columns.text(d.name));
  const primary = columns.names.includes('primary') ? columns.flag('primary') : new Array<boolean>(columns.rows).fill(false);
  return {
    dimensions,
    keys: Array.from({ length: columns.rows }, (_, i) => codes.map((list) => list[i] ?? '')),
    value: columns.number(value),
    primary,
    rank: columns.names.includes('cand_rank') ? columns.number('cand_rank') : null,
    pattern: (column) => columns.flag(column).map((s, i) => s || primary[i] === true),
  };
}

/** The list with upper protection levels of a p percent rule and the contributions of the records. */
export function withLevels(list: PatternList, table: TableDescription, percent: number): PatternList {
  const cells = tabulated(table);
  return { ...list, ...levelsOf(table, list.keys.map((key) => cells.get(keyText(key))), list.primary, percent) };
}

/** The list with the cells of the crossing that it does not show, behind its own: hidden, for they hold the shown ones together. */
export function withHidden(list: PatternList, table: TableDescription, measure: 'freq' | 'value'): PatternList {
  const shown = new Set(list.keys.map(keyText));
  const rest = crossing(table).filter((c) => !shown.has(keyText(c.key)));
  const none = rest.map(() => false);
  return {
    ...list,
    keys: [...list.keys, ...rest.map((c) => c.key)],
    value: [...list.value, ...rest.map((c) => c[measure])],
    primary: [...list.primary, ...none],
    hidden: [...list.keys.map(() => false), ...rest.map(() => true)],
    pattern: (column) => [...list.pattern(column), ...none],
  };
}
