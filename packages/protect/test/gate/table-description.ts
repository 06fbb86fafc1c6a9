/**
 * Tables as they come in: dimensions, and records of the finest codes. From them every cell of the crossing.
 * The metamorphic checks change such a description; any engine can be given one.
 * @module
 */
import { keyText } from './cell-list.ts';
import type { CodeSum, ListDimension } from './cell-list.ts';
import { upperLevel } from './contributors.ts';
import type { Contribution, Requirement } from './gate-case.ts';

/** One record or one group of equal records. */
export interface DescribedRecord {
  /** Finest code of every dimension. */
  readonly codes: readonly string[];
  readonly freq: number;
  readonly value?: number;
  readonly contributor?: string;
}

/** A table to be protected. */
export interface TableDescription {
  readonly dimensions: readonly ListDimension[];
  readonly records: readonly DescribedRecord[];
}

/** A tabulated cell. */
export interface DescribedCell {
  readonly key: readonly string[];
  readonly freq: number;
  readonly value: number;
  /** Amount by contributor. */
  readonly shares: ReadonlyMap<string, number>;
}

/** Codes of a dimension in the order of its sums, totals before their parts; each once. */
export function codesOf(dimension: ListDimension): string[] {
  return [...new Set(dimension.sums.flatMap(({ total, parts }) => [total, ...parts]))];
}

/** Codes that are no total of others. */
export function finestCodes(dimension: ListDimension): string[] {
  const totals = new Set(dimension.sums.map((s) => s.total));
  return codesOf(dimension).filter((c) => !totals.has(c));
}

/** Every code, with all codes that it is a part of, itself included. */
export function ancestorsOf(dimension: ListDimension): Map<string, string[]> {
  const above = new Map<string, Set<string>>();
  for (const { total, parts } of dimension.sums) for (const part of parts) above.set(part, (above.get(part) ?? new Set<string>()).add(total));
  return new Map(codesOf(dimension).map((code) => {
    const all = new Set([code]);
    for (const c of all) for (const a of above.get(c) ?? []) all.add(a);
    return [code, [...all]];
  }));
}

/** All cells of the full crossing, empty ones with zeros; keys in the order of the codes. */
export function crossing(table: TableDescription): DescribedCell[] {
  let keys: string[][] = [[]];
  for (const d of table.dimensions) keys = keys.flatMap((key) => codesOf(d).map((code) => [...key, code]));
  const cells = tabulated(table);
  return keys.map((key) => cells.get(keyText(key)) ?? { key, freq: 0, value: 0, shares: new Map<string, number>() });
}

/** The cells that are not empty, by their key. @throws RangeError for a code that the dimension does not have. */
export function tabulated(table: TableDescription): Map<string, DescribedCell> {
  const above = table.dimensions.map(ancestorsOf);
  const cells = new Map<string, { key: string[]; freq: number; value: number; shares: Map<string, number> }>();
  for (const { codes, freq, value = 0, contributor } of table.records) {
    let keys: string[][] = [[]];
    for (const [d, code] of codes.entries()) {
      const ancestors = above[d]?.get(code);
      if (!ancestors) throw new RangeError(`${table.dimensions[d]?.name ?? 'dimension'} has no code ${code}`);
      keys = keys.flatMap((key) => ancestors.map((a) => [...key, a]));
    }
    for (const key of keys) {
      const text = keyText(key);
      const cell = cells.get(text) ?? { key, freq: 0, value: 0, shares: new Map<string, number>() };
      cells.set(text, cell);
      cell.freq += freq;
      cell.value += value;
      if (contributor !== undefined) cell.shares.set(contributor, (cell.shares.get(contributor) ?? 0) + value);
    }
  }
  return cells;
}

/** A dimension from columns of records, finest first: codes of one column that lie in one code of another add to it, and all to `Total`. */
export function columnsDimension(name: string, columns: readonly (readonly string[])[], total = 'Total'): ListDimension {
  const all = [...columns, (columns[0] ?? []).map(() => total)];
  /** Parents of a column's codes in another column, when each has one only and the two columns differ. */
  const into = (fine: number, coarse: number): ReadonlyMap<string, string> | null => {
    const parent = new Map<string, string>();
    for (const [row, code] of (all[fine] ?? []).entries()) {
      const above = all[coarse]?.[row] ?? total;
      if ((parent.get(code) ?? above) !== above) return null;
      parent.set(code, above);
    }
    return new Set(parent.values()).size < parent.size || coarse === all.length - 1 ? parent : null;
  };
  const sums: CodeSum[] = [];
  for (let fine = 0; fine < columns.length; fine++) {
    for (let coarse = 0; coarse < all.length; coarse++) {
      const parent = fine === coarse ? null : into(fine, coarse);
      // A column between the two says the same in two steps.
      const between = all.some((_, k) => k !== fine && k !== coarse && into(fine, k) !== null && into(k, coarse) !== null);
      if (!parent || between) continue;
      for (const [code, parts] of Map.groupBy(parent.keys(), (c) => parent.get(c) ?? total)) sums.push({ total: code, parts });
    }
  }
  return { name, sums };
}

/** Upper protection levels of primary cells under a p percent rule, and who contributes what to the finest cells. */
export function levelsOf(table: TableDescription, cells: readonly (DescribedCell | undefined)[], primary: readonly boolean[], percent: number): { required: Requirement[]; contributions: Contribution[] } {
  const finest = table.dimensions.map((d) => new Set(finestCodes(d)));
  const required: Requirement[] = [];
  const contributions: Contribution[] = [];
  for (const [c, cell] of cells.entries()) {
    if (!cell) continue;
    if (primary[c]) required.push({ cell: c, up: upperLevel(cell.shares, percent) });
    if (!cell.key.every((code, d) => finest[d]?.has(code))) continue;
    for (const [contributor, amount] of cell.shares) contributions.push({ cell: c, contributor, amount });
  }
  return { required, contributions };
}
