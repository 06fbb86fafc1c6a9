/**
 * Rules that mark accounts by how they behave, from what a service sees without reading a text: each rule is a sentence with
 * points, and a mark names the rules that led to it. Nothing here takes a label: limits and threshold come from records alone.
 * Source: the approach of docs/references.md#cdt-2021; the rules themselves are the lab's own.
 * @module
 */

/** What a service keeps of one account for one day on which it was active. No text, and nothing that needs one. */
export interface ActivityDay {
  /** From 0, the first day of the period. */
  readonly day: number;
  readonly toContacts: number;
  readonly toStrangers: number;
  /** People written to for the first time. */
  readonly newContacts: number;
  /** Of these, those who answered. */
  readonly answered: number;
  readonly blocks: number;
  readonly reports: number;
  readonly groupsJoined: number;
  readonly atNight: number;
  readonly withMedia: number;
  /** Messages of the size that is most frequent on the day. */
  readonly sameSize: number;
}

/** What a service keeps of one account. */
export interface AccountRecord {
  /** Age of the account on the first day of the period. */
  readonly ageDays: number;
  readonly days: readonly ActivityDay[];
}

interface Rule {
  readonly id: string;
  readonly words: string;
  readonly points: number;
  /** A limit that is stated; without it, the value that all but one account in a hundred keep to. */
  readonly limit?: number;
  readonly measure: (sums: Sums) => number;
}

type Sums = Omit<ActivityDay, 'day'> & { readonly ageDays: number; readonly messages: number; readonly busiestDay: number };

/** An account is marked by a rule when its value is above the rule's limit. */
export const RULES = [
  { id: 'young', words: 'the account is younger than 30 days', points: 1, limit: 0, measure: (s) => 30 - s.ageDays },
  { id: 'fan-out', words: 'more new contacts on one day than 99 % of accounts', points: 1, measure: (s) => s.busiestDay },
  { id: 'strangers', words: 'more messages to strangers than 99 % of accounts', points: 1, measure: (s) => s.toStrangers },
  { id: 'unanswered', words: 'of ten new contacts or more, fewer than half answered', points: 1, limit: 0.5, measure: (s) => (s.newContacts >= 10 ? 1 - s.answered / s.newContacts : 0) },
  { id: 'blocked', words: 'blocked more often than 99 % of accounts', points: 2, measure: (s) => s.blocks },
  { id: 'reported', words: 'reported more often than 99 % of accounts', points: 2, measure: (s) => s.reports },
  { id: 'groups', words: 'joined more groups than 99 % of accounts', points: 1, measure: (s) => s.groupsJoined },
  { id: 'night', words: 'of twenty messages or more, a larger share at night than 99 % of accounts', points: 1, measure: (s) => (s.messages >= 20 ? s.atNight / s.messages : 0) },
  { id: 'media', words: 'of twenty messages or more, a larger share with media than 99 % of accounts', points: 1, measure: (s) => (s.messages >= 20 ? s.withMedia / s.messages : 0) },
  { id: 'same-size', words: 'of twenty messages or more, a larger share of one size than 99 % of accounts', points: 1, measure: (s) => (s.messages >= 20 ? s.sameSize / s.messages : 0) },
] as const satisfies readonly Rule[];

export type RuleId = (typeof RULES)[number]['id'];

/** Above which value a rule marks. */
export type Limits = Readonly<Record<RuleId, number>>;

/** What the rules say of one account, with the reasons. */
export interface Score {
  readonly points: number;
  readonly reasons: readonly RuleId[];
}

/** The limits that 99 % of these accounts keep to. @throws RangeError when there are none */
export function chooseLimits(accounts: readonly AccountRecord[]): Limits {
  if (accounts.length === 0) throw new RangeError('accounts to choose limits from expected');
  const sums = accounts.map(sumUp);
  return Object.fromEntries(RULES.map((rule: Rule) => [rule.id, rule.limit ?? quantile(sums.map(rule.measure), 0.99)])) as Record<RuleId, number>;
}

/** Points and reasons of one account. `without`: rules left out. */
export function scoreAccount(account: AccountRecord, limits: Limits, without: readonly RuleId[] = []): Score {
  const sums = sumUp(account);
  const met = RULES.filter((rule) => !without.includes(rule.id) && rule.measure(sums) > limits[rule.id]);
  return { points: met.reduce((sum, rule) => sum + rule.points, 0), reasons: met.map((rule) => rule.id) };
}

/** The least number of points, at least 1, that no larger share of these scores than `capacity` reaches: what a desk has time for. */
export function chooseThreshold(scores: readonly Score[], capacity: number): number {
  let threshold = 1;
  while (scores.filter((s) => s.points >= threshold).length > capacity * scores.length) threshold += 1;
  return threshold;
}

function sumUp({ ageDays, days }: AccountRecord): Sums {
  const sums = { ageDays, messages: 0, busiestDay: 0, toContacts: 0, toStrangers: 0, newContacts: 0, answered: 0, blocks: 0, reports: 0, groupsJoined: 0, atNight: 0, withMedia: 0, sameSize: 0 };
  for (const day of days) {
    for (const field of SUMMED) sums[field] += day[field];
    sums.messages += day.toContacts + day.toStrangers;
    sums.busiestDay = Math.max(sums.busiestDay, day.newContacts);
  }
  return sums;
}

const SUMMED = ['toContacts', 'toStrangers', 'newContacts', 'answered', 'blocks', 'reports', 'groupsJoined', 'atNight', 'withMedia', 'sameSize'] as const satisfies readonly (keyof ActivityDay)[];

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
