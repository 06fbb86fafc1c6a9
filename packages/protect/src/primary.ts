/**
 * Primary rules: which cells tell too much of a contributor by themselves, and how open they must stay.
 * Source: docs/references.md#handbook-sdc (chapter 4: minimum frequency, (n,k) dominance, p% and pq, protection levels).
 * Contributions are one for each contributor or holding: whoever ranks them adds a contributor's records up first.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CellSystem } from './cell-table.ts';
import { cellName } from './cell-table.ts';

/** The rules that apply to a table. Parameters are secret: they are never part of what is released. */
export interface PrimaryRules {
  /** Counts of 1 … threshold - 1 are unsafe. */
  readonly minFrequency?: { readonly threshold: number; readonly zeros: 'published' | 'protected' };
  /** Unsafe when the n largest contributions are more than k % of the total (`atLeast`: k % or more). */
  readonly dominance?: readonly { readonly n: number; readonly k: number; readonly atLeast?: boolean }[];
  /** Unsafe when the total without the two largest contributions is less than p % of the largest. */
  readonly pPercent?: { readonly p: number };
  /** As p %, for a reader who can estimate any contribution to within q %: p / q takes the place of p / 100. */
  readonly pq?: { readonly p: number; readonly q: number };
  /** Unsafe where a sum with at least two parts has everything in one of them: whoever is in it is known to be there. */
  readonly groupDisclosure?: boolean;
}

/** What is behind a cell of a magnitude table. */
export interface Contributions {
  /** The largest contributions, largest first, one for each contributor or holding; none of them negative. */
  readonly largest: readonly number[];
  /** The largest contributor asked for protection (Source: docs/references.md#handbook-sdc, request rule). */
  readonly requested?: boolean;
  /** The largest contributor agreed to be published: the largest after the waivers counts as the largest. */
  readonly waived?: readonly boolean[];
}

/** Why a cell is unsafe, and how far above (and below) the truth a reader must still have to reckon. */
export interface PrimaryCell {
  readonly reason: string;
  /** 0: another whole value is enough. */
  readonly upper: number;
}

/**
 * The unsafe cells of a table.
 * @param contributions - for each cell; needed by the rules of magnitudes
 * @throws Refusal `CONTRIBUTIONS_MISSING`, `CONTRIBUTION_NEGATIVE` with the cell's address
 */
export function primaryCells(table: CellSystem, rules: PrimaryRules, contributions?: readonly (Contributions | undefined)[]): Map<number, PrimaryCell> {
  const found = new Map<number, PrimaryCell>();
  const needsContributions = rules.dominance !== undefined || rules.pPercent !== undefined || rules.pq !== undefined;
  for (let cell = 0; cell < table.size; cell++) {
    const counted = rules.minFrequency && unsafeCount(table.freq[cell] as number, rules.minFrequency);
    if (counted !== undefined) found.set(cell, { reason: counted, upper: 0 });
    if (!needsContributions || table.freq[cell] === 0) continue;
    const own = contributions?.[cell];
    if (own === undefined) return refuse('CONTRIBUTIONS_MISSING', 'the rules need the largest contributions to each cell, and this cell has none', { object: cellName(table, cell) }, 'give the columns of contributions, or tabulate from the records');
    if (own.largest.some((x) => x < 0)) refuse('CONTRIBUTION_NEGATIVE', 'a contribution is negative', { object: cellName(table, cell) }, 'rank by absolute values and give those');
    const magnitude = unsafeMagnitude((table.value ?? table.freq)[cell] as number, own, rules);
    if (magnitude !== undefined) found.set(cell, { reason: found.get(cell)?.reason ?? magnitude.reason, upper: Math.max(magnitude.upper, found.get(cell)?.upper ?? 0) });
  }
  if (rules.groupDisclosure === true) for (const [cell, why] of groupDisclosures(table)) if (!found.has(cell)) found.set(cell, why);
  return found;
}

function unsafeCount(freq: number, { threshold, zeros }: NonNullable<PrimaryRules['minFrequency']>): string | undefined {
  if (freq >= threshold || (freq === 0 && zeros === 'published')) return undefined;
  return freq === 0 ? 'primary: no contributor' : freq === 1 ? 'primary: 1 contributor' : `primary: ${freq} contributors`;
}

/** The strictest of the rules that the cell breaks. */
function unsafeMagnitude(total: number, { largest, requested = false, waived = [] }: Contributions, rules: PrimaryRules): PrimaryCell | undefined {
  const broken: PrimaryCell[] = [];
  for (const { n, k, atLeast = false } of rules.dominance ?? []) {
    const top = largest.slice(0, n).reduce((sum, x) => sum + x, 0);
    const limit = (k / 100) * total;
    if (top > limit || (atLeast && top === limit)) broken.push({ reason: `primary: the ${n === 1 ? 'largest contributor dominates' : `${n} largest contributors dominate`}`, upper: (100 / k) * top - total });
  }
  const share = rules.pPercent ? rules.pPercent.p / 100 : rules.pq ? rules.pq.p / rules.pq.q : undefined;
  if (share !== undefined && largest.length > 0) {
    const target = largest.findIndex((_, i) => waived[i] !== true);
    const first = largest[target] ?? 0;
    const second = largest.find((_, i) => i !== target) ?? 0;
    const rest = total - first - second;
    if (target !== -1 && rest < share * first) broken.push({ reason: 'primary: a contributor can estimate the largest too closely', upper: share * first - rest });
  }
  if (requested && largest.length > 0) broken.push({ reason: 'primary: a contributor asked for protection', upper: (share ?? 0.1) * (largest[0] ?? 0) });
  return broken.length === 0 ? undefined : broken.reduce((worst, each) => (each.upper > worst.upper ? each : worst));
}

/** Sums of which one part holds everything, where others could have held some. */
function* groupDisclosures(table: CellSystem): Generator<[number, PrimaryCell]> {
  for (const { total, parts } of table.relations) {
    if (parts.length < 2 || table.freq[total] === 0) continue;
    for (const part of parts) if (table.freq[part] === table.freq[total]) yield [part, { reason: 'primary: everything of a line falls in this cell', upper: 0 }];
  }
}
