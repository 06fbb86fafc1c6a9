/**
 * Exact samples of the discrete Laplace and the discrete Gaussian distribution, in whole numbers throughout, so that no
 * rounding of a floating-point number tells what the noise hides.
 * Source: docs/references.md#canonne-kamath-steinke (algorithms 1 to 3).
 * Leaves out: equal running time for all outcomes; answer queries where nobody can time them.
 * @module
 */
import { uniformBelow } from './keyed-bits.ts';
import type { BitSource } from './keyed-bits.ts';
import type { Rational } from './rational.ts';

/** True with probability num / den. @throws RangeError unless it is from 0 to 1. */
export function bernoulli(bits: BitSource, { num, den }: Rational): boolean {
  if (num < 0n || num > den) throw new RangeError('bernoulli: expected a probability from 0 to 1');
  return uniformBelow(bits, den) < num;
}

/** True with probability exp(-gamma), for any gamma from 0 (algorithm 1). */
export function bernoulliExp(bits: BitSource, gamma: Rational): boolean {
  if (gamma.num < 0n) throw new RangeError('bernoulliExp: expected a number from 0');
  let { num } = gamma;
  // exp(-gamma) is exp(-1) once for each whole part, times exp(-rest).
  for (; num > gamma.den; num -= gamma.den) if (!bernoulliExpUnit(bits, 1n, 1n)) return false;
  return bernoulliExpUnit(bits, num, gamma.den);
}

/**
 * A whole number y with probability proportional to exp(-|y| / scale) (algorithm 2). Mean 0.
 * @param scale - t / s above 0, exact
 */
export function discreteLaplace(bits: BitSource, scale: Rational): bigint {
  if (scale.num <= 0n) throw new RangeError('discreteLaplace: expected a scale above 0');
  const { num: t, den: s } = scale;
  for (;;) {
    const u = uniformBelow(bits, t);
    if (!bernoulliExpUnit(bits, u, t)) continue;
    let v = 0n;
    while (bernoulliExpUnit(bits, 1n, 1n)) v += 1n;
    const y = (u + t * v) / s;
    const negative = uniformBelow(bits, 2n) === 1n;
    // Zero has two signs: one of them is drawn again, or it would come twice as often.
    if (negative && y === 0n) continue;
    return negative ? -y : y;
  }
}

/**
 * A whole number y with probability proportional to exp(-y² / (2 variance)) (algorithm 3). Mean 0; its variance is at most,
 * and for a variance of 1 or more all but equal to, the parameter.
 * @param variance - sigma² above 0, exact
 */
export function discreteGaussian(bits: BitSource, variance: Rational): bigint {
  if (variance.num <= 0n) throw new RangeError('discreteGaussian: expected a variance above 0');
  const { num, den } = variance;
  const t = floorSqrt(num / den) + 1n;
  for (;;) {
    const y = discreteLaplace(bits, { num: t, den: 1n });
    // gamma = (|y| - variance / t)² / (2 variance), over one denominator.
    const root = (y < 0n ? -y : y) * t * den - num;
    if (bernoulliExp(bits, { num: root * root, den: 2n * num * den * t * t })) return y;
  }
}

/** Algorithm 1 for gamma = num / den from 0 to 1: the first k at which a draw of gamma / k fails is odd. */
function bernoulliExpUnit(bits: BitSource, num: bigint, den: bigint): boolean {
  let k = 1n;
  while (uniformBelow(bits, den * k) < num) k += 1n;
  return k % 2n === 1n;
}

/** The largest whole number whose square is not above n. */
export function floorSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
