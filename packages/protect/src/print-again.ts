/**
 * Withheld cells that the unsafe ones can do without are printed again: each loses the alternatives that the cell is part of, and
 * others are looked for within what is withheld. Where the search is thorough and every cell was tried, none of those left can be printed: printing
 * more never makes room for another.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { Relation } from './cell-table.ts';
import type { Contributors } from './contributors.ts';
import type { Pattern } from './pattern.ts';
import { letOthersRun } from './pause.ts';
import type { SearchWithin } from './search-within.ts';

export interface PrintAgain {
  readonly relations: readonly Relation[];
  readonly search: SearchWithin;
  readonly cost: (cell: number) => number;
  /** Searches for other alternatives; default 20,000. */
  readonly effort?: number;
  /** Withheld whatever follows. */
  readonly kept?: ReadonlySet<number>;
  /** None of them may derive an unsafe cell of others either. */
  readonly contributors?: Contributors;
  /** Called for each cell: reports, and throws to cancel. */
  readonly goOn: (done: number, of: number) => void;
}

/** Where the search is not thorough, no more cells are tried when so few of the last so many could be printed. */
const WINDOW = 300;
const FEW = 6;
const EFFORT = 20_000;
/** Cells after which signals and timers get their turn. */
const PAUSE_EVERY = 32;

/** Prints secondary cells, the dearest first, wherever every unsafe cell keeps an alternative, for contributors too. */
export async function printAgain(pattern: Pattern, { relations, search, cost, effort = EFFORT, kept, contributors, goOn }: PrintAgain): Promise<void> {
  const { required } = pattern.secrecy;
  let left = effort;
  const isSafe = async (cell: number): Promise<boolean> => {
    if (!pattern.isShown(cell)) {
      left--;
      if (!await search.another(cell)) return false;
    }
    for (const contributor of contributors?.unconvinced(cell, pattern) ?? []) {
      left--;
      if (!await search.anotherFor(contributor, cell, contributors as Contributors)) return false;
    }
    return true;
  };
  // A cell without a known alternative gives no warning when it loses its last: nothing near it may be printed.
  const unproved = new Set<number>();
  for (const cell of required.keys()) if (!(contributors === undefined ? pattern.isShown(cell) : await isSafe(cell))) unproved.add(cell);
  const tied = new Set(componentsOf(pattern.unprinted(), relations).filter(({ cells }) => cells.some((cell) => unproved.has(cell))).flatMap(({ cells }) => cells));
  const mayBePrinted = (cell: number): boolean => !required.has(cell) && !tied.has(cell) && kept?.has(cell) !== true;
  const dearest = pattern.unprinted().filter(mayBePrinted).sort((a, b) => cost(b) - cost(a) || a - b);
  const printed: number[] = [];
  left = effort;
  for (let i = 0; i < dearest.length && left > 0; i++) {
    if (!search.isThorough && i >= WINDOW && (printed.at(-FEW) ?? -1) < i - WINDOW) break;
    if (i % PAUSE_EVERY === 0) await letOthersRun();
    goOn(i, dearest.length);
    const cell = dearest[i] as number;
    const sharing = pattern.sharingWith(cell);
    pattern.print(cell);
    if (await every(sharing, isSafe)) printed.push(i);
    else pattern.suppress(cell);
  }
  for (const cell of pattern.idle()) if (mayBePrinted(cell)) pattern.print(cell);
}

async function every(cells: readonly number[], holds: (cell: number) => Promise<boolean>): Promise<boolean> {
  for (const cell of cells) if (!await holds(cell)) return false;
  return true;
}
