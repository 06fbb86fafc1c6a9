/**
 * CSV to the raw stage. A plain file (UTF-8, header first, a record a line or good quotes) is read in place by the engine
 * while our own scanner checks the same bytes; any other is rewritten to scratch, its faults found one by one.
 * @module
 */
import { join } from 'node:path';
import { EngineError, sqlText } from '@weighbridge/engine';
import { Refusal } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { copyRaw } from './copy-raw.ts';
import { csvKind } from './csv-kinds.ts';
import { CsvScanner } from './csv-scan.ts';
import type { CsvTotals, LineEnd } from './csv-scan.ts';
import { detectEncoding, looksBinary, toUtf8 } from './encoding.ts';
import type { DetectedEncoding } from './encoding.ts';
import { readCsvSql } from './engine-csv.ts';
import { expectedHeaders, mapHeader } from './header.ts';
import type { Layout } from './header.ts';
import { HEAD_LINES, explainHeader } from './header-clues.ts';
import type { HeaderLine, Misfit } from './header-clues.ts';
import { SNIFF_BYTES } from './limits.ts';
import { RecordsFile } from './records-file.ts';
import { DELIMITERS, sniffDelimiter, sniffLineEnd } from './sniff.ts';
import { byteStream } from './source.ts';
import { RAW_PARQUET, UNREAD, rawPath, rawSelect, spreadFields, stagedFields } from './stage.ts';
import type { FileFormat, StageContext, Staged } from './stage.ts';

/** How the text is written. */
interface Dialect {
  readonly encoding: DetectedEncoding;
  readonly delimiter: string;
  readonly lineEnd: LineEnd;
  /** First bytes as UTF-8, and whether they are the whole file. */
  readonly head: Buffer;
  readonly whole: boolean;
}

export async function stageCsv(context: StageContext): Promise<Staged> {
  const dialect = await findDialect(context);
  if (dialect === undefined) return unreadable(context);
  const misfit = await findMisfit(context, dialect);
  if (misfit !== undefined) {
    context.findings.add(misfit.kind, misfit.line === undefined ? {} : { line: misfit.line });
    return countOnly(context, dialect);
  }
  const quick = await stageInPlace(context, dialect);
  return quick ?? stageRewritten(context, dialect);
}

/** Undefined when the file is not text: the finding is made. */
async function findDialect({ source, instrument, findings }: StageContext): Promise<Dialect | undefined> {
  const { format } = instrument.definition;
  const encoding = detectEncoding(source.head, format.encoding);
  if (looksBinary(source.head, encoding)) {
    findings.add({
      code: 'NOT_TEXT', severity: 'error', message: 'the file is not text: it holds bytes that no table of text has',
      repair: 'export the table as CSV (UTF-8) or XLSX',
    }, { line: 1 });
    return undefined;
  }
  const whole = encoding.encoding === 'utf-16le' || encoding.encoding === 'utf-16be' ? source.head.subarray(0, source.head.length & ~1) : source.head;
  const parts: Buffer[] = [];
  async function* once(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(whole);
  }
  try {
    for await (const part of toUtf8(once(), encoding, source.name)) parts.push(part);
  } catch {
    // the head may end inside a character; what was decoded is enough to sniff
  }
  const head = Buffer.concat(parts);
  const lineEnd = sniffLineEnd(head);
  const delimiter = format.delimiter ?? sniffDelimiter(head, lineEnd, format.headerRow, expectedHeaders(instrument.definition));
  return { encoding, delimiter, lineEnd, head, whole: source.head.length < SNIFF_BYTES };
}

/** Looks at the header before anything else: under a wrong one every record is wrong. */
async function findMisfit({ instrument, others }: StageContext, dialect: Dialect): Promise<Misfit | undefined> {
  const { definition } = instrument;
  const header = lineOf(dialect, dialect.delimiter, definition.format.headerRow);
  if (header === undefined) return undefined;
  const delimiters = definition.format.delimiter === undefined ? DELIMITERS : [definition.format.delimiter];
  const nearby = (): HeaderLine[] => Array.from({ length: HEAD_LINES }, (_, i) => delimiters.map((d) => lineOf(dialect, d, i + 1))).flat().filter((line) => line !== undefined);
  return explainHeader({ header, nearby }, definition, others);
}

/** The texts of the first line from `headerLine` on that is not blank; undefined when the head does not hold it whole. */
function lineOf({ head, whole, lineEnd }: Dialect, delimiter: string, headerLine: number): HeaderLine | undefined {
  let found: HeaderLine | undefined;
  const scanner: CsvScanner = new CsvScanner({
    delimiter, lineEnd, headerLine, onFault: () => undefined,
    onRecord: (record) => {
      found = { line: record.line, names: record.texts() };
      scanner.stopped = true;
    },
  });
  scanner.push(head);
  if (found === undefined && whole) scanner.end();
  return found;
}

/** A file that is not judged: its hash and number of records alone. */
async function countOnly(context: StageContext, dialect: Dialect): Promise<Staged> {
  const { source, instrument, findings } = context;
  const scanner = new CsvScanner({ delimiter: dialect.delimiter, lineEnd: dialect.lineEnd, headerLine: instrument.definition.format.headerRow, onFault: () => undefined });
  const stream = byteStream(source);
  let original: Sha384 | undefined;
  try {
    for await (const chunk of toUtf8(stream.chunks, dialect.encoding, source.name)) scanner.push(chunk);
    scanner.end();
    original = stream.hash();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    findings.addAll(error.issues);
  }
  return { ...UNREAD, records: scanner.totals.rows, original: original ?? await sha384File(source.path), format: formatOf(context, dialect, scanner.totals) };
}

/** Reads the file where it lies. Undefined when it is not plain after all; findings are untouched then. */
async function stageInPlace(context: StageContext, dialect: Dialect): Promise<Staged | undefined> {
  const { source, instrument, engine, findings, scratch } = context;
  const { format } = instrument.definition;
  if (source.compressed || dialect.encoding.encoding !== 'utf-8' || dialect.lineEnd !== 'lf' || format.headerRow !== 1 || format.unpivot) return undefined;
  const header = lineOf(dialect, dialect.delimiter, 1)?.names;
  if (header === undefined) return undefined;
  const { layout, problems } = mapHeader(header, instrument.definition);
  if (layout.columns.size === 0) return undefined;
  const csv = readCsvSql({ path: source.path, delimiter: dialect.delimiter, columns: header.map((_, i) => `c${i}`), numbered: false });
  const reading = engine
    .rows(`COPY (SELECT ${rawSelect(layout, instrument, [])} FROM ${csv}) TO ${sqlText(rawPath(context.scratch))} ${RAW_PARQUET}`, 'reading the records')
    .then((rows) => Number(rows[0]?.['Count'] ?? -1), (error: unknown) => error);
  let scanned: { totals: CsvTotals; original: Sha384 } | undefined;
  try {
    scanned = await scanPlain(context, dialect);
  } finally {
    if (scanned === undefined) engine.interrupt();
    await reading;
  }
  const read = await reading;
  if (read instanceof EngineError && read.code !== 'ENGINE') throw read;
  if (scanned === undefined || read !== scanned.totals.rows) return undefined;
  for (const problem of problems) findings.add(problem, { line: 1 });
  noteFormat(context, scanned.totals, layout);
  return {
    table: `(SELECT file_row_number + 1 AS _row, file_row_number + 2 AS _line, * EXCLUDE (file_row_number) FROM read_parquet(${sqlText(rawPath(context.scratch))}, file_row_number = true))`,
    fields: stagedFields(layout, instrument), spread: await spreadFields(engine, scratch), records: scanned.totals.rows, original: scanned.original,
    format: formatOf(context, dialect, scanned.totals), readable: true,
  };
}

/** Scans the whole file; undefined as soon as it proves not plain. */
async function scanPlain(context: StageContext, dialect: Dialect): Promise<{ totals: CsvTotals; original: Sha384 } | undefined> {
  const { source, onProgress } = context;
  const scanner = new CsvScanner({ delimiter: dialect.delimiter, lineEnd: 'lf', headerLine: 1, linesOnly: true, onFault: () => undefined });
  const stream = byteStream(source, (bytes) => {
    onProgress({ stage: 'read', bytes, totalBytes: source.bytes, rows: scanner.totals.rows });
  });
  for await (const chunk of toUtf8(stream.chunks, dialect.encoding, source.name)) {
    scanner.push(chunk);
    if (!isPlain(scanner.totals)) return undefined;
  }
  scanner.end();
  return isPlain(scanner.totals) && scanner.header !== undefined ? { totals: scanner.totals, original: stream.hash() } : undefined;
}

function isPlain(totals: CsvTotals): boolean {
  return totals.faults === 0 && totals.linear && totals.strayQuotes === 0 && totals.bareReturns === 0 && (totals.crlf === 0 || totals.lf === 0);
}

/** Rewrites the records into scratch and reads them from there. */
async function stageRewritten(context: StageContext, dialect: Dialect): Promise<Staged> {
  const { source, instrument, findings, scratch, onProgress } = context;
  const records = new RecordsFile(join(scratch, 'records.csv'), dialect.delimiter);
  let mapped: ReturnType<typeof mapHeader> | undefined;
  let badBytes = -1;
  const scanner: CsvScanner = new CsvScanner({
    delimiter: dialect.delimiter, lineEnd: dialect.lineEnd, headerLine: instrument.definition.format.headerRow,
    onFault: (fault) => {
      if (fault.code === 'ENCODING' || fault.code === 'NUL_BYTE') badBytes = fault.row;
      findings.add(csvKind(fault, mapped?.layout.labels, instrument.definition), { ...(fault.row > 0 ? { row: fault.row } : {}), line: fault.line });
    },
    onRecord: (record) => {
      if (record.row === 0) {
        mapped = mapHeader(record.texts(), instrument.definition);
        for (const problem of mapped.problems) findings.add(problem, { line: record.line });
      } else if (record.plain && record.row !== badBytes) records.writeBytes(record.row, record.line, record.bytes());
      else records.writeTexts(record.row, record.line, record.texts());
    },
  });
  const stream = byteStream(source, (bytes) => {
    onProgress({ stage: 'read', bytes, totalBytes: source.bytes, rows: scanner.totals.rows });
  });
  let broken = false;
  try {
    for await (const chunk of toUtf8(stream.chunks, dialect.encoding, source.name)) scanner.push(chunk);
    scanner.end();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    findings.addAll(error.issues);
    broken = true;
  } finally {
    records.close();
  }
  const base = { records: scanner.totals.rows, original: broken ? await sha384File(source.path) : stream.hash(), format: formatOf(context, dialect, scanner.totals) };
  if (broken) return { ...base, ...UNREAD };
  const layout = mapped?.layout;
  if (layout) noteFormat(context, scanner.totals, layout);
  else if (!findings.refused) findings.add({ code: 'HEADER_MISSING', severity: 'error', message: `expected a header on line ${instrument.definition.format.headerRow}; the file has none`, repair: 'put the column names on that line' }, {});
  if (!layout || layout.columns.size === 0) return { ...base, ...UNREAD };
  const columns = ['_row', '_line', ...Array.from({ length: layout.width }, (_, i) => `c${i}`)];
  const csv = readCsvSql({ path: records.path, delimiter: dialect.delimiter, columns, numbered: true });
  onProgress({ stage: 'stage', rows: scanner.totals.rows });
  return { ...base, ...await copyRaw(context, layout, csv, scanner.totals.faults === 0 ? scanner.totals.rows : records.written) };
}

function formatOf({ source }: StageContext, dialect: Dialect, totals: CsvTotals): FileFormat {
  const newline = dialect.lineEnd === 'cr' ? 'cr' : totals.crlf === 0 ? 'lf' : totals.lf === 0 ? 'crlf' : 'mixed';
  return { kind: 'csv', encoding: dialect.encoding.encoding, delimiter: dialect.delimiter, newline, compressed: source.compressed };
}

/** Tells what was tolerated, so that nothing is silent. */
function noteFormat({ findings }: StageContext, totals: CsvTotals, layout: Layout): void {
  if (totals.strayQuotes > 0) {
    findings.summarise({ code: 'QUOTE_INSIDE', severity: 'info', message: 'quotes stand inside fields that are not quoted; they are kept as text', repair: 'nothing, if the texts are right; else quote the field and double the quotes in it' }, totals.strayQuotes, {});
  }
  if (layout.ignored.length > 0) {
    findings.summarise({ code: 'COLUMN_IGNORED', severity: 'info', message: 'columns that the instrument does not name were not read', repair: 'nothing' }, layout.ignored.length, {});
  }
}

async function unreadable({ source }: StageContext): Promise<Staged> {
  return {
    ...UNREAD, records: 0, original: await sha384File(source.path),
    format: { kind: 'csv', encoding: null, delimiter: null, newline: null, compressed: source.compressed },
  };
}
