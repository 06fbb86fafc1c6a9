/**
 * Pearson's chi-square statistic and its critical values (Wilson and Hilferty 1931), for shares over many keys.
 * @module
 */

/** Sum of (observed - expected)² / expected. Shares must sum to 1. */
export function chiSquare(observed: readonly number[], shares: readonly number[]): number {
  const total = observed.reduce((a, b) => a + b, 0);
  return observed.reduce((sum, n, i) => sum + (n - total * (shares[i] ?? 0)) ** 2 / (total * (shares[i] ?? 0)), 0);
}

/** The value that a chi-square of so many degrees of freedom exceeds once in 10,000 times. */
export function critical(degrees: number): number {
  return degrees * (1 - 2 / (9 * degrees) + 3.719 * Math.sqrt(2 / (9 * degrees))) ** 3;
}

/** Draws counted by value, in the order of the values; what is no value of the list is counted with the last one. */
export function tally(values: readonly number[], draws: Iterable<number>): number[] {
  const at = new Map(values.map((v, i) => [v, i]));
  const counts = values.map(() => 0);
  for (const draw of draws) {
    const i = at.get(draw) ?? values.length - 1;
    counts[i] = (counts[i] ?? 0) + 1;
  }
  return counts;
}
