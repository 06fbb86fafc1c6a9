/**
 * Alternative tables as a linear program with fewer columns and rows than there are cells and sums, solved again and again with
 * other prices: cells that sums tie one to one share a column, cells that no sum leaves free have none, and a total of unprinted
 * cells is written as their sum where its own bounds say nothing new. The tables are the same, cell by cell.
 * Source: docs/references.md#savelsbergh (bounds that follow from a row; written by it, such a column is free).
 * Leaves out: multipliers of the sums, and bounds that change.
 * @module
 */
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';
import type { LinearProgram, SolverOptions } from './linear-program.ts';
import type { Range } from './move-program.ts';

/** What is left of cells and sums. Coefficients are whole numbers. */
export interface Reduction {
  readonly program: LinearProgram;
  /** For each cell, in order, the columns that its difference is made of. */
  readonly columns: readonly Int32Array[];
  readonly times: readonly Float64Array[];
}

export interface ReducedProgramInput {
  readonly cells: readonly number[];
  readonly relations: readonly Relation[];
  /** Bounds of a cell's difference from the truth; 0 lies between them. */
  readonly rangeOf: (cell: number) => Range;
  /** A cell that nothing bounds from above goes so far and no further. */
  readonly far?: number;
  /** Time for each program; one that takes longer has no solution. */
  readonly seconds?: number;
}

/** A cell is written as a sum where that adds no more entries than this. */
const MORE_ENTRIES = 8;
const NEARLY = 1e-9;
/** Differences below this are none. */
const ZERO = 1e-7;
/** Columns from which a program is solved from within. */
const LARGE = 200;
/** From within, what nothing bounds goes so far. */
const ENOUGH = 1000;

/** A linear program over differences from the truth. Dispose of it. */
export class ReducedProgram {
  readonly #cells: readonly number[];
  readonly #at: ReadonlyMap<number, number>;
  readonly #reduction: Reduction;
  readonly #solver: Solver;
  readonly #cost: Float64Array;
  readonly #seconds: SolverOptions;
  /** The same program, solved from within. */
  #inner: Solver | undefined;
  #innerSolved = 0;

  private constructor(cells: readonly number[], reduction: Reduction, solver: Solver, seconds: SolverOptions) {
    this.#cells = cells;
    this.#seconds = seconds;
    this.#at = new Map(cells.map((cell, i) => [cell, i]));
    this.#reduction = reduction;
    this.#solver = solver;
    this.#cost = new Float64Array(reduction.program.cost.length);
  }

  static async open(input: ReducedProgramInput): Promise<ReducedProgram> {
    const { cells, seconds = Infinity } = input;
    const reduction = reduceProgram(input);
    const limit = seconds < Infinity ? { timeLimitSeconds: seconds } : {};
    return new ReducedProgram(cells, reduction, await Solver.open(reduction.program, limit), limit);
  }

  /** Programs solved so far. */
  get solved(): number {
    return this.#solver.solved + this.#innerSolved + (this.#inner?.solved ?? 0);
  }

  /** True when sums leave the cell no other value than the truth. */
  isFixed(cell: number): boolean {
    return (this.#reduction.columns[this.#at.get(cell) as number] as Int32Array).length === 0;
  }

  /** The cheapest differences, without those below `zero`, for prices of one unit up; undefined when the time was too short. */
  solve(prices: ReadonlyMap<number, number>, zero = ZERO): Map<number, number> | undefined {
    const cost = this.#costOf(prices);
    for (const [column, price] of cost.entries()) {
      if (price !== this.#cost[column]) this.#solver.setCost(column, price);
      this.#cost[column] = price;
    }
    const solved = this.#solver.solve();
    return solved && this.#differences(solved.columns, zero);
  }

  /**
   * The same from within, which is faster where many cells have a price and the last program was another; not at a corner, but where
   * what lies within comes out too far from exact.
   */
  async solveWithin(prices: ReadonlyMap<number, number>): Promise<Map<number, number> | undefined> {
    if (this.#cost.length < LARGE) return this.solve(prices);
    for (const corner of [false, true]) {
      this.#inner ??= await this.#openInner(corner);
      for (const [column, price] of this.#costOf(prices).entries()) this.#inner.setCost(column, price);
      const solved = this.#inner.solve();
      if (solved !== undefined) return this.#differences(solved.columns, ZERO);
      this.#innerSolved += this.#inner.solved;
      this.#inner.dispose();
      this.#inner = undefined;
    }
    return undefined;
  }

  /** Without an end, from within there is no middle either. */
  #openInner(corner: boolean): Promise<Solver> {
    const { program } = this.#reduction;
    return Solver.open({ ...program, lower: program.lower.map((end) => (end === -Infinity ? -ENOUGH : end)), upper: program.upper.map((end) => (end === Infinity ? ENOUGH : end)) }, { ...this.#seconds, interior: !corner, corner, presolve: true, primal: false });
  }

  #costOf(prices: ReadonlyMap<number, number>): Float64Array {
    const { columns, times } = this.#reduction;
    const cost = new Float64Array(this.#cost.length);
    for (const [cell, price] of prices) {
      const at = this.#at.get(cell) as number;
      const own = columns[at] as Int32Array;
      for (let i = 0; i < own.length; i++) cost[own[i] as number] = (cost[own[i] as number] as number) + price * ((times[at] as Float64Array)[i] as number);
    }
    return cost;
  }

  #differences(solved: Float64Array, zero: number): Map<number, number> {
    const { columns, times } = this.#reduction;
    const moved = new Map<number, number>();
    for (const [at, cell] of this.#cells.entries()) {
      const own = columns[at] as Int32Array;
      let step = 0;
      for (let i = 0; i < own.length; i++) step += (solved[own[i] as number] as number) * ((times[at] as Float64Array)[i] as number);
      if (Math.abs(step) > zero) moved.set(cell, step);
    }
    return moved;
  }

  dispose(): void {
    this.#solver.dispose();
    this.#inner?.dispose();
  }
}

/** Writes cells and sums with fewer columns and rows. */
export function reduceProgram({ cells, relations, rangeOf, far = Infinity }: ReducedProgramInput): Reduction {
  const reducing = new Reducing(cells, relations, rangeOf);
  reducing.mergePairs();
  while (reducing.writeTotals());
  return reducing.result(far);
}

/** Coefficients by column, none of them 0. */
type Sparse = Map<number, number>;

class Reducing {
  readonly #rows: Sparse[] = [];
  /** Cell → its difference in columns. At first every cell is a column. */
  readonly #written: Sparse[];
  /** Column → rows, and cells, that it stands in. */
  readonly #holders: Set<number>[];
  readonly #users: Set<number>[];
  readonly #lower: Float64Array;
  readonly #upper: Float64Array;
  /** Rows to look at. */
  readonly #short: number[] = [];

  constructor(cells: readonly number[], relations: readonly Relation[], rangeOf: (cell: number) => Range) {
    const at = new Map(cells.map((cell, i) => [cell, i]));
    this.#written = cells.map((_, i) => new Map([[i, 1]]));
    this.#users = cells.map((_, i) => new Set([i]));
    this.#holders = cells.map(() => new Set());
    const ranges = cells.map(rangeOf);
    this.#lower = Float64Array.from(ranges, (range) => range.lower);
    this.#upper = Float64Array.from(ranges, (range) => range.upper);
    for (const { total, parts } of relations) {
      const row: Sparse = new Map();
      const own = at.get(total);
      if (own !== undefined) row.set(own, -1);
      for (let i = 0; i < parts.length; i++) {
        const column = at.get(parts[i] as number);
        if (column !== undefined) row.set(column, 1);
      }
      if (row.size === 0) continue;
      for (const column of row.keys()) this.#held(column).add(this.#rows.length);
      this.#short.push(this.#rows.length);
      this.#rows.push(row);
    }
  }

  /** Columns that are alone in a row are 0, and of two the one is the other, or what it lacks. */
  mergePairs(): void {
    for (let r = this.#short.pop(); r !== undefined; r = this.#short.pop()) {
      const row = this.#rows[r] as Sparse;
      const [first, second] = row;
      if (first === undefined || row.size > 2) continue;
      if (second === undefined) {
        this.#replace(first[0], []);
        continue;
      }
      const [out, kept] = this.#held(first[0]).size <= this.#held(second[0]).size ? [first, second] : [second, first];
      const times = -kept[1] / out[1];
      if (Math.abs(times) !== 1) continue;
      const [lower, upper] = [this.#lower[out[0]] as number, this.#upper[out[0]] as number];
      this.#lower[kept[0]] = Math.max(this.#lower[kept[0]] as number, times > 0 ? lower : -upper);
      this.#upper[kept[0]] = Math.min(this.#upper[kept[0]] as number, times > 0 ? upper : -lower);
      this.#replace(out[0], [[kept[0], times]]);
    }
  }

  /** Columns whose bounds follow from a row's others are written by them. @returns whether there was one */
  writeTotals(): boolean {
    let found = false;
    for (const column of this.#written.keys()) {
      const rows = this.#held(column).size;
      if (rows === 0) continue;
      const by = this.#rowThatBounds(column);
      if (by === undefined) continue;
      const row = this.#rows[by] as Sparse;
      if ((row.size - 1) * (rows - 1) > row.size + rows + MORE_ENTRIES) continue;
      const own = row.get(column) as number;
      const others = [...row].filter(([other]) => other !== column).map(([other, times]): [number, number] => [other, -times * own]);
      for (const other of row.keys()) this.#held(other).delete(by);
      this.#rows[by] = new Map();
      this.#replace(column, others);
      this.mergePairs();
      found = true;
    }
    return found;
  }

  /** The shortest row whose other columns keep this one within its bounds by themselves. */
  #rowThatBounds(column: number): number | undefined {
    let best: number | undefined;
    for (const r of this.#held(column)) {
      const row = this.#rows[r] as Sparse;
      const own = row.get(column) as number;
      if (Math.abs(own) !== 1 || (best !== undefined && (this.#rows[best] as Sparse).size <= row.size)) continue;
      let [lower, upper] = [0, 0];
      for (const [other, times] of row) {
        if (other === column) continue;
        const by = -times * own;
        lower += by * ((by > 0 ? this.#lower : this.#upper)[other] as number);
        upper += by * ((by > 0 ? this.#upper : this.#lower)[other] as number);
      }
      if (lower >= (this.#lower[column] as number) - NEARLY && upper <= (this.#upper[column] as number) + NEARLY) best = r;
    }
    return best;
  }

  /** Puts a combination of other columns in the place of a column. */
  #replace(out: number, by: readonly (readonly [number, number])[]): void {
    for (const r of this.#held(out)) {
      const row = this.#rows[r] as Sparse;
      this.#substitute(row, out, by, r, this.#holders);
      if (row.size <= 2) this.#short.push(r);
    }
    for (const cell of this.#users[out] as Set<number>) this.#substitute(this.#written[cell] as Sparse, out, by, cell, this.#users);
    this.#holders[out] = new Set();
    this.#users[out] = new Set();
  }

  #substitute(into: Sparse, out: number, by: readonly (readonly [number, number])[], name: number, standing: readonly Set<number>[]): void {
    const times = into.get(out) as number;
    into.delete(out);
    for (const [column, factor] of by) {
      const sum = (into.get(column) ?? 0) + times * factor;
      if (sum === 0) {
        into.delete(column);
        (standing[column] as Set<number>).delete(name);
      } else {
        into.set(column, sum);
        (standing[column] as Set<number>).add(name);
      }
    }
  }

  #held(column: number): Set<number> {
    return this.#holders[column] as Set<number>;
  }

  result(far: number): Reduction {
    const kept = [...this.#users.keys()].filter((column) => (this.#users[column] as Set<number>).size > 0);
    const place = new Map(kept.map((column, i) => [column, i]));
    const rows = new Map<string, Sparse>();
    for (const row of this.#rows) {
      const [first] = row;
      if (first === undefined) continue;
      const sorted = [...row].sort(([a], [b]) => a - b);
      const sign = Math.sign((sorted[0] as [number, number])[1]);
      rows.set(sorted.map(([column, times]) => `${column}:${times * sign}`).join(), row);
    }
    const starts = [0];
    const indices: number[] = [];
    const values: number[] = [];
    for (const row of rows.values()) {
      for (const [column, times] of row) {
        indices.push(place.get(column) as number);
        values.push(times);
      }
      starts.push(indices.length);
    }
    return {
      program: {
        lower: Float64Array.from(kept, (column) => this.#lower[column] as number), upper: Float64Array.from(kept, (column) => Math.min(this.#upper[column] as number, far)),
        cost: new Float64Array(kept.length), starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values), right: new Float64Array(rows.size),
      },
      columns: this.#written.map((written) => Int32Array.from(written.keys(), (column) => place.get(column) as number)),
      times: this.#written.map((written) => Float64Array.from(written.values())),
    };
  }
}
