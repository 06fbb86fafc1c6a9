/**
 * What a reader knows of each true count from everything that is printed about it: exact numbers, rounded ones, that what is
 * withheld is not zero, and what was printed before.
 * Source: docs/references.md#rr3 (a rounded count lies within 2 of the truth).
 * @module
 */
import type { CellSystem } from './cell-table.ts';

/** A rounded number lies this far from the truth at most. */
export const ROUNDING = 2;

/** Cells with what is printed of them. Withholding changes it in place; what was known before stays known. */
export class ShownCells {
  readonly system: CellSystem;
  /** What is known whatever is withheld. */
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  /** Cells that some table prints as counted, unless they are withheld. */
  readonly #exact: Uint8Array;
  /** What rounded numbers leave open; 0 to Infinity where none is printed. */
  readonly #lower: Float64Array;
  readonly #upper: Float64Array;
  /** Withheld where they would be exact. */
  readonly #hidden: Uint8Array;
  /** Withheld everywhere. */
  readonly #gone: Uint8Array;

  constructor(system: CellSystem) {
    this.system = system;
    this.#least = new Float64Array(system.size);
    this.#most = new Float64Array(system.size).fill(Infinity);
    this.#exact = new Uint8Array(system.size);
    this.#hidden = new Uint8Array(system.size);
    this.#gone = new Uint8Array(system.size);
    this.#lower = new Float64Array(system.size);
    this.#upper = new Float64Array(system.size).fill(Infinity);
  }

  /** Readers know this of the cell already, from what was printed before. */
  know(cell: number, least: number, most: number): void {
    this.#least[cell] = Math.max(this.#least[cell] as number, least);
    this.#most[cell] = Math.min(this.#most[cell] as number, most);
  }

  /** The cell is a difference of two, which can be below 0. */
  letFall(cell: number): void {
    this.#least[cell] = -Infinity;
  }

  /** A table prints the cell as counted. */
  showExactly(cell: number): void {
    this.#exact[cell] = 1;
  }

  /** A table prints the cell rounded. */
  showRounded(cell: number, rounded: number): void {
    this.#lower[cell] = Math.max(this.#lower[cell] as number, rounded - ROUNDING);
    this.#upper[cell] = Math.min(this.#upper[cell] as number, rounded + ROUNDING);
  }

  /** Tables that print counts withhold the cell; rounded numbers of it stay. */
  hide(cell: number): void {
    this.#hidden[cell] = 1;
  }

  /** All tables withhold the cell. */
  withhold(cell: number): void {
    this.#hidden[cell] = 1;
    this.#gone[cell] = 1;
  }

  isExact(cell: number): boolean {
    return this.#exact[cell] === 1;
  }

  /** True where tables that print counts withhold the cell. */
  isHidden(cell: number): boolean {
    return this.#hidden[cell] === 1;
  }

  /** True where all tables withhold the cell. */
  isGone(cell: number): boolean {
    return this.#gone[cell] === 1;
  }

  /** True where a table prints the cell, or would if it were not withheld. */
  isPrintable(cell: number): boolean {
    return this.isExact(cell) || this.#upper[cell] !== Infinity;
  }

  /** Least count that a reader must reckon with. Zeros are never withheld. */
  lower(cell: number): number {
    if (this.isGone(cell)) return this.leastWithheld(cell);
    const printed = this.#hidden[cell] === 0 && this.isExact(cell) ? this.system.freq[cell] as number : Math.max(this.#hidden[cell] === 1 ? 1 : -Infinity, this.isPrintable(cell) ? this.#lower[cell] as number : -Infinity);
    return Math.max(this.#least[cell] as number, printed);
  }

  /** Greatest count that a reader must reckon with. */
  upper(cell: number): number {
    if (this.isGone(cell)) return this.mostWithheld(cell);
    return Math.min(this.#most[cell] as number, this.#hidden[cell] === 0 && this.isExact(cell) ? this.system.freq[cell] as number : this.#upper[cell] as number);
  }

  /** {@link lower} of the cell if all tables withheld it. */
  leastWithheld(cell: number): number {
    return Math.max(1, this.#least[cell] as number);
  }

  /** {@link upper} of the cell if all tables withheld it. */
  mostWithheld(cell: number): number {
    return this.#most[cell] as number;
  }
}
