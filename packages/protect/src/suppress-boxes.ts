/**
 * Secondary suppression by boxes: quick on tables of any size. Source: docs/references.md#hypercube.
 * @module
 */
import { Boxes } from './boxes.ts';
import type { Move } from './boxes.ts';
import type { CellTable } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { openInHalves, openNearby, openNearbyWhole, surroundingsOf } from './open-nearby.ts';
import type { Surroundings } from './open-nearby.ts';
import { leastStep, Pattern } from './pattern.ts';
import { printAgain } from './print-again.ts';
import { relationsByCell } from './relations-by-cell.ts';
import { SearchWithin } from './search-within.ts';
import { costOf, secrecyOf } from './secondary.ts';
import type { SecondaryOptions, Suppression } from './secondary.ts';
import { shareBoxes } from './share-boxes.ts';

/** Cells from one report of progress to the next. */
const PROGRESS_EVERY = 100;
/** Cells of a table up to which one program over all of them may open what boxes do not. */
const AT_ONCE = 20_000;
/**
 * A cell is dear when it costs so many times what withheld cells cost on average: a small sum moves with everything under it, and
 * boxes that share a few large cells hide how much that is.
 */
const DEAR = 2;

/**
 * One box for every unsafe cell, chosen so that they share what they withhold, and a linear program where none fits; once more without
 * dear cells, if that is cheaper; then whatever the unsafe cells can do without is printed again. Counts are open in whole numbers
 * wherever that was found. `unproved` are cells for which nothing was found.
 * @throws DOMException `AbortError` when the signal says so
 */
export async function suppressByBoxes(table: CellTable, options: SecondaryOptions): Promise<Suppression> {
  const search: Search = {
    table, options, cost: costOf(table, options), relationsOf: relationsByCell(table.relations, table.size),
    goOn: (done, of) => {
      if (done % PROGRESS_EVERY === 0) options.onProgress?.(done, of);
      options.signal?.throwIfAborted();
    },
  };
  const boxes = new Boxes(table);
  let best = new Choice(search, boxes);
  const chosen = shareBoxes(boxes, { ...search, pattern: best.pattern });
  await best.withhold(chosen);
  const dear = DEAR * best.meanCost();
  if (best.dearest() > dear) {
    const other = new Choice(search, boxes);
    const modest = shareBoxes(boxes, { ...search, pattern: other.pattern, cost: (cell) => (search.cost(cell) > dear ? Infinity : search.cost(cell)) });
    if (modest.size === chosen.size || mayOpenAtOnce(search)) await other.withhold(modest, true);
    if (other.price() < best.price()) best = other;
  }
  const within = new SearchWithin(best.pattern, { ...search, ...table, boxes });
  await printAgain(best.pattern, { ...search, ...table, search: within, ...(options.effort === undefined ? {} : { effort: options.effort }) });
  return best.result();
}

interface Search {
  readonly table: CellTable;
  readonly options: SecondaryOptions;
  readonly cost: (cell: number) => number;
  readonly relationsOf: readonly (readonly number[])[];
  /** Reports progress, and throws to cancel. */
  readonly goOn: (done: number, of: number) => void;
}

function mayOpenAtOnce({ table, options }: Search): boolean {
  return options.whole && table.size <= AT_ONCE;
}

/** A pattern with why each cell is in it. */
class Choice {
  readonly pattern: Pattern;
  readonly #search: Search;
  readonly #boxes: Boxes;
  readonly #reason = new Map<number, string>();
  /** Counts that only tables with fractions open. */
  #settled = 0;

  constructor(search: Search, boxes: Boxes) {
    this.#boxes = boxes;
    this.#search = search;
    this.pattern = new Pattern(search.table.size, search.options.primary.keys(), secrecyOf(search.table, search.options));
  }

  /**
   * Withholds boxes, and what else the unsafe cells need that have none. Counts that only fractions open are settled for.
   * @param trial - gives up where one program for all of them does not open a count in whole numbers
   */
  async withhold(boxes: ReadonlyMap<number, Move>, trial = false): Promise<void> {
    for (const [cell, move] of boxes) this.#withhold(move, cell);
    const { table, options, goOn } = this.#search;
    const { pattern } = this;
    const { required } = pattern.secrecy;
    const rest = [...required.keys()].filter((cell) => !pattern.isShown(cell));
    const around = surroundingsOf(table, options, (cell) => (pattern.isUnprinted(cell) ? 0 : this.#search.cost(cell)));
    if (mayOpenAtOnce(this.#search)) await this.#openAtOnce(rest, around, trial);
    const within = new SearchWithin(pattern, { ...this.#search, ...table, boxes: this.#boxes });
    for (const [i, cell] of rest.entries()) {
      goOn(i, rest.length);
      if (pattern.isShown(cell) || await within.another(cell)) continue;
      if (trial) return;
      const need = required.get(cell) as number;
      const count = options.whole && need === 0;
      const move = (count ? await openNearbyWhole(cell, around) : undefined) ?? await openNearby(cell, this.#step(cell), count, around);
      if (move !== undefined) this.#withhold(move, cell);
      if (count && !pattern.isShown(cell)) this.#settle(cell);
    }
  }

  #settle(cell: number): void {
    this.pattern.settle(cell);
    this.#settled++;
  }

  /** What is withheld costs; Infinity where an unsafe cell is not proved open, or by fractions only. */
  price(): number {
    const { required } = this.pattern.secrecy;
    if (this.#settled > 0 || [...required.keys()].some((cell) => !this.pattern.isShown(cell))) return Infinity;
    return this.#secondary().reduce((sum, cell) => sum + this.#search.cost(cell), 0);
  }

  meanCost(): number {
    const secondary = this.#secondary();
    return secondary.reduce((sum, cell) => sum + this.#search.cost(cell), 0) / secondary.length;
  }

  dearest(): number {
    return this.#secondary().reduce((most, cell) => Math.max(most, this.#search.cost(cell)), 0);
  }

  #secondary(): number[] {
    return this.pattern.unprinted().filter((cell) => !this.pattern.secrecy.required.has(cell));
  }

  result(): Suppression {
    const { required } = this.pattern.secrecy;
    return {
      secondary: new Map(this.#secondary().map((cell) => [cell, this.#reason.get(cell) as string])),
      unproved: [...required.keys()].filter((cell) => !this.pattern.isShown(cell)), alternatives: this.pattern.alternatives(),
    };
  }

  /** Several counts by one table; where there is none, half of them by one each, unless it is to be tried `once`. */
  async #openAtOnce(cells: readonly number[], around: Surroundings, once: boolean): Promise<void> {
    const { pattern } = this;
    const asked = cells.map((cell): [number, number] => [cell, (pattern.secrecy.required.get(cell) as number) > 0 || pattern.allows(cell, 1) ? this.#step(cell) : -1]);
    const within = (): Surroundings => {
      this.#search.goOn(0, cells.length);
      return around;
    };
    await openInHalves(asked, within, (move, [protects]) => { this.#withhold(move, protects as number); }, once ? Math.max(2, cells.length) : 2);
  }

  /** How far from the truth an unsafe cell must be able to lie. */
  #step(cell: number): number {
    const { required, value, whole } = this.pattern.secrecy;
    return leastStep(required.get(cell) as number, value[cell] as number, whole);
  }

  #withhold(move: Move, protects: number): void {
    for (const cell of move.cells) {
      if (this.pattern.isUnprinted(cell)) continue;
      this.pattern.suppress(cell);
      this.#reason.set(cell, `secondary: protects ${cellName(this.#search.table, protects)}`);
    }
    this.pattern.learn(move);
  }
}
