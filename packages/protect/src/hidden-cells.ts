/**
 * Totals and parts that no list shows, and that tie together what lists show: 18 phones and 31 tablets are as many as north and
 * south have together, whether or not that sum is printed.
 * Source: docs/references.md#langsrud-2024 (linked tables are more relations over the same unknowns).
 * Leaves out: cells that nothing shown ties to anything else.
 * @module
 */
import type { CellTable, Relation } from './cell-table.ts';
import type { Address, SharedColumn } from './released-lists.ts';

/** Cells that no list shows, up to this many, are unknowns too where lists do not rest on finest cells. */
export const MOST_HIDDEN = 2000;

/**
 * True when all that a reader can add up in a table are its own sums: every total rests on finest cells that are listed, and
 * every code is there. What is not listed is then empty.
 */
export function restsOnItself(table: CellTable): boolean {
  const crossing = table.hierarchies.reduce((product, h) => product * h.codes.length, 1);
  return crossing === table.size || (isGrounded(table, true) && (crossing - table.size > MOST_HIDDEN || showsEveryCode(table)));
}

/**
 * True when each listed cell is a finest one, or the sum of listed cells of which that is true.
 * @param hasTruth - a listed zero has nothing below it; without the truth nobody can tell
 */
export function isGrounded(table: CellTable, hasTruth: boolean): boolean {
  const { hierarchies, keys, size, relations, freq } = table;
  const width = hierarchies.length;
  const isLeaf = hierarchies.map((h) => { const leaves = new Set(h.leaves); return h.codes.map((_, code) => leaves.has(code)); });
  const isFinest = (cell: number): boolean => isLeaf.every((leaf, d) => leaf[keys[cell * width + d] as number] === true);
  const grounded = new Uint8Array(size);
  const next: number[] = [];
  let known = 0;
  const ground = (cell: number): void => {
    if (grounded[cell] === 1) return;
    grounded[cell] = 1;
    known += 1;
    next.push(cell);
  };
  // From finest cells upwards, so that no depth of levels is too much.
  const missing = Uint32Array.from(relations, ({ parts }) => parts.length);
  const sumsWith = new Map<number, number[]>();
  for (const [r, { parts }] of relations.entries()) {
    for (const part of parts) {
      const own = sumsWith.get(part);
      if (own === undefined) sumsWith.set(part, [r]);
      else own.push(r);
    }
  }
  for (let cell = 0; cell < size; cell++) if (isFinest(cell) || (hasTruth && freq[cell] === 0)) ground(cell);
  for (let cell = next.pop(); cell !== undefined; cell = next.pop()) {
    for (const r of sumsWith.get(cell) ?? []) {
      missing[r] = (missing[r] as number) - 1;
      if (missing[r] === 0) ground((relations[r] as Relation).total);
    }
  }
  return known === size;
}

function showsEveryCode({ hierarchies, keys, size }: CellTable): boolean {
  const width = hierarchies.length;
  return hierarchies.every((h, d) => {
    const shown = new Set<number>();
    for (let cell = 0; cell < size; cell++) shown.add(keys[cell * width + d] as number);
    return shown.size === h.codes.length;
  });
}

/** What lists of one edition show, and what they know to be empty. */
export interface Shown {
  readonly columns: readonly SharedColumn[];
  readonly addresses: readonly Address[];
  readonly isShown: (address: Address) => boolean;
  readonly isEmpty: (address: Address) => boolean;
  /** A part that nobody lists beside others that are there is empty, under a total that nobody lists either. */
  readonly absentIsEmpty: boolean;
}

/** Addresses that are not listed. */
export interface Hidden {
  /** Totals that stand in two sums at least of what is there, and parts that two totals of one column share. */
  readonly cells: readonly Address[];
  /** Known to be empty because they are not listed. */
  readonly empty: readonly Address[];
}

/**
 * Finds what is not listed and ties together what is.
 * @param mostParts - parts are left out when there are more
 */
export function hiddenCells(shown: Shown, mostParts: number): Hidden {
  const totals = new Map<string, Address>();
  const empty = new Map<string, Address>();
  const isThere = (address: Address): boolean => totals.has(identity(address)) || shown.isShown(address);
  for (const address of totalsAbove(shown)) totals.set(identity(address), address);
  if (shown.absentIsEmpty) {
    for (const total of totals.values()) {
      for (const parts of sumsBelow(shown.columns, total)) {
        const absent = parts.filter((part) => !isThere(part));
        if (absent.length < parts.length) for (const part of absent) if (!shown.isEmpty(part)) empty.set(identity(part), part);
      }
    }
  }
  const parts = sharedParts({ ...shown, addresses: [...shown.addresses, ...totals.values()] }, (address) => isThere(address) || empty.has(identity(address)) || shown.isEmpty(address));
  dropLoose(totals, shown, (address) => shown.isShown(address) || shown.isEmpty(address) || empty.has(identity(address)) || parts.has(identity(address)));
  return { cells: [...totals.values(), ...(parts.size > mostParts ? [] : parts.values())], empty: [...empty.values()] };
}

/** Every total above what is shown that is not shown itself. */
function* totalsAbove({ columns, addresses, isShown, isEmpty }: Shown): Generator<Address> {
  const above = columns.map(totalsOf);
  const seen = new Set<string>();
  const next = [...addresses];
  for (let address = next.pop(); address !== undefined; address = next.pop()) {
    for (const [d, totals] of above.entries()) {
      for (const total of totals.get(address[d] as string) ?? []) {
        const up = address.with(d, total);
        const name = identity(up);
        if (seen.has(name) || isShown(up) || isEmpty(up)) continue;
        seen.add(name);
        next.push(up);
        yield up;
      }
    }
  }
}

/** All codes below totals of one column that have finest codes in common and of which no part is there: 49 in one region, 50 in another with one place more. */
function sharedParts({ columns, addresses }: Shown, isThere: (address: Address) => boolean): ReadonlyMap<string, Address> {
  const found = new Map<string, Address>();
  for (const [d, column] of columns.entries()) {
    const bare = addresses.filter((address) => (column.sums.get(address[d] as string) ?? []).some(({ parts }) => !parts.some((part) => isThere(address.with(d, part)))));
    for (const group of Map.groupBy(bare, (address) => identity(address.with(d, ''))).values()) {
      const below = group.map((address) => ({ address, codes: codesBelow(column, address[d] as string) }));
      for (const [i, { address, codes }] of below.entries()) {
        if (!below.some((other, j) => i !== j && !other.codes.isDisjointFrom(codes))) continue;
        for (const code of codes) {
          const part = address.with(d, code);
          if (!isThere(part)) found.set(identity(part), part);
        }
      }
    }
  }
  return found;
}

/** Drops totals that stand in less than two sums, again and again: they tie nothing together. */
function dropLoose(totals: Map<string, Address>, { columns }: Shown, isKnown: (address: Address) => boolean): void {
  const above = columns.map(totalsOf);
  const isThere = (address: Address): boolean => totals.has(identity(address)) || isKnown(address);
  const linesOf = (address: Address): number => {
    let lines = sumsBelow(columns, address).filter((parts) => parts.every(isThere)).length;
    for (const [d, column] of columns.entries()) {
      for (const code of above[d]?.get(address[d] as string) ?? []) {
        const up = address.with(d, code);
        if (isThere(up)) lines += (column.sums.get(code) ?? []).filter(({ parts }) => parts.includes(address[d] as string) && parts.every((part) => isThere(address.with(d, part)))).length;
      }
    }
    return lines;
  };
  for (let before = Infinity; totals.size < before;) {
    before = totals.size;
    for (const [name, address] of [...totals]) if (linesOf(address) < 2) totals.delete(name);
  }
}

/** For each code the totals that it is part of. */
function totalsOf({ sums }: SharedColumn): ReadonlyMap<string, ReadonlySet<string>> {
  const above = new Map<string, Set<string>>();
  for (const { total, parts } of [...sums.values()].flat()) {
    for (const part of parts) {
      const own = above.get(part) ?? new Set();
      above.set(part, own.add(total));
    }
  }
  return above;
}

/** The parts of each sum that gives a cell. */
function sumsBelow(columns: readonly SharedColumn[], address: Address): (readonly Address[])[] {
  return columns.flatMap((column, d) => (column.sums.get(address[d] as string) ?? []).map(({ parts }) => parts.map((code) => address.with(d, code))));
}

function codesBelow({ sums }: SharedColumn, code: string): Set<string> {
  const below = new Set<string>();
  const next = [code];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    for (const part of (sums.get(at) ?? []).flatMap(({ parts }) => parts)) {
      if (below.has(part)) continue;
      below.add(part);
      next.push(part);
    }
  }
  return below;
}

function identity(address: Address): string {
  return address.join('\u0001');
}
