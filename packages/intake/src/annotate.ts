/**
 * The issues as a workbook that the steward can work through: a sheet of issues, and, where they are few enough, the
 * records with a comment on every cell that has an issue. It holds the records, so it is as confidential as the file.
 * @module
 */
import { createReadStream } from 'node:fs';
import { sqlName } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Instrument } from '@weighbridge/instrument';
import { writeXlsx } from 'hucre/xlsx';
import type { CheckReport } from './check-report.ts';
import { CsvScanner } from './csv-scan.ts';
import { detectEncoding, toUtf8 } from './encoding.ts';
import { byteStream } from './source.ts';
import type { Source } from './source.ts';
import { splitLines } from './split-lines.ts';
import type { Staged } from './stage.ts';

/** More would make a workbook that spreadsheets open badly; the issues file has them all. */
const MOST_ISSUES = 100_000;
const MOST_RECORDS = 50_000;

export interface AnnotateInput {
  readonly report: CheckReport;
  /** NDJSON files of issues, in order. */
  readonly issues: readonly string[];
  readonly source: Source;
  readonly staged: Staged;
  readonly engine: Engine;
  readonly instrument: Instrument;
  readonly target: string;
}

interface IssueRow {
  readonly row?: number;
  readonly line?: number;
  readonly column?: string;
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly repair: string;
}

type Sheet = Parameters<typeof writeXlsx>[0]['sheets'][number];

/** Writes the workbook, whole or not at all. What does not fit is said on its first sheet, never dropped in silence. */
export async function annotate(input: AnnotateInput): Promise<void> {
  const { report, staged, instrument } = input;
  const { shown, total } = await readIssues(input.issues);
  const without = whyNoRecords(report, staged, instrument);
  const records = without === undefined ? await recordsSheet(input, shown) : undefined;
  const about = [
    ['File', report.file], ['SHA-384', report.original], ['Records', report.rows], ['Accepted', report.accepted ? 'yes' : 'no'], ['Issues', total],
    ...(total > shown.length ? [['Note', `the sheet Issues holds the first ${shown.length}; ask for the issues file to have them all`]] : []),
    ...(without === undefined ? [] : [['Note', `the records are not shown: ${without}`]]),
    ...(records === undefined || records.shown === report.rows ? [] : [['Note', `the sheet Records holds ${records.shown} of the ${report.rows} records: the others could not be read`]]),
    ...(report.synthetic ? [['Note', 'SYNTHETIC: the records are generated']] : []),
    [], ['Severity', 'Code', 'Column', 'Places', 'What was found', 'Repair'],
    ...report.summary.map((i) => [i.severity, i.code, i.place.column ?? '', i.count ?? 1, i.message, i.repair]),
  ];
  const sheets: Sheet[] = [
    { name: 'Summary', rows: about },
    { name: 'Issues', rows: [['Record', 'Line', 'Column', 'Severity', 'Code', 'What was found', 'Repair'], ...shown.map((i) => [i.row ?? null, i.line ?? null, i.column ?? '', i.severity, i.code, i.message, i.repair])], freezePane: { rows: 1 } },
    ...(records === undefined ? [] : [records.sheet]),
  ];
  await writeFileDurably(input.target, await writeXlsx({ sheets, properties: { created: new Date(0), modified: new Date(0) } }));
}

function whyNoRecords(report: CheckReport, staged: Staged, instrument: Instrument): string | undefined {
  if (!staged.readable) return 'they could not be read; what was found is below';
  if (instrument.definition.format.unpivot) return 'the instrument makes several records of each row of the file';
  return report.rows > MOST_RECORDS ? `there are ${report.rows}, and the sheet would hold up to ${MOST_RECORDS}` : undefined;
}

async function readIssues(files: readonly string[]): Promise<{ shown: IssueRow[]; total: number }> {
  const shown: IssueRow[] = [];
  let total = 0;
  for (const file of files) {
    for await (const line of splitLines(createReadStream(file), Infinity)) {
      if (line.length === 0) continue;
      total++;
      if (shown.length < MOST_ISSUES) shown.push(JSON.parse(line.toString('utf8')) as IssueRow);
    }
  }
  return { shown, total };
}

/** A record by the columns of the sheet. */
interface SheetRecord {
  readonly row: number;
  readonly cells: readonly (string | null)[];
}

/** Every record at its place, so that record n stands in row n + 1, with a comment on each cell that has an issue. */
async function recordsSheet(input: AnnotateInput, issues: readonly IssueRow[]): Promise<{ sheet: Sheet; shown: number }> {
  const { engine, staged, instrument } = input;
  const fields = instrument.definition.fields.filter((f) => staged.fields.has(f.name));
  const headers = fields.map((f) => f.source ?? f.name);
  const records: SheetRecord[] = [];
  for await (const chunk of engine.stream(`SELECT _row, ${fields.map((f) => sqlName(f.name)).join(', ')} FROM ${staged.table}`, 'reading the records')) {
    for (const row of chunk) records.push({ row: Number(row['_row']), cells: fields.map((f) => (row[f.name] === null ? null : String(row[f.name]))) });
  }
  if (input.report.summary.some((issue) => issue.code === 'RAGGED')) records.push(...await raggedRecords(input, headers));
  records.sort((a, b) => a.row - b.row);
  const rowOf = new Map(records.map(({ row }, i) => [row, i + 1]));
  const comments = new Map<string, string[]>();
  for (const issue of issues) {
    const row = rowOf.get(issue.row ?? -1);
    if (row === undefined) continue;
    for (const column of columnsOf(issue, headers)) {
      const key = `${row},${column}`;
      comments.set(key, [...(comments.get(key) ?? []), `${issue.code}: ${issue.message}. ${issue.repair}`]);
    }
  }
  const cells: Sheet['cells'] = new Map([...comments].map(([key, texts]) => [key, { comment: { author: 'Weighbridge', text: texts.join('\n') }, style: { fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'FFFFE08A' } } } }]));
  const widest = records.reduce((most, { cells: texts }) => Math.max(most, texts.length), headers.length);
  const beyond = Array.from({ length: widest - headers.length }, () => '(beyond the header)');
  return { sheet: { name: 'Records', rows: [[...headers, ...beyond], ...records.map((r) => [...r.cells])], cells, freezePane: { rows: 1 } }, shown: records.length };
}

/** The columns that an issue names: a rule may name several; one that is about the record stands in its first cell. */
function columnsOf({ column = '' }: IssueRow, headers: readonly string[]): number[] {
  if (headers.includes(column)) return [headers.indexOf(column)];
  const several = column.split(', ').map((name) => headers.indexOf(name)).filter((i) => i >= 0);
  return several.length > 0 ? several : [0];
}

/** Records with too few or too many fields, under the columns that their fields stand at; what is beyond the header last. */
async function raggedRecords({ source, staged, instrument }: AnnotateInput, headers: readonly string[]): Promise<SheetRecord[]> {
  const { delimiter, newline } = staged.format;
  const { format } = instrument.definition;
  if (source.kind !== 'csv' || delimiter === null) return [];
  const records: SheetRecord[] = [];
  const scanner: CsvScanner = new CsvScanner({
    delimiter, lineEnd: newline === 'cr' ? 'cr' : 'lf', headerLine: format.headerRow, onFault: () => undefined,
    onRagged: ({ row, texts }) => {
      const names = (scanner.header ?? []).map((name) => name.trim());
      const all = texts();
      const under = headers.map((header) => all[names.indexOf(header)] ?? null);
      records.push({ row, cells: [...under, ...all.slice(names.length)] });
    },
  });
  for await (const chunk of toUtf8(byteStream(source).chunks, detectEncoding(source.head, format.encoding), source.name)) scanner.push(chunk);
  scanner.end();
  return records;
}
