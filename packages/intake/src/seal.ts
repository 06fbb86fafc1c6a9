/**
 * Seals accepted records: one typed Parquet file whose bytes depend on the records and the definition alone.
 * A field that may hold marks or bounds keeps its number, bounds, state and printed text apart.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import type { Sha384 } from '@weighbridge/base';
import type { Instrument } from '@weighbridge/instrument';
import type { FieldSql } from './field-sql.ts';
import { compileFields, rawOf, textsSql } from './judge.ts';
import type { Staged } from './stage.ts';

export interface SealInput {
  readonly engine: Engine;
  readonly instrument: Instrument;
  readonly staged: Staged;
  /** Where the Parquet file goes; the engine may write there. */
  readonly target: string;
}

/**
 * Writes the sealed records in file order. Call only for an accepted file: conversions are not judged again.
 * Columns: `_row` (record number), then per field its name and, where they apply, `__lo`, `__hi`, `__state`, `__text`,
 * `__original`. The file's metadata name the original's hash and the instrument's.
 */
export async function seal({ engine, instrument, staged, target }: SealInput): Promise<{ original: Sha384 }> {
  const fields = compileFields(instrument, staged);
  const columns = ['CAST(_row AS BIGINT) AS _row', ...[...fields.values()].flatMap(sealedColumns)];
  await engine.run(
    `COPY (SELECT ${columns.join(', ')} FROM ${textsSql(staged, fields)}) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, `
    + `KV_METADATA {weighbridge_original: ${sqlText(staged.original)}, weighbridge_instrument: ${sqlText(instrument.file.sha384)}})`, 'sealing the records');
  return { original: staged.original };
}

function sealedColumns({ field, typed, type, state, keepsOriginal }: FieldSql): string[] {
  const name = field.name;
  const columns = [`CAST(${typed} AS ${type}) AS ${sqlName(name)}`];
  if (state) {
    if (state.lo !== null && state.hi !== null) {
      columns.push(`CAST(${state.lo} AS ${type}) AS ${sqlName(`${name}__lo`)}`, `CAST(${state.hi} AS ${type}) AS ${sqlName(`${name}__hi`)}`);
    }
    columns.push(`${state.state} AS ${sqlName(`${name}__state`)}`, `${rawOf(name)} AS ${sqlName(`${name}__text`)}`);
  }
  if (keepsOriginal) columns.push(`${rawOf(name)} AS ${sqlName(`${name}__original`)}`);
  return columns;
}
