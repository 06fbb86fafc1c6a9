import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bernoulli, bernoulliExp, discreteGaussian, discreteLaplace, floorSqrt } from '../../src/perturb/discrete-noise.ts';
import { keyedBits, uniformBelow } from '../../src/perturb/keyed-bits.ts';
import type { BitSource } from '../../src/perturb/keyed-bits.ts';
import { parseRational } from '../../src/perturb/rational.ts';
import { KEY } from '../tables.ts';
import { chiSquare, critical, tally } from './chi-square.ts';

const SEED = { seed: 20231106 };

/** Bits from a list of draws; refuses to give more. */
function scripted(draws: readonly bigint[]): BitSource {
  const left = [...draws];
  return {
    next(bits) {
      const draw = left.shift();
      if (draw === undefined || draw >= 1n << BigInt(bits)) throw new Error('the script has no such draw');
      return draw;
    },
  };
}

describe('bits', () => {
  test('the same secret and label give the same stream, however it is cut', () => {
    const [whole, cut] = [keyedBits(KEY, 'a').next(600), keyedBits(KEY, 'a')];
    expect((((cut.next(1) << 300n) | cut.next(300)) << 299n) | cut.next(299)).toBe(whole);
    expect(keyedBits(KEY, 'b').next(64)).not.toBe(keyedBits(KEY, 'a').next(64));
    expect(() => keyedBits(new Uint8Array(3), 'a')).toThrow('at least 16 bytes');
  });

  test('bytes of a stream are uniform', () => {
    const bits = keyedBits(KEY, 'uniform');
    const counts = tally(Array.from({ length: 256 }, (_, i) => i), Array.from({ length: 20_000 }, () => Number(bits.next(8))));
    expect(chiSquare(counts, counts.map(() => 1 / 256))).toBeLessThan(critical(255));
  });

  test('below 5, each of 0 to 4 comes from exactly one of the eight draws of three bits, and the others are drawn again', () => {
    const firsts = Array.from({ length: 8 }, (_, d) => uniformBelow(scripted([BigInt(d), 0n]), 5n));
    expect(firsts).toEqual([0n, 1n, 2n, 3n, 4n, 0n, 0n, 0n]);
    expect(uniformBelow(scripted([]), 1n)).toBe(0n);
    expect(() => uniformBelow(scripted([]), 0n)).toThrow('above 0');
  });
});

describe('Bernoulli draws', () => {
  test('num / den is exact: of the equally likely draws below den, num are true', () => {
    for (const [num, den] of [[0n, 7n], [3n, 7n], [7n, 7n]] as const) {
      const hits = Array.from({ length: 7 }, (_, d) => bernoulli(scripted([BigInt(d)]), { num, den })).filter(Boolean);
      expect(BigInt(hits.length)).toBe(num);
    }
    expect(() => bernoulli(scripted([]), { num: 8n, den: 7n })).toThrow('from 0 to 1');
  });

  // P(K = k) = gamma^(k-1)/(k-1)! · (1 - gamma/k): an odd K has probability exp(-gamma).
  test('exp(-gamma) counts the draws of gamma / k until one fails: odd is true', () => {
    expect(bernoulliExp(scripted([1n]), { num: 1n, den: 2n })).toBe(true);
    expect(bernoulliExp(scripted([0n, 3n]), { num: 1n, den: 2n })).toBe(false);
    expect(bernoulliExp(scripted([0n, 0n, 5n]), { num: 1n, den: 2n })).toBe(true);
    expect(bernoulliExp(scripted([]), { num: 0n, den: 1n })).toBe(true);
  });

  test.each(['1/3', '1', '1.7', '3.5'])('exp(-%s) over 20,000 draws', (text) => {
    const gamma = parseRational(text);
    const bits = keyedBits(KEY, `exp ${text}`);
    const p = Math.exp(-Number(gamma.num) / Number(gamma.den));
    const observed = tally([1, 0], Array.from({ length: 20_000 }, () => Number(bernoulliExp(bits, gamma))));
    expect(chiSquare(observed, [p, 1 - p])).toBeLessThan(critical(1));
  });
});

/** Shares of -reach … reach under weights, with all that lies beyond counted to the last. */
function sharesOf(reach: number, weight: (y: number) => number): { values: number[]; shares: number[] } {
  const values = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const total = Array.from({ length: 2001 }, (_, i) => weight(i - 1000)).reduce((a, b) => a + b, 0);
  const shares = values.map((y) => weight(y) / total);
  shares[2 * reach] = 1 - shares.slice(0, -1).reduce((a, b) => a + b, 0);
  return { values, shares };
}

describe('noise', () => {
  test.each([['2', 7], ['5/3', 6], ['1/2', 2]] as const)('discrete Laplace of scale %s has P(y) in proportion to exp(-|y| / scale)', (text, reach) => {
    const scale = parseRational(text);
    const { values, shares } = sharesOf(reach, (y) => Math.exp((-Math.abs(y) * Number(scale.den)) / Number(scale.num)));
    const bits = keyedBits(KEY, `laplace ${text}`);
    const observed = tally(values, Array.from({ length: 20_000 }, () => Number(discreteLaplace(bits, scale))));
    expect(chiSquare(observed, shares)).toBeLessThan(critical(2 * reach));
  });

  test.each([['4', 5], ['9/4', 4], ['1/3', 1], ['50', 16]] as const)('discrete Gaussian of variance %s has P(y) in proportion to exp(-y² / (2 variance))', (text, reach) => {
    const variance = parseRational(text);
    const { values, shares } = sharesOf(reach, (y) => Math.exp((-y * y * Number(variance.den)) / (2 * Number(variance.num))));
    const bits = keyedBits(KEY, `gauss ${text}`);
    const observed = tally(values, Array.from({ length: 15_000 }, () => Number(discreteGaussian(bits, variance))));
    expect(chiSquare(observed, shares)).toBeLessThan(critical(2 * reach));
  });

  test('parameters beyond the doubles are held exactly', () => {
    const big = 10n ** 40n;
    const y = discreteLaplace(keyedBits(KEY, 'big'), { num: big * 10n ** 30n, den: big + 1n });
    expect(y === 0n).toBe(false);
    expect(discreteGaussian(keyedBits(KEY, 'big'), { num: big * big, den: big + 1n }) === 0n).toBe(false);
    // A variance of all but nothing leaves nothing but 0.
    for (let i = 0; i < 50; i++) expect(discreteGaussian(keyedBits(KEY, `tiny ${i}`), { num: 1n, den: big })).toBe(0n);
  });

  test('a scale and a variance of 0 are refused', () => {
    expect(() => discreteLaplace(scripted([]), { num: 0n, den: 1n })).toThrow('scale above 0');
    expect(() => discreteGaussian(scripted([]), { num: 0n, den: 1n })).toThrow('variance above 0');
  });
});

test('the whole root of n is the largest whose square is not above n', () => {
  for (let n = 0n; n < 200n; n++) expect([floorSqrt(n) ** 2n <= n, (floorSqrt(n) + 1n) ** 2n > n]).toEqual([true, true]);
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), (n) => { expect(floorSqrt(n) ** 2n <= n && (floorSqrt(n) + 1n) ** 2n > n).toBe(true); }), SEED);
});
