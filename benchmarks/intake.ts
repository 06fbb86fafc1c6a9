/**
 * Intake against bare DuckDB: from a CSV file to typed, zstd-packed Parquet with every check counted and one grouping.
 * The bare side does the same read, checks, conversion and grouping in plain SQL, without trimming, hashing, keeping the
 * original or making anything durable; the faster of its two forms counts. Each side runs in a process of its own.
 * Run with: node benchmarks/intake.ts [rows ...]   (default 1000000 10000000)
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine, sqlText } from '@weighbridge/engine';
import { openStore, submitFile } from '@weighbridge/intake';
import { loadCollection } from '@weighbridge/instrument';
import { COLUMNS, writeCsv } from './data.ts';
import { caseAsked, forEachSize, machine, measuredAlone, median, peakMib, sizesAsked, timed } from './machine.ts';

const ROUNDS = 3;
const SIDES = ['bare-direct', 'bare-staged', 'ours'] as const;
type Side = (typeof SIDES)[number];

/** The checks of the benchmark's instrument as a person would write them over texts. */
function bareChecks(from: string, codes: readonly string[]): string {
  const list = (values: readonly string[]): string => values.map(sqlText).join(', ');
  const wrong = [
    `NOT regexp_full_match(exhibit, 'E[0-9]{9}')`, 'exhibit IS NULL', 'case_number IS NULL', 'offence IS NULL', `offence NOT IN (${list(codes)})`, 'district IS NULL',
    'kind IS NULL', `kind NOT IN ('phone', 'tablet', 'computer', 'storage', 'vehicle', 'other')`, 'make IS NULL', `make NOT IN ('alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta')`,
    'lock_state IS NULL', `lock_state NOT IN ('locked', 'unlocked', 'none')`, `outcome NOT IN ('not-attempted', 'failed', 'partial', 'full')`,
    'encryption IS NULL', `encryption NOT IN ('full-disk', 'file-based', 'application', 'none', 'unknown')`, 'seized IS NULL', 'TRY_CAST(seized AS DATE) IS NULL',
    'reported IS NOT NULL AND TRY_CAST(reported AS DATE) IS NULL', 'TRY_CAST(pages AS BIGINT) IS NULL', 'TRY_CAST(pages AS BIGINT) < 0', 'TRY_CAST(pages AS BIGINT) > 100000',
    'TRY_CAST(reported AS DATE) < TRY_CAST(seized AS DATE)',
  ];
  return `SELECT ${['count(*) AS n', ...wrong.map((w, i) => `count(*) FILTER (WHERE ${w}) AS w${i}`)].join(', ')} FROM ${from}`;
}

const TYPED = COLUMNS.map((c) => (c === 'seized' || c === 'reported' ? `CAST(${c} AS DATE) AS ${c}` : c === 'pages' ? 'CAST(pages AS BIGINT) AS pages' : c)).join(', ');
const GROUP = 'SELECT offence, kind, outcome, count(*) AS n FROM';

async function bare(csv: string, folder: string, staged: boolean): Promise<void> {
  const engine = await openEngine({ scratch: folder, allow: [csv] });
  const collection = await loadCollection(join(csv, '../collection'));
  const codes = collection.codelists.get('offences')?.entries.map((e) => e.code) ?? [];
  const read = `read_csv(${sqlText(csv)}, header = true, all_varchar = true, auto_detect = false, delim = ',', quote = '"', buffer_size = 8000000, columns = {${COLUMNS.map((c) => `${sqlText(c)}: 'VARCHAR'`).join(', ')}})`;
  const [stage, sealed] = [join(folder, 'stage.parquet'), join(folder, 'sealed.parquet')];
  if (staged) await engine.run(`COPY (SELECT * FROM ${read}) TO ${sqlText(stage)} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 40960)`, 'bare stage');
  const from = staged ? `read_parquet(${sqlText(stage)})` : read;
  await engine.rows(bareChecks(from, codes), 'bare checks');
  await engine.run(`COPY (SELECT ${TYPED} FROM ${from}) TO ${sqlText(sealed)} (FORMAT parquet, COMPRESSION zstd)`, 'bare sealing');
  await engine.rows(`${GROUP} read_parquet(${sqlText(sealed)}) GROUP BY ALL ORDER BY ALL`, 'bare grouping');
  engine.close();
}

async function ours(csv: string, folder: string): Promise<void> {
  const collection = await loadCollection(join(csv, '../collection'));
  const store = await openStore(join(folder, 'store'));
  const { manifest } = await submitFile({ file: csv, collection, store, agency: 'agency', round: 'all', instrument: 'devices', synthetic: true });
  const sealed = store.objectPath(manifest.sealed.sha384);
  const engine = await openEngine({ scratch: folder, allow: [sealed] });
  await engine.rows(`${GROUP} read_parquet(${sqlText(sealed)}) GROUP BY ALL ORDER BY ALL`, 'grouping');
  engine.close();
}

async function runSide(side: Side, csv: string): Promise<void> {
  const folder = await mkdtemp(join(csv, '..', 'run-'));
  try {
    const ms = await timed(() => (side === 'ours' ? ours(csv, folder) : bare(csv, folder, side === 'bare-staged')));
    process.stdout.write(JSON.stringify({ ms, peakMib: peakMib() }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(folder: string, rows: number): Promise<void> {
  const csv = join(folder, `${rows}.csv`);
  const runs = Array.from({ length: ROUNDS }, () => SIDES.map((side) => measuredAlone(import.meta.filename, side, csv)));
  const [direct = NaN, staged = NaN, oursMs = NaN] = SIDES.map((_, i) => median(runs.map((r) => r[i]?.ms ?? NaN)));
  const peak = Math.max(...runs.map((r) => r[2]?.peakMib ?? 0));
  const bareMs = Math.min(direct, staged);
  const ratio = Number((oursMs / bareMs).toFixed(2));
  const s = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  process.stderr.write(`${rows.toLocaleString('en')} records of 12 columns, median of ${ROUNDS}\nbare DuckDB, direct  ${s(direct)}\nbare DuckDB, staged  ${s(staged)}\nweighbridge submit   ${s(oursMs)}   ratio ${ratio}   peak ${peak} MiB\n`);
  process.stdout.write(`${JSON.stringify({ benchmark: 'intake', rows, columns: 12, bareDirectMs: direct, bareStagedMs: staged, oursMs, ratio, peakMib: peak, machine: machine() })}\n`);
  await rm(csv);
}

const asked = caseAsked(SIDES);
if (asked) await runSide(asked.what, asked.path);
else await forEachSize(sizesAsked([1_000_000, 10_000_000]), (engine, folder, rows) => writeCsv(engine, rows, join(folder, `${rows}.csv`)), measure);
