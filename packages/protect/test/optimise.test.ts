/** Suppression by linear programs, over one table and over linked ones, before the gate; and what a certificate's combinations say. */
import fc from 'fast-check';
import { Refusal } from '@weighbridge/base';
import { describe, expect, test } from 'vitest';
import { auditSuppression, linkSystems, makeCellTable, makeHierarchy, primaryCells, suppressByProgram, suppressTable } from '../src/index.ts';
import type { CellSystem, CellTable, PrimaryCell, SuppressTableOptions } from '../src/index.ts';
import { gate } from './gate/gate.ts';
import type { GateCase } from './gate/gate-case.ts';
import { protectedBy } from './gate/minimality.ts';

const SEED = { seed: 20231106, numRuns: 40 };
const RULES = { minFrequency: { threshold: 3, zeros: 'published' as const } };

/** A crossing of dimensions, each with its total. */
function crossed(names: readonly string[], shape: readonly number[], counts: readonly number[]): CellTable {
  const hierarchies = names.map((name, d) => makeHierarchy({ name, sums: [{ total: 'Total', parts: Array.from({ length: shape[d] ?? 0 }, (_, i) => `${name}${i}`) }] }));
  let keys: string[][] = [[]];
  for (const { codes } of hierarchies) keys = keys.flatMap((key) => codes.map((code) => [...key, code]));
  const finest = new Map<string, number>();
  for (const key of keys.filter((k) => !k.includes('Total'))) finest.set(key.join(), counts[finest.size] ?? 0);
  const freq = keys.map((key) => [...finest].filter(([leaf]) => leaf.split(',').every((code, d) => key[d] === 'Total' || key[d] === code)).reduce((sum, [, n]) => sum + n, 0));
  return makeCellTable(hierarchies, Int32Array.from(keys.flatMap((key) => key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1))), Float64Array.from(freq));
}

const caseOf = (system: CellSystem, unprinted: ReadonlySet<number>, primary: readonly number[]): GateCase => ({
  size: system.size, relations: system.relations.map(({ total, parts }) => ({ total, parts: [...parts] })), value: [...system.freq],
  printed: Array.from({ length: system.size }, (_, cell) => !unprinted.has(cell)), primary: [...primary],
  lower: Array.from({ length: system.size }, () => 1), upper: Array.from({ length: system.size }, () => null), integer: true,
  labels: Array.from({ length: system.size }, (_, cell) => system.nameOf(cell)),
});

async function patternOrRefused(system: CellSystem, options: SuppressTableOptions): Promise<Set<number> | undefined> {
  try {
    const { primary, secondary } = await suppressTable(system, options);
    return new Set([...primary.keys(), ...secondary.keys()]);
  } catch (error) {
    if (error instanceof Refusal && error.issues.every((i) => i.code === 'CANNOT_PROTECT')) return undefined;
    throw error;
  }
}

const tables = fc.constantFrom<number[][]>([4, 4], [3, 5], [3, 3, 3]).chain((shape) => {
  const finest = shape.reduce((product, size) => product * size, 1);
  return fc.array(fc.nat(6), { minLength: finest, maxLength: finest }).map((counts) => crossed(['a', 'b', 'c'].slice(0, shape.length), shape, counts));
});

describe('suppression by linear programs', () => {
  test('every small table that comes out passes the gate, in fractions and in whole numbers', async () => {
    let made = 0;
    await fc.assert(fc.asyncProperty(tables, async (table) => {
      const unprinted = await patternOrRefused(table, { rules: RULES, method: 'optimisation' });
      if (unprinted === undefined) return;
      made++;
      expect(await gate(caseOf(table, unprinted, [...primaryCells(table, RULES).keys()]))).toEqual([]);
    }), SEED);
    expect(made).toBeGreaterThan(20);
  });

  test('hardly a withheld count of small tables could be printed: each has an unsafe one that needs it', async () => {
    let [withheld, needless] = [0, 0];
    await fc.assert(fc.asyncProperty(tables, async (table) => {
      const primary = primaryCells(table, RULES);
      const { secondary, unproved } = await suppressByProgram(table, { primary, zerosPrinted: true, whole: true });
      if (unproved.length > 0) return;
      const by = await protectedBy(caseOf(table, new Set([...primary.keys(), ...secondary.keys()]), [...primary.keys()]), { width: 1 });
      withheld += by.size;
      needless += [...by.values()].filter((unsafe) => unsafe === null).length;
    }), SEED);
    expect(withheld).toBeGreaterThan(100);
    expect(needless / withheld).toBeLessThan(0.02);
  });

  test('what the search starts from stays withheld, needed or not', async () => {
    await fc.assert(fc.asyncProperty(tables, fc.array(fc.nat(15), { maxLength: 4 }), async (table, some) => {
      const primary = primaryCells(table, RULES);
      const start = [...new Set(some)].filter((cell) => !primary.has(cell) && (table.freq[cell] ?? 0) > 0);
      const { secondary } = await suppressByProgram(table, { primary, zerosPrinted: true, whole: true, start });
      expect(start.filter((cell) => !secondary.has(cell))).toEqual([]);
    }), SEED);
  });

  test('linked tables: a cell that both show is withheld in both, and both together pass the gate', async () => {
    let made = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(6), { minLength: 27, maxLength: 27 }), async (counts) => {
      const cube = crossed(['a', 'b', 'c'], [3, 3, 3], counts);
      const side = (keep: readonly number[], names: readonly string[]): CellTable => crossed(names, [3, 3], Array.from({ length: 9 }, (_, i) => {
        const at = [Math.floor(i / 3), i % 3];
        const key = [0, 1, 2].map((d) => (keep.includes(d) ? `${'abc'[d] ?? ''}${at[keep.indexOf(d)] ?? 0}` : 'Total'));
        return cube.freq[cube.find(key.map((code, d) => cube.hierarchies[d]?.index.get(code) ?? -1))] ?? 0;
      }));
      const parts = [side([0, 1], ['a', 'b']), side([1, 2], ['b', 'c'])];
      const { system, numberOf } = linkSystems(parts.map((table) => ({ system: table, identityOf: (cell) => table.nameOf(cell).split(' | ').filter((code) => code !== 'Total').join() })));
      expect(system.size).toBe(16 + 16 - 4);
      const unprinted = await patternOrRefused(system, { rules: RULES });
      if (unprinted === undefined) return;
      made++;
      const primary = parts.flatMap((table, p) => [...primaryCells(table, RULES).keys()].map((cell) => numberOf(p, cell)));
      expect(await gate(caseOf(system, unprinted, [...new Set(primary)]))).toEqual([]);
    }), SEED);
    expect(made).toBeGreaterThan(20);
  });

  test('tables that give one cell two numbers are not linked', () => {
    const one = crossed(['a', 'b'], [2, 2], [1, 2, 3, 4]);
    const other = crossed(['a', 'b'], [2, 2], [1, 2, 3, 5]);
    const part = (system: CellTable): Parameters<typeof linkSystems>[0][number] => ({ system, identityOf: (cell) => system.nameOf(cell) });
    expect(() => linkSystems([part(one), part(other)])).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ code: 'LINKED_DIFFER' })] }));
  });

  test('a search that is given no time returns a safe pattern all the same', async () => {
    await fc.assert(fc.asyncProperty(tables, async (table) => {
      const unprinted = await patternOrRefused(table, { rules: RULES, method: 'combined', seconds: 0 });
      if (unprinted !== undefined) expect(await gate(caseOf(table, unprinted, [...primaryCells(table, RULES).keys()]))).toEqual([]);
    }), { ...SEED, numRuns: 20 });
  });
});

describe('the certificate’s combinations', () => {
  test('each is an identity of the true table, and gives its end from printed values and known bounds alone', async () => {
    let ends = 0;
    await fc.assert(fc.asyncProperty(tables, async (table) => {
      const primary: Map<number, PrimaryCell> = primaryCells(table, RULES);
      const options = { primary, zerosPrinted: true, whole: true };
      const made = await suppressByProgram(table, options);
      const { intervals } = await auditSuppression(table, options, made, { combinations: true });
      const printed = (cell: number): boolean => !primary.has(cell) && !made.secondary.has(cell);
      for (const { cell, lower, upper, lowerFrom, upperFrom } of intervals) {
        for (const [from, end, round] of [[lowerFrom, lower, Math.ceil], [upperFrom, upper, Math.floor]] as const) {
          if (from === undefined) continue;
          ends++;
          expect(from.printed.every((term) => printed(term.cell))).toBe(true);
          const sum = (of: (cell: number) => number): number => [...from.printed, ...from.bounds].reduce((total, term) => total + term.times * of(term.cell), 0);
          expect(sum((at) => table.freq[at] ?? 0)).toBeCloseTo(table.freq[cell] ?? 0, 6);
          // Every unprinted cell is at least 1, and nothing more is known: terms that count from below lift a lower end, and take from an upper one.
          if (from !== lowerFrom || !from.bounds.some((term) => term.cell === cell && term.times === 1)) expect(from.bounds.every((term) => (from === lowerFrom ? term.times > 0 : term.times < 0))).toBe(true);
          expect(round(Number(sum((at) => (printed(at) ? table.freq[at] ?? 0 : 1)).toFixed(6)))).toBe(end);
        }
      }
    }), { ...SEED, numRuns: 25 });
    expect(ends).toBeGreaterThan(200);
  });
});
