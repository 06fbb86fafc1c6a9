/**
 * Judges the values of a staged file: one query counts everything; only what failed is looked at again.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import type { Engine, SqlRow } from '@weighbridge/engine';
import type { Instrument, RoundDefinition } from '@weighbridge/instrument';
import { findFormFaults, onePerCell } from './causes.ts';
import type { FormFaults } from './causes.ts';
import { SPREADSHEET_DATE, compileGates, mayEcho, textOf } from './checks.ts';
import type { Check, Gate } from './checks.ts';
import type { FieldSql } from './field-sql.ts';
import type { Findings } from './findings.ts';
import { kindMembers } from './findings.ts';
import { compileFields, judgedSql, trimmedOf } from './judge.ts';
import { checkKeys } from './keys.ts';
import type { Staged } from './stage.ts';

/** An approved repair, and how many records it changed. */
export interface CountedRepair {
  readonly field: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly why: string;
  readonly approvedBy: string;
  readonly on: string;
}

export interface Judgement {
  readonly repairs: readonly CountedRepair[];
  /** The file says of itself that its records are generated. */
  readonly synthetic: boolean;
  /** Rows of the judged table: records, times the wide columns where the instrument unpivots. */
  readonly rows: number;
}

export interface ValidateContext {
  readonly engine: Engine;
  readonly instrument: Instrument;
  readonly staged: Staged;
  readonly findings: Findings;
  readonly round: RoundDefinition | undefined;
  /** Where a line for each issue goes; absent: only summaries are made. */
  readonly issuesPath: string | undefined;
}

/** A gate that lets something through, and how often. */
interface FailingGate {
  readonly gate: Gate;
  readonly count: number;
}

/** Judges every value. Findings are made; nothing is thrown for bad data. */
export async function validate(context: ValidateContext): Promise<Judgement> {
  const { engine, instrument, staged, findings } = context;
  const fields = compileFields(instrument, staged);
  const judged = judgedSql(staged, fields);
  const gates = compileGates(instrument, fields, context.round);
  const repairs = [...fields.values()].flatMap(({ field }) => field.repairs.map((repair) => ({ field, repair })));
  const spelled = [...fields.values()].filter(({ field }) => (instrument.spellings.get(field.name) ?? []).length > 0);
  const marksSynthetic = fields.get('synthetic')?.field.type === 'boolean';
  const counts = [
    ...gates.map((gate, i) => `count(*) FILTER (WHERE ${gate.sql}) AS g${i}`),
    ...repairs.map(({ field, repair }, i) => `count(*) FILTER (WHERE ${trimmedOf(field.name)} = ${sqlText(repair.from)}) AS r${i}`),
    ...spelled.map(({ field }, i) => `count(*) FILTER (WHERE ${trimmedOf(field.name)} <> ${textOf(field.name)}) AS s${i}`),
    ...(marksSynthetic ? ['count(*) FILTER (WHERE synthetic) AS generated', 'count(*) FILTER (WHERE NOT synthetic) AS real'] : []),
  ];
  const [row = {}] = await engine.rows(`SELECT ${['count(*) AS n', ...counts].join(', ')} FROM ${judged}`, 'checking the records');
  const failing = gates.map((gate, i) => ({ gate, count: numberOf(row, `g${i}`) })).filter(({ count }) => count > 0);
  const faults = await findFormFaults(engine, instrument, staged, fields, findings);
  await tellApart(context, judged, failing, faults);
  await checkKeys({ ...context, fields, faults });
  for (const [i, { field }] of spelled.entries()) noteSpellings(findings, field.source ?? field.name, numberOf(row, `s${i}`));
  await proposeSpellings(context, fields);
  const counted = repairs.map(({ field, repair }, i) => ({ field: field.name, ...repair, rows: numberOf(row, `r${i}`) })).filter((r) => r.rows > 0);
  for (const repair of counted) noteRepair(findings, fields.get(repair.field)?.field.source ?? repair.field, repair);
  const synthetic = marksSynthetic && numberOf(row, 'generated') > 0;
  if (synthetic && numberOf(row, 'real') > 0) {
    findings.summarise({ code: 'SYNTHETIC_WITH_REAL', severity: 'error', column: 'synthetic', message: 'some records are marked as generated and others are not', repair: 'never put generated and real records into one file' }, numberOf(row, 'generated'), {});
  }
  return { repairs: counted, synthetic, rows: numberOf(row, 'n') };
}

/** Counts each failing check, finds its first place, and writes a line for each issue. */
async function tellApart(context: ValidateContext, plain: string, failing: readonly FailingGate[], faults: FormFaults | undefined): Promise<void> {
  const { engine, findings } = context;
  const judged: Judged = { sql: faults?.judged ?? plain, ordered: faults === undefined };
  const counts = new Map(failing.map(({ gate, count }) => [gate, count]));
  const checks = onePerCell(failing.map(({ gate }) => gate), faults);
  const unsure = checks.filter(({ changed }) => changed);
  const [row = {}] = unsure.length === 0 ? [] : await engine.rows(`SELECT ${unsure.map(({ check }, i) => `count(*) FILTER (WHERE ${check.sql}) AS n${i}`).join(', ')} FROM ${judged.sql}`, 'telling issues apart');
  const found = checks.map((one) => ({ check: one.check, count: one.changed ? numberOf(row, `n${unsure.indexOf(one)}`) : (counts.get(one.gate) ?? 0) })).filter(({ count }) => count > 0);
  for (const { check, count } of found) {
    const shown = check.echo === undefined ? '' : await examples(engine, judged, check);
    findings.summarise({ ...check, message: `${check.message}${shown}` }, count, await firstPlace(engine, judged, check));
  }
  if (context.issuesPath !== undefined && found.length > 0) await writeIssueLines(context, judged, found.map((f) => f.check), context.issuesPath);
}

/** The judged table, and whether its rows come in the order of the file. */
interface Judged {
  readonly sql: string;
  readonly ordered: boolean;
}

/** The engine keeps the order of rows, so the first row it finds is the first of the file. */
async function firstPlace(engine: Engine, { sql, ordered }: Judged, check: Check): Promise<{ row: number; line?: number }> {
  const [row = {}] = await engine.rows(`SELECT _row AS r, _line AS l FROM ${sql} WHERE ${check.sql}${ordered ? '' : ' ORDER BY _row'} LIMIT 1`, 'finding the first place');
  const line = row['l'];
  return { row: numberOf(row, 'r'), ...(line === null || line === undefined ? {} : { line: Number(line) }) };
}

/** The most frequent texts that failed, for fields whose values are public. */
async function examples(engine: Engine, judged: Judged, check: Check): Promise<string> {
  const t = textOf(check.echo ?? '');
  const rows = await engine.rows(`SELECT ${t} AS t, count(*) AS n FROM ${judged.sql} WHERE ${check.sql} AND ${t} IS NOT NULL GROUP BY 1 ORDER BY n DESC, t LIMIT 5`, 'finding examples');
  const texts = rows.map((row) => {
    const text = String(row['t']);
    const likely = check.code === 'SPREADSHEET_DATE' ? likelyOriginal(text) : undefined;
    return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”${likely === undefined ? '' : `, likely ${likely},`} in ${String(row['n'])}`;
  });
  return texts.length === 0 ? '' : `; found ${texts.join(', ')}`;
}

/** What was typed before a spreadsheet made a date of it: "Oct-14" was 10-14, "5-Sep" was 5-9. */
export function likelyOriginal(text: string): string | undefined {
  const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
  if (!new RegExp(`^${SPREADSHEET_DATE.replace('(?i)', '')}$`, 'i').test(text)) return undefined;
  const [first = '', second = ''] = text.toLowerCase().split('-');
  return months.includes(first) ? `${months.indexOf(first) + 1}-${Number(second)}` : `${Number(first)}-${months.indexOf(second) + 1}`;
}

/**
 * A line of NDJSON for every place where a check fails, check by check, made by the engine: a million cost little.
 * The members of a line are columns of a CSV without quotes: the engine then copies the constant ones, and builds none.
 */
async function writeIssueLines(context: ValidateContext, { sql, ordered }: Judged, checks: readonly Check[], path: string): Promise<void> {
  const { engine, instrument, staged } = context;
  const line = staged.format.kind === 'parquet' ? '' : `'"line":' || _line, `;
  const selects = checks.map((check) => {
    const constant = JSON.stringify(kindMembers(check)).slice(1, -1);
    const field = instrument.definition.fields.find((f) => f.name === check.echo);
    const t = textOf(field?.name ?? '');
    const members = field && mayEcho(field, instrument)
      ? `concat(${sqlText(constant)}, CASE WHEN length(${t}) <= 80 THEN concat(',"value":', to_json(${t})) ELSE '' END, '}')`
      : sqlText(`${constant}}`);
    return `(SELECT concat('{"row":', _row), ${line}${members} FROM ${sql} WHERE ${check.sql}${ordered ? '' : ' ORDER BY _row'})`;
  });
  await engine.run(`COPY (${selects.join(' UNION ALL ')}) TO ${sqlText(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER ',')`, 'writing the issues');
}

function noteRepair(findings: Findings, column: string, repair: CountedRepair): void {
  findings.summarise({
    code: 'REPAIRED', severity: 'info', column, part: JSON.stringify([repair.from, repair.to]),
    message: `an approved repair was applied, “${repair.from}” read as ${repair.to === '' ? 'a blank' : `“${repair.to}”`}: ${repair.why}`, repair: `nothing; approved by ${repair.approvedBy} on ${repair.on}`,
  }, repair.rows, {});
}

function noteSpellings(findings: Findings, column: string, count: number): void {
  if (count === 0) return;
  findings.summarise({ code: 'SPELLING_MAPPED', severity: 'info', column, message: 'approved spellings were read as the code they stand for; the original is kept', repair: 'nothing' }, count, {});
}

const MOST_SPELLINGS = 200_000;

/** Groups of texts equal under case and punctuation: proposed, never applied. */
async function proposeSpellings({ engine, instrument, staged, findings }: ValidateContext, fields: ReadonlyMap<string, FieldSql>): Promise<void> {
  for (const { field, text } of fields.values()) {
    if (!field.proposeSpellings) continue;
    const rows = await engine.rows(`SELECT DISTINCT ${text} AS t FROM ${staged.table} WHERE ${sqlName(field.name)} IS NOT NULL LIMIT ${MOST_SPELLINGS}`, 'comparing spellings');
    const groups = new Map<string, string[]>();
    for (const row of rows) {
      const spelling = row['t'];
      if (typeof spelling !== 'string') continue;
      const folded = spelling.normalize('NFKC').toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
      groups.set(folded, [...(groups.get(folded) ?? []), spelling]);
    }
    const several = [...groups.values()].filter((g) => g.length > 1).map((g) => g.toSorted()).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
    if (several.length === 0) continue;
    const shown = mayEcho(field, instrument) ? `; for example ${several.slice(0, 3).map((g) => g.map((s) => `“${s}”`).join(' and ')).join('; ')}` : '';
    findings.summarise({
      code: 'SPELLINGS_ALIKE', severity: 'info', column: field.source ?? field.name,
      message: `of ${rows.length} spellings, ${groups.size} remain without case and punctuation: some may name one body${shown}`,
      repair: 'let a person confirm which are one; approved spellings go into the instrument’s spellings file',
    }, several.length, {});
  }
}

export function numberOf(row: SqlRow, name: string): number {
  return Number(row[name] ?? 0);
}
