/**
 * Which method chooses the secondary cells of a table, and `combined`, which starts from the fast ones and improves on them by
 * linear programs within its time.
 * Leaves out: the audit, which judges whatever is chosen here.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { CellSystem, CellTable } from './cell-table.ts';
import { suppressByProgram } from './optimise.ts';
import { OutOfTime } from './out-of-time.ts';
import { costOf, suppressByElimination } from './secondary.ts';
import type { ProgramOptions, SecondaryOptions, Suppression } from './secondary.ts';
import { suppressByBoxes } from './suppress-boxes.ts';

export type SuppressionMethod = 'elimination' | 'elimination-singletons' | 'boxes' | 'optimisation' | 'combined';

export interface ChoiceOptions {
  /** Seconds for the search by linear programs; one that takes longer is given up, and the best pattern before it is taken. */
  readonly seconds?: number;
  /** Cells that are withheld in any case; only of the method `optimisation`. */
  readonly start?: Iterable<number>;
}

/** Unsafe cells up to which elimination is tried: its work grows faster than with their square. */
const MOST_ELIMINATED = 20_000;
/** Unsafe counts up to which `combined` searches by linear programs when it is given no time: some 20 seconds. */
const MOST_SEARCHED = 2_000;
/** Unsafe amounts up to which boxes are compared with what programs choose: of more, boxes take as long and withhold several times as much. */
const MOST_BOXED = 1_000;

/**
 * A pattern by one method.
 * @throws Refusal `FINEST_CELLS_MISSING` where elimination is asked for by name and cannot work; `SEARCH_TOO_LONG` where
 *   `optimisation` took longer than it was given; DOMException `AbortError` when the signal says so
 */
export async function choosePattern(table: CellSystem | CellTable, options: SecondaryOptions, method: SuppressionMethod, choice: ChoiceOptions): Promise<Suppression> {
  if (!('hierarchies' in table)) return byProgram(table, options, choice);
  switch (method) {
    case 'boxes': return suppressByBoxes(table, options);
    case 'optimisation': return byProgram(table, { ...options, suggestion: startOf(table, options) }, choice);
    case 'combined': return combined(table, options, choice);
    case 'elimination': case 'elimination-singletons': {
      const found = suppressByElimination(table, options, method === 'elimination-singletons');
      if (found === undefined) throw new Refusal([{ code: 'FINEST_CELLS_MISSING', severity: 'error', message: 'elimination needs the finest cells of the table, and some of its totals rest on none', place: {}, repair: 'give the finest cells too, or choose the method boxes or combined' }]);
      return found;
    }
  }
}

async function byProgram(system: CellSystem, options: ProgramOptions, { seconds, start }: ChoiceOptions): Promise<Suppression> {
  try {
    return await suppressByProgram(system, { ...options, ...(seconds === undefined ? {} : { seconds }), ...(start === undefined ? {} : { start }) });
  } catch (error) {
    if (error instanceof OutOfTime) throw new Refusal([{ code: 'SEARCH_TOO_LONG', severity: 'error', message: 'the search by linear programs took longer than it was given', place: { key: 'seconds' }, repair: 'give it more seconds, or choose the method combined, which then takes what faster methods found' }]);
    throw error;
  }
}

/** Amounts are searched from what elimination withholds: programs say what else their intervals need. Counts are searched from nothing. */
function startOf(table: CellTable, options: SecondaryOptions): Iterable<number> {
  if (options.whole || options.primary.size > MOST_ELIMINATED) return [];
  return suppressByElimination(table, options, false)?.secondary.keys() ?? [];
}

/**
 * Counts: boxes first; within its time what elimination withholds, proved and completed by programs where that promises to be cheaper;
 * then what programs choose themselves. Amounts: what programs choose, or boxes where these are cheaper, on tables where they are worth trying, or time is short, or
 * more are unsafe than elimination can begin with.
 * @returns the cheapest pattern in which every unsafe cell is proved open; where there is none, the one with the fewest that are not
 */
async function combined(table: CellTable, options: SecondaryOptions, { seconds }: ChoiceOptions): Promise<Suppression> {
  const until = seconds === undefined ? Infinity : performance.now() + 1000 * seconds;
  const better = (one: Suppression, other: Suppression): Suppression => (isBetter(table, options, one, other) ? one : other);
  if (!options.whole && seconds === undefined) {
    if (options.primary.size > MOST_ELIMINATED) return suppressByBoxes(table, options);
    const found = await suppressByProgram(table, { ...options, suggestion: startOf(table, options) });
    const settled = found.unproved.length === 0 && options.primary.size > MOST_BOXED;
    return settled ? found : better(await suppressByBoxes(table, options), found);
  }
  let best = await suppressByBoxes(table, options);
  const few = best.unproved.length === 0 && best.secondary.size <= options.primary.size / 4;
  const searched = seconds !== undefined || options.primary.size <= MOST_SEARCHED;
  if (!searched || (options.whole && few)) return best;
  const starts: (() => Iterable<number> | undefined)[] = [() => startOf(table, options)];
  if (options.whole && seconds !== undefined && options.primary.size <= MOST_ELIMINATED) {
    starts.unshift(() => {
      const start = suppressByElimination(table, options, true);
      return start !== undefined && isBetter(table, options, { ...start, unproved: [] }, best) ? start.secondary.keys() : undefined;
    });
  }
  for (const suggest of starts) {
    if (performance.now() >= until) return best;
    const suggestion = suggest();
    if (suggestion === undefined) continue;
    try {
      best = better(await suppressByProgram(table, { ...options, suggestion, ...(seconds === undefined ? {} : { seconds: (until - performance.now()) / 1000 }) }), best);
    } catch (error) {
      if (error instanceof OutOfTime) return best;
      throw error;
    }
  }
  return best;
}

function isBetter(table: CellSystem, options: SecondaryOptions, one: Suppression, other: Suppression): boolean {
  if (one.unproved.length !== other.unproved.length) return one.unproved.length < other.unproved.length;
  const cost = costOf(table, options);
  const price = ({ secondary }: Suppression): number => [...secondary.keys()].reduce((sum, cell) => sum + cost(cell), 0);
  return price(one) < price(other);
}
