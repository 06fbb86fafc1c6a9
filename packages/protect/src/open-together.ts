/**
 * Tables that open many cells at once: cells are pushed together, in one program, and no further than they must go, so that one
 * table serves many. Those that single sums let go along with each other are pushed in earnest, the others lightly. Next come
 * those that the table left.
 * @module
 */
import type { Range } from './move-program.ts';
import type { Narrowing } from './narrowing.ts';
import type { ReducedProgram } from './reduced-program.ts';

/** Cells that a table must open to be worth its time: a program for one cell takes a tenth of it. */
const SEVERAL = 12;
/** How much less a cell is pushed that cannot go along with those before it. Not at all would leave nothing to hold it. */
const LIGHT = 0.05;

export interface OpenTogether {
  /** Cells that no table opens yet. */
  readonly asked: () => readonly number[];
  /** How far a cell must go. */
  readonly need: (cell: number) => number;
  readonly rangeOf: (cell: number) => Range;
  /** Takes the next table: afterwards `asked` leaves out what it opens. */
  readonly learn: (moved: Map<number, number> | undefined) => Promise<void>;
}

/**
 * Pushes counts, up or down, as long as a table opens several. Only bounds that `program` was given end a push: cap them.
 * @param narrowing - with the cells, relations and bounds of `program`; nothing is assumed in it, before and after
 */
export async function openTogether(program: ReducedProgram, narrowing: Narrowing, { asked, need, rangeOf, learn }: OpenTogether): Promise<void> {
  let cells = asked();
  for (let round = 0; cells.length >= SEVERAL; round++) {
    const prices = new Map<number, number>();
    for (const cell of cells) {
      const first = direction(rangeOf(cell), cell, round);
      const way = [first, -first].find((way) => goesAlong(narrowing, cell, rangeOf(cell), way * need(cell)));
      prices.set(cell, -(way ?? LIGHT * first) / need(cell));
    }
    narrowing.forget();
    await learn(await program.solveWithin(prices));
    const left = asked();
    if (cells.length - left.length < SEVERAL) return;
    cells = left;
  }
}

/** Whether the cell can lie so far from the truth together with what is assumed already; it is assumed then, too. */
function goesAlong(narrowing: Narrowing, cell: number, { lower, upper }: Range, step: number): boolean {
  if (step < lower || step > upper) return false;
  return narrowing.assume(cell, step > 0 ? { lower: step, upper: Infinity } : { lower: -Infinity, upper: step });
}

/** A whole step up where only that leaves a count within its bounds, or down; else now the one way, now the other. */
function direction({ lower, upper }: Range, cell: number, round: number): 1 | -1 {
  if (lower > -1) return 1;
  if (upper < 1) return -1;
  return ((cell * 2654435761 + round * 40503) >>> 7) % 2 === 0 ? 1 : -1;
}
