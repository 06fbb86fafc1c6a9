/**
 * Integer programmes by HiGHS: the only module of the perturbing methods that knows the solver.
 * Source: docs/references.md#highs. One thread, fixed seed: without a limit on time the same programme has the same answer.
 * @module
 */
import { loadedHighs } from '../highs-module.ts';
import type { Highs } from '../highs-module.ts';

interface SolutionEvent { readonly data: { readonly mip_solution?: Float64Array } }
interface InterruptEvent { interrupt(): void }

/** Minimise cost · x with 0 ≤ x ≤ upper and every row equal to its right side. */
export interface IntegerProgram {
  readonly cost: Float64Array;
  readonly upper: Float64Array;
  /** Rows in compressed form: entries of row i stand at starts[i] … starts[i + 1] - 1. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly right: Float64Array;
}

/** How a programme is solved. */
export interface SolveOptions {
  readonly seconds: number;
  /** Stop as soon as the relaxation is solved and some solution is known. */
  readonly first?: boolean;
  /** Nodes of the search tree. Default: no limit. */
  readonly nodes?: number;
  /** A solution to start from. */
  readonly start?: Float64Array;
  /** Asked now and then; true ends the search. */
  readonly stop?: () => boolean;
}

/** `found`: a solution without a proof that none is better. */
export interface SolveResult {
  readonly status: 'optimal' | 'found' | 'infeasible' | 'none';
  /** Values of the columns; empty unless optimal or found. */
  readonly x: Float64Array;
  readonly objective: number;
  /** No solution has an objective below this; -Infinity when nothing is known. */
  readonly bound: number;
}

const NOTHING = { x: new Float64Array(0), objective: Infinity } as const;

/** Solves programmes one after the other in the solver's memory; the solver is loaded once in a process. */
export class IntegerSolver {
  readonly #highs: Highs;

  private constructor(highs: Highs) {
    this.#highs = highs;
  }

  static async load(): Promise<IntegerSolver> {
    return new IntegerSolver(await loadedHighs());
  }

  solve(program: IntegerProgram, options: SolveOptions): SolveResult {
    const { cost, upper, starts, indices, values, right } = program;
    const [columns, rows] = [cost.length, right.length];
    const { callbackType, modelStatus } = this.#highs.constants;
    const model = this.#highs.createModel({
      numCols: columns, numRows: rows, colCost: cost, colLower: new Float64Array(columns), colUpper: upper, rowLower: right, rowUpper: right,
      matrix: { format: 'csr', numRows: rows, numCols: columns, starts, indices, values },
      integrality: new Int32Array(columns).fill(1),
    });
    try {
      model.options.set({
        output_flag: false, time_limit: Math.max(0.01, options.seconds),
        // Costs are whole numbers: a gap below 1 is none.
        mip_rel_gap: 0, mip_abs_gap: 0.999,
        // On large tables the interior point solves the relaxation many times faster than the simplex.
        ...(options.first === true ? { mip_lp_solver: 'ipm' } : {}),
        ...(options.nodes === undefined ? {} : { mip_max_nodes: options.nodes }),
      });
      if (options.start !== undefined) model.setSolution({ colValue: options.start });
      const { stop, first = false } = options;
      let found: Float64Array | undefined;
      model.run({
        ...(first ? { [callbackType.mipImprovingSolution]: (event: SolutionEvent) => { found = event.data.mip_solution; } } : {}),
        ...(first || stop !== undefined ? { [callbackType.mipInterrupt]: (event: InterruptEvent) => { if ((first && found !== undefined) || stop?.() === true) event.interrupt(); } } : {}),
      });
      const status = model.getModelStatus();
      if (status === modelStatus.infeasible) return { status: 'infeasible', ...NOTHING, bound: Infinity };
      const bound = model.info.get('mip_dual_bound') as number;
      if (status === modelStatus.optimal) return { status: 'optimal', x: Float64Array.from(model.getSolution().colValue), objective: model.getObjectiveValue(), bound };
      if (model.info.get('primal_solution_status') !== 2) return { status: 'none', ...NOTHING, bound };
      return { status: 'found', x: Float64Array.from(model.getSolution().colValue), objective: model.getObjectiveValue(), bound };
    } finally {
      model.dispose();
    }
  }
}
