/**
 * The judged table: the raw stage with each field's text beside its typed value, in two layers of SQL.
 * @module
 */
import { sqlName } from '@weighbridge/engine';
import type { Instrument } from '@weighbridge/instrument';
import { textOf } from './checks.ts';
import { fieldSql } from './field-sql.ts';
import type { FieldSql } from './field-sql.ts';
import type { Staged } from './stage.ts';

/** The fields of an instrument that the file has, compiled, in the instrument's order. */
export function compileFields(instrument: Instrument, staged: Staged): Map<string, FieldSql> {
  return new Map(instrument.definition.fields.filter((f) => staged.fields.has(f.name)).map((f) => [f.name, fieldSql(f, instrument, staged.format.kind, staged.spread.has(f.name))]));
}

/**
 * Texts: `_row`, `_line`, each field's text under its name, and what the file says under `name__raw`.
 * @param passed - further columns of the stage that are passed on
 */
export function textsSql(staged: Staged, fields: ReadonlyMap<string, FieldSql>, passed: readonly string[] = []): string {
  const columns = [...fields.values()].flatMap((f) => [`${f.text} AS ${sqlName(f.field.name)}`, `${sqlName(f.field.name)} AS ${rawOf(f.field.name)}`, `${f.trimmed} AS ${trimmedOf(f.field.name)}`]);
  return `(SELECT ${['_row', '_line', ...passed, ...columns].join(', ')} FROM ${staged.table})`;
}

/** The judged table: each field's typed value under its name, its text under {@link textOf}. */
export function judgedSql(staged: Staged, fields: ReadonlyMap<string, FieldSql>, passed: readonly string[] = []): string {
  const columns = [...fields.values()].flatMap((f) => [`${f.typed} AS ${sqlName(f.field.name)}`, `${sqlName(f.field.name)} AS ${textOf(f.field.name)}`, trimmedOf(f.field.name)]);
  return `(SELECT ${['_row', '_line', ...passed, ...columns].join(', ')} FROM ${textsSql(staged, fields, passed)})`;
}

/** What the file says, as it says it. */
export function rawOf(field: string): string {
  return sqlName(`${field}__raw`);
}

/** The same without white space around it: what repairs and spellings look at. */
export function trimmedOf(field: string): string {
  return sqlName(`${field}__trimmed`);
}
