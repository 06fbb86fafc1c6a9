/**
 * A table with its cells and sums in an order that their codes give: a method whose choice depends on the whole table then gives the
 * same answer however the rows were sorted. Two answers for two sortings would narrow the truth.
 * @module
 */
import { makeCellTable } from '../cell-table.ts';
import type { CellTable } from '../cell-table.ts';
import { makeHierarchy } from '../hierarchy.ts';
import type { Hierarchy } from '../hierarchy.ts';

export interface OrderedTable {
  readonly table: CellTable;
  /** Cell of the ordered table → cell of the table given. */
  readonly cellAt: Int32Array;
}

/** The same cells and the same sums by their codes: totals before parts, then by code unit, as records are tabulated where no sums are listed. */
export function inAddressOrder(table: CellTable): OrderedTable {
  const width = table.hierarchies.length;
  const hierarchies = table.hierarchies.map(inCodeOrder);
  const numbers = table.hierarchies.map((h, d) => Int32Array.from(h.codes, (code) => hierarchies[d]?.index.get(code) ?? -1));
  const numberOf = (cell: number, d: number): number => numbers[d]?.[table.keys[cell * width + d] as number] ?? -1;
  const cellAt = Int32Array.from({ length: table.size }, (_, cell) => cell).sort((a, b) => {
    let d = 0;
    while (d < width - 1 && numberOf(a, d) === numberOf(b, d)) d++;
    return numberOf(a, d) - numberOf(b, d);
  });
  const keys = new Int32Array(table.size * width);
  for (const [i, cell] of cellAt.entries()) for (let d = 0; d < width; d++) keys[i * width + d] = numberOf(cell, d);
  return { table: makeCellTable(hierarchies, keys, Float64Array.from(cellAt, (cell) => table.freq[cell] as number)), cellAt };
}

function inCodeOrder({ name, codes, sums, leavesOf }: Hierarchy): Hierarchy {
  const under = (code: number): number => leavesOf[code]?.length ?? 0;
  const compare = (a: number, b: number): number => under(b) - under(a) || ((codes[a] as string) < (codes[b] as string) ? -1 : 1);
  const sorted = Array.from(codes.keys()).sort(compare);
  const rank = new Int32Array(codes.length);
  for (const [place, code] of sorted.entries()) rank[code] = place;
  const place = (code: number): number => rank[code] as number;
  const ordered = sums.map(({ total, parts }) => [place(total), ...parts.map(place).sort((a, b) => a - b)]).sort(byPlaces);
  const codeAt = (at: number): string => codes[sorted[at] as number] as string;
  return makeHierarchy({ name, sums: ordered.map(([total = 0, ...parts]) => ({ total: codeAt(total), parts: parts.map(codeAt) })), codes: sorted.map((code) => codes[code] as string) });
}

function byPlaces(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, i) => place !== b[i]);
  return at === -1 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}
