/**
 * What a protected table is still good for: cells and values withheld, errors of cells, totals and shares, and whether sums
 * still hold.
 * @module
 */
import type { CellTable } from './cell-table.ts';

/** Confidential: true errors tell the truth. */
export interface UseLost {
  readonly withheld: number;
  /** Of all cells, in percent. */
  readonly withheldPercent: number;
  readonly valueWithheld: number;
  /** Of the sum of all cells, in percent. */
  readonly valueWithheldPercent: number;
  /** Absolute errors of the cells that are shown, added up: of the sum of all cells, in percent. */
  readonly valueMovedPercent: number;
  readonly cellError: ErrorSize;
  /** Cells that are a sum of others. */
  readonly totalError: ErrorSize;
  readonly totalsWithheld: number;
  /** A cell's share of a total above it, in percentage points. */
  readonly shareError: ErrorSize;
  /** Shares that cannot be worked out any more: the cell or its total is withheld, or the total reads zero. */
  readonly sharesLostPercent: number;
  /** Every sum between shown cells still holds. */
  readonly additive: boolean;
}

/** Over what is shown; null: nothing is. */
export interface ErrorSize {
  readonly mean: number | null;
  readonly largest: number | null;
}

/**
 * Measures the use lost.
 * @param published - one for each cell; null where it is withheld
 */
export function useLost(table: CellTable, published: readonly (number | null)[]): UseLost {
  const truth = table.value ?? table.freq;
  const [cells, totals, shares] = [new Errors(), new Errors(), new Errors()];
  const isTotal = new Set(table.relations.map(({ total }) => total));
  let [withheld, valueWithheld, valueOfAll] = [0, 0, 0];
  for (let cell = 0; cell < table.size; cell++) {
    const value = truth[cell] as number;
    const shown = published[cell] ?? null;
    valueOfAll += Math.abs(value);
    if (shown === null) {
      withheld++;
      valueWithheld += Math.abs(value);
      continue;
    }
    cells.add(shown - value);
    if (isTotal.has(cell)) totals.add(shown - value);
  }
  let [sharesOfAll, additive] = [0, true];
  for (const { total, parts } of table.relations) {
    const shownTotal = published[total] ?? null;
    const trueTotal = truth[total] as number;
    const shownParts = Array.from(parts, (part) => published[part] ?? null);
    if (shownTotal !== null && !shownParts.includes(null)) additive &&= near(shownParts.reduce<number>((sum, part) => sum + (part ?? 0), 0), shownTotal);
    if (trueTotal === 0) continue;
    sharesOfAll += parts.length;
    if (shownTotal === null || shownTotal === 0) continue;
    for (const [i, shown] of shownParts.entries()) if (shown !== null) shares.add(100 * (shown / shownTotal - (truth[parts[i] as number] as number) / trueTotal));
  }
  return {
    withheld, withheldPercent: percent(withheld, table.size), valueWithheld: tidy(valueWithheld), valueWithheldPercent: percent(valueWithheld, valueOfAll),
    valueMovedPercent: percent(cells.sum, valueOfAll), cellError: cells.size, totalError: totals.size, totalsWithheld: isTotal.size - totals.n, shareError: shares.size,
    sharesLostPercent: percent(sharesOfAll - shares.n, sharesOfAll), additive,
  };
}

class Errors {
  n = 0;
  sum = 0;
  #largest = 0;

  add(error: number): void {
    this.n++;
    this.sum += Math.abs(error);
    this.#largest = Math.max(this.#largest, Math.abs(error));
  }

  get size(): ErrorSize {
    return this.n === 0 ? { mean: null, largest: null } : { mean: tidy(this.sum / this.n), largest: tidy(this.#largest) };
  }
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : tidy((100 * part) / whole);
}

/** Without the last bits of floating point. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
