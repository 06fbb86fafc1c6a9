/**
 * Cells and the sums between them, as the additive methods need them: checked, indexed both ways, without loops.
 * @module
 */
import { refuse } from '@weighbridge/base';

/** One relation: the value of the cell `total` is the sum of the values of the cells `parts`. Cells by number. */
export interface AdditiveRelation {
  readonly total: number;
  readonly parts: ArrayLike<number>;
}

/** Values and the sums that hold between them. A part that is not listed is a cell that readers know to be zero. */
export interface AdditiveTable {
  /** True values: whole numbers from 0 (confidential). */
  readonly values: ArrayLike<number>;
  readonly relations: readonly AdditiveRelation[];
  /** Sums that nobody is shown and that only tie others together: they need be no multiple beside their value. Default: none. */
  readonly hidden?: (cell: number) => boolean;
  /** A cell's address for refusals. Default: `cell 7`. */
  readonly address?: (cell: number) => string;
}

/** The relations by the cells that take part in them. */
export interface RelationIndex {
  /** Cells that are no total: every other one is a sum of these. */
  readonly inner: readonly number[];
  /** Relations of which the cell is the total. */
  readonly totalOf: readonly (readonly number[])[];
  /** Relations of which the cell is a part. */
  readonly partOf: readonly (readonly number[])[];
  /** All cells, each before the cells that are parts of it. */
  readonly order: readonly number[];
}

/** The address of a cell. */
export function addressOf(table: AdditiveTable, cell: number): string {
  return table.address?.(cell) ?? `cell ${cell}`;
}

/**
 * Checks a table and indexes its relations.
 * @throws Refusal `FREQUENCY` for a value that is negative or no whole number, `TOTALS_DO_NOT_ADD` for the first total that is
 *   not the sum of its parts, `RELATION_LOOP` for a cell that is a part of itself; each with the cell's address
 * @throws RangeError for a relation that names a cell which is not there, or a part twice
 */
export function indexRelations(table: AdditiveTable): RelationIndex {
  const { values, relations } = table;
  const size = values.length;
  for (let cell = 0; cell < size; cell++) {
    const value = values[cell] ?? -1;
    if (!Number.isSafeInteger(value) || value < 0) refuse('FREQUENCY', 'a frequency is negative or no whole number', { object: addressOf(table, cell) }, 'count records: 0, 1, 2 …');
  }
  const totalOf: number[][] = Array.from({ length: size }, () => []);
  const partOf: number[][] = Array.from({ length: size }, () => []);
  for (const [r, { total, parts }] of relations.entries()) {
    let sum = 0;
    const seen = new Set<number>();
    for (const part of Array.from(parts)) {
      if (partOf[part] === undefined || seen.has(part)) throw new RangeError('relation: expected numbers of cells of the table, each once');
      seen.add(part);
      partOf[part].push(r);
      sum += values[part] ?? 0;
    }
    if (totalOf[total] === undefined || parts.length === 0) throw new RangeError('relation: expected a total of the table and at least one part');
    totalOf[total].push(r);
    if (sum !== values[total]) refuse('TOTALS_DO_NOT_ADD', 'a total is not the sum of its parts', { object: addressOf(table, total) }, 'correct the table, or leave the relation out');
  }
  const inner = Array.from({ length: size }, (_, cell) => cell).filter((cell) => totalOf[cell]?.length === 0);
  return { inner, totalOf, partOf, order: orderOf(table, totalOf, partOf) };
}

/** A cell and all cells that are parts of it, at any depth. */
export function descendants(table: AdditiveTable, index: RelationIndex, cell: number): Set<number> {
  const found = new Set([cell]);
  for (const at of found) {
    for (const r of index.totalOf[at] ?? []) for (const part of Array.from(table.relations[r]?.parts ?? [])) found.add(part);
  }
  return found;
}

/** A cell and all cells that it is a part of, at any depth. */
export function ancestors(table: AdditiveTable, index: RelationIndex, cell: number): number[] {
  const found = new Set([cell]);
  for (const at of found) {
    for (const r of index.partOf[at] ?? []) found.add(table.relations[r]?.total ?? at);
  }
  return [...found];
}

/** Cells are taken off whose totals are all taken off; what is left over at the end lies on a loop. */
function orderOf(table: AdditiveTable, totalOf: RelationIndex['totalOf'], partOf: RelationIndex['partOf']): number[] {
  const waiting = partOf.map((list) => list.length);
  const order = waiting.flatMap((n, cell) => (n === 0 ? [cell] : []));
  for (const cell of order) {
    for (const r of totalOf[cell] ?? []) {
      for (const part of Array.from(table.relations[r]?.parts ?? [])) {
        waiting[part] = (waiting[part] ?? 0) - 1;
        if (waiting[part] === 0) order.push(part);
      }
    }
  }
  if (order.length === waiting.length) return order;
  const looped = waiting.findIndex((n) => n > 0);
  return refuse('RELATION_LOOP', 'a cell is a part of itself', { object: addressOf(table, looped) }, 'take the sum out that closes the loop');
}
