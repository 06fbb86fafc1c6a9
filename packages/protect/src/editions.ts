/**
 * Editions: the same table, some records later. A cell before and after are two unknowns, and their difference, the people who
 * came in between, is a third one, which must stay as unknown as any count of its size.
 * Sums between differences follow from those of both editions. Source: docs/references.md#handbook-sdc (differencing).
 * @module
 */
import type { Relation } from './cell-table.ts';
import type { Facts, Space } from './knowledge.ts';

/** Cells, differences behind them, and what is known of each. */
export interface KnownCells {
  readonly relations: readonly Relation[];
  readonly value: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly printed: Uint8Array;
}

/** A difference that nothing bounds: the solver works with numbers. */
const FAR = 1e7;

/**
 * Adds differences between each edition of a cell and the one before that has it.
 * @param editions - oldest first
 * @param addedOnly - no difference is negative, and readers know it
 */
export function differencesBetween(space: Space, facts: Facts, editions: readonly string[], addedOnly: boolean): KnownCells {
  const differences: { readonly before: number; readonly after: number; readonly cell: number }[] = [];
  for (let cell = 0, size = space.size; cell < size; cell++) {
    const at = editions.indexOf(space.editionOf(cell));
    const earlier = editions.slice(0, Math.max(0, at)).toReversed().find((edition) => space.find(edition, space.addressOf(cell)) !== -1);
    if (earlier === undefined) continue;
    const before = space.find(earlier, space.addressOf(cell));
    const difference = space.addDifference(before, cell);
    space.relate(cell, [before, difference]);
    differences.push({ before, after: cell, cell: difference });
  }
  const longer = (numbers: Float64Array, fill: number): Float64Array => {
    const all = new Float64Array(space.size).fill(fill);
    all.set(numbers);
    return all;
  };
  const known: KnownCells = { relations: space.relations, value: longer(facts.truth, NaN), lower: longer(facts.lower, addedOnly ? 0 : -FAR), upper: longer(facts.upper, Infinity), printed: new Uint8Array(space.size) };
  known.printed.set(facts.printed);
  for (const { before, after, cell } of differences) {
    known.value[cell] = (known.value[after] as number) - (known.value[before] as number);
    known.upper[cell] = known.upper[after] as number;
    if (!addedOnly) known.lower[cell] = Math.max(-FAR, -(known.upper[before] as number));
  }
  return known;
}
