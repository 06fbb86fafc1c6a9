/**
 * Files of cells, one row a cell: dimension columns, `freq`, optionally `value`, who is behind the cell (`contributors`,
 * contributions `largest1`, `largest2` …, `requested`, `waived1`, `waived2` …), `draw` (the sum of the keys of the cell's records modulo
 * 2^32: secret like a seed, and written nowhere), and in a protected file `status` and `published`.
 * @module
 */
import { createReadStream } from 'node:fs';
import { Refusal, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { CellRow, ListedCell, ProtectedCells, ProtectionSpec, ReleasedList } from '@weighbridge/protect';
import { parse } from 'csv-parse/sync';
import { assertCommas, numberIn } from './csv-fields.ts';
import { assertSpelt, isMeant, tellUnused } from './column-names.ts';
import { readUtf8 } from './utf8-file.ts';

const STATUSES = ['published', 'primary', 'secondary', 'rounded', 'withheld'] as const satisfies readonly ListedCell['status'][];

/** Takes warnings. */
export type Tell = (issue: Issue) => void;

const untold: Tell = () => undefined;

/**
 * Reads a file of cells.
 * @param tell - is told of columns that nothing uses
 * @throws Refusal `FILE_MISSING`, `NOT_UTF8`, `TOO_MANY_CELLS`, `CSV`, `COLUMN_MISSING`, `COLUMN_TWICE`, `COLUMN_MISSPELT`, `CODE_MISSING`, `NOT_A_NUMBER`, `NOT_YES_OR_NO`,
 *   `CONTRIBUTION_BLANK` with file, row and column
 */
export async function readCells(path: string, spec: ProtectionSpec, tell: Tell = untold): Promise<CellRow[]> {
  const { records, header, column } = await readTable(path);
  const dimensions = spec.dimensions.map((d) => d.column);
  tellUnused(path, header, dimensions, 'cells', tell);
  const keys = dimensions.map((name) => column(name));
  const freq = column('freq');
  const value = column('value', true);
  const behind = readerOfContributions(path, header, new Set(dimensions));
  // A draw that is no number is for the method to refuse, where it uses draws.
  const draw = dimensions.includes('draw') ? -1 : column('draw', true);
  return records.map((record, i) => ({
    key: keyAt(path, record, keys, i, header), freq: numberAt(path, record, freq, i, 'freq'),
    ...(value === -1 ? {} : { value: numberAt(path, record, value, i, 'value') }),
    ...behind(record, i), ...(draw === -1 ? {} : { draw: numberIn(record[draw] ?? '') }),
  }));
}

/** The columns of a file of cells. @throws Refusal `FILE_MISSING`, `NOT_UTF8`, `TOO_MANY_CELLS`, `CSV` */
export async function readColumns(path: string): Promise<readonly string[]> {
  return (await readTable(path)).header;
}

/** Which columns of a released list are dimensions. */
export interface ReleasedColumns {
  /** Those that it must have; default: every column that means nothing else. */
  readonly dimensions?: readonly string[];
  /** Those that the specification names. */
  readonly known?: readonly string[];
}

/**
 * Reads a protected file. Where its truth stands beside it, as `protect` writes it, that is read too; a file as it was published
 * has only `status` and `published`.
 * @param tell - is told of columns that nothing uses
 * @throws Refusal as {@link readCells}, and `STATUS`
 */
export async function readReleasedList(path: string, columns: ReleasedColumns = {}, tell: Tell = untold): Promise<ReleasedList> {
  const { records, header, column } = await readTable(path);
  const dimensions = columns.dimensions ?? header.filter((name) => !isMeant(name, 'list'));
  if (columns.dimensions !== undefined) tellUnused(path, header, dimensions, 'list', tell);
  else for (const name of dimensions) if (columns.known?.includes(name) !== true) assertSpelt(path, name, 'list');
  if (dimensions.length === 0) refuse('COLUMN_MISSING', 'the file has no column of a dimension', { file: path, line: 1 }, 'give a column for each dimension');
  const keys = dimensions.map((name) => column(name));
  const status = column('status');
  const [freq, value, published] = [column('freq', true), column('value', true), column('published', true)];
  const behind = readerOfContributions(path, header, new Set(dimensions));
  const optional = (record: readonly string[], at: number, i: number, name: string): number | undefined => (at === -1 || (record[at] ?? '').trim() === '' ? undefined : numberAt(path, record, at, i, name));
  const rows = records.map((record, i): ListedCell => {
    const told = STATUSES.find((s) => s === record[status]) ?? refuse('STATUS', `expected a status of ${STATUSES.join(', ')}`, { file: path, row: i + 1, column: 'status' }, 'give the file that protect wrote');
    const [n, x] = [freq === -1 ? undefined : numberAt(path, record, freq, i, 'freq'), value === -1 ? undefined : numberAt(path, record, value, i, 'value')];
    return {
      key: keyAt(path, record, keys, i, header), status: told, published: optional(record, published, i, 'published') ?? null,
      ...(n === undefined ? {} : { freq: n }), ...(x === undefined ? {} : { value: x }),
      ...behind(record, i),
    };
  });
  return { columns: dimensions, rows, file: path };
}

/** The protected cells as CSV: the columns that were given, `status`, `published` and `reason`. */
export function protectedCsv(rows: readonly CellRow[], { cells }: Pick<ProtectedCells, 'cells'>, spec: ProtectionSpec): string {
  const widestOf = (list: (row: CellRow) => readonly unknown[] | undefined): number => rows.reduce((most, row) => Math.max(most, list(row)?.length ?? 0), 0);
  const given = (key: 'value' | 'contributors' | 'requested'): boolean => rows.some((row) => row[key] !== undefined);
  const flag = (told: boolean | undefined): string => (told === undefined ? '' : told ? 'yes' : 'no');
  const columns: (readonly [name: string, of: (row: CellRow) => string | number])[] = [
    ['freq', (row) => row.freq],
    ...(given('contributors') ? [['contributors', (row: CellRow) => row.contributors ?? ''] as const] : []),
    ...(given('value') ? [['value', (row: CellRow) => row.value ?? ''] as const] : []),
    ...Array.from({ length: widestOf((row) => row.largest) }, (_, k) => [`largest${k + 1}`, (row: CellRow) => row.largest?.[k] ?? ''] as const),
    ...(given('requested') ? [['requested', (row: CellRow) => flag(row.requested)] as const] : []),
    ...Array.from({ length: widestOf((row) => row.waived) }, (_, k) => [`waived${k + 1}`, (row: CellRow) => flag(row.waived?.[k])] as const),
  ];
  const header = [...spec.dimensions.map((d) => d.column), ...columns.map(([name]) => name), 'status', 'published', 'reason'];
  const lines = cells.map((cell, i) => [...cell.key, ...columns.map(([, of]) => of(rows[i] as CellRow)), cell.status, cell.published ?? '', cell.reason].map(quoted).join(','));
  return `${[header.map(quoted).join(','), ...lines].join('\n')}\n`;
}

/**
 * What may be published, in the order of the cells: dimensions, `status` and `published`, and nothing of the truth. Withheld cells have
 * one mark, unless the specification tells which are unsafe.
 */
export function publicCsv({ cells }: Pick<ProtectedCells, 'cells'>, spec: ProtectionSpec): string {
  const lines = cells.map(({ key, status, published }) => [...key, published === null && !spec.marksTold ? 'withheld' : status, published ?? ''].map(quoted).join(','));
  return `${[[...spec.dimensions.map((d) => d.column), 'status', 'published'].map(quoted).join(','), ...lines].join('\n')}\n`;
}

type Behind = Pick<CellRow, 'contributors' | 'largest' | 'requested' | 'waived'>;

/** Reads who is behind a cell, where columns say so: those of contributions without a gap, in the file as in each row. */
function readerOfContributions(file: string, header: readonly string[], dimensions: ReadonlySet<string>): (record: readonly string[], row: number) => Behind {
  const at = (name: string): number => (dimensions.has(name) ? -1 : header.indexOf(name));
  const [contributors, requested] = [at('contributors'), at('requested')];
  const numbered = (prefix: string): number[] => {
    const last = header.reduce((most, name) => (dimensions.has(name) ? most : Math.max(most, Number(new RegExp(`^${prefix}([1-9]\\d*)$`).exec(name)?.[1] ?? 0))), 0);
    return Array.from({ length: Math.min(last, header.length + 1) }, (_, k) => {
      const found = at(`${prefix}${k + 1}`);
      return found === -1 ? refuse('COLUMN_MISSING', `the file has no column “${prefix}${k + 1}”, and one with a higher number`, { file, line: 1, column: `${prefix}${k + 1}` }, 'number the columns 1, 2, 3 …') : found;
    });
  };
  const [largest, waived] = [numbered('largest'), numbered('waived')];
  return (record, row) => {
    const amounts = largest.map((c, k) => ((record[c] ?? '').trim() === '' ? undefined : numberAt(file, record, c, row, `largest${k + 1}`)));
    const given = amounts.filter((amount) => amount !== undefined);
    const gap = amounts.findIndex((amount, k) => amount === undefined && k < given.length);
    if (gap !== -1) refuse('CONTRIBUTION_BLANK', 'a contribution is blank, and a later one is not', { file, row: row + 1, column: `largest${gap + 1}` }, 'give the contributions largest first, and leave the last ones blank');
    return {
      ...(contributors === -1 ? {} : { contributors: numberAt(file, record, contributors, row, 'contributors') }), ...(largest.length === 0 ? {} : { largest: given }),
      ...(requested === -1 ? {} : { requested: flagAt(file, record, requested, row, 'requested') }), ...(waived.length === 0 ? {} : { waived: waived.map((c, k) => flagAt(file, record, c, row, `waived${k + 1}`)) }),
    };
  };
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function readTable(path: string): Promise<{ readonly records: string[][]; readonly header: readonly string[]; readonly column: (name: string, optional?: boolean) => number }> {
  const text = await readWhole(path);
  assertCommas(text.slice(0, text.search(/[\r\n]|$/)), path);
  let all: string[][];
  try {
    all = parse(text, { skip_empty_lines: true });
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    return refuse('CSV', 'the file is not a table of comma-separated values', { file: path, ...(line === undefined ? {} : { line }) }, 'give every row as many fields as the header, and close every quote');
  }
  const [header = [], ...records] = all;
  const twice = header.find((name, c) => name !== '' && header.indexOf(name) !== c);
  if (twice !== undefined) refuse('COLUMN_TWICE', `the file has two columns “${twice}”`, { file: path, line: 1, column: twice }, 'give each column a name of its own');
  return {
    records, header,
    column: (name, optional = false) => {
      const at = header.indexOf(name);
      if (at === -1 && !optional) refuse('COLUMN_MISSING', `the file has no column “${name}”`, { file: path, line: 1, column: name }, 'name the column so, or correct the specification');
      return at;
    },
  };
}

/** The text of a file of no more rows than one table takes: they are counted before any of it is kept. */
async function readWhole(path: string): Promise<string> {
  const { MOST_CELLS } = await import('@weighbridge/protect');
  try {
    if (await hasMoreRows(path, MOST_CELLS)) refuse('TOO_MANY_CELLS', `the file has more than ${MOST_CELLS.toLocaleString('en')} cells`, { file: path }, 'split the table by its largest dimension, or leave a dimension out');
    return await readUtf8(path);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    if (cause instanceof Error && 'code' in cause && TOO_LARGE.has(cause.code)) refuse('FILE_TOO_LARGE', 'the file is larger than can be read at once', { file: path }, 'split the table, or shorten its codes');
    throw new Refusal([{ code: 'FILE_MISSING', severity: 'error', message: 'the file cannot be read', place: { file: path }, repair: 'check the name and the folder' }], { cause });
  }
}

const TOO_LARGE = new Set<unknown>(['ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG']);
const [LINE_FEED, CARRIAGE_RETURN, QUOTE] = [0x0a, 0x0d, 0x22];

/** Whether a file has more rows below its header than `most`. Reads no further than it must; empty lines are no rows. */
async function hasMoreRows(path: string, most: number): Promise<boolean> {
  let [rows, empty, quoted] = [-1, true, false];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === QUOTE) quoted = !quoted;
      if (byte === LINE_FEED && !quoted) {
        if (!empty && ++rows > most) return true;
        empty = true;
      } else if (byte !== CARRIAGE_RETURN) {
        empty = false;
      }
    }
  }
  return !empty && rows + 1 > most;
}

/** A blank would be a code like any other, and cells of a table without the dimension no total of those with it. */
function keyAt(file: string, record: readonly string[], at: readonly number[], row: number, header: readonly string[]): string[] {
  return at.map((c) => {
    const code = record[c] ?? '';
    return code.trim() === '' ? refuse('CODE_MISSING', 'a cell has no code', { file, row: row + 1, column: header[c] ?? '' }, 'where a table does not have the dimension, write the code of its total; give what is not known a code of its own') : code;
  });
}

function numberAt(file: string, record: readonly string[], at: number, row: number, column: string): number {
  const number = numberIn(record[at] ?? '');
  if (!Number.isFinite(number)) refuse('NOT_A_NUMBER', 'expected a number', { file, row: row + 1, column }, 'write digits, with a point before decimals');
  return number;
}

/** Blank: no. */
function flagAt(file: string, record: readonly string[], at: number, row: number, column: string): boolean {
  const text = (record[at] ?? '').trim().toLowerCase();
  if (text === 'yes' || text === '1' || text === 'true') return true;
  return ['', 'no', '0', 'false'].includes(text) ? false : refuse('NOT_YES_OR_NO', 'expected yes or no', { file, row: row + 1, column }, 'write yes or no; a blank is no');
}
