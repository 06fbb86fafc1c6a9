/**
 * A table as cells with addresses, and the sums that hold between its cells.
 * Source of the form: docs/references.md#langsrud-2024 (any set of linear relations; linked tables are more of them).
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { Hierarchy } from './hierarchy.ts';

/** Cells that one table takes. */
export const MOST_CELLS = 2_000_000;

/** Totals that do not add and are named one by one. */
const MOST_NAMED = 50;

/** One relation: the value of `total` is the sum of the values of `parts`. Cells by number. */
export interface Relation {
  readonly total: number;
  readonly parts: Int32Array;
}

/** Cells and the sums between them, of one table or of several that are linked: all that suppression and attack need. */
export interface CellSystem {
  /** Number of cells. */
  readonly size: number;
  /** Records behind each cell. */
  readonly freq: Float64Array;
  /** Magnitude of each cell, in magnitude tables. */
  readonly value?: Float64Array;
  readonly relations: readonly Relation[];
  /** A cell's address for people: `north | phone`. */
  readonly nameOf: (cell: number) => string;
}

/** One table: its cells have addresses. What is not listed is empty: a cell that a reader knows to be zero. */
export interface CellTable extends CellSystem {
  readonly hierarchies: readonly Hierarchy[];
  /** Code numbers, `hierarchies.length` for each cell. */
  readonly keys: Int32Array;
  /** The cell at an address, or -1. */
  readonly find: (key: ArrayLike<number>) => number;
}

/**
 * Makes a table, and finds its relations: a cell is the sum of the listed cells below it along one dimension, wherever
 * any is listed.
 * @param keys - code numbers, one for each hierarchy, cell after cell
 * @throws Refusal `TOO_MANY_CELLS` before any cell is looked at; `CELL_TWICE` when an address occurs twice; `TOTALS_DO_NOT_ADD` naming
 *   each total that is not the sum of its parts, up to 50; `FREQUENCY` when a frequency is negative or no whole number; `VALUE_NEGATIVE`,
 *   `VALUE_WITHOUT_RECORDS` when an amount cannot be what the attacker takes it to be: 0 or more, and 0 where nothing is
 */
export function makeCellTable(hierarchies: readonly Hierarchy[], keys: Int32Array, freq: Float64Array, value?: Float64Array): CellTable {
  const width = hierarchies.length;
  const size = freq.length;
  assertCells(size);
  const strides = hierarchies.map((_, d) => hierarchies.slice(d + 1).reduce((product, h) => product * h.codes.length, 1));
  const addressOf = (key: ArrayLike<number>, from = 0): number => {
    let address = 0;
    for (let d = 0; d < width; d++) address += (key[from + d] as number) * (strides[d] as number);
    return address;
  };
  const at = new Map<number, number>();
  for (let cell = 0; cell < size; cell++) {
    const address = addressOf(keys, cell * width);
    if (at.has(address)) refuse('CELL_TWICE', 'two rows have the same address', { object: nameOf(hierarchies, keys, cell) }, 'give each cell once');
    at.set(address, cell);
    if (!Number.isSafeInteger(freq[cell]) || (freq[cell] as number) < 0) refuse('FREQUENCY', 'a frequency is negative or no whole number', { object: nameOf(hierarchies, keys, cell) }, 'count records: 0, 1, 2 …');
    if (value !== undefined) checkAmount(value[cell] as number, freq[cell] as number, () => nameOf(hierarchies, keys, cell));
  }
  const relations: Relation[] = [];
  const firstAlong: number[] = [];
  for (const [d, hierarchy] of hierarchies.entries()) {
    firstAlong.push(relations.length);
    const stride = strides[d] as number;
    const sumsOf = Map.groupBy(hierarchy.sums, (s) => s.total);
    for (let cell = 0; cell < size; cell++) {
      const code = keys[cell * width + d] as number;
      const sums = sumsOf.get(code);
      if (sums === undefined) continue;
      const base = addressOf(keys, cell * width) - code * stride;
      for (const { parts } of sums) {
        const listed = parts.map((part) => at.get(base + part * stride)).filter((c) => c !== undefined);
        if (listed.length > 0) relations.push({ total: cell, parts: Int32Array.from(listed) });
      }
    }
  }
  const table: CellTable = {
    hierarchies, size, keys, freq, ...(value === undefined ? {} : { value }), relations, nameOf: (cell) => nameOf(hierarchies, keys, cell),
    find: (key) => at.get(addressOf(key)) ?? -1,
  };
  checkSums(table, (relation) => hierarchies[firstAlong.findLastIndex((first) => first <= relation)]?.name ?? '');
  return table;
}

/** @throws Refusal `TOO_MANY_CELLS` when there are more than {@link MOST_CELLS} */
export function assertCells(cells: number): void {
  if (cells > MOST_CELLS) refuse('TOO_MANY_CELLS', `there are more than ${MOST_CELLS.toLocaleString('en')} cells`, {}, 'split the table by its largest dimension, or leave a dimension out');
}

function checkAmount(amount: number, freq: number, name: () => string): void {
  if (amount < 0) refuse('VALUE_NEGATIVE', 'an amount is negative, and readers are taken to know that none is', { object: name() }, 'protect gains and losses as two tables, or the numbers of records in place of amounts');
  if (freq === 0 && amount !== 0) refuse('VALUE_WITHOUT_RECORDS', 'a cell has an amount and no record', { object: name() }, 'give the number of records behind the amount');
}

/** A cell's address for people: `north | phone`. */
export function cellName(system: Pick<CellSystem, 'nameOf'>, cell: number): string {
  return system.nameOf(cell);
}

function nameOf(hierarchies: readonly Hierarchy[], keys: Int32Array, cell: number): string {
  return hierarchies.map((h, d) => h.codes[keys[cell * hierarchies.length + d] as number] ?? '').join(' | ');
}

/** Values are compared as exact integers, magnitudes to one part in 10^9 of what is added up. */
function checkSums(table: CellSystem, dimensionOf: (relation: number) => string): void {
  const issues: Issue[] = [];
  let more = 0;
  for (const [column, numbers] of [['freq', table.freq], ['value', table.value]] as const) {
    for (const [r, relation] of table.relations.entries()) {
      if (numbers === undefined) continue;
      const { off, size } = differenceOf(relation, numbers);
      if (!(off > (column === 'freq' ? 0 : 1e-9 * Math.max(size, 1)))) continue;
      if (issues.length === MOST_NAMED) more++;
      else issues.push(doesNotAdd(`a total is not the sum of its parts along “${dimensionOf(r)}”`, { object: cellName(table, relation.total), column }));
    }
  }
  if (more > 0) issues.push({ ...doesNotAdd(`${more} more totals are not the sums of their parts`, {}), count: more });
  const [first, ...others] = issues;
  if (first !== undefined) throw new Refusal([first, ...others]);
}

function doesNotAdd(message: string, place: Issue['place']): Issue {
  return { code: 'TOTALS_DO_NOT_ADD', severity: 'error', message, place, repair: 'correct the table (amounts unrounded, as they were added up), or leave the sum out of the hierarchy' };
}

/** By how much a total differs from the sum of its parts, and the size of what was added up. NaN where a number is. */
export function differenceOf({ total, parts }: Relation, numbers: ArrayLike<number>): { readonly off: number; readonly size: number } {
  let sum = 0;
  let size = 0;
  for (const part of parts) {
    sum += numbers[part] as number;
    size += Math.abs(numbers[part] as number);
  }
  return { off: Math.abs(sum - (numbers[total] as number)), size };
}
