/**
 * Every check of an instrument as SQL predicates over the judged table, with what is said where one fails.
 * A gate is one cheap predicate that is counted always; only when it lets something through are its checks told apart.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import { codesAtLevel, conditionFields, conditionSql } from '@weighbridge/instrument';
import type { Codelist, ConditionContext, FieldDefinition, Instrument, RoundDefinition } from '@weighbridge/instrument';
import { digits } from './field-sql.ts';
import type { FieldSql } from './field-sql.ts';
import type { Kind } from './findings.ts';

/** A predicate that is true where something is wrong. */
export interface Check extends Kind {
  readonly sql: string;
  /** Fields whose cells it looks at. */
  readonly fields: readonly string[];
  /** Field whose texts may be shown beside the summary; absent where values are confidential. */
  readonly echo?: string;
}

export interface Gate {
  readonly sql: string;
  readonly checks: readonly Check[];
}

/** Text of the judged table: after repairs and spellings, before typing. */
export function textOf(field: string): string {
  return sqlName(`${field}__t`);
}

/** `14-Oct`, `Oct-14`, `5-Sep`: what a spreadsheet makes of 10-14 and 5-9. RE2. */
export const SPREADSHEET_DATE = '(?i)([0-9]{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-[0-9]{2})';

/** All gates of an instrument. Fields that the file lacks have none. */
export function compileGates(instrument: Instrument, fields: ReadonlyMap<string, FieldSql>, round?: RoundDefinition): Gate[] {
  const gates: Gate[] = [];
  for (const sql of fields.values()) gates.push(...fieldGates(sql, instrument, fields));
  gates.push(...ruleGates(instrument, fields));
  if (round) gates.push(...periodGates(instrument, fields, round));
  return gates;
}

/**
 * Membership as a function call: the engine evaluates functions once for each dictionary entry, operators once for
 * each row. NULL gives NULL, which a filter takes for false: no predicate here has to ask for NULL first.
 */
function isOneOf(sql: string, values: readonly string[]): string {
  return values.length === 0 ? 'FALSE' : `list_contains([${values.map(sqlText).join(', ')}], ${sql})`;
}

/** True when the field's values may be shown to whoever reads the report. */
export function mayEcho(field: FieldDefinition, instrument: Instrument): boolean {
  const sensitivity = field.sensitivity ?? instrument.definition.sensitivity.level;
  return sensitivity === 'public' && instrument.definition.sensitivity.level === 'public';
}

function fieldGates(sql: FieldSql, instrument: Instrument, fields: ReadonlyMap<string, FieldSql>): Gate[] {
  const { field } = sql;
  const t = textOf(field.name);
  const column = field.source ?? field.name;
  const echo = mayEcho(field, instrument) ? { echo: field.name } : {};
  const error = (code: string, predicate: string, message: string, repair: string): Check => ({ code, severity: 'error', column, sql: predicate, fields: [field.name], message, repair, ...echo });
  const gates: Gate[] = [];
  const one = (check: Check): void => void gates.push({ sql: check.sql, checks: [check] });
  const good = sql.good(t, sqlName(field.name));
  const pattern = sql.pattern?.(t) ?? null;
  const mangled = `regexp_full_match(${t}, ${sqlText(SPREADSHEET_DATE)})`;
  const spreadsheet = (predicate: string, severity: Kind['severity'] = 'error'): Check => ({
    ...error('SPREADSHEET_DATE', predicate, 'the text looks like a date that a spreadsheet made of a code or a range', `find what was typed (“Oct-14” was 10-14, “5-Sep” was 5-9), format the column as text and correct it, or have a repair of this column approved`), severity,
  });
  if (field.type !== 'string') {
    const bad = `(${t} IS NOT NULL AND NOT ${good})`;
    const isDate = ['date', 'yearmonth', 'year'].includes(field.type);
    const checks = [typeError(field, error, isDate && pattern !== null ? `(${bad} AND NOT ${pattern})` : isDate ? bad : `(${bad} AND NOT ${mangled})`)];
    if (isDate && pattern !== null) checks.push(error('IMPOSSIBLE_DATE', `(${bad} AND ${pattern})`, 'the text is written like a date, and there is no such date', 'correct the date in the source system'));
    if (!isDate) checks.push(spreadsheet(`(${bad} AND ${mangled})`));
    gates.push({ sql: bad, checks });
  }
  if (field.required && !('' in field.marks)) one(error('REQUIRED', `${t} IS NULL`, 'the cell is blank; the column needs a value in every record', 'fill it in; if the value is not known, use the code that the instrument has for that'));
  gates.push(...codeGates(sql, instrument, fields, error, spreadsheet));
  gates.push(...constraintGates(sql, error));
  const closed = (field.codelist !== undefined && !field.open) || field.constraints.enum !== undefined || field.constraints.pattern !== undefined;
  if (field.type === 'string' && !closed && field.sensitivity !== 'free-text') {
    const permitted = field.codelist === undefined ? '' : ` AND NOT COALESCE(${known(t, field, instrument)}, FALSE)`;
    one(spreadsheet(sql.spread ? `(CASE WHEN length(${t}) BETWEEN 5 AND 6 THEN ${mangled}${permitted} END)` : `(${mangled}${permitted})`, 'warning'));
  }
  return gates;
}

type MakeError = (code: string, predicate: string, message: string, repair: string) => Check;

function codeGates(sql: FieldSql, instrument: Instrument, fields: ReadonlyMap<string, FieldSql>, error: MakeError, spreadsheet: (predicate: string) => Check): Gate[] {
  const { field } = sql;
  const list = field.codelist === undefined ? undefined : instrument.codelists.get(field.codelist);
  if (list === undefined) return [];
  const t = textOf(field.name);
  const marked = Object.keys(field.marks).filter((m) => m !== '');
  const notMark = marked.length === 0 ? '' : ` AND NOT ${isOneOf(t, marked)}`;
  const isKnown = known(t, field, instrument);
  const unknown = `(NOT ${isKnown}${notMark})`;
  const mangled = `regexp_full_match(${t}, ${sqlText(SPREADSHEET_DATE)})`;
  const gates: Gate[] = [];
  const title = `“${list.definition.title}” (${editionWords(list.definition.edition)})${shortList(field, list)}`;
  if (field.open) {
    gates.push({ sql: `(${unknown} AND NOT ${mangled})`, checks: [{ ...error('UNKNOWN_CODE', `(${unknown} AND NOT ${mangled})`, `the code is not in the list ${title}; the list is open`, 'nothing, if the code is right; ask the keeper of the list to add it'), severity: 'warning' }] });
  } else {
    gates.push({
      sql: unknown,
      checks: [error('UNKNOWN_CODE', `(${unknown} AND NOT ${mangled})`, `the code is not in the list ${title}`, 'use a code of the list; where agencies write a code differently, have the spelling approved'), spreadsheet(`(${unknown} AND ${mangled})`)],
    });
  }
  if (field.holds !== undefined && field.holds !== 'mixed') {
    const atLevel = inList(t, field, codesAtLevel(list, field.holds));
    const wrong = `(${isKnown} AND NOT ${atLevel}${notMark})`;
    gates.push({ sql: wrong, checks: [error('LEVEL_MIXED', wrong, `the code does not stand at the level “${field.holds}”`, `give codes of the level “${field.holds}” only: other levels would be counted twice`)] });
  }
  const at = field.validAt === undefined ? undefined : fields.get(field.validAt);
  if (at) gates.push(...validityGates(field, list, at.field, isKnown, error));
  return gates;
}

/** "edition 1", but not "edition third edition". */
function editionWords(edition: string): string {
  return /^[\d.-]+$/.test(edition) ? `edition ${edition}` : edition;
}

/** Lists of up to so many codes are told whole. */
const SHORT_LIST = 12;

function shortList(field: FieldDefinition, list: Codelist): string {
  const codes = field.holds === undefined || field.holds === 'mixed' ? [...new Set(list.entries.map((e) => e.code))] : codesAtLevel(list, field.holds);
  return codes.length === 0 || codes.length > SHORT_LIST ? '' : `: expected ${codes.length === 1 ? '' : 'one of '}${codes.join(', ')}`;
}

/** A month or year is compared with the months or years of the dates: the code has to be valid on some day of it. */
function validityGates(field: FieldDefinition, list: Codelist, at: FieldDefinition, present: string, error: MakeError): Gate[] {
  const t = textOf(field.name);
  const date = sqlName(at.name);
  const day = (iso: string): string => (at.type === 'year' ? String(Number(iso.slice(0, 4))) : at.type === 'yearmonth' ? sqlText(iso.slice(0, 7)) : `DATE ${sqlText(iso)}`);
  const limited = [...new Set(list.entries.filter((e) => e.validFrom !== null || e.validTo !== null).map((e) => e.code))];
  if (limited.length === 0) return [];
  const valid = list.entries.filter((e) => limited.includes(e.code)).map((e) => {
    const from = e.validFrom === null ? '' : ` AND ${date} >= ${day(e.validFrom)}`;
    const to = e.validTo === null ? '' : ` AND ${date} <= ${day(e.validTo)}`;
    return `(${t} = ${sqlText(e.code)}${from}${to})`;
  });
  const wrong = `(${present} AND ${date} IS NOT NULL AND ${isOneOf(t, limited)} AND NOT (${valid.join(' OR ')}))`;
  return [{ sql: wrong, checks: [error('CODE_NOT_VALID', wrong, `the code was not valid on the date in “${field.validAt ?? ''}”`, 'use the code that was in force then')] }];
}

function known(t: string, field: FieldDefinition, instrument: Instrument): string {
  const list = field.codelist === undefined ? undefined : instrument.codelists.get(field.codelist);
  return list ? inList(t, field, [...new Set(list.entries.map((e) => e.code))]) : 'TRUE';
}

/** Every part of the cell, where it holds several, is one of the codes. */
function inList(t: string, field: FieldDefinition, codes: readonly string[]): string {
  if (codes.length === 0 || field.split === undefined) return isOneOf(t, codes);
  const list = codes.map(sqlText).join(', ');
  return `(len(list_filter(string_split(${t}, ${sqlText(field.split)}), lambda part: NOT list_contains([${list}], trim(part)))) = 0)`;
}

function constraintGates({ field, type }: FieldSql, error: MakeError): Gate[] {
  const t = textOf(field.name);
  const v = sqlName(field.name);
  const { minimum, maximum, minLength, maxLength, pattern, enum: values } = field.constraints;
  const checks: Check[] = [];
  const limit = (value: number | string): string => (typeof value === 'number' ? String(value) : field.type === 'date' ? `CAST(${sqlText(value)} AS DATE)` : field.type === 'yearmonth' || field.type === 'string' ? sqlText(value) : `CAST(${sqlText(value)} AS ${type})`);
  const places = field.type === 'number' ? 6 : field.type === 'percent' ? 4 : undefined;
  if (places !== undefined) {
    // Exponents hide decimals from the text: there the value is compared. Twenty decimals are beyond any instrument's doubt.
    const exact = `TRY_CAST(${digits(field, t)} AS DECIMAL(38,20))`;
    const rounded = `(CASE WHEN regexp_matches(${t}, '[0-9.][eE]') THEN ${exact} <> ${v} WHEN length(${t}) > ${places + 1} THEN regexp_full_match(${t}, '.*\\.[0-9]{${places}}[0-9]*[1-9][^1-9]*') END)`;
    checks.push(error('ROUNDED_TO_ZERO', `(${v} = 0 AND regexp_full_match(${t}, '[^1-9eE]*[1-9].*'))`, `the number is not zero, and would be kept as zero: ${places} decimals are kept`, 'write 0 if zero is meant; else ask the keeper of the instrument to have the column in a smaller unit'));
    checks.push({ ...error('ROUNDED', rounded, `the number has more than ${places} decimals; it is rounded to ${places}`, 'nothing, unless further digits matter'), severity: 'info' });
  }
  const notMarks = Object.keys(field.marks).filter((m) => m !== '');
  const unmarked = notMarks.length === 0 ? '' : ` AND NOT ${isOneOf(t, notMarks)}`;
  if (minimum !== undefined) checks.push(error('BELOW_MINIMUM', `(${v} < ${limit(minimum)})`, `expected at least ${minimum}`, 'correct the value'));
  if (maximum !== undefined) checks.push(error('ABOVE_MAXIMUM', `(${v} > ${limit(maximum)})`, `expected at most ${maximum}`, 'correct the value'));
  if (minLength !== undefined) checks.push(error('TOO_SHORT', `(length(${t}) < ${minLength})`, `expected at least ${minLength} characters`, 'complete the text'));
  if (maxLength !== undefined) checks.push(error('TOO_LONG', `(length(${t}) > ${maxLength})`, `expected at most ${maxLength} characters`, 'shorten the text'));
  if (pattern !== undefined) checks.push(error('PATTERN', `(NOT regexp_full_match(${t}, ${sqlText(pattern)})${unmarked})`, `expected a text of the form ${pattern}`, 'correct the text in the source system'));
  if (values !== undefined) checks.push(error('NOT_PERMITTED', `(NOT ${isOneOf(t, values)}${unmarked})`, `expected one of ${values.slice(0, 12).join(', ')}${values.length > 12 ? ', …' : ''}`, 'use one of the permitted values'));
  return checks.map((check) => ({ sql: check.sql, checks: [check] }));
}

function ruleGates(instrument: Instrument, fields: ReadonlyMap<string, FieldSql>): Gate[] {
  const context = conditionContext(instrument, fields);
  return instrument.definition.rules.flatMap((rule): Gate[] => {
    const sql = `((${conditionSql(rule.when, context)}) AND NOT (${conditionSql(rule.then, context)}))`;
    const column = [...new Set(conditionFields(rule.then))].map((name) => sourceOf(instrument, name)).join(', ');
    const tested = [...new Set([...conditionFields(rule.when), ...conditionFields(rule.then)])];
    const check: Check = { code: 'RULE', rule: rule.id, severity: rule.severity, sql, fields: tested, ...(column === '' ? {} : { column }), message: rule.message, repair: rule.repair };
    return [{ sql, checks: [check] }];
  });
}

function sourceOf(instrument: Instrument, name: string): string {
  return instrument.definition.fields.find((f) => f.name === name)?.source ?? name;
}

/** Conditions over the judged table. A field that the file lacks is missing in every record. */
export function conditionContext(instrument: Instrument, fields: ReadonlyMap<string, FieldSql>): ConditionContext {
  const definitions = new Map(instrument.definition.fields.map((f) => [f.name, f]));
  return {
    column: (name) => (fields.has(name) ? sqlName(name) : 'NULL'),
    type: (name) => definitions.get(name)?.type ?? 'string',
    codelist: (name) => instrument.codelists.get(definitions.get(name)?.codelist ?? ''),
    split: (name) => definitions.get(name)?.split,
    textFields: instrument.definition.fields.filter((f) => f.type === 'string').map((f) => f.name),
  };
}

/** Records of another period than the round's are told, never dropped. */
function periodGates(instrument: Instrument, fields: ReadonlyMap<string, FieldSql>, round: RoundDefinition): Gate[] {
  const field = fields.get(instrument.definition.referencePeriod ?? '')?.field;
  if (field === undefined) return [];
  const length = field.type === 'year' ? 4 : field.type === 'yearmonth' ? 7 : 10;
  const limit = (date: string): string => (field.type === 'year' ? date.slice(0, 4) : field.type === 'date' ? `DATE ${sqlText(date)}` : sqlText(date.slice(0, length)));
  const v = sqlName(field.name);
  const column = field.source ?? field.name;
  const late: Check = {
    code: 'LATE_RECORD', severity: 'info', column, fields: [field.name], sql: `(${v} < ${limit(round.from)})`,
    message: `the record belongs to a period before the round (${round.from} to ${round.to})`, repair: 'nothing: it is counted in its own period, as a revision',
  };
  const early: Check = {
    code: 'AFTER_ROUND', severity: 'warning', column, fields: [field.name], sql: `(${v} > ${limit(round.to)})`,
    message: `the record belongs to a period after the round (${round.from} to ${round.to})`, repair: 'check the date; if it is right, leave the record for its own round',
  };
  return [late, early].map((check) => ({ sql: check.sql, checks: [check] }));
}

/** What is said of a text that breaks the grammar of its type. */
function typeError(field: FieldDefinition, error: MakeError, predicate: string): Check {
  const written = field.format === undefined ? '' : ` written ${typeof field.format === 'string' ? field.format : field.format.join(' or ')}`;
  const marks = Object.keys(field.marks).filter((m) => m !== '');
  const also = [...marks.map((m) => `“${m}”`), ...field.bounds.map((b) => BOUND_EXAMPLES[b])].join(', ');
  const or = also === '' ? '' : `, or ${also}`;
  const separator = field.thousands === undefined ? '' : ` with “${field.thousands}” between thousands`;
  switch (field.type) {
    case 'string': return error('NOT_A_TEXT', predicate, 'expected a text', 'correct the value');
    case 'integer': return error('NOT_AN_INTEGER', predicate, `expected a whole number${separator}${or}`, 'write digits only; a mark that is not a number has to be declared by the instrument');
    case 'number': return error('NOT_A_NUMBER', predicate, `expected a number below 10^12${separator}${or}`, 'write digits with a decimal point; a mark that is not a number has to be declared by the instrument');
    case 'percent': return error('NOT_A_PERCENTAGE', predicate, `expected a percentage such as 2.7%${or}`, 'write the percentage with digits; a mark that is not a number has to be declared by the instrument');
    case 'boolean': return error('NOT_A_BOOLEAN', predicate, `expected true or false (or yes, no, 1, 0)${or}`, 'write true or false');
    case 'date': return error('NOT_A_DATE', predicate, `expected a date${written || ' written YYYY-MM-DD'}${or}`, 'write the date in that form');
    case 'yearmonth': return error('NOT_A_MONTH', predicate, `expected a month${written || ' written YYYY-MM'}${or}`, 'write the month in that form');
    case 'year': return error('NOT_A_YEAR', predicate, `expected a year${written || ' written YYYY'}${or}`, 'write the year in that form');
  }
}

const BOUND_EXAMPLES: Readonly<Record<FieldDefinition['bounds'][number], string>> = {
  band: 'a band such as 0-249', 'less-than': 'a bound such as <10', 'at-least': 'a bound such as 10+', starred: 'a number with a star',
};
