/**
 * Secondary suppression of amounts by linear programs: cells to begin with (what elimination withholds, say) and alternative tables among
 * them; one table that opens most cheaply all that these leave too close; then what the unsafe cells can do without is printed again,
 * until none of it can be. Tables of few cells are looked for throughout: the fewer need a cell, the less its printing costs.
 * Source: docs/references.md#fischetti-salazar, docs/references.md#l1-support.
 * @module
 */
import { Boxes } from './boxes.ts';
import type { Move } from './boxes.ts';
import type { CellSystem, CellTable } from './cell-table.ts';
import { openInHalves, surroundingsOf } from './open-nearby.ts';
import { clockOf, OutOfTime } from './out-of-time.ts';
import { leastStep, Pattern } from './pattern.ts';
import { letOthersRun } from './pause.ts';
import { printAgain } from './print-again.ts';
import { SearchWithin } from './search-within.ts';
import { costOf, reasonsOf, secrecyOf } from './secondary.ts';
import type { ProgramOptions, Suppression } from './secondary.ts';

/** Cells after which signals and timers get their turn. */
const PAUSE_EVERY = 64;

/**
 * Chooses secondary cells for amounts, or for whatever is not known to be whole. `unproved` are the cells for which no alternative was found.
 * Where the time ends while cells are printed again, the others stay withheld.
 * @throws OutOfTime before every unsafe cell was looked at; DOMException `AbortError` when the signal says so
 */
export async function suppressAmounts(system: CellSystem | CellTable, options: ProgramOptions): Promise<Suppression> {
  const { primary, onProgress } = options;
  const goOn = clockOf(options);
  const kept = new Set(options.start);
  const pattern = new Pattern(system.size, [...primary.keys(), ...kept, ...options.suggestion ?? []], secrecyOf(system, options));
  const reasons = new Map<number, number>();
  const cost = costOf(system, options);
  const around = surroundingsOf(system, options, (cell) => (pattern.isUnprinted(cell) ? 0 : cost(cell)));
  const search = new SearchWithin(pattern, { ...around, ...('hierarchies' in system ? { boxes: new Boxes(system) } : {}) });
  const unshown = async (cells: readonly number[]): Promise<number[]> => {
    const left: number[] = [];
    for (const [i, cell] of cells.entries()) {
      if (i % PAUSE_EVERY === 0) await letOthersRun();
      goOn();
      onProgress?.(i, primary.size);
      if (!pattern.isShown(cell) && !await search.another(cell)) left.push(cell);
    }
    return left;
  };
  const close = await unshown([...primary.keys()]);
  const found: Move[] = [];
  const unproved = new Set(await openInHalves(close.map((cell) => [cell, leastStep(primary.get(cell)?.upper ?? 0, pattern.secrecy.value[cell] as number, false)]), () => ({ ...around, seconds: goOn() }), (move, [first]) => {
    found.push(move);
    for (const cell of move.cells) {
      if (pattern.isUnprinted(cell)) continue;
      pattern.suppress(cell);
      reasons.set(cell, first as number);
    }
  }));
  const dense = await unshown(close.filter((cell) => !unproved.has(cell)));
  if (dense.length > 0) for (const move of found) pattern.learn(move);
  try {
    await printAgain(pattern, { relations: system.relations, search, cost, kept, goOn: () => { goOn(); }, ...(options.effort === undefined ? {} : { effort: options.effort }) });
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
  }
  return { secondary: reasonsOf(system, pattern.unprinted().filter((cell) => !primary.has(cell)), reasons), unproved: [...unproved], alternatives: pattern.alternatives() };
}
