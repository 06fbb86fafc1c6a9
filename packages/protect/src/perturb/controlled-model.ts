/**
 * Controlled rounding as an integer programme: every cell is a number of bases, moved up or down from the multiple below it.
 * Source: docs/references.md#salazar-controlled-rounding.
 * @module
 */
import { drawnUp } from './round-base-n.ts';
import type { AdditiveTable, RelationIndex } from './additive-relations.ts';
import type { IntegerProgram } from './integer-program.ts';
import type { UnitDraw } from '../units.ts';

/** A way to move a cell: `sign` bases for each unit of the column, up to `upper`, at `cost` each. */
interface Move {
  readonly sign: 1 | -1;
  readonly upper: number;
  readonly cost: number;
}

/** The cells of a table and how each may move. */
export interface RoundingModel {
  readonly table: AdditiveTable;
  readonly index: RelationIndex;
  readonly base: number;
  /** Bases in the multiple at or below each value. */
  readonly floors: Float64Array;
  readonly moves: readonly (readonly Move[])[];
  /** Cells that can move at all. */
  readonly movable: readonly number[];
  /** What the objective is when every cell stands at its floor. */
  readonly constant: number;
}

/**
 * @param steps - K: a cell may go K multiples beyond its neighbours
 * @param draws - where given, the aim is the multiple that each cell's draw chooses, not the nearest one
 */
export function roundingModel(table: AdditiveTable, index: RelationIndex, base: number, steps: number, draws: ArrayLike<number> | undefined): RoundingModel {
  const size = table.values.length;
  const floors = new Float64Array(size);
  const moves: Move[][] = [];
  const movable: number[] = [];
  let constant = 0;
  for (let cell = 0; cell < size; cell++) {
    const value = table.values[cell] ?? 0;
    const excess = value % base;
    const floor = (value - excess) / base;
    floors[cell] = floor;
    if (table.hidden?.(cell) === true) {
      const far = size * (steps + 1);
      moves.push([{ sign: 1, upper: far, cost: 0 }, { sign: -1, upper: Math.min(far, floor), cost: 0 }]);
      movable.push(cell);
      continue;
    }
    const up = draws !== undefined && drawnUp(excess, base, (draws[cell] ?? 0) as UnitDraw);
    constant += draws === undefined ? excess : up ? base : 0;
    const ways: Move[] = [];
    if (excess > 0) ways.push({ sign: 1, upper: 1, cost: draws === undefined ? base - 2 * excess : up ? -base : base });
    if (steps > 0) ways.push({ sign: 1, upper: steps, cost: base });
    if (steps > 0 && floor > 0) ways.push({ sign: -1, upper: Math.min(steps, floor), cost: base });
    if (ways.length > 0) movable.push(cell);
    moves.push(ways);
  }
  return { table, index, base, floors, moves, movable, constant };
}

/** The objective of a rounding, in units of the table. */
export function objectiveOf(model: RoundingModel, bases: Float64Array): number {
  let sum = model.constant;
  for (const cell of model.movable) for (const [m, amount] of splitMoves(model, cell, bases[cell] ?? 0).entries()) sum += amount * (model.moves[cell]?.[m]?.cost ?? 0);
  return sum;
}

/** The programme over some cells, all others held at `bases`; rows are the relations that a free cell takes part in. */
export function programOver(model: RoundingModel, free: readonly number[], bases: Float64Array): { readonly program: IntegerProgram; readonly start: Float64Array } {
  const { table, index, floors, moves } = model;
  const firstColumn = new Map<number, number>();
  const [cost, upper, start]: [number[], number[], number[]] = [[], [], []];
  for (const cell of free) {
    firstColumn.set(cell, cost.length);
    for (const move of moves[cell] ?? []) {
      cost.push(move.cost);
      upper.push(move.upper);
    }
    start.push(...splitMoves(model, cell, bases[cell] ?? 0));
  }
  const [starts, indices, values, right]: [number[], number[], number[], number[]] = [[0], [], [], []];
  const rows = new Set(free.flatMap((cell) => [...(index.totalOf[cell] ?? []), ...(index.partOf[cell] ?? [])]));
  for (const r of rows) {
    const relation = table.relations[r];
    if (relation === undefined) continue;
    let rest = 0;
    const enter = (cell: number, coefficient: 1 | -1): void => {
      const first = firstColumn.get(cell);
      rest += coefficient * ((first === undefined ? bases[cell] : floors[cell]) ?? 0);
      if (first === undefined) return;
      for (const [m, move] of (moves[cell] ?? []).entries()) {
        indices.push(first + m);
        values.push(coefficient * move.sign);
      }
    };
    for (const part of Array.from(relation.parts)) enter(part, 1);
    enter(relation.total, -1);
    starts.push(indices.length);
    right.push(-rest);
  }
  return {
    program: {
      cost: Float64Array.from(cost), upper: Float64Array.from(upper), starts: Int32Array.from(starts),
      indices: Int32Array.from(indices), values: Float64Array.from(values), right: Float64Array.from(right),
    },
    start: Float64Array.from(start),
  };
}

/** Writes the answer of {@link programOver} into `bases`. */
export function applyAnswer(model: RoundingModel, free: readonly number[], x: Float64Array, bases: Float64Array): void {
  let column = 0;
  for (const cell of free) {
    let value = model.floors[cell] ?? 0;
    for (const move of model.moves[cell] ?? []) {
      value += move.sign * Math.round(x[column] ?? 0);
      column += 1;
    }
    bases[cell] = value;
  }
}

/** How a number of bases is reached by a cell's moves, cheapest first: one column each. */
function splitMoves(model: RoundingModel, cell: number, bases: number): number[] {
  let rest = bases - (model.floors[cell] ?? 0);
  return (model.moves[cell] ?? []).map(({ sign, upper }) => {
    const amount = Math.min(upper, Math.max(0, sign * rest));
    rest -= sign * amount;
    return amount;
  });
}
