/**
 * Small-count rounding: inner cells that feed a published count below the base go to 0 or to the base, so that no small
 * count is left and every relation holds. The fast alternative to controlled rounding.
 * Source: docs/references.md#langsrud-heldal-2018; which cells go up is chosen as there, by the largest inner product with what is
 * still missing in the published cells, and then improved by exchanges of our own.
 * Moves only small inner cells, but totals by more than the base where many of them meet. Choices depend on the whole
 * table: the same cell may round otherwise in another table. Not unbiased.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { RoundedCount } from '../units.ts';
import { addressOf, ancestors, indexRelations } from './additive-relations.ts';
import type { AdditiveTable, RelationIndex } from './additive-relations.ts';
import { assertBase } from './round-base-n.ts';

/** How small counts are rounded. */
export interface SmallCountSettings {
  /** Counts from 1 to this less 1 disappear. */
  readonly base: number;
  /** False for inner cells that only carry the table and are not shown. Default: all are shown. */
  readonly published?: (cell: number) => boolean;
  /** Draws of the inner cells, by cell number: they break ties. Default: the cell's number does. */
  readonly draws?: ArrayLike<number>;
  /** Passes of exchanges that make the changes of published cells smaller; 0 for the greedy choice alone. Default 4. */
  readonly passes?: number;
}

/** What small-count rounding gives. */
export interface SmallCountRounding {
  /** One value for each cell, shown or not: additive. */
  readonly values: readonly RoundedCount[];
  /** Inner cells that were changed. */
  readonly changed: number;
  /** Largest and mean absolute change over the published cells, for the analyst. */
  readonly largest: number;
  readonly mean: number;
}

/**
 * Rounds the small counts of a table away.
 *
 * Pure and deterministic. No published count from 1 to base - 1 remains, every relation holds, and zeros stay zero. The sum of
 * all rounded cells of a round changes by at most base / 2.
 * @throws Refusal as {@link indexRelations} does, and `INNER_CELLS` naming a total that is a sum of other inner cells than its
 *   parts are: two margins of a table whose crossing is not there
 * @throws RangeError unless the base is a whole number from 2 to 2^20
 */
export function roundSmallCounts(table: AdditiveTable, settings: SmallCountSettings): SmallCountRounding {
  assertBase(settings.base);
  const index = indexRelations(table);
  const above = new Map(index.inner.map((cell) => [cell, ancestors(table, index, cell)]));
  refuseWithoutCrossing(table, index, above);
  const shown = Array.from(table.values, (_, cell) => settings.published?.(cell) ?? true);
  const values = Array.from(table.values);
  let changed = 0;
  for (;;) {
    const small = index.inner.filter((cell) => isSmall(values[cell], settings.base) && (above.get(cell) ?? []).some((c) => shown[c] === true && isSmall(values[c], settings.base)));
    if (small.length === 0) break;
    changed += small.length;
    const search = new Exchange(table, settings, shown, values, small, above);
    search.chooseGreedily();
    for (let pass = 0; pass < (settings.passes ?? 4) && search.improve(); pass++);
    for (const [x, cell] of small.entries()) {
      const change = (search.up[x] === 1 ? settings.base : 0) - (values[cell] ?? 0);
      for (const c of above.get(cell) ?? []) values[c] = (values[c] ?? 0) + change;
    }
  }
  const changes = values.flatMap((value, cell) => (shown[cell] === true ? [Math.abs(value - (table.values[cell] ?? 0))] : []));
  return {
    values: values as RoundedCount[], changed,
    largest: changes.reduce((a, b) => Math.max(a, b), 0), mean: changes.reduce((a, b) => a + b, 0) / Math.max(1, changes.length),
  };
}

function isSmall(value: number | undefined, base: number): boolean {
  return value !== undefined && value > 0 && value < base;
}

/** The inner cells of a total must be those of its parts, each once: compared by sums of two hashes for each inner cell. */
function refuseWithoutCrossing(table: AdditiveTable, index: RelationIndex, above: ReadonlyMap<number, readonly number[]>): void {
  const marks = [new Float64Array(table.values.length), new Float64Array(table.values.length)] as const;
  for (const cell of index.inner) {
    const [a, b] = [Math.imul(cell + 1, 0x9e3779b1) >>> 0, Math.imul(cell ^ 0x5bd1e995, 0x85ebca6b) >>> 0];
    for (const c of above.get(cell) ?? []) {
      marks[0][c] = ((marks[0][c] ?? 0) + a) % 2 ** 52;
      marks[1][c] = ((marks[1][c] ?? 0) + b) % 2 ** 52;
    }
  }
  for (const { total, parts } of table.relations) {
    for (const mark of marks) {
      const sum = Array.from(parts).reduce((s, part) => (s + (mark[part] ?? 0)) % 2 ** 52, 0);
      if (sum !== mark[total]) refuse('INNER_CELLS', 'a total is a sum of other inner cells than its parts are', { object: addressOf(table, total) }, 'add the cells in which the dimensions cross, and say which are published');
    }
  }
}

/** Exchanges considered for each cell that goes up: those that promise most come first. */
const SHORT_LIST = 100;
/** Weight on the part of a change that goes beyond the base and 1. */
const LARGE_CHANGE_WEIGHT = 50;

/**
 * The choice of cells that go up: `up[x]` for the x-th small cell, always the same number of them. `change` holds the
 * change of every cell under the choice, `pull` for every small cell the sum of the changes of published cells above it.
 */
class Exchange {
  readonly up: Uint8Array;
  readonly #base: number;
  readonly #draws: ArrayLike<number> | undefined;
  readonly #small: readonly number[];
  /** Published cells above each small cell. */
  readonly #above: readonly (readonly number[])[];
  readonly #below = new Map<number, number[]>();
  readonly #change: Float64Array;
  readonly #pull: Float64Array;
  readonly #sum: number;

  constructor(table: AdditiveTable, settings: SmallCountSettings, shown: readonly boolean[], values: readonly number[], small: readonly number[], above: ReadonlyMap<number, readonly number[]>) {
    this.#base = settings.base;
    this.#draws = settings.draws;
    this.#small = small;
    this.up = new Uint8Array(small.length);
    this.#above = small.map((cell) => (above.get(cell) ?? []).filter((c) => shown[c]));
    this.#change = Float64Array.from(values, (value, cell) => value - (table.values[cell] ?? 0));
    this.#pull = new Float64Array(small.length);
    let sum = 0;
    for (const [x, cells] of this.#above.entries()) {
      const value = values[small[x] ?? -1] ?? 0;
      sum += value;
      for (const c of cells) {
        this.#change[c] = (this.#change[c] ?? 0) - value;
        const list = this.#below.get(c);
        if (list === undefined) this.#below.set(c, [x]);
        else list.push(x);
      }
    }
    this.#sum = sum;
    for (const [x, cells] of this.#above.entries()) this.#pull[x] = cells.reduce((s, c) => s + (this.#change[c] ?? 0), 0);
  }

  /** Sends as many cells up as keep the sum, each time the one whose published cells lack most. */
  chooseGreedily(): void {
    for (let left = Math.round(this.#sum / this.#base); left > 0; left--) {
      let best = -1;
      for (let x = 0; x < this.up.length; x++) {
        if (this.up[x] === 0 && (best === -1 || this.#before(x, best))) best = x;
      }
      if (best === -1) return;
      this.#flip(best, 1);
    }
  }

  /** One pass of exchanges of a cell that goes up with one that goes down; true when any made the changes smaller. */
  improve(): boolean {
    let improved = false;
    const down = Array.from(this.up.keys()).filter((x) => this.up[x] === 0).sort((x, y) => (this.#before(x, y) ? -1 : 1));
    for (let x = 0; x < this.up.length; x++) {
      if (this.up[x] === 0) continue;
      const best = this.#bestPartner(x, down);
      if (best === -1) continue;
      const partner = down[best] ?? -1;
      this.#flip(x, -1);
      this.#flip(partner, 1);
      down[best] = x;
      improved = true;
    }
    return improved;
  }

  #bestPartner(x: number, down: readonly number[]): number {
    const back = new Map<number, number>();
    let base = 0;
    for (const c of this.#above[x] ?? []) {
      const saved = this.#cost(c, -this.#base) - this.#cost(c, 0);
      back.set(c, saved);
      base += saved;
    }
    let [best, bestCost] = [-1, -1e-9];
    for (let i = 0; i < Math.min(SHORT_LIST, down.length); i++) {
      let cost = base;
      for (const c of this.#above[down[i] ?? -1] ?? []) {
        const shared = back.get(c);
        cost += shared === undefined ? this.#cost(c, this.#base) - this.#cost(c, 0) : -shared;
      }
      if (cost < bestCost) [best, bestCost] = [i, cost];
    }
    return best;
  }

  /** What a cell's change costs after one more step: its size, and much more where it is large. */
  #cost(cell: number, step: number): number {
    const size = Math.abs((this.#change[cell] ?? 0) + step);
    return size + LARGE_CHANGE_WEIGHT * Math.max(0, size - this.#base - 1);
  }

  #flip(x: number, sign: 1 | -1): void {
    this.up[x] = sign === 1 ? 1 : 0;
    const step = sign * this.#base;
    for (const c of this.#above[x] ?? []) {
      this.#change[c] = (this.#change[c] ?? 0) + step;
      for (const y of this.#below.get(c) ?? []) this.#pull[y] = (this.#pull[y] ?? 0) + step;
    }
  }

  /** True when x goes up before y: its published cells lack more; ties by draw, then by cell number. */
  #before(x: number, y: number): boolean {
    const difference = (this.#pull[x] ?? 0) - (this.#pull[y] ?? 0);
    if (difference !== 0) return difference < 0;
    const [a, b] = [this.#small[x] ?? 0, this.#small[y] ?? 0];
    const draws = (this.#draws?.[a] ?? 0) - (this.#draws?.[b] ?? 0);
    return draws !== 0 ? draws < 0 : a < b;
  }
}
