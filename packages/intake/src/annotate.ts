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
import { splitLines } from './split-lines.ts';
import type { Staged } from './stage.ts';

/** More would make a workbook that spreadsheets open badly; the issues file has them all. */
const MOST_ISSUES = 100_000;
const MOST_RECORDS = 50_000;

export interface AnnotateInput {
  readonly report: CheckReport;
  /** NDJSON files of issues, in order. */
  readonly issues: readonly string[];
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
  const withRecords = staged.readable && report.rows <= MOST_RECORDS && !instrument.definition.format.unpivot;
  const about = [
    ['File', report.file], ['SHA-384', report.original], ['Records', report.rows], ['Accepted', report.accepted ? 'yes' : 'no'], ['Issues', total],
    ...(total > shown.length ? [['Note', `the sheet Issues holds the first ${shown.length}; ask for the issues file to have them all`]] : []),
    ...(withRecords ? [] : [['Note', `the records are not shown: only files of up to ${MOST_RECORDS} readable records are`]]),
    ...(report.synthetic ? [['Note', 'SYNTHETIC: the records are generated']] : []),
    [], ['Severity', 'Code', 'Column', 'Places', 'What was found', 'Repair'],
    ...report.summary.map((i) => [i.severity, i.code, i.place.column ?? '', i.count ?? 1, i.message, i.repair]),
  ];
  const sheets: Sheet[] = [
    { name: 'Summary', rows: about },
    { name: 'Issues', rows: [['Record', 'Line', 'Column', 'Severity', 'Code', 'What was found', 'Repair'], ...shown.map((i) => [i.row ?? null, i.line ?? null, i.column ?? '', i.severity, i.code, i.message, i.repair])], freezePane: { rows: 1 } },
    ...(withRecords ? [await recordsSheet(input, shown)] : []),
  ];
  await writeFileDurably(input.target, await writeXlsx({ sheets, properties: { created: new Date(0), modified: new Date(0) } }));
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

async function recordsSheet({ engine, staged, instrument }: AnnotateInput, issues: readonly IssueRow[]): Promise<Sheet> {
  const fields = instrument.definition.fields.filter((f) => staged.fields.has(f.name));
  const headers = fields.map((f) => f.source ?? f.name);
  const rows: (string | null)[][] = [headers];
  const rowOf = new Map<number, number>();
  for await (const chunk of engine.stream(`SELECT _row, ${fields.map((f) => sqlName(f.name)).join(', ')} FROM ${staged.table}`, 'reading the records')) {
    for (const row of chunk) {
      rowOf.set(Number(row['_row']), rows.length);
      rows.push(fields.map((f) => (row[f.name] === null ? null : String(row[f.name]))));
    }
  }
  const comments = new Map<string, string[]>();
  for (const issue of issues) {
    const row = rowOf.get(issue.row ?? -1);
    if (row === undefined) continue;
    const key = `${row},${Math.max(0, headers.indexOf(issue.column ?? ''))}`;
    comments.set(key, [...(comments.get(key) ?? []), `${issue.code}: ${issue.message}. ${issue.repair}`]);
  }
  const cells: Sheet['cells'] = new Map([...comments].map(([key, texts]) => [key, { comment: { author: 'Weighbridge', text: texts.join('\n') }, style: { fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'FFFFE08A' } } } }]));
  return { name: 'Records', rows, cells, freezePane: { rows: 1 } };
}
