/**
 * Alternative tables as a linear program: the differences from the truth that all sums between cells allow. Printed cells that
 * may be withheld can differ too, at a price; the cheapest solution says what to withhold.
 * Source: docs/references.md#fischetti-salazar (the attacker's subproblem), docs/references.md#l1-support (the sum of absolute
 * values in place of the number of cells, weighted anew).
 * @module
 */
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';

/** Bounds of a cell's difference from the truth. */
export interface Range {
  readonly lower: number;
  readonly upper: number;
}

export interface MoveProgramInput {
  readonly relations: readonly Relation[];
  /** Cells that may differ, with their bounds. Others stay as they are. */
  readonly ranges: ReadonlyMap<number, Range>;
  /** Cells among them that cost something to change: price of one unit. */
  readonly prices: ReadonlyMap<number, number>;
  /** Solve from within instead of along edges: faster on large programs, and what should be zero is only nearly so. */
  readonly interior?: boolean;
  /** Many programs that differ in prices alone: each starts where the last one ended. */
  readonly again?: boolean;
  /** Time for each program; one that takes longer has no solution. */
  readonly seconds?: number;
}

/** Columns from which a program that is solved once is solved from within and then brought to a corner: 10 s instead of 30. */
const LARGE = 40_000;

/** A linear program over differences. Dispose of it. */
export class MoveProgram {
  readonly #solver: Solver;
  readonly #cells: readonly number[];
  readonly #up = new Map<number, number>();
  /** The column of a priced cell's decrease. */
  readonly #down = new Map<number, number>();

  private constructor(solver: Solver, cells: readonly number[], up: ReadonlyMap<number, number>, down: ReadonlyMap<number, number>) {
    this.#solver = solver;
    this.#cells = cells;
    this.#up = new Map(up);
    this.#down = new Map(down);
  }

  static async open({ relations, ranges, prices, interior = false, again = false, seconds = Infinity }: MoveProgramInput): Promise<MoveProgram> {
    const cells = [...ranges.keys()];
    const up = new Map<number, number>();
    const down = new Map<number, number>();
    const columns: { lower: number; upper: number; cost: number }[] = [];
    for (const cell of cells) {
      const { lower, upper } = ranges.get(cell) as Range;
      const price = prices.get(cell);
      up.set(cell, columns.length);
      if (price === undefined) {
        columns.push({ lower, upper, cost: 0 });
        continue;
      }
      columns.push({ lower: Math.max(0, lower), upper: Math.max(0, upper), cost: price });
      down.set(cell, columns.length);
      columns.push({ lower: Math.max(0, -upper), upper: Math.max(0, -lower), cost: price });
    }
    const rows = rowsOf(relations, up, down);
    const solver = await Solver.open({
      lower: Float64Array.from(columns, (c) => c.lower), upper: Float64Array.from(columns, (c) => c.upper), cost: Float64Array.from(columns, (c) => c.cost), ...rows,
    }, { presolve: !again, primal: again, interior, corner: !again && !interior && columns.length >= LARGE, ...(seconds < Infinity ? { timeLimitSeconds: seconds } : {}) });
    return new MoveProgram(solver, cells, up, down);
  }

  /** Price of one unit of change, for a cell that was given one; for another, the gain (negative) or cost of one unit up. */
  setPrice(cell: number, price: number): void {
    this.#solver.setCost(this.#up.get(cell) as number, price);
    const down = this.#down.get(cell);
    if (down !== undefined) this.#solver.setCost(down, price);
  }

  /** The cheapest differences, without those below `zero`; undefined when there are none within the bounds. */
  solve(zero = 1e-7): Map<number, number> | undefined {
    const solved = this.#solver.solve();
    if (solved === undefined) return undefined;
    const moved = new Map<number, number>();
    for (const cell of this.#cells) {
      const down = this.#down.get(cell);
      const step = (solved.columns[this.#up.get(cell) as number] as number) - (down === undefined ? 0 : (solved.columns[down] as number));
      if (Math.abs(step) > zero) moved.set(cell, step);
    }
    return moved;
  }

  dispose(): void {
    this.#solver.dispose();
  }
}

function rowsOf(relations: readonly Relation[], up: ReadonlyMap<number, number>, down: ReadonlyMap<number, number>): { starts: Int32Array; indices: Int32Array; values: Float64Array; right: Float64Array } {
  const indices: number[] = [];
  const values: number[] = [];
  const starts = [0];
  const add = (cell: number, sign: number): void => {
    const column = up.get(cell);
    if (column === undefined) return;
    indices.push(column);
    values.push(sign);
    const minus = down.get(cell);
    if (minus === undefined) return;
    indices.push(minus);
    values.push(-sign);
  };
  for (const { total, parts } of relations) {
    const before = indices.length;
    add(total, -1);
    for (const part of parts) add(part, 1);
    if (indices.length > before) starts.push(indices.length);
  }
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values), right: new Float64Array(starts.length - 1) };
}
