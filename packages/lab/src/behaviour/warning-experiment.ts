/**
 * Experiments on a rule that warns on the device: errors on synthetic texts, disguises, and a real conversation with and without it.
 * Texts are synthetic and every row says so.
 * @module
 */
import { recordQuality } from '../access.ts';
import type { Circumstances, Warning } from '../mechanisms/warning-rule.ts';
import { SeededRandom } from '../random.ts';
import type { Conditions } from '../proposal.ts';
import { scaledTime, timeInTurns } from '../record.ts';
import type { Recorder } from '../record.ts';
import { meanInterval } from '../reporting/forward-trees.ts';
import { openWorld, talk } from '../world.ts';
import type { Hooks, Transcript } from '../world.ts';
import { DISGUISES, riskyMessage, syntheticTexts, TEXTS_IN_WORDS } from './synthetic-texts.ts';
import type { SyntheticMessage } from './synthetic-texts.ts';

/** The rule as the experiment calls it: it is told the text and what the device knows, and never whether the text is risky. */
export type Rule = (text: string, circumstances: Circumstances) => readonly Warning[];

/** What a rule finds and misses in synthetic messages. Truth is looked at only to count. */
export function recordErrors(seed: number, count: number, rule: Rule, record: Recorder): void {
  const { messages, risky } = syntheticTexts(SeededRandom.of(seed, 'sender-warnings texts'), count);
  const reasons = messages.map((m) => rule(m.text, m.circumstances));
  const warned = reasons.map((r) => r.length > 0);
  const both = (r: boolean, w: boolean): number => risky.filter((is, place) => is === r && warned[place] === w).length;
  const sampled = { method: 'sampled', note: TEXTS_IN_WORDS } as const;
  record.share('errors.false-negative', both(true, false), both(true, false) + both(true, true), sampled);
  record.perMillion('errors.false-positive', both(false, true), both(false, false) + both(false, true), sampled);
  record.share('errors.precision', both(true, true), both(true, true) + both(false, true), sampled);
  for (const reason of ['phrase', 'picture-for-stranger', 'link-elsewhere'] as const) {
    const found = reasons.map((r) => r.includes(reason));
    record.finding(`The rule "${reason}" warned of ${found.filter((f, place) => f && risky[place]).length} risky and of ${found.filter((f, place) => f && !risky[place]).length} harmless synthetic messages of ${count}.`);
  }
}

/** Texts that the rule knows, each in every disguise: the receiving device warns of none of the messages that they come as. */
export function recordDisguises(seed: number, count: number, rule: Rule, record: Recorder): void {
  const random = SeededRandom.of(seed, 'sender-warnings disguises');
  const texts = Array.from({ length: count }, () => riskyMessage(random, true));
  if (texts.some((m) => rule(m.text, m.circumstances).length === 0)) throw new RangeError('risky texts that the rule knows expected');
  const passes = (m: SyntheticMessage, disguise: string): boolean => (DISGUISES[disguise]?.(m.text) ?? []).every((part) => rule(part, m.circumstances).length === 0);
  const names = Object.keys(DISGUISES);
  const passed = names.map((name) => ({ name, count: texts.filter((m) => passes(m, name)).length }));
  const note = `synthetic texts that the rule knows, in ${names.length} disguises, each as often as the others; people are assumed to read through the disguise`;
  record.share('evasion.share', passed.reduce((sum, p) => sum + p.count, 0), texts.length * names.length, { method: 'sampled', note: `${note}; the interval takes the disguises of one text as independent` });
  record.finding(`Of ${texts.length} synthetic risky texts passed without a warning: ${passed.map((p) => `${p.name} ${p.count}`).join(', ')}.`);
  const trials = texts.map((m) => random.shuffle(names).findIndex((name) => passes(m, name)) + 1).filter((t) => t > 0);
  if (trials.length < 2) return;
  const { mean, ...interval } = meanInterval(trials);
  record.number('evasion.trials', mean, { method: 'sampled', ...interval, note: `disguises that a sender tries on the own device, in a random order, until it is silent; mean of ${trials.length} synthetic texts, ${texts.length - trials.length} found none` });
}

/** The same conversation with the rule and without it: what the devices show, and what is on the wire. */
export async function recordConversation(conditions: Conditions, rule: Rule, record: Recorder): Promise<void> {
  const [quiet, warning] = [await converse(conditions), await converse(conditions, rule)];
  const all = Math.max(quiet.transcript.wire.length, warning.transcript.wire.length);
  const equal = equalOnWire(quiet.transcript, warning.transcript);
  record.attack('the service and everybody on the wire', all - equal, all, 'messages differ from those without the rule');
  record.number('exposed.by-report', warning.transcript.posts.length, { note: `nothing is reported: there is no desk, nothing is posted beside the messages, and ${equal} of ${all} messages on the wire equal those without the rule` });
  record.finding(`In a conversation of synthetic texts, half of them risky, ${equal} of ${all} messages on the wire are equal, byte for byte, with the rule and without it. Senders’ devices warned of ${warning.sending} messages, receivers’ devices ${warning.receiving} times in ${warning.transcript.deliveries} deliveries. A receiver’s device looks for itself, whatever the sender’s does.`);
  await recordQuality('sender-warnings', conditions, () => Promise.resolve({ hooks: lookingHooks(rule) }), warning.transcript, record);
}

/** Messages and changes of keys that are the same in both conversations, byte for byte and at the same place. */
export function equalOnWire(one: Transcript, other: Transcript): number {
  return one.wire.filter((m, i) => Buffer.from(m.bytes).equals(other.wire[i]?.bytes ?? new Uint8Array())).length;
}

/** People of the conversation have not written to each other before. */
const FIRST_CONTACT: Circumstances = { stranger: true, messagesBefore: 0 };

/** What a client adds that has the rule: it looks at every text that goes out or comes in. */
function lookingHooks(rule: Rule): Hooks {
  return {
    enclose: ({ plaintext }) => {
      rule(Buffer.from(plaintext).toString(), FIRST_CONTACT);
      return Promise.resolve(plaintext);
    },
    check: ({ plaintext }) => {
      rule(Buffer.from(plaintext).toString(), FIRST_CONTACT);
      return Promise.resolve(undefined);
    },
  };
}

async function converse(conditions: Conditions, rule?: Rule): Promise<{ transcript: Transcript; sending: number; receiving: number }> {
  const world = await openWorld(conditions, 'sender-warnings');
  const random = world.random.fork('risky or not');
  const harmless = syntheticTexts(random.fork('harmless'), 200);
  const warned = { sending: 0, receiving: 0 };
  const looks = (side: keyof typeof warned, bytes: Uint8Array): void => {
    if (rule !== undefined && rule(Buffer.from(bytes).toString(), FIRST_CONTACT).length > 0) warned[side] += 1;
  };
  const transcript = await talk(world, {
    enclose: () => {
      const { text } = random.uniform() < 0.5 ? riskyMessage(random) : random.pick(harmless.messages);
      const bytes = new Uint8Array(Buffer.from(text.padEnd(conditions.payloadBytes)).subarray(0, conditions.payloadBytes));
      looks('sending', bytes);
      return Promise.resolve(bytes);
    },
    check: ({ plaintext }) => {
      looks('receiving', plaintext);
      return Promise.resolve(undefined);
    },
  });
  return { transcript, ...warned };
}

/** Texts of one round of timing. */
const TIMED = 1000;

/** The time of the rule for one text. */
export async function recordScanning(seed: number, rule: Rule, record: Recorder): Promise<void> {
  const { messages } = syntheticTexts(SeededRandom.of(seed, 'sender-warnings timed'), TIMED);
  const row = await timeInTurns('time.scan', 21, () => Promise.resolve(messages.map((m) => rule(m.text, m.circumstances))));
  record.time(scaledTime(row, 1 / TIMED, `one text, from rounds of ${TIMED} synthetic texts`));
}
