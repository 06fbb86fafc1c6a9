/**
 * The attack on a table whose counts were changed: what a reader derives who knows the method, every changed count and all sums.
 * Small tables are attacked whole. In large ones single sums say which counts are known, and boxes of changes that keep every
 * sum and every range which are not; what neither decides is counted as not attacked.
 * Source: docs/references.md#savelsbergh, docs/references.md#hypercube, docs/references.md#fischetti-salazar.
 * @module
 */
import { provedOpen } from './alternatives.ts';
import { audit, knownBounds } from './audit.ts';
import type { Interval, Knowledge } from './audit.ts';
import { Boxes } from './boxes.ts';
import type { Move } from './boxes.ts';
import type { CellTable } from './cell-table.ts';
import { letOthersRun } from './pause.ts';
import { tightened } from './tighten.ts';

export interface PerturbedAttackOptions {
  /** Work out the interval of every unsafe cell; only where the table is attacked whole. */
  readonly intervals?: boolean;
  readonly combinations?: boolean;
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface PerturbedAttack {
  /** Cell → how it can be derived. */
  readonly broken: ReadonlyMap<number, string>;
  readonly intervals: readonly Interval[];
  readonly programs: number;
  /** Unsafe cells of which nothing was found out either way. */
  readonly undecided: number;
}

/** Cells up to which programs over the whole table are solved. */
export const MOST_WHOLE = 5_000;
/** Addresses of a crossing in which boxes are looked for: four bytes each. */
const MOST_ADDRESSES = 20_000_000;
const PAUSE_EVERY = 256;

export const EXACTLY = 'can be derived exactly';
export const TOO_CLOSELY = 'can be derived too closely';

/**
 * Attacks changed counts.
 * @param required - unsafe cell → how far above the truth a reader must reckon; 0: another count is enough
 * @throws DOMException `AbortError` when the signal says so
 */
export async function attackPerturbed(table: CellTable, knowledge: Knowledge, required: ReadonlyMap<number, number>, options: PerturbedAttackOptions = {}): Promise<PerturbedAttack> {
  const { intervals = false, combinations = false, onProgress, signal } = options;
  const cells = [...required.keys()].filter((cell) => !knowledge.printed(cell));
  const printed = [...required.keys()].filter((cell) => knowledge.printed(cell));
  const report = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('attack', done, of); } }) };
  if (table.size <= MOST_WHOLE) {
    const alternatives = intervals ? [] : await boxesFor(table, knowledge, new Map(cells.map((cell) => [cell, required.get(cell) as number])), options);
    const found = await audit(knowledge, { required, intervals, combinations, alternatives, ...report });
    return { broken: new Map(found.breaches.map(({ cell, why }) => [cell, why === 'exact' ? EXACTLY : TOO_CLOSELY])), intervals: found.intervals, programs: found.programs, undecided: 0 };
  }
  const broken = new Map(printed.map((cell): [number, string] => [cell, EXACTLY]));
  const { lower, upper } = tightened(knowledge.relations, knowledge.value, knownBounds(knowledge));
  for (const cell of cells) {
    if ((upper[cell] as number) - (lower[cell] as number) < 1) broken.set(cell, EXACTLY);
    else if ((upper[cell] as number) - (knowledge.value[cell] as number) < (required.get(cell) as number)) broken.set(cell, TOO_CLOSELY);
  }
  const open = new Map(cells.filter((cell) => !broken.has(cell)).map((cell) => [cell, required.get(cell) as number]));
  const proved = provedOpen(knowledge, open, await boxesFor(table, knowledge, open, options));
  return { broken, intervals: [], programs: 0, undecided: open.size - proved.size };
}

/** A box of changes for each cell that has one. */
async function boxesFor({ hierarchies, ...table }: CellTable, knowledge: Knowledge, required: ReadonlyMap<number, number>, { onProgress, signal }: PerturbedAttackOptions): Promise<Move[]> {
  const { value, lower, upper, printed } = knowledge;
  if (hierarchies.reduce((product, h) => product * h.codes.length, 1) > MOST_ADDRESSES) return [];
  const boxes = new Boxes({ hierarchies, ...table });
  const allows = (cell: number, step: number): boolean => {
    const now = (value[cell] as number) + step;
    return !printed(cell) && now >= (lower[cell] as number) && now <= (upper[cell] as number);
  };
  const moves: Move[] = [];
  let done = 0;
  for (const [cell, need] of required) {
    if (done % PAUSE_EVERY === 0) {
      await letOthersRun();
      signal?.throwIfAborted();
      onProgress?.('attack', done, required.size);
    }
    signal?.throwIfAborted();
    done++;
    const box = boxes.cheapest(cell, need || 1, { cost: () => 0, allows }, need > 0);
    if (box !== undefined) moves.push(box.move);
  }
  return moves;
}
