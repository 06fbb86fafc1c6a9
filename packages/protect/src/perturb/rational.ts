/**
 * Exact fractions of whole numbers, for privacy budgets and for sampling: no floating point where a rounding error could
 * tell something or let a budget be overdrawn.
 * @module
 */

/** num / den with den > 0, in lowest terms. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

export const ZERO: Rational = { num: 0n, den: 1n };

/** The fraction in lowest terms. @throws RangeError unless the denominator is above 0. */
export function rational(num: bigint, den = 1n): Rational {
  if (den <= 0n) throw new RangeError('rational: expected a denominator above 0');
  const divisor = gcd(num < 0n ? -num : num, den);
  return { num: num / divisor, den: den / divisor };
}

/**
 * The fraction that a text writes: `2`, `0.25` or `1/3`. Texts, because the number 0.1 is not one tenth.
 * @throws RangeError for anything else
 */
export function parseRational(text: string): Rational {
  const fraction = /^(-?\d{1,40})\/(\d{1,40})$/.exec(text);
  if (fraction?.[1] !== undefined && fraction[2] !== undefined && BigInt(fraction[2]) > 0n) return rational(BigInt(fraction[1]), BigInt(fraction[2]));
  const decimal = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text);
  if (decimal === null) throw new RangeError('rational: expected a whole number, a decimal or a fraction such as 1/3');
  const [, sign, whole = '0', digits = ''] = decimal;
  const magnitude = BigInt(whole + digits);
  return rational(sign === '-' ? -magnitude : magnitude, 10n ** BigInt(digits.length));
}

/** `1/3`, or `2` for a whole number. */
export function formatRational({ num, den }: Rational): string {
  return den === 1n ? String(num) : `${num}/${den}`;
}

export function add(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den + b.num * a.den, a.den * b.den);
}

export function subtract(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den - b.num * a.den, a.den * b.den);
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.num * b.num, a.den * b.den);
}

/** @throws RangeError unless b is above 0 */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den, a.den * b.num);
}

/** Negative, 0 or positive as a is below, equal to or above b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The nearest double: for people to read, never to decide. */
export function toNumber({ num, den }: Rational): number {
  const [n, d] = [Number(num), Number(den)];
  if (Number.isFinite(n) && Number.isFinite(d)) return n / d;
  const shift = BigInt(Math.max(num.toString(2).length, den.toString(2).length) - 1000);
  return Number(num >> shift) / Number(den >> shift);
}

function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}
