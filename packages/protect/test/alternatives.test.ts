/** Alternative tables as proof: what holds proves, and nothing else does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suppressTable } from '../src/index.ts';
import type { Knowledge } from '../src/index.ts';
import { provedOpen } from '../src/alternatives.ts';
import type { Move } from '../src/boxes.ts';
import { eachTable } from './gate/enumerate.ts';
import type { GateCase } from './gate/gate-case.ts';
import { randomCases } from './gate/small-tables.ts';

const SEED = { seed: 20231106, numRuns: 150 };

const keptOf = (c: GateCase): Knowledge => ({
  relations: c.relations.map(({ total, parts }) => ({ total, parts: Int32Array.from(parts) })), value: c.value, printed: (cell) => c.printed[cell] === true,
  lower: c.value.map((_, cell) => c.lower[cell] ?? 0), upper: c.value.map((_, cell) => c.upper[cell] ?? Infinity), whole: true,
});
const moveTo = (c: GateCase, table: readonly number[]): Move => {
  const changed = c.value.flatMap((v, cell) => (table[cell] === v ? [] : [cell]));
  return { cells: Int32Array.from(changed), steps: Float64Array.from(changed, (cell) => (table[cell] ?? 0) - (c.value[cell] ?? 0)) };
};
const anyCell = (c: GateCase): Map<number, number> => new Map(c.value.keys().map((cell) => [cell, 0]));

describe('alternatives', () => {
  test('all tables that a reader cannot rule out prove exactly the cells that they change', () => {
    let cells = 0;
    fc.assert(fc.property(randomCases([[2, 3], [3, 3]]), (c) => {
      const moves: Move[] = [];
      const changed = new Set<number>();
      eachTable(c, (table) => {
        const move = moveTo(c, table);
        moves.push(move);
        for (const cell of move.cells) changed.add(cell);
      });
      cells += changed.size;
      expect([...provedOpen(keptOf(c), anyCell(c), moves)].sort((a, b) => a - b)).toEqual([...changed].sort((a, b) => a - b));
    }), SEED);
    expect(cells).toBeGreaterThan(200);
  });

  test('a table with one cell off, or with a printed cell changed, proves nothing', () => {
    let tried = 0;
    fc.assert(fc.property(randomCases([[2, 3], [3, 3]]), fc.nat(), fc.constantFrom(-1, 1, 0.01), (c, which, off) => {
      const tables: number[][] = [];
      eachTable(c, (table) => tables.push([...table]));
      const table = tables[which % tables.length];
      if (table === undefined) return;
      const at = which % table.length;
      table[at] = (table[at] ?? 0) + off;
      tried += 1;
      // Every cell of a crossing stands in a sum, so a change of one alone breaks one.
      expect(provedOpen(keptOf(c), anyCell(c), [moveTo(c, table)]).size).toBe(0);
    }), SEED);
    expect(tried).toBeGreaterThan(100);
  });

  test('a table beyond what is known of a cell, or one that does not go far enough, proves nothing', () => {
    const kept: Knowledge = { relations: [{ total: 2, parts: Int32Array.of(0, 1) }], value: [1, 5, 6], printed: (cell) => cell === 2, lower: [1, 1, 0], upper: [9, 9, 9], whole: true };
    const by = (step: number): Move => ({ cells: Int32Array.of(0, 1), steps: Float64Array.of(step, -step) });
    expect([...provedOpen(kept, new Map([[0, 0]]), [by(1)])]).toEqual([0]);
    expect(provedOpen(kept, new Map([[0, 0]]), [by(-1)]).size).toBe(0);
    expect(provedOpen(kept, new Map([[0, 0]]), [by(0.5)]).size).toBe(0);
    expect(provedOpen(kept, new Map([[0, 3]]), [by(2)]).size).toBe(0);
    expect([...provedOpen(kept, new Map([[0, 3]]), [by(3)])]).toEqual([0]);
    expect(provedOpen(kept, new Map([[0, 5]]), [by(5)]).size).toBe(0);
  });

  test.each(['optimisation', 'combined'] as const)('%s: what was found on the way proves the pattern, and the pattern is the one with intervals', async (method) => {
    const size = 6;
    const at = (r: number, k: number): number => r * (size + 1) + k;
    const freq = Array.from({ length: (size + 1) ** 2 }, () => 0);
    for (let r = 0; r < size; r++) for (let k = 0; k < size; k++) for (const [R, K] of [[r, k], [r, size], [size, k], [size, size]] as const) freq[at(R, K)] = (freq[at(R, K)] ?? 0) + ((r * 7 + k * 5) % 11) + 1;
    const codes = Array.from({ length: size }, (_, i) => i);
    const relations = [...codes, size].flatMap((i) => [{ total: at(i, size), parts: Int32Array.from(codes, (k) => at(i, k)) }, { total: at(size, i), parts: Int32Array.from(codes, (r) => at(r, i)) }]);
    const system = { size: freq.length, freq: Float64Array.from(freq), relations, nameOf: String };
    const options = { rules: { minFrequency: { threshold: 3, zeros: 'published' as const } }, method };
    const [whole, short] = [await suppressTable(system, options), await suppressTable(system, { ...options, intervals: false })];
    expect([...short.secondary.keys()]).toEqual([...whole.secondary.keys()]);
    expect(whole.intervals).toHaveLength(whole.primary.size);
    expect([short.intervals, short.programs]).toEqual([[], 0]);
    expect(whole.programs).toBeGreaterThan(0);
  });
});
