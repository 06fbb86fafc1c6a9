/**
 * The cheapest way to open cells by a linear program over the cells around them, printed or not: where no box fits, or a table
 * is too large for a program over all of it. Source: docs/references.md#fischetti-salazar, docs/references.md#l1-support.
 * @module
 */
import type { Move } from './boxes.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { MoveProgram } from './move-program.ts';
import type { Range } from './move-program.ts';
import { relationsByCell } from './relations-by-cell.ts';
import { rangesOf } from './secondary.ts';
import type { SecondaryOptions } from './secondary.ts';

export interface Surroundings {
  readonly relations: readonly Relation[];
  /** For each cell the relations that it stands in. */
  readonly relationsOf: readonly (readonly number[])[];
  /** How a cell can differ from the truth for all that a reader knows. */
  readonly rangeOf: (cell: number) => Range;
  /** Price of withholding a cell: 0 where it is withheld, Infinity where it must be printed. */
  readonly priceOf: (cell: number) => number;
  /** Counts: differences that are whole but for the solver's rounding are taken to be. */
  readonly whole: boolean;
  /** Time for one program; one that takes longer has no solution. */
  readonly seconds?: number;
}

/** A whole system of cells, with what it costs to withhold each. */
export function surroundingsOf(system: CellSystem, options: SecondaryOptions, priceOf: (cell: number) => number): Surroundings {
  return { relations: system.relations, relationsOf: relationsByCell(system.relations, system.size), rangeOf: rangesOf(system, options), priceOf, whole: options.whole };
}

/** Of the relations of cells, those lists that were needed so far with short ones first. */
const SHORT_FIRST = new WeakMap<Surroundings['relationsOf'], (readonly number[] | undefined)[]>();

/** The relations that the cell stands in, short ones first. */
function shortFirst(cell: number, { relations, relationsOf }: Surroundings): readonly number[] {
  const known = SHORT_FIRST.get(relationsOf) ?? [];
  if (known.length === 0) SHORT_FIRST.set(relationsOf, known);
  const length = (r: number): number => (relations[r] as Relation).parts.length;
  return known[cell] ??= [...relationsOf[cell] as readonly number[]].sort((one, other) => length(one) - length(other));
}

/** Withheld cells around the one to open, among which an alternative costs nothing. */
const WITHHELD = 8000;
/** Cells around the one to open: few first, then more, at last all that sums tie to it. */
const CELLS = [400, 2000, 8000, Infinity] as const;
/** Withheld cells around the one to open, where little is to change. */
const FEW_CELLS = [60, 1000, Infinity] as const;
const NEARLY = 1e-9;
/** What the solver's tolerances leave of a whole number. */
const ROUNDING = 1e-6;

/** A change in which the cell goes up by `need` at least (counts may go down instead where `down` is true); undefined: none nearby. */
export async function openNearby(cell: number, need: number, down: boolean, around: Surroundings): Promise<Move | undefined> {
  const ask = async (cells: readonly number[], terms: Surroundings): Promise<Move | undefined> => await cheapest(new Map([[cell, need]]), cells, terms) ?? (down ? cheapest(new Map([[cell, -need]]), cells, terms) : undefined);
  const withheld: Surroundings = { ...around, priceOf: (other) => (around.priceOf(other) > 0 ? Infinity : 0) };
  const free = await ask(nearest(cell, WITHHELD, withheld), withheld);
  if (free !== undefined) return free;
  for (const cells of neighbourhoods(cell, around, CELLS)) {
    const move = await ask(cells, around);
    if (move !== undefined) return move;
  }
  return undefined;
}

/**
 * A change in whole numbers in which the count goes up by one at least, or down. Withheld cells have a price too, so that little
 * changes: what little changes is whole more often than not. @returns undefined: none was found
 */
export async function openNearbyWhole(cell: number, around: Surroundings): Promise<Move | undefined> {
  const sparing: Surroundings = { ...around, priceOf: (other) => 1 + around.priceOf(other) };
  for (const cells of neighbourhoods(cell, sparing, CELLS)) {
    for (const step of [1, -1]) {
      const move = await cheapest(new Map([[cell, step]]), cells, sparing);
      if (move?.steps.every(Number.isInteger) === true) return move;
    }
  }
  return undefined;
}

/** A change within what is withheld in which the cell goes so far at least, up or down, and little else changes; undefined: there is none. */
export async function openSparing(cell: number, step: number, around: Surroundings): Promise<Move | undefined> {
  if (isAlone(cell, around)) return undefined;
  for (const cells of neighbourhoods(cell, around, FEW_CELLS)) {
    const move = await cheapest(new Map([[cell, step]]), cells, around);
    if (move !== undefined) return move;
  }
  return undefined;
}

/** True when some sum holds no other cell that may change. */
function isAlone(cell: number, { relations, relationsOf, priceOf }: Surroundings): boolean {
  const stays = (other: number): boolean => other === cell || priceOf(other) === Infinity;
  return (relationsOf[cell] as readonly number[]).some((r) => {
    const { total, parts } = relations[r] as Relation;
    return stays(total) && parts.every(stays);
  });
}

/** One change in which every cell of `asked` goes so far at least, up or down, over all cells; undefined: there is none. */
export function openAtOnce(asked: ReadonlyMap<number, number>, around: Surroundings): Promise<Move | undefined> {
  return cheapest(asked, [...around.relationsOf.keys()].filter((cell) => around.priceOf(cell) < Infinity), around);
}

/**
 * Several cells by one change; where there is none, each half of them by one of its own.
 * @param asked - cells with how far each goes at least, up or down
 * @param around - asked before each program: what was withheld before costs nothing
 * @param take - is told each change with the cells that it was made for
 * @param least - fewer cells are left as they are
 * @returns cells that are left
 */
export async function openInHalves(asked: readonly (readonly [number, number])[], around: () => Surroundings, take: (move: Move, cells: readonly number[]) => void, least = 1): Promise<number[]> {
  const cells = asked.map(([cell]) => cell);
  if (asked.length < least) return cells;
  const move = await openAtOnce(new Map(asked), around());
  if (move !== undefined) {
    take(move, cells);
    return [];
  }
  if (asked.length === 1) return cells;
  const half = asked.length >> 1;
  return [...await openInHalves(asked.slice(0, half), around, take, least), ...await openInHalves(asked.slice(half), around, take, least)];
}

/** Ever more cells around one, until there are no more. */
function* neighbourhoods(cell: number, around: Surroundings, sizes: readonly number[]): Generator<readonly number[]> {
  let before = 0;
  for (const most of sizes) {
    const cells = nearest(cell, most, around);
    if (cells.length === before) return;
    before = cells.length;
    yield cells;
  }
}

/** Cells by their distance in sums, along short sums first. */
function nearest(cell: number, most: number, around: Surroundings): number[] {
  const { relations, priceOf } = around;
  const cells = [cell];
  const seen = new Set(cells);
  const looked = new Set<number>();
  for (let i = 0; i < cells.length && cells.length < most; i++) {
    for (const r of shortFirst(cells[i] as number, around)) {
      if (looked.has(r) || cells.length >= most) continue;
      looked.add(r);
      const { total, parts } = relations[r] as Relation;
      for (const other of [total, ...parts]) {
        if (seen.has(other) || priceOf(other) === Infinity) continue;
        seen.add(other);
        cells.push(other);
      }
    }
  }
  return cells;
}

/** In units of what the cells have to move, so that the solver's tolerance means the same for pennies and for millions. */
async function cheapest(asked: ReadonlyMap<number, number>, cells: readonly number[], { relations, relationsOf, rangeOf, priceOf, whole, seconds }: Surroundings): Promise<Move | undefined> {
  const unit = Math.max(...[...asked.values()].map(Math.abs));
  const ranges = new Map<number, Range>();
  const prices = new Map<number, number>();
  for (const other of cells) {
    const { lower, upper } = rangeOf(other);
    ranges.set(other, { lower: lower / unit, upper: upper / unit });
    const price = priceOf(other);
    if (price > 0) prices.set(other, price);
  }
  for (const [cell, by] of asked) {
    const own = ranges.get(cell) as Range;
    const far = by / unit;
    if (far > 0 ? own.upper < far - NEARLY : own.lower > NEARLY + far) return undefined;
    ranges.set(cell, far > 0 ? { lower: far, upper: Math.max(far, own.upper) } : { lower: Math.min(far, own.lower), upper: far });
  }
  const tied = [...new Set(cells.flatMap((other) => relationsOf[other] as readonly number[]))].map((r) => relations[r] as Relation);
  const program = await MoveProgram.open({ relations: tied, ranges, prices, ...(seconds === undefined ? {} : { seconds }) });
  try {
    const moved = program.solve();
    return moved && { cells: Int32Array.from(moved.keys()), steps: Float64Array.from(moved.values(), (step) => (whole ? wholeOr(step * unit) : step * unit)) };
  } finally {
    program.dispose();
  }
}

function wholeOr(step: number): number {
  const near = Math.round(step);
  return Math.abs(step - near) < ROUNDING ? near : step;
}
