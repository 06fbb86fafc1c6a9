/** Programs with fewer columns and rows have the same tables: every cell's ends are those of the program with a column for each cell. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audit } from '../src/index.ts';
import type { Knowledge } from '../src/index.ts';
import { Component, ReducedComponent, componentsOf } from '../src/attacker.ts';
import { provedOpen } from '../src/alternatives.ts';
import { unprintedCells } from '../src/audit.ts';
import { ReducedProgram, reduceProgram } from '../src/reduced-program.ts';
import type { GateCase } from './gate/gate-case.ts';
import { randomCases } from './gate/small-tables.ts';

const SEED = { seed: 20231106, numRuns: 60 };
const SHAPES = [[2, 3], [4, 4], [3, 3, 2], [3, 3, 3]] as const;

const knowledgeOf = (c: GateCase, upper: (cell: number) => number = (cell) => c.upper[cell] ?? Infinity): Knowledge => ({
  relations: c.relations.map(({ total, parts }) => ({ total, parts: Int32Array.from(parts) })), value: c.value, printed: (cell) => c.printed[cell] === true,
  lower: c.value.map((_, cell) => c.lower[cell] ?? 0), upper: c.value.map((_, cell) => upper(cell)), whole: true,
});

describe('programs with fewer columns', () => {
  test('every cell has the same ends, and the table at each end is an alternative', async () => {
    let [ends, fewer, columns] = [0, 0, 0];
    await fc.assert(fc.asyncProperty(randomCases(SHAPES), fc.integer({ min: 0, max: 3 }), async (c, marks) => {
      // Some cells are known to be at most so much, as where marks are told.
      const knowledge = knowledgeOf(c, (cell) => (marks > 0 && cell % 3 === 0 ? (c.value[cell] ?? 0) + marks : c.upper[cell] ?? Infinity));
      for (const { cells, relations } of componentsOf(unprintedCells(knowledge), knowledge.relations)) {
        const range = (cell: number): { lower: number; upper: number } => ({ lower: (knowledge.lower[cell] ?? 0) - (knowledge.value[cell] ?? 0), upper: (knowledge.upper[cell] ?? 0) - (knowledge.value[cell] ?? 0) });
        columns += cells.length;
        fewer += reduceProgram({ cells, relations, rangeOf: range, far: 1e5 }).program.lower.length;
        const [whole, reduced] = [await Component.open(cells, relations, knowledge), await ReducedComponent.open(cells, relations, knowledge)];
        try {
          for (const cell of cells) for (const direction of [1, -1] as const) {
            const [expected, found] = [whole.extreme(cell, direction).step, reduced.extreme(cell, direction)];
            ends++;
            if (Math.abs(expected) >= whole.far - 1) expect(Math.abs(found.step)).toBeGreaterThanOrEqual(reduced.far - 1);
            else expect(found.step).toBeCloseTo(expected, 6);
            if (found.step > 0) expect([...provedOpen(knowledge, new Map([[cell, found.step]]), [found.move])]).toEqual([cell]);
          }
        } finally {
          whole.dispose();
          reduced.dispose();
        }
      }
    }), SEED);
    expect(ends).toBeGreaterThan(500);
    expect(fewer).toBeLessThan(columns);
  });

  test('intervals are the same with and without the combinations that give them', async () => {
    await fc.assert(fc.asyncProperty(randomCases(SHAPES), async (c) => {
      const knowledge = knowledgeOf(c);
      const cells = c.value.flatMap((_, cell) => (c.printed[cell] === true ? [] : [cell]));
      const ends = async (combinations: boolean): Promise<unknown> => {
        const { intervals, breaches } = await audit(knowledge, { required: new Map(cells.map((cell) => [cell, 0])), combinations });
        return { intervals: intervals.map(({ cell, lower, upper }) => [cell, lower, upper]), breaches };
      };
      expect(await ends(false)).toEqual(await ends(true));
    }), SEED);
  });

  test('a cell alone in a sum is fixed, two cells share a column, and a total of unprinted cells has none of its own', async () => {
    // 6 = 0 + 1 + 2 (all unprinted), 7 = 0 + 3 (7 printed), 8 = 4 (8 printed).
    const relations = [{ total: 6, parts: Int32Array.of(0, 1, 2) }, { total: 7, parts: Int32Array.of(0, 3) }, { total: 8, parts: Int32Array.of(4) }];
    const input = { cells: [0, 1, 2, 3, 4, 6], relations, rangeOf: (cell: number) => ({ lower: cell === 3 ? -2 : cell === 6 ? -100 : -5, upper: cell === 6 ? Infinity : 9 }) };
    const { program, columns } = reduceProgram(input);
    expect([program.lower.length, program.right.length]).toEqual([3, 0]);
    expect(columns.map((own) => own.length)).toEqual([1, 1, 1, 1, 0, 3]);
    const reduced = await ReducedProgram.open(input);
    try {
      expect([3, 4].map((cell) => reduced.isFixed(cell))).toEqual([false, true]);
      expect(reduced.solve(new Map([[0, -1]]))?.get(0)).toBeCloseTo(2, 9);
      expect(reduced.solve(new Map([[0, 1]]))?.get(3)).toBeCloseTo(5, 9);
      expect(reduced.solve(new Map([[6, -1]]))?.get(6)).toBeCloseTo(20, 9);
    } finally {
      reduced.dispose();
    }
  });
});
