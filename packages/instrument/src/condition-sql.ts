/**
 * Conditions (of rules, table filters and derived cases) as SQL over typed columns.
 * The SQL is two-valued: a test on a missing value is false, except `notBefore`/`notAfter`, which hold when
 * either date is missing (a missing date is another rule's business). Portable between DuckDB and ClickHouse.
 * @module
 */
import { codesAtLevel, codesUnder } from './codelist.ts';
import type { Codelist } from './collection.ts';
import type { Condition, FieldDefinition, FieldTest } from './schema.ts';

/** What the compiler has to know about the fields that conditions name. */
export interface ConditionContext {
  /** SQL of the field's typed value, e.g. `t."offence"`. Derived and reserved fields included. */
  readonly column: (field: string) => string;
  /** The field's type; derived and reserved fields are strings. */
  readonly type: (field: string) => FieldDefinition['type'];
  readonly codelist: (field: string) => Codelist | undefined;
  /** Separator of a field with several values in one cell. */
  readonly split: (field: string) => string | undefined;
  /** Text fields that `anyField` looks into. */
  readonly textFields: readonly string[];
}

/** One SQL boolean expression, true or false, never null. An empty condition is true. */
export function conditionSql(condition: Condition, context: ConditionContext): string {
  const parts = Object.entries(condition).map(([field, test]) => {
    const full: FieldTest = typeof test === 'string' ? { in: [test] } : Array.isArray(test) ? { in: test } : test;
    return field === 'anyField' ? anyFieldSql(full, context) : testSql(field, full, context);
  });
  return parts.length === 0 ? 'TRUE' : parts.map((p) => `(${p})`).join(' AND ');
}

/** The fields a condition names, `anyField` left out: for checking that they exist. */
export function conditionFields(condition: Condition): string[] {
  return Object.entries(condition).flatMap(([field, test]) => {
    const other = typeof test === 'object' && !Array.isArray(test) ? [test.notBefore, test.notAfter] : [];
    return [...(field === 'anyField' ? [] : [field]), ...other.filter((f) => f !== undefined)];
  });
}

function anyFieldSql(test: FieldTest, context: ConditionContext): string {
  const parts = context.textFields.map((field) => testSql(field, test, context));
  return parts.length === 0 ? 'FALSE' : parts.join(' OR ');
}

function testSql(field: string, test: FieldTest, context: ConditionContext): string {
  const column = context.column(field);
  const parts: string[] = [];
  const orFalse = (sql: string): void => void parts.push(`COALESCE(${sql}, FALSE)`);
  const codelist = context.codelist(field);
  if (test.in) orFalse(membership(field, test.in, context));
  if (test.notIn) parts.push(`NOT COALESCE(${membership(field, test.notIn, context)}, FALSE)`);
  if (test.level !== undefined && codelist) orFalse(membership(field, codesAtLevel(codelist, test.level), context));
  if (test.under && codelist) orFalse(membership(field, test.under.flatMap((code) => codesUnder(codelist, code)), context));
  if (test.blank !== undefined) parts.push(`${column} IS ${test.blank ? '' : 'NOT '}NULL`);
  if (test.min !== undefined) orFalse(`${column} >= ${literal(test.min, context.type(field))}`);
  if (test.max !== undefined) orFalse(`${column} <= ${literal(test.max, context.type(field))}`);
  if (test.notBefore !== undefined) parts.push(`COALESCE(${column} >= ${context.column(test.notBefore)}, TRUE)`);
  if (test.notAfter !== undefined) parts.push(`COALESCE(${column} <= ${context.column(test.notAfter)}, TRUE)`);
  if (test.contains !== undefined) orFalse(`POSITION(${quote(test.contains.toLowerCase())} IN LOWER(${asText(field, context)})) > 0`);
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ');
}

/** SQL types of fields that are not whole numbers. */
const DECIMALS: Readonly<Partial<Record<FieldDefinition['type'], string>>> = { number: 'DECIMAL(18, 6)', percent: 'DECIMAL(9, 4)' };

function membership(field: string, values: readonly string[], context: ConditionContext): string {
  const separator = context.split(field);
  if (separator === undefined && values.length === 0) return 'FALSE';
  const decimal = DECIMALS[context.type(field)];
  // As numbers: the text of a decimal has all the places of its type, "1.500000" for 1.5.
  if (separator === undefined && decimal !== undefined) return `${context.column(field)} IN (${values.map((v) => `CAST(${quote(v)} AS ${decimal})`).join(', ')})`;
  const text = asText(field, context);
  if (separator === undefined) return `${text} IN (${values.map(quote).join(', ')})`;
  const fenced = `CONCAT(${quote(separator)}, ${text}, ${quote(separator)})`;
  return values.map((v) => `POSITION(${quote(separator + v + separator)} IN ${fenced}) > 0`).join(' OR ') || 'FALSE';
}

function asText(field: string, context: ConditionContext): string {
  const type = context.type(field);
  return type === 'string' || type === 'yearmonth' ? context.column(field) : `CAST(${context.column(field)} AS VARCHAR)`;
}

function literal(value: number | string, type: FieldDefinition['type']): string {
  if (typeof value === 'number') return String(value);
  return type === 'date' ? `CAST(${quote(value)} AS DATE)` : quote(value);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
