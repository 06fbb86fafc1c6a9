/**
 * Boxes: changes of the finest cells of a table, +t here and -t there, that cancel in all sums but a few. An unprinted cell
 * inside a box whose other corners are unprinted too has another value in a table that reads the same.
 * Source: docs/references.md#hypercube (the idea of the box; bounds, hierarchies and hidden cells are this project's).
 * @module
 */
import type { CellTable } from './cell-table.ts';

/** A change of a table that keeps every relation: `cells[i]` changes by `steps[i]`. */
export interface Move {
  readonly cells: Int32Array;
  readonly steps: Float64Array;
}

/** What a search has to respect. */
export interface BoxTerms {
  /** What it costs that a cell is part of the move: 0 when it is unprinted, Infinity when it must be printed. */
  readonly cost: (cell: number) => number;
  /** Whether the cell's value may change by so much. */
  readonly allows: (cell: number, step: number) => boolean;
}

/**
 * Changes along one dimension that go through a code: line i changes the codes from ends[i - 1] to ends[i] - 1, with their signs, and
 * the code itself, which is not among them, by +1.
 */
interface Lines {
  readonly codes: Int32Array;
  readonly signs: Int8Array;
  readonly ends: Int32Array;
  readonly distinct: Int32Array;
}

/** Lines tried for one code: siblings come first, then the rest. */
const MOST_LINES = 700;
/** Corners looked at for one cell. */
const MOST_CORNERS = 1_000_000;
/** Both steps are possible. */
const ALL_STEPS = 3;
const EMPTY = -1;
const OUT_OF_SCOPE = -2;

/** Finds boxes in one table. Memory: four bytes for each address of the full crossing. */
export class Boxes {
  readonly #table: CellTable;
  readonly #strides: number[];
  /** Address → cell, {@link EMPTY} or {@link OUT_OF_SCOPE}. */
  readonly #cells: Int32Array;
  readonly #lines: Map<number, Lines>[];
  readonly #prices: Float64Array;

  constructor(table: CellTable) {
    this.#table = table;
    const { hierarchies, size, keys } = table;
    const width = hierarchies.length;
    this.#strides = hierarchies.map((_, d) => hierarchies.slice(d + 1).reduce((product, h) => product * h.codes.length, 1));
    this.#cells = new Int32Array(hierarchies.reduce((product, h) => product * h.codes.length, 1)).fill(OUT_OF_SCOPE);
    this.#lines = hierarchies.map(() => new Map<number, Lines>());
    this.#prices = new Float64Array(Math.max(...hierarchies.map((h) => h.codes.length)));
    const heights = hierarchies.map((h) => h.codes.map((_, code) => heightOf(h, code)));
    const addresses = (shape: readonly number[], d = 0, from = 0): void => {
      if (d === width) {
        this.#cells[from] = EMPTY;
        return;
      }
      for (const [code, height] of (heights[d] as number[]).entries()) if (height === shape[d]) addresses(shape, d + 1, from + code * (this.#strides[d] as number));
    };
    const shapes = new Map<string, number[]>();
    for (let cell = 0; cell < size; cell++) {
      const shape = hierarchies.map((_, d) => (heights[d] as number[])[keys[cell * width + d] as number] as number);
      shapes.set(shape.join(), shape);
    }
    for (const shape of shapes.values()) addresses(shape);
    for (let cell = 0; cell < size; cell++) this.#cells[this.#address(cell)] = cell;
  }

  #address(cell: number): number {
    let address = 0;
    for (const [d, stride] of this.#strides.entries()) address += (this.#table.keys[cell * this.#strides.length + d] as number) * stride;
    return address;
  }

  /**
   * The cheapest box around a cell in which it changes by `step` or by the opposite (`step` alone when `upward`).
   * @returns its move, and the cells that would have to go unprinted; undefined when there is none below `limit`
   */
  cheapest(cell: number, step: number, terms: BoxTerms, upward = false, limit = Infinity): { readonly move: Move; readonly cost: number } | undefined {
    const codes = this.#strides.map((_, d) => this.#table.keys[cell * this.#strides.length + d] as number);
    const search = new Search(this.#cells, this.#prices, this.#strides, this.#address(cell), terms, upward ? [step] : [step, -step], limit);
    search.run(codes.map((code, d) => this.#linesThrough(d, code)), codes);
    return search.best;
  }

  /** Lines through a code, those that touch the fewest codes first. */
  #linesThrough(d: number, code: number): Lines {
    const known = (this.#lines[d] as Map<number, Lines>).get(code);
    if (known) return known;
    const made = linesThrough(this.#table.hierarchies[d] as CellTable['hierarchies'][number], code);
    (this.#lines[d] as Map<number, Lines>).set(code, made);
    return made;
  }
}

/** From a leaf under the code up to the top, and down again to another leaf, where that does not cancel the code. */
function linesThrough({ leaves, leavesOf, above }: CellTable['hierarchies'][number], code: number): Lines {
  const found: { readonly up: readonly number[]; readonly down: readonly number[]; readonly length: number }[] = [];
  for (const leaf of (leavesOf[code] as readonly number[]).slice(0, 4)) {
    const up = above[leaf] as readonly number[];
    found.push({ up, down: [], length: up.length });
    for (const other of leaves) {
      const down = above[other] as readonly number[];
      if (down.includes(code)) continue;
      let common = 0;
      for (const c of down) if (up.includes(c)) common++;
      found.push({ up, down, length: up.length + down.length - 2 * common });
    }
  }
  const kept = found.sort((a, b) => a.length - b.length).slice(0, MOST_LINES);
  const [codes, signs]: [number[], number[]] = [[], []];
  const ends = Int32Array.from(kept, ({ up, down }) => {
    for (const c of up) if (c !== code && !down.includes(c)) signs.push(codes.push(c) && 1);
    for (const c of down) if (!up.includes(c)) signs.push(codes.push(c) && -1);
    return codes.length;
  });
  return { codes: Int32Array.from(codes), signs: Int8Array.from(signs), ends, distinct: Int32Array.from(new Set(codes)) };
}

/** The height of a code over its leaves: 0 for a leaf. */
function heightOf(hierarchy: CellTable['hierarchies'][number], code: number): number {
  let height = 0;
  for (const { total, parts } of hierarchy.sums) if (total === code) for (const part of parts) height = Math.max(height, 1 + heightOf(hierarchy, part));
  return height;
}

/** A line by where it stands, with the least that taking it can cost. */
interface PricedLine {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** What all branches of a search have. */
interface Branching {
  readonly lines: readonly Lines[];
  /** Of the cell itself, by dimension. */
  readonly codes: readonly number[];
  /** By dimension the least that the lines of later ones cost. */
  readonly rest: readonly number[];
}

/**
 * Depth first over one line for each dimension. The corners that the lines chosen so far span are part of every box beyond, so a
 * branch ends where they cost as much as the best box found, or where neither direction keeps them within their bounds.
 */
class Search {
  best: { readonly move: Move; readonly cost: number } | undefined;
  readonly #cells: Int32Array;
  /** By code of one dimension: written anew for each. */
  readonly #prices: Float64Array;
  readonly #strides: readonly number[];
  readonly #terms: BoxTerms;
  readonly #steps: readonly number[];
  readonly #own: number;
  #limit: number;
  #left = MOST_CORNERS;
  /** Addresses and signs of the corners so far: those of a deeper branch come after. */
  readonly #corners: number[] = [];
  readonly #signs: number[] = [];

  constructor(cells: Int32Array, prices: Float64Array, strides: readonly number[], own: number, terms: BoxTerms, steps: readonly number[], limit: number) {
    this.#cells = cells;
    this.#prices = prices;
    this.#strides = strides;
    this.#own = own;
    this.#terms = terms;
    this.#steps = steps;
    this.#limit = limit;
  }

  run(lines: readonly Lines[], codes: readonly number[]): void {
    const priced = this.#priced(lines, codes);
    if (priced === undefined) return;
    const rest = priced.map((_, d) => priced.slice(d + 1).reduce((sum, of) => sum + (of[0]?.cost ?? Infinity), 0));
    const possible = this.#possible(this.#cells[this.#own] as number, 1, ALL_STEPS >> (2 - this.#steps.length));
    if (possible === 0) return;
    this.#corners.push(this.#own);
    this.#signs.push(1);
    this.#branch(priced, { lines, codes, rest }, 0, 0, possible);
  }

  /**
   * For each dimension the lines that a box below the limit can take, the cheapest first; undefined when some dimension has none.
   * The cells on the lines themselves are part of every box with them.
   */
  #priced(lines: readonly Lines[], codes: readonly number[]): PricedLine[][] | undefined {
    const priced: PricedLine[][] = [];
    let others = 0;
    // Short dimensions first: what they cost at least rules out most lines of the long ones.
    for (const d of [...lines.keys()].sort((a, b) => (lines[a] as Lines).ends.length - (lines[b] as Lines).ends.length)) {
      const stride = this.#strides[d] as number;
      const kept = this.#within(lines[d] as Lines, this.#own - (codes[d] as number) * stride, stride, others);
      if (kept.length === 0) return undefined;
      others += (kept[0] as PricedLine).cost;
      priced[d] = kept;
    }
    return priced;
  }

  #within({ codes, ends, distinct }: Lines, base: number, stride: number, others: number): PricedLine[] {
    const price = this.#prices;
    for (const code of distinct) price[code] = this.#price(this.#cells[base + code * stride] as number);
    const kept: PricedLine[] = [];
    for (let i = 0, k = 0; i < ends.length; i++) {
      let cost = 0;
      const from = k;
      for (const end = ends[i] as number; k < end; k++) cost += price[codes[k] as number] as number;
      if (this.#below(others + cost)) kept.push({ from, to: k, cost });
    }
    return kept.sort((a, b) => a.cost - b.cost || a.to - a.from - b.to + b.from);
  }

  #price(cell: number): number {
    return cell === OUT_OF_SCOPE ? 0 : cell === EMPTY ? Infinity : this.#terms.cost(cell);
  }

  /** @param possible - bit i: the corners so far allow step i */
  #branch(priced: readonly (readonly PricedLine[])[], so: Branching, d: number, cost: number, possible: number): void {
    if (d === priced.length) {
      this.#take(cost, this.#steps[possible & 1 ? 0 : 1] as number);
      return;
    }
    const before = this.#corners.length;
    for (const line of priced[d] as readonly PricedLine[]) {
      if (this.#left <= 0 || !this.#below(cost + line.cost + (so.rest[d] as number))) return;
      const next = this.#span(line, so, d, cost, possible);
      if (next !== undefined) this.#branch(priced, so, d + 1, next.cost, next.possible);
      this.#corners.length = before;
      this.#signs.length = before;
    }
  }

  /** Adds the corners that a line spans with those before it; undefined where they cost too much or nothing allows them. */
  #span({ from, to }: PricedLine, so: Branching, d: number, costBefore: number, possibleBefore: number): { readonly cost: number; readonly possible: number } | undefined {
    const before = this.#corners.length;
    const { codes, signs } = so.lines[d] as Lines;
    const stride = this.#strides[d] as number;
    let [cost, possible] = [costBefore, possibleBefore];
    for (let k = from; k < to; k++) {
      const away = (codes[k] as number) - (so.codes[d] as number);
      for (let i = 0; i < before; i++) {
        this.#left--;
        const address = (this.#corners[i] as number) + away * stride;
        const sign = (this.#signs[i] as number) * (signs[k] as number);
        this.#corners.push(address);
        this.#signs.push(sign);
        const cell = this.#cells[address] as number;
        if (cell === OUT_OF_SCOPE) continue;
        if (cell === EMPTY) return undefined;
        cost += this.#terms.cost(cell);
        possible = this.#possible(cell, sign, possible);
        if (possible === 0 || !this.#below(cost + (so.rest[d] as number))) return undefined;
      }
    }
    return { cost, possible };
  }

  #possible(cell: number, sign: number, steps: number): number {
    let possible = 0;
    for (let i = 0; i < this.#steps.length; i++) if ((steps >> i) & 1 && this.#terms.allows(cell, (this.#steps[i] as number) * sign)) possible |= 1 << i;
    return possible;
  }

  #below(cost: number): boolean {
    return cost < this.#limit && cost < Infinity;
  }

  #take(cost: number, step: number): void {
    const cells: number[] = [];
    const steps: number[] = [];
    for (const [i, address] of this.#corners.entries()) {
      const cell = this.#cells[address] as number;
      if (cell === OUT_OF_SCOPE) continue;
      cells.push(cell);
      steps.push(step * (this.#signs[i] as number));
    }
    this.best = { move: { cells: Int32Array.from(cells), steps: Float64Array.from(steps) }, cost };
    this.#limit = cost;
  }
}
