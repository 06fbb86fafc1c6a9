/**
 * Secondary suppression by linear programs over all cells at once. A count that stands at a bound a reader knows (a 1 where
 * zeros are printed) is open exactly when some alternative table moves it off; alternatives add up, so one set of differences
 * can open all such cells together, and the cheapest one says what to withhold. What such cells can do without is printed again. What
 * remains is proved by alternative tables that open many cells each, and repaired where none exists.
 * Source: docs/references.md#fischetti-salazar, docs/references.md#schrijver (implicit equalities), docs/references.md#l1-support.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { Move } from './boxes.ts';
import type { CellSystem, CellTable, Relation } from './cell-table.ts';
import { MoveProgram } from './move-program.ts';
import type { Range } from './move-program.ts';
import { Narrowing } from './narrowing.ts';
import { openTogether } from './open-together.ts';
import { suppressAmounts } from './optimise-amounts.ts';
import { clockOf } from './out-of-time.ts';
import { letOthersRun } from './pause.ts';
import { needlessCounts } from './prune-counts.ts';
import { ReducedProgram } from './reduced-program.ts';
import { costOf, rangesOf, reasonsOf } from './secondary.ts';
import type { ProgramOptions, Suppression } from './secondary.ts';

/** Columns from which a program is solved from within. */
const LARGE = 10_000;
/** Prices where a cell is hardly changed are not raised beyond this share of a unit. */
const SOFT = 0.5;
/** What it is worth to open a count, in prices of the dearest cell. */
const GAIN = 10;
/** Times that the counts which one table could not take along are tried in other directions. */
const OTHER_ROUNDS = 3;
/** Rows times columns of the programs that look for cells to print again: 83 programs on S1 (5,408 cells), 30 on S3 (17,345 cells). */
const PRUNING = 2e8;
const NEARLY = 1e-6;

/**
 * Chooses secondary cells for any system of cells.
 * `unproved` are the cells for which no alternative was found.
 * @throws OutOfTime; DOMException `AbortError` when the signal says so
 */
export async function suppressByProgram(system: CellSystem | CellTable, options: ProgramOptions): Promise<Suppression> {
  if (!options.whole) return suppressAmounts(system, options);
  const work = new ProgramWork(system, options);
  await work.open(options.weighings ?? 4);
  await work.prune();
  const unproved = await work.prove();
  return work.result(unproved.length === 0 ? [] : await work.repair(unproved));
}

class ProgramWork {
  readonly #system: CellSystem;
  readonly #options: ProgramOptions;
  readonly #cost: (cell: number) => number;
  readonly #rangeOf: (cell: number) => Range;
  readonly #secondary = new Map<number, number | undefined>();
  readonly #alternatives: Move[] = [];
  /** Seconds left. @throws OutOfTime; DOMException `AbortError` */
  readonly #goOn: () => number;

  constructor(system: CellSystem, options: ProgramOptions) {
    this.#system = system;
    this.#options = options;
    this.#cost = costOf(system, options);
    this.#rangeOf = rangesOf(system, options);
    this.#goOn = clockOf(options);
    for (const cell of [...options.start ?? [], ...options.suggestion ?? []]) this.#secondary.set(cell, undefined);
  }

  /** Withholds what opens every unsafe count that stands at a bound. */
  async open(weighings: number): Promise<void> {
    const { primary } = this.#options;
    const bound = this.#offTheirBounds();
    if (bound.size === 0) return;
    let candidates = this.#candidates();
    let moved: Map<number, number> | undefined;
    for (let weighing = 0; weighing <= weighings; weighing++) {
      this.#goOn();
      const ranges = new Map([...primary.keys(), ...this.#secondary.keys(), ...candidates].map((cell) => [cell, bound.get(cell) ?? this.#free(cell)]));
      const found = await this.#cheapest(ranges, new Map(candidates.map((cell) => [cell, this.#cost(cell) / (weighing === 0 ? 1 : SOFT + Math.abs(moved?.get(cell) ?? 0))])), weighing === 0);
      if (found === undefined) break;
      moved = found;
      candidates = candidates.filter((cell) => found.has(cell));
    }
    if (moved === undefined) return;
    for (const cell of candidates) this.#secondary.set(cell, undefined);
    const opened = moved;
    await this.#openOthers([...primary.keys()].filter((cell) => !opened.has(cell)));
  }

  /** Withholds what opens the unsafe counts that stay where they are although they stand at no bound: as many as one table takes along. */
  async #openOthers(cells: readonly number[]): Promise<void> {
    let left = cells;
    for (let round = 0; round < OTHER_ROUNDS && left.length > 0; round++) {
      const candidates = this.#candidates();
      const prices = new Map(candidates.map((cell) => [cell, this.#cost(cell)]));
      const dear = GAIN * [...prices.values()].reduce((most, price) => Math.max(most, price), 1);
      const ranges = new Map([...this.#options.primary.keys(), ...this.#secondary.keys(), ...candidates].map((cell) => [cell, this.#free(cell)]));
      const gains = new Map<number, number>();
      for (const [i, cell] of left.entries()) {
        const up = (i >> round) % 2 === 0;
        ranges.set(cell, up ? { lower: 0, upper: 1 } : { lower: -1, upper: 0 });
        gains.set(cell, up ? -dear : dear);
      }
      const moved = await this.#cheapest(ranges, prices, false, gains);
      if (moved === undefined) return;
      for (const cell of candidates) if (moved.has(cell)) this.#secondary.set(cell, left[0]);
      left = left.filter((cell) => !moved.has(cell));
    }
  }

  /** However far, away from the bound that a cell stands at. */
  #free(cell: number): Range {
    const { lower, upper } = this.#rangeOf(cell);
    return { lower: lower < 0 ? -Infinity : 0, upper: upper > 0 ? Infinity : 0 };
  }

  /** Unsafe counts that stand at a bound, and where they lie in a table that opens them. */
  #offTheirBounds(): Map<number, Range> {
    const { primary, whole } = this.#options;
    const off = new Map<number, Range>();
    for (const cell of whole ? primary.keys() : []) {
      const { lower, upper } = this.#rangeOf(cell);
      if ((lower < 0 && upper > 0) || lower === upper) continue;
      off.set(cell, lower === 0 ? { lower: 1, upper: Infinity } : { lower: -Infinity, upper: -1 });
    }
    return off;
  }

  /** Prints again what unsafe counts can do without, the dearest cells first; never what the search started from. */
  async prune(): Promise<void> {
    const { primary, whole } = this.#options;
    if (!whole) return;
    const effort = { left: PRUNING };
    const off = this.#offTheirBounds();
    const unsafe = new Set(primary.keys());
    const kept = new Set(this.#options.start);
    for (const component of componentsOf([...unsafe, ...this.#secondary.keys()], this.#system.relations)) {
      const candidates = component.cells.filter((cell) => this.#secondary.has(cell) && !kept.has(cell)).sort((a, b) => this.#cost(b) - this.#cost(a) || a - b);
      if (candidates.length === 0) continue;
      for (const cell of await needlessCounts(component, { candidates, unsafe, off, effort, rangeOf: this.#rangeOf, goOn: () => this.#pause() })) this.#secondary.delete(cell);
    }
  }

  async #pause(): Promise<void> {
    await letOthersRun();
    this.#goOn();
  }

  /** Cells of `cells` for which no alternative table is found that keeps them as open as they must be. */
  async prove(cells: readonly number[] = [...this.#options.primary.keys()]): Promise<number[]> {
    const open = new Set(cells);
    for (const component of componentsOf([...this.#options.primary.keys(), ...this.#secondary.keys()], this.#system.relations)) {
      const mine = component.cells.filter((cell) => open.has(cell));
      if (mine.length > 0) await this.#proveWithin(component, mine, open);
    }
    return [...open];
  }

  async #proveWithin({ cells, relations }: { readonly cells: readonly number[]; readonly relations: readonly Relation[] }, mine: readonly number[], open: Set<number>): Promise<void> {
    const { whole } = this.#options;
    const rangeOf = (cell: number): Range => (whole ? this.#capped(cell) : this.#rangeOf(cell));
    const program = await ReducedProgram.open({ cells, relations, rangeOf, seconds: this.#goOn() });
    try {
      const free = mine.filter((cell) => !program.isFixed(cell));
      if (whole) {
        await openTogether(program, new Narrowing(cells, relations, rangeOf), {
          asked: () => free.filter((cell) => open.has(cell)), need: (cell) => this.#need(cell), rangeOf: (cell) => this.#pushRange(cell),
          learn: async (moved) => {
            this.#strike(open, moved);
            await this.#report(open);
          },
        });
      }
      for (const cell of free) {
        if (open.has(cell)) await this.#report(open);
        for (const direction of [1, -1] as const) {
          if (open.has(cell) && (direction > 0 || whole)) this.#strike(open, program.solve(new Map([[cell, -direction]])));
        }
      }
    } finally {
      program.dispose();
    }
  }

  /** An unsafe cell goes no further than it must, so that one table opens many. */
  #capped(cell: number): Range {
    const range = this.#rangeOf(cell);
    return this.#options.primary.has(cell) ? { lower: Math.max(range.lower, -this.#need(cell)), upper: Math.min(range.upper, this.#need(cell)) } : range;
  }

  /**
   * Withholds what one table needs that opens all of the cells; where there is none, what one for each half needs.
   * @returns cells that nothing opens
   */
  async repair(cells: readonly number[]): Promise<number[]> {
    this.#goOn();
    const candidates = this.#candidates();
    const ranges = new Map([...this.#options.primary.keys(), ...this.#secondary.keys(), ...candidates].map((cell) => [cell, this.#rangeOf(cell)]));
    for (const [i, cell] of cells.entries()) {
      const need = this.#need(cell);
      const { lower, upper } = this.#rangeOf(cell);
      const down = this.#options.whole && lower <= -need && (upper < need || i % 2 === 1);
      ranges.set(cell, down ? { lower, upper: -need } : { lower: need, upper: Math.max(upper, need) });
    }
    const moved = await this.#cheapest(ranges, new Map(candidates.map((cell) => [cell, this.#cost(cell)])));
    if (moved !== undefined) {
      for (const cell of candidates) if (moved.has(cell)) this.#secondary.set(cell, cells[0]);
      this.#learn(moved);
      return [];
    }
    if (cells.length === 1) return [...cells];
    const half = cells.length >> 1;
    return [...await this.repair(cells.slice(0, half)), ...await this.repair(cells.slice(half))];
  }

  async #cheapest(ranges: ReadonlyMap<number, Range>, prices: ReadonlyMap<number, number>, first = false, gains: ReadonlyMap<number, number> = new Map()): Promise<Map<number, number> | undefined> {
    const interior = first && ranges.size + prices.size > LARGE;
    const program = await MoveProgram.open({ relations: this.#system.relations, ranges, prices, interior, seconds: this.#goOn() });
    for (const [cell, gain] of gains) program.setPrice(cell, gain);
    try {
      return program.solve();
    } finally {
      program.dispose();
    }
  }

  /**
   * Takes out of `open` what the alternative table opens. Between a count and another that is a whole step or more away lies no
   * doubt for fractions; that the others can be whole beside it is for the audit to judge.
   */
  #strike(open: Set<number>, moved: Map<number, number> | undefined): void {
    if (moved === undefined) return;
    const before = open.size;
    for (const [cell, step] of moved) {
      if (!open.has(cell)) continue;
      const need = this.#need(cell);
      if (this.#options.whole && (this.#options.primary.get(cell)?.upper ?? 0) === 0 ? Math.abs(step) > need - NEARLY : step > need * (1 - NEARLY)) open.delete(cell);
    }
    if (open.size < before) this.#learn(moved);
  }

  #learn(moved: ReadonlyMap<number, number>): void {
    this.#alternatives.push({ cells: Int32Array.from(moved.keys()), steps: Float64Array.from(moved.values()) });
  }

  async #report(open: ReadonlySet<number>): Promise<void> {
    const { primary, onProgress } = this.#options;
    onProgress?.(primary.size - open.size, primary.size);
    await letOthersRun();
    this.#goOn();
  }

  /** Printed cells that may be withheld. */
  #candidates(): number[] {
    const cells: number[] = [];
    for (let cell = 0; cell < this.#system.size; cell++) {
      if (!this.#options.primary.has(cell) && !this.#secondary.has(cell) && this.#cost(cell) < Infinity) cells.push(cell);
    }
    return cells;
  }

  #need(cell: number): number {
    return this.#options.primary.get(cell)?.upper || 1;
  }

  /** Where a cell may be pushed: where it must lie above the truth, not below. */
  #pushRange(cell: number): Range {
    const range = this.#rangeOf(cell);
    return (this.#options.primary.get(cell)?.upper ?? 0) > 0 ? { ...range, lower: 0 } : range;
  }

  result(unproved: readonly number[]): Suppression {
    return { secondary: reasonsOf(this.#system, [...this.#secondary.keys()].sort((a, b) => a - b), this.#secondary), unproved, alternatives: this.#alternatives };
  }
}
