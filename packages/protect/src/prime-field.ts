/**
 * Arithmetic modulo a prime below 2^26, so that a product is exact in a double.
 * @module
 */

/** The largest prime below 2^26. */
export const PRIME = 67_108_859;

export function times(a: number, b: number): number {
  return (a * b) % PRIME;
}

export function minus(a: number, b: number): number {
  return a >= b ? a - b : a - b + PRIME;
}

/** The inverse of a number that is not 0, by Euclid's algorithm. */
export function inverse(a: number): number {
  let [r, next, s, t] = [PRIME, a, 0, 1];
  while (next !== 0) {
    const quotient = Math.floor(r / next);
    [r, next] = [next, r - quotient * next];
    [s, t] = [t, s - quotient * t];
  }
  return s < 0 ? s + PRIME : s;
}
