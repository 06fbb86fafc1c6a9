/**
 * Lists of cells: rows as they are given and as they are released, and the table that rows are.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CellTable } from './cell-table.ts';
import { assertCells, makeCellTable } from './cell-table.ts';
import { assertCodes, makeHierarchy } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { Contributions } from './primary.ts';
import { assertSpecification } from './protection-spec.ts';
import type { ProtectionSpec } from './protection-spec.ts';

/** One cell as it is given, with what its rules need to know of who is behind it. */
export interface CellRow extends Contributions {
  /** A code for each dimension of the specification, in its order. */
  readonly key: readonly string[];
  readonly freq: number;
  readonly value?: number;
  /** Secret: the sum of the keys of the cell's records, modulo 2^32, so that the same people are changed alike in every table. */
  readonly draw?: number;
  /** Secret: what those who are alone in a finest cell gave to this one, where that is known: finest cells alone, of all rows or of none. */
  readonly parts?: readonly CellPart[];
}

/** What a contributor gave to a cell. Contributors have numbers, the same in every row, never names. */
export interface CellPart {
  readonly contributor: number;
  readonly amount: number;
}

export type ListedStatus = 'published' | 'primary' | 'secondary' | 'rounded';

/** One cell as it is released, in the order in which it was given. */
export interface ProtectedCell {
  readonly key: readonly string[];
  readonly status: ListedStatus;
  /** Null: withheld. */
  readonly published: number | null;
  /** For the secretariat alone: a reason may narrow what a withheld number can be. */
  readonly reason: string;
}

export interface ProtectCellsOptions {
  /** False: the certificate holds no intervals but those that the attack had to work out. Default true. */
  readonly intervals?: boolean;
  /** The certificate says of each end by which combination of printed cells it follows. */
  readonly combinations?: boolean;
  /** The rows are a part of a table, as in a request: totals that the specification names need not be among them. */
  readonly partial?: boolean;
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * The cells as a table, its hierarchies made from the specification and completed by the codes that occur.
 * @throws Refusal as `protectCells` for cells that are no table; `KEY_LENGTH`; `TOTAL_UNSAID` where a code is the
 *   sum of all others and nothing says so; `SPEC` for a specification that is none
 */
export function cellTableOf(rows: readonly CellRow[], spec: ProtectionSpec, { partial = false }: Pick<ProtectCellsOptions, 'partial'> = {}): CellTable {
  assertSpecification(spec);
  if (rows.length === 0) refuse('NO_CELLS', 'there are no cells', {}, 'give a row for each cell of the table');
  assertCells(rows.length);
  assertKeys(rows, spec.dimensions.length);
  const hierarchies = spec.dimensions.map(({ column, total, sums }, d): Hierarchy => {
    if (total !== undefined) assertCodes(column, [total]);
    if (total !== undefined && !partial && rows.every((row) => row.key[d] !== total) && rows.some((row) => row.key[d] !== rows[0]?.key[d])) refuse('TOTAL_MISSING', `no cell has the code “${total}”, which the specification says is the total of “${column}”`, { key: `dimensions[${d}].total`, column }, 'write the code of the total as the cells do, or leave it out where they have none');
    if (sums !== undefined) return makeHierarchy({ name: column, sums, codes: [] });
    const codes = [...new Set(rows.map((row) => row.key[d] ?? ''))];
    const parts = codes.filter((code) => code !== total);
    return makeHierarchy({ name: column, sums: total === undefined || parts.length === 0 ? [] : [{ total, parts }], codes });
  });
  const keys = new Int32Array(rows.length * hierarchies.length);
  for (const [i, row] of rows.entries()) {
    for (const [d, hierarchy] of hierarchies.entries()) {
      const code = hierarchy.index.get(row.key[d] ?? '');
      if (code === undefined) refuse('CODE_UNKNOWN', `a code is not in the hierarchy of “${hierarchy.name}”`, { row: i + 1, column: hierarchy.name }, 'add the code to the hierarchy, or correct the cell');
      keys[i * hierarchies.length + d] = code;
    }
  }
  const magnitudes = rows.some((row) => row.value !== undefined);
  const lacking = magnitudes ? rows.findIndex((row) => row.value === undefined || !Number.isFinite(row.value)) : -1;
  if (lacking !== -1) refuse('VALUE_MISSING', 'a cell has no value, though others have', { row: lacking + 1, column: 'value' }, 'give every cell its value; 0 where there is nothing');
  const table = makeCellTable(hierarchies, keys, Float64Array.from(rows, (row) => row.freq), magnitudes ? Float64Array.from(rows, (row) => row.value ?? 0) : undefined);
  for (const [d, { column, total, sums, noTotal }] of spec.dimensions.entries()) {
    const unsaid = total === undefined && sums === undefined && noTotal !== true ? sumOfOthers(table, d) : undefined;
    if (unsaid !== undefined) refuse('TOTAL_UNSAID', `the code “${unsaid}” is the sum of all other codes of “${column}” on every line, and the specification does not say so`, { key: `dimensions[${d}].total`, column }, 'name it as the total of the dimension, or write "total": null where its codes do not add');
  }
  return table;
}

/** @throws Refusal `KEY_LENGTH` where a cell has not a code for each column */
export function assertKeys(rows: readonly { readonly key: readonly string[] }[], columns: number): void {
  const odd = rows.findIndex(({ key }: { readonly key?: readonly string[] }) => key?.length !== columns);
  if (odd !== -1) refuse('KEY_LENGTH', `a cell has not as many codes as there are dimensions (${columns})`, { row: odd + 1 }, 'give each cell a code for every dimension, in the order of the specification');
}

/** A code with at least two others that is their sum on every line of the dimension: readers see that, whatever the specification says. */
function sumOfOthers({ hierarchies, keys, size, freq, value }: CellTable, d: number): string | undefined {
  const { codes } = hierarchies[d] as Hierarchy;
  if (codes.length < 3) return undefined;
  const width = hierarchies.length;
  const strides = hierarchies.map((_, i) => hierarchies.slice(i + 1).reduce((product, h) => product * h.codes.length, 1));
  const lineOf = (cell: number): number => strides.reduce((line, stride, i) => (i === d ? line : line + (keys[cell * width + i] as number) * stride), 0);
  const sums = [freq, ...(value === undefined ? [] : [value])].map((numbers) => {
    const ofLine = new Map<number, number>();
    for (let cell = 0; cell < size; cell++) ofLine.set(lineOf(cell), (ofLine.get(lineOf(cell)) ?? 0) + (numbers[cell] as number));
    return { numbers, ofLine };
  });
  const isHalf = (cell: number): boolean => sums.every(({ numbers, ofLine }) => {
    const whole = ofLine.get(lineOf(cell)) ?? 0;
    return Math.abs(2 * (numbers[cell] as number) - whole) <= 1e-9 * whole;
  });
  // A line with anything in it has at most two such cells.
  const lines = new Set<number>();
  const found = new Float64Array(codes.length);
  for (let cell = 0; cell < size; cell++) {
    if (sums.every(({ ofLine }) => (ofLine.get(lineOf(cell)) ?? 0) === 0)) continue;
    lines.add(lineOf(cell));
    if (isHalf(cell)) found[keys[cell * width + d] as number] = (found[keys[cell * width + d] as number] as number) + 1;
  }
  const at = found.findIndex((count) => count > 0 && count === lines.size);
  return at === -1 ? undefined : codes[at];
}
