/**
 * Alternative tables as proof: differences from the truth that keep every sum and every bound show that the cells they change are
 * open. Whoever found them, they are checked here by adding up; one table proves many cells, and nothing has to be solved.
 * Source: docs/references.md#fischetti-salazar (a feasible table is a lower bound of the attacker's range).
 * @module
 */
import type { Knowledge } from './audit.ts';
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';
import { relationsByCell } from './relations-by-cell.ts';

/** Sums and bounds of tables from a solver hold to this share of what is added up. */
const CLOSE = 1e-6;

/**
 * The cells of `required` that the alternatives keep as open as they must be: so far above the truth; 0: another whole number,
 * for amounts another value.
 */
export function provedOpen(knowledge: Knowledge, required: ReadonlyMap<number, number>, alternatives: Iterable<Move>): Set<number> {
  const proved = new Set<number>();
  for (const { cells, steps } of tablesAmong(knowledge, alternatives)) {
    for (const [i, cell] of cells.entries()) if (required.has(cell) && reaches(knowledge, cell, steps[i] as number, required.get(cell) as number)) proved.add(cell);
  }
  return proved;
}

/** Those of the alternatives that are tables for all that a reader knows. */
export function* tablesAmong(knowledge: Knowledge, alternatives: Iterable<Move>): Generator<Move> {
  const sumsOf = relationsByCell(knowledge.relations, knowledge.value.length);
  const steps = new Float64Array(knowledge.value.length);
  for (const move of alternatives) {
    for (const [i, cell] of move.cells.entries()) steps[cell] = move.steps[i] as number;
    const holds = isTable(knowledge, sumsOf, move.cells, steps);
    for (const cell of move.cells) steps[cell] = 0;
    if (holds) yield move;
  }
}

function reaches({ value, whole }: Knowledge, cell: number, step: number, need: number): boolean {
  if (need > 0) return step >= need - CLOSE * Math.max(1, need);
  return Math.abs(step) >= (whole ? 1 - CLOSE : CLOSE * Math.max(1, Math.abs(value[cell] as number)));
}

function isTable({ relations, value, printed, lower, upper }: Knowledge, sumsOf: readonly (readonly number[])[], cells: Int32Array, steps: Float64Array): boolean {
  const looked = new Set<number>();
  for (const cell of cells) {
    const step = steps[cell] as number;
    const now = (value[cell] as number) + step;
    const slack = CLOSE * Math.max(1, Math.abs(value[cell] as number));
    if (printed(cell) || now < (lower[cell] as number) - slack || now > (upper[cell] as number) + slack) return false;
    for (const r of sumsOf[cell] as readonly number[]) {
      if (looked.has(r)) continue;
      looked.add(r);
      const { total, parts } = relations[r] as Relation;
      let sum = -(steps[total] as number);
      let size = Math.abs(sum);
      for (let i = 0; i < parts.length; i++) {
        const part = steps[parts[i] as number] as number;
        sum += part;
        size = Math.max(size, Math.abs(part));
      }
      if (Math.abs(sum) > CLOSE * Math.max(1, size)) return false;
    }
  }
  return true;
}
