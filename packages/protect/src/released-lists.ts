/**
 * Lists of cells as they were released, of whatever columns and codes, brought to one set of columns: a column that a list
 * does not have counts as its total, and every sum that a list or the specification names holds.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CellTable } from './cell-table.ts';
import { assertCodes, makeHierarchy } from './hierarchy.ts';
import type { CodeSum } from './hierarchy.ts';
import type { Contributions } from './primary.ts';
import { cellTableOf } from './cell-rows.ts';
import type { ListedStatus } from './cell-rows.ts';
import type { ProtectionSpec, SpecDimension } from './protection-spec.ts';

/** `withheld`: as published, where marks do not tell unsafe cells from others. */
export type ReleasedStatus = ListedStatus | 'withheld';

/** One cell of a released list. What stands in `freq`, `value` and `largest` is the truth, where the list has it. */
export interface ListedCell extends Contributions {
  /** A code for each column of the list. */
  readonly key: readonly string[];
  readonly status: ReleasedStatus;
  /** As printed; null or absent where the cell is withheld. */
  readonly published?: number | null;
  readonly freq?: number;
  readonly value?: number;
}

export interface ReleasedList {
  readonly columns: readonly string[];
  readonly rows: readonly ListedCell[];
  /** Lists of one edition count the same records. Default: the edition that is judged. */
  readonly edition?: string;
  /** Where it was read, for whoever has to correct it. */
  readonly file?: string;
}

/** A code of every column, in the order of the columns; {@link ALL} where a column does not tell apart. */
export type Address = readonly string[];

/** All codes of a column together. No code is written so. */
export const ALL = '\u0000';

export interface SharedColumn {
  readonly name: string;
  /** The code of all together; undefined where lists only sum it silently, or not at all. */
  readonly total: string | undefined;
  /** {@link ALL} among them where the column has a total. */
  readonly codes: readonly string[];
  /** Every sum of the specification and of every list, by its total. */
  readonly sums: ReadonlyMap<string, readonly CodeSum[]>;
}

/** A list with its cells at shared addresses. */
export interface PlacedList {
  readonly list: ReleasedList;
  readonly edition: string;
  /** Cells in the order of the rows. Without truth in the list, its numbers are zeros: only its sums count. */
  readonly table: CellTable;
  readonly hasTruth: boolean;
  readonly addressOf: (row: number) => Address;
  /** Cells that the list does not show though it shows others of the same sum: known to be empty. */
  readonly unlisted: () => Iterable<Address>;
}

export interface PlacedLists {
  readonly columns: readonly SharedColumn[];
  readonly lists: readonly PlacedList[];
}

/**
 * Places lists.
 * @param asked - the first list is only asked for: its sums are not known where another list or the specification has some of its column, nor are those of one part
 * @throws Refusal as `protectCells` does for lists that are no tables; `COLUMN_UNKNOWN` for a column that neither the
 *   specification names nor has a total named as one of its totals; as {@link assertPublished}
 */
export function placeLists(given: readonly ReleasedList[], spec: ProtectionSpec, { asked = false }: { readonly asked?: boolean } = {}): PlacedLists {
  for (const list of given) assertPublished(list);
  const lists = given.map(withMarks);
  const own = lists.map((list) => ({ list, dimensions: list.columns.map((column, c) => dimensionOf(list, column, c, spec)) }));
  const tables = own.map(({ list, dimensions }) => tableOf(list, { ...spec, dimensions }));
  const names = [...new Set([...spec.dimensions.map((d) => d.column), ...lists.flatMap((list) => list.columns)])].filter((name) => lists.some((list) => list.columns.includes(name)));
  const columns = names.map((name) => sharedColumn(name, spec, own.map(({ list, dimensions }, l) => {
    const at = list.columns.indexOf(name);
    if (at === -1) return undefined;
    const dimension = dimensions[at] as SpecDimension;
    return { dimension, hierarchy: (tables[l] as CellTable).hierarchies[at] as CellTable['hierarchies'][number], showsTotal: list.rows.some((row) => row.key[at] === dimension.total), asked: asked && l === 0 };
  })));
  return { columns, lists: own.map(({ list }, l) => placed(list, tables[l] as CellTable, columns)) };
}

/**
 * A total that no list has, beside several codes, is written otherwise there, and its sums would go unseen.
 * @throws Refusal `TOTAL_MISSING`; as `assertCodes`
 */
export function assertTotalListed({ column, total }: SpecDimension, lists: readonly ReleasedList[]): void {
  if (total !== undefined) assertCodes(column, [total]);
  const codes = new Set(lists.flatMap(({ columns, rows }) => (columns.includes(column) ? rows.map((row) => row.key[columns.indexOf(column)]) : [])));
  if (total !== undefined && codes.size > 1 && !codes.has(total)) refuse('TOTAL_MISSING', `no list has the code “${total}”, which the specification says is the total of “${column}”`, { column }, 'write the code of the total as the lists do, or leave it out where they have none');
}

/** Where the truth says which cells are unsafe, the others that are withheld are so for their sake. */
function withMarks(list: ReleasedList): ReleasedList {
  if (list.rows.every(({ status }) => status !== 'withheld') || list.rows.some(({ freq }) => freq === undefined)) return list;
  return { ...list, rows: list.rows.map((row): ListedCell => (row.status === 'withheld' ? { ...row, status: 'secondary' } : row)) };
}

/** Numbers are the same up to this part of them: amounts are written in decimals. */
const SAME = 1e-9;

/**
 * What a list prints must be what its marks say: readers have the number, whatever stands beside it.
 * @throws Refusal `WITHHELD_PRINTED` for a withheld cell with a number, `PUBLISHED_DIFFERS` for one that is published as another
 *   number than the true one beside it: with file, row and column, and neither number
 */
function assertPublished({ rows, file }: ReleasedList): void {
  for (const [r, { status, published, freq, value }] of rows.entries()) {
    if (typeof published !== 'number' || status === 'rounded') continue;
    const place = { ...(file === undefined ? {} : { file }), row: r + 1, column: 'published' };
    if (status !== 'published') refuse('WITHHELD_PRINTED', 'a cell is marked as withheld, and has a number to be published', place, 'leave the number out, or give the cell the status published');
    const truth = value ?? freq;
    if (truth !== undefined && Math.abs(published - truth) > SAME * Math.max(1, Math.abs(truth))) {
      refuse('PUBLISHED_DIFFERS', `a published cell has another number than the true one beside it (${value === undefined ? 'freq' : 'value'})`, place, 'correct the list; counts that were changed have the status rounded, and a list as it was published has no freq and no value');
    }
  }
}

function dimensionOf({ rows }: ReleasedList, column: string, at: number, spec: ProtectionSpec): SpecDimension {
  const named = spec.dimensions.find((d) => d.column === column);
  if (named) return named;
  const codes = new Set(rows.map((row) => row.key[at]));
  const total = spec.dimensions.map((d) => d.total ?? rootOf(d)).find((code) => code !== undefined && codes.has(code));
  if (total === undefined) refuse('COLUMN_UNKNOWN', `a released list has the column “${column}”, and nothing says which of its codes is the total`, { column }, 'add the column to the dimensions of the specification');
  return { column, total };
}

/** The code that every other one adds to. */
function rootOf({ column, sums }: SpecDimension): string | undefined {
  if (sums === undefined) return undefined;
  const { codes, leaves, leavesOf } = makeHierarchy({ name: column, sums });
  return codes.find((code, i) => (leavesOf[i] as readonly number[]).length === leaves.length && !leaves.includes(i) && !sums.some((s) => s.parts.includes(code)));
}

function tableOf({ rows }: ReleasedList, spec: ProtectionSpec): CellTable {
  const truth = rows.every((row) => row.freq !== undefined);
  return cellTableOf(rows.map(({ key, freq, value }) => (truth ? { key, freq: freq ?? 0, ...(value === undefined ? {} : { value }) } : { key, freq: 0 })), spec, { partial: true });
}

interface OwnColumn {
  readonly dimension: SpecDimension;
  readonly hierarchy: CellTable['hierarchies'][number];
  readonly showsTotal: boolean;
  /** The list is only asked for. */
  readonly asked: boolean;
}

function sharedColumn(name: string, spec: ProtectionSpec, own: readonly (OwnColumn | undefined)[]): SharedColumn {
  const dimension = spec.dimensions.find((d) => d.column === name) ?? own.find((o) => o !== undefined)?.dimension ?? { column: name };
  const total = dimension.total ?? rootOf(dimension);
  const code = (text: string): string => (text === total ? ALL : text);
  const sums: CodeSum[] = (dimension.sums ?? []).map((s) => ({ total: code(s.total), parts: s.parts.map(code) }));
  for (const column of own) {
    if (column === undefined || dimension.sums !== undefined) continue;
    // Codes without their total need not be all there are.
    if (!column.showsTotal || (column.asked && own.some((other) => other !== column && other?.showsTotal === true))) continue;
    const { codes, sums: found } = column.hierarchy;
    for (const s of found) if (!column.asked || s.parts.length > 1) sums.push({ total: code(codes[s.total] as string), parts: s.parts.map((part) => code(codes[part] as string)) });
  }
  const distinct = new Map(sums.map((s) => [JSON.stringify([s.total, s.parts.toSorted()]), s]));
  const codes = new Set([...distinct.values()].flatMap((s) => [s.total, ...s.parts]));
  for (const column of own) for (const each of column?.hierarchy.codes ?? [ALL]) codes.add(code(each));
  return { name, total, codes: [...codes], sums: Map.groupBy(distinct.values(), (s) => s.total) };
}

function placed(list: ReleasedList, table: CellTable, columns: readonly SharedColumn[]): PlacedList {
  const width = table.hierarchies.length;
  const at = columns.map((c) => list.columns.indexOf(c.name));
  const names = table.hierarchies.map((h, d) => {
    const column = columns.find((c) => c.name === list.columns[d]) as SharedColumn;
    return h.codes.map((code) => (code === column.total ? ALL : code));
  });
  const addressFrom = (codeAt: (d: number) => number): Address => at.map((d) => (d === -1 ? ALL : (names[d] as string[])[codeAt(d)] as string));
  const keyOf = (cell: number): Int32Array => table.keys.subarray(cell * width, (cell + 1) * width);
  return {
    list, table, edition: list.edition ?? '', hasTruth: list.rows.every((row) => row.freq !== undefined),
    addressOf: (row) => addressFrom((d) => table.keys[row * width + d] as number),
    * unlisted() {
      const sumsOf = table.hierarchies.map((h) => Map.groupBy(h.sums, (s) => s.total));
      for (let cell = 0; cell < table.size; cell++) {
        const key = Int32Array.from(keyOf(cell));
        for (let d = 0; d < width; d++) {
          const code = key[d] as number;
          for (const { parts } of (sumsOf[d] as Map<number, { parts: readonly number[] }[]>).get(code) ?? []) {
            const missing = parts.filter((part) => { key[d] = part; return table.find(key) === -1; });
            for (const part of missing.length < parts.length ? missing : []) yield addressFrom((i) => (i === d ? part : key[i] as number));
            key[d] = code;
          }
        }
      }
    },
  };
}
