/**
 * Controlled rounding: every cell to a multiple of the base beside it, and every relation still holds; the total distance
 * from the true values as small as can be found in the time given.
 * Source: docs/references.md#salazar-controlled-rounding (the programme and its steps), docs/references.md#cox-ernst (tables of two
 * dimensions always have one), docs/references.md#large-neighbourhood-search (improvement).
 * The programme's relaxation is solved first and bounds the answer; where it is fractional, HiGHS looks for a whole solution, which
 * is improved by freeing a part of the table at a time and solving that part to its optimum.
 * Depends on the whole table: the same cell may round otherwise in another table. Not unbiased. A reader who knows the method can run
 * it; with draws its aim is secret as well.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { letOthersRun } from '../pause.ts';
import type { RoundedCount } from '../units.ts';
import { descendants, indexRelations } from './additive-relations.ts';
import type { AdditiveTable } from './additive-relations.ts';
import { applyAnswer, objectiveOf, programOver, roundingModel } from './controlled-model.ts';
import type { RoundingModel } from './controlled-model.ts';
import { IntegerSolver } from './integer-program.ts';
import { assertBase } from './round-base-n.ts';

/** How a table is rounded. */
export interface ControlledSettings {
  readonly base: number;
  /** K: multiples that a cell may go beyond its neighbours. 0, the default: zero-restricted, multiples of the base stay. */
  readonly steps?: number;
  /** Draws of the cells: the aim is then the multiple that each draw chooses by random rounding, instead of the nearest one. */
  readonly draws?: ArrayLike<number>;
  /** Time after which the best rounding so far is returned, in milliseconds. Default 60,000. */
  readonly timeBudgetMs?: number;
  /** Parts of the table that are freed and solved, at most. Where this ends the search the answer is the same on every machine. Default 400. */
  readonly rounds?: number;
  readonly onProgress?: (progress: ControlledProgress) => void;
  /** Asked now and then; true ends the search with the best rounding so far. */
  readonly cancelled?: () => boolean;
}

/** How far the search is. */
export interface ControlledProgress {
  readonly round: number;
  readonly objective: number;
  readonly bound: number;
}

/** A controlled rounding. */
export interface ControlledRounding {
  readonly values: readonly RoundedCount[];
  /** Sum of the distances from the true values, for the analyst. */
  readonly distance: number;
  /** What was made small: the distance, or with draws the distance from the drawn multiples. */
  readonly objective: number;
  /** No rounding has an objective below this. */
  readonly bound: number;
  readonly optimal: boolean;
  readonly stoppedBy: 'optimal' | 'rounds' | 'time' | 'cancelled';
}

/**
 * Rounds a table so that it stays additive.
 *
 * Every value is a multiple of the base and within (steps + 1) · base - 1 of the true one, none is below 0, and every relation
 * holds. The best rounding so far is returned when time runs out. Blocks the thread while the solver runs, which is several times a second but
 * for the first rounding and for the whole of a table; see `cancelled`.
 *
 * @throws Refusal as {@link indexRelations} does; `CONTROLLED_ROUNDING_INFEASIBLE` when there is no such rounding within the
 *   steps, which happens from three dimensions on; `CONTROLLED_ROUNDING_TIME` when none was found in time
 * @throws RangeError for a base, steps or a budget that make no sense
 * @example
 * const made = await roundControlled({ values: [10, 4, 6], relations: [{ total: 0, parts: [1, 2] }] }, { base: 5 });
 * made.values // [10, 5, 5]
 */
export async function roundControlled(table: AdditiveTable, settings: ControlledSettings): Promise<ControlledRounding> {
  const { base, steps = 0, timeBudgetMs = 60_000, rounds = 400 } = settings;
  assertBase(base);
  if (!Number.isSafeInteger(steps) || steps < 0 || steps > 1000) throw new RangeError('steps: expected a whole number from 0 to 1000');
  if (!(timeBudgetMs > 0)) throw new RangeError('timeBudgetMs: expected a number above 0');
  const model = roundingModel(table, indexRelations(table), base, steps, settings.draws);
  const search = new Search(model, await IntegerSolver.load(), performance.now() + timeBudgetMs, settings);
  search.findFirst(steps);
  const stoppedBy = await search.improve(rounds);
  return search.result(stoppedBy);
}

/**
 * The true counts that a reader of a controlled rounding must allow for: all within (steps + 1) · base - 1, none below 0.
 * @example controlledRoundingBounds(15, 5, 1) // { lo: 6, hi: 24 }
 */
export function controlledRoundingBounds(published: number, base: number, steps = 0): { readonly lo: number; readonly hi: number } {
  assertBase(base);
  const reach = (steps + 1) * base - 1;
  return { lo: Math.max(0, published - reach), hi: published + reach };
}

/** Cells that are freed together: at first, and by how much the number changes when nothing more is gained or a part is too hard. */
const FIRST_PART = 200;
const GROW = 1.3;
const SHRINK = 0.8;
/** Rounds without a gain before parts grow. */
const PATIENCE = 8;
const NODES_OF_PART = 100;

class Search {
  readonly #model: RoundingModel;
  readonly #solver: IntegerSolver;
  readonly #deadline: number;
  readonly #settings: ControlledSettings;
  /** Multiples of the base, cell by cell: the best so far. */
  #bases: Float64Array;
  #bound: number;
  /** About how many movable cells are parts of each cell, itself included: those on one way down from it. */
  readonly #size: Float64Array;
  #random = 0x2545f491;

  constructor(model: RoundingModel, solver: IntegerSolver, deadline: number, settings: ControlledSettings) {
    this.#model = model;
    this.#solver = solver;
    this.#deadline = deadline;
    this.#settings = settings;
    this.#bases = model.floors.slice();
    this.#size = Float64Array.from(model.moves, (moves) => (moves.length > 0 ? 1 : 0));
    for (const cell of model.index.order.toReversed()) {
      const below = (model.index.totalOf[cell] ?? []).map((r) => Array.from(model.table.relations[r]?.parts ?? []).reduce((s, part) => s + (this.#size[part] ?? 0), 0));
      this.#size[cell] = (this.#size[cell] ?? 0) + Math.max(0, ...below);
    }
    this.#bound = model.constant + model.moves.flat().reduce((s, move) => s + Math.min(0, move.cost) * move.upper, 0);
  }

  /** The relaxation bounds the objective; when its answer is whole it is the optimum, else some whole answer is found. */
  findFirst(steps: number): void {
    const { program } = programOver(this.#model, this.#model.movable, this.#bases);
    const answer = this.#model.movable.length === 0 ? undefined : this.#solver.solve(program, { seconds: this.#secondsLeft(), first: true, ...this.#stop() });
    if (answer?.status === 'infeasible' || (answer === undefined && !this.#additive())) {
      refuse('CONTROLLED_ROUNDING_INFEASIBLE', 'no rounding within the steps keeps the relations', { key: 'steps' }, `allow more steps: ${steps + 1} or more, or another base`);
    }
    if (answer?.status === 'none') refuse('CONTROLLED_ROUNDING_TIME', 'no rounding that keeps the relations was found in time', { key: 'timeBudgetMs' }, `allow more time or more steps: ${steps + 1} or more`);
    if (answer !== undefined) {
      applyAnswer(this.#model, this.#model.movable, answer.x, this.#bases);
      // Objectives are whole numbers, so the bound can be rounded up.
      this.#bound = Math.max(this.#bound, Math.ceil(this.#model.constant + answer.bound - 1e-6));
    }
    if (!this.#additive()) throw new Error('controlled rounding: the answer of the solver does not add');
    this.#report(0);
  }

  /** Between parts signals and timers get their turn. The whole table is tried once: where it is not solved to its optimum it costs more than all the other parts. */
  async improve(rounds: number): Promise<ControlledRounding['stoppedBy']> {
    const all = this.#model.movable.length;
    let [part, idle, hard] = [FIRST_PART, 0, false];
    for (let round = 1; ; round++) {
      await letOthersRun();
      if (this.#objective() <= this.#bound) return 'optimal';
      const over = this.#over();
      if (over !== undefined) return over;
      if (round > rounds) return 'rounds';
      if (hard) part = Math.min(part, all * SHRINK);
      const free = part >= all ? this.#model.movable : this.#choosePart(part);
      if (hard && free.length === all) {
        part *= SHRINK;
        this.#report(round);
        continue;
      }
      const { program, start } = programOver(this.#model, free, this.#bases);
      const answer = this.#solver.solve(program, { seconds: this.#secondsLeft(), nodes: free.length === all && all <= FIRST_PART ? 1e6 : NODES_OF_PART, start, ...this.#stop() });
      const gained = answer.x.length > 0 && this.#take(free, answer.x);
      if (free.length === all && answer.status === 'optimal') this.#bound = this.#objective();
      hard ||= free.length === all && answer.status !== 'optimal';
      this.#report(round);
      idle = gained ? 0 : idle + 1;
      if (answer.status !== 'optimal') part = Math.max(FIRST_PART / 4, part * SHRINK);
      else if (idle >= PATIENCE) [part, idle] = [part * GROW, 0];
    }
  }

  result(stoppedBy: ControlledRounding['stoppedBy']): ControlledRounding {
    const { table, base } = this.#model;
    const values = Array.from(this.#bases, (bases) => bases * base);
    return {
      values: values as RoundedCount[], distance: values.reduce((s, v, cell) => s + Math.abs(v - (table.values[cell] ?? 0)), 0),
      objective: this.#objective(), bound: this.#bound, optimal: stoppedBy === 'optimal', stoppedBy,
    };
  }

  /** Some parts of one total with all that is below them, until about as many cells are free as asked for. */
  #choosePart(cells: number): readonly number[] {
    const { table, index, moves } = this.#model;
    const wide = table.relations.filter(({ total }) => (this.#size[total] ?? 0) >= cells);
    const relation = wide[this.#below(wide.length)];
    const parts = Array.from(relation?.parts ?? []);
    const free = new Set<number>();
    while (free.size < cells && parts.length > 0) {
      const [part = -1] = parts.splice(this.#below(parts.length), 1);
      for (const cell of descendants(table, index, part)) if ((moves[cell]?.length ?? 0) > 0) free.add(cell);
    }
    return free.size === 0 ? this.#model.movable : [...free].sort((a, b) => a - b);
  }

  /** Takes an answer when it is additive and no worse; true when it is better. */
  #take(free: readonly number[], x: Float64Array): boolean {
    const before = this.#objective();
    const kept = this.#bases.slice();
    applyAnswer(this.#model, free, x, this.#bases);
    const after = this.#objective();
    if (after > before || !this.#additive()) this.#bases = kept;
    return after < before;
  }

  #additive(): boolean {
    return this.#model.table.relations.every(({ total, parts }) => Array.from(parts).reduce((s, part) => s + (this.#bases[part] ?? 0), 0) === this.#bases[total]);
  }

  #objective(): number {
    return objectiveOf(this.#model, this.#bases);
  }

  #over(): 'time' | 'cancelled' | undefined {
    if (this.#settings.cancelled?.() === true) return 'cancelled';
    return performance.now() >= this.#deadline ? 'time' : undefined;
  }

  #secondsLeft(): number {
    return (this.#deadline - performance.now()) / 1000;
  }

  #stop(): { readonly stop?: () => boolean } {
    const { cancelled } = this.#settings;
    return cancelled === undefined ? {} : { stop: cancelled };
  }

  #report(round: number): void {
    this.#settings.onProgress?.({ round, objective: this.#objective(), bound: this.#bound });
  }

  /** The choice of parts needs no secrecy, only the same order on every machine: xorshift (docs/references.md#xorshift). */
  #below(below: number): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return below === 0 ? 0 : (this.#random >>> 0) % below;
  }
}
