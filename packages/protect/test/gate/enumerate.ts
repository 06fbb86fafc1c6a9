/**
 * The judge of the gate itself: all tables of whole numbers that a reader cannot rule out, one by one.
 * Backtracking over the unprinted cells with the bounds that the sums leave; for tables of a handful of cells. It uses no
 * linear algebra and no solver, and shares nothing with the attackers but the description of a case.
 * @module
 */
import type { GateCase } from './gate-case.ts';

/** A table whose cells have too many possible values, or that has too many tables, to go through one by one. */
export class TooManyTables extends Error {
  override readonly name = 'TooManyTables';
}

/**
 * Calls `visit` with every table of whole numbers that has the printed cells of the truth, its sums, and values within the
 * bounds. The table given is reused: copy it to keep it.
 * @throws TooManyTables after `limit` of them, or when a cell has no finite range
 */
export function eachTable(gateCase: GateCase, visit: (table: readonly number[]) => void, limit = 200_000): void {
  const table = gateCase.printed.map((p, c) => (p ? gateCase.value[c] ?? 0 : NaN));
  const sumsOf = gateCase.value.map((_, c) => gateCase.relations.filter((r) => r.total === c || r.parts.includes(c)));
  const order = gateCase.printed.flatMap((p, c) => (p ? [] : [c]));
  let found = 0;

  const known = (c: number): boolean => !Number.isNaN(table[c]);
  const least = (c: number): number => (known(c) ? table[c] ?? 0 : gateCase.lower[c] ?? 0);
  const greatest = (c: number): number => (known(c) ? table[c] ?? 0 : gateCase.upper[c] ?? Infinity);

  /** What the sums of a cell leave of its range, the other cells at their extremes. */
  const rangeOf = (c: number): [number, number] => {
    let [lo, hi] = [least(c), greatest(c)];
    for (const { total, parts } of sumsOf[c] ?? []) {
      const others = parts.filter((p) => p !== c);
      const [low, high] = [add(others.map(least)), add(others.map(greatest))];
      if (c === total) [lo, hi] = [Math.max(lo, low), Math.min(hi, high)];
      else [lo, hi] = [Math.max(lo, least(total) - high), Math.min(hi, greatest(total) - low)];
    }
    return [Math.ceil(lo), Math.floor(hi)];
  };

  const next = (): void => {
    // The cell with the fewest values left comes first.
    let best: { cell: number; lo: number; hi: number } | undefined;
    for (const c of order) {
      if (known(c)) continue;
      const [lo, hi] = rangeOf(c);
      if (lo > hi) return;
      if (!best || hi - lo < best.hi - best.lo) best = { cell: c, lo, hi };
    }
    if (!best) {
      const adds = gateCase.relations.every(({ total, parts }) => add(parts.map((c) => table[c] ?? NaN)) === table[total]);
      if (!adds) return;
      found += 1;
      if (found > limit) throw new TooManyTables(`more than ${limit} tables`);
      visit(table);
      return;
    }
    if (!Number.isFinite(best.hi) || !Number.isFinite(best.lo)) throw new TooManyTables('a cell without bounds');
    for (let v = best.lo; v <= best.hi; v++) {
      table[best.cell] = v;
      next();
    }
    table[best.cell] = NaN;
  };
  next();
}

/** The least and greatest value of every cell over all tables, and how many tables there are. */
export function enumeratedRanges(gateCase: GateCase, limit?: number): { tables: number; lo: number[]; hi: number[] } {
  const lo = new Array<number>(gateCase.size).fill(Infinity);
  const hi = new Array<number>(gateCase.size).fill(-Infinity);
  let tables = 0;
  eachTable(gateCase, (table) => {
    tables += 1;
    for (const [c, v] of table.entries()) {
      if (v < (lo[c] ?? 0)) lo[c] = v;
      if (v > (hi[c] ?? 0)) hi[c] = v;
    }
  }, limit);
  return { tables, lo, hi };
}

function add(values: readonly number[]): number {
  return values.reduce((s, v) => s + v, 0);
}
