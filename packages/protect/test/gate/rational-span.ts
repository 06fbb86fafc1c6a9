/**
 * The judge of the rank attacker: the same question in exact fractions, by the schoolbook, for small cases.
 * @module
 */
import type { GateCase } from './gate-case.ts';

/** Unprinted cells that the sums determine: reduced row echelon form over the rationals, rows with a single cell. */
export function knownInFractions(gateCase: GateCase): Set<number> {
  const open = gateCase.printed.flatMap((p, c) => (p ? [] : [c]));
  // Integers suffice: a row may be multiplied by anything but zero.
  const rows = gateCase.relations.map(({ total, parts }) => open.map((c): bigint => (c === total ? 1n : parts.includes(c) ? -1n : 0n)));
  let rank = 0;
  for (let column = 0; column < open.length; column++) {
    const pivotAt = rows.findIndex((row, r) => r >= rank && row[column] !== 0n);
    const pivot = rows[pivotAt];
    if (!pivot) continue;
    rows[pivotAt] = rows[rank] ?? pivot;
    rows[rank] = pivot;
    const lead = pivot[column] ?? 1n;
    for (const [r, row] of rows.entries()) {
      const factor = row[column] ?? 0n;
      if (r !== rank && factor !== 0n) rows[r] = row.map((v, k) => v * lead - factor * (pivot[k] ?? 0n));
    }
    rank += 1;
  }
  const single = rows.map((row) => row.flatMap((v, k) => (v === 0n ? [] : [k]))).filter((list) => list.length === 1);
  return new Set(single.map(([k = 0]) => open[k] ?? -1));
}
