/**
 * What a reader knows of each true count from everything that is printed about it: exact numbers, rounded ones, and that
 * what is withheld is not zero.
 * Source: docs/references.md#rr3 (a rounded count lies within 2 of the truth).
 * @module
 */
import type { CellSystem } from './cell-table.ts';

/** A rounded number lies this far from the truth at most. */
const ROUNDING = 2;

/** Cells with what is printed of them. Withholding changes it in place. */
export class ShownCells {
  readonly system: CellSystem;
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
    this.#exact = new Uint8Array(system.size);
    this.#hidden = new Uint8Array(system.size);
    this.#gone = new Uint8Array(system.size);
    this.#lower = new Float64Array(system.size);
    this.#upper = new Float64Array(system.size).fill(Infinity);
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

  /** Least count that a reader must reckon with. Zeros are never withheld. */
  lower(cell: number): number {
    if (this.isGone(cell)) return 1;
    if (this.#hidden[cell] === 0 && this.isExact(cell)) return this.system.freq[cell] as number;
    return Math.max(this.#hidden[cell] as number, this.#lower[cell] as number);
  }

  /** Greatest count that a reader must reckon with. */
  upper(cell: number): number {
    if (this.isGone(cell)) return Infinity;
    if (this.#hidden[cell] === 0 && this.isExact(cell)) return this.system.freq[cell] as number;
    return this.#upper[cell] as number;
  }
}
