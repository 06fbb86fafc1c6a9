/**
 * Secondary suppression: which further cells go unprinted so that no unsafe cell can be derived, by elimination;
 * and what all methods are told and give back. Source: docs/references.md#langsrud-2024.
 * @module
 */
import type { Move } from './boxes.ts';
import type { CellSystem, CellTable, Relation } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { eliminate } from './eliminate.ts';
import type { Range } from './move-program.ts';
import type { Secrecy } from './pattern.ts';
import type { PrimaryCell } from './primary.ts';

/** What it costs to leave a cell unprinted. */
export type CostOf = 'cells' | 'values' | 'information';

export interface SecondaryOptions {
  readonly primary: ReadonlyMap<number, PrimaryCell>;
  /** Zeros are printed, so that every unprinted cell is known to be at least 1. */
  readonly zerosPrinted: boolean;
  /** Counts: only whole values are possible. */
  readonly whole: boolean;
  /** Where marks are told, what a reader knows of an unsafe cell: it is at most this. */
  readonly atMost?: number;
  /** And of the others that are withheld: each is at least this. */
  readonly atLeast?: number;
  readonly forced?: ReadonlySet<number>;
  readonly cost?: CostOf;
  /** Searches for cells that can be printed after all; default 20,000. */
  readonly effort?: number;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface ProgramOptions extends SecondaryOptions {
  /** Secondary cells to start from. They stay withheld. */
  readonly start?: Iterable<number>;
  /** Secondary cells to begin with. They are printed again where the unsafe cells can do without them. */
  readonly suggestion?: Iterable<number>;
  /** How often prices are weighed anew; default 4. */
  readonly weighings?: number;
  /** Seconds after which the search gives up with `OutOfTime`; default: never, so that the same input gives the same pattern. */
  readonly seconds?: number;
}

export interface Suppression {
  /** Secondary cell → what it protects. */
  readonly secondary: ReadonlyMap<number, string>;
  /** Primary cells that the method could not prove open: for the audit to look at. */
  readonly unproved: readonly number[];
  /** Tables found on the way that show unsafe cells to be open. */
  readonly alternatives?: readonly Move[];
}

/**
 * Each cell as the finest cells that add to it; undefined when the table's margins do not rest on finest cells.
 * @param zerosKnown - a reader sees which finest cells are empty, so they are no unknowns
 */
export function columnsOf(table: CellTable, zerosKnown: boolean): { readonly rows: number; readonly columns: Int32Array[]; readonly rowCells: number[] } | undefined {
  const below = new Map<number, Relation>();
  for (const relation of table.relations) if (!below.has(relation.total)) below.set(relation.total, relation);
  const rowCells: number[] = [];
  const memo = new Map<number, Int32Array>();
  const leaves = (cell: number): Int32Array => {
    const known = memo.get(cell);
    if (known) return known;
    const relation = below.get(cell);
    const own = relation === undefined ? (zerosKnown && table.freq[cell] === 0 ? new Int32Array(0) : Int32Array.of(rowCells.push(cell) - 1))
      : Int32Array.from(Array.from(relation.parts).flatMap((part) => Array.from(leaves(part)))).sort();
    memo.set(cell, own);
    return own;
  };
  const columns = Array.from({ length: table.size }, (_, cell) => leaves(cell));
  const complete = rowCells.every((cell) => table.hierarchies.every((h, d) => (h.leavesOf[table.keys[cell * table.hierarchies.length + d] as number] as readonly number[]).length === 1));
  return complete ? { rows: rowCells.length, columns, rowCells } : undefined;
}

/**
 * Cells from the most to the least wanted: zeros first, then by size. What is alike in that is told apart by the sums that the cell
 * is part of, then by its codes: never by its row.
 */
export function printOrder(table: CellTable, zerosPrinted: boolean): number[] {
  const size = table.value ?? table.freq;
  const width = table.hierarchies.length;
  const rank = (cell: number): number => (zerosPrinted && table.freq[cell] === 0 ? Infinity : Math.abs(size[cell] as number));
  const above = new Float64Array(table.size);
  for (const { total, parts } of table.relations) for (const part of parts) above[part] = (above[part] as number) + (size[total] as number);
  const places = table.hierarchies.map(({ codes }) => {
    const sorted = [...codes].sort();
    const at = new Map(sorted.map((code, place) => [code, place]));
    return Int32Array.from(codes, (code) => at.get(code) as number);
  });
  const byCodes = (a: number, b: number): number => {
    for (const [d, place] of places.entries()) {
      const apart = (place[table.keys[a * width + d] as number] as number) - (place[table.keys[b * width + d] as number] as number);
      if (apart !== 0) return apart;
    }
    return 0;
  };
  return Array.from({ length: table.size }, (_, i) => i).sort((a, b) => (rank(a) === rank(b) ? (above[b] as number) - (above[a] as number) || byCodes(a, b) : rank(b) - rank(a)));
}

/**
 * Suppression by elimination alone: exact against linear disclosure; `singletons` keeps sums of least counts from print.
 * Undefined when the table's margins do not rest on finest cells.
 */
export function suppressByElimination(table: CellTable, { primary, zerosPrinted, whole, forced, onProgress, signal }: SecondaryOptions, singletons: boolean): Suppression | undefined {
  const inner = columnsOf(table, zerosPrinted);
  if (inner === undefined) return undefined;
  const least = zerosPrinted ? 1 : 0;
  const result = eliminate({
    rows: inner.rows, columns: inner.columns, primary: [...primary.keys()], order: printOrder(table, zerosPrinted), forced: [...(forced ?? [])],
    onProgress: (tried, of) => {
      onProgress?.(tried, of);
      signal?.throwIfAborted();
    },
    ...(singletons && whole ? { singletonRows: inner.rowCells.flatMap((cell, row) => (table.freq[cell] === least ? [row] : [])) } : {}),
  });
  const secondary = new Map(result.secondary.map((cell) => [cell, `secondary: protects ${cellName(table, result.protects.get(cell) ?? -1)}`]));
  return { secondary, unproved: result.exposed };
}

/** The cost of leaving each cell unprinted: Infinity where it is printed whatever follows. */
export function costOf(system: CellSystem, { cost = 'information', forced, zerosPrinted }: SecondaryOptions): (cell: number) => number {
  const value = system.value ?? system.freq;
  const total = value.reduce((most, each) => Math.max(most, each), 1);
  const weight = {
    cells: (cell: number): number => 1 + (value[cell] as number) / total,
    values: (cell: number): number => 1e-3 + (value[cell] as number),
    information: (cell: number): number => Math.log2(2 + (value[cell] as number)),
  }[cost];
  return (cell) => (forced?.has(cell) === true || (zerosPrinted && system.freq[cell] === 0) ? Infinity : weight(cell));
}

/** The least and the greatest value that a reader takes a cell to have before any sum, if it is withheld. */
function endsOf(system: CellSystem, { whole, zerosPrinted, atMost, atLeast, primary }: SecondaryOptions): (cell: number) => Range {
  const truth = system.value ?? system.freq;
  const least = whole && zerosPrinted ? 1 : 0;
  return (cell) => {
    const value = truth[cell] as number;
    const isUnsafe = primary.has(cell);
    return {
      lower: !isUnsafe && atLeast !== undefined && value >= atLeast ? Math.max(least, atLeast) : least,
      upper: isUnsafe && atMost !== undefined && value <= atMost ? atMost : Infinity,
    };
  };
}

/** How a cell can differ from the truth for all that a reader knows of it beforehand. */
export function rangesOf(system: CellSystem, options: SecondaryOptions): (cell: number) => Range {
  const truth = system.value ?? system.freq;
  const ends = endsOf(system, options);
  return (cell) => {
    const { lower, upper } = ends(cell);
    return { lower: lower - (truth[cell] as number), upper: upper - (truth[cell] as number) };
  };
}

/** What a reader knows of a table's cells, and what must stay open. */
export function secrecyOf(system: CellSystem, options: SecondaryOptions): Secrecy {
  const ends = endsOf(system, options);
  return {
    value: system.value ?? system.freq, whole: options.whole,
    lower: Float64Array.from({ length: system.size }, (_, cell) => ends(cell).lower), upper: Float64Array.from({ length: system.size }, (_, cell) => ends(cell).upper),
    required: new Map([...options.primary].map(([cell, { upper }]) => [cell, upper])),
  };
}

/** Why each secondary cell is withheld. @param protects - the unsafe cell that it was withheld for, where that is known */
export function reasonsOf({ nameOf }: CellSystem, secondary: readonly number[], protects: ReadonlyMap<number, number | undefined>): Map<number, string> {
  return new Map(secondary.map((cell) => {
    const protectedCell = protects.get(cell);
    return [cell, protectedCell === undefined ? 'secondary: protects unsafe cells of its line' : `secondary: protects ${nameOf(protectedCell)}`];
  }));
}
