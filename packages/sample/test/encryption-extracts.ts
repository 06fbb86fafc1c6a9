/** Extracts of the encryption collection in DuckDB, typed as the instruments say: for tests. */
import { join, resolve } from 'node:path';
import { openEngine, sqlName, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import { sampleCollection } from '../src/index.ts';
import { temporaryFolder } from './small-collection.ts';

export const ENCRYPTION = resolve(import.meta.dirname, '../../../collections/encryption');

const SQL_TYPES = { string: 'VARCHAR', integer: 'BIGINT', number: 'DOUBLE', percent: 'DOUBLE', boolean: 'BOOLEAN', date: 'DATE', yearmonth: 'VARCHAR', year: 'INTEGER' } as const;

export interface Extracts {
  readonly collection: Collection;
  readonly engine: Engine;
  /** The first value of the first row. */
  readonly one: (sql: string) => Promise<number>;
}

/** One view per instrument, with `agency` and `round` beside its fields. Close the engine. */
export async function encryptionExtracts(rows: number): Promise<Extracts> {
  const collection = await loadCollection(ENCRYPTION);
  const out = await temporaryFolder();
  const files = await sampleCollection(collection, { out, seed: 20231106, rows });
  const engine = await openEngine({ scratch: join(out, 'scratch'), allow: [out] });
  for (const [id, instrument] of collection.instruments) {
    const own = files.filter((f) => f.instrument === id);
    if (own.length === 0) continue;
    const columns = instrument.definition.fields.map((f) => `CAST(NULLIF(${sqlName(f.source ?? f.name)}, '') AS ${SQL_TYPES[f.type]}) AS ${sqlName(f.name)}`);
    const parts = own.map((f) => `SELECT ${columns.join(', ')}, ${sqlText(f.agency)} AS agency, ${sqlText(f.round)} AS round FROM read_csv(${sqlText(f.file)}, all_varchar = true, header = true, auto_detect = false, delim = ',', columns = {${instrument.definition.fields.map((c) => `${sqlText(c.source ?? c.name)}: 'VARCHAR'`).join(', ')}})`);
    await engine.run(`CREATE TABLE ${sqlName(id)} AS ${parts.join(' UNION ALL ')}`, `read ${id}`);
  }
  const one = async (sql: string): Promise<number> => {
    const [row] = await engine.rows(sql, 'test');
    return Number(Object.values(row ?? {})[0]);
  };
  return { collection, engine, one };
}
