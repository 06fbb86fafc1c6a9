/**
 * Cells that no list shows and that few people or firms are behind, where an amount does not say so, nor a number of records: the one
 * firm of a village that two regions enclose, or that came between two editions.
 * How many are behind follows from what the lists say of the cells around, each contributor counted in one of the cells of a sum.
 * Leaves out: cells of which the lists around do not say it; contributors that are in several of those cells.
 * @module
 */
import { audit } from './audit.ts';
import type { Combination } from './attacker.ts';
import { fillBySums } from './complete-truth.ts';
import type { ReaderKnowledge } from './knowledge.ts';

const NEARLY = 1e-6;

/** Records, and people or firms, behind each cell; NaN where nothing says it. */
interface Behind {
  readonly freq: Float64Array;
  readonly contributors: Float64Array;
}

/**
 * Finds cells that are in no list and have fewer behind them than the threshold, one at least. Their values follow from what lists show and
 * withhold together.
 * @throws DOMException `AbortError` when the signal says so
 */
export async function fewBehind(reader: ReaderKnowledge, threshold: number, signal?: AbortSignal): Promise<ReadonlySet<number>> {
  const few = new Set<number>();
  const { knowledge, size, originOf } = reader;
  const enclosed = Array.from({ length: size }, (_, cell) => cell).filter((cell) => originOf(cell) === 'hidden' || originOf(cell) === 'difference');
  const counts = reader.lists.some((placed, l) => reader.cellOf(l, 0) !== -1 && placed.list.rows.some((row) => row.contributors !== undefined));
  if (threshold === 0 || enclosed.length === 0 || (knowledge.whole && !counts)) return few;
  const behind = behindListed(reader);
  const listed = { freq: behind.freq.slice(), contributors: behind.contributors.slice() };
  for (const numbers of [behind.freq, behind.contributors]) fillBySums(knowledge.relations, numbers);
  const isFew = (number: number): boolean => Math.abs(number) > 0.5 && Math.abs(number) < threshold - 0.5;
  const direct = besideListed(reader);
  const unknown: number[] = [];
  for (const cell of enclosed) {
    const numbers = [behind.freq[cell] as number, behind.contributors[cell] as number];
    if (numbers.some(isFew)) few.add(cell);
    else if (numbers.every(Number.isNaN) && !direct.has(cell)) unknown.push(cell);
  }
  if (unknown.length === 0) return few;
  for (const [cell, from] of await followingFromListed(reader, unknown, signal)) {
    if ([listed.freq, listed.contributors].some((numbers) => isFew(addedUp(from, numbers)))) few.add(cell);
  }
  return few;
}

/** Cells that would follow from sums if everything listed were printed, with how: so many times each listed cell. */
async function followingFromListed({ knowledge, size, originOf }: ReaderKnowledge, cells: readonly number[], signal?: AbortSignal): Promise<Map<number, Combination>> {
  // Differences between tables, each -1 to 1: a cell that cannot differ follows from sums alone, and none of these ends has a part in it.
  const { intervals } = await audit({
    relations: knowledge.relations, value: new Float64Array(size), lower: new Float64Array(size).fill(-1), upper: new Float64Array(size).fill(1), whole: false,
    printed: (cell) => knowledge.printed(cell) || originOf(cell) === 'listed',
  }, { required: new Map(), cells, combinations: true, ...(signal === undefined ? {} : { signal }) });
  return new Map(intervals.flatMap(({ cell, lower, upper, upperFrom }): [number, Combination][] => (upper - lower < NEARLY && upperFrom !== undefined && upperFrom.bounds.length === 0 ? [[cell, upperFrom]] : [])));
}

/** Cells that are alone in a sum with cells that are listed: what those do not say of them no other sum needs to be asked for. */
function besideListed({ knowledge, originOf }: ReaderKnowledge): ReadonlySet<number> {
  const alone = new Set<number>();
  for (const { total, parts } of knowledge.relations) {
    const others = [total, ...parts].filter((cell) => originOf(cell) !== 'listed' && !knowledge.printed(cell));
    if (others.length === 1) alone.add(others[0] as number);
  }
  return alone;
}

/** What lists say themselves. */
function behindListed({ lists, size, cellOf, originOf }: ReaderKnowledge): Behind {
  const empty = (): Float64Array => Float64Array.from({ length: size }, (_, cell) => (originOf(cell) === 'empty' ? 0 : NaN));
  const behind: Behind = { freq: empty(), contributors: empty() };
  for (const [l, { list }] of lists.entries()) {
    for (const [r, { freq, contributors }] of list.rows.entries()) {
      const cell = cellOf(l, r);
      if (cell === -1) continue;
      if (freq !== undefined) behind.freq[cell] = freq;
      if (contributors !== undefined) behind.contributors[cell] = contributors;
    }
  }
  return behind;
}

function addedUp({ printed }: Combination, numbers: Float64Array): number {
  return printed.reduce((sum, { cell, times }) => sum + times * (numbers[cell] as number), 0);
}
