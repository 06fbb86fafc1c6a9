/**
 * Check G: changes of a table that must not change its pattern, each with the cells that answer to each other.
 * @module
 */
import type { CodeSum, ListDimension } from './cell-list.ts';
import { finestCodes } from './table-description.ts';
import type { TableDescription } from './table-description.ts';
import { generator } from './modular-elimination.ts';

/** A changed table, and the cells in which a cell of the first one is found again: each must have the same status. */
export interface Variant {
  readonly table: TableDescription;
  readonly images: (key: readonly string[]) => readonly (readonly string[])[];
}

/** The same records in another order. */
export function permuteRecords(table: TableDescription, seed: number): Variant {
  return { table: { ...table, records: shuffled(table.records, seed) }, images: (key) => [key] };
}

/** The same codes and sums in another order. */
export function permuteCodes(table: TableDescription, seed: number): Variant {
  const dimensions = table.dimensions.map((d, i): ListDimension => ({ ...d, sums: shuffled(d.sums, seed + i).map((s) => ({ ...s, parts: shuffled(s.parts, seed - i) })) }));
  return { table: { ...table, dimensions }, images: (key) => [key] };
}

/** Every code of one dimension renamed; names must stay different from each other. */
export function renameCodes(table: TableDescription, dimension: number, rename: (code: string) => string): Variant {
  return {
    table: {
      dimensions: changed(table, dimension, (sums) => sums.map(({ total, parts }) => ({ total: rename(total), parts: parts.map(rename) }))),
      records: table.records.map((r) => ({ ...r, codes: r.codes.map((c, d) => (d === dimension ? rename(c) : c)) })),
    },
    images: (key) => [key.map((c, d) => (d === dimension ? rename(c) : c))],
  };
}

/** A level below the finest one that says the same again: every finest code becomes the total of one new code. */
export function duplicateLevel(table: TableDescription, dimension: number): Variant {
  const finest = new Set(finestCodes(dimensionAt(table, dimension)));
  const twin = (code: string): string => `${code}.twin`;
  return {
    table: {
      dimensions: changed(table, dimension, (sums) => [...sums, ...[...finest].map((code) => ({ total: code, parts: [twin(code)] }))]),
      records: table.records.map((r) => ({ ...r, codes: r.codes.map((c, d) => (d === dimension ? twin(c) : c)) })),
    },
    images: (key) => (finest.has(key[dimension] ?? '') ? [key, key.with(dimension, twin(key[dimension] ?? ''))] : [key]),
  };
}

/** A node between one code and what it adds to, with that code as its only child. */
export function oneChildNode(table: TableDescription, dimension: number, code: string): Variant {
  const node = `${code}.node`;
  return {
    table: {
      ...table,
      dimensions: changed(table, dimension, (sums) => [...sums.map((s) => ({ ...s, parts: s.parts.map((c) => (c === code ? node : c)) })), { total: node, parts: [code] }]),
    },
    images: (key) => (key[dimension] === code ? [key, key.with(dimension, node)] : [key]),
  };
}

/** A new finest code without records, a part of every sum of `under`. */
export function emptyCategory(table: TableDescription, dimension: number, under: string, code = 'empty'): Variant {
  return {
    table: { ...table, dimensions: changed(table, dimension, (sums) => sums.map((s) => (s.total === under ? { ...s, parts: [...s.parts, code] } : s))) },
    images: (key) => [key],
  };
}

/** All changes with a pinned seed, each with its name. */
export function variantsOf(table: TableDescription, seed = 20_231_106): readonly (readonly [name: string, variant: Variant])[] {
  const all: [string, Variant][] = [['records permuted', permuteRecords(table, seed)], ['codes permuted', permuteCodes(table, seed)]];
  for (const [d, dimension] of table.dimensions.entries()) {
    const [first = ''] = finestCodes(dimension);
    const [top = { total: '', parts: [] }] = dimension.sums;
    all.push([`${dimension.name}: codes renamed`, renameCodes(table, d, (c) => `z.${c}`)]);
    all.push([`${dimension.name}: level duplicated`, duplicateLevel(table, d)]);
    all.push([`${dimension.name}: node with one child`, oneChildNode(table, d, first)]);
    all.push([`${dimension.name}: empty category`, emptyCategory(table, d, top.total)]);
  }
  return all;
}

function dimensionAt(table: TableDescription, dimension: number): ListDimension {
  const found = table.dimensions[dimension];
  if (!found) throw new RangeError(`the table has no dimension ${dimension}`);
  return found;
}

function changed(table: TableDescription, dimension: number, change: (sums: readonly CodeSum[]) => CodeSum[]): ListDimension[] {
  return table.dimensions.map((d, i) => (i === dimension ? { ...d, sums: change(d.sums) } : d));
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const next = generator(seed);
  return list.map((item) => ({ item, key: next() })).sort((a, b) => a.key - b.key).map(({ item }) => item);
}
