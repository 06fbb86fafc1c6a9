/**
 * Perturbation tables for the cell-key method, from the largest noise D, the variance V, the smallest count that may be
 * shown and the probability of no change. Source: docs/references.md#ptable, docs/references.md#fraser-wooton.
 * Every row has mean 0 and variance V; the rows are those of the R package ptable to 1e-7.
 * Leaves out: tables for magnitudes with their own step width, and tables for even and odd numbers of contributors.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { DRAW_RANGE } from '../units.ts';
import { entropyRow } from './entropy-row.ts';
import type { RowTarget } from './entropy-row.ts';

/** What a table is made of. Keep all of it out of publications: D and V together tell too much. */
export interface PtableSettings {
  /** D: no count moves by more. A whole number from 1 to 100. */
  readonly maxNoise: number;
  /** V: the variance of every row but that of 0. */
  readonly variance: number;
  /** js: counts from 1 to this are never published. Default 0. */
  readonly blockedUpTo?: number;
  /** pstay: lower bound of the probability of no change, for all rows or row by row from count 1. Default 0. */
  readonly stay?: number | readonly number[];
  /** mono: probabilities do not fall on the way up to no change, for all rows or row by row from count 1. Default true. */
  readonly monotone?: boolean | readonly boolean[];
}

/** One change that a row may make. */
export interface PtableEntry {
  readonly change: number;
  readonly probability: number;
  /** Cell keys from `lower` (inclusive) … */
  readonly lower: number;
  /** … to `upper` (exclusive), as fractions of 1 in eight decimals; see {@link PtableRow.upperKeys}. */
  readonly upper: number;
}

/** The changes for one true count. */
export interface PtableRow {
  readonly entries: readonly PtableEntry[];
  /**
   * For each entry the first integer cell key that is beyond it: ceil(upper · 2^32). A key k belongs to the first entry
   * with k < upperKeys; the lower bound is inclusive, the upper exclusive, so that k / 2^32 < upper.
   */
  readonly upperKeys: readonly number[];
}

/** Row i is for count i; the last row is for its count and all larger ones. */
export interface Ptable {
  readonly rows: readonly PtableRow[];
}

/** Bounds carry eight decimals, as those of the peer. */
const DECIMALS = 1e8;

/**
 * Makes a perturbation table. Pure, without a solver; same settings, same table.
 *
 * Row 0 leaves zeros alone. Row i allows the published counts max(0, i - D) … i + D without 1 … js. There are
 * D + 1 rows when js = 0, else D + js + 2; the last is symmetric.
 *
 * @throws RangeError for settings that make no sense at all
 * @throws Refusal `PTABLE_VARIANCE` naming the first row for which the variance cannot be met, and which probability of no
 *   change (in steps of 0.05, as the peer lowers it) or which variance would do; `PTABLE_MONOTONE` when only the
 *   monotone shape stands in the way
 * @example makePtable({ maxNoise: 2, variance: 1 }).rows.length // 3
 */
export function makePtable(settings: PtableSettings): Ptable {
  const { maxNoise, blockedUpTo } = checkSettings(settings);
  const last = blockedUpTo === 0 ? maxNoise : maxNoise + blockedUpTo + 1;
  const rows = [tableRow([0], [1])];
  for (let count = 1; count <= last; count++) {
    const target = rowTarget(settings, count);
    const p = entropyRow(target);
    if (p === undefined) refuseRow(count, target);
    rows.push(tableRow(target.changes, p));
  }
  return { rows };
}

/**
 * A table from rows made elsewhere: for each count the changes with the upper bounds of their keys, as fractions of 1.
 * @throws RangeError unless bounds ascend to 1 in every row and no count can fall below 0
 */
export function ptableFromBounds(rows: readonly (readonly (readonly [change: number, upper: number])[])[]): Ptable {
  return {
    rows: rows.map((row, count): PtableRow => {
      let lower = 0;
      const entries = row.map(([change, upper]) => {
        if (!Number.isSafeInteger(change) || count + change < 0 || !(upper > lower) || upper > 1) throw new RangeError(`row ${count}: expected changes that keep counts from 0 and bounds that ascend to 1`);
        const entry = { change, probability: upper - lower, lower, upper };
        lower = upper;
        return entry;
      });
      if (lower !== 1) throw new RangeError(`row ${count}: expected a last bound of 1`);
      return { entries, upperKeys: entries.map((e) => keysBelow(e.upper)) };
    }),
  };
}

function checkSettings(settings: PtableSettings): { readonly maxNoise: number; readonly blockedUpTo: number } {
  const { maxNoise, variance, blockedUpTo = 0 } = settings;
  if (!Number.isSafeInteger(maxNoise) || maxNoise < 1 || maxNoise > 100) throw new RangeError('maxNoise: expected a whole number from 1 to 100');
  if (!(variance > 0 && Number.isFinite(variance))) throw new RangeError('variance: expected a number above 0');
  if (!Number.isSafeInteger(blockedUpTo) || blockedUpTo < 0 || blockedUpTo >= maxNoise) throw new RangeError('blockedUpTo: expected a whole number from 0 to maxNoise - 1');
  for (const stay of [settings.stay ?? 0].flat()) if (!(stay >= 0 && stay < 1)) throw new RangeError('stay: expected a number from 0 and below 1');
  return { maxNoise, blockedUpTo };
}

function rowTarget(settings: PtableSettings, count: number): RowTarget {
  const { maxNoise, variance, blockedUpTo = 0, stay = 0, monotone = true } = settings;
  const changes: number[] = [];
  for (let to = Math.max(0, count - maxNoise); to <= count + maxNoise; to++) {
    if (to === 0 || to > blockedUpTo) changes.push(to - count);
  }
  return {
    changes, variance,
    stay: typeof stay === 'number' ? stay : (stay[count - 1] ?? 0),
    monotone: typeof monotone === 'boolean' ? monotone : (monotone[count - 1] ?? true),
  };
}

/** Bounds are cumulated and rounded to eight decimals; probabilities are their differences. */
function tableRow(changes: readonly number[], p: readonly number[]): PtableRow {
  const entries: PtableEntry[] = [];
  let [sum, lower] = [0, 0];
  for (const [i, change] of changes.entries()) {
    sum += p[i] ?? 0;
    const upper = i === changes.length - 1 ? 1 : Math.min(1, Math.round(sum * DECIMALS) / DECIMALS);
    if (upper > lower) entries.push({ change, probability: Math.round((upper - lower) * DECIMALS) / DECIMALS, lower, upper });
    lower = upper;
  }
  return { entries, upperKeys: entries.map((e) => keysBelow(e.upper)) };
}

/** Integer keys k with k / 2^32 < bound, counted exactly for a bound in eight decimals. */
function keysBelow(bound: number): number {
  const hundredMillionths = BigInt(Math.round(bound * DECIMALS));
  return Number((hundredMillionths * BigInt(DRAW_RANGE) + BigInt(DECIMALS) - 1n) / BigInt(DECIMALS));
}

function refuseRow(count: number, target: RowTarget): never {
  const place = { object: `row ${count}` };
  if (target.monotone && entropyRow({ ...target, monotone: false }) !== undefined) {
    refuse('PTABLE_MONOTONE', `row ${count} cannot have this variance and rise up to no change`, place, `set monotone to false for row ${count}`);
  }
  for (let steps = Math.ceil(target.stay * 20) - 1; steps >= 0 && target.stay > 0; steps--) {
    const stay = steps / 20;
    if (entropyRow({ ...target, stay }) === undefined) continue;
    refuse('PTABLE_VARIANCE', `row ${count} cannot have this variance with this probability of no change`, place, `set stay to ${stay} for row ${count}`);
  }
  const { lo, hi } = varianceRange({ ...target, stay: 0 });
  refuse('PTABLE_VARIANCE', `row ${count} cannot have this variance`, place, `choose a variance from ${lo} to ${hi} or more noise`);
}

/** Variances that the row can have, to two decimals, found by halving: from the least spread to that of a flat shape. */
function varianceRange(target: RowTarget): { readonly lo: number; readonly hi: number } {
  const works = (variance: number): boolean => entropyRow({ ...target, variance }) !== undefined;
  const least = target.changes.includes(0) ? 0 : Math.max(...target.changes.filter((v) => v < 0)) * -Math.min(...target.changes.filter((v) => v > 0));
  let [good, bad] = [least + 0.01, -Math.min(...target.changes) * Math.max(...target.changes)];
  if (!works(good)) return { lo: Math.ceil(least * 100) / 100, hi: Math.ceil(least * 100) / 100 };
  while (bad - good > 0.001) {
    const middle = (good + bad) / 2;
    if (works(middle)) good = middle;
    else bad = middle;
  }
  return { lo: Math.ceil((least + 0.01) * 100) / 100, hi: Math.floor(good * 100) / 100 };
}
