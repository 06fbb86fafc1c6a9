/** Narrower bounds and the attack in whole numbers, against enumeration and against programs without help. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attackWhole, audit } from '../src/index.ts';
import type { Knowledge } from '../src/index.ts';
import { tightened } from '../src/tighten.ts';
import { eachTable } from './gate/enumerate.ts';
import type { GateCase } from './gate/gate-case.ts';
import { randomCases } from './gate/small-tables.ts';

const SEED = { seed: 20231106, numRuns: 150 };
const SHAPES = [[2, 3], [3, 3], [2, 2, 2]] as const;

const knowledgeOf = (c: GateCase): Knowledge => ({
  relations: c.relations.map(({ total, parts }) => ({ total, parts: Int32Array.from(parts) })), value: c.value, printed: (cell) => c.printed[cell] === true,
  lower: c.value.map((_, cell) => c.lower[cell] ?? 0), upper: c.value.map((_, cell) => c.upper[cell] ?? Infinity), whole: true,
});

/** Least and greatest value of each unprinted cell over all tables of whole numbers. */
function enumerated(c: GateCase): Map<number, [number, number]> {
  const ends = new Map<number, [number, number]>();
  eachTable(c, (table) => {
    for (const [cell, printed] of c.printed.entries()) {
      if (printed) continue;
      const v = table[cell] ?? NaN;
      const [lo, hi] = ends.get(cell) ?? [v, v];
      ends.set(cell, [Math.min(lo, v), Math.max(hi, v)]);
    }
  });
  return ends;
}

test('in whole numbers exactly those cells are broken that no other table of whole numbers shows', async () => {
  let broken = 0;
  await fc.assert(fc.asyncProperty(randomCases(SHAPES), async (c) => {
    const ends = enumerated(c);
    const required = new Map([...ends.keys()].map((cell) => [cell, 0]));
    const found = await attackWhole(knowledgeOf(c), { required, seconds: 60 });
    const known = [...ends].filter(([, [lo, hi]]) => lo === hi).map(([cell]) => cell);
    broken += known.length;
    expect(found.undecided).toEqual([]);
    expect(found.breaches.map(({ cell }) => cell).sort((a, b) => a - b)).toEqual(known.sort((a, b) => a - b));
  }), SEED);
  expect(broken).toBeGreaterThan(50);
});

test('a cell that must reach further is too narrow exactly when no table of whole numbers gets there', async () => {
  await fc.assert(fc.asyncProperty(randomCases(SHAPES), fc.integer({ min: 1, max: 3 }), async (c, need) => {
    const ends = enumerated(c);
    const found = await attackWhole(knowledgeOf(c), { required: new Map([...ends.keys()].map((cell) => [cell, need])), seconds: 60 });
    expect(found.breaches.map(({ cell }) => cell).sort((a, b) => a - b)).toEqual([...ends].filter(([cell, [, hi]]) => hi < (c.value[cell] ?? 0) + need).map(([cell]) => cell).sort((a, b) => a - b));
  }), { ...SEED, numRuns: 60 });
});

test('a count that fractions leave open and whole numbers do not: every two of three counts add to it, so it is even', async () => {
  const relations = [[0, 1], [1, 2], [0, 2]].map((parts) => ({ total: 3, parts: Int32Array.from(parts) }));
  const knowledge: Knowledge = { relations, value: [1, 1, 1, 2], printed: () => false, lower: [0, 0, 0, 1], upper: [2, 2, 2, 3], whole: true };
  const required = new Map([[3, 0]]);
  expect((await audit(knowledge, { required })).breaches).toEqual([]);
  expect((await attackWhole(knowledge, { required, seconds: 10 })).breaches).toEqual([{ cell: 3, why: 'exact' }]);
  expect((await attackWhole({ ...knowledge, upper: [2, 2, 2, 4] }, { required, seconds: 10 })).breaches).toEqual([]);
});

test('bounds by single sums never cut off what a program reaches, and change no interval', async () => {
  let narrower = 0;
  await fc.assert(fc.asyncProperty(randomCases(SHAPES), async (c) => {
    const k = knowledgeOf(c);
    const known = { lower: Float64Array.from(k.lower), upper: Float64Array.from(k.upper) };
    for (const [cell, printed] of c.printed.entries()) if (printed) known.lower[cell] = known.upper[cell] = c.value[cell] ?? 0;
    const bounds = tightened(k.relations, k.value, known);
    const cells = [...c.printed.keys()].filter((cell) => c.printed[cell] !== true);
    const plain = await audit(k, { required: new Map(), cells, combinations: true });
    const helped = await audit(k, { required: new Map(), cells });
    const ends = ({ intervals }: typeof plain): unknown => intervals.map(({ cell, lower, upper }) => [cell, lower, upper]);
    expect(ends(helped)).toEqual(ends(plain));
    expect(helped.programs).toBeLessThanOrEqual(plain.programs);
    for (const { cell, lower, upper } of plain.intervals) {
      expect(bounds.lower[cell]).toBeLessThanOrEqual(lower);
      expect(bounds.upper[cell]).toBeGreaterThanOrEqual(upper);
      if ((bounds.upper[cell] ?? 0) < (known.upper[cell] ?? 0)) narrower += 1;
    }
  }), SEED);
  expect(narrower).toBeGreaterThan(100);
});
