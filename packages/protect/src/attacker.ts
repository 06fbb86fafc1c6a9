/**
 * The attacker: what a reader can derive about unprinted cells from everything printed, by linear programming.
 * Variables are the unprinted cells, as differences from the truth, so that the truth is the solution 0.
 * Source: docs/references.md#fischetti-salazar (the attacker's subproblem), docs/references.md#handbook-sdc (audit).
 * @module
 */
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';
import type { Secrecy } from './pattern.ts';
import { ReducedProgram } from './reduced-program.ts';

const EXACT = 1e-6;

/**
 * How the end of an interval follows by adding up: `times` the value of each printed cell, and `times` the least (negative) or
 * greatest (positive) value that each unprinted cell is known to have. Anyone can check it without solving anything.
 */
export interface Combination {
  readonly printed: readonly Term[];
  readonly bounds: readonly Term[];
}

export interface Term {
  readonly cell: number;
  readonly times: number;
}

/** How far a cell can lie from the truth, and a table in which it does. */
export interface Extreme {
  readonly step: number;
  readonly move: Move;
}

/** Who says how far the cells of a component can lie from the truth. Dispose of it. */
export interface Attacker {
  /** A cell that can lie so far above the truth counts as not bounded at all: several times the largest number there is. */
  readonly far: number;
  /** Programs solved so far. */
  readonly solved: number;
  extreme(cell: number, direction: 1 | -1): Extreme & { readonly combination?: () => Combination };
  dispose(): void;
}

/** One component of unprinted cells that relations tie together, a column for each cell and a row for each relation. */
export class Component implements Attacker {
  readonly cells: readonly number[];
  readonly far: number;
  /** The relations that the solver's rows are, in their order. */
  readonly #rows: readonly Relation[];
  readonly #at: ReadonlyMap<number, number>;
  readonly #secrecy: Pick<Secrecy, 'value' | 'lower' | 'upper'>;
  readonly #solver: Solver;

  private constructor(cells: readonly number[], far: number, rows: readonly Relation[], at: ReadonlyMap<number, number>, secrecy: Pick<Secrecy, 'value' | 'lower' | 'upper'>, solver: Solver) {
    this.cells = cells;
    this.far = far;
    this.#rows = rows;
    this.#at = at;
    this.#secrecy = secrecy;
    this.#solver = solver;
  }

  static async open(cells: readonly number[], relations: readonly Relation[], secrecy: Pick<Secrecy, 'value' | 'lower' | 'upper'>): Promise<Component> {
    const at = new Map(cells.map((cell, i) => [cell, i]));
    const far = farFrom(cells, secrecy.value);
    const indices: number[] = [];
    const values: number[] = [];
    const starts = [0];
    const rows: Relation[] = [];
    for (const relation of relations) {
      const { total, parts } = relation;
      const before = indices.length;
      const own = at.get(total);
      if (own !== undefined) {
        indices.push(own);
        values.push(-1);
      }
      for (const part of parts) {
        const column = at.get(part);
        if (column === undefined) continue;
        indices.push(column);
        values.push(1);
      }
      if (indices.length === before) continue;
      starts.push(indices.length);
      rows.push(relation);
    }
    const solver = await Solver.open({
      lower: Float64Array.from(cells, (cell) => (secrecy.lower[cell] as number) - (secrecy.value[cell] as number)),
      upper: Float64Array.from(cells, (cell) => Math.min((secrecy.upper[cell] as number) - (secrecy.value[cell] as number), far)),
      cost: new Float64Array(cells.length), starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values),
      right: new Float64Array(starts.length - 1),
    });
    return new Component(cells, far, rows, at, secrecy, solver);
  }

  get solved(): number {
    return this.#solver.solved;
  }

  /** The cell becomes printed: its value is the truth. */
  fix(cell: number): void {
    this.#solver.setBounds(this.#at.get(cell) as number, 0, 0);
  }

  /** The cell is unprinted again. */
  free(cell: number): void {
    const value = this.#secrecy.value[cell] as number;
    this.#solver.setBounds(this.#at.get(cell) as number, (this.#secrecy.lower[cell] as number) - value, Math.min((this.#secrecy.upper[cell] as number) - value, this.far));
  }

  /** The furthest that the cell can lie from the truth in one direction, and a table in which it does. */
  extreme(cell: number, direction: 1 | -1): Extreme & { readonly combination: () => Combination } {
    const column = this.#at.get(cell) as number;
    this.#solver.setCost(column, -direction);
    const solved = this.#solver.solve();
    this.#solver.setCost(column, 0);
    if (solved === undefined) throw new Error('attacker: the solver found no table, though the truth is one');
    return { step: solved.columns[column] as number, move: this.#moveOf(solved.columns), combination: () => this.#combinationOf(cell, direction, solved.rowDuals) };
  }

  /** Differences from the truth, without those that are rounding errors. */
  #moveOf(columns: Float64Array): Move {
    const cells: number[] = [];
    const steps: number[] = [];
    for (const [i, step] of columns.entries()) {
      if (Math.abs(step) < EXACT) continue;
      cells.push(this.cells[i] as number);
      steps.push(cleaned(step));
    }
    return { cells: Int32Array.from(cells), steps: Float64Array.from(steps) };
  }

  /** From the multipliers of the rows: cell = multiples of the sums, whose printed parts are known, and of what is left over. */
  #combinationOf(cell: number, direction: 1 | -1, rowDuals: Float64Array): Combination {
    const printed = new Map<number, number>();
    const bounds = new Map<number, number>([[cell, 1]]);
    const add = (other: number, times: number): void => {
      const into = this.#at.has(other) ? bounds : printed;
      into.set(other, (into.get(other) ?? 0) - times);
    };
    for (const [r, dual] of rowDuals.entries()) {
      const times = -direction * dual;
      if (Math.abs(times) < EXACT) continue;
      const { total, parts } = this.#rows[r] as Relation;
      add(total, -times);
      for (const part of parts) add(part, times);
    }
    return { printed: termsOf(printed), bounds: termsOf(bounds) };
  }

  dispose(): void {
    this.#solver.dispose();
  }
}

/** One component whose cells stay unprinted, with fewer columns and rows: faster, and without combinations. */
export class ReducedComponent implements Attacker {
  readonly far: number;
  readonly #program: ReducedProgram;

  private constructor(far: number, program: ReducedProgram) {
    this.far = far;
    this.#program = program;
  }

  static async open(cells: readonly number[], relations: readonly Relation[], { value, lower, upper }: Pick<Secrecy, 'value' | 'lower' | 'upper'>): Promise<ReducedComponent> {
    const far = farFrom(cells, value);
    return new ReducedComponent(far, await ReducedProgram.open({ cells, relations, far, rangeOf: (cell) => ({ lower: (lower[cell] as number) - (value[cell] as number), upper: (upper[cell] as number) - (value[cell] as number) }) }));
  }

  get solved(): number {
    return this.#program.solved;
  }

  extreme(cell: number, direction: 1 | -1): Extreme {
    if (this.#program.isFixed(cell)) return { step: 0, move: { cells: new Int32Array(0), steps: new Float64Array(0) } };
    const moved = this.#program.solve(new Map([[cell, -direction]]), EXACT);
    if (moved === undefined) throw new Error('attacker: the solver found no table, though the truth is one');
    return { step: moved.get(cell) ?? 0, move: { cells: Int32Array.from(moved.keys()), steps: Float64Array.from(moved.values(), cleaned) } };
  }

  dispose(): void {
    this.#program.dispose();
  }
}

function farFrom(cells: readonly number[], value: ArrayLike<number>): number {
  return 10 + 4 * cells.reduce((most, cell) => Math.max(most, Math.abs(value[cell] as number)), 1);
}

/** A step without the rounding error of a whole one. */
function cleaned(step: number): number {
  const whole = Math.round(step);
  return Math.abs(step - whole) < EXACT ? whole : step;
}

function termsOf(coefficients: ReadonlyMap<number, number>): Term[] {
  return [...coefficients].filter(([, times]) => Math.abs(times) > EXACT).sort(([a], [b]) => a - b).map(([cell, times]) => ({ cell, times: Number(times.toFixed(9)) }));
}

/** Unprinted cells in groups that no relation ties to each other. */
export function componentsOf(unprinted: readonly number[], relations: readonly Relation[]): { readonly cells: readonly number[]; readonly relations: readonly Relation[] }[] {
  const parent = new Map(unprinted.map((cell) => [cell, cell]));
  const root = (cell: number): number => {
    let at = cell;
    while (parent.get(at) !== at) {
      const up = parent.get(parent.get(at) as number) as number;
      parent.set(at, up);
      at = up;
    }
    return at;
  };
  const tied: { readonly relation: Relation; readonly cell: number }[] = [];
  for (const relation of relations) {
    let first = parent.has(relation.total) ? relation.total : undefined;
    for (const part of relation.parts) {
      if (!parent.has(part)) continue;
      if (first === undefined) first = part;
      else parent.set(root(part), root(first));
    }
    if (first !== undefined) tied.push({ relation, cell: first });
  }
  const cells = Map.groupBy(unprinted, root);
  const relationsOf = Map.groupBy(tied, ({ cell }) => root(cell));
  return [...cells].map(([at, own]) => ({ cells: own, relations: (relationsOf.get(at) ?? []).map(({ relation }) => relation) }));
}
