/**
 * Primary rules: which cells tell too much of a contributor by themselves, and how open they must stay.
 * Source: docs/references.md#handbook-sdc (chapter 4: minimum frequency, (n,k) dominance, p% and pq, protection levels).
 * Contributions are one for each contributor or holding: whoever ranks them adds a contributor's records up first.
 * Handbook and peers write “more than k %” and “less than p %”; `atLeast` takes what is exactly on the limit as unsafe too.
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
  /** Unsafe when the total without the two largest contributions is less than p % of the largest (`atLeast`: also when it is exactly p %). */
  readonly pPercent?: { readonly p: number; readonly atLeast?: boolean };
  /** As p %, for a reader who can estimate any contribution to within q %: p / q takes the place of p / 100. */
  readonly pq?: { readonly p: number; readonly q: number; readonly atLeast?: boolean };
  /** Unsafe where the largest contributor asked for it and has more than k % of the cell (default 0); it must then stay open to p % of that contribution (default: as p % or pq say, otherwise 10). */
  readonly request?: { readonly k?: number; readonly p?: number };
  /** Unsafe where a sum with at least two parts has everything in one of them: whoever is in it is known to be there. Needs zeros that are not printed. */
  readonly groupDisclosure?: boolean;
}

/** Who and what is behind a cell. */
export interface Contributions {
  /** People or firms behind the cell, each once, where records are more; default: each record has a contributor of its own. */
  readonly contributors?: number;
  /** The largest contributions, largest first, one for each contributor or holding; none of them negative. Contributors that are not listed contribute no more than the last. */
  readonly largest?: readonly number[];
  /** The largest contributor asked for protection (Source: docs/references.md#handbook-sdc, request rule). Absent in every cell: nobody was asked. */
  readonly requested?: boolean;
  /** For each of `largest`, whether that contributor agreed to be published: p % and pq then protect the largest after the waivers. */
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
 * @throws Refusal with the cell's address where contributions do not say what the rules need: `CONTRIBUTIONS_MISSING`,
 *   `CONTRIBUTIONS_UNSORTED`, `CONTRIBUTIONS_EXCEED`, `CONTRIBUTIONS_DO_NOT_ADD`, `CONTRIBUTION_NEGATIVE`, `CONTRIBUTORS`,
 *   `REQUEST_WITHOUT_RULE`, `WAIVER_WITHOUT_RULE`; `REQUESTS_MISSING`; as {@link assertRules}
 */
export function primaryCells(table: CellSystem, rules: PrimaryRules, contributions?: readonly (Contributions | undefined)[]): Map<number, PrimaryCell> {
  assertRules(rules);
  const found = new Map<number, PrimaryCell>();
  const ranks = rules.dominance !== undefined || shareOf(rules) !== undefined || rules.request !== undefined;
  if (rules.request !== undefined && contributions?.some((own) => own?.requested !== undefined) !== true) refuse('REQUESTS_MISSING', 'a rule protects who asked for it, and nothing says who did', { column: 'requested' }, 'add the column “requested”, or leave the rule out');
  const counted = contributions?.some((own) => own?.contributors !== undefined) === true;
  for (let cell = 0; cell < table.size; cell++) {
    const own = contributions?.[cell];
    if (own?.requested === true && rules.request === undefined) refuse('REQUEST_WITHOUT_RULE', 'a contributor asked for protection, and no rule says when it is given', { object: cellName(table, cell) }, 'add “request” to the rules');
    if (own?.waived?.includes(true) === true && shareOf(rules) === undefined) refuse('WAIVER_WITHOUT_RULE', 'a contributor agreed to be published, and no rule of p % or pq passes it over', { object: cellName(table, cell) }, 'add such a rule, or leave the waivers out');
    const behind = counted ? contributorsOf(table, cell, own) : table.freq[cell] as number;
    const few = rules.minFrequency && unsafeCount(behind, rules.minFrequency);
    if (few !== undefined) found.set(cell, { reason: few, upper: 0 });
    if (!ranks || table.freq[cell] === 0) continue;
    const total = (table.value ?? table.freq)[cell] as number;
    const largest = rankedOf(table, cell, { ...own, contributors: behind }, rules);
    const magnitude = unsafeMagnitude(total, { ...own, largest }, rules);
    if (magnitude !== undefined) found.set(cell, { reason: found.get(cell)?.reason ?? magnitude.reason, upper: Math.max(magnitude.upper, found.get(cell)?.upper ?? 0) });
  }
  if (rules.groupDisclosure === true) for (const [cell, why] of groupDisclosures(table)) if (!found.has(cell)) found.set(cell, why);
  return found;
}

/** @throws Refusal `GROUP_DISCLOSURE_ZEROS` where printed zeros would tell what the rule withholds */
export function assertRules({ groupDisclosure, minFrequency }: PrimaryRules): void {
  if (groupDisclosure === true && minFrequency?.zeros !== 'protected') {
    refuse('GROUP_DISCLOSURE_ZEROS', 'zeros are printed, and tell that everything of their line falls in the other cell', { key: 'rules.groupDisclosure' }, 'add "minFrequency": { "threshold": 1, "zeros": "protected" } to the rules, or a higher threshold');
  }
}

function unsafeCount(behind: number, { threshold, zeros }: NonNullable<PrimaryRules['minFrequency']>): string | undefined {
  if (behind >= threshold || (behind === 0 && zeros === 'published')) return undefined;
  return behind === 0 ? 'primary: no contributor' : behind === 1 ? 'primary: 1 contributor' : `primary: ${behind} contributors`;
}

/** Contributors behind a cell of a table that counts them: at least one where there is a record, and no more than records. */
function contributorsOf(table: CellSystem, cell: number, own: Contributions | undefined): number {
  const [contributors, freq] = [own?.contributors, table.freq[cell] as number];
  if (contributors !== undefined && Number.isSafeInteger(contributors) && contributors >= Math.min(1, freq) && contributors <= freq && (own?.largest ?? []).filter((x) => x > 0).length <= contributors) return contributors;
  return refuse('CONTRIBUTORS', 'the number of contributors is missing, more than that of records, or less than that of contributions', { object: cellName(table, cell) }, 'count each person or firm behind the cell once');
}

/**
 * The largest contributions to a cell, checked: as many as the rules look at, largest first, and no more than the cell. Fewer will do where
 * they are all of the cell, as when two records of one holding are added up.
 */
function rankedOf(table: CellSystem, cell: number, { largest = [], waived = [], contributors = Infinity }: Contributions, rules: PrimaryRules): readonly number[] {
  const total = (table.value ?? table.freq)[cell] as number;
  const place = { object: cellName(table, cell) };
  if (largest.some((x) => !(x >= 0))) refuse('CONTRIBUTION_NEGATIVE', 'a contribution is negative', place, 'rank by absolute values and give those');
  if (largest.some((x, i) => x > (largest[i - 1] ?? Infinity))) refuse('CONTRIBUTIONS_UNSORTED', 'a contribution is larger than the one before it', place, 'give the contributions to each cell largest first');
  const rest = apart(total, largest.reduce((sum, x) => sum + x, 0), 1e3 * total);
  if (rest < 0) refuse('CONTRIBUTIONS_EXCEED', 'the contributions add up to more than the cell', place, 'give the contributions to this cell alone, in the unit of its value; where some amounts are below zero, gains and losses are two tables');
  if (rest === 0) return largest;
  const target = shareOf(rules) === undefined ? 0 : largest.findIndex((_, i) => waived[i] !== true);
  const looked = Math.max(rules.request ? 1 : 0, shareOf(rules) === undefined ? 0 : 2, target === -1 ? largest.length + 1 : target + 1, ...(rules.dominance ?? []).map(({ n }) => n));
  if (largest.length < Math.min(contributors, looked)) refuse('CONTRIBUTIONS_MISSING', `the rules look at the ${looked} largest contributions to each cell, and this cell has fewer that are not all of it`, place, 'give the columns largest1, largest2 … of contributions, or tabulate from the records');
  if (largest.length >= contributors) refuse('CONTRIBUTIONS_DO_NOT_ADD', 'every contributor is listed, and the contributions do not add up to the cell', place, 'correct the contributions, the value or the number of records');
  return largest;
}

/** Part of the largest contribution that must be left over when the two largest are taken away: `of` p in 100, or p in q. */
function shareOf({ pPercent, pq }: PrimaryRules): { readonly p: number; readonly of: number; readonly atLeast: boolean } | undefined {
  if (pPercent) return { p: pPercent.p, of: 100, atLeast: pPercent.atLeast ?? false };
  return pq && { p: pq.p, of: pq.q, atLeast: pq.atLeast ?? false };
}

/** The difference of two amounts; 0 where it is no more than floating point makes of amounts of that size. */
function apart(a: number, b: number, size: number): number {
  return Math.abs(a - b) <= 1e-12 * size ? 0 : a - b;
}

/** The strictest of the rules that the cell breaks. */
function unsafeMagnitude(total: number, { largest = [], requested = false, waived = [] }: Contributions, rules: PrimaryRules): PrimaryCell | undefined {
  const broken: PrimaryCell[] = [];
  for (const { n, k, atLeast = false } of rules.dominance ?? []) {
    const top = largest.slice(0, n).reduce((sum, x) => sum + x, 0);
    const over = apart(100 * top, k * total, 100 * total);
    if (over > 0 || (atLeast && over === 0 && top > 0)) broken.push({ reason: `primary: the ${n === 1 ? 'largest contributor dominates' : `${n} largest contributors dominate`}`, upper: Math.max(0, (100 / k) * top - total) });
  }
  const share = shareOf(rules);
  const target = largest.findIndex((_, i) => waived[i] !== true);
  const first = largest[target] ?? 0;
  if (share !== undefined && first > 0) {
    const second = largest.find((_, i) => i !== target) ?? 0;
    const rest = total - first - second;
    // In shares, as the peer of the published cases compares: on the very limit the last bit decides, and decides alike.
    const lacks = share.atLeast ? apart(share.p * first, share.of * rest, share.of * total) >= 0 : 1 - (first + second) / total < ((share.p / share.of) * first) / total;
    if (lacks) broken.push({ reason: 'primary: a contributor can estimate the largest too closely', upper: Math.max(0, (share.p / share.of) * first - rest) });
  }
  const { request } = rules;
  const asked = largest[0] ?? 0;
  if (requested && request !== undefined && apart(100 * asked, (request.k ?? 0) * total, 100 * total) > 0) {
    broken.push({ reason: 'primary: a contributor asked for protection', upper: (request.p === undefined ? share === undefined ? 0.1 : share.p / share.of : request.p / 100) * asked });
  }
  return broken.length === 0 ? undefined : broken.reduce((worst, each) => (each.upper > worst.upper ? each : worst));
}

/** Sums of which one part holds everything, where others could have held some. */
function* groupDisclosures(table: CellSystem): Generator<[number, PrimaryCell]> {
  for (const { total, parts } of table.relations) {
    if (parts.length < 2 || table.freq[total] === 0) continue;
    for (const part of parts) if (table.freq[part] === table.freq[total]) yield [part, { reason: 'primary: everything of a line falls in this cell', upper: 0 }];
  }
}
