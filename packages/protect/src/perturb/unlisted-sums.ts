/**
 * Sums over cells that are not listed, for methods that keep sums: a total is the sum of the finest cells though nobody lists what
 * stands between, and two margins add to the same, whether or not that total is there. Whatever a reader can add up is a relation.
 * Source: docs/references.md#langsrud-2024 (any set of linear relations).
 * Leaves out: parts that no list shows and that several totals have in common.
 * @module
 */
import type { CellTable, Relation } from '../cell-table.ts';
import { completeTruth } from '../complete-truth.ts';
import { hiddenCells, isGrounded } from '../hidden-cells.ts';
import type { Hierarchy } from '../hierarchy.ts';
import type { Address, SharedColumn } from '../released-lists.ts';

/** Cells of a table, and after them totals that it does not list and that tie listed ones together. */
export interface TiedTable {
  readonly values: Float64Array;
  readonly relations: readonly Relation[];
  readonly nameOf: (cell: number) => string;
  /** Listed cells that are a sum only of cells further down: nothing is listed in between. */
  readonly distant: readonly number[];
}

/** The relations of a table, with those over cells that it does not list. */
export async function tiedTable(table: CellTable): Promise<TiedTable> {
  const distant: number[] = [];
  const relations = [...table.relations];
  const result = { values: table.freq, relations, nameOf: table.nameOf, distant };
  if (isGrounded(table, true)) return result;
  const totals = new Set(relations.map(({ total }) => total));
  for (const relation of sumsOfFinest(table)) {
    if (totals.has(relation.total)) continue;
    relations.push(relation);
    distant.push(relation.total);
  }
  if (isGrounded({ ...table, relations }, true)) return result;
  for (const absentIsEmpty of [true, false]) {
    const tied = await withHidden(table, result, absentIsEmpty);
    if (tied !== undefined) return tied;
  }
  return result;
}

/** Listed totals as sums of the listed finest cells under them, where those are all of it. */
function sumsOfFinest({ hierarchies, keys, size, freq, find }: CellTable): Relation[] {
  const width = hierarchies.length;
  const finest = hierarchies.map(({ leaves }) => new Set(leaves));
  const under = new Map<number, number[]>();
  for (let cell = 0; cell < size; cell++) {
    const key = keys.subarray(cell * width, (cell + 1) * width);
    if (!key.every((code, d) => finest[d]?.has(code))) continue;
    let above: readonly (readonly number[])[] = [[]];
    for (const [d, h] of hierarchies.entries()) above = above.flatMap((up) => (h.above[key[d] as number] as readonly number[]).map((code) => [...up, code]));
    for (const address of above) {
      const total = find(address);
      if (total === -1 || total === cell) continue;
      const parts = under.get(total);
      if (parts === undefined) under.set(total, [cell]);
      else parts.push(cell);
    }
  }
  const sumOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + (freq[part] as number), 0);
  return [...under].filter(([total, parts]) => sumOf(parts) === freq[total]).map(([total, parts]) => ({ total, parts: Int32Array.from(parts) }));
}

/** With totals that nobody lists and that stand in two sums at least; undefined where no records can have given it all. */
async function withHidden(table: CellTable, { relations, distant }: Pick<TiedTable, 'relations' | 'distant'>, absentIsEmpty: boolean): Promise<TiedTable | undefined> {
  const { hierarchies, size, keys, nameOf } = table;
  const columns = hierarchies.map(columnOf);
  const addresses = Array.from({ length: size }, (_, cell): Address => hierarchies.map((h, d) => h.codes[keys[cell * hierarchies.length + d] as number] as string));
  const numbers = new Map(addresses.map((address, cell) => [identity(address), cell]));
  const empty = absentBeside(columns, addresses, numbers);
  const found = hiddenCells({ columns, addresses, isShown: (address) => numbers.has(identity(address)), isEmpty: (address) => empty.has(identity(address)), absentIsEmpty }, 0);
  for (const address of found.empty) empty.add(identity(address));
  for (const address of found.cells) numbers.set(identity(address), numbers.size);
  const all = [...addresses, ...found.cells];
  const more = all.flatMap((address, total) => sumsUnder(columns, address).flatMap((parts): Relation[] => {
    const cells = parts.map((part) => numbers.get(identity(part))).filter((cell) => cell !== undefined);
    const isThere = parts.every((part) => numbers.has(identity(part)) || empty.has(identity(part)));
    return isThere && cells.length > 0 && (total >= size || cells.every((cell) => cell >= size)) ? [{ total, parts: Int32Array.from(cells) }] : [];
  }));
  const value = new Float64Array(all.length).fill(NaN);
  value.set(table.freq);
  const every = [...relations, ...more];
  const known = await completeTruth({ relations: every, value, lower: new Float64Array(all.length), upper: new Float64Array(all.length).fill(Infinity) });
  if (known === undefined || value.some((n, cell) => known[cell] === 1 && n < 0)) return undefined;
  const totals = new Set(relations.map(({ total }) => total));
  const sure = every.filter(({ total, parts }) => known[total] === 1 && parts.every((part) => known[part] === 1));
  return {
    values: value.map((n, cell) => (known[cell] === 1 ? n : 0)), relations: sure, nameOf: (cell) => (cell < size ? nameOf(cell) : (all[cell] ?? []).join(' | ')),
    distant: [...distant, ...new Set(sure.map(({ total }) => total).filter((total) => total < size && !totals.has(total)))],
  };
}

/** Addresses that are not listed though others of the same listed total are: known to be empty. */
function absentBeside(columns: readonly SharedColumn[], addresses: readonly Address[], listed: ReadonlyMap<string, number>): Set<string> {
  const empty = new Set<string>();
  for (const address of addresses) {
    for (const parts of sumsUnder(columns, address)) {
      const absent = parts.filter((part) => !listed.has(identity(part)));
      if (absent.length < parts.length) for (const part of absent) empty.add(identity(part));
    }
  }
  return empty;
}

function columnOf({ name, codes, sums }: Hierarchy): SharedColumn {
  const written = sums.map(({ total, parts }) => ({ total: codes[total] as string, parts: parts.map((part) => codes[part] as string) }));
  return { name, total: undefined, codes, sums: Map.groupBy(written, ({ total }) => total) };
}

function sumsUnder(columns: readonly SharedColumn[], address: Address): (readonly Address[])[] {
  return columns.flatMap(({ sums }, d) => (sums.get(address[d] as string) ?? []).map(({ parts }) => parts.map((code) => address.with(d, code))));
}

function identity(address: Address): string {
  return address.join('\u0001');
}
