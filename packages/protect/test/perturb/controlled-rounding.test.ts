import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { indexRelations } from '../../src/perturb/additive-relations.ts';
import { roundingModel } from '../../src/perturb/controlled-model.ts';
import { IntegerSolver } from '../../src/perturb/integer-program.ts';
import { controlledRoundingBounds, roundControlled, roundIntegerToBase } from '../../src/perturb/index.ts';
import type { AdditiveTable, ControlledProgress } from '../../src/perturb/index.ts';
import { unitDraw } from '../../src/units.ts';
import { adds, crossing, scattered } from './crossings.ts';

const SEED = { seed: 20231106 };

/** Smallest distance of any controlled rounding, by trying all; undefined when there is none. */
function bruteForce(table: AdditiveTable, base: number, steps: number): number | undefined {
  const n = table.values.length;
  const values = new Array<number>(n).fill(0);
  let best: number | undefined;
  const walk = (cell: number, distance: number): void => {
    if (best !== undefined && distance >= best) return;
    if (cell === n) {
      if (adds(table, values)) best = distance;
      return;
    }
    const value = table.values[cell] ?? 0;
    const reach = (steps + 1) * base - 1;
    for (let to = Math.ceil(Math.max(0, value - reach) / base) * base; to <= value + reach; to += base) {
      values[cell] = to;
      walk(cell + 1, distance + Math.abs(to - value));
    }
  };
  walk(0, 0);
  return best;
}

/** Three counts of 1, of which every two have a published sum of 2: with base 2 an odd circle. */
const CIRCLE: AdditiveTable = { values: [1, 1, 1, 2, 2, 2], relations: [{ total: 3, parts: [0, 1] }, { total: 4, parts: [1, 2] }, { total: 5, parts: [0, 2] }] };

async function codeOf(made: Promise<unknown>): Promise<string> {
  return made.then(() => 'nothing was refused', (error: unknown) => {
    if (error instanceof Refusal) return error.code;
    throw error;
  });
}

describe('against trying all roundings', () => {
  test('tables of two dimensions always have a zero-restricted rounding, and ours is the nearest', async () => {
    const table = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.nat(1e6)).map(([rows, columns, seed]) => crossing([rows, columns], scattered(seed, 30)));
    await fc.assert(fc.asyncProperty(table, fc.integer({ min: 2, max: 7 }), async (t, base) => {
      const made = await roundControlled(t, { base });
      expect(adds(t, made.values)).toBe(true);
      expect(made.optimal).toBe(true);
      expect(made.distance).toBe(bruteForce(t, base, 0));
      expect(made.bound).toBe(made.distance);
      for (const [cell, value] of made.values.entries()) {
        const before = t.values[cell] ?? 0;
        expect(value % base).toBe(0);
        expect(Math.abs(value - before)).toBeLessThan(base);
        if (before % base === 0) expect(value).toBe(before);
      }
    }), { ...SEED, numRuns: 40 });
  });

  test('with a step every cell stays within two bases, never below 0, and the nearest rounding is found', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(1e6), async (seed) => {
      const t = crossing([1, 2], scattered(seed, 14));
      const made = await roundControlled(t, { base: 5, steps: 1 });
      expect(adds(t, made.values)).toBe(true);
      expect(made.distance).toBe(bruteForce(t, 5, 1));
      for (const [cell, value] of made.values.entries()) {
        const { lo, hi } = controlledRoundingBounds(value, 5, 1);
        expect((t.values[cell] ?? 0) >= lo && (t.values[cell] ?? 0) <= hi).toBe(true);
      }
    }), { ...SEED, numRuns: 20 });
  });

  test('relations that form an odd circle have no zero-restricted rounding, and one with a step', async () => {
    expect(bruteForce(CIRCLE, 2, 0)).toBeUndefined();
    expect(await codeOf(roundControlled(CIRCLE, { base: 2 }))).toBe('CONTROLLED_ROUNDING_INFEASIBLE');
    const made = await roundControlled(CIRCLE, { base: 2, steps: 1 });
    expect(made.distance).toBe(bruteForce(CIRCLE, 2, 1));
    expect(adds(CIRCLE, made.values)).toBe(true);
  });
});

test('no count goes below 0, also where seven totals would be nearer for it', async () => {
  // Each total of 7 is a shared count of 1 with two counts of 3: with -5 for the shared one all totals could go to 5.
  const totals = Array.from({ length: 7 }, (_, i) => 1 + 3 * i);
  const made = await roundControlled({ values: [1, ...totals.flatMap(() => [7, 3, 3])], relations: totals.map((total) => ({ total, parts: [0, total + 1, total + 2] })) }, { base: 5, steps: 1 });
  expect(Math.min(...made.values)).toBe(0);
  expect([made.distance, made.optimal]).toEqual([50, true]);
});

test('the steps of a count end at 0', () => {
  const values = Array.from({ length: 30 }, (_, n) => n);
  const table = { values, relations: [] };
  const model = roundingModel(table, indexRelations(table), 5, 3, undefined);
  for (const n of values) {
    const down = (model.moves[n] ?? []).filter((m) => m.sign === -1).reduce((s, m) => s + m.upper, 0);
    expect(down).toBe(Math.min(3, Math.floor(n / 5)));
  }
});

describe('larger tables', () => {
  const table = crossing([6, 5, 4], scattered(11, 40));

  test('three dimensions: additive, zero-restricted, at a distance between the bound and that of rounding up alone', async () => {
    const made = await roundControlled(table, { base: 3, rounds: 40 });
    expect(adds(table, made.values)).toBe(true);
    for (const [cell, value] of made.values.entries()) expect(Math.abs(value - (table.values[cell] ?? 0))).toBeLessThan(3);
    expect(made.distance).toBeGreaterThanOrEqual(made.bound);
    expect(made.bound).toBeGreaterThan(0);
    expect(made.optimal).toBe(made.distance === made.bound);
  });

  test('the same table has the same rounding again, when rounds and not time end the search', async () => {
    const [a, b] = [await roundControlled(table, { base: 5, rounds: 10 }), await roundControlled(table, { base: 5, rounds: 10 })];
    expect(a.stoppedBy).not.toBe('time');
    expect(a).toEqual(b);
  });

  test('in any budget the answer is a rounding that adds, or a refusal that asks for more time', async () => {
    for (const timeBudgetMs of [0.001, 30, 300]) {
      try {
        const made = await roundControlled(table, { base: 3, timeBudgetMs });
        expect(adds(table, made.values)).toBe(true);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(error.code).toBe('CONTROLLED_ROUNDING_TIME');
      }
    }
  });

  test('where the whole table is too hard to be solved to its optimum, it is tried once; every round is told', async () => {
    const real = Object.getOwnPropertyDescriptor(IntegerSolver.prototype, 'solve')?.value as IntegerSolver['solve'];
    const [sizes, rounds]: [number[], number[]] = [[], []];
    // A solver that proves nothing of the whole and finds nothing better in a part: parts grow.
    const solver = vi.spyOn(IntegerSolver.prototype, 'solve').mockImplementation(function solve(this: IntegerSolver, program, options) {
      sizes.push(program.cost.length);
      if (options.first === true) return real.call(this, program, options);
      return { status: program.cost.length === sizes[0] ? 'found' : 'optimal', x: options.start ?? new Float64Array(0), objective: 0, bound: -Infinity };
    });
    await roundControlled(table, { base: 3, draws: Array.from(table.values, (_, cell) => (cell * 2_654_435_761) % 2 ** 32), rounds: 60, onProgress: ({ round }) => rounds.push(round) });
    solver.mockRestore();
    const [all, ...parts] = sizes;
    expect(parts.filter((size) => size === all)).toHaveLength(1);
    expect(parts.length).toBeGreaterThan(30);
    expect(rounds).toEqual(Array.from({ length: 61 }, (_, round) => round));
  });

  test('progress never gets worse, and a cancelled search gives the best so far', async () => {
    const seen: ControlledProgress[] = [];
    const made = await roundControlled(table, { base: 3, onProgress: (p) => seen.push(p), cancelled: () => seen.some((p) => p.round > 0) });
    expect(seen.length).toBeGreaterThan(0);
    for (const [i, p] of seen.entries()) expect(p.objective).toBeLessThanOrEqual(seen[i - 1]?.objective ?? Infinity);
    expect(['cancelled', 'optimal']).toContain(made.stoppedBy);
    expect(adds(table, made.values)).toBe(true);
  });
});

test('with draws a table without relations is rounded as each draw says', async () => {
  const values = [1, 4, 7, 10, 12, 13, 0];
  const draws = values.map((_, i) => unitDraw((i * 0.37) % 1));
  const made = await roundControlled({ values, relations: [] }, { base: 5, draws });
  expect(made.values).toEqual(values.map((n, i) => roundIntegerToBase(n, 5, draws[i] ?? unitDraw(0))));
  expect([made.objective, made.optimal]).toEqual([0, true]);
});

test('a table of multiples, and a table without cells, stay as they are', async () => {
  expect((await roundControlled({ values: [9, 3, 6], relations: [{ total: 0, parts: [1, 2] }] }, { base: 3 })).values).toEqual([9, 3, 6]);
  expect(await roundControlled({ values: [], relations: [] }, { base: 3 })).toMatchObject({ values: [], distance: 0, optimal: true });
});

test.each([[0, 5, 0, 0, 4], [15, 5, 0, 11, 19], [15, 5, 1, 6, 24], [5, 5, 1, 0, 14]])('controlledRoundingBounds(%i, %i, %i) is %i to %i', (published, base, steps, lo, hi) => {
  expect(controlledRoundingBounds(published, base, steps)).toEqual({ lo, hi });
});

test('settings that make no sense are refused', async () => {
  const one = { values: [1], relations: [] };
  for (const bad of [{ base: 1 }, { base: 3, steps: -1 }, { base: 3, steps: 0.5 }, { base: 3, timeBudgetMs: 0 }]) await expect(roundControlled(one, bad)).rejects.toThrow(RangeError);
});
