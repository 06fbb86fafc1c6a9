/**
 * Tables that open many cells at once: every cell that is asked about is pushed, all in one program, and no further than it must
 * go, so that one table serves many. Next come those that it left.
 * @module
 */
import type { Range } from './move-program.ts';
import type { ReducedProgram } from './reduced-program.ts';

/** One in so many of the cells asked about is opened by a table that is worth its time. */
const SEVERAL = 30;

export interface OpenTogether {
  /** Cells that no table opens yet. */
  readonly asked: () => readonly number[];
  /** How far a cell must go. */
  readonly need: (cell: number) => number;
  readonly rangeOf: (cell: number) => Range;
  /** Takes the next table: afterwards `asked` leaves out what it opens. */
  readonly learn: (moved: Map<number, number> | undefined) => Promise<void>;
}

/** Pushes counts, up or down, as long as a table opens several. Only bounds that `program` was given end a push: cap them. */
export async function openTogether(program: ReducedProgram, { asked, need, rangeOf, learn }: OpenTogether): Promise<void> {
  let cells = asked();
  for (let round = 0; cells.length > 0; round++) {
    await learn(program.solve(new Map(cells.map((cell) => [cell, -direction(rangeOf(cell), cell, round) / need(cell)]))));
    const left = asked();
    if (SEVERAL * (cells.length - left.length) <= cells.length) return;
    cells = left;
  }
}

/** A whole step up where only that leaves a count within its bounds, or down; else now the one way, now the other. */
function direction({ lower, upper }: Range, cell: number, round: number): 1 | -1 {
  if (lower > -1) return 1;
  if (upper < 1) return -1;
  return ((cell * 2654435761 + round * 40503) >>> 7) % 2 === 0 ? 1 : -1;
}
