/**
 * Tables against bare DuckDB: the same groupings of the same Parquet, in the same run, turn about.
 * The bare side is the fastest SQL known for each: finest cells once, then GROUPING SETS over them; every row is fetched.
 * Run with: node benchmarks/tabulate.ts [rows ...]   (default 1000000 10000000)
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import { openEngine, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import { tabulateAll } from '@weighbridge/tabulate';
import type { SealedSource } from '@weighbridge/tabulate';
import { writeCollection, writeParquet } from './data.ts';
import { machine, median, peakMib, timed } from './machine.ts';

const ROUNDS = 7;

/** Keys, aggregate and filter of each table, as a person would write them. */
const BARE: Readonly<Record<string, { readonly keys: readonly string[]; readonly sum?: string; readonly where?: string }>> = {
  'a-offence-year-lock': { keys: ['substr(offence, 1, 2)', 'year(seized)', 'lock_state'] },
  'b-kind-outcome-encryption': { keys: ['kind', 'outcome', 'encryption'] },
  'c-district-quarter': { keys: ['district', 'year(seized) * 10 + quarter(seized)'] },
  'd-wait-outcome': { keys: ['CASE WHEN reported - seized < 0 THEN 0 WHEN reported - seized < 31 THEN 1 WHEN reported - seized < 91 THEN 2 WHEN reported - seized < 181 THEN 3 WHEN reported IS NOT NULL THEN 4 END', 'outcome'] },
  'e-pages': { keys: ['kind', 'make', 'year(seized)'], sum: 'pages' },
  'f-offences-locked-phones': { keys: ['offence', 'outcome'], where: "kind = 'phone' AND lock_state = 'locked'" },
};

function bareSql(id: string, parquet: string, oneStage: boolean): string {
  const bare = BARE[id];
  if (!bare) throw new Error(`no bare query for ${id}`);
  const names = bare.keys.map((_, i) => `k${i}`);
  const where = bare.where ? ` WHERE ${bare.where}` : '';
  const keys = bare.keys.map((k, i) => `${k} AS k${i}`).join(', ');
  const sum = bare.sum ?? '1';
  if (oneStage) return `SELECT ${names.join(', ')}, COUNT(*) AS n, SUM(v) AS v FROM (SELECT ${keys}, ${sum} AS v FROM read_parquet(${sqlText(parquet)})${where}) GROUP BY CUBE (${names.join(', ')}) ORDER BY ALL`;
  const value = bare.sum ? `, SUM(${bare.sum}) AS v` : '';
  const finest = `SELECT ${keys}, COUNT(*) AS n${value} FROM read_parquet(${sqlText(parquet)})${where} GROUP BY ${names.join(', ')}`;
  return `SELECT ${names.join(', ')}, SUM(n) AS n${bare.sum ? ', SUM(v) AS v' : ''} FROM (${finest}) GROUP BY CUBE (${names.join(', ')}) ORDER BY ALL`;
}

interface Result {
  readonly rows: number;
  readonly table: string;
  readonly bareMs: number;
  readonly bareCubeMs: number;
}

interface Measured {
  readonly tables: readonly Result[];
  /** All tables: bare one after another; bare two at once; ours. */
  readonly bareMs: number;
  readonly bareAbreastMs: number;
  readonly oursMs: number;
}

async function measure(engine: Engine, collection: Collection, source: SealedSource, rows: number): Promise<Measured> {
  const ids = [...collection.tables.keys()].sort();
  const times = new Map(ids.map((id) => [id, { bare: [] as number[], cube: [] as number[] }]));
  const [ours, bare, abreast] = [[] as number[], [] as number[], [] as number[]];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await timed(async () => {
      for (const id of ids) times.get(id)?.bare.push(await timed(() => engine.rows(bareSql(id, source.parquetPath, false), 'bare')));
    }));
    abreast.push(await timed(() => Promise.all(ids.map((id) => engine.rows(bareSql(id, source.parquetPath, false), 'bare')))));
    if (round === 0) for (const id of ids) times.get(id)?.cube.push(await timed(() => engine.rows(bareSql(id, source.parquetPath, true), 'bare cube')));
    // All tables in one call, as a release makes them: two are under way at once, so only the whole has a time.
    ours.push(await timed(() => tabulateAll({ collection, submissions: [source], engine })));
  }
  const tables = ids.map((table) => ({ rows, table, bareMs: median(times.get(table)?.bare ?? []), bareCubeMs: median(times.get(table)?.cube ?? []) }));
  return { tables, bareMs: median(bare), bareAbreastMs: median(abreast), oursMs: median(ours) };
}

const sizes = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'weighbridge-bench-'));
try {
  const collection = await loadCollection(await writeCollection(join(folder, 'collection')));
  for (const rows of sizes.length > 0 ? sizes : [1_000_000, 10_000_000]) {
    const engine = await openEngine({ scratch: join(folder, 'scratch'), allow: [folder] });
    const parquetPath = join(folder, `${rows}.parquet`);
    await writeParquet(engine, rows, parquetPath);
    const source: SealedSource = {
      parquetPath,
      source: { instrument: 'devices', agency: 'agency', round: 'all', edition: 1, original: sha384(String(rows)), manifest: sha384('m'), rows, repairs: [], synthetic: true },
    };
    const { tables, ...whole } = await measure(engine, collection, source, rows);
    engine.close();
    const ratio = Number((whole.oursMs / whole.bareMs).toFixed(3));
    const cell = (ms: number): string => ms.toFixed(0).padStart(10);
    process.stderr.write(`${rows.toLocaleString('en')} records of 12 columns, median of ${ROUNDS}, milliseconds\n${'table'.padEnd(28)} ${'plain CUBE'.padStart(10)} ${'bare'.padStart(10)}\n`);
    process.stderr.write(tables.map((r) => `${r.table.padEnd(28)} ${cell(r.bareCubeMs)} ${cell(r.bareMs)}\n`).join(''));
    process.stderr.write(`all tables: bare ${whole.bareMs.toFixed(0)}, bare two at once ${whole.bareAbreastMs.toFixed(0)}, ours ${whole.oursMs.toFixed(0)}: ${ratio}\n`);
    process.stdout.write(`${JSON.stringify({ benchmark: 'tabulate', rows, columns: 12, ...whole, ratio, peakMib: peakMib(), tables, machine: machine() })}\n`);
  }
} finally {
  await rm(folder, { recursive: true });
}
