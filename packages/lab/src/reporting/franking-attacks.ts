/**
 * The attackers that message franking faces, each tried for real: reporters who forge, senders whose commitment does not
 * open, and the platform before a report. Everything is taken from a franked conversation of the lab.
 * @module
 */
import { hash } from 'node:crypto';
import { commitTo, FRANKING_KEY_BYTES, frankingHooks, stampParts, tagOf } from '../mechanisms/franking.ts';
import type { FrankedReport } from '../mechanisms/franking.ts';
import type { SeededRandom } from '../random.ts';
import { talk } from '../world.ts';
import type { Hooks, Transcript, World } from '../world.ts';

/** A conversation under franking, and the report that each receiver could make of each message, by index on the wire. */
export interface FrankedConversation {
  readonly transcript: Transcript;
  readonly reports: ReadonlyMap<number, readonly FrankedReport[]>;
}

/** Lets a world talk under these hooks; every receiver keeps what a report would need. */
export async function frankedTalk(world: World, hooks: Hooks): Promise<FrankedConversation> {
  const reports = new Map<number, FrankedReport[]>();
  const transcript = await talk(world, {
    ...hooks,
    async check(message) {
      const reason = await hooks.check?.(message);
      if (reason !== undefined || message.stamp === undefined) return reason;
      const { time, tag } = stampParts(message.stamp);
      const report: FrankedReport = {
        key: message.plaintext.subarray(0, FRANKING_KEY_BYTES), text: message.plaintext.subarray(FRANKING_KEY_BYTES), commitment: message.authenticatedData,
        context: { sender: message.sender, recipient: message.receiver.name, time }, tag,
      };
      reports.set(message.index, [...(reports.get(message.index) ?? []), report]);
      return undefined;
    },
  });
  return { transcript, reports };
}

/** One way to forge a report out of a genuine one. The forger holds genuine reports and no key of the platform. */
type Forgery = (genuine: FrankedReport, other: FrankedReport, random: SeededRandom) => FrankedReport;

const FORGERIES: Readonly<Record<string, Forgery>> = {
  'never sent, tag of another message': (g, _o, random) => invented(g, random, g.tag),
  'never sent, tag guessed': (g, _o, random) => invented(g, random, random.bytes(32)),
  'never sent, tag under a key of the forger’s own': (g, _o, random) => {
    const made = invented(g, random, g.tag);
    return { ...made, tag: tagOf(random.bytes(32), made.commitment, made.context) };
  },
  'another sender': (g) => ({ ...g, context: { ...g.context, sender: 'synthetic-framed' } }),
  'another recipient': (g) => ({ ...g, context: { ...g.context, recipient: 'synthetic-forger' } }),
  'another time': (g) => ({ ...g, context: { ...g.context, time: g.context.time + 1 } }),
  'names moved across their boundary': (g) => ({ ...g, context: { ...g.context, sender: g.context.sender + g.context.recipient.slice(0, 1), recipient: g.context.recipient.slice(1) } }),
  'altered text': (g) => ({ ...g, text: altered(g.text) }),
  'altered text, another key': (g, _o, random) => ({ ...g, text: altered(g.text), key: random.bytes(FRANKING_KEY_BYTES) }),
  'altered text, its own commitment': (g) => ({ ...g, text: altered(g.text), commitment: commitTo(g.key, altered(g.text)) }),
  'key and text shifted by a byte': (g) => ({ ...g, key: g.key.subarray(0, -1), text: Buffer.concat([g.key.subarray(-1), g.text]) }),
  'tag and time of another message': (g, o) => ({ ...g, context: { ...g.context, time: o.context.time }, tag: o.tag }),
  'commitment of another message': (g, o) => ({ ...g, commitment: o.commitment }),
};

/** Forged reports of every kind, made from a number of genuine ones; `judged` is the desk. */
export function tryForgeries(reports: readonly FrankedReport[], random: SeededRandom, judged: (report: FrankedReport) => boolean): { readonly kind: string; readonly tried: number; readonly accepted: number }[] {
  return Object.entries(FORGERIES).map(([kind, forge]) => {
    const forged = reports.map((genuine, i) => forge(genuine, reports[(i + 1) % reports.length] ?? genuine, random));
    return { kind, tried: forged.length, accepted: forged.filter((report) => judged(report)).length };
  });
}

/** A thief of the platform's tag key forges: invented texts in anybody's name. */
export function forgeWithTagKey(tagKey: Uint8Array, reports: readonly FrankedReport[], random: SeededRandom, judged: (report: FrankedReport) => boolean): number {
  return reports.filter((genuine) => {
    const made = invented(genuine, random, genuine.tag);
    return judged({ ...made, tag: tagOf(tagKey, made.commitment, made.context) });
  }).length;
}

/** A sender with a changed client: five kinds of message, by place on the wire, none of which a report could open. */
export function evadingHooks(tagKey: Uint8Array, random: SeededRandom): Hooks {
  const honest = frankingHooks(tagKey, random);
  return {
    ...honest,
    enclose: (message) => (message.index % 5 === 4 ? Promise.resolve(message.plaintext) : honest.enclose(message)),
    async accompany(message) {
      const right = await honest.accompany(message);
      const wrong = [() => random.bytes(32), () => commitTo(message.plaintext.subarray(0, FRANKING_KEY_BYTES), altered(message.plaintext)), () => new Uint8Array(), () => right.subarray(0, 31), () => commitTo(random.bytes(FRANKING_KEY_BYTES), message.plaintext)];
      return (wrong[message.index % 5] ?? (() => right))();
    },
  };
}

/** Messages that at least one receiver took in. */
export function acceptedMessages({ transcript }: FrankedConversation, receivers: number): number {
  return [...transcript.sent.keys()].filter((index) => (transcript.refused.get(index)?.length ?? 0) < receivers).length;
}

/** What the platform carries of a message in the clear. */
export interface CarriedCommitment {
  readonly commitment: Uint8Array;
  readonly tag: Uint8Array;
}

/**
 * Tries candidate texts, among which the true text stands, on what the platform carries, with keys that somebody holds or
 * guesses: the messages for which a candidate is confirmed, by index.
 */
export function confirmByDictionary(carried: ReadonlyMap<number, CarriedCommitment>, candidatesFor: (index: number) => readonly Uint8Array[], keysFor: (message: CarriedCommitment) => readonly Uint8Array[]): Set<number> {
  const confirmed = new Set<number>();
  for (const [index, message] of carried) {
    const wanted = Buffer.from(message.commitment);
    const keys = keysFor(message);
    if (candidatesFor(index).some((text) => wanted.equals(hash('sha256', text, 'buffer')) || keys.some((key) => wanted.equals(commitTo(key, text))))) confirmed.add(index);
  }
  return confirmed;
}

/** The keys that the platform can try before a report: its own, none, and what it carries. */
export function platformGuesses(tagKey: Uint8Array): (message: CarriedCommitment) => readonly Uint8Array[] {
  return ({ commitment, tag }) => [new Uint8Array(), tagKey, tag, commitment];
}

function invented(genuine: FrankedReport, random: SeededRandom, tag: Uint8Array): FrankedReport {
  const [key, text] = [random.bytes(FRANKING_KEY_BYTES), new TextEncoder().encode('synthetic text that was never sent')];
  return { key, text, commitment: commitTo(key, text), context: genuine.context, tag };
}

function altered(text: Uint8Array): Uint8Array {
  const copy = new Uint8Array(text);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}
