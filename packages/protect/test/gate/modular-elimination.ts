/**
 * Tables that no reader can tell from zero: random vectors that satisfy every equation, modulo a prime.
 * Sparse Gauss elimination (pivot of the column with the fewest rows, Markowitz 1957), then back-substitution from free
 * cells drawn at random. A cell that is zero in every such vector is fixed by the equations; one that is not, is free.
 * Bounds and whole numbers play no part: those are the work of the other attackers.
 * @module
 */
import type { Equation } from './gate-case.ts';

/** The two largest primes below 2^26: products of residues are exact in a double. */
export const PRIMES = [67_108_859, 67_108_837] as const;

/** A pivot: the cell that the row expresses by the others. */
interface Pivot {
  readonly cell: number;
  readonly cells: readonly number[];
  readonly values: readonly number[];
}

/**
 * Solutions of the equations modulo `prime`, as many as `draws`, from a pinned seed: one entry a cell, 0 where no equation
 * and no draw reaches. A free cell is zero by chance with probability 1/prime.
 */
export function nullVectors(size: number, cells: readonly number[], equations: readonly Equation[], prime: number, draws = 2): Float64Array[] {
  const pivots = eliminate(size, equations, prime);
  const pivoted = new Uint8Array(size);
  for (const p of pivots) pivoted[p.cell] = 1;
  return Array.from({ length: draws }, (_, draw) => {
    const next = generator(0x9e3779b9 + 7919 * draw);
    const z = new Float64Array(size);
    for (const c of cells) if (!pivoted[c]) z[c] = 1 + (next() % (prime - 1));
    for (const { cell, cells: row, values } of pivots.toReversed()) {
      let sum = 0;
      let at = 0;
      for (const [k, c] of row.entries()) {
        if (c === cell) at = values[k] ?? 0;
        else sum = (sum + (values[k] ?? 0) * (z[c] ?? 0)) % prime;
      }
      z[cell] = ((prime - sum) * inverse(at, prime)) % prime;
    }
    return z;
  });
}

/** Reduces the equations to one pivot each; equations that follow from others vanish. */
function eliminate(size: number, equations: readonly Equation[], prime: number): Pivot[] {
  const rows = equations.map((e) => ({ cells: [...e.cells], values: e.signs.map((s) => (s % prime + prime) % prime) }));
  const rowsOf = Array.from({ length: size }, () => new Set<number>());
  for (const [r, row] of rows.entries()) for (const c of row.cells) rowsOf[c]?.add(r);
  const queue = new SparsestFirst(rowsOf);
  const pivots: Pivot[] = [];
  const scratch = new Float64Array(size);
  for (let cell = queue.next(); cell >= 0; cell = queue.next()) {
    const holders = [...rowsOf[cell] ?? []];
    const pivotAt = holders.reduce((best, r) => ((rows[r]?.cells.length ?? 0) < (rows[best]?.cells.length ?? 0) ? r : best));
    const pivot = rows[pivotAt] ?? { cells: [], values: [] };
    pivots.push({ cell, ...pivot });
    for (const c of pivot.cells) rowsOf[c]?.delete(pivotAt);
    const scale = inverse(pivot.values[pivot.cells.indexOf(cell)] ?? 0, prime);
    for (const r of holders) if (r !== pivotAt) subtract(rows[r], r, pivot, cell, scale, { rowsOf, scratch, prime });
    for (const c of pivot.cells) queue.changed(c);
  }
  return pivots;
}

/** Cells by the number of rows that hold them, fewest first; entries that are out of date are put right when they come up. */
class SparsestFirst {
  readonly #rowsOf: readonly Set<number>[];
  readonly #buckets: number[][] = [];
  #least = 1;

  constructor(rowsOf: readonly Set<number>[]) {
    this.#rowsOf = rowsOf;
    for (const c of rowsOf.keys()) this.changed(c);
  }

  /** Takes note that the number of rows of a cell is not what it was. */
  changed(cell: number): void {
    const n = this.#rowsOf[cell]?.size ?? 0;
    if (n === 0) return;
    (this.#buckets[n] ??= []).push(cell);
    this.#least = Math.min(this.#least, n);
  }

  /** The cell with the fewest rows; -1 when no row is left. */
  next(): number {
    while (this.#least < this.#buckets.length) {
      const cell = this.#buckets[this.#least]?.pop();
      if (cell === undefined) this.#least += 1;
      else if (this.#rowsOf[cell]?.size === this.#least) return cell;
      else this.changed(cell);
    }
    return -1;
  }
}

/** Takes the multiple of the pivot's row that clears the pivot's cell from a row. */
function subtract(
  row: { cells: number[]; values: number[] } | undefined, r: number, pivot: { cells: readonly number[]; values: readonly number[] },
  cell: number, scale: number, work: { rowsOf: readonly Set<number>[]; scratch: Float64Array; prime: number },
): void {
  if (!row) return;
  const { rowsOf, scratch, prime } = work;
  for (const [k, c] of row.cells.entries()) scratch[c] = row.values[k] ?? 0;
  const factor = prime - ((scratch[cell] ?? 0) * scale) % prime;
  const cells = new Set(row.cells);
  for (const [k, c] of pivot.cells.entries()) {
    if (!cells.has(c)) {
      cells.add(c);
      rowsOf[c]?.add(r);
    }
    scratch[c] = ((scratch[c] ?? 0) + factor * (pivot.values[k] ?? 0)) % prime;
  }
  row.cells = [];
  row.values = [];
  for (const c of cells) {
    const v = scratch[c] ?? 0;
    scratch[c] = 0;
    if (v === 0) rowsOf[c]?.delete(r);
    else {
      row.cells.push(c);
      row.values.push(v);
    }
  }
}

/** The inverse modulo a prime, by Euclid's algorithm. */
export function inverse(a: number, prime: number): number {
  let [r0, r1, s0, s1] = [prime, a, 0, 1];
  while (r1 > 1) {
    const q = Math.floor(r0 / r1);
    [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
  }
  return ((s1 % prime) + prime) % prime;
}

/** Whole numbers below 2^32 from a seed (xorshift32): the same for ever. */
export function generator(seed: number): () => number {
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
}
