/**
 * What single sums say of all cells when something is assumed of some: bounds that become narrower from sum to sum, with a way
 * back. An assumption that sums contradict is found out in microseconds, where a linear program takes a thousand times longer;
 * one that they do not contradict can still be impossible.
 * Source: docs/references.md#savelsbergh (bound strengthening).
 * Leaves out: amounts, and proofs. It says what is worth asking a solver for.
 * @module
 */
import type { Relation } from './cell-table.ts';
import type { Range } from './move-program.ts';

/** Counts that nothing bounds go no further from the truth: sums of such numbers are still exact. */
const FAR = 1e9;

/** How often each sum is looked at, on average, before the rest is left as it is. */
const LOOKS = 30;

/** Differences of counts from the truth, as whole numbers. */
export class Narrowing {
  /** Cell → its place in what follows. */
  readonly #at: ReadonlyMap<number, number>;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  /** Cells of row r, and their signs, at rowStarts[r] … rowStarts[r + 1] - 1; rows of cell c likewise. */
  readonly #rowStarts: Int32Array;
  readonly #rowCells: Int32Array;
  readonly #rowSigns: Int8Array;
  readonly #cellStarts: Int32Array;
  readonly #cellRows: Int32Array;
  readonly #cellSigns: Int8Array;
  /** Ends of each row's sum, which has to be 0. */
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  /** Bounds as they were before each change. */
  readonly #trail: { readonly cell: number; readonly low: number; readonly high: number }[] = [];
  readonly #waiting: number[] = [];
  readonly #waits: Uint8Array;

  /** @param rangeOf - bounds of a cell's difference from the truth; 0 lies between them */
  constructor(cells: readonly number[], relations: readonly Relation[], rangeOf: (cell: number) => Range) {
    this.#at = new Map(cells.map((cell, i) => [cell, i]));
    const ranges = cells.map(rangeOf);
    this.#low = Float64Array.from(ranges, ({ lower }) => Math.max(lower, -FAR));
    this.#high = Float64Array.from(ranges, ({ upper }) => Math.min(upper, FAR));
    const { starts, indices, signs } = rowsOf(relations, this.#at);
    [this.#rowStarts, this.#rowCells, this.#rowSigns] = [starts, indices, signs];
    const rows = starts.length - 1;
    this.#cellStarts = new Int32Array(cells.length + 1);
    for (const cell of indices) this.#cellStarts[cell + 1] = (this.#cellStarts[cell + 1] as number) + 1;
    for (let cell = 0; cell < cells.length; cell++) this.#cellStarts[cell + 1] = (this.#cellStarts[cell + 1] as number) + (this.#cellStarts[cell] as number);
    this.#cellRows = new Int32Array(indices.length);
    this.#cellSigns = new Int8Array(indices.length);
    this.#least = new Float64Array(rows);
    this.#most = new Float64Array(rows);
    this.#waits = new Uint8Array(rows);
    const next = this.#cellStarts.slice();
    for (let row = 0; row < rows; row++) {
      for (let e = starts[row] as number; e < (starts[row + 1] as number); e++) {
        const cell = indices[e] as number;
        const at = next[cell] as number;
        next[cell] = at + 1;
        this.#cellRows[at] = row;
        this.#cellSigns[at] = signs[e] as number;
        this.#widen(row, signs[e] as number, this.#low[cell] as number, this.#high[cell] as number);
      }
      this.#wait(row);
    }
    this.#spread();
    this.#trail.length = 0;
  }

  /** Assumes that the cell lies within these bounds. @returns false, and nothing is assumed, when sums contradict */
  assume(cell: number, { lower, upper }: Range): boolean {
    const at = this.#at.get(cell) as number;
    const [low, high] = [Math.max(lower, this.#low[at] as number), Math.min(upper, this.#high[at] as number)];
    if (low > high) return false;
    const before = this.#trail.length;
    this.#set(at, low, high);
    if (this.#spread()) return true;
    this.#undo(before);
    return false;
  }

  /** Takes all assumptions back. */
  forget(): void {
    this.#undo(0);
  }

  #undo(to: number): void {
    for (let change = this.#trail.length; change > to; change--) {
      const { cell, low, high } = this.#trail.pop() as { cell: number; low: number; high: number };
      this.#change(cell, low, high);
    }
  }

  #set(cell: number, low: number, high: number): void {
    if (low === this.#low[cell] && high === this.#high[cell]) return;
    this.#trail.push({ cell, low: this.#low[cell] as number, high: this.#high[cell] as number });
    this.#change(cell, low, high);
    for (let e = this.#cellStarts[cell] as number; e < (this.#cellStarts[cell + 1] as number); e++) this.#wait(this.#cellRows[e] as number);
  }

  #change(cell: number, low: number, high: number): void {
    const [down, up] = [low - (this.#low[cell] as number), high - (this.#high[cell] as number)];
    this.#low[cell] = low;
    this.#high[cell] = high;
    for (let e = this.#cellStarts[cell] as number; e < (this.#cellStarts[cell + 1] as number); e++) this.#widen(this.#cellRows[e] as number, this.#cellSigns[e] as number, down, up);
  }

  #widen(row: number, sign: number, low: number, high: number): void {
    this.#least[row] = (this.#least[row] as number) + (sign > 0 ? low : -high);
    this.#most[row] = (this.#most[row] as number) + (sign > 0 ? high : -low);
  }

  #wait(row: number): void {
    if (this.#waits[row] === 1) return;
    this.#waits[row] = 1;
    this.#waiting.push(row);
  }

  /**
   * Carries narrower bounds from sum to sum; not to the end where two sums push each other's bounds outwards without one.
   * @returns false when a sum cannot be 0 any more
   */
  #spread(): boolean {
    let possible = true;
    let looks = LOOKS * this.#waits.length;
    for (let i = 0; i < this.#waiting.length; i++) {
      const row = this.#waiting[i] as number;
      this.#waits[row] = 0;
      if (possible && looks-- > 0) possible = this.#look(row);
    }
    this.#waiting.length = 0;
    return possible;
  }

  #look(row: number): boolean {
    if ((this.#least[row] as number) > 0 || (this.#most[row] as number) < 0) return false;
    for (let e = this.#rowStarts[row] as number; e < (this.#rowStarts[row + 1] as number); e++) {
      const cell = this.#rowCells[e] as number;
      const [low, high] = [this.#low[cell] as number, this.#high[cell] as number];
      // So far can what the cell adds rise above its least, and fall below its most.
      const [rise, fall] = [-(this.#least[row] as number), this.#most[row] as number];
      if (high - low <= Math.min(rise, fall)) continue;
      const [up, down] = (this.#rowSigns[e] as number) > 0 ? [rise, fall] : [fall, rise];
      this.#set(cell, Math.max(low, high - down), Math.min(high, low + up));
    }
    return true;
  }
}

function rowsOf(relations: readonly Relation[], at: ReadonlyMap<number, number>): { readonly starts: Int32Array; readonly indices: Int32Array; readonly signs: Int8Array } {
  const [starts, indices, signs]: [number[], number[], number[]] = [[0], [], []];
  const add = (cell: number, sign: number): void => {
    const place = at.get(cell);
    if (place === undefined) return;
    indices.push(place);
    signs.push(sign);
  };
  for (const { total, parts } of relations) {
    const before = indices.length;
    add(total, -1);
    for (let i = 0; i < parts.length; i++) add(parts[i] as number, 1);
    if (indices.length > before) starts.push(indices.length);
  }
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), signs: Int8Array.from(signs) };
}
