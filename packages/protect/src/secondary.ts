/**
 * Secondary suppression: which further cells go unprinted so that no unsafe cell can be derived, by elimination and by boxes.
 * Source: docs/references.md#langsrud-2024, docs/references.md#hypercube.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { Move } from './boxes.ts';
import { Boxes } from './boxes.ts';
import type { CellSystem, CellTable, Relation } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { eliminate } from './eliminate.ts';
import { openAtOnce, openNearby } from './open-nearby.ts';
import type { Surroundings } from './open-nearby.ts';
import { Pattern } from './pattern.ts';
import type { Range } from './move-program.ts';
import type { PrimaryCell } from './primary.ts';
import { relationsByCell } from './relations-by-cell.ts';
import { shareBoxes } from './share-boxes.ts';
import { Tableau } from './tableau.ts';

/** What it costs to leave a cell unprinted. */
export type CostOf = 'cells' | 'values' | 'information';

export interface SecondaryOptions {
  readonly primary: ReadonlyMap<number, PrimaryCell>;
  /** Zeros are printed, so that every unprinted cell is known to be at least 1. */
  readonly zerosPrinted: boolean;
  /** Counts: only whole values are possible. */
  readonly whole: boolean;
  /** What a reader knows of a primary cell: at most this, where the reason is printed. */
  readonly atMost?: (cell: number) => number;
  readonly forced?: ReadonlySet<number>;
  readonly cost?: CostOf;
  /** Searches for cells that can be printed after all; default 20,000. */
  readonly effort?: number;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface Suppression {
  /** Secondary cell → what it protects. */
  readonly secondary: ReadonlyMap<number, string>;
  /** Primary cells that the method could not prove open: for the audit to look at. */
  readonly unproved: readonly number[];
  /** Tables found on the way that show unsafe cells to be open. */
  readonly alternatives?: readonly Move[];
}

/** Cells from one report of progress to the next. */
const PROGRESS_EVERY = 100;
/** Cells of a table up to which one program over all of them may open what boxes do not. */
const AT_ONCE = 20_000;
/** Cells in a row that could not be printed, after which no more are tried. */
const IN_VAIN = 300;
/** Cells of a local search: first few, then more. */
const NEIGHBOURS = [60, 200] as const;

/**
 * Each cell as the finest cells that add to it; undefined when the table's margins do not rest on finest cells.
 * @param zerosKnown - a reader sees which finest cells are empty, so they are no unknowns
 */
export function columnsOf(table: CellTable, zerosKnown: boolean): { readonly rows: number; readonly columns: Int32Array[]; readonly rowCells: number[] } | undefined {
  const below = new Map<number, Relation>();
  for (const relation of table.relations) if (!below.has(relation.total)) below.set(relation.total, relation);
  const rowCells: number[] = [];
  const memo = new Map<number, Int32Array>();
  const leaves = (cell: number): Int32Array => {
    const known = memo.get(cell);
    if (known) return known;
    const relation = below.get(cell);
    const own = relation === undefined ? (zerosKnown && table.freq[cell] === 0 ? new Int32Array(0) : Int32Array.of(rowCells.push(cell) - 1))
      : Int32Array.from(Array.from(relation.parts).flatMap((part) => Array.from(leaves(part)))).sort();
    memo.set(cell, own);
    return own;
  };
  const columns = Array.from({ length: table.size }, (_, cell) => leaves(cell));
  const complete = rowCells.every((cell) => table.hierarchies.every((h, d) => (h.leavesOf[table.keys[cell * table.hierarchies.length + d] as number] as readonly number[]).length === 1));
  return complete ? { rows: rowCells.length, columns, rowCells } : undefined;
}

/**
 * Cells from the most to the least wanted: zeros first, then by size. What is alike in that is told apart by the sums that the cell
 * is part of, then by its codes: never by its row.
 */
export function printOrder(table: CellTable, zerosPrinted: boolean): number[] {
  const size = table.value ?? table.freq;
  const width = table.hierarchies.length;
  const rank = (cell: number): number => (zerosPrinted && table.freq[cell] === 0 ? Infinity : Math.abs(size[cell] as number));
  const above = new Float64Array(table.size);
  for (const { total, parts } of table.relations) for (const part of parts) above[part] = (above[part] as number) + (size[total] as number);
  const places = table.hierarchies.map(({ codes }) => {
    const sorted = [...codes].sort();
    const at = new Map(sorted.map((code, place) => [code, place]));
    return Int32Array.from(codes, (code) => at.get(code) as number);
  });
  const byCodes = (a: number, b: number): number => {
    for (const [d, place] of places.entries()) {
      const apart = (place[table.keys[a * width + d] as number] as number) - (place[table.keys[b * width + d] as number] as number);
      if (apart !== 0) return apart;
    }
    return 0;
  };
  return Array.from({ length: table.size }, (_, i) => i).sort((a, b) => (rank(a) === rank(b) ? (above[b] as number) - (above[a] as number) || byCodes(a, b) : rank(b) - rank(a)));
}

/**
 * Suppression by elimination alone: exact against linear disclosure; `singletons` keeps sums of least counts from print.
 * Undefined when the table's margins do not rest on finest cells.
 */
export function suppressByElimination(table: CellTable, { primary, zerosPrinted, whole, forced, onProgress, signal }: SecondaryOptions, singletons: boolean): Suppression | undefined {
  const inner = columnsOf(table, zerosPrinted);
  if (inner === undefined) return undefined;
  const least = zerosPrinted ? 1 : 0;
  const result = eliminate({
    rows: inner.rows, columns: inner.columns, primary: [...primary.keys()], order: printOrder(table, zerosPrinted), forced: [...(forced ?? [])],
    onProgress: (tried, of) => {
      onProgress?.(tried, of);
      signal?.throwIfAborted();
    },
    ...(singletons && whole ? { singletonRows: inner.rowCells.flatMap((cell, row) => (table.freq[cell] === least ? [row] : [])) } : {}),
  });
  const secondary = new Map(result.secondary.map((cell) => [cell, `secondary: protects ${cellName(table, result.protects.get(cell) ?? -1)}`]));
  return { secondary, unproved: result.exposed };
}

/** The cost of leaving each cell unprinted: Infinity where it is printed whatever follows. */
export function costOf(system: CellSystem, { cost = 'information', forced, zerosPrinted }: SecondaryOptions): (cell: number) => number {
  const value = system.value ?? system.freq;
  const total = value.reduce((most, each) => Math.max(most, each), 1);
  const weight = {
    cells: (cell: number): number => 1 + (value[cell] as number) / total,
    values: (cell: number): number => 1e-3 + (value[cell] as number),
    information: (cell: number): number => Math.log2(2 + (value[cell] as number)),
  }[cost];
  return (cell) => (forced?.has(cell) === true || (zerosPrinted && system.freq[cell] === 0) ? Infinity : weight(cell));
}

/** How a cell can differ from the truth for all that a reader knows of it beforehand. */
export function rangesOf(system: CellSystem, { whole, zerosPrinted, atMost, primary }: SecondaryOptions): (cell: number) => Range {
  const truth = system.value ?? system.freq;
  const least = whole && zerosPrinted ? 1 : 0;
  return (cell) => {
    const value = truth[cell] as number;
    return { lower: least - value, upper: atMost !== undefined && primary.has(cell) ? atMost(cell) - value : Infinity };
  };
}

/**
 * Suppression by boxes: one for every unsafe cell, chosen so that they share what they withhold; then by printing whatever the
 * unsafe cells can do without.
 */
export async function suppressByBoxes(table: CellTable, options: SecondaryOptions): Promise<Suppression> {
  const work = new BoxWork(table, options);
  await work.choose();
  work.relax();
  return work.result();
}

class BoxWork {
  readonly #table: CellTable;
  readonly #options: SecondaryOptions;
  readonly #pattern: Pattern;
  readonly #boxes: Boxes;
  readonly #cost: (cell: number) => number;
  readonly #relationsOf: number[][];
  readonly #reason = new Map<number, string>();
  #effort: number;

  constructor(table: CellTable, options: SecondaryOptions) {
    this.#table = table;
    this.#options = options;
    this.#effort = options.effort ?? 20_000;
    const value = table.value ?? table.freq;
    const { primary, zerosPrinted, whole, atMost } = options;
    this.#pattern = new Pattern(table.size, primary.keys(), {
      value,
      lower: new Float64Array(table.size).fill(whole && zerosPrinted ? 1 : 0),
      upper: Float64Array.from({ length: table.size }, (_, cell) => (atMost !== undefined && primary.has(cell) ? atMost(cell) : Infinity)),
      required: new Map([...primary].map(([cell, { upper }]) => [cell, upper])),
    });
    this.#boxes = new Boxes(table);
    this.#cost = costOf(table, options);
    this.#relationsOf = relationsByCell(table.relations, table.size);
  }

  async choose(): Promise<void> {
    const { required } = this.#pattern.secrecy;
    const chosen = shareBoxes(this.#boxes, { required, size: this.#table.size, cost: this.#cost, allows: (cell, step) => this.#pattern.allows(cell, step), goOn: (done, of) => { this.#goOn(done, of); } });
    for (const [cell, move] of chosen) this.#withhold(move, cell);
    await this.#openRest();
  }

  /** Unsafe cells that no box opens get what a program over the cells around them finds; in tables that allow it, all of them at once. */
  async #openRest(): Promise<void> {
    const { primary, whole } = this.#options;
    const pattern = this.#pattern;
    const rest = [...primary.keys()].filter((cell) => !pattern.isShown(cell));
    const around: Surroundings = {
      relations: this.#table.relations, relationsOf: this.#relationsOf,
      rangeOf: rangesOf(this.#table, this.#options), priceOf: (j) => this.#priceNow(j),
    };
    if (whole && this.#table.size <= AT_ONCE) await this.#openAtOnce(rest, around);
    for (const [i, cell] of rest.entries()) {
      this.#goOn(i, rest.length);
      if (pattern.isShown(cell)) continue;
      const move = await openNearby(cell, this.#stepOf(cell), whole && pattern.secrecy.required.get(cell) === 0, around);
      if (move !== undefined) this.#withhold(move, cell);
    }
  }

  /** Several counts by one table, or half of them by one each. */
  async #openAtOnce(cells: readonly number[], around: Surroundings): Promise<void> {
    const [first] = cells;
    if (first === undefined || cells.length === 1) return;
    this.#goOn(0, cells.length);
    const pattern = this.#pattern;
    const step = (cell: number): number => (pattern.allows(cell, this.#stepOf(cell)) || (pattern.secrecy.required.get(cell) as number) > 0 ? 1 : -1) * this.#stepOf(cell);
    const move = await openAtOnce(new Map(cells.map((cell) => [cell, step(cell)])), around);
    if (move !== undefined) {
      this.#withhold(move, first);
      return;
    }
    const half = cells.length >> 1;
    await this.#openAtOnce(cells.slice(0, half), around);
    await this.#openAtOnce(cells.slice(half), around);
  }

  /** Prints secondary cells, the dearest first, wherever every unsafe cell keeps an alternative. */
  relax(): void {
    const pattern = this.#pattern;
    // A cell without a known alternative gives no warning when it loses its last: nothing near it may be printed.
    const unproved = [...this.#options.primary.keys()].filter((cell) => !pattern.isShown(cell));
    const tied = new Set(componentsOf(pattern.unprinted(), this.#table.relations).filter(({ cells }) => unproved.some((cell) => cells.includes(cell))).flatMap(({ cells }) => cells));
    const dearest = pattern.unprinted().filter((cell) => !this.#options.primary.has(cell) && !tied.has(cell)).sort((a, b) => this.#cost(b) - this.#cost(a) || a - b);
    for (let i = 0, inVain = 0; i < dearest.length && this.#effort > 0 && inVain < IN_VAIN; i++) {
      this.#goOn(i, dearest.length);
      const cell = dearest[i] as number;
      const hanging = pattern.hangingOn(cell);
      pattern.print(cell);
      const printed = hanging.every((other) => pattern.isShown(other) || this.#another(other));
      if (!printed) pattern.suppress(cell);
      inVain = printed ? 0 : inVain + 1;
    }
  }

  /** What it costs to withhold a cell besides those that are withheld. */
  #priceNow(cell: number): number {
    return this.#pattern.isUnprinted(cell) ? 0 : this.#cost(cell);
  }

  #goOn(done: number, of: number): void {
    if (done % PROGRESS_EVERY === 0) this.#options.onProgress?.(done, of);
    this.#options.signal?.throwIfAborted();
  }

  #withhold(move: Move, protects: number): void {
    for (const other of move.cells) {
      if (this.#pattern.isUnprinted(other)) continue;
      this.#pattern.suppress(other);
      this.#reason.set(other, `secondary: protects ${cellName(this.#table, protects)}`);
    }
    this.#pattern.learn(move);
  }

  #boxWithin(cell: number): boolean {
    const pattern = this.#pattern;
    const upward = (pattern.secrecy.required.get(cell) as number) > 0;
    const box = this.#boxes.cheapest(cell, this.#stepOf(cell), { cost: (j) => (pattern.isUnprinted(j) ? 0 : Infinity), allows: (j, step) => pattern.allows(j, step) }, upward, 1e-9);
    if (box !== undefined) pattern.learn(box.move);
    return box !== undefined;
  }

  /** Looks for another alternative within the pattern: a box, then whatever a small neighbourhood allows. */
  #another(cell: number): boolean {
    this.#effort--;
    const pattern = this.#pattern;
    if (this.#boxWithin(cell)) return true;
    if ((pattern.secrecy.required.get(cell) as number) > 0) return false;
    for (const most of NEIGHBOURS) {
      const move = this.#near(cell, most);
      if (move === undefined) continue;
      pattern.learn(move);
      return true;
    }
    return false;
  }

  #near(cell: number, most: number): Move | undefined {
    const pattern = this.#pattern;
    const { value, lower, upper } = pattern.secrecy;
    const cells = [cell];
    const seen = new Set(cells);
    for (let i = 0; i < cells.length && cells.length < most; i++) {
      for (const r of this.#relationsOf[cells[i] as number] as number[]) {
        const { total, parts } = this.#table.relations[r] as Relation;
        for (const other of [total, ...parts]) {
          if (cells.length >= most || seen.has(other) || !pattern.isUnprinted(other)) continue;
          seen.add(other);
          cells.push(other);
        }
      }
    }
    const tied = new Set(cells.flatMap((each) => this.#relationsOf[each] as number[]));
    const tableau = new Tableau(cells, [...tied].map((r) => this.#table.relations[r] as Relation), {
      down: (j) => (value[j] as number) - (lower[j] as number), up: (j) => Math.min((upper[j] as number) - (value[j] as number), 1e6),
    });
    for (const each of cells) tableau.suppress(each);
    const move = tableau.find(cell, 1, 1) ?? tableau.find(cell, -1, 1);
    return move !== undefined && this.#holds(move) ? move : undefined;
  }

  /** The search works with rounded numbers; what it finds is checked exactly. */
  #holds({ cells, steps }: Move): boolean {
    const change = new Map(Array.from(cells, (cell, i) => [cell, steps[i] as number]));
    const tied = new Set(Array.from(cells).flatMap((cell) => this.#relationsOf[cell] as number[]));
    for (const r of tied) {
      const { total, parts } = this.#table.relations[r] as Relation;
      let sum = -(change.get(total) ?? 0);
      for (const part of parts) sum += change.get(part) ?? 0;
      if (sum !== 0) return false;
    }
    return [...change].every(([cell, step]) => this.#pattern.isUnprinted(cell) && this.#pattern.allows(cell, step));
  }

  #stepOf(cell: number): number {
    return this.#pattern.secrecy.required.get(cell) || 1;
  }

  result(): Suppression {
    const { primary } = this.#options;
    const secondary = new Map(this.#pattern.unprinted().filter((cell) => !primary.has(cell)).map((cell) => [cell, this.#reason.get(cell) ?? 'secondary: protects unsafe cells of its line']));
    return { secondary, unproved: [...primary.keys()].filter((cell) => !this.#pattern.isShown(cell)), alternatives: this.#pattern.alternatives() };
  }
}
