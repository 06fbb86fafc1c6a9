/**
 * What a reader can say of each cell by looking at one sum at a time, again and again: bounds that need no program.
 * In dense tables of small counts nearly every interval ends there; a program then only has to show a table that gets there.
 * Source: docs/references.md#savelsbergh (bound strengthening).
 * @module
 */
import type { Relation } from './cell-table.ts';

export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Times that all sums are looked at: bounds of amounts can go on shrinking by less and less. */
const SWEEPS = 20;
const LEAST = 1e-9;

/**
 * Bounds as narrow as single sums make them. They hold the truth: it is never cut off by rounding errors.
 * @param bounds - what is known beforehand; a printed cell has its value at both ends. Not changed
 */
export function tightened(relations: readonly Relation[], value: ArrayLike<number>, bounds: Bounds): Bounds {
  const [lower, upper] = [bounds.lower.slice(), bounds.upper.slice()];
  let changed = true;
  const raise = (cell: number, to: number): void => {
    const next = Math.min(to, value[cell] as number);
    if (!(next > (lower[cell] as number) + LEAST * Math.max(1, Math.abs(next)))) return;
    lower[cell] = next;
    changed = true;
  };
  const cut = (cell: number, to: number): void => {
    const next = Math.max(to, value[cell] as number);
    if (!(next < (upper[cell] as number) - LEAST * Math.max(1, Math.abs(next)))) return;
    upper[cell] = next;
    changed = true;
  };
  for (let sweep = 0; changed && sweep < SWEEPS; sweep++) {
    changed = false;
    for (const { total, parts } of relations) {
      const [least, most] = [sumOf(parts, lower), sumOf(parts, upper)];
      raise(total, least(0));
      cut(total, most(0));
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i] as number;
        const [from, to] = [(lower[total] as number) - most(upper[part] as number), (upper[total] as number) - least(lower[part] as number)];
        raise(part, from);
        cut(part, to);
      }
    }
  }
  return { lower, upper };
}

/** The sum of the parts' bounds, less one of them, which may be infinite like others. */
function sumOf(parts: ArrayLike<number>, bound: Float64Array): (less: number) => number {
  let finite = 0;
  let infinite = 0;
  let end = 0;
  for (let i = 0; i < parts.length; i++) {
    const b = bound[parts[i] as number] as number;
    if (Number.isFinite(b)) finite += b;
    else {
      infinite += 1;
      end = b;
    }
  }
  return (less) => (infinite > (Number.isFinite(less) ? 0 : 1) ? end : Number.isFinite(less) ? finite - less : finite);
}
