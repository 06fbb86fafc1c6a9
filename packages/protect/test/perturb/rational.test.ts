import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, compare, divide, formatRational, multiply, parseRational, rational, subtract, toNumber } from '../../src/perturb/rational.ts';

const SEED = { seed: 20231106 };
const fraction = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 20n })).map(([num, den]) => rational(num, den));

test.each([['2', '2'], ['0.25', '1/4'], ['1/3', '1/3'], ['4/6', '2/3'], ['-0.5', '-1/2'], ['0', '0'], ['007.10', '71/10']])('%s is %s', (text, want) => {
  expect(formatRational(parseRational(text))).toBe(want);
});

test('ten tenths are one, which no sum of doubles is', () => {
  let sum = rational(0n);
  for (let i = 0; i < 10; i++) sum = add(sum, parseRational('0.1'));
  expect(formatRational(sum)).toBe('1');
});

test('what is no fraction is refused', () => {
  for (const bad of ['', '1/0', '.5', '1.', '1e3', 'Infinity', '1/2/3', ' 1', '0x10', '9'.repeat(41)]) expect(() => parseRational(bad)).toThrow(RangeError);
  expect(() => rational(1n, 0n)).toThrow('denominator above 0');
});

test('arithmetic obeys the laws of fractions, and writing is undone by reading', () => {
  fc.assert(fc.property(fraction, fraction, (a, b) => {
    expect(subtract(add(a, b), b)).toEqual(a);
    if (b.num > 0n) expect(divide(multiply(a, b), b)).toEqual(a);
    expect(compare(a, b)).toBe(-compare(b, a) + 0);
    expect(parseRational(formatRational(a))).toEqual(a);
    expect(Math.abs(toNumber(a) - Number(a.num) / Number(a.den))).toBeLessThanOrEqual(Math.abs(toNumber(a)) * 1e-15);
  }), SEED);
});

test('fractions of numbers beyond the doubles can still be read', () => {
  expect(toNumber(rational(10n ** 400n, 2n * 10n ** 400n + 1n))).toBeCloseTo(0.5, 12);
});
