/**
 * `check` on a workbook, beside a peer that only reads its cells (hucre, streamed) in the same run.
 * Run with: node benchmarks/xlsx.ts [rows ...]   (default 100000)
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '@weighbridge/engine';
import { checkFile } from '@weighbridge/intake';
import { loadInstrument } from '@weighbridge/instrument';
import { streamXlsxRows, writeXlsx } from 'hucre/xlsx';
import { COLUMNS, recordsQuery } from './data.ts';
import { caseAsked, forEachSize, machine, measuredAlone, median, peakMib, sizesAsked, timed } from './machine.ts';

const ROUNDS = 3;
const SIDES = ['check', 'peer-read'] as const;

async function runSide(side: (typeof SIDES)[number], folder: string): Promise<void> {
  const file = join(folder, 'data.xlsx');
  const ms = await timed(async () => {
    if (side === 'check') {
      const report = await checkFile(file, await loadInstrument(join(folder, 'collection/instruments/devices.yaml')));
      if (!report.accepted) throw new Error('xlsx: expected the workbook to be accepted');
      return;
    }
    let cells = 0;
    for await (const row of streamXlsxRows(await readFile(file))) cells += row.values.length;
    if (cells === 0) throw new Error('xlsx: expected cells');
  });
  process.stdout.write(JSON.stringify({ ms, peakMib: peakMib() }));
}

async function make(engine: Engine, folder: string, rows: number): Promise<void> {
  const records = await engine.rows(recordsQuery(rows), 'making records');
  const date = (text: unknown): Date | null => (typeof text === 'string' ? new Date(`${text}T00:00:00Z`) : null);
  const cells = records.map((r) => COLUMNS.map((c) => (c === 'seized' || c === 'reported' ? date(r[c]) : c === 'pages' ? Number(r[c]) : (r[c] as string | null))));
  await writeFile(join(folder, 'data.xlsx'), await writeXlsx({ sheets: [{ name: 'Data', rows: [[...COLUMNS], ...cells] }] }));
}

function measure(folder: string, rows: number): void {
  const runs = Array.from({ length: ROUNDS }, () => SIDES.map((side) => measuredAlone(import.meta.filename, side, folder)));
  const [oursMs = NaN, peerMs = NaN] = SIDES.map((_, i) => median(runs.map((r) => r[i]?.ms ?? NaN)));
  const peak = Math.max(...runs.map((r) => r[0]?.peakMib ?? 0));
  process.stderr.write(`${rows.toLocaleString('en')} rows of 12 columns in a workbook, median of ${ROUNDS}\nweighbridge check     ${(oursMs / 1000).toFixed(2)} s   peak ${peak} MiB\npeer, cells only      ${(peerMs / 1000).toFixed(2)} s\n`);
  process.stdout.write(`${JSON.stringify({ benchmark: 'xlsx', rows, columns: 12, oursMs, peerMs, ratio: Number((oursMs / peerMs).toFixed(2)), peakMib: peak, machine: machine() })}\n`);
}

const asked = caseAsked(SIDES);
if (asked) await runSide(asked.what, asked.path);
else await forEachSize(sizesAsked([100_000]), make, measure);
