/**
 * What a benchmark result needs beside its numbers: machine, commit, date, memory.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
}

/** The machine and the commit that stand beside a result. */
export function machine(): Machine {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memoryGib: Math.round(totalmem() / 2 ** 30), node: process.version,
    commit: `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Largest resident memory of this process so far, in MiB. */
export function peakMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle of the numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
