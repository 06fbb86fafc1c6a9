/**
 * JSON and NDJSON to the raw stage: an array of flat objects, or one object a line. Numbers keep the digits they are
 * written with; null and an absent member are blanks.
 * @module
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sqlText } from '@weighbridge/engine';
import { Refusal, refuse } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { detectEncoding, toUtf8 } from './encoding.ts';
import { readCsvSql } from './engine-csv.ts';
import type { Kind } from './findings.ts';
import { expectedHeaders, mapHeader } from './header.ts';
import { MAX_JSON_BYTES } from './limits.ts';
import { RecordsFile } from './records-file.ts';
import { byteStream } from './source.ts';
import { RAW_PARQUET, UNREAD, rawPath, rawSelect, spreadFields, stagedFields } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

/** Member → text, or undefined for a value that does not fit a cell. */
type Cells = ReadonlyMap<string, string | undefined>;

export async function stageJson(context: StageContext): Promise<Staged> {
  const { source, instrument, engine, findings, scratch } = context;
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
    for (const { code, severity, message, repair, place } of error.issues) findings.add({ code, severity, message, repair }, place.line === undefined ? {} : { line: place.line });
  } finally {
    table.records.close();
  }
  const base = {
    records: table.rows, original: whole ? stream.hash() : await sha384File(source.path),
    format: { kind: source.kind, encoding: encoding.encoding, delimiter: null, newline: null, compressed: source.compressed },
  };
  const { layout, problems } = mapHeader(table.names, instrument.definition);
  if (!findings.refused || table.rows > 0) for (const problem of problems) findings.add(problem, {});
  if (layout.columns.size === 0) return { ...base, ...UNREAD };
  const columns = ['_row', '_line', ...table.names.map((_, i) => `c${i}`)];
  const csv = readCsvSql({ path: table.records.path, delimiter: ',', columns, numbered: true });
  await engine.run(`COPY (SELECT ${rawSelect(layout, instrument, ['_row', '_line'])} FROM ${csv}) TO ${sqlText(rawPath(scratch))} ${RAW_PARQUET}`, 'reading the records');
  return { ...base, table: `read_parquet(${sqlText(rawPath(scratch))})`, fields: stagedFields(layout, instrument), spread: await spreadFields(engine, scratch), readable: true };
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

  constructor(context: StageContext, records: RecordsFile) {
    this.#context = context;
    this.records = records;
    for (const name of expectedHeaders(context.instrument.definition)) this.#column(name);
  }

  add(cells: Cells, line: number | undefined): void {
    const row = ++this.rows;
    const place = line === undefined ? { row } : { row, line };
    const texts: (string | undefined)[] = [];
    for (const [name, text] of cells) {
      if (row === 1) this.#column(name);
      const column = this.#columns.get(name);
      if (column === undefined) {
        if (this.#context.instrument.definition.extraColumns === 'refuse') this.#context.findings.add(lateMember(name), place);
        continue;
      }
      texts[column] = text;
      if (text === undefined) this.#context.findings.add(nested(name), place);
    }
    this.records.writeTexts(row, line ?? row, Array.from({ length: this.names.length }, (_, i) => texts[i]));
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
  let value = parse(Buffer.concat(parts).toString('utf8'), source.name);
  for (const step of path?.split('.') ?? []) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  if (!Array.isArray(value)) {
    refuse('JSON_NO_RECORDS', path === undefined ? 'expected an array of objects' : `expected an array of objects at ${path}`, { file: source.name }, 'name the path of the array in the instrument (format: records), or write one object a line');
  }
  for (const item of value as unknown[]) yield { cells: objectCells(item, source.name) };
}

async function* lineObjects({ source }: StageContext, chunks: AsyncIterable<Buffer>): AsyncGenerator<{ cells: Cells; line: number }> {
  let line = 0;
  for await (const text of createInterface({ input: Readable.from(chunks), crlfDelay: Infinity })) {
    line++;
    if (text.trim() !== '') yield { cells: objectCells(parse(text, source.name, line), source.name, line), line };
  }
}

/** Numbers become {@link NumberText} so that no digit is lost. */
function parse(text: string, file: string, line?: number): unknown {
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

function nested(name: string): Kind {
  return { code: 'JSON_NESTED', severity: 'error', column: shown(name), message: 'expected a text, number, true, false or null; found an object or array', repair: 'write one value in each member' };
}

function lateMember(name: string): Kind {
  return { code: 'COLUMN_UNKNOWN', severity: 'error', column: shown(name), message: 'the member is not part of the instrument', repair: 'take the member out, or ask the keeper of the instrument to declare it' };
}

function shown(name: string): string {
  return name.length > 60 ? '(a long name)' : name;
}
