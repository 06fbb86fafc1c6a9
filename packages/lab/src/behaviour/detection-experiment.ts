/**
 * What rules on behaviour find in a synthetic population: limits and threshold are chosen on one half of the accounts, from records
 * alone, and what is marked is counted on the other half. Truth is looked at only to count.
 * @module
 */
import { clopperPearson } from '../intervals.ts';
import { chooseLimits, chooseThreshold, scoreAccount } from '../mechanisms/behaviour-rules.ts';
import type { AccountRecord, Limits, RuleId, Score } from '../mechanisms/behaviour-rules.ts';
import type { Behaviour, Population, Truth } from './population.ts';

/** Limits and threshold, as a service would fix them beforehand. */
export interface Chosen {
  readonly limits: Limits;
  readonly threshold: number;
}

/** What was marked of the accounts that were looked at. Pairs are a count and the whole that it is of. */
export interface Marked {
  readonly innocent: CountOf;
  readonly abusive: CountOf;
  readonly byBehaviour: Readonly<Record<Behaviour, CountOf>>;
  /** Abusive messages, of marked accounts and of all. */
  readonly messages: CountOf;
  /** The same of the accounts that take care to stay within limits. */
  readonly carefulMessages: CountOf;
}

export interface CountOf {
  readonly count: number;
  readonly of: number;
  /** 95 % interval of the share with accounts as the units (ratio estimator, normal approximation), cut at 0 and 1; exact where all or none are marked. */
  readonly byAccount: { readonly low: number; readonly high: number };
}

/** Records of one half. */
export function recordsOf(population: Population, choosing: boolean): AccountRecord[] {
  return population.records.filter((_, place) => population.choosing[place] === choosing);
}

/** Truth of one half, in the order of {@link recordsOf}. */
export function truthOf(population: Population, choosing: boolean): Truth[] {
  return population.truth.filter((_, place) => population.choosing[place] === choosing);
}

/** Limits and threshold from records: the desk has time for a share `capacity` of all accounts. */
export function chooseOn(records: readonly AccountRecord[], capacity: number, without: readonly RuleId[] = []): Chosen {
  const limits = chooseLimits(records);
  return { limits, threshold: chooseThreshold(records.map((r) => scoreAccount(r, limits, without)), capacity) };
}

/** Scores of records, in their order. */
export function scoresOf(records: readonly AccountRecord[], { limits }: Pick<Chosen, 'limits'>, without: readonly RuleId[] = []): Score[] {
  return records.map((record) => scoreAccount(record, limits, without));
}

/** Counts marks against truth, which stands in the order of the scores. */
export function countMarked(scores: readonly Score[], truth: readonly Truth[], threshold: number): Marked {
  const seen = truth.map((t, place) => ({ t, marked: (scores[place]?.points ?? 0) >= threshold }));
  const accounts = (which: (t: Truth) => boolean): CountOf => countOf(seen.filter(({ t }) => which(t)).map(({ marked }) => ({ marked, whole: 1 })));
  const messages = (which: (behaviour: Behaviour) => boolean): CountOf => countOf(seen.flatMap(({ t, marked }) => (t.abusive && which(t.behaviour) ? [{ marked, whole: t.abusiveMessages }] : [])));
  const kind = (behaviour: Behaviour): CountOf => accounts((t) => t.abusive && t.behaviour === behaviour);
  return {
    innocent: accounts((t) => !t.abusive), abusive: accounts((t) => t.abusive),
    byBehaviour: { spam: kind('spam'), careful: kind('careful'), unremarkable: kind('unremarkable') },
    messages: messages(() => true), carefulMessages: messages((b) => b === 'careful'),
  };
}

function countOf(accounts: readonly { readonly marked: boolean; readonly whole: number }[]): CountOf {
  const of = accounts.reduce((sum, a) => sum + a.whole, 0);
  const count = accounts.reduce((sum, a) => sum + (a.marked ? a.whole : 0), 0);
  if (of === 0) return { count, of, byAccount: { low: 0, high: 1 } };
  if (count === 0 || count === of) return { count, of, byAccount: clopperPearson(count === 0 ? 0 : accounts.length, accounts.length) };
  const share = count / of;
  const squares = accounts.reduce((sum, a) => sum + ((a.marked ? a.whole : 0) - share * a.whole) ** 2, 0);
  const half = (1.96 * Math.sqrt((accounts.length / (accounts.length - 1)) * squares)) / of;
  return { count, of, byAccount: { low: Math.max(0, share - half), high: Math.min(1, share + half) } };
}
