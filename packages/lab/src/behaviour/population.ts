/**
 * A synthetic population of accounts on a messaging service, as records of the kind that a service sees without reading a text.
 *
 * Every number here is an assumption of the lab, fitted to nobody: no published distribution of such records, of innocent or of
 * abusive accounts, was at hand. What abusive accounts are stands apart from the records, so that no rule can look at it.
 * @module
 */
import type { AccountRecord, ActivityDay } from '../mechanisms/behaviour-rules.ts';
import type { SeededRandom } from '../random.ts';
import { Draws } from './draws.ts';

/** Days of the period. */
export const DAYS = 14;

/** How one kind of account is assumed to behave. Shares from 0 to 1; the rest are means per active day, or per new contact. */
interface Habits {
  /** Ages of accounts: each day up to the first equally likely, or around a median. */
  readonly age: { readonly upTo: number } | { readonly median: number };
  readonly active: number;
  readonly toContacts: number;
  readonly newContacts: number;
  /** No more new contacts than this on a day, where somebody takes care. */
  readonly newAtMost?: number;
  readonly perNewContact: number;
  readonly answered: number;
  readonly blocked: number;
  readonly reported: number;
  readonly groupsJoined: number;
  readonly night: number;
  readonly media: number;
  readonly sameSize: number;
}

const TALKATIVE: Habits = { age: { median: 900 }, active: 0.9, toContacts: 25, newContacts: 0.1, perNewContact: 2, answered: 0.7, blocked: 0.01, reported: 0.001, groupsJoined: 0.03, night: 0.1, media: 0.25, sameSize: 0.05 };

const INNOCENT = {
  quiet: { share: 0.5, habits: { ...TALKATIVE, active: 0.35, toContacts: 4, newContacts: 0.03, groupsJoined: 0.01, night: 0.05, media: 0.15 } },
  talkative: { share: 0.35, habits: TALKATIVE },
  newcomer: { share: 0.07, habits: { ...TALKATIVE, age: { upTo: 30 }, active: 0.7, toContacts: 6, newContacts: 1, answered: 0.75, reported: 0.002, groupsJoined: 0.15, night: 0.08, media: 0.2 } },
  organiser: { share: 0.03, habits: { ...TALKATIVE, toContacts: 20, newContacts: 2, answered: 0.6, blocked: 0.02, reported: 0.003, groupsJoined: 0.3, night: 0.05, media: 0.2, sameSize: 0.3 } },
  trader: { share: 0.05, habits: { ...TALKATIVE, active: 0.8, toContacts: 10, newContacts: 6, answered: 0.8, blocked: 0.02, reported: 0.004, night: 0.03, media: 0.35, sameSize: 0.35 } },
} satisfies Readonly<Record<string, { share: number; habits: Habits }>>;

const ABUSIVE = {
  spam: { share: 0.4, habits: { ...TALKATIVE, age: { upTo: 20 }, toContacts: 0.5, newContacts: 80, perNewContact: 1.2, answered: 0.03, blocked: 0.04, reported: 0.01, groupsJoined: 1, night: 0.3, media: 0.4, sameSize: 0.85 } },
  careful: { share: 0.4, habits: { ...TALKATIVE, age: { median: 200 }, active: 0.8, toContacts: 6, newContacts: 1.5, newAtMost: 3, perNewContact: 5, answered: 0.5, blocked: 0.05, reported: 0.01, groupsJoined: 0.1, night: 0.2, media: 0.3, sameSize: 0.1 } },
  unremarkable: { share: 0.2, habits: TALKATIVE },
} satisfies Readonly<Record<string, { share: number; habits: Habits }>>;

/** Of the messages to contacts by an abusive account that behaves like others, those that are abusive. */
const HIDDEN_SHARE = 0.1;

/** How an abusive account behaves: mass mailing; slow contact with strangers within limits; like everybody else. */
export type Behaviour = keyof typeof ABUSIVE;

/** What is true of an account and stands in no record. `number` counts abusive accounts from 0; `abusiveMessages` are those of the period. */
export type Truth = { readonly abusive: false } | { readonly abusive: true; readonly number: number; readonly behaviour: Behaviour; readonly abusiveMessages: number };

/** Records, truth and halves of the same accounts, at the same places. */
export interface Population {
  readonly records: readonly AccountRecord[];
  readonly truth: readonly Truth[];
  /** Whether an account is of the half on which limits and threshold are chosen. The toss of a coin, whatever the account is. */
  readonly choosing: readonly boolean[];
}

/** The assumptions in words, for a row's note. */
export const ASSUMED_BEHAVIOUR = [
  `synthetic accounts over ${DAYS} days, every number assumed and fitted to nobody`,
  `innocent: ${Object.entries(INNOCENT).map(([kind, { share, habits }]) => `${kind} ${percent(share)} (${habits.newContacts} new contacts an active day)`).join(', ')}`,
  `abusive: ${Object.entries(ABUSIVE).map(([kind, { share, habits }]) => `${kind} ${percent(share)} (${habits.newContacts})`).join(', ')}, the last drawn as the talkative are`,
  `abusive messages: all to strangers of the first two, ${percent(HIDDEN_SHARE)} of those to contacts of the last`,
].join('; ');

/**
 * `innocent` and `abusive` accounts in a random order. Every account has a stream of chance of its own, and behaviours come in
 * turns, so that their shares are exact to within one account.
 */
export function makePopulation(random: SeededRandom, innocent: number, abusive: number): Population {
  const made = [
    ...Array.from({ length: innocent }, (_, i) => ({ record: accountOf(new Draws(random.fork(`innocent ${i}`)), kindAt(INNOCENT, i).habits), truth: { abusive: false } as const })),
    ...Array.from({ length: abusive }, (_, i) => abusiveAccount(new Draws(random.fork(`abusive ${i}`)), i)),
  ];
  const order = random.fork('order').shuffle(made);
  const coin = new Draws(random.fork('halves'));
  return { records: order.map((a) => a.record), truth: order.map((a) => a.truth), choosing: order.map(() => coin.uniform() < 0.5) };
}

/** The same accounts in the same halves, with the first `abusive` of the abusive ones alone. */
export function withFewerAbusive(population: Population, abusive: number): Population {
  const kept = population.truth.flatMap((t, place) => (t.abusive && t.number >= abusive ? [] : [place]));
  const at = <T>(list: readonly T[]): T[] => kept.map((place) => list[place] as T);
  return { records: at(population.records), truth: at(population.truth), choosing: at(population.choosing) };
}

/** A share as people write it. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function abusiveAccount(draws: Draws, number: number): { record: AccountRecord; truth: Truth } {
  const { behaviour, habits } = kindAt(ABUSIVE, number);
  const record = accountOf(draws, habits);
  const sum = (field: 'toContacts' | 'toStrangers'): number => record.days.reduce((total, day) => total + day[field], 0);
  const abusiveMessages = behaviour === 'unremarkable' ? Math.round(sum('toContacts') * HIDDEN_SHARE) : sum('toStrangers');
  return { record, truth: { abusive: true, number, behaviour, abusiveMessages } };
}

/** The kind of the i-th account: places on a circle of a hundred, spread so that any run of accounts holds all kinds. */
function kindAt<K extends string>(kinds: Readonly<Record<K, { share: number; habits: Habits }>>, i: number): { behaviour: K; habits: Habits } {
  let place = ((i * 61) % 100) / 100;
  const entries = Object.entries(kinds) as [K, { share: number; habits: Habits }][];
  for (const [behaviour, { share, habits }] of entries) {
    if (place < share - 1e-9) return { behaviour, habits };
    place -= share;
  }
  throw new RangeError('shares that make up a whole expected');
}

function accountOf(draws: Draws, habits: Habits): AccountRecord {
  const ageDays = 'upTo' in habits.age ? Math.floor(draws.uniform() * habits.age.upTo) : Math.round(habits.age.median * draws.factor(0.8));
  const own = { ...habits, toContacts: Math.min(400, habits.toContacts * draws.factor(0.6)), newContacts: Math.min(200, habits.newContacts * draws.factor(0.6)) };
  const trouble = draws.factor(0.8);
  const days: ActivityDay[] = [];
  for (let day = 0; day < DAYS; day += 1) if (draws.uniform() < own.active) days.push(dayOf(draws, day, own, trouble));
  return { ageDays, days };
}

/** `trouble`: how much more often than others of its kind the account is blocked and reported. */
function dayOf(draws: Draws, day: number, own: Habits, trouble: number): ActivityDay {
  const toContacts = draws.poisson(own.toContacts);
  const newContacts = Math.min(own.newAtMost ?? 1000, draws.poisson(own.newContacts));
  const toStrangers = newContacts === 0 ? 0 : newContacts + draws.poisson(newContacts * (own.perNewContact - 1));
  const ofNew = (share: number): number => draws.binomial(newContacts, Math.min(1, share));
  const ofMessages = (share: number): number => draws.binomial(Math.min(1000, toContacts + toStrangers), share);
  return {
    day, toContacts, toStrangers, newContacts, answered: ofNew(own.answered), blocks: ofNew(own.blocked * trouble), reports: ofNew(own.reported * trouble),
    groupsJoined: draws.poisson(own.groupsJoined), atNight: ofMessages(own.night), withMedia: ofMessages(own.media), sameSize: ofMessages(own.sameSize),
  };
}
