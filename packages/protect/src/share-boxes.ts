/**
 * One box for every unsafe cell, chosen so that they share what they withhold. Each cell takes the cheapest box while a withheld cell
 * costs its users equal parts, and less the more they are, so that boxes gather; then while it costs nothing but its first.
 * Source: docs/references.md#cost-sharing (equal parts of a cost, and choosing anew until nobody gains); the square is this project's.
 * @module
 */
import type { Boxes, Move } from './boxes.ts';

export interface SharedBoxes {
  /** Unsafe cell → how far above the truth it must go; 0: a step up or down. */
  readonly required: ReadonlyMap<number, number>;
  readonly size: number;
  /** What it costs to withhold a cell; Infinity where it must be printed. */
  readonly cost: (cell: number) => number;
  readonly allows: (cell: number, step: number) => boolean;
  /** Called for each search: reports, and throws to cancel. */
  readonly goOn: (done: number, of: number) => void;
}

/** Rounds in which users share what a cell costs. On the largest case none leave 10.91 % withheld, two 10.38, three 10.33 and six 10.30. */
const SHARED = 3;
/** Boxes are chosen once more if all of them became cheaper by this share. */
const WORTH = 0.002;

/** A box for every unsafe cell that has one. */
export function shareBoxes(boxes: Boxes, { required, size, cost: costOf, allows, goOn }: SharedBoxes): Map<number, Move> {
  const asked = [...required.keys()].sort((a, b) => (required.get(b) as number) - (required.get(a) as number) || a - b);
  const chosen = new Map<number, Move>();
  const prices = new Prices(size, (cell) => (required.has(cell) ? 0 : costOf(cell)));
  const terms = { cost: (cell: number) => prices.of(cell), allows };
  for (let round = 0, before = Infinity, now = Infinity; round <= SHARED || now < before * (1 - WORTH); round++) {
    before = now;
    prices.share(round > 0 && round <= SHARED);
    for (const [i, cell] of asked.entries()) {
      goOn(i, asked.length);
      const own = chosen.get(cell);
      if (round > 0 && own === undefined) continue;
      const need = required.get(cell) as number;
      prices.use(own, -1);
      const limit = own === undefined ? Infinity : own.cells.reduce((sum, other) => sum + prices.of(other), 0);
      const found = limit === 0 ? undefined : boxes.cheapest(cell, need || 1, terms, need > 0, limit * (1 - 1e-9));
      const kept = found?.move ?? own;
      if (kept !== undefined) chosen.set(cell, kept);
      prices.use(kept, 1);
    }
    now = prices.total();
  }
  return chosen;
}

/** What one more user of a cell pays for it. */
class Prices {
  readonly #cost: Float64Array;
  readonly #uses: Int32Array;
  readonly #now: Float64Array;
  #shared = false;

  constructor(size: number, cost: (cell: number) => number) {
    this.#cost = Float64Array.from({ length: size }, (_, cell) => cost(cell));
    this.#uses = new Int32Array(size);
    this.#now = Float64Array.from(this.#cost);
  }

  of(cell: number): number {
    return this.#now[cell] as number;
  }

  share(shared: boolean): void {
    this.#shared = shared;
    for (const cell of this.#uses.keys()) this.#reprice(cell);
  }

  use(move: Move | undefined, by: 1 | -1): void {
    for (const cell of move?.cells ?? []) {
      this.#uses[cell] = (this.#uses[cell] as number) + by;
      this.#reprice(cell);
    }
  }

  /** What all cells in use cost. */
  total(): number {
    return this.#uses.reduce((sum, used, cell) => (used > 0 ? sum + (this.#cost[cell] as number) : sum), 0);
  }

  #reprice(cell: number): void {
    const used = this.#uses[cell] as number;
    const cost = this.#cost[cell] as number;
    this.#now[cell] = used === 0 ? cost : this.#shared ? cost / (1 + used) ** 2 : 0;
  }
}
