import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from '../src/allocate.ts';

const weights = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer({ min: 1, max: 1000 }), { minKeys: 1, maxKeys: 6, noNullPrototype: true });

test('shares add to the total wherever each share is at least one record', () => {
  fc.assert(fc.property(weights, weights, fc.integer({ min: 1, max: 1_000_000 }), (agencies, rounds, total) => {
    const shares = allocate(total, agencies, rounds);
    const sum = shares.reduce((s, x) => s + x.rows, 0);
    const sums = Object.values(agencies).reduce((a, b) => a + b, 0) * Object.values(rounds).reduce((a, b) => a + b, 0);
    const smallest = Math.min(...Object.values(agencies)) * Math.min(...Object.values(rounds));
    expect(sum).toBeGreaterThanOrEqual(total);
    if ((total * smallest) / sums >= 1) expect(sum).toBe(total);
  }), { seed: 20231106 });
});

test('no share differs from its exact part by a record or more, single records aside', () => {
  const shares = allocate(1000, { a: 2, b: 1 }, { x: 1, y: 3 });
  expect(shares).toEqual([
    { agency: 'a', round: 'x', rows: 167 }, { agency: 'a', round: 'y', rows: 500 },
    { agency: 'b', round: 'x', rows: 83 }, { agency: 'b', round: 'y', rows: 250 },
  ]);
});

test('an agency without weight makes no return', () => {
  expect(allocate(10, { a: 1, b: 0 }, { x: 1 })).toEqual([{ agency: 'a', round: 'x', rows: 10 }]);
});
