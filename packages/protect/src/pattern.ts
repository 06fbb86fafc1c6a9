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
  /** Cell → how far above the truth a reader must still have to reckon with; 0: another whole value, up or down, is enough. */
  readonly required: ReadonlyMap<number, number>;
}

export class Pattern {
  readonly secrecy: Secrecy;
  readonly #unprinted: Uint8Array;
  readonly #moves: Move[] = [];
  /** Move → how many of its cells are printed. Alive at 0. */
  readonly #printedIn: number[] = [];
  readonly #movesOf = new Map<number, number[]>();
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
    for (const cell of move.cells) {
      if (this.#unprinted[cell] === 0) printed++;
      const known = this.#movesOf.get(cell);
      if (known) known.push(number);
      else this.#movesOf.set(cell, [number]);
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
    for (const move of this.#movesOf.get(cell) ?? []) this.#printedIn[move] = (this.#printedIn[move] as number) - 1;
  }

  print(cell: number): void {
    if (this.#unprinted[cell] === 0) return;
    this.#unprinted[cell] = 0;
    for (const move of this.#movesOf.get(cell) ?? []) this.#printedIn[move] = (this.#printedIn[move] as number) + 1;
  }

  /** True when an alternative that is still good keeps the cell as open as it must be. */
  isShown(cell: number): boolean {
    const need = this.secrecy.required.get(cell) ?? 0;
    const settled = this.#settled.has(cell);
    return (this.#movesOf.get(cell) ?? []).some((number) => this.#printedIn[number] === 0 && (settled || !this.#fractional.has(number)) && keepsOpen(this.#moves[number] as Move, cell, need));
  }

  /** Cells to keep open that have no alternative left without this one. */
  hangingOn(cell: number): number[] {
    const touched = new Set<number>();
    for (const number of this.#movesOf.get(cell) ?? []) {
      if (this.#printedIn[number] !== 0) continue;
      for (const other of (this.#moves[number] as Move).cells) if (this.secrecy.required.has(other)) touched.add(other);
    }
    this.print(cell);
    const hanging = [...touched].filter((other) => other !== cell && !this.isShown(other));
    this.suppress(cell);
    return hanging;
  }
}

function keepsOpen(move: Move, cell: number, need: number): boolean {
  const step = move.steps[move.cells.indexOf(cell)] as number;
  return need === 0 ? Math.abs(step) > 0.999 : step >= need * (1 - 1e-9);
}
