/**
 * What a benchmark result needs beside its numbers (machine, commit, date, memory), and how measurements are run: each
 * in a process of its own, on files made in a folder that is removed.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { writeCollection } from './data.ts';

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

/** One measurement, as the process that made it prints it. */
export interface Measured {
  readonly ms: number;
  readonly peakMib: number;
  readonly issues?: number;
}

/** Measures a case of a benchmark's module in a process of its own, so that no measurement warms up another. */
export function measuredAlone(module: string, what: string, path: string): Measured {
  return JSON.parse(execFileSync(process.execPath, [module, what, path], { encoding: 'utf8' })) as Measured;
}

/** The case and the folder or file that this process is to measure alone; undefined in the benchmark itself. */
export function caseAsked<C extends string>(cases: readonly C[]): { readonly what: C; readonly path: string } | undefined {
  const [first, path] = process.argv.slice(2);
  const what = cases.find((c) => c === first);
  return what === undefined || path === undefined ? undefined : { what, path };
}

/** The numbers of records named on the command line. */
export function sizesAsked(otherwise: readonly number[]): readonly number[] {
  return process.argv.length > 2 ? process.argv.slice(2).map(Number) : otherwise;
}

/** For each size makes files beside the benchmark's collection, with an engine that is closed before they are measured. */
export async function forEachSize(
  sizes: readonly number[], make: (engine: Engine, folder: string, rows: number) => Promise<void>, measure: (folder: string, rows: number) => Promise<void> | void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-bench-'));
  try {
    await writeCollection(join(folder, 'collection'));
    for (const rows of sizes) {
      const engine = await openEngine({ scratch: join(folder, 'scratch'), allow: [folder] });
      await make(engine, folder, rows);
      engine.close();
      await measure(folder, rows);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
