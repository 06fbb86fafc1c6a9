/**
 * The linear programs of the attackers: one model for each component, in steps away from the truth.
 * Solver: HiGHS (docs/references.md#highs), not any solver of the engine. A variable is the difference from the true value,
 * so the truth is the zero vector, right-hand sides are zero and large tables lose no digits.
 * @module
 */
import highs from 'highs';
import type { Highs, Model } from 'highs';
import type { Component, GateCase } from './gate-case.ts';

/** The solver. */
export type Solver = Highs;

// The package types its CommonJS build; the module build that Node loads exports the loader itself.
const loadHighs = highs as unknown as () => Promise<Highs>;

let loading: Promise<Solver> | undefined;

/** Loads the solver. */
export function loadSolver(): Promise<Solver> {
  loading ??= loadHighs();
  return loading;
}

/** Terms of a linear function of cells. */
export type Terms = Iterable<readonly [cell: number, weight: number]>;

/** One solved program: the step from the truth to the table found, by position in the component; null when there is none. */
export interface Optimum {
  readonly status: 'optimal' | 'unbounded' | 'infeasible' | 'stopped';
  readonly step: Float64Array | null;
}

/** Matrix of the component's equations, by rows; columns are the component's cells in their order. */
export function matrixOf(component: Component): { positions: ReadonlyMap<number, number>; starts: number[]; indices: number[]; values: number[] } {
  const positions = new Map(component.cells.map((c, i) => [c, i]));
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { cells, signs } of component.equations) {
    for (const [k, c] of cells.entries()) {
      indices.push(positions.get(c) ?? 0);
      values.push(signs[k] ?? 0);
    }
    starts.push(indices.length);
  }
  return { positions, starts, indices, values };
}

/** How far a cell may step from the truth. */
export function roomOf(gateCase: GateCase, cell: number): { down: number; up: number } {
  const v = gateCase.value[cell] ?? 0;
  const upper = gateCase.upper[cell];
  return { down: v - (gateCase.lower[cell] ?? 0), up: upper === null || upper === undefined ? Infinity : upper - v };
}

/** How a model is asked. */
export interface ModelOptions {
  /** Bounds every step, so that no program is unbounded. */
  readonly cap?: number;
  /** Asks for whole steps, within the time given. */
  readonly integerSeconds?: number;
  /** Weights of all cells that stay, by position; for models whose limits change and not their objective. */
  readonly weights?: Float64Array;
}

/** A component under attack: the model stays in the solver and keeps its basis from one question to the next. */
export class ComponentModel {
  readonly cells: readonly number[];
  /** Position of a cell among the component's cells. */
  readonly positions: ReadonlyMap<number, number>;
  readonly #solver: Solver;
  readonly #model: Model;
  readonly #down: Float64Array;
  readonly #up: Float64Array;
  readonly #integer: boolean;

  constructor(solver: Solver, gateCase: GateCase, component: Component, options: ModelOptions = {}) {
    const cap = options.cap ?? Infinity;
    const { positions, starts, indices, values } = matrixOf(component);
    const rooms = component.cells.map((c) => roomOf(gateCase, c));
    const [n, m] = [component.cells.length, component.equations.length];
    this.cells = component.cells;
    this.positions = positions;
    this.#solver = solver;
    this.#integer = options.integerSeconds !== undefined;
    this.#down = Float64Array.from(rooms, (r) => -Math.min(r.down, cap));
    this.#up = Float64Array.from(rooms, (r) => Math.min(r.up, cap));
    this.#model = solver.createModel({
      numCols: n, numRows: m, sense: solver.constants.objectiveSense.maximize, colCost: options.weights ?? new Float64Array(n),
      colLower: this.#down, colUpper: this.#up, rowLower: new Float64Array(m), rowUpper: new Float64Array(m),
      matrix: { format: 'csr', numRows: m, numCols: n, starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values) },
      ...(this.#integer ? { integrality: new Int32Array(n).fill(1) } : {}),
    });
    // A changed objective leaves the primal basis feasible, changed limits the dual one.
    this.#model.options.set(this.#integer
      ? { output_flag: false, time_limit: options.integerSeconds ?? 0, random_seed: 1 }
      : { output_flag: false, presolve: 'off', solver: 'simplex', simplex_strategy: options.weights === undefined ? 4 : 1, random_seed: 1 });
  }

  /** The table that makes a linear function as large as possible, beside the weights that stay. */
  maximise(terms: Terms): Optimum {
    const list = [...terms].map(([cell, weight]) => [this.positions.get(cell) ?? -1, weight] as const);
    for (const [i, weight] of list) this.#model.changeColCost(i, weight);
    this.#model.run();
    const optimum = this.#read();
    for (const [i] of list) this.#model.changeColCost(i, 0);
    return optimum;
  }

  /** Changes the weights that stay. */
  weigh(weights: Float64Array): void {
    this.#model.changeColsCost({ kind: 'range', from: 0, to: weights.length - 1 }, weights);
  }

  /** Lets a cell step within the limits given and its own; returns false when that leaves nothing. */
  limit(cell: number, down: number, up: number): boolean {
    const i = this.positions.get(cell) ?? -1;
    const [lo, hi] = [Math.max(down, this.#down[i] ?? 0), Math.min(up, this.#up[i] ?? 0)];
    if (lo > hi) return false;
    this.#model.changeColBounds(i, lo, hi);
    return true;
  }

  /** Takes the limits of a cell back. */
  release(cell: number): void {
    const i = this.positions.get(cell) ?? -1;
    this.#model.changeColBounds(i, this.#down[i] ?? 0, this.#up[i] ?? 0);
  }

  /** Gives the native memory back. */
  dispose(): void {
    this.#model.dispose();
  }

  #read(): Optimum {
    const status = this.#model.getModelStatus();
    const { optimal, infeasible, unbounded, unboundedOrInfeasible } = this.#solver.constants.modelStatus;
    if (status === optimal) return { status: 'optimal', step: this.#model.getSolution().colValue };
    if (status === infeasible) return { status: 'infeasible', step: null };
    if (status === unbounded || status === unboundedOrInfeasible) return { status: 'unbounded', step: null };
    const feasible = Number(this.#model.info.get('primal_solution_status')) === 2;
    return { status: 'stopped', step: feasible ? this.#model.getSolution().colValue : null };
  }
}
