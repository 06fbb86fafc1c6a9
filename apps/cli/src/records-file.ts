/**
 * Files of records, one row a record: dimension columns at the finest level, optionally `value` and `contributor`. Read as a
 * stream, and tabulated to cells.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { CellRow, ProtectionSpec, RecordRow } from '@weighbridge/protect';
import { parse } from 'csv-parse/sync';
import type { Arguments } from './command.ts';
import { readCells } from './cells-file.ts';
import type { Tell } from './cells-file.ts';
import { tellUnused } from './column-names.ts';
import { assertCommas, numberIn } from './csv-fields.ts';
import type { Reporter } from './reporter.ts';
import { readUtf8Blocks } from './utf8-file.ts';

/** Bytes read at a time; a single record may be as long as 64 of those. */
const BLOCK = 1 << 20;
const LONGEST_RECORD = 64 * BLOCK;

/** The cells of the file named first: as they stand, or tabulated from records with `--microdata`. @throws Refusal as {@link readCells} and {@link readRecords} do */
export async function readCellsOrRecords(args: Arguments, spec: ProtectionSpec, reporter: Reporter): Promise<CellRow[]> {
  const file = args.positional(0);
  const tell: Tell = (issue) => { reporter.issue(issue); };
  if (!args.flag('microdata')) return readCells(file, spec, tell);
  const { tabulateRecords } = await import('@weighbridge/protect');
  try {
    return await tabulateRecords(readRecords(file, spec, tell), spec, { onProgress: (done) => { reporter.progress({ stage: 'records', done }); } });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    // What is wrong with a record is wrong in the file that it stands in.
    const placed = (issue: Issue): Issue => (issue.place.row === undefined ? issue : { ...issue, place: { file, ...issue.place } });
    const [first, ...others] = cause.issues.map(placed);
    throw first === undefined ? cause : new Refusal([first, ...others], { cause });
  }
}

/**
 * Reads a file of records, one at a time.
 * @throws Refusal `FILE_MISSING`, `NOT_UTF8`, `CSV`, `COLUMN_MISSING`, `COLUMN_MISSPELT`, `NOT_A_NUMBER` with file, row and column
 */
export async function* readRecords(file: string, spec: ProtectionSpec, tell: Tell = () => undefined): AsyncGenerator<RecordRow> {
  let columns: { readonly width: number; readonly keys: readonly number[]; readonly value: number; readonly contributor: number } | undefined;
  let row = 0;
  for await (const block of wholeLines(file)) {
    for (const fields of recordsOf(block, file, row)) {
      if (columns === undefined) {
        if (fields.length === 1) assertCommas(fields[0] ?? '', file);
        tellUnused(file, fields, spec.dimensions.map((d) => d.column), 'records', tell);
        columns = { width: fields.length, keys: spec.dimensions.map((d) => columnAt(fields, d.column, file)), value: fields.indexOf('value'), contributor: fields.indexOf('contributor') };
        continue;
      }
      const { width, keys, value, contributor } = columns;
      row++;
      if (fields.length !== width) refuse('CSV', 'a row has another number of fields than the header', { file, row }, 'give every row as many fields as the header');
      yield {
        key: keys.map((c) => fields[c] ?? ''), ...(value === -1 ? {} : { value: amountAt(fields[value] ?? '', file, row) }),
        ...(contributor === -1 ? {} : { contributor: fields[contributor] ?? '' }),
      };
    }
  }
}

/** The file in blocks that end where a record does: at a line break outside quotes. */
async function* wholeLines(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of readUtf8Blocks(file, BLOCK)) {
      const text = rest + chunk;
      const end = endOfRecords(text);
      rest = text.slice(end);
      if (rest.length > LONGEST_RECORD) refuse('CSV', 'a quote is never closed', { file }, 'close every quote');
      if (end > 0) yield text.slice(0, end);
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw new Refusal([{ code: 'FILE_MISSING', severity: 'error', message: 'the file cannot be read', place: { file }, repair: 'check the name and the folder' }], { cause });
    throw cause;
  }
  if (rest !== '') yield rest;
}

function endOfRecords(text: string): number {
  if (!text.includes('"')) return text.lastIndexOf('\n') + 1;
  let [end, quoted] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) quoted = !quoted;
    else if (c === 0x0a && !quoted) end = i + 1;
  }
  return end;
}

/** Where there is no quote there is nothing to parse. */
function recordsOf(block: string, file: string, row: number): readonly (readonly string[])[] {
  if (!block.includes('"')) return block.split('\n').flatMap((line) => (line === '' || line === '\r' ? [] : [(line.endsWith('\r') ? line.slice(0, -1) : line).split(',')]));
  try {
    return parse(block, { skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    const before = (error as { records?: number }).records ?? 0;
    return refuse('CSV', 'the file is not a table of comma-separated values', { file, row: row + before }, 'close every quote, and double those inside');
  }
}

function columnAt(header: readonly string[], name: string, file: string): number {
  const at = header.indexOf(name);
  return at === -1 ? refuse('COLUMN_MISSING', `the file has no column “${name}”`, { file, line: 1, column: name }, 'name the column so, or correct the specification') : at;
}

function amountAt(field: string, file: string, row: number): number {
  const amount = numberIn(field);
  return Number.isFinite(amount) ? amount : refuse('NOT_A_NUMBER', 'expected a number', { file, row, column: 'value' }, 'write digits, with a point before decimals');
}
