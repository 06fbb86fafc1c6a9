/**
 * `check` on clean records, and on records of which every one has two errors, with the issues file written.
 * Each measurement runs in a process of its own.
 * Run with: node benchmarks/check.ts [rows ...]   (default 1000000 10000000)
 * @module
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { checkFile } from '@weighbridge/intake';
import { loadInstrument } from '@weighbridge/instrument';
import { recordsQuery } from './data.ts';
import { caseAsked, forEachSize, machine, measuredAlone, median, peakMib, sizesAsked, timed } from './machine.ts';
import type { Measured } from './machine.ts';

const ROUNDS = 3;
const CASES = ['clean', 'every-record-bad', 'every-record-bad-with-issues'] as const;
type Case = (typeof CASES)[number];

async function runCase(what: Case, folder: string): Promise<void> {
  const instrument = await loadInstrument(join(folder, 'collection/instruments/devices.yaml'));
  const issuesFile = join(folder, 'issues.ndjson');
  let issues = 0;
  const ms = await timed(async () => {
    const report = await checkFile(join(folder, what === 'clean' ? 'clean.csv' : 'bad.csv'), instrument, what === 'every-record-bad-with-issues' ? { issuesFile } : {});
    issues = report.summary.filter((i) => i.severity === 'error').reduce((sum, i) => sum + (i.count ?? 1), 0);
  });
  if (what === 'every-record-bad-with-issues' && (await stat(issuesFile)).size === 0) throw new Error('check: expected issue lines');
  process.stdout.write(JSON.stringify({ ms, peakMib: peakMib(), issues } satisfies Measured));
}

async function make(engine: Engine, folder: string, rows: number): Promise<void> {
  await engine.run(`COPY (${recordsQuery(rows)}) TO ${sqlText(join(folder, 'clean.csv'))} (FORMAT csv, HEADER true)`, 'making records');
  await engine.run(`COPY (SELECT * REPLACE ('submarine' AS kind, '2023-02-30' AS seized) FROM (${recordsQuery(rows)})) TO ${sqlText(join(folder, 'bad.csv'))} (FORMAT csv, HEADER true)`, 'making bad records');
}

function measure(folder: string, rows: number): void {
  const runs = Array.from({ length: ROUNDS }, () => CASES.map((what) => measuredAlone(import.meta.filename, what, folder)));
  const results = CASES.map((what, i) => ({ what, ms: median(runs.map((r) => r[i]?.ms ?? NaN)), peakMib: Math.max(...runs.map((r) => r[i]?.peakMib ?? 0)), issues: runs[0]?.[i]?.issues ?? 0 }));
  const clean = results[0]?.ms ?? NaN;
  process.stderr.write(`${rows.toLocaleString('en')} records of 12 columns, median of ${ROUNDS}\n`);
  for (const r of results) {
    process.stderr.write(`${r.what.padEnd(30)} ${(r.ms / 1000).toFixed(2).padStart(7)} s ${Math.round((rows / r.ms) * 1000).toLocaleString('en').padStart(10)} records/s   ${(r.ms / clean).toFixed(2)} of clean   ${r.issues.toLocaleString('en')} issues   peak ${r.peakMib} MiB\n`);
  }
  process.stdout.write(`${JSON.stringify({ benchmark: 'check', rows, columns: 12, recordsPerSecond: Math.round((rows / clean) * 1000), results, machine: machine() })}\n`);
}

const asked = caseAsked(CASES);
if (asked) await runCase(asked.what, asked.path);
else await forEachSize(sizesAsked([1_000_000, 10_000_000]), make, measure);
