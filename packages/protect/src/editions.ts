/**
 * Editions: the same table, some records later. A cell before and after are two unknowns, and their difference, the people who
 * came in between, is a third one, which must stay as unknown as any count of its size.
 * Sums between differences follow from those of both editions. Source: docs/references.md#handbook-sdc (differencing).
 * @module
 */
import { refuse } from '@weighbridge/base';
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
  const differences = pairsOf(space, editions).map(({ before, after }) => {
    const cell = space.addDifference(before, after);
    space.relate(after, [before, cell]);
    return { before, after, cell };
  });
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

/**
 * Where records were only added no cell is less than in an edition before.
 * @param absentIsEmpty - cells are taken to be empty because nobody lists them, which need not be so
 * @returns false where only such a cell is less
 * @throws Refusal `EDITION_FALLS` with the cell and its two editions
 */
export function nothingFell(space: Space, facts: Facts, editions: readonly string[], absentIsEmpty: boolean): boolean {
  const fallen = pairsOf(space, editions).filter(({ before, after }) => (facts.truth[after] as number) < (facts.truth[before] as number) - 1e-9 * Math.max(1, facts.truth[before] as number));
  const certain = fallen.find(({ before, after }) => !absentIsEmpty || (space.originOf(before) !== 'empty' && space.originOf(after) !== 'empty'));
  if (certain === undefined) return fallen.length === 0;
  return refuse('EDITION_FALLS', 'a cell is less in a later edition, though between editions records are said to be added only', { object: `${space.nameOf(certain.before)}, then ${space.nameOf(certain.after)}` },
    'name the folders of editions so that their order is that of time, or leave --added-only out');
}

/** Each cell with the same one of the edition before that has it. */
function pairsOf(space: Space, editions: readonly string[]): { readonly before: number; readonly after: number }[] {
  const pairs: { readonly before: number; readonly after: number }[] = [];
  for (let after = 0, size = space.size; after < size; after++) {
    const at = editions.indexOf(space.editionOf(after));
    const earlier = editions.slice(0, Math.max(0, at)).toReversed().find((edition) => space.find(edition, space.addressOf(after)) !== -1);
    if (earlier !== undefined) pairs.push({ before: space.find(earlier, space.addressOf(after)), after });
  }
  return pairs;
}
