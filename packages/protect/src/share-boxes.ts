/**
 * One box for every unsafe cell, chosen so that they share what they withhold. Each cell takes the cheapest box, first while a withheld
 * cell costs its users equal parts, then less and less the more they are, so that boxes gather; at last it costs but its first user.
 * Source: docs/references.md#cost-sharing (equal parts of a cost, and choosing anew until nobody gains); the powers are this project's.
 * @module
 */
import type { Boxes, Move } from './boxes.ts';
import type { CellTable } from './cell-table.ts';
import type { Pattern } from './pattern.ts';

export interface SharedBoxes {
  /** What must stay open, and how far. */
  readonly pattern: Pattern;
  readonly table: CellTable;
  /** What it costs to withhold a cell; Infinity where it must be printed. */
  readonly cost: (cell: number) => number;
  /** Called for each search: reports, and throws to cancel. */
  readonly goOn: (done: number, of: number) => void;
}

/**
 * Round by round, the power of the users that a cell's cost is divided by. On the largest case none of these rounds leave 10.91 %
 * withheld, the first two 10.38 and all three 10.31; a case of 2,181 cells by values stops short of its best with powers from 2 only.
 */
const SHARES = [1, 2, 4] as const;
/** Boxes are chosen once more if all of them became cheaper by this share. */
const WORTH = 0.002;

/** A box for every unsafe cell that has one. */
export function shareBoxes(boxes: Boxes, { pattern, table, cost, goOn }: SharedBoxes): Map<number, Move> {
  const { required } = pattern.secrecy;
  const asked = [...required.keys()].sort((a, b) => (required.get(b) as number) - (required.get(a) as number) || a - b);
  const chosen = new Map<number, Move>();
  const prices = new Prices(table.size, (cell) => (required.has(cell) ? 0 : cost(cell)));
  const terms = { cost: (cell: number) => prices.of(cell), allows: (cell: number, step: number) => pattern.allows(cell, step) };
  for (let round = 0, before = Infinity, now = Infinity; round <= SHARES.length || now < before * (1 - WORTH); round++) {
    before = now;
    prices.share(SHARES[round - 1] ?? Infinity);
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
  #power = Infinity;

  constructor(size: number, cost: (cell: number) => number) {
    this.#cost = Float64Array.from({ length: size }, (_, cell) => cost(cell));
    this.#uses = new Int32Array(size);
    this.#now = Float64Array.from(this.#cost);
  }

  of(cell: number): number {
    return this.#now[cell] as number;
  }

  /** The cost is divided by so high a power of the users; Infinity: a cell in use costs nothing. */
  share(power: number): void {
    this.#power = power;
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
    this.#now[cell] = used === 0 ? cost : cost / (1 + used) ** this.#power;
  }
}
