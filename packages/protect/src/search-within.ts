/**
 * Other alternatives within a pattern, for cells that lost theirs: tables that differ from the truth in withheld cells alone, and in
 * few of them. First a box; then, for counts, what whole steps in a small neighbourhood allow, and for amounts and intervals a linear program
 * over ever more withheld cells.
 * @module
 */
import type { Boxes, Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';
import type { Contributors } from './contributors.ts';
import { openSparing } from './open-nearby.ts';
import type { Surroundings } from './open-nearby.ts';
import { leastStep } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { Tableau } from './tableau.ts';

export interface SearchTerms {
  readonly relations: readonly Relation[];
  /** For each cell the relations that it stands in. */
  readonly relationsOf: readonly (readonly number[])[];
  /** Of tables with hierarchies. */
  readonly boxes?: Boxes;
}

/** Cells of a search for whole steps: first few, then more. */
const NEIGHBOURS = [60, 200] as const;

/** Cells of a table up to which programs look for alternatives of amounts, where there are boxes too. */
const MOST_PROGRAMMED = 20_000;

export class SearchWithin {
  /** Where it finds no alternative for an amount, there is none. */
  readonly isThorough: boolean;
  readonly #pattern: Pattern;
  readonly #terms: SearchTerms;
  readonly #around: Surroundings;

  constructor(pattern: Pattern, terms: SearchTerms) {
    this.#pattern = pattern;
    this.#terms = terms;
    const { value, lower, upper, whole } = pattern.secrecy;
    this.isThorough = !whole && (terms.boxes === undefined || value.length <= MOST_PROGRAMMED);
    this.#around = {
      ...terms, whole, priceOf: (cell) => (pattern.isUnprinted(cell) ? 1 : Infinity),
      rangeOf: (cell) => ({ lower: (lower[cell] as number) - (value[cell] as number), upper: (upper[cell] as number) - (value[cell] as number) }),
    };
  }

  /** Looks for an alternative that keeps the cell as open as it must be, and has the pattern learn it. @returns whether there is one */
  async another(cell: number): Promise<boolean> {
    const { required, value, whole } = this.#pattern.secrecy;
    const need = required.get(cell) as number;
    const step = leastStep(need, value[cell] as number, whole);
    let move = this.#box(cell, step, need > 0 || !whole);
    if (whole && need === 0) for (const most of NEIGHBOURS) move ??= this.#near(cell, most);
    else if (this.isThorough) move ??= await openSparing(cell, step, this.#around);
    return this.#learnt(move);
  }

  /** The same for a contributor who knows their own figures: another value, up or down, is enough. */
  async anotherFor(contributor: number, cell: number, contributors: Contributors): Promise<boolean> {
    const { value, whole } = this.#pattern.secrecy;
    const step = leastStep(0, value[cell] as number, whole);
    const around = contributors.around(contributor, this.#around);
    for (const by of [step, -step]) {
      const move = await openSparing(cell, by, around);
      if (move !== undefined && (!whole || move.steps.every(Number.isInteger))) return this.#learnt(move);
    }
    return false;
  }

  #learnt(move: Move | undefined): boolean {
    if (move !== undefined) this.#pattern.learn(move);
    return move !== undefined;
  }

  #box(cell: number, step: number, upward: boolean): Move | undefined {
    const pattern = this.#pattern;
    return this.#terms.boxes?.cheapest(cell, step, { cost: (j) => (pattern.isUnprinted(j) ? 0 : Infinity), allows: (j, by) => pattern.allows(j, by) }, upward, 1e-9)?.move;
  }

  #near(cell: number, most: number): Move | undefined {
    const pattern = this.#pattern;
    const { value, lower, upper } = pattern.secrecy;
    const cells = [cell];
    const seen = new Set(cells);
    for (let i = 0; i < cells.length && cells.length < most; i++) {
      for (const r of this.#terms.relationsOf[cells[i] as number] as number[]) {
        const { total, parts } = this.#terms.relations[r] as Relation;
        for (const other of [total, ...parts]) {
          if (cells.length >= most || seen.has(other) || !pattern.isUnprinted(other)) continue;
          seen.add(other);
          cells.push(other);
        }
      }
    }
    const tied = new Set(cells.flatMap((each) => this.#terms.relationsOf[each] as number[]));
    const tableau = new Tableau(cells, [...tied].map((r) => this.#terms.relations[r] as Relation), {
      down: (j) => (value[j] as number) - (lower[j] as number), up: (j) => Math.min((upper[j] as number) - (value[j] as number), 1e6),
    });
    for (const each of cells) tableau.suppress(each);
    const move = tableau.find(cell, 1, 1) ?? tableau.find(cell, -1, 1);
    return move !== undefined && this.#holds(move) ? move : undefined;
  }

  /** The search works with rounded numbers; what it finds is checked exactly. */
  #holds({ cells, steps }: Move): boolean {
    const change = new Map(Array.from(cells, (cell, i) => [cell, steps[i] as number]));
    const tied = new Set(Array.from(cells).flatMap((cell) => this.#terms.relationsOf[cell] as number[]));
    for (const r of tied) {
      const { total, parts } = this.#terms.relations[r] as Relation;
      let sum = -(change.get(total) ?? 0);
      for (const part of parts) sum += change.get(part) ?? 0;
      if (sum !== 0) return false;
    }
    return [...change].every(([cell, step]) => this.#pattern.isUnprinted(cell) && this.#pattern.allows(cell, step));
  }
}
