/**
 * Released tables as the gate judges them: one cell for every group of records, whatever tables show it, with what a reader
 * knows of each. It takes nothing from the code that protects but the tables themselves.
 * @module
 */
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import type { ProtectedTable } from '../src/index.ts';
import type { GateCase, Relation } from './gate/gate-case.ts';

/**
 * Counts over the same records: cells with the same codes are one. Margins are sums of the codes beside them.
 * @param threshold - counts from 1 to threshold - 1 must stay open
 */
export function releasedCase(secret: readonly ConfidentialTable[], made: readonly ProtectedTable[], threshold: number): GateCase {
  const numbers = new Map<string, number>();
  const value: number[] = [];
  const lower: number[] = [];
  const upper: (number | null)[] = [];
  const relations: Relation[] = [];
  const numberOf = (fields: readonly string[], key: readonly (string | null)[]): number => {
    const name = fields.flatMap((field, d) => (key[d] == null ? [] : [`${field}=${key[d]}`])).sort().join();
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  for (const [t, { meta, cells }] of secret.entries()) {
    const fields = meta.dimensions.map((d) => d.field);
    for (const [i, cell] of cells.entries()) {
      const c = numberOf(fields, cell.key);
      const shown = made[t]?.cells[i];
      const n = shown?.value?.lo ?? null;
      const [lo, hi] = n === null ? [1, null] : shown?.status === 'rounded' ? [Math.max(0, n - 2), n + 2] : [n, n];
      value[c] = cell.records;
      lower[c] = Math.max(lower[c] ?? 0, lo);
      upper[c] = hi === null ? upper[c] ?? null : Math.min(upper[c] ?? Infinity, hi);
      for (const [d, { codes }] of meta.dimensions.entries()) {
        if (cell.key[d] === null) relations.push({ total: c, parts: codes.map(({ code }) => numberOf(fields, cell.key.map((k, e) => (e === d ? code : k)))) });
      }
    }
  }
  return {
    size: value.length, relations, value, integer: true, lower, upper, labels: [...numbers.keys()],
    printed: value.map((_, c) => lower[c] === upper[c]),
    primary: value.flatMap((n, c) => (n > 0 && n < threshold ? [c] : [])),
  };
}
