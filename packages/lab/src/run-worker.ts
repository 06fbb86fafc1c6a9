/**
 * The thread in which cells run, with its doors shut. What a cell makes lives in this thread's memory and ends with it.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { shutDoors } from './doors.ts';
import type { Cell } from './plan.ts';
import { runCell } from './run-cell.ts';

shutDoors();
parentPort?.on('message', (cell: Cell) => {
  void runCell(cell).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ id: cell.id, fault: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' }),
  );
});
