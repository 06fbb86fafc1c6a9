/**
 * Amounts in units that solvers can work with: their tolerances are numbers, and mean another thing for pennies than for billions. The
 * largest amount comes to some ten million units, which are powers of two, so that nothing is rounded on the way there and back.
 * @module
 */
import type { Interval, Knowledge } from './audit.ts';
import type { Move } from './boxes.ts';
import type { ContributorPart } from './contributor-attack.ts';

/** The largest amount has so many binary digits before the point. */
const DIGITS = 24;

/** What amounts are divided by; 1 for counts. */
export function unitOf(value: ArrayLike<number>, whole: boolean): number {
  if (whole) return 1;
  let largest = 0;
  for (let cell = 0; cell < value.length; cell++) largest = Math.max(largest, Math.abs(value[cell] as number));
  return largest > 0 && largest < Infinity ? 2 ** (Math.floor(Math.log2(largest)) + 1 - DIGITS) : 1;
}

export function inUnits(list: ArrayLike<number>, unit: number): Float64Array {
  return Float64Array.from({ length: list.length }, (_, i) => (list[i] as number) / unit);
}

export function knowledgeInUnits(knowledge: Knowledge, unit: number): Knowledge {
  return { ...knowledge, value: inUnits(knowledge.value, unit), lower: inUnits(knowledge.lower, unit), upper: inUnits(knowledge.upper, unit) };
}

export function* movesInUnits(moves: Iterable<Move>, unit: number): Generator<Move> {
  for (const { cells, steps } of moves) yield { cells, steps: inUnits(steps, unit) };
}

export function partsInUnits(parts: readonly ContributorPart[], unit: number): ContributorPart[] {
  return parts.map((part) => ({ ...part, amount: part.amount / unit }));
}

/** Intervals of units as amounts again. */
export function intervalsIn(intervals: readonly Interval[], unit: number): Interval[] {
  return intervals.map((interval) => ({ ...interval, lower: interval.lower * unit, upper: interval.upper * unit }));
}
