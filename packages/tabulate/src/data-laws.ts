/**
 * The laws of adding, checked on what the data hold: the second lock behind the checks on definitions.
 * A code list may declare one level while the records hold two; only the records can tell.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { sqlName, sqlText } from '@weighbridge/engine';
import type { SqlRow } from '@weighbridge/engine';
import { marginObstacle, releaseObstacles } from '@weighbridge/instrument';
import type { FieldDefinition, MeasureDefinition, TableDefinition } from '@weighbridge/instrument';
import { codeTree } from './code-tree.ts';
import type { DimensionPlan } from './dimension.ts';
import { derivedOf } from './fields.ts';
import { RECORD } from './instrument-data.ts';
import type { InstrumentData } from './instrument-data.ts';

/** Codes among the records of a table that must not be added. */
export interface AddingConflict {
  readonly code: 'LEVELS_MIXED' | 'OVERLAPPING_AGGREGATE';
  readonly why: string;
  readonly repair: string;
}

/** A table as the laws see it. */
export interface LawContext {
  readonly data: InstrumentData;
  readonly table: TableDefinition;
  readonly measure: MeasureDefinition;
  readonly plans: readonly DimensionPlan[];
}

/**
 * Conflicts of the fields that the table shows, by field.
 * @throws Refusal `LEVELS_MIXED`, `OVERLAPPING_AGGREGATE` when the table adds over a field in conflict
 */
export async function addingConflicts(context: LawContext): Promise<ReadonlyMap<string, AddingConflict>> {
  const conflicts = new Map<string, AddingConflict>();
  for (const field of context.data.instrument.definition.fields) {
    const plan = context.plans.find((p) => p.field === field.name);
    const conflict = await addingConflict(context, field, plan);
    if (!conflict) continue;
    const explicit = typeof plan?.by.total === 'string';
    const rolledUp = plan !== undefined && plan.rollUp.size > 0;
    if (!plan || explicit || rolledUp) refuse(conflict.code, conflict.why, { object: context.table.id, column: field.name }, conflict.repair);
    conflicts.set(field.name, conflict);
  }
  return conflicts;
}

/** Label of the margin over a dimension, or null when there may or shall be none. */
export function marginLabel(context: LawContext, plan: DimensionPlan, conflict: AddingConflict | undefined): string | null {
  const { by } = plan;
  if (by.total === false || by.levels) return null;
  if (by.total !== undefined) return by.total;
  if (conflict || marginObstacle(context.data.instrument, context.measure, context.table, by)) return null;
  return context.measure.kind === 'stock' && (plan.kind === 'time' || plan.field === 'round') ? null : 'Total';
}

/** Fields that must have one value in every cell of the table, since the measure does not add over them. */
export function guardFields(context: LawContext, margins: readonly (string | null)[]): string[] {
  const { measure, data, plans } = context;
  const { referencePeriod } = data.instrument.definition;
  const dates = plans.filter((p) => p.kind === 'time').map((p) => derivedOf(data.instrument.definition, p.field)?.part?.of ?? p.field);
  const stock = measure.kind === 'stock' ? [referencePeriod ?? 'round', ...dates] : [];
  const guarded = new Set([...measure.notOver.map((n) => n.field), ...stock]);
  return [...guarded].filter((field) => {
    const at = plans.findIndex((p) => p.field === field);
    const plan = plans[at];
    return !plan || plan.rollUp.size > 0 || plan.split !== undefined || margins[at] !== null;
  });
}

/** @throws Refusal `MEASURE_DOES_NOT_ADD`, `STOCK_OVER_TIME` when a cell adds over what it must not. */
export function checkRows(context: LawContext, guards: readonly string[], rows: readonly SqlRow[]): void {
  const { measure, table } = context;
  for (const [i, field] of guards.entries()) {
    if (!rows.some((row) => Number(row[`guard${i}`]) === 1)) continue;
    const declared = measure.notOver.find((n) => n.field === field);
    if (declared) refuse('MEASURE_DOES_NOT_ADD', `"${measure.id}" must not be added over "${field}": ${declared.why}`, { object: table.id, column: field }, `show "${field}" under "by" without a total, or fix it at one value under "where"`);
    refuse('STOCK_OVER_TIME', `"${measure.id}" is a stock: its numbers at different dates in "${field}" must not be added`, { object: table.id, column: field }, `show "${field}" under "by" without a total, or fix it at one value under "where"`);
  }
  if (!measure.adds && measure.sum !== undefined && rows.some((row) => Number(row['n']) > 1)) {
    refuse('MEASURE_DOES_NOT_ADD', `"${measure.id}" does not add and a cell of the table holds several records`, { object: table.id }, 'show every field that tells the records apart under "by", or fix it under "where"');
  }
}

/** @throws Refusal `CODE_NOT_VALID_AT_DATE` when a record's code was not valid on the date that its field names. */
export async function checkValidity(data: InstrumentData): Promise<void> {
  for (const field of data.instrument.definition.fields) {
    const codelist = data.instrument.codelists.get(field.codelist ?? '');
    const { validAt } = field;
    if (validAt === undefined || !codelist || field.split !== undefined || !codelist.entries.some((e) => e.validFrom ?? e.validTo)) continue;
    const invalid = await data.once(`validity ${field.name}`, async () => {
      const records = await data.records([field.name, validAt]);
      const spans = codelist.entries.map((e) => `(code = ${sqlText(e.code)} AND day >= ${sqlText(e.validFrom ?? '0001-01-01')} AND day <= ${sqlText(e.validTo ?? '9999-12-31')})`);
      const code = records.field(field.name).text(`${RECORD}.${sqlName(field.name)}`);
      const pairs = `SELECT DISTINCT ${code} AS code, CAST(${data.daySql(validAt)} AS VARCHAR) AS day FROM (${records.sql}) AS ${RECORD}`;
      const known = [...codeTree(codelist).entries.keys()].map(sqlText).join(', ');
      const rows = await data.rows(`SELECT COUNT(*) AS n FROM (${pairs}) AS pairs WHERE day IS NOT NULL AND code IN (${known}) AND NOT (${spans.join(' OR ')})`, 'checking validity of codes');
      return Number(rows[0]?.['n'] ?? 0);
    });
    if (invalid > 0) {
      refuse('CODE_NOT_VALID_AT_DATE', `records hold codes of "${field.name}" that were not valid on the date in "${validAt}"`, { object: data.instrument.definition.id, column: field.name }, 'have the agency correct the codes or the dates, or mend the validity dates of the code list');
    }
  }
}

/** What must not be added among the codes of a field's records that the table counts, or null. */
async function addingConflict(context: LawContext, field: FieldDefinition, plan: DimensionPlan | undefined): Promise<AddingConflict | null> {
  const { data, measure, table } = context;
  const codelist = data.instrument.codelists.get(field.codelist ?? '');
  if (!codelist || field.split !== undefined || measure.distinct !== undefined || plan?.by.levels) return null;
  const tree = codeTree(codelist);
  // In a return each record is one thing, and a code above another is one that is known less exactly. Published figures
  // are sums already: a code above another is likely to hold it.
  const mixing = field.holds !== undefined || (measure.sum !== undefined && data.instrument.definition.sensitivity.level === 'public');
  const conflictIn = (codes: ReadonlySet<string>): AddingConflict | null => {
    const mixed = mixing ? tree.mixedPair(codes) : null;
    if (mixed) return levelsMixed(field, mixed[0].level ?? mixed[0].code, mixed[1].level ?? mixed[1].code);
    const overlap = tree.overlappingPair(codes);
    return overlap ? overlapping(field, ...overlap, tree.entries.has(overlap[1])) : null;
  };
  if (![...tree.entries.values()].some((e) => (mixing && e.parent !== null) || e.overlaps.length > 0)) return null;
  const all = await data.once(`codes ${field.name}`, () => codesOf(data, field, 'TRUE', []));
  if (!conflictIn(all)) return null;
  const where = data.condition(table.where);
  const codes = where === 'TRUE' ? all : await codesOf(data, field, where, data.conditionNeeds(table.where));
  const kept = [...codes].filter((c) => !plan?.drop.has(c) && (plan?.keep?.includes(plan.rollUp.get(c) ?? c) ?? true));
  return conflictIn(new Set(kept));
}

async function codesOf(data: InstrumentData, field: FieldDefinition, where: string, needs: readonly string[]): Promise<ReadonlySet<string>> {
  const records = await data.records([field.name, ...needs]);
  const { group, text } = records.field(field.name);
  const rows = await data.rows(`SELECT ${text('g')} AS code FROM (SELECT DISTINCT ${group} AS g FROM (${records.sql}) AS ${RECORD} WHERE ${where}) AS codes`, 'reading codes');
  return new Set(rows.map((row) => String(row['code'])));
}

function levelsMixed(field: FieldDefinition, above: string, below: string): AddingConflict {
  return {
    code: 'LEVELS_MIXED',
    why: `"${field.name}" holds the levels ${above} and ${below} side by side: adding them counts the same thing more than once`,
    repair: `fix one level: under "by" with "level", or under "where" with { level: … } (${above}, ${below})`,
  };
}

/** Codes are named when the list holds them; what else the records hold may be confidential. */
function overlapping(field: FieldDefinition, code: string, other: string, listed: boolean): AddingConflict {
  return {
    code: 'OVERLAPPING_AGGREGATE',
    why: `"${code}" in "${field.name}" overlaps ${listed ? `"${other}"` : 'the other codes'}: adding both counts the same thing twice`,
    repair: `leave "${code}" out under "where" with { notIn: ["${code}"] }, or show "${field.name}" without a total`,
  };
}

/** @throws Refusal `FIELD_NOT_RELEASABLE` for a table over what may not be released */
export function checkReleasable(data: InstrumentData, table: TableDefinition): void {
  for (const { why, repair, path } of releaseObstacles(table, data.instrument)) {
    const [list, at, ...rest] = path;
    refuse('FIELD_NOT_RELEASABLE', why, { object: table.id, key: typeof at === 'number' ? `${String(list)}[${at}].${rest.join('.')}` : path.join('.') }, repair);
  }
}
