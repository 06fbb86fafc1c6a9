/**
 * Secondary suppression by Gaussian elimination: cells are printed one by one, in the order in which they are wanted, each
 * unless it would make an unsafe cell a linear combination of what is printed.
 * Source: docs/references.md#langsrud-2024. The result is exact for linear disclosure over all relations at once, depends
 * on the order alone, and is inclusion-minimal. Arithmetic is modulo a prime: coefficients are small whole numbers, and
 * the attacker's audit, which is over the rationals, has the last word.
 * Leaves out: widths of intervals, non-negativity, whole numbers and contributors who know their own part.
 * @module
 */
import { PRIME, inverse, minus, times } from './prime-field.ts';

/** What the elimination works on: cells as columns over inner cells (rows). */
export interface EliminationInput {
  /** Inner cells. */
  readonly rows: number;
  /** For each cell the inner cells that add to it, ascending. */
  readonly columns: readonly Int32Array[];
  /** Cells that must not become known. */
  readonly primary: readonly number[];
  /** Cells in the order in which they are tried for print; primary cells among them are passed over. */
  readonly order: readonly number[];
  /** Cells that are printed whatever follows; they come first and are not tested. */
  readonly forced?: readonly number[];
  /**
   * Inner cells that hold the least count an unprinted cell can have. A sum of nothing but these gives them all away, so
   * no such sum is printed (Source: docs/references.md#ssbtools, the rule `anySum`).
   */
  readonly singletonRows?: readonly number[];
  readonly onProgress?: (tried: number, of: number) => void;
}

export interface Elimination {
  /** Secondary cells, ascending. */
  readonly secondary: readonly number[];
  /** For each secondary cell a primary cell that printing it would give away. */
  readonly protects: ReadonlyMap<number, number>;
  /** Primary cells that are a combination of forced cells, or empty sums: nothing can protect them. */
  readonly exposed: readonly number[];
}

/** Cells from one report of progress to the next. */
const PROGRESS_EVERY = 1000;

/**
 * Chooses secondary cells. What `onProgress` throws ends it.
 * @throws RangeError when a row lies outside 0 … rows - 1
 */
export function eliminate(input: EliminationInput): Elimination {
  const state = new Reduction(input);
  for (const j of input.forced ?? []) state.print(j);
  const exposed = state.lost();
  const forced = new Set(input.forced);
  const primary = new Set(input.primary);
  const protects = new Map<number, number>();
  for (const [i, j] of input.order.entries()) {
    if (i % PROGRESS_EVERY === 0) input.onProgress?.(i, input.order.length);
    if (primary.has(j) || forced.has(j)) continue;
    const endangered = state.tryPrint(j);
    if (endangered !== -1) protects.set(j, endangered);
  }
  return { secondary: [...protects.keys()].sort((a, b) => a - b), protects, exposed };
}

/** A sparse vector modulo the prime. Its hash is linear in it, so that proportional vectors are found by one lookup. */
interface Vector {
  rows: Int32Array;
  values: Float64Array;
  hash: number;
}

class Reduction {
  readonly #columns: readonly Int32Array[];
  /** Row → how old the basis vector is whose pivot it is; -1: none. */
  readonly #age: Int32Array;
  readonly #basis: { readonly pivot: number; readonly vector: Vector }[] = [];
  /** Row → entries in current primaries, to keep fill-in low. */
  readonly #weights: Float64Array;
  readonly #dense: Float64Array;
  readonly #touched: Uint8Array;
  readonly #singleton: Uint8Array;
  readonly #primaries = new Map<number, Vector>();
  readonly #byKey = new Map<number, Set<number>>();
  /** Row → primaries that have it. */
  readonly #holders: Set<number>[];
  readonly #lost: number[] = [];

  constructor({ rows, columns, primary, singletonRows }: EliminationInput) {
    this.#columns = columns;
    this.#age = new Int32Array(rows).fill(-1);
    this.#weights = Float64Array.from({ length: rows }, (_, i) => 1 + ((i * 2654435761 + 12345) % PRIME));
    this.#dense = new Float64Array(rows);
    this.#touched = new Uint8Array(rows);
    this.#singleton = new Uint8Array(rows);
    for (const row of singletonRows ?? []) this.#singleton[row] = 1;
    this.#holders = Array.from({ length: rows }, () => new Set<number>());
    for (const cell of new Set(primary)) this.#keep(cell, this.#unreduced(cell));
  }

  /** Primaries that became known so far. */
  lost(): number[] {
    return [...this.#lost];
  }

  /** Prints without asking. */
  print(cell: number): void {
    const vector = this.#reduced(cell);
    if (vector.rows.length > 0) this.#extend(vector);
  }

  /** Prints the cell, or gives a primary that it would give away; -1 when it was printed. */
  tryPrint(cell: number): number {
    const vector = this.#reduced(cell);
    if (vector.rows.length === 0) return -1;
    const endangered = this.#proportional(vector) ?? this.#singletonSum(cell, vector);
    if (endangered !== undefined) return endangered;
    this.#extend(vector);
    return -1;
  }

  #proportional(vector: Vector): number | undefined {
    for (const candidate of this.#byKey.get(keyOf(vector)) ?? []) {
      if (sameDirection(vector, this.#primaries.get(candidate) as Vector)) return candidate;
    }
    return undefined;
  }

  /** For a sum of singletons only, a primary that holds one of them, or the cell itself. */
  #singletonSum(cell: number, vector: Vector): number | undefined {
    if (vector.rows.some((row) => this.#singleton[row] === 0)) return undefined;
    for (const row of vector.rows) for (const holder of this.#holders[row] as Set<number>) return holder;
    return cell;
  }

  #unreduced(cell: number): Vector {
    const rows = this.#columns[cell] as Int32Array;
    return this.#vector(rows, new Float64Array(rows.length).fill(1));
  }

  #vector(rows: Int32Array, values: Float64Array): Vector {
    let hash = 0;
    for (let i = 0; i < rows.length; i++) hash = (hash + times(this.#weights[rows[i] as number] as number, values[i] as number)) % PRIME;
    return { rows, values, hash };
  }

  /** The cell's column without its part in what is printed: zero on every pivot row. */
  #reduced(cell: number): Vector {
    const dense = this.#dense;
    const touched = this.#touched;
    const support: number[] = [];
    const queue = new AgeQueue();
    const touch = (row: number): void => {
      if (touched[row] === 1) return;
      touched[row] = 1;
      support.push(row);
      const age = this.#age[row] as number;
      if (age !== -1) queue.push(age);
    };
    for (const row of this.#columns[cell] as Int32Array) {
      dense[row] = 1;
      touch(row);
    }
    // A basis vector is zero on older pivots, so taking them by age never undoes one.
    for (let age = queue.pop(); age !== -1; age = queue.pop()) {
      const { pivot, vector } = this.#basis[age] as { pivot: number; vector: Vector };
      const factor = dense[pivot] as number;
      if (factor === 0) continue;
      for (let i = 0; i < vector.rows.length; i++) {
        const row = vector.rows[i] as number;
        dense[row] = minus(dense[row] as number, times(factor, vector.values[i] as number));
        touch(row);
      }
    }
    const left = Int32Array.from(support.filter((row) => dense[row] !== 0)).sort();
    const values = Float64Array.from(left, (row) => dense[row] as number);
    for (const row of support) {
      dense[row] = 0;
      touched[row] = 0;
    }
    return this.#vector(left, values);
  }

  /** Adds a reduced vector to what is printed and takes it out of the primaries. */
  #extend(vector: Vector): void {
    // Singletons come last, so that a vector rests on nothing else only where it must; then rows with few entries.
    const burden = (row: number): number => (this.#singleton[row] === 1 ? 1e9 : 0) + (this.#holders[row] as Set<number>).size;
    let pivot = vector.rows[0] as number;
    for (const row of vector.rows) if (burden(row) < burden(pivot)) pivot = row;
    const scale = inverse(vector.values[vector.rows.indexOf(pivot)] as number);
    const unit: Vector = { rows: vector.rows, values: vector.values.map((v) => times(v, scale)), hash: times(vector.hash, scale) };
    this.#age[pivot] = this.#basis.length;
    this.#basis.push({ pivot, vector: unit });
    for (const cell of [...(this.#holders[pivot] as Set<number>)]) {
      const old = this.#primaries.get(cell) as Vector;
      this.#forget(cell, old);
      this.#keep(cell, this.#without(old, unit, pivot));
    }
  }

  /** `vector` minus the multiple of `unit` that makes it zero on the pivot. Both are sorted by row. */
  #without(vector: Vector, unit: Vector, pivot: number): Vector {
    const factor = vector.values[vector.rows.indexOf(pivot)] as number;
    const rows = new Int32Array(vector.rows.length + unit.rows.length);
    const values = new Float64Array(rows.length);
    let [i, k, n] = [0, 0, 0];
    while (i < vector.rows.length || k < unit.rows.length) {
      const a = i < vector.rows.length ? (vector.rows[i] as number) : Infinity;
      const b = k < unit.rows.length ? (unit.rows[k] as number) : Infinity;
      const value = minus(a <= b ? (vector.values[i++] as number) : 0, b <= a ? times(factor, unit.values[k++] as number) : 0);
      if (value === 0) continue;
      rows[n] = Math.min(a, b);
      values[n++] = value;
    }
    return { rows: rows.slice(0, n), values: values.slice(0, n), hash: minus(vector.hash, times(factor, unit.hash)) };
  }

  #keep(cell: number, vector: Vector): void {
    if (vector.rows.length === 0) {
      this.#lost.push(cell);
      return;
    }
    this.#primaries.set(cell, vector);
    for (const row of vector.rows) (this.#holders[row] as Set<number>).add(cell);
    const key = keyOf(vector);
    const known = this.#byKey.get(key);
    if (known) known.add(cell);
    else this.#byKey.set(key, new Set([cell]));
  }

  #forget(cell: number, vector: Vector): void {
    for (const row of vector.rows) (this.#holders[row] as Set<number>).delete(cell);
    this.#byKey.get(keyOf(vector))?.delete(cell);
    this.#primaries.delete(cell);
  }
}

/** The same for vectors that are multiples of each other. */
function keyOf({ rows, values, hash }: Vector): number {
  return times(hash, inverse(values[0] as number)) * 4096 + ((rows.length * 31 + (rows[0] as number)) % 4096);
}

function sameDirection(a: Vector, b: Vector): boolean {
  if (a.rows.length !== b.rows.length) return false;
  const factor = times(a.values[0] as number, inverse(b.values[0] as number));
  for (let i = 0; i < a.rows.length; i++) {
    if (a.rows[i] !== b.rows[i] || a.values[i] !== times(factor, b.values[i] as number)) return false;
  }
  return true;
}

/** Ages, smallest first. */
class AgeQueue {
  readonly #heap: number[] = [];

  push(age: number): void {
    const heap = this.#heap;
    let i = heap.push(age) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if ((heap[up] as number) <= age) break;
      heap[i] = heap[up] as number;
      i = up;
    }
    heap[i] = age;
  }

  /** -1 when empty. */
  pop(): number {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return -1;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && (heap[down + 1] as number) < (heap[down] as number)) down++;
      if ((heap[down] as number) >= last) break;
      heap[i] = heap[down] as number;
      i = down;
    }
    heap[i] = last;
    return top;
  }
}
