/**
 * JSON and NDJSON to the raw stage: an array of flat objects, or one object a line. Numbers keep the digits they are
 * written with; null and an absent member are blanks. A name that stands twice in an object is refused: what a reader
 * makes of it differs from program to program.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { join } from 'node:path';
import { Refusal, refuse } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { copyRaw } from './copy-raw.ts';
import { detectEncoding, toUtf8 } from './encoding.ts';
import { readCsvSql } from './engine-csv.ts';
import type { Kind } from './findings.ts';
import { expectedHeaders, holdsNames, mapHeader } from './header.ts';
import { duplicateMember, longText } from './json-text.ts';
import { MAX_FIELD_BYTES, MAX_JSON_BYTES, MAX_RECORD_BYTES } from './limits.ts';
import { RecordsFile, isTooLong } from './records-file.ts';
import { byteStream } from './source.ts';
import { splitLines } from './split-lines.ts';
import { UNREAD } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

/** Member → text, or undefined for a value that does not fit a cell. */
type Cells = ReadonlyMap<string, string | undefined>;

export async function stageJson(context: StageContext): Promise<Staged> {
  const { source, instrument, findings, scratch } = context;
  const encoding = detectEncoding(source.head);
  const stream = byteStream(source, (bytes) => {
    context.onProgress({ stage: 'read', bytes, totalBytes: source.bytes });
  });
  const chunks = toUtf8(stream.chunks, encoding, source.name);
  const objects = source.kind === 'json' ? documentObjects(context, chunks) : lineObjects(context, chunks);
  const table = new ObjectTable(context, new RecordsFile(join(scratch, 'records.csv'), ','));
  let whole = true;
  try {
    for await (const { cells, line } of objects) table.add(cells, line);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    whole = false;
    for (const { code, severity, message, repair, place } of error.issues) findings.add({ code, severity, message, repair, ...(place.column === undefined ? {} : { column: place.column }) }, { ...(place.row === undefined ? {} : { row: place.row }), ...(place.line === undefined ? {} : { line: place.line }) });
  } finally {
    table.records.close();
  }
  const base = {
    records: table.rows, original: whole ? stream.hash() : await sha384File(source.path),
    format: { kind: source.kind, encoding: encoding.encoding, delimiter: null, newline: null, compressed: source.compressed },
  };
  const { layout, problems } = mapHeader(table.names, instrument.definition, table.named);
  if (!findings.refused || table.rows > 0) for (const problem of problems) findings.add(problem, {});
  if (layout.columns.size === 0) return { ...base, ...UNREAD };
  const columns = ['_row', '_line', ...table.names.map((_, i) => `c${i}`)];
  const csv = readCsvSql({ path: table.records.path, delimiter: ',', columns, numbered: true });
  return { ...base, ...await copyRaw(context, layout, csv, whole ? table.rows : table.records.written) };
}

/**
 * Objects as rows under the columns of the instrument and, after them, members of the first object that it does not
 * name. A member that first turns up later is a finding: a column cannot be added to rows already written.
 */
class ObjectTable {
  readonly records: RecordsFile;
  readonly names: string[] = [];
  rows = 0;
  readonly #context: StageContext;
  readonly #columns = new Map<string, number>();
  readonly #expected: readonly string[];
  readonly #met = new Set<string>();

  constructor(context: StageContext, records: RecordsFile) {
    this.#context = context;
    this.records = records;
    this.#expected = expectedHeaders(context.instrument.definition);
    for (const name of this.#expected) this.#column(name);
  }

  /** The members met so far are those of the instrument, so that a further one is a name too, and no value. */
  get named(): boolean {
    return this.#expected.length === 0 || holdsNames([...this.#met], this.#expected);
  }

  /** @throws Refusal `FIELD_TOO_LONG`, `RECORD_TOO_LONG` */
  add(cells: Cells, line: number | undefined): void {
    const row = ++this.rows;
    const place = line === undefined ? { row } : { row, line };
    const texts: (string | undefined)[] = [];
    for (const name of cells.keys()) {
      if (this.#met.size < this.names.length && (row === 1 || this.#columns.has(name))) this.#met.add(name);
    }
    for (const [name, text] of cells) {
      if (row === 1) this.#column(name);
      const column = this.#columns.get(name);
      if (column === undefined) {
        if (this.#context.instrument.definition.extraColumns === 'refuse') this.#context.findings.add(lateMember(this.named ? name : undefined), place);
        continue;
      }
      const shown = this.#expected.includes(name) || this.named ? name : undefined;
      if (text === undefined) this.#context.findings.add(nested(shown), place);
      else if (isTooLong(text)) refuse('FIELD_TOO_LONG', `the text is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, { ...place, ...columnOf(shown) }, 'shorten the text');
      else if (text.includes('\0')) this.#context.findings.add(badText('NUL_BYTE', 'the text holds the character U+0000', shown), place);
      else if (!text.isWellFormed()) this.#context.findings.add(badText('ENCODING', 'the text holds half of a surrogate pair, which is no character', shown), place);
      texts[column] = text;
    }
    this.records.writeTexts(row, line, Array.from({ length: this.names.length }, (_, i) => texts[i]));
  }

  #column(name: string): void {
    if (this.#columns.has(name)) return;
    this.#columns.set(name, this.names.length);
    this.names.push(name);
  }
}

async function* documentObjects(context: StageContext, chunks: AsyncIterable<Buffer>): AsyncGenerator<{ cells: Cells; line?: number }> {
  const { source, instrument } = context;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) refuse('JSON_TOO_LARGE', `a JSON document is read whole, up to ${MAX_JSON_BYTES} bytes`, { file: source.name }, 'write one object a line (NDJSON)');
    parts.push(chunk);
  }
  const path = instrument.definition.format.records;
  const whole = Buffer.concat(parts);
  if (!isUtf8(whole)) notUtf8(source.name, firstBadLine(whole));
  let value = parse(whole.toString('utf8'), context);
  for (const step of path?.split('.') ?? []) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  if (!Array.isArray(value)) {
    refuse('JSON_NO_RECORDS', path === undefined ? 'expected an array of objects' : `expected an array of objects at ${path}`, { file: source.name }, 'name the path of the array in the instrument (format: records), or write one object a line');
  }
  for (const item of value as unknown[]) yield { cells: objectCells(item, source.name) };
}

async function* lineObjects(context: StageContext, chunks: AsyncIterable<Buffer>): AsyncGenerator<{ cells: Cells; line: number }> {
  const { source } = context;
  let line = 0;
  for await (const bytes of splitLines(chunks, MAX_RECORD_BYTES)) {
    line++;
    if (bytes.length > MAX_RECORD_BYTES) lineTooLong(context, bytes, line);
    if (!isUtf8(bytes)) notUtf8(source.name, line);
    const text = bytes.toString('utf8');
    if (/[^ \t\r]/.test(text)) yield { cells: objectCells(parse(text, context, line), source.name, line), line };
  }
}

/** A line that is not held whole: says which member grew, where one did. */
function lineTooLong({ source, instrument }: StageContext, bytes: Buffer, line: number): never {
  const long = longText(bytes.toString('latin1'), MAX_FIELD_BYTES);
  const place = { file: source.name, line };
  if (long === undefined) refuse('RECORD_TOO_LONG', `the record is longer than ${MAX_RECORD_BYTES} bytes; the file was read up to here`, place, 'look for a lost line end; shorten the texts');
  const known = expectedHeaders(instrument.definition).find((name) => name === long.before);
  return refuse('FIELD_TOO_LONG', `the text is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, { ...place, ...columnOf(known) }, 'look for a quote that is never closed; shorten the text');
}

function notUtf8(file: string, line: number): never {
  return refuse('ENCODING', 'the bytes are not UTF-8', { file, line }, 'write the file as UTF-8, which JSON asks for');
}

/** No character of UTF-8 spans a line end. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let from = 0, end = bytes.indexOf(10); end !== -1 && isUtf8(bytes.subarray(from, end)); end = bytes.indexOf(10, from)) {
    from = end + 1;
    line++;
  }
  return line;
}

/** Numbers become {@link NumberText} so that no digit is lost. */
function parse(text: string, { source: { name: file }, instrument }: StageContext, line?: number): unknown {
  const value = parseNumbers(text, file, line);
  const twice = duplicateMember(text);
  if (twice) {
    const known = expectedHeaders(instrument.definition).find((name) => name === twice.name);
    refuse('JSON_DUPLICATE_MEMBER', 'an object has two members of one name: which one counts differs from program to program', { file, line: line ?? text.slice(0, twice.at).split('\n').length, ...columnOf(known) }, 'write each member once');
  }
  return value;
}

function parseNumbers(text: string, file: string, line: number | undefined): unknown {
  try {
    return (JSON.parse as (text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown) => unknown)(
      text, (_, value, context) => (typeof value === 'number' && context.source !== undefined ? new NumberText(context.source) : value));
  } catch { // the parser's message quotes the text
    return refuse('JSON_SYNTAX', 'the text is not JSON', { file, ...(line === undefined ? {} : { line }) }, 'export the file again; it may have been cut off');
  }
}

class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function objectCells(item: unknown, file: string, line?: number): Cells {
  if (typeof item !== 'object' || item === null || Array.isArray(item) || item instanceof NumberText) {
    refuse('JSON_NO_RECORDS', 'expected every record to be an object', { file, ...(line === undefined ? {} : { line }) }, 'write each record as an object with a member per column');
  }
  return new Map(Object.entries(item).map(([name, value]) => [name, cellText(value)]));
}

function cellText(value: unknown): string | undefined {
  if (value === null) return '';
  if (value instanceof NumberText) return value.text;
  return typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : undefined;
}

/** @param name - undefined where it may be a value: it is not echoed then */
function nested(name: string | undefined): Kind {
  return { code: 'JSON_NESTED', severity: 'error', ...columnOf(name), message: 'expected a text, number, true, false or null; found an object or array', repair: 'write one value in each member' };
}

function lateMember(name: string | undefined): Kind {
  return { code: 'COLUMN_UNKNOWN', severity: 'error', ...columnOf(name), message: 'the member is not part of the instrument', repair: 'take the member out, or ask the keeper of the instrument to declare it' };
}

function badText(code: string, message: string, name: string | undefined): Kind {
  return { code, severity: 'error', ...columnOf(name), message, repair: 'export the file again; it is a sign of damage or of a wrong encoding' };
}

function columnOf(name: string | undefined): { column?: string } {
  return name === undefined ? {} : { column: name.length > 60 ? '(a long name)' : name };
}
