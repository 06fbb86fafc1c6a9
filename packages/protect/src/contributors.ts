/**
 * What contributors have of a table, as far as it says which alternatives they can believe: their own cells are printed for them, and
 * others are not less than what they gave.
 * Source: docs/references.md#handbook-sdc, chapter 4 (singletons and holdings).
 * Leaves out: estimates in percent, and the attack, which is written apart.
 * @module
 */
import type { Move } from './boxes.ts';
import { isAllOf } from './contributor-attack.ts';
import type { ContributorPart } from './contributor-attack.ts';
import type { Surroundings } from './open-nearby.ts';
import type { Pattern } from './pattern.ts';

const CLOSE = 1e-6;

export class Contributors {
  readonly #value: ArrayLike<number>;
  readonly #partsBy: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly #theirs: ReadonlyMap<number, ReadonlySet<number>>;
  /** Cell → contributors with a part in it. */
  readonly #behind: ReadonlyMap<number, readonly number[]>;

  /** @param parts - of every cell that they have a part in, totals among them */
  constructor(parts: readonly ContributorPart[], value: ArrayLike<number>) {
    this.#value = value;
    const by = Map.groupBy(parts, ({ contributor }) => contributor);
    this.#partsBy = new Map([...by].map(([contributor, own]) => [contributor, new Map(own.map(({ cell, amount }) => [cell, amount]))]));
    this.#theirs = new Map([...by].map(([contributor, own]) => [contributor, new Set(own.filter((part) => isAllOf(part, value)).map(({ cell }) => cell))]));
    this.#behind = new Map([...Map.groupBy(parts, ({ cell }) => cell)].map(([cell, own]) => [cell, own.map(({ contributor }) => contributor)]));
  }

  /** Cells that are all theirs. */
  theirs(contributor: number): ReadonlySet<number> {
    return this.#theirs.get(contributor) ?? new Set();
  }

  /** What is around a cell as this contributor sees it. */
  around(contributor: number, around: Surroundings): Surroundings {
    const own = this.#partsBy.get(contributor);
    const theirs = this.theirs(contributor);
    return {
      ...around,
      rangeOf: (cell) => {
        const { lower, upper } = around.rangeOf(cell);
        return { lower: Math.min(0, Math.max(lower, (own?.get(cell) ?? -Infinity) - (this.#value[cell] as number))), upper };
      },
      priceOf: (cell) => (theirs.has(cell) ? Infinity : around.priceOf(cell)),
    };
  }

  /** Contributors alone in a withheld cell for whom no alternative of the pattern shows that the cell is open. It must be open for others. */
  * unconvinced(cell: number, pattern: Pattern): Generator<number> {
    const [first] = pattern.opening(cell);
    if (first === undefined) return;
    const suspects = new Set(Array.from(first.cells).flatMap((other) => this.#behind.get(other) ?? []));
    for (const contributor of suspects) {
      const theirs = this.theirs(contributor);
      if (theirs.has(cell) || ![...theirs].some((own) => pattern.isUnprinted(own))) continue;
      if (!pattern.opening(cell).some((move) => this.#believes(contributor, move))) yield contributor;
    }
  }

  #believes(contributor: number, { cells, steps }: Move): boolean {
    const theirs = this.theirs(contributor);
    const own = this.#partsBy.get(contributor);
    return cells.every((cell, i) => !theirs.has(cell) && (this.#value[cell] as number) + (steps[i] as number) >= (own?.get(cell) ?? -Infinity) - CLOSE);
  }
}
