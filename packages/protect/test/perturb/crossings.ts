/**
 * Tables for the additive methods: crossings of dimensions with all margins, from counts of the finest cells.
 * @module
 */
import type { AdditiveRelation, AdditiveTable } from '../../src/perturb/index.ts';

/** A crossing of dimensions of the sizes given; code 0 of each dimension is its margin. */
export function crossing(sizes: readonly number[], finest: (key: readonly number[]) => number): AdditiveTable & { readonly keys: readonly (readonly number[])[] } {
  let keys: number[][] = [[]];
  for (const size of sizes) keys = keys.flatMap((key) => Array.from({ length: size + 1 }, (_, code) => [...key, code]));
  const at = new Map(keys.map((key, i) => [key.join(), i]));
  const values = keys.map(() => 0);
  for (const key of keys.filter((k) => k.every((c) => c > 0))) {
    const n = finest(key);
    for (let mask = 0; mask < 2 ** sizes.length; mask++) {
      const cell = at.get(key.map((c, d) => (mask & (1 << d) ? 0 : c)).join()) ?? -1;
      values[cell] = (values[cell] ?? 0) + n;
    }
  }
  const relations = keys.flatMap((key, total): AdditiveRelation[] => sizes.flatMap((size, d) => (key[d] === 0
    ? [{ total, parts: Array.from({ length: size }, (_, c) => at.get(key.map((code, i) => (i === d ? c + 1 : code)).join()) ?? -1) }] : [])));
  return { values, relations, keys, address: (cell) => (keys[cell] ?? []).join(' | ') };
}

/** Small counts that look random and are the same everywhere. */
export function scattered(seed: number, below: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) ** 2 * below);
  };
}

/** True when every relation holds for the values. */
export function adds(table: AdditiveTable, values: readonly number[]): boolean {
  return table.relations.every(({ total, parts }) => Array.from(parts).reduce((s, part) => s + (values[part] ?? NaN), 0) === values[total]);
}
