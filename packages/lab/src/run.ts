/**
 * Runs a plan: two threads take cells in turns, each done cell is on disk before it counts, and a run that was stopped
 * goes on where it stopped.
 * @module
 */
import { Worker } from 'node:worker_threads';
import { cellsOf } from './plan.ts';
import type { Cell, Plan } from './plan.ts';
import { openRun, thisMachine, writeCell } from './results.ts';
import type { CellResult } from './results.ts';
import type { TimeRow } from './record.ts';

/** Threads of a run, and the most memory that one may take for its objects. */
const THREADS = 2;
const THREAD_MEMORY_MIB = 800;

/** What a thread answers to a cell. */
export type CellAnswer =
  | { readonly id: string; readonly result: CellResult; readonly times: readonly TimeRow[]; readonly seconds: number }
  | { readonly id: string; readonly fault: string };

export interface RunOutcome {
  readonly cells: number;
  /** Cells that were there already. */
  readonly kept: number;
  /** Cells that failed, with the reason: a fault of ours. */
  readonly failed: readonly { readonly id: string; readonly fault: string }[];
}

/**
 * Runs what is missing of a plan in a folder. `progress` is told of every cell that is done.
 * @throws Refusal as {@link openRun} does.
 */
export async function runPlan(folder: string, plan: Plan, progress: (done: number, total: number, cell: string) => void): Promise<RunOutcome> {
  const done = await openRun(folder, plan);
  const cells = cellsOf(plan);
  const queue = cells.filter((cell) => !done.has(cell.id));
  const failed: { id: string; fault: string }[] = [];
  const machine = thisMachine();
  let finished = done.size;
  progress(finished, cells.length, '');
  await Promise.all(Array.from({ length: Math.min(THREADS, queue.length) }, async () => {
    const thread = new CellThread();
    try {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
        const answer = await thread.run(cell);
        if ('fault' in answer) failed.push(answer);
        else {
          await writeCell(folder, answer.result, { on: new Date().toISOString().slice(0, 10), machine, seconds: answer.seconds, rows: answer.times });
          finished += 1;
        }
        progress(finished, cells.length, cell.id);
      }
    } finally {
      await thread.close();
    }
  }));
  return { cells: cells.length, kept: done.size, failed };
}

/** One thread that runs cells one after another; a thread that dies is replaced. */
class CellThread {
  #worker: Worker | undefined;

  async run(cell: Cell): Promise<CellAnswer> {
    const worker = this.#worker ??= new Worker(new URL('./run-worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MIB } });
    return new Promise((resolve) => {
      const onMessage = (answer: CellAnswer): void => {
        worker.off('error', onError);
        resolve(answer);
      };
      const onError = (error: Error): void => {
        worker.off('message', onMessage);
        this.#worker = undefined;
        resolve({ id: cell.id, fault: `${error.name}: ${error.message}` });
      };
      worker.once('message', onMessage);
      worker.once('error', onError);
      worker.postMessage(cell);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
