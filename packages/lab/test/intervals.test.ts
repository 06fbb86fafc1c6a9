import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clopperPearson, wilson } from '../src/intervals.ts';
import type { Interval } from '../src/intervals.ts';
import { medianInterval } from '../src/record.ts';
import { SeededRandom } from '../src/random.ts';

const rounded = ({ low, high }: Interval, digits: number): readonly string[] => [low.toFixed(digits), high.toFixed(digits)];
const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('published intervals', () => {
  // Newcombe 1998, Table I, methods 5 (tail areas, exact) and 3 (score); docs/references.md#newcombe-1998.
  test.each([
    [81, 263, ['0.2527', '0.3676'], ['0.2553', '0.3662']],
    [15, 148, ['0.0578', '0.1617'], ['0.0624', '0.1605']],
    [0, 20, ['0.0000', '0.1684'], ['0.0000', '0.1611']],
    [1, 29, ['0.0009', '0.1776'], ['0.0061', '0.1718']],
  ])('%i of %i: exact and score interval as Newcombe printed them', (count, of, exact, score) => {
    expect(rounded(clopperPearson(count, of), 4)).toEqual(exact);
    expect(rounded(wilson(count, of), 4)).toEqual(score);
  });

  // Printed output of R: binom.test(9, 24), binom.test(1, 1497, conf.level = 0.9), prop.test(…, correct = FALSE); docs/references.md#r-stats.
  test('exact and score intervals as R prints them', () => {
    expect(rounded(clopperPearson(9, 24), 7)).toEqual(['0.1879929', '0.5940636']);
    const rare = clopperPearson(1, 1497, 0.9);
    expect([rare.low.toExponential(6), rare.high.toExponential(6)]).toEqual(['3.426347e-5', '3.164954e-3']);
    expect(rounded(wilson(56, 100), 7)).toEqual(['0.4622810', '0.6532797']);
    expect(rounded(wilson(520, 1000), 7)).toEqual(['0.4890177', '0.5508292']);
  });
});

describe('no success at all', () => {
  test('the upper limit is 1 − (tail)^(1/n), to 7 digits, up to ten million trials', () => {
    for (const of of [1, 10, 300, 44_850, 10_000_000]) {
      const { low, high } = clopperPearson(0, of);
      expect(low).toBe(0);
      expect(high / -Math.expm1(Math.log(0.025) / of)).toBeCloseTo(1, 7);
    }
  });

  test('rule of three: at a one-sided 95 % the limit is 3/n to within 1 %', () => {
    // docs/references.md#hanley-1983
    for (const of of [300, 10_000, 1_000_000]) expect(Math.abs((clopperPearson(0, of, 0.9).high * of) / 3 - 1)).toBeLessThan(0.01);
  });
});

describe('properties', () => {
  const counts = fc.integer({ min: 1, max: 5000 }).chain((of) => fc.tuple(fc.integer({ min: 0, max: of }), fc.constant(of)));

  test('both intervals hold the share, lie in [0, 1] and mirror when successes and failures change places', () => {
    fc.assert(fc.property(counts, ([count, of]) => {
      for (const interval of [clopperPearson, wilson]) {
        const { low, high } = interval(count, of);
        const mirrored = interval(of - count, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(count / of);
        expect(high).toBeGreaterThanOrEqual(count / of);
        expect(1 - mirrored.high).toBeCloseTo(low, 10);
      }
    }), { seed: 5101, numRuns: 200 });
  });

  test('the exact interval covers every share at least 95 % of the time (n = 25, summed over all outcomes)', () => {
    const n = 25;
    const intervals = Array.from({ length: n + 1 }, (_, k) => clopperPearson(k, n));
    for (let share = 0.01; share < 1; share += 0.01) {
      let chance = (1 - share) ** n;
      let covered = 0;
      for (const [k, { low, high }] of intervals.entries()) {
        if (low <= share && share <= high) covered += chance;
        chance *= ((n - k) / (k + 1)) * (share / (1 - share));
      }
      expect(covered).toBeGreaterThanOrEqual(0.95 - 1e-12);
    }
  });

  test.each([[-1, 10, 0.95], [11, 10, 0.95], [1, 0, 0.95], [0.5, 10, 0.95], [1, 10, 1], [1, 10, Number.NaN]])('%s of %s at level %s is refused', (count, of, level) => {
    expect(codeOf(() => clopperPearson(count, of, level))).toBe('LAB_INTERVAL');
    expect(codeOf(() => wilson(count, of, level))).toBe('LAB_INTERVAL');
  });
});

describe('medians', () => {
  // Ranks by the exact binomial distribution with one half, worked out by hand.
  test.each([[6, 1, 6], [9, 2, 8], [10, 2, 9], [20, 6, 15], [41, 14, 28]])('of %i values the interval runs from the %i. to the %i.', (n, low, high) => {
    expect(medianInterval(Array.from({ length: n }, (_, i) => i + 1))).toEqual({ p50: (n + 1) / 2, low, high });
  });

  test('fewer than six values have no interval, and none is made up', () => {
    for (const n of [1, 2, 5]) expect(Object.keys(medianInterval(Array.from({ length: n }, (_, i) => i)))).toEqual(['p50']);
  });

  test('the true median lies within in at least 95 % of draws', () => {
    const random = SeededRandom.of(20261122, 'median');
    for (const n of [9, 21, 41]) {
      let held = 0;
      for (let draw = 0; draw < 4000; draw += 1) {
        const { low = NaN, high = NaN } = medianInterval(Array.from({ length: n }, () => random.uniform()));
        if (low <= 0.5 && high >= 0.5) held += 1;
      }
      expect(held / 4000).toBeGreaterThan(0.94);
    }
  });
});
