import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Relation } from '../src/cell-table.ts';
import { Narrowing } from '../src/narrowing.ts';

const free = { lower: -Infinity, upper: Infinity };

/** Rows × columns with all margins, printed but for the inside: cells 0 … rows * columns - 1, relations without their totals. */
function grid(rows: number, columns: number): { cells: number[]; relations: Relation[] } {
  const cells = Array.from({ length: rows * columns }, (_, i) => i);
  const relations = [
    ...Array.from({ length: rows }, (_, r) => ({ total: 1000 + r, parts: Int32Array.from(cells.filter((c) => Math.floor(c / columns) === r)) })),
    ...Array.from({ length: columns }, (_, k) => ({ total: 2000 + k, parts: Int32Array.from(cells.filter((c) => c % columns === k)) })),
  ];
  return { cells, relations };
}

/** Differences whose rows and columns add up to 0, within ±1: made of boxes, so that they are tables by construction. */
const moves = fc.array(fc.record({ r: fc.integer({ min: 0, max: 3 }), s: fc.integer({ min: 0, max: 3 }), k: fc.integer({ min: 0, max: 3 }), l: fc.integer({ min: 0, max: 3 }) }), { maxLength: 6 }).map((boxes) => {
  const step = new Array<number>(16).fill(0);
  for (const { r, s, k, l } of boxes) {
    for (const [at, by] of [[4 * r + k, 1], [4 * s + l, 1], [4 * r + l, -1], [4 * s + k, -1]] as const) step[at] = (step[at] ?? 0) + by;
  }
  return step;
});

describe('bounds narrowed from sum to sum', () => {
  it('a cell that moves takes the others of its line with it', () => {
    const { cells, relations } = grid(2, 2);
    const narrowing = new Narrowing(cells, relations, () => ({ lower: -3, upper: 3 }));
    expect(narrowing.assume(0, { lower: 2, upper: Infinity })).toBe(true);
    expect(narrowing.assume(1, { lower: -1, upper: Infinity })).toBe(false);
    expect(narrowing.assume(3, { lower: -Infinity, upper: 1 })).toBe(false);
    expect(narrowing.assume(3, { lower: 2, upper: 2 })).toBe(true);
    expect(narrowing.assume(0, { lower: 3, upper: Infinity })).toBe(false);
  });

  it('what is refused, and what is forgotten, leaves no trace', () => {
    const { cells, relations } = grid(3, 3);
    const narrowing = new Narrowing(cells, relations, (cell) => ({ lower: cell % 3 === 0 ? 0 : -2, upper: 2 }));
    const answers = (): boolean[] => cells.flatMap((cell) => [-2, -1, 1, 2].map((to) => {
      const fits = narrowing.assume(cell, { lower: to, upper: to });
      narrowing.forget();
      return fits;
    }));
    const before = answers();
    for (const cell of cells) narrowing.assume(cell, { lower: 1, upper: Infinity });
    narrowing.forget();
    expect(answers()).toEqual(before);
  });

  it('a cell that nothing bounds is not bounded, and one alone in a sum does not move', () => {
    const narrowing = new Narrowing([0, 1, 2], [{ total: 9, parts: Int32Array.of(0, 1) }, { total: 8, parts: Int32Array.of(2) }], () => free);
    expect(narrowing.assume(0, { lower: 1e6, upper: Infinity })).toBe(true);
    expect(narrowing.assume(1, { lower: -1e6 + 1, upper: Infinity })).toBe(false);
    expect(narrowing.assume(2, { lower: 1, upper: Infinity })).toBe(false);
  });

  it('no table that there is is ever refused, in whatever order its cells are assumed', () => {
    const { cells, relations } = grid(4, 4);
    fc.assert(fc.property(moves, fc.array(fc.integer({ min: 0, max: 15 })), fc.integer({ min: 0, max: 2 }), (step, others, slack) => {
      const narrowing = new Narrowing(cells, relations, (cell) => ({ lower: Math.min(0, (step[cell] ?? 0) - slack), upper: Math.max(0, (step[cell] ?? 0) + slack) }));
      for (const cell of [...others, ...cells]) {
        const at = step[cell] ?? 0;
        expect(narrowing.assume(cell, { lower: at, upper: at })).toBe(true);
        expect(narrowing.assume(cell, { lower: at + 1, upper: Infinity })).toBe(false);
      }
    }), { seed: 20_231_106, numRuns: 200 });
  });
});
