/**
 * The lab about itself: the whole matrix (every proposal; 2, 10 and 100 people; padded and not) through the command line, with its peak
 * memory, its slowest cells, and what a cell of each proposal takes beside a baseline cell of the same size in the same run.
 * Sizes may be named: `node benchmarks/lab.ts 2 10`.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine, sizesAsked, timed } from './machine.ts';

const SLOWEST = 5;
const folder = await mkdtemp(join(tmpdir(), 'weighbridge-lab-'));
try {
  const out = join(folder, 'run');
  const sizes = sizesAsked([2, 10, 100]);
  let said = '';
  const ms = await timed(() => {
    said = execFileSync(process.execPath, [join(import.meta.dirname, '../apps/cli/bin/weighbridge.js'), 'lab', 'run', '--out', out, '--size', sizes.join(',')], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return Promise.resolve();
  });
  const { cells, peakMib } = JSON.parse(said.trim().split('\n').at(-1) ?? '{}') as { cells: number; peakMib: number };
  const times = await Promise.all((await readdir(join(out, 'times'))).map(async (name) => JSON.parse(await readFile(join(out, 'times', name), 'utf8')) as { cell: string; seconds: number }));
  const slowest = times.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST).map(({ cell, seconds }) => ({ cell, seconds }));
  process.stdout.write(`${JSON.stringify({
    benchmark: 'lab', sizes, cells, seconds: Math.round(ms / 1000), peakMib, slowest, cellSeconds: Math.round(times.reduce((sum, t) => sum + t.seconds, 0)), timesBaseline: besideBaseline(times), machine: machine(),
  })}\n`);
} finally {
  await rm(folder, { recursive: true });
}

/** For each proposal, seconds of its cells at the largest size divided by those of the baseline's there, both on average. */
function besideBaseline(times: readonly { readonly cell: string; readonly seconds: number }[]): Record<string, number> {
  const largest = times.filter(({ cell }) => cell.includes(`.n${Math.max(...sizesAsked([2, 10, 100]))}`));
  const mean = (own: readonly { readonly seconds: number }[]): number => own.reduce((sum, t) => sum + t.seconds, 0) / own.length;
  const byProposal = Map.groupBy(largest, ({ cell }) => cell.split('.')[0] ?? '');
  const base = mean(byProposal.get('baseline') ?? []);
  return Object.fromEntries([...byProposal].map(([proposal, own]) => [proposal, Math.round((mean(own) / base) * 100) / 100]));
}
