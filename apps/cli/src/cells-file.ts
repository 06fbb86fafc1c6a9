/**
 * Files of cells, one row a cell: dimension columns, `freq`, optionally `value`, contributions `largest1`, `largest2` …, and
 * in a protected file `status` and `published`.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Refusal, refuse } from '@weighbridge/base';
import type { CellRow, ListedStatus, ProtectedCells, ProtectionSpec, ReleasedRow } from '@weighbridge/protect';
import { parse } from 'csv-parse/sync';

const STATUSES = ['published', 'primary', 'secondary', 'rounded'] as const;

/**
 * Reads a file of cells.
 * @throws Refusal `FILE_MISSING`, `CSV`, `COLUMN_MISSING`, `NOT_A_NUMBER` with file, row and column
 */
export async function readCells(path: string, spec: ProtectionSpec): Promise<CellRow[]> {
  const { records, column } = await readTable(path);
  const keys = spec.dimensions.map((d) => column(d.column));
  const freq = column('freq');
  const value = column('value', true);
  const largest = [1, 2, 3, 4, 5].map((n) => column(`largest${n}`, true)).filter((c) => c !== -1);
  return records.map((record, i) => ({
    key: keys.map((c) => record[c] ?? ''), freq: numberAt(path, record, freq, i, 'freq'),
    ...(value === -1 ? {} : { value: numberAt(path, record, value, i, 'value') }),
    ...(largest.length === 0 ? {} : { largest: largest.filter((c) => (record[c] ?? '') !== '').map((c, k) => numberAt(path, record, c, i, `largest${k + 1}`)) }),
  }));
}

/** Reads a protected file, with the truth beside each status. @throws Refusal as {@link readCells}, and `STATUS` */
export async function readReleasedCells(path: string, spec: ProtectionSpec): Promise<ReleasedRow[]> {
  const cells = await readCells(path, spec);
  const { records, column } = await readTable(path);
  const at = column('status');
  return cells.map((cell, i) => {
    const status = STATUSES.find((s) => s === records[i]?.[at]);
    if (status === undefined) return refuse('STATUS', `expected a status of ${STATUSES.join(', ')}`, { file: path, row: i + 1, column: 'status' }, 'give the file that protect wrote');
    return { ...cell, status: status satisfies ListedStatus };
  });
}

/** The protected cells as CSV: the columns that were given, `status`, `published` and `reason`. */
export function protectedCsv(rows: readonly CellRow[], { cells }: ProtectedCells, spec: ProtectionSpec): string {
  const magnitude = rows.some((row) => row.value !== undefined);
  const widest = Math.max(0, ...rows.map((row) => row.largest?.length ?? 0));
  const header = [...spec.dimensions.map((d) => d.column), 'freq', ...(magnitude ? ['value'] : []), ...Array.from({ length: widest }, (_, i) => `largest${i + 1}`), 'status', 'published', 'reason'];
  const lines = cells.map((cell, i) => {
    const row = rows[i] as CellRow;
    return [...cell.key, row.freq, ...(magnitude ? [row.value ?? ''] : []), ...Array.from({ length: widest }, (_, k) => row.largest?.[k] ?? ''), cell.status, cell.published ?? '', cell.reason].map(quoted).join(',');
  });
  return `${[header.map(quoted).join(','), ...lines].join('\n')}\n`;
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function readTable(path: string): Promise<{ readonly records: string[][]; readonly column: (name: string, optional?: boolean) => number }> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Refusal([{ code: 'FILE_MISSING', severity: 'error', message: 'the file cannot be read', place: { file: path }, repair: 'check the name and the folder' }], { cause });
  });
  let all: string[][];
  try {
    all = parse(text, { bom: true, skip_empty_lines: true });
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    return refuse('CSV', 'the file is not a table of comma-separated values', { file: path, ...(line === undefined ? {} : { line }) }, 'give every row as many fields as the header, and close every quote');
  }
  const [header = [], ...records] = all;
  return {
    records,
    column: (name, optional = false) => {
      const at = header.indexOf(name);
      if (at === -1 && !optional) refuse('COLUMN_MISSING', `the file has no column “${name}”`, { file: path, line: 1, column: name }, 'name the column so, or correct the specification');
      return at;
    },
  };
}

function numberAt(file: string, record: readonly string[], at: number, row: number, column: string): number {
  const text = (record[at] ?? '').trim();
  const number = text === '' ? NaN : Number(text);
  if (!Number.isFinite(number)) refuse('NOT_A_NUMBER', 'expected a number', { file, row: row + 1, column }, 'write digits, with a point before decimals');
  return number;
}
