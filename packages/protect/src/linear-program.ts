/**
 * Linear programs by HiGHS, kept in memory and solved again and again with other costs and bounds.
 * Source: docs/references.md#highs.
 * @module
 */
import { loadedHighs } from './highs-module.ts';
import type { Highs } from './highs-module.ts';

type Model = ReturnType<Highs['createModel']>;

/** Columns with bounds and costs; rows that must hold with equality. */
export interface LinearProgram {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly cost: Float64Array;
  /** Rows in compressed form: entries of row i stand at starts[i] … starts[i + 1] - 1. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly right: Float64Array;
  /** Columns that must be whole numbers. */
  readonly integer?: boolean;
}

/** How programs are solved: default, the primal simplex method, which starts where the last program ended. */
export interface SolverOptions {
  readonly timeLimitSeconds?: number;
  readonly primal?: boolean;
  /** Of the first program alone, where programs start where the last one ended. Default: large ones solved by the primal simplex method. */
  readonly presolve?: boolean;
  /** From within, moving to a corner at the end only where that is not exact enough. */
  readonly interior?: boolean;
  /** From within, and then to a corner in any case. */
  readonly corner?: boolean;
}

export interface Solved {
  readonly objective: number;
  readonly columns: Float64Array;
  /** For each row by how much the objective changes for one unit on its right side. */
  readonly rowDuals: Float64Array;
}

/** Columns from which presolve pays: the first of 7,773 columns takes 4 s with it and 28 s without, one of 1,000 no less with it. */
const LARGE = 3000;

/** A program in the solver's memory. Dispose of it. */
export class Solver {
  readonly #model: Model;
  readonly #highs: Highs;
  /** Programs solved. */
  solved = 0;
  /** The last program is proved to have no solution. */
  impossible = false;

  private constructor(model: Model, solver: Highs) {
    this.#model = model;
    this.#highs = solver;
  }

  static async open(program: LinearProgram, { timeLimitSeconds, primal = true, interior = false, corner = false, presolve = primal && program.lower.length >= LARGE }: SolverOptions = {}): Promise<Solver> {
    const solver = await loadedHighs();
    const { lower, upper, cost, starts, indices, values, right } = program;
    const model = solver.createModel({
      numCols: lower.length, numRows: right.length, colCost: cost, colLower: lower, colUpper: upper, rowLower: right, rowUpper: right,
      matrix: { format: 'csr', numRows: right.length, numCols: lower.length, starts, indices, values },
      ...(program.integer === true ? { integrality: new Int32Array(lower.length).fill(1) } : {}),
    });
    model.options.set({
      output_flag: false, presolve: presolve || program.integer === true ? 'on' : 'off', ...(primal ? { simplex_strategy: 4 } : {}),
      ...(interior || corner ? { solver: 'ipm', run_crossover: corner ? 'on' : 'choose' } : {}), ...(timeLimitSeconds === undefined ? {} : { time_limit: timeLimitSeconds }),
    });
    return new Solver(model, solver);
  }

  setBounds(column: number, lower: number, upper: number): void {
    this.#model.changeColBounds(column, lower, upper);
  }

  setCost(column: number, cost: number): void {
    this.#model.changeColCost(column, cost);
  }

  /** Minimises; undefined when there is no solution or none was found in time: {@link impossible} says which. */
  solve(): Solved | undefined {
    this.#model.run();
    this.solved++;
    const status = this.#model.getModelStatus();
    const { optimal, infeasible } = this.#highs.constants.modelStatus;
    this.impossible = status === infeasible;
    if (status !== optimal) return undefined;
    const { colValue, rowDual } = this.#model.getSolution();
    return { objective: this.#model.getObjectiveValue(), columns: Float64Array.from(colValue), rowDuals: Float64Array.from(rowDual) };
  }

  dispose(): void {
    this.#model.dispose();
  }
}
