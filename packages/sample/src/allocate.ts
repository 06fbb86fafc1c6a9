/**
 * How many records each agency and round get: largest remainders, so that they add to the total.
 * @module
 */

/** A file to be written. */
export interface Share {
  readonly agency: string;
  readonly round: string;
  readonly rows: number;
}

/**
 * Splits `total` over agencies × rounds in proportion to the weights, at least one record each where both weights are
 * positive. Agencies and rounds stand in the order of the weights. Ties of remainders go to the earlier share.
 */
export function allocate(total: number, agencies: Readonly<Record<string, number>>, rounds: Readonly<Record<string, number>>): Share[] {
  const pairs = Object.entries(agencies).flatMap(([agency, a]) => Object.entries(rounds).map(([round, r]) => ({ agency, round, weight: a * r })))
    .filter((p) => p.weight > 0);
  const sum = pairs.reduce((s, p) => s + p.weight, 0);
  const exact = pairs.map((p) => (total * p.weight) / sum);
  const rows = exact.map(Math.floor);
  const left = total - rows.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((x, i) => ({ i, remainder: x - Math.floor(x) })).sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) rows[i] = (rows[i] ?? 0) + 1;
  return pairs.map((p, i) => ({ agency: p.agency, round: p.round, rows: Math.max(1, rows[i] ?? 0) }));
}
