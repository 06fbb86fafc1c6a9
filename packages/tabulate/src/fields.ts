/**
 * How a field of a record is grouped and how its code is written, as SQL portable between engines.
 * A field is grouped by a cheap value (an integer where possible) and its code text is made from the few groups after.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { ValueState } from '@weighbridge/base';
import { sqlName, sqlText } from '@weighbridge/engine';
import type { DerivedDefinition, FieldDefinition, InstrumentDefinition } from '@weighbridge/instrument';
import type { Grain } from './calendar.ts';

/** A record's field in SQL. */
export interface FieldSql {
  /** The value that records are grouped by, over the record's columns. */
  readonly group: string;
  /** The code's text made from the grouping value: never NULL; the empty text is "missing". */
  readonly text: (group: string) => string;
}

/** Code under which values without a value of their own stand. */
export const MISSING = '';

/** Does the sealed Parquet hold the state, bounds and printed text of the field beside its value? */
export function hasStates(field: FieldDefinition): boolean {
  return Object.keys(field.marks).length > 0 || field.bounds.length > 0;
}

/** The state that stands under the missing code: what the blank mark says, else blank. */
export function blankState(field: FieldDefinition): ValueState {
  return field.marks[''] ?? 'blank';
}

/** The code of a state other than blank: different states stay different codes. */
export function stateCode(state: ValueState): string {
  return `(${state})`;
}

/** The columns of the sealed Parquet that grouping by a field reads. */
export function fieldColumns(field: FieldDefinition): string[] {
  return hasStates(field) ? [field.name, `${field.name}__state`, `${field.name}__text`] : [field.name];
}

/** A field of the instrument, grouped by its value and shown by its text. */
export function ownFieldSql(field: FieldDefinition, record: string): FieldSql {
  const value = `${record}.${sqlName(field.name)}`;
  const asText = field.type === 'string' || field.type === 'yearmonth';
  if (!hasStates(field)) {
    return { group: value, text: (g) => (asText ? `COALESCE(${g}, '')` : `COALESCE(CAST(${g} AS VARCHAR), '')`) };
  }
  const state = `${record}.${sqlName(`${field.name}__state`)}`;
  const text = `${record}.${sqlName(`${field.name}__text`)}`;
  const printed = field.bounds.length > 0 ? `WHEN ${state} IN ('band', 'less-than', 'at-least', 'starred') THEN ${text} ` : '';
  const group = `CASE ${printed}WHEN ${value} IS NOT NULL THEN ${asText ? value : `CAST(${value} AS VARCHAR)`} `
    + `WHEN ${state} IS NULL OR ${state} IN ('exact', 'blank', ${sqlText(blankState(field))}) THEN '' ELSE CONCAT('(', ${state}, ')') END`;
  return { group, text: (g) => g };
}

/** A reserved field: what the submission says of all its records. */
export function reservedFieldSql(name: string, record: string): FieldSql {
  return { group: `${record}.${sqlName(name)}`, text: (g) => g };
}

/** Calendar part of a date, year and month, or year. @throws Refusal `PART_TOO_FINE`, `PART_NOT_A_PERIOD` */
export function partSql(derived: DerivedDefinition, part: NonNullable<DerivedDefinition['part']>, of: FieldDefinition | undefined, record: string): FieldSql {
  const value = `${record}.${sqlName(part.of)}`;
  if (of?.type === 'date') return datePartSql(part.grain, value);
  if (of?.type === 'yearmonth') return { group: value, text: (g) => monthPartSql(part.grain, g) };
  if (of?.type !== 'year') {
    return refuse('PART_NOT_A_PERIOD', `"${derived.name}" asks for a calendar part of "${part.of}", which is no date, yearmonth or year field`, { object: derived.name }, 'name a field of such a type');
  }
  if (part.grain === 'year') return { group: value, text: (g) => `COALESCE(CAST(${g} AS VARCHAR), '')` };
  return refuse('PART_TOO_FINE', `"${derived.name}" asks for a ${part.grain} of "${part.of}", which holds years`, { object: derived.name }, 'use grain: year');
}

function datePartSql(grain: Grain, date: string): FieldSql {
  const year = `EXTRACT(YEAR FROM ${date})`;
  const month = `EXTRACT(MONTH FROM ${date})`;
  // Year and part of the year stand in one integer, year first, so that groups are cheap and the text is its digits.
  const digits = (g: string, from: number, length: number): string => `SUBSTRING(CAST(${g} AS VARCHAR), ${from}, ${length})`;
  const orMissing = (g: string, text: string): string => `CASE WHEN ${g} IS NULL THEN '' ELSE ${text} END`;
  switch (grain) {
    case 'year':
      return { group: year, text: (g) => orMissing(g, `CAST(${g} AS VARCHAR)`) };
    case 'year-june':
      return { group: `${year} + CASE WHEN ${month} > 6 THEN 1 ELSE 0 END`, text: (g) => orMissing(g, `CAST(${g} AS VARCHAR)`) };
    case 'half':
      return { group: `${year} * 10 + CASE WHEN ${month} > 6 THEN 2 ELSE 1 END`, text: (g) => orMissing(g, `CONCAT(${digits(g, 1, 4)}, '-H', ${digits(g, 5, 1)})`) };
    case 'quarter':
      return { group: `${year} * 10 + EXTRACT(QUARTER FROM ${date})`, text: (g) => orMissing(g, `CONCAT(${digits(g, 1, 4)}, '-Q', ${digits(g, 5, 1)})`) };
    case 'month':
      return { group: `${year} * 100 + ${month}`, text: (g) => orMissing(g, `CONCAT(${digits(g, 1, 4)}, '-', ${digits(g, 5, 2)})`) };
  }
}

function monthPartSql(grain: Grain, g: string): string {
  const year = `SUBSTRING(${g}, 1, 4)`;
  const month = `SUBSTRING(${g}, 6, 2)`;
  const orMissing = (text: string): string => `CASE WHEN ${g} IS NULL THEN '' ELSE ${text} END`;
  switch (grain) {
    case 'year':
      return orMissing(year);
    case 'year-june':
      return orMissing(`CASE WHEN ${month} > '06' THEN CAST(CAST(${year} AS INTEGER) + 1 AS VARCHAR) ELSE ${year} END`);
    case 'half':
      return orMissing(`CONCAT(${year}, CASE WHEN ${month} > '06' THEN '-H2' ELSE '-H1' END)`);
    case 'quarter':
      return orMissing(`CONCAT(${year}, CASE WHEN ${month} <= '03' THEN '-Q1' WHEN ${month} <= '06' THEN '-Q2' WHEN ${month} <= '09' THEN '-Q3' ELSE '-Q4' END)`);
    case 'month':
      return orMissing(g);
  }
}

/** A band: its code, which is its label, and its SQL condition. */
interface Band {
  readonly code: string;
  readonly when: string;
}

/** Code of what falls into no band because a value is missing. */
export const NOT_KNOWN = 'not known';

/** Codes of the bands from the lowest up, "not known" left out. */
export function bandCodes(bounds: readonly number[], whole: boolean): string[] {
  return bandsOver('x', 'x', bounds, whole).map((b) => b.code);
}

/** Days between two dates in bands; an end before the start stands in a band of its own. */
export function daysBetweenSql(days: NonNullable<DerivedDefinition['daysBetween']>, record: string): FieldSql {
  const difference = `(${record}.${sqlName(days.to)} - ${record}.${sqlName(days.from)})`;
  return bandedSql(bandsOver(difference, difference, days.bands, true));
}

/** A number in bands; a number printed as bounds counts where both bounds fall into one band. */
export function bandsSql(bands: NonNullable<DerivedDefinition['bands']>, of: FieldDefinition | undefined, record: string): FieldSql {
  const column = (suffix: string): string => `${record}.${sqlName(bands.of + suffix)}`;
  const [lo, hi] = of && hasStates(of) ? [column('__lo'), column('__hi')] : [column(''), column('')];
  return bandedSql(bandsOver(lo, hi, bands.bounds, isWhole(of)));
}

/** Whole numbers have bands "0 to 30"; others "0 to less than 31". */
export function isWhole(field: FieldDefinition | undefined): boolean {
  return field?.type === 'integer' || field?.type === 'year';
}

/** Conditions are read from the first on, so a plain number needs its upper end only. */
function bandsOver(lo: string, hi: string, bounds: readonly number[], whole: boolean): Band[] {
  const sorted = [...bounds].sort((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const bands = sorted.map((bound, i): Band => {
    const next = sorted[i + 1];
    if (next === undefined) return { code: `${bound} and more`, when: `${lo} >= ${bound}` };
    const to = whole ? (next - 1 === bound ? '' : ` to ${next - 1}`) : ` to less than ${next}`;
    return { code: `${bound}${to}`, when: lo === hi ? `${hi} < ${next}` : `${lo} >= ${bound} AND ${hi} < ${next}` };
  });
  return [{ code: `less than ${first}`, when: `${hi} < ${first}` }, ...bands];
}

function bandedSql(bands: readonly Band[]): FieldSql {
  return {
    group: `CASE ${bands.map((b, i) => `WHEN ${b.when} THEN ${i}`).join(' ')} ELSE -1 END`,
    text: (g) => `CASE ${g} ${bands.map((b, i) => `WHEN ${i} THEN ${sqlText(b.code)}`).join(' ')} ELSE ${sqlText(NOT_KNOWN)} END`,
  };
}

/** The values of a `cases` field in the order of its cases, `otherwise` last, each once. */
export function caseValues(cases: NonNullable<DerivedDefinition['cases']>): string[] {
  return [...new Set([...cases.of.map((c) => c.value), cases.otherwise])];
}

/** The first case whose condition holds. `condition` compiles a case's condition over the record. */
export function casesSql(cases: NonNullable<DerivedDefinition['cases']>, condition: (when: (typeof cases.of)[number]['when']) => string): FieldSql {
  const values = caseValues(cases);
  return {
    group: `CASE ${cases.of.map((c) => `WHEN ${condition(c.when)} THEN ${values.indexOf(c.value)}`).join(' ')} ELSE ${values.indexOf(cases.otherwise)} END`,
    text: (g) => `CASE ${g} ${values.map((v, i) => `WHEN ${i} THEN ${sqlText(v)}`).join(' ')} END`,
  };
}

/** The definition of a field of the instrument, or undefined. */
export function fieldOf(instrument: InstrumentDefinition, name: string): FieldDefinition | undefined {
  return instrument.fields.find((f) => f.name === name);
}

/** The definition of a derived field, or undefined. */
export function derivedOf(instrument: InstrumentDefinition, name: string): DerivedDefinition | undefined {
  return instrument.derived.find((d) => d.name === name);
}
