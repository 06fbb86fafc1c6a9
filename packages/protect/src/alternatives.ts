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
  const sumsOf = relationsByCell(knowledge.relations, knowledge.value.length);
  const proved = new Set<number>();
  const steps = new Float64Array(knowledge.value.length);
  for (const { cells, steps: by } of alternatives) {
    for (const [i, cell] of cells.entries()) steps[cell] = by[i] as number;
    if (isTable(knowledge, sumsOf, cells, steps)) for (const cell of cells) if (required.has(cell) && reaches(knowledge, cell, steps[cell] as number, required.get(cell) as number)) proved.add(cell);
    for (const cell of cells) steps[cell] = 0;
  }
  return proved;
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
