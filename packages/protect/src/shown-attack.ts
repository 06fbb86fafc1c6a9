/**
 * The attack on counts of which some are printed, some rounded and some withheld: is every small count still open?
 * A small count is open when another table of whole numbers, which reads the same and adds up the same, shows another number
 * there. One linear program pushes many small counts at once, so few programs prove most of them.
 * Source: docs/references.md#fischetti-salazar (the attacker's problem), docs/references.md#rr3.
 * It proves of each small count that at least one other whole number is possible for a reader who has all that is printed,
 * every sum, that counts are whole and not negative, and how far rounding moves. Among more than {@link LARGE} cells that sums
 * tie together a table of fractions is proof enough: it shows that the interval holds another whole number, though not that
 * all the other cells could be whole at the same time.
 * It does not prove how likely each possible number is, that the possible numbers include a large one, or anything about a
 * reader who is in the data or has other sources.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';
import type { LinearProgram } from './linear-program.ts';
import type { ShownCells } from './shown-cells.ts';

/** Cells of a component from which whole numbers are no longer insisted on. */
const LARGE = 400;
/** Programs in a row that prove nothing new before cells are asked for one by one. */
const IDLE = 3;
/** How far from the truth whole numbers are looked for. */
const STEPS = 3;
const NEARLY = 1e-6;

export interface ShownAttack {
  /** Small counts that can be only what they are. */
  readonly exact: readonly number[];
  /** Programs solved. */
  readonly programs: number;
}

/**
 * Attacks the small counts among `cells`.
 * @param small - cells that must stay open
 * @throws DOMException `AbortError` when the signal says so
 */
export async function attackShown(cells: ShownCells, small: readonly number[], signal?: AbortSignal): Promise<ShownAttack> {
  const open = Array.from({ length: cells.system.size }, (_, cell) => cell).filter((cell) => cells.lower(cell) < cells.upper(cell));
  const wanted = new Set(small);
  const exact = small.filter((cell) => cells.lower(cell) >= cells.upper(cell));
  let programs = 0;
  for (const { cells: own, relations } of componentsOf(open, cells.system.relations)) {
    const mine = own.filter((cell) => wanted.has(cell));
    if (mine.length === 0) continue;
    const attack = await ComponentAttack.open(cells, own, relations);
    try {
      exact.push(...await attack.exactOf(mine, signal));
      programs += attack.programs;
    } finally {
      attack.dispose();
    }
  }
  return { exact: exact.sort((a, b) => a - b), programs };
}

/** Differences from the truth that nobody can tell from it, for cells tied together by sums. Dispose of it. */
class ComponentAttack {
  readonly #own: readonly number[];
  readonly #column: ReadonlyMap<number, number>;
  readonly #program: LinearProgram;
  readonly #relations: readonly Relation[];
  readonly #solver: Solver;
  #wholePrograms = 0;

  private constructor(own: readonly number[], relations: readonly Relation[], column: ReadonlyMap<number, number>, program: LinearProgram, solver: Solver) {
    this.#own = own;
    this.#relations = relations;
    this.#column = column;
    this.#program = program;
    this.#solver = solver;
  }

  static async open(cells: ShownCells, own: readonly number[], relations: readonly Relation[]): Promise<ComponentAttack> {
    const column = new Map(own.map((cell, i) => [cell, i]));
    const program: LinearProgram = {
      lower: Float64Array.from(own, (cell) => cells.lower(cell) - (cells.system.freq[cell] as number)),
      upper: Float64Array.from(own, (cell) => cells.upper(cell) - (cells.system.freq[cell] as number)),
      cost: new Float64Array(own.length), ...rowsOf(relations, column),
    };
    return new ComponentAttack(own, relations, column, program, await Solver.open(program));
  }

  /** Programs solved so far. */
  get programs(): number {
    return this.#solver.solved + this.#wholePrograms;
  }

  /** Which of the small counts can be nothing else. */
  async exactOf(small: readonly number[], signal?: AbortSignal): Promise<number[]> {
    const left = new Set(small);
    this.#together(left, signal);
    const exact: number[] = [];
    for (const cell of [...left]) {
      signal?.throwIfAborted();
      if (left.has(cell) && !(await this.#isOpen(cell, left))) exact.push(cell);
    }
    return exact;
  }

  /** Pushes all small counts at once, each now up, now down, as far as 1 from the truth. */
  #together(left: Set<number>, signal?: AbortSignal): void {
    const capped = [...left];
    for (const cell of capped) this.#setBounds(cell, 1);
    for (let round = 0, idle = 0; left.size > 0 && idle < IDLE; round++) {
      signal?.throwIfAborted();
      const before = left.size;
      const asked = [...left];
      for (const cell of asked) this.#solver.setCost(this.#columnOf(cell), -this.#direction(cell, round));
      this.#strike(left, this.#solver.solve()?.columns);
      for (const cell of asked) this.#solver.setCost(this.#columnOf(cell), 0);
      idle = left.size === before ? idle + 1 : 0;
    }
    for (const cell of capped) this.#setBounds(cell, Infinity);
  }

  async #isOpen(cell: number, left: Set<number>): Promise<boolean> {
    for (const direction of [1, -1] as const) {
      this.#setBounds(cell, 1);
      this.#solver.setCost(this.#columnOf(cell), -direction);
      const columns = this.#solver.solve()?.columns;
      this.#solver.setCost(this.#columnOf(cell), 0);
      this.#setBounds(cell, Infinity);
      if (columns === undefined) throw new Error('attack: the solver found no table, though the truth is one');
      this.#strike(left, columns);
      if (!left.has(cell)) return true;
      if (this.#isLarge() || (columns[this.#columnOf(cell)] as number) * direction < 1 - NEARLY) continue;
      this.#strike(left, await this.#inWholeNumbers(cell, direction));
      if (!left.has(cell)) return true;
    }
    return false;
  }

  #isLarge(): boolean {
    return this.#own.length > LARGE;
  }

  /** A table of whole numbers in which the cell differs, if there is one. */
  async #inWholeNumbers(cell: number, direction: 1 | -1): Promise<Float64Array | undefined> {
    const { lower, upper, cost } = this.#program;
    const at = this.#columnOf(cell);
    // Without an end to how far the cell can go the solver would find none either.
    const near = { lower: lower.with(at, Math.max(-STEPS, lower[at] as number)), upper: upper.with(at, Math.min(STEPS, upper[at] as number)) };
    const solver = await Solver.open({ ...this.#program, ...near, cost: cost.with(at, -direction), integer: true });
    try {
      return solver.solve()?.columns;
    } finally {
      this.#wholePrograms += solver.solved;
      solver.dispose();
    }
  }

  /** Takes out the cells that the differences show to be open: where whole numbers are insisted on, only by whole ones. */
  #strike(left: Set<number>, columns: Float64Array | undefined): void {
    if (columns === undefined || (!this.#isLarge() && !this.#isTable(columns))) return;
    for (const cell of left) if (Math.abs(columns[this.#columnOf(cell)] as number) > 1 - NEARLY) left.delete(cell);
  }

  /** True for differences that are whole and, rounded to whole numbers, keep every sum and bound. */
  #isTable(columns: Float64Array): boolean {
    const steps = columns.map(Math.round);
    const whole = steps.every((step, i) => Math.abs(step - (columns[i] as number)) < NEARLY && step >= (this.#program.lower[i] as number) && step <= (this.#program.upper[i] as number));
    const step = (cell: number): number => { const column = this.#column.get(cell); return column === undefined ? 0 : steps[column] as number; };
    return whole && this.#relations.every(({ total, parts }) => parts.reduce((sum, part) => sum + step(part), 0) === step(total));
  }

  #setBounds(cell: number, cap: number): void {
    const column = this.#columnOf(cell);
    this.#solver.setBounds(column, Math.max(-cap, this.#program.lower[column] as number), Math.min(cap, this.#program.upper[column] as number));
  }

  /** Up where a cell cannot go down and the other way round; else now the one, now the other. */
  #direction(cell: number, round: number): 1 | -1 {
    const column = this.#columnOf(cell);
    if ((this.#program.lower[column] as number) > -1) return 1;
    if ((this.#program.upper[column] as number) < 1) return -1;
    return ((Math.imul(cell + 1, 2654435761) ^ Math.imul(round, 40503)) >>> 9) % 2 === 0 ? 1 : -1;
  }

  #columnOf(cell: number): number {
    return this.#column.get(cell) as number;
  }

  dispose(): void {
    this.#solver.dispose();
  }
}

/** Sums over differences, each 0; cells without a column do not differ. */
export function rowsOf(relations: readonly Relation[], column: ReadonlyMap<number, number>): Pick<LinearProgram, 'starts' | 'indices' | 'values' | 'right'> {
  const indices: number[] = [];
  const values: number[] = [];
  const starts = [0];
  for (const { total, parts } of relations) {
    for (const [cell, sign] of [[total, -1], ...Array.from(parts, (part) => [part, 1])] as [number, number][]) {
      const at = column.get(cell);
      if (at === undefined) continue;
      indices.push(at);
      values.push(sign);
    }
    if (indices.length > (starts.at(-1) as number)) starts.push(indices.length);
  }
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values), right: new Float64Array(starts.length - 1) };
}
