/**
 * One cell, one cause: what is wrong with a cell already is not told again as something else. A cell whose form is at
 * fault (bytes, formula, error) is not judged as a value, a value of the wrong type breaks no limit and no rule.
 * Only an error silences what follows from it, so that what is accepted stays the same.
 * @module
 */
import { sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import type { Instrument } from '@weighbridge/instrument';
import type { Check, Gate } from './checks.ts';
import type { FieldSql } from './field-sql.ts';
import type { Findings } from './findings.ts';
import { judgedSql, textsSql, trimmedOf } from './judge.ts';
import type { Staged } from './stage.ts';

/** The records with, for each, the columns whose cells are at fault in their form. */
export interface FormFaults {
  /** As `judgedSql` and `textsSql`, with the faults beside. Rows may be in another order. */
  readonly judged: string;
  readonly texts: string;
  /** True where the field's cell is at fault, false or null elsewhere. */
  cellOf(field: string): string;
}

/** Undefined when no cell's form is at fault: then nothing costs anything. */
export async function findFormFaults(engine: Engine, instrument: Instrument, staged: Staged, fields: ReadonlyMap<string, FieldSql>, findings: Findings): Promise<FormFaults | undefined> {
  const path = findings.cellFaults();
  if (path === undefined) return undefined;
  const lines = `read_json(${sqlText(path)}, format = 'newline_delimited', columns = {'row': 'BIGINT', 'column': 'VARCHAR', 'severity': 'VARCHAR'})`;
  await engine.run(`CREATE TABLE form_faults AS SELECT "row" AS r, list("column") AS columns FROM ${lines} WHERE severity = 'error' AND "row" IS NOT NULL AND "column" IS NOT NULL GROUP BY 1`, 'reading what was found');
  const table = `(SELECT s.*, f.columns AS _faulty FROM ${staged.table} AS s LEFT JOIN form_faults AS f ON f.r = s._row)`;
  const { unpivot } = instrument.definition.format;
  return {
    judged: judgedSql({ ...staged, table }, fields, ['_faulty']),
    texts: textsSql({ ...staged, table }, fields, ['_faulty']),
    cellOf: (name) => `list_contains(_faulty, ${name === unpivot?.value ? trimmedOf(unpivot.name) : sqlText(fields.get(name)?.field.source ?? name)})`,
  };
}

/**
 * The checks of failing gates, each without the cells that an earlier error names. `changed` is false for a check that
 * finds exactly what its gate counted.
 */
export function onePerCell(failing: readonly Gate[], faults: FormFaults | undefined): { readonly check: Check; readonly gate: Gate; readonly changed: boolean }[] {
  const causes = new Map<string, string[]>();
  return failing.flatMap((gate) => {
    const named = [...new Set(gate.checks.flatMap((check) => check.fields))];
    const earlier = named.flatMap((field) => [...(faults ? [faults.cellOf(field)] : []), ...(causes.get(field) ?? [])]);
    const errors = gate.checks.filter((check) => check.severity === 'error' && check.rule === undefined);
    const wrong = errors.length === gate.checks.length ? [gate.sql] : errors.map((check) => check.sql);
    for (const field of named) if (errors.length > 0) causes.set(field, [...(causes.get(field) ?? []), ...wrong]);
    const without = earlier.map((sql) => ` AND (${sql}) IS NOT TRUE`).join('');
    return gate.checks.map((check) => ({ check: { ...check, sql: `${check.sql}${without}` }, gate, changed: without !== '' || gate.checks.length > 1 }));
  });
}

/** The key has a cell at fault: what it repeats is not known. */
export function faultyKey(faults: FormFaults, names: readonly string[]): string {
  return `(${names.map((name) => faults.cellOf(name)).join(' OR ')})`;
}
