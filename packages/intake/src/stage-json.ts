/**
 * JSON and NDJSON to the raw stage: an array of flat objects or of arrays, or one record a line. Null and an absent
 * member are blanks. A document is read whole, up to its bound; lines are read one at a time.
 * @module
 */
import { join } from 'node:path';
import { Refusal, refuse } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { copyRaw } from './copy-raw.ts';
import { detectEncoding, toUtf8 } from './encoding.ts';
import { readCsvSql } from './engine-csv.ts';
import { CellReader, listAt } from './json-cells.ts';
import { readDocument, readLines, stepsOf, valueAt } from './json-document.ts';
import type { Document } from './json-document.ts';
import { ArrayRows, ObjectRows } from './json-rows.ts';
import type { Rows } from './json-rows.ts';
import { elementLines } from './json-text.ts';
import { RecordsFile } from './records-file.ts';
import { byteStream } from './source.ts';
import { UNREAD } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

export async function stageJson(context: StageContext): Promise<Staged> {
  const { source, findings, scratch } = context;
  const encoding = detectEncoding(source.head);
  const stream = byteStream(source, (bytes) => {
    context.onProgress({ stage: 'read', bytes, totalBytes: source.bytes });
  });
  const chunks = toUtf8(stream.chunks, encoding, source.name);
  const records = new RecordsFile(join(scratch, 'records.csv'), ',');
  let rows: Rows | undefined;
  let whole = true;
  try {
    const document = source.kind === 'json' ? await readDocument(context, chunks) : undefined;
    rows = rowsOf(context, records, document?.value);
    for await (const { value, line } of document ? recordsIn(context, document) : readLines(context, chunks)) rows.add(value, line);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    whole = false;
    findings.addAll(error.issues);
  } finally {
    records.close();
  }
  const base = {
    records: rows?.count ?? 0, original: whole ? stream.hash() : await sha384File(source.path),
    format: { kind: source.kind, encoding: encoding.encoding, delimiter: null, newline: null, compressed: source.compressed },
  };
  if (!rows) return { ...base, ...UNREAD };
  const { layout, problems } = rows.mapped();
  if (whole || rows.count > 0) for (const problem of problems) findings.add(problem, {});
  if (layout.columns.size === 0) return { ...base, ...UNREAD };
  const columns = ['_row', '_line', ...rows.names.map((_, i) => `c${i}`)];
  const csv = readCsvSql({ path: records.path, delimiter: ',', columns, numbered: true });
  return { ...base, ...await copyRaw(context, layout, csv, whole ? rows.count - rows.left : records.written) };
}

/** @param root - the document; undefined for lines */
function rowsOf({ source, instrument: { definition }, findings }: StageContext, records: RecordsFile, root: unknown): Rows {
  const { json } = definition.format;
  const cells = new CellReader(json, root, source.name, findings);
  const context = { definition, file: source.name, findings, records, cells };
  if (json?.columns === undefined && json?.header === undefined) return new ObjectRows(context);
  const { columns } = json;
  return new ArrayRows(context, typeof columns === 'string' ? listAt(root, columns, source.name) : columns, Array.isArray(columns));
}

/** @throws Refusal `JSON_NO_RECORDS` */
function* recordsIn({ source, instrument }: StageContext, { value: root, text }: Document): Generator<{ value: unknown; line: number }> {
  const { records: path, json } = instrument.definition.format;
  const { value, missing } = path === undefined ? { value: root } : valueAt(root, path);
  if (!Array.isArray(value)) {
    const expected = `expected an array of ${json?.columns === undefined && json?.header === undefined ? 'objects' : 'arrays'}`;
    refuse('JSON_NO_RECORDS', path === undefined ? expected : `${expected} at ${path}; ${missing === undefined ? 'found something else' : `there is no ${missing}`}`, { file: source.name }, 'name the path of the array in the instrument (format: records), or write one record a line');
  }
  const lines = elementLines(text, stepsOf(path));
  for (const [i, item] of (value as unknown[]).entries()) yield { value: item, line: lines[i] ?? 1 };
}
