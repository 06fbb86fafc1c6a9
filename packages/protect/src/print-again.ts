/**
 * Withheld cells that the unsafe ones can do without are printed again: each loses the alternatives that the cell is part of, and
 * others are looked for within what is withheld.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { Boxes, Move } from './boxes.ts';
import type { CellTable, Relation } from './cell-table.ts';
import type { Pattern } from './pattern.ts';
import { Tableau } from './tableau.ts';

export interface PrintAgain {
  readonly table: CellTable;
  readonly boxes: Boxes;
  readonly cost: (cell: number) => number;
  /** For each cell the relations that it stands in. */
  readonly relationsOf: readonly (readonly number[])[];
  /** Searches for other alternatives; default 20,000. */
  readonly effort?: number;
  /** Called for each cell: reports, and throws to cancel. */
  readonly goOn: (done: number, of: number) => void;
}

const EFFORT = 20_000;
/** No more cells are tried when so few of the last so many could be printed. */
const WINDOW = 300;
const FEW = 6;
/** Cells of a local search: first few, then more. */
const NEIGHBOURS = [60, 200] as const;

/** Prints secondary cells, the dearest first, wherever every unsafe cell keeps an alternative. */
export function printAgain(pattern: Pattern, terms: PrintAgain): void {
  const { table, cost, goOn } = terms;
  const { required } = pattern.secrecy;
  const alternatives = new Alternatives(pattern, terms);
  // A cell without a known alternative gives no warning when it loses its last: nothing near it may be printed.
  const unproved = new Set([...required.keys()].filter((cell) => !pattern.isShown(cell)));
  const tied = new Set(componentsOf(pattern.unprinted(), table.relations).filter(({ cells }) => cells.some((cell) => unproved.has(cell))).flatMap(({ cells }) => cells));
  const dearest = pattern.unprinted().filter((cell) => !required.has(cell) && !tied.has(cell)).sort((a, b) => cost(b) - cost(a) || a - b);
  const printed: number[] = [];
  for (let i = 0; i < dearest.length && alternatives.effort > 0; i++) {
    if (i >= WINDOW && (printed.at(-FEW) ?? -1) < i - WINDOW) break;
    goOn(i, dearest.length);
    const cell = dearest[i] as number;
    const hanging = pattern.hangingOn(cell);
    pattern.print(cell);
    if (hanging.every((other) => pattern.isShown(other) || alternatives.another(other))) printed.push(i);
    else pattern.suppress(cell);
  }
  for (const cell of pattern.idle()) if (!tied.has(cell)) pattern.print(cell);
}

export class Alternatives {
  effort: number;
  readonly #pattern: Pattern;
  readonly #terms: PrintAgain;

  constructor(pattern: Pattern, terms: PrintAgain) {
    this.#pattern = pattern;
    this.#terms = terms;
    this.effort = terms.effort ?? EFFORT;
  }

  /** Looks for another alternative within the pattern: a box, then whatever a small neighbourhood allows. */
  another(cell: number): boolean {
    this.effort--;
    const upward = (this.#pattern.secrecy.required.get(cell) as number) > 0;
    let move = this.#box(cell, upward);
    for (const most of upward ? [] : NEIGHBOURS) move ??= this.#near(cell, most);
    if (move === undefined) return false;
    this.#pattern.learn(move);
    return true;
  }

  #box(cell: number, upward: boolean): Move | undefined {
    const pattern = this.#pattern;
    const step = pattern.secrecy.required.get(cell) || 1;
    return this.#terms.boxes.cheapest(cell, step, { cost: (j) => (pattern.isUnprinted(j) ? 0 : Infinity), allows: (j, by) => pattern.allows(j, by) }, upward, 1e-9)?.move;
  }

  #near(cell: number, most: number): Move | undefined {
    const pattern = this.#pattern;
    const { value, lower, upper } = pattern.secrecy;
    const cells = [cell];
    const seen = new Set(cells);
    for (let i = 0; i < cells.length && cells.length < most; i++) {
      for (const r of this.#terms.relationsOf[cells[i] as number] as number[]) {
        const { total, parts } = this.#terms.table.relations[r] as Relation;
        for (const other of [total, ...parts]) {
          if (cells.length >= most || seen.has(other) || !pattern.isUnprinted(other)) continue;
          seen.add(other);
          cells.push(other);
        }
      }
    }
    const tied = new Set(cells.flatMap((each) => this.#terms.relationsOf[each] as number[]));
    const tableau = new Tableau(cells, [...tied].map((r) => this.#terms.table.relations[r] as Relation), {
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
      const { total, parts } = this.#terms.table.relations[r] as Relation;
      let sum = -(change.get(total) ?? 0);
      for (const part of parts) sum += change.get(part) ?? 0;
      if (sum !== 0) return false;
    }
    return [...change].every(([cell, step]) => this.#pattern.isUnprinted(cell) && this.#pattern.allows(cell, step));
  }
}
