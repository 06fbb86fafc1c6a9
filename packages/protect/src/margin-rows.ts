/**
 * Margins of records as rows of a list: sorted, with the zeros of a crossing that is small enough to be listed whole. The order in which records
 * came leaves no trace.
 * @module
 */
import type { CellPart, CellRow } from './cell-rows.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { TupleIndex } from './tuple-index.ts';
import { longer } from './tuple-index.ts';

/** The largest numbers that each cell has been offered, largest first; zeros stand for none. */
export class Tops {
  readonly most: number;
  #amounts: Float64Array;

  constructor(most: number) {
    this.most = most;
    this.#amounts = new Float64Array(most * 64);
  }

  offer(cell: number, amount: number): void {
    const from = cell * this.most;
    while (from + this.most > this.#amounts.length) this.#amounts = longer(this.#amounts);
    let i = from + this.most - 1;
    if (amount <= (this.#amounts[i] as number)) return;
    for (; i > from && (this.#amounts[i - 1] as number) < amount; i--) this.#amounts[i] = this.#amounts[i - 1] as number;
    this.#amounts[i] = amount;
  }

  at(cell: number, rank: number): number {
    return this.#amounts[cell * this.most + rank] ?? 0;
  }
}

/** Cells in the making. */
export interface Margins {
  readonly hierarchies: readonly Hierarchy[];
  readonly cells: TupleIndex;
  readonly freq: Float64Array;
  readonly value: Float64Array;
  readonly tops: Tops;
  /** Contributors behind each cell; empty where records have none. */
  readonly behind: Float64Array;
  /** Sums of records' keys; undefined where nobody asked for them. */
  readonly draws: Float64Array | undefined;
  /** What those gave to finest cells who are alone in one; undefined where nobody asked for it. */
  readonly holdings: Holdings | undefined;
}

/** By finest cell. Contributors have numbers in the order of the records, which must leave no trace. */
export interface Holdings {
  /** Who is alone there. */
  readonly alone: ReadonlyMap<number, number>;
  readonly parts: ReadonlyMap<number, readonly CellPart[]>;
}

/** Which columns records have. */
export interface Kind {
  readonly values: boolean;
  readonly contributors: boolean;
}

/** Parts with contributors numbered in the order of the cells in which they are alone. */
function partsInOrder({ alone, parts }: Holdings, order: Int32Array): (cell: number) => readonly CellPart[] {
  const numbers = new Map<number, number>();
  for (const cell of order) {
    const own = alone.get(cell);
    if (own !== undefined && !numbers.has(own)) numbers.set(own, numbers.size);
  }
  return (cell) => (parts.get(cell) ?? []).map(({ contributor, amount }) => ({ contributor: numbers.get(contributor) as number, amount })).sort((a, b) => a.contributor - b.contributor);
}

/** @param mostListed - crossings of more cells are listed without zeros */
export function rowsOf({ hierarchies, cells, freq, value, tops, behind, draws, holdings }: Margins, { values, contributors }: Kind, mostListed: number): CellRow[] {
  const crossed = hierarchies.reduce((product, h) => product * h.codes.length, 1);
  const rowOf = (key: readonly string[], cell: number): CellRow => ({
    key, freq: freq[cell] as number, ...(draws === undefined ? {} : { draw: draws[cell] as number }), ...(contributors ? { contributors: behind[cell] as number } : {}), ...(values ? { value: tidy(value[cell] as number) } : {}),
    ...(values || contributors ? { largest: Array.from({ length: tops.most }, (_, rank) => tops.at(cell, rank)).filter((amount) => amount > 0).map(tidy) } : {}),
    ...(holdings?.parts.has(cell) === true ? { parts: partsOf(cell) } : {}),
  });
  const width = hierarchies.length;
  const keyOf = (cell: number): string[] => hierarchies.map((h, d) => h.codes[cells.at(cell, d)] ?? '');
  const order = Int32Array.from({ length: cells.size }, (_, i) => i).sort((a, b) => {
    let d = 0;
    while (d < width - 1 && cells.at(a, d) === cells.at(b, d)) d++;
    return cells.at(a, d) - cells.at(b, d);
  });
  const partsOf = holdings === undefined ? (): readonly CellPart[] => [] : partsInOrder(holdings, order);
  if (crossed > mostListed) return Array.from(order, (cell) => rowOf(keyOf(cell), cell));
  const zero: Omit<CellRow, 'key'> = { freq: 0, ...(draws === undefined ? {} : { draw: 0 }), ...(contributors ? { contributors: 0 } : {}), ...(values ? { value: 0 } : {}), ...(values || contributors ? { largest: [] } : {}) };
  const rows: CellRow[] = [];
  const tuple = new Int32Array(width);
  let next = 0;
  for (let address = 0; address < crossed; address++) {
    for (let d = width - 1, rest = address; d >= 0; d--) {
      const codes = (hierarchies[d] as Hierarchy).codes.length;
      tuple[d] = rest % codes;
      rest = Math.floor(rest / codes);
    }
    const cell = next < order.length ? (order[next] as number) : -1;
    if (cell !== -1 && tuple.every((code, d) => code === cells.at(cell, d))) {
      rows.push(rowOf(keyOf(cell), cell));
      next++;
    } else {
      rows.push({ key: Array.from(tuple, (code, d) => (hierarchies[d] as Hierarchy).codes[code] ?? ''), ...zero });
    }
  }
  return rows;
}

/** Sums of decimals without the last bits of floating point, and without a minus before zero. */
export function tidy(amount: number): number {
  return Number.isSafeInteger(amount) ? amount + 0 : Number(amount.toPrecision(15));
}
