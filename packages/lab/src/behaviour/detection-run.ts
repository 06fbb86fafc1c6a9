/**
 * The experiment on rules for behaviour from beginning to end: population, halves, marks, and what is recorded of them.
 * Everything is synthetic, and every row says so.
 * @module
 */
import { clopperPearson } from '../intervals.ts';
import { RULES } from '../mechanisms/behaviour-rules.ts';
import type { Score } from '../mechanisms/behaviour-rules.ts';
import { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { chooseOn, countMarked, recordsOf, scoresOf, truthOf } from './detection-experiment.ts';
import type { Chosen, Marked } from './detection-experiment.ts';
import { ASSUMED_BEHAVIOUR, DAYS, makePopulation, percent, withFewerAbusive } from './population.ts';
import type { Population, Truth } from './population.ts';

/** How large an experiment is. `abusive`: share of abusive accounts, the main one first. `capacity`: share of accounts that the desk can look at. */
export interface DetectionSettings {
  readonly innocent: number;
  readonly abusive: readonly [number, ...number[]];
  readonly capacity: number;
}

/** Runs the experiment and records what came out. */
export function runDetection(seed: number, settings: DetectionSettings, record: Recorder): void {
  const everybody = makePopulation(SeededRandom.of(seed, 'behaviour-detection population'), settings.innocent, abusiveAccounts(settings.innocent, Math.max(...settings.abusive)));
  const [main] = settings.abusive;
  const population = withFewerAbusive(everybody, abusiveAccounts(settings.innocent, main));
  const chosen = chooseOn(recordsOf(population, true), settings.capacity);
  const scored: Scored = { scores: scoresOf(recordsOf(everybody, false), chosen), truth: truthOf(everybody, false) };
  const few = fewer(scored, abusiveAccounts(settings.innocent, main));
  recordMarked(countMarked(few.scores, few.truth, chosen.threshold), settings, record);
  record.number('exposed.by-report', 0, { note: 'messages of which the desk sees the text, for one account that it looks at; the records hold none' });
  record.number('wire.message-added', 0, { method: 'computed', note: 'the rules read what the service sees anyway; no message is changed' });
  record.number('trust.parties', 1, { note: 'the desk that looks at marked accounts; it may be the service’s own' });
  record.number('trust.standing-keys', 0);
  findRates(scored, chosen, settings, record);
  findThresholds(few, chosen, record);
  findSizes(population, chosen, settings, record);
  findIntrusion(population, record);
}

/** Abusive accounts that make up a share of all. */
function abusiveAccounts(innocent: number, share: number): number {
  return Math.round((innocent * share) / (1 - share));
}

/** Scores of the measuring half, with the truth of the same accounts. */
interface Scored {
  readonly scores: readonly Score[];
  readonly truth: readonly Truth[];
}

/** Without the abusive accounts from the `abusive`-th on. */
function fewer({ scores, truth }: Scored, abusive: number): Scored {
  const kept = truth.map((t) => !t.abusive || t.number < abusive);
  return { scores: scores.filter((_, place) => kept[place]), truth: truth.filter((_, place) => kept[place]) };
}

function recordMarked({ innocent, abusive, byBehaviour, messages, carefulMessages }: Marked, { abusive: [share], capacity }: DetectionSettings, record: Recorder): void {
  const note = `${ASSUMED_BEHAVIOUR}; ${percent(share)} of accounts abusive; the desk looks at no more than ${percent(capacity)} of accounts; measured on the half on which nothing was chosen`;
  const sampled = { method: 'sampled', note } as const;
  record.perMillion('errors.false-positive', innocent.count, innocent.of, sampled);
  record.share('errors.false-negative', abusive.of - abusive.count, abusive.of, { ...sampled, note: `in accounts; ${note}` });
  const marked = innocent.count + abusive.count;
  if (marked > 0) record.share('errors.precision', abusive.count, marked, { ...sampled, note: `in accounts; ${note}` });
  if (marked > 0) record.number('exposed.people', innocent.count / marked, { ...sampled, ...clopperPearson(innocent.count, marked), note: `innocent accounts whose records the desk looks at, per account that it looks at: ${innocent.count} of ${marked}, of ${innocent.of} innocent ones; ${note}` });
  if (abusive.count === 0) record.finding(`No synthetic abusive account was marked, and ${innocent.count} innocent ones were.`);
  record.share('reach.reported', messages.count, messages.of, { note: `abusive messages of accounts that are marked, all delivered by then; 95 % interval with accounts as the units ${between(messages.byAccount)}; ${note}` });
  record.share('evasion.share', carefulMessages.of - carefulMessages.count, carefulMessages.of, { note: `abusive messages by accounts that write to few strangers a day; 95 % interval with accounts as the units ${between({ low: 1 - carefulMessages.byAccount.high, high: 1 - carefulMessages.byAccount.low })}; ${note}` });
  const { spam, careful, unremarkable } = byBehaviour;
  for (const [attacker, { count, of }] of [['mass mailer', spam], ['abusive account that behaves like others', unremarkable]] as const) {
    if (of > 0) record.attack(attacker, of - count, of, 'accounts stayed unmarked');
  }
  record.finding(`Of the synthetic abusive accounts, ${spam.count} of ${spam.of} that send in mass were marked, ${careful.count} of ${careful.of} that stay within limits, and ${unremarkable.count} of ${unremarkable.of} that behave like others.`);
}

/** The same rules and the same threshold, where more or fewer accounts are abusive. */
function findRates(scored: Scored, { threshold }: Chosen, { innocent, abusive }: DetectionSettings, record: Recorder): void {
  for (const share of abusive.toSorted((a, b) => a - b)) {
    const { scores, truth } = fewer(scored, abusiveAccounts(innocent, share));
    const m = countMarked(scores, truth, threshold);
    const marked = m.abusive.count + m.innocent.count;
    record.finding(`Where ${percent(share)} of synthetic accounts are abusive, the same rules with the same limits mark ${m.innocent.count} innocent accounts and ${m.abusive.count} of ${m.abusive.of} abusive ones${marked === 0 ? '' : `; of the marked, ${percent(m.abusive.count / marked)} are abusive (95 % interval ${between(clopperPearson(m.abusive.count, marked))})`}.`);
  }
}

/** Five thresholds beside the chosen one: what is gained on one side is lost on the other. */
const THRESHOLDS = [2, 3, 4, 6, 8];

function findThresholds({ scores, truth }: Scored, { threshold }: Chosen, record: Recorder): void {
  const told = THRESHOLDS.map((points) => {
    const { innocent, abusive, byBehaviour } = countMarked(scores, truth, points);
    return `from ${points} points on, ${abusive.count} of ${abusive.of} synthetic abusive accounts (careful ones: ${byBehaviour.careful.count} of ${byBehaviour.careful.of}) and ${innocent.count} of ${innocent.of} innocent ones`;
  });
  record.finding(`Chosen to fill the desk’s time were ${threshold} points. Marked are: ${told.join('; ')}. Who knows only records cannot tell beforehand which number is best.`);
}

/** Padding gives short messages one size: the rule on sizes then says nothing. */
function findSizes(population: Population, { limits }: Chosen, { capacity }: DetectionSettings, record: Recorder): void {
  const { threshold } = chooseOn(recordsOf(population, true), capacity, ['same-size']);
  const m = countMarked(scoresOf(recordsOf(population, false), { limits }, ['same-size']), truthOf(population, false), threshold);
  record.finding(`Without the rule on sizes, which padding blinds, and with a threshold chosen anew: ${m.abusive.count} of ${m.abusive.of} synthetic abusive accounts and ${m.innocent.count} of ${m.innocent.of} innocent ones are marked.`);
}

function findIntrusion({ records, truth }: Population, record: Recorder): void {
  const fields = new Set(records.flatMap((r) => r.days.slice(0, 1)).flatMap((day) => Object.keys(day)));
  const days = records.reduce((sum, r, place) => sum + (truth[place]?.abusive === true ? 0 : r.days.length), 0);
  record.finding(`For this the service keeps, of every account, its age and ${fields.size} kinds of fields for each active day; ${RULES.length} rules read them. Over ${DAYS} days these are ${days} days of ${truth.filter((t) => !t.abusive).length} synthetic accounts that did nothing abusive.`);
}

function between({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${percent(low)} to ${percent(high)}`;
}
