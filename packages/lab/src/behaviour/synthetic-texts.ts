/**
 * Synthetic messages, harmless and "risky", from seeded templates. What is risky carries a marker or a harmless pattern that stands
 * for it; no text is abusive, and none is taken from anybody. Templates and shares are assumptions of the lab, fitted to nobody.
 * @module
 */
import type { Circumstances } from '../mechanisms/warning-rule.ts';
import { percent } from './population.ts';
import type { SeededRandom } from '../random.ts';

/** What the device sees. */
export interface SyntheticMessage {
  readonly text: string;
  readonly circumstances: Circumstances;
}

/** Messages and, at the same places, whether they are risky. */
export interface SyntheticTexts {
  readonly messages: readonly SyntheticMessage[];
  readonly risky: readonly boolean[];
}

/** Of all messages; of harmless ones: those in the first exchange with a stranger, those that speak of the marker, with a link that is shortened, and that ask for a picture. */
const SHARES = { risky: 0.01, stranger: 0.05, mention: 0.0005, link: 0.001, picture: 0.02 };

const THINGS = ['bicycle', 'lamp', 'garden', 'recipe', 'kitten', 'cake', 'tent', 'map', 'piano', 'jacket'];
const PLACES = ['the station', 'the library', 'the harbour', 'the market', 'the school gate', 'the bakery'];

const HARMLESS: readonly Template[] = [
  (t, p) => `See you at ${p} with the ${t}`, (t) => `The ${t} is ready, thank you`, (t, p) => `Is the ${t} still at ${p}?`, (_, p) => `Running late, wait at ${p}`,
  (t) => `I found a ${t} that you would like`, (t) => `Can you bring the ${t} tomorrow?`, (_, p) => `Lunch near ${p}?`, (t) => `Happy birthday! The ${t} is for you`,
];
const MENTION: readonly Template[] = [(t) => `At school they told us what SYNTHETIC-RISKY means, next to a ${t}`, (_, p) => `A poster at ${p} warns of SYNTHETIC-RISKY texts`];
const SHORTENED: readonly Template[] = [(t) => `All about the ${t}: [${t}-club.example](https://short.example/${t})`];
const PICTURE: readonly Template[] = [(t) => `Please send me a picture of the ${t}`, (t) => `Could you share a photo of the ${t}?`];

/** Five ways to write each of three kinds. The rule knows the words of three; somebody who does not mean to evade may use any. */
const RISKY: readonly (readonly Template[])[] = [
  [(t) => `SYNTHETIC-RISKY ${t}`, (t) => `a Synthetic-Risky thing about a ${t}`, (t) => `Synthetic risky: ${t}`, (t) => `SYNTHETIC-HAZARD ${t}`, (t) => `SYNTH-RISK ${t}`],
  [(t) => `Please send me a picture of the ${t}, SYNTHETIC request`, (t) => `Share a photo with the ${t}, SYNTHETIC request`, (t) => `Show me a selfie with the ${t}, SYNTHETIC request`, (t) => `I would like to see the ${t}, SYNTHETIC request`, (t) => `What does the ${t} look like? SYNTHETIC request`],
  [(t) => `[${t}-club.example](https://elsewhere.example/${t})`, (t) => `Look: [the-${t}.example](https://elsewhere.example/)`, (t) => `[www.${t}.example](https://other.example/login)`, (t) => `[the ${t}](https://elsewhere.example/${t})`, (t) => `https://elsewhere.example/${t}`],
];
/** Ways of each kind whose words the rule knows. */
const KNOWN_WAYS = 3;

type Template = (thing: string, place: string) => string;

export const TEXTS_IN_WORDS = `synthetic texts from templates, every share assumed: ${percent(SHARES.risky)} risky, of three kinds in five ways each of which the rule knows ${KNOWN_WAYS}; of harmless ones ${percent(SHARES.stranger)} in a first exchange with a stranger, ${percent(SHARES.mention)} that speak of the marker, ${percent(SHARES.link)} with a shortened link, ${percent(SHARES.picture)} that ask for a picture`;

/** Messages in a random mix. */
export function syntheticTexts(random: SeededRandom, count: number): SyntheticTexts {
  const risky = Array.from({ length: count }, () => random.uniform() < SHARES.risky);
  return { risky, messages: risky.map((r) => (r ? riskyMessage(random) : harmlessMessage(random))) };
}

/** A risky message, from a stranger in a first exchange. `known`: written as the rule expects, for a sender who is yet to disguise it. */
export function riskyMessage(random: SeededRandom, known = false): SyntheticMessage {
  const ways = random.pick(RISKY);
  return { text: fill(random, known ? ways.slice(0, KNOWN_WAYS) : ways), circumstances: { stranger: true, messagesBefore: random.below(3) } };
}

function harmlessMessage(random: SeededRandom): SyntheticMessage {
  const stranger = random.uniform() < SHARES.stranger;
  const draw = random.uniform();
  const { mention, link, picture } = SHARES;
  const templates = draw < mention ? MENTION : draw < mention + link ? SHORTENED : draw < mention + link + picture ? PICTURE : HARMLESS;
  return { text: fill(random, templates), circumstances: { stranger, messagesBefore: stranger ? random.below(3) : 3 + random.below(1000) } };
}

function fill(random: SeededRandom, templates: readonly Template[]): string {
  return random.pick(templates)(random.pick(THINGS), random.pick(PLACES));
}

/** How a sender who knows the rule disguises a text: what is delivered, in one message or several. */
export const DISGUISES: Readonly<Record<string, (text: string) => readonly string[]>> = {
  'capital letters': (text) => [text.toUpperCase()],
  'spaces between letters': (text) => [Array.from(text).join(' ')],
  'invisible characters': (text) => [Array.from(text).join('\u200B')],
  'wide letters': (text) => [text.replaceAll(/[A-Za-z]/g, (c) => String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0))],
  'look-alike letters': (text) => [text.replaceAll(/[aceopxyiACEOPXYI]/g, (c) => LOOK_ALIKE[c] ?? c)],
  'two messages': (text) => [text.slice(0, Math.ceil(text.length / 2)), text.slice(Math.ceil(text.length / 2))],
  'spelling with digits': (text) => [text.replaceAll('i', '1').replaceAll('I', '1').replaceAll('o', '0').replaceAll('O', '0')],
  'other words': (text) => [text.replaceAll(/synthetic|picture|photo|selfie/gi, 'SYNTHETIC-PARAPHRASE').replaceAll(/-?risky/gi, '').replaceAll(/\[[^\]]*\]/g, '[here]')],
};

/** Cyrillic letters that look like Latin ones. */
const LOOK_ALIKE: Readonly<Record<string, string>> = { a: 'а', c: 'с', e: 'е', o: 'о', p: 'р', x: 'х', y: 'у', i: 'і', A: 'А', C: 'С', E: 'Е', O: 'О', P: 'Р', X: 'Х', Y: 'У', I: 'І' };
