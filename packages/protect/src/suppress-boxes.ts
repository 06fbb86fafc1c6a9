/**
 * Secondary suppression by boxes: quick on tables of any size. Source: docs/references.md#hypercube.
 * @module
 */
import { Boxes } from './boxes.ts';
import type { Move } from './boxes.ts';
import type { CellTable } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { openAtOnce, openNearby } from './open-nearby.ts';
import type { Surroundings } from './open-nearby.ts';
import { Pattern } from './pattern.ts';
import { printAgain } from './print-again.ts';
import { relationsByCell } from './relations-by-cell.ts';
import { costOf, rangesOf } from './secondary.ts';
import type { SecondaryOptions, Suppression } from './secondary.ts';
import { shareBoxes } from './share-boxes.ts';

/** Cells from one report of progress to the next. */
const PROGRESS_EVERY = 100;
/** Cells of a table up to which one program over all of them may open what boxes do not. */
const AT_ONCE = 20_000;
/** A cell is dear when it costs so many times what withheld cells cost on average. */
const DEAR = 2.5;

/**
 * One box for every unsafe cell, chosen so that they share what they withhold; a linear program where none fits, and where those
 * that do need a dear cell and a program over the whole table finds something cheaper; then whatever the unsafe cells can do without
 * is printed again. `unproved` are cells for which nothing was found.
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
  let best = new Choice(search);
  const chosen = shareBoxes(boxes, { ...search, pattern: best.pattern });
  await best.withhold(chosen);
  const modest = withoutDear(chosen, search.cost, best);
  if (options.whole && table.size <= AT_ONCE && modest.size < chosen.size) {
    const other = new Choice(search);
    await other.withhold(modest);
    if (other.price() < best.price()) best = other;
  }
  printAgain(best.pattern, { ...search, boxes, ...(options.effort === undefined ? {} : { effort: options.effort }) });
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

/** Boxes that need no cell far dearer than others: a small sum moves with everything under it, and few boxes call for that. */
function withoutDear(chosen: ReadonlyMap<number, Move>, cost: Search['cost'], { pattern }: Choice): Map<number, Move> {
  const { required } = pattern.secrecy;
  const withheld = pattern.unprinted().filter((cell) => !required.has(cell));
  const most = (DEAR * withheld.reduce((sum, cell) => sum + cost(cell), 0)) / withheld.length;
  return new Map([...chosen].filter(([, { cells }]) => cells.every((cell) => required.has(cell) || cost(cell) <= most)));
}

/** A pattern with why each cell is in it. */
class Choice {
  readonly pattern: Pattern;
  readonly #search: Search;
  readonly #reason = new Map<number, string>();

  constructor(search: Search) {
    const { table, options: { primary, zerosPrinted, whole, atMost } } = search;
    this.#search = search;
    this.pattern = new Pattern(table.size, primary.keys(), {
      value: table.value ?? table.freq,
      lower: new Float64Array(table.size).fill(whole && zerosPrinted ? 1 : 0),
      upper: Float64Array.from({ length: table.size }, (_, cell) => (atMost !== undefined && primary.has(cell) ? atMost(cell) : Infinity)),
      required: new Map([...primary].map(([cell, { upper }]) => [cell, upper])),
    });
  }

  /** Withholds boxes, and what else the unsafe cells need that have none. */
  async withhold(boxes: ReadonlyMap<number, Move>): Promise<void> {
    for (const [cell, move] of boxes) this.#withhold(move, cell);
    const { table, options, relationsOf, goOn } = this.#search;
    const { pattern } = this;
    const { required } = pattern.secrecy;
    const rest = [...required.keys()].filter((cell) => !pattern.isShown(cell));
    const around: Surroundings = { relations: table.relations, relationsOf, rangeOf: rangesOf(table, options), priceOf: (cell) => (pattern.isUnprinted(cell) ? 0 : this.#search.cost(cell)) };
    if (options.whole && table.size <= AT_ONCE) await this.#openAtOnce(rest, around);
    for (const [i, cell] of rest.entries()) {
      goOn(i, rest.length);
      if (pattern.isShown(cell)) continue;
      const need = required.get(cell) as number;
      const move = await openNearby(cell, need || 1, options.whole && need === 0, around);
      if (move !== undefined) this.#withhold(move, cell);
    }
  }

  /** What is withheld costs; Infinity where an unsafe cell is not proved open. */
  price(): number {
    const { required } = this.pattern.secrecy;
    if ([...required.keys()].some((cell) => !this.pattern.isShown(cell))) return Infinity;
    return this.pattern.unprinted().reduce((sum, cell) => (required.has(cell) ? sum : sum + this.#search.cost(cell)), 0);
  }

  result(): Suppression {
    const { required } = this.pattern.secrecy;
    const secondary = this.pattern.unprinted().filter((cell) => !required.has(cell));
    return {
      secondary: new Map(secondary.map((cell) => [cell, this.#reason.get(cell) as string])),
      unproved: [...required.keys()].filter((cell) => !this.pattern.isShown(cell)), alternatives: this.pattern.alternatives(),
    };
  }

  /** Several counts by one table, or half of them by one each. */
  async #openAtOnce(cells: readonly number[], around: Surroundings): Promise<void> {
    const [first] = cells;
    if (first === undefined || cells.length === 1) return;
    this.#search.goOn(0, cells.length);
    const { pattern } = this;
    const move = await openAtOnce(new Map(cells.map((cell) => {
      const need = pattern.secrecy.required.get(cell) as number;
      return [cell, need > 0 || pattern.allows(cell, 1) ? need || 1 : -1];
    })), around);
    if (move !== undefined) {
      this.#withhold(move, first);
      return;
    }
    const half = cells.length >> 1;
    await this.#openAtOnce(cells.slice(0, half), around);
    await this.#openAtOnce(cells.slice(half), around);
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
