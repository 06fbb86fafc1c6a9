/**
 * A suppression pattern in the making: which cells are unprinted, and for each cell that must stay unknown the alternative
 * tables that read the same and show another value there. Printing a cell costs it every alternative in which it differs.
 * @module
 */
import type { Move } from './boxes.ts';

/** What a reader knows of unprinted cells besides the printed ones, and what must stay open. */
export interface Secrecy {
  readonly value: ArrayLike<number>;
  /** Least and greatest value that a reader takes an unprinted cell to have. */
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Counts: tables with fractions in them prove a cell open only where {@link Pattern.settle} says so. */
  readonly whole: boolean;
  /** Cell → how far above the truth a reader must still have to reckon with; 0: another value, up or down, is enough. */
  readonly required: ReadonlyMap<number, number>;
}

/** The share of an amount by which it must be able to differ where no rule says how far. */
const LEAST = 1e-3;

/** How far from the truth a cell must be able to lie: as far as its rule asks, or else so far that it is another value. */
export function leastStep(need: number, truth: number, whole: boolean): number {
  if (need > 0) return need;
  return whole ? 1 : LEAST * Math.max(1, Math.abs(truth));
}

/** What a solver leaves of a step. */
const CLOSE = 1e-6;

export class Pattern {
  readonly secrecy: Secrecy;
  readonly #unprinted: Uint8Array;
  readonly #moves: Move[] = [];
  /** Move → how many of its cells are printed. Alive at 0. */
  readonly #printedIn: number[] = [];
  /** Cell → moves that change it, and by how much. */
  readonly #movesOf = new Map<number, { readonly number: number; readonly step: number }[]>();
  readonly #seen = new Set<string>();
  readonly #fractional = new Set<number>();
  readonly #settled = new Set<number>();

  constructor(size: number, unprinted: Iterable<number>, secrecy: Secrecy) {
    this.secrecy = secrecy;
    this.#unprinted = new Uint8Array(size);
    for (const cell of unprinted) this.#unprinted[cell] = 1;
  }

  isUnprinted(cell: number): boolean {
    return this.#unprinted[cell] === 1;
  }

  unprinted(): number[] {
    return [...this.#unprinted.keys()].filter((cell) => this.#unprinted[cell] === 1);
  }

  /** True when the truth changed by so much keeps what a reader knows of the cell. */
  allows(cell: number, step: number): boolean {
    const value = (this.secrecy.value[cell] as number) + step;
    return value >= (this.secrecy.lower[cell] as number) && value <= (this.secrecy.upper[cell] as number);
  }

  /** Remembers an alternative table. */
  learn(move: Move): void {
    const name = `${move.cells.join()}:${move.steps.join()}`;
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const number = this.#moves.push(move) - 1;
    let printed = 0;
    for (const [i, cell] of move.cells.entries()) {
      if (this.#unprinted[cell] === 0) printed++;
      const change = { number, step: move.steps[i] as number };
      const known = this.#movesOf.get(cell);
      if (known) known.push(change);
      else this.#movesOf.set(cell, [change]);
    }
    this.#printedIn.push(printed);
    if (this.secrecy.whole && !move.steps.every(Number.isInteger)) this.#fractional.add(number);
  }

  /** Takes alternatives with fractions as good enough for a cell: no table of whole numbers was found for it. */
  settle(cell: number): void {
    this.#settled.add(cell);
  }

  /** Alternatives that are still good. */
  alternatives(): Move[] {
    return this.#moves.filter((_, number) => this.#printedIn[number] === 0);
  }

  /** Unprinted cells, other than those to keep open, that no alternative needs. */
  idle(): number[] {
    const { required } = this.secrecy;
    const busy = new Set<number>();
    for (const [number, { cells }] of this.#moves.entries()) {
      if (this.#printedIn[number] !== 0 || (this.#fractional.has(number) && !cells.some((cell) => this.#settled.has(cell)))) continue;
      for (const cell of cells) busy.add(cell);
    }
    return this.unprinted().filter((cell) => !required.has(cell) && !busy.has(cell));
  }

  suppress(cell: number): void {
    if (this.#unprinted[cell] === 1) return;
    this.#unprinted[cell] = 1;
    for (const { number } of this.#movesOf.get(cell) ?? []) this.#printedIn[number] = (this.#printedIn[number] as number) - 1;
  }

  print(cell: number): void {
    if (this.#unprinted[cell] === 0) return;
    this.#unprinted[cell] = 0;
    for (const { number } of this.#movesOf.get(cell) ?? []) this.#printedIn[number] = (this.#printedIn[number] as number) + 1;
  }

  /** True when an alternative that is still good keeps the cell as open as it must be. */
  isShown(cell: number): boolean {
    const need = this.secrecy.required.get(cell) ?? 0;
    const least = this.#least(cell, need);
    return (this.#movesOf.get(cell) ?? []).some(({ number, step }) => (need > 0 ? step : Math.abs(step)) >= least && this.#isGood(number, cell));
  }

  /** Alternatives that are still good in which the cell has another value. */
  opening(cell: number): Move[] {
    const least = this.#least(cell, 0);
    return (this.#movesOf.get(cell) ?? []).filter(({ number, step }) => Math.abs(step) >= least && this.#isGood(number, cell)).map(({ number }) => this.#moves[number] as Move);
  }

  #least(cell: number, need: number): number {
    return leastStep(need, this.secrecy.value[cell] as number, this.secrecy.whole) * (1 - CLOSE);
  }

  #isGood(number: number, cell: number): boolean {
    return this.#printedIn[number] === 0 && (!this.#fractional.has(number) || this.#settled.has(cell));
  }

  /** Cells to keep open that share a good alternative with this one. */
  sharingWith(cell: number): number[] {
    const others = new Set<number>();
    for (const { number } of this.#movesOf.get(cell) ?? []) {
      if (this.#printedIn[number] !== 0) continue;
      for (const other of (this.#moves[number] as Move).cells) if (other !== cell && this.secrecy.required.has(other)) others.add(other);
    }
    return [...others];
  }
}
