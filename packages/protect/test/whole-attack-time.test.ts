/** The attack in whole numbers uses the time that it has. The clock is the test's own, and moves when a program runs out. */
import { afterEach, expect, test, vi } from 'vitest';
import { attackWhole } from '../src/index.ts';
import type { Knowledge } from '../src/index.ts';
import { Solver } from '../src/linear-program.ts';

interface Clock {
  now: number;
  limits: number[];
  runOut: (program: number) => 'time' | 'early' | 'no';
}
const clock: Clock = { now: 0, limits: [], runOut: () => 'no' };
const open = Solver.open.bind(Solver);
afterEach(() => { vi.restoreAllMocks(); });

/** Twice the case of which every two of three counts add to a total, which is even, so that whole numbers leave it no other value. */
const RELATIONS = [0, 4].flatMap((from) => [[0, 1], [1, 2], [0, 2]].map((parts) => ({ total: from + 3, parts: Int32Array.from(parts, (part) => from + part) })));
const TWICE = (numbers: readonly number[]): number[] => [...numbers, ...numbers];
const KNOWLEDGE: Knowledge = { relations: RELATIONS, value: TWICE([1, 1, 1, 2]), printed: () => false, lower: TWICE([0, 0, 0, 1]), upper: TWICE([2, 2, 2, 3]), whole: true };
const REQUIRED = new Map([[3, 0], [7, 0]]);

const attack = (runOut: Clock['runOut']): ReturnType<typeof attackWhole> => {
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  vi.spyOn(Solver, 'open').mockImplementation(async (program, options = {}) => {
    const solver = await open(program, options);
    const limit = options.timeLimitSeconds ?? 0;
    const ends = program.integer === true ? clock.runOut(clock.limits.push(limit) - 1) : 'no';
    if (ends !== 'no') vi.spyOn(solver, 'solve').mockImplementation(() => { clock.now += ends === 'time' ? 1000 * limit : 0; return undefined; });
    return solver;
  });
  [clock.now, clock.limits, clock.runOut] = [0, [], runOut];
  return attackWhole(KNOWLEDGE, { required: REQUIRED, seconds: 8 });
};

test('what ran out is tried again, with the time that the others left', async () => {
  const { breaches, undecided } = await attack((program) => (program < 2 ? 'time' : 'no'));
  expect(breaches.map(({ cell }) => cell).sort()).toEqual([3, 7]);
  expect(undecided).toEqual([]);
  const [first, , , , again] = clock.limits;
  expect(first).toBe(2);
  expect(again).toBeGreaterThanOrEqual(first ?? NaN);
});

test('it ends when the time is over, and says what it did not find out', async () => {
  expect((await attack(() => 'time')).undecided).toEqual([3, 7]);
  expect(clock.now).toBeGreaterThanOrEqual(8000);
});

test('a program that ends early without an answer is not tried again', async () => {
  expect((await attack(() => 'early')).undecided).toEqual([3, 7]);
  expect([clock.limits.length, clock.now]).toEqual([4, 0]);
});
