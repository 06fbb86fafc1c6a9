/**
 * Keys that must not repeat: the primary key and unique fields. Hashes are grouped first, so that memory holds eight
 * bytes a record; only records whose hash repeats are compared by their texts.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import { faultyKey } from './causes.ts';
import type { FormFaults } from './causes.ts';
import type { FieldSql } from './field-sql.ts';
import type { Kind } from './findings.ts';
import { kindMembers } from './findings.ts';
import { textsSql } from './judge.ts';
import type { ValidateContext } from './validate.ts';

type KeyContext = ValidateContext & { readonly fields: ReadonlyMap<string, FieldSql>; readonly faults: FormFaults | undefined };

/** Finds repeated keys. Under `repeatedKeys: flag` they are a warning and stay in. */
export async function checkKeys(context: KeyContext): Promise<void> {
  const { instrument, fields } = context;
  const { primaryKey, repeatedKeys } = instrument.definition;
  const jobs = [...fields.values()].filter(({ field }) => field.constraints.unique === true).map(({ field }) => ({ names: [field.name], code: 'NOT_UNIQUE', severity: 'error' as const }));
  for (const job of jobs) await checkKey(context, job);
  if (primaryKey.length === 0 || !primaryKey.every((name) => fields.has(name))) return;
  await checkKey(context, { names: primaryKey, code: 'REPEATED_KEY', severity: repeatedKeys === 'refuse' ? 'error' : 'warning' });
}

interface KeyJob {
  readonly names: readonly string[];
  readonly code: string;
  readonly severity: Kind['severity'];
}

async function checkKey(context: KeyContext, { names, code, severity }: KeyJob): Promise<void> {
  const { engine, staged, fields, findings, faults } = context;
  const texts = faults?.texts ?? textsSql(staged, fields);
  const keys = names.map(sqlName).join(', ');
  // A key that is blank throughout names nothing, so it repeats nothing.
  const present = `(${names.map((name) => `${sqlName(name)} IS NOT NULL`).join(' OR ')})${faults ? ` AND ${faultyKey(faults, names)} IS NOT TRUE` : ''}`;
  const repeated = `SELECT h FROM (SELECT hash(${keys}) AS h FROM ${texts} WHERE ${present}) GROUP BY h HAVING count(*) > 1`;
  const [any] = await engine.rows(`SELECT count(*) AS n FROM (${repeated})`, 'comparing keys');
  if (Number(any?.['n'] ?? 0) === 0) return;
  const all = [...fields.keys()].map(sqlName).join(', ');
  const suspects = `(SELECT * FROM ${texts} WHERE ${present} AND hash(${keys}) IN (${repeated}))`;
  const [row] = await engine.rows(
    `SELECT count(*) AS keys, coalesce(sum(n - 1), 0) AS surplus, min(first_row) AS r, min(first_line) AS l FROM `
    + `(SELECT count(*) AS n, min(_row) AS first_row, min(_line) AS first_line FROM ${suspects} GROUP BY ${keys} HAVING count(*) > 1)`, 'counting repeated keys');
  const surplus = Number(row?.['surplus'] ?? 0);
  if (surplus === 0) return; // hashes met, keys did not
  const [same] = await engine.rows(`SELECT coalesce(sum(n - 1), 0) AS n FROM (SELECT count(*) AS n FROM ${suspects} GROUP BY ${all} HAVING count(*) > 1)`, 'counting identical records');
  const columns = names.map((name) => fields.get(name)?.field.source ?? name);
  const kind: Kind = {
    code, severity, ...(columns.length === 1 && columns[0] !== undefined ? { column: columns[0] } : {}),
    message: `${String(row?.['keys'])} keys (${columns.join(', ')}) occur more than once; ${surplus} records beyond the first, of which ${String(same?.['n'])} are identical throughout`,
    repair: severity === 'error'
      ? 'correct the keys in the source system; a record sent twice must be sent once'
      : 'nothing is removed: check whether a dimension was dropped from the extract',
  };
  const line = row?.['l'];
  findings.summarise(kind, surplus, { row: Number(row?.['r']), ...(line === null || line === undefined ? {} : { line: Number(line) }) });
  if (context.issuesPath === undefined) return;
  const tail = sqlText(JSON.stringify({ ...kindMembers({ ...kind, message: `the key (${columns.join(', ')}) occurs more than once` }) }).slice(1));
  await engine.run(
    `COPY (SELECT '{"row":' || _row || COALESCE(',"line":' || _line, '') || ',' || ${tail} AS line FROM (SELECT _row, _line FROM ${suspects} QUALIFY count(*) OVER (PARTITION BY ${keys}) > 1 ORDER BY _row)) `
    + `TO ${sqlText(`${context.issuesPath}.${code.toLowerCase()}-${names.join('-')}`)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01')`, 'writing repeated keys');
}
