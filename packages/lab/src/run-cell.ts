/**
 * One cell: its proposal is run under its conditions, and the lines of its mechanism are counted.
 * @module
 */
import { mechanismLines, proposalOf } from './plan.ts';
import type { Cell } from './plan.ts';
import { Recorder } from './record.ts';
import type { CellAnswer } from './run.ts';

/** Runs a cell in this thread. @throws whatever the proposal throws: a cell that fails has no result. */
export async function runCell(cell: Cell): Promise<Extract<CellAnswer, { result: unknown }>> {
  const proposal = proposalOf(cell.proposal);
  const record = new Recorder();
  const start = performance.now();
  await proposal.run(cell.variant, cell.conditions, record);
  record.number('trust.lines', mechanismLines(proposal.mechanism));
  return { id: cell.id, result: { cell, rows: record.rows, attacks: record.attacks, findings: record.findings }, times: record.times, seconds: Math.round(performance.now() - start) / 1000 };
}
