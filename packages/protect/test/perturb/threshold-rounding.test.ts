import { Refusal } from '@weighbridge/base';
import { count } from '@weighbridge/base/confidential';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graduatedBase, roundCells, roundGraduated, roundIntegerToBase, roundWithinThresholds, thresholdRoundingBounds } from '../../src/perturb/index.ts';
import type { RoundingRule } from '../../src/perturb/index.ts';
import { DRAW_RANGE, unitDraw } from '../../src/units.ts';
import type { UnitDraw } from '../../src/units.ts';

const SEED = { seed: 20231106 };
const anyDraw = fc.integer({ min: 0, max: DRAW_RANGE - 1 }).map((d) => d as UnitDraw);
const EDGES = [0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 0.999].map(unitDraw);

describe('thresholds', () => {
  test.each([
    [5, [5], 0.9, 6], [4, [5], 0.1, 3], [7, [5], 0.9, 6], [6, [6], 0.0, 6], [5, [6], 0.0, 3], [8, [7, 10], 0.0, 9], [10, [7, 10], 0.9, 12],
  ])('roundWithinThresholds(%i, base 3, thresholds %j, %d) === %i', (n, thresholds, draw, want) => {
    expect(roundWithinThresholds(count(n), { base: 3, thresholds }, unitDraw(draw))).toBe(want);
  });

  test('a count never crosses a threshold, stays within the base and keeps multiples, whatever the base and thresholds', () => {
    const rule = fc.tuple(fc.integer({ min: 2, max: 20 }), fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }))
      .map(([base, gaps]): RoundingRule & { readonly base: number; readonly thresholds: number[] } => ({ base, thresholds: gaps.map((_, i) => gaps.slice(0, i + 1).reduce((s, g) => s + g, 0) + (i + 1) * base) }));
    fc.assert(fc.property(fc.nat(300), rule, anyDraw, (n, r, draw) => {
      const to = roundWithinThresholds(count(n), r, draw);
      for (const t of r.thresholds) expect(n >= t).toBe(to >= t);
      expect(to % r.base).toBe(0);
      expect(Math.abs(to - n)).toBeLessThan(r.base);
      if (n % r.base === 0) expect(to).toBe(n);
      const { lo, hi } = thresholdRoundingBounds(to, r);
      expect(n >= lo && n <= hi).toBe(true);
    }), { ...SEED, numRuns: 1000 });
  });

  test('away from thresholds the result is that of plain random rounding', () => {
    for (let n = 20; n < 60; n++) for (const draw of EDGES) expect(roundWithinThresholds(count(n), { base: 5, thresholds: [10] }, draw)).toBe(roundIntegerToBase(n, 5, draw));
  });

  test('thresholds closer than a base are refused, because no multiple need lie between them', () => {
    expect(() => roundWithinThresholds(count(1), { base: 3, thresholds: [4, 6] }, unitDraw(0))).toThrow('at least 3 between neighbours');
    expect(() => roundWithinThresholds(count(1), { base: 'graduated', thresholds: [50, 54] }, unitDraw(0))).toThrow('at least 5 between neighbours');
    expect(() => roundWithinThresholds(count(1), { base: 3, thresholds: [0] }, unitDraw(0))).toThrow('whole numbers from 1');
  });
});

describe('graduated rounding', () => {
  test.each([[18, 3], [19, 2], [20, 5], [99, 5], [100, 10], [999, 10], [1000, 100], [123456, 100]])('the base of %i is %i', (n, base) => {
    expect(graduatedBase(count(n))).toBe(base);
  });

  test('it is monotone under one draw, within the base of the count, and keeps multiples', () => {
    for (const draw of EDGES) {
      let before = 0;
      for (let n = 0; n < 3000; n++) {
        const to = roundGraduated(count(n), draw);
        expect(to).toBeGreaterThanOrEqual(before);
        expect(Math.abs(to - n)).toBeLessThan(graduatedBase(count(n)));
        if (n % graduatedBase(count(n)) === 0) expect(to).toBe(n);
        before = to;
      }
    }
  });

  test('a reader of 100 must allow for 96 to 109', () => {
    expect(thresholdRoundingBounds(100, { base: 'graduated' })).toEqual({ lo: 96, hi: 109 });
  });
});

describe('cells', () => {
  const cells = [0, 1, 5, 6, 7, 300].map((n, i) => ({ address: `cell ${n}`, n, draw: EDGES[i] ?? unitDraw(0) }));

  test('counts below 6 are withheld by the true count, zeros are shown, all others are rounded at 6 or more', () => {
    const made = roundCells(cells, { base: 3, suppressBelow: 6 });
    expect(made.map((c) => c.status)).toEqual(['rounded', 'suppressed', 'suppressed', 'rounded', 'rounded', 'rounded']);
    expect(made.map((c) => c.value)).toEqual([0, null, null, 6, 6, 300]);
  });

  test('with a threshold that is no multiple, no number below it is ever shown beside marks', () => {
    for (let n = 0; n < 50; n++) {
      for (const draw of EDGES) {
        const [cell] = roundCells([{ address: 'a', n, draw }], { base: 3, suppressBelow: 5 });
        expect(cell?.value === null || cell?.value === 0 || (cell?.value ?? 0) >= 5).toBe(true);
      }
    }
  });

  test('the reason of a cell tells the rule and nothing of the cell', () => {
    expect(new Set(roundCells(cells, { base: 3, suppressBelow: 6 }).map((c) => `${c.status}: ${c.reason}`))).toEqual(new Set(['rounded: rounded at random to base 3', 'suppressed: small number withheld']));
  });

  test('every bad count is named by its address, and none by its value', () => {
    const bad = [{ address: 'north', n: -7777, draw: unitDraw(0) }, { address: 'south', n: 12.25, draw: unitDraw(0) }, { address: 'north', n: 3, draw: unitDraw(0) }];
    try {
      roundCells(bad, { base: 3 });
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.issues.map((i) => [i.code, i.place.object])).toEqual([['FREQUENCY', 'north'], ['FREQUENCY', 'south'], ['CELL_TWICE', 'north']]);
      expect(JSON.stringify(error.issues)).not.toMatch(/7777|12\.25/);
    }
  });

  test('no cells give no cells', () => {
    expect(roundCells([], { base: 'graduated' })).toEqual([]);
  });
});
