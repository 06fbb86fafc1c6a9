/**
 * A sender who wants an attachment to be read by its recipient and not by the desk: two franked messages of a real
 * conversation name one sealed file under two keys. Source: docs/references.md#dodis-2018.
 * @module
 */
import { describe, hashOf, keyCommitment, openDescribed, openReported } from '../mechanisms/franking-attachment.ts';
import type { AttachmentScheme } from '../mechanisms/franking-attachment.ts';
import { frankingHooks, judge, stampParts } from '../mechanisms/franking.ts';
import { clearPart } from '../mls/open.ts';
import { sendWith } from '../world.ts';
import type { World } from '../world.ts';
import { buildSalamander, showFile } from './salamander.ts';

/** What came of one evading attachment. */
export interface AttachmentOutcome {
  /** Texts that the recipient's client showed. */
  readonly shown: readonly string[];
  /** Texts that the desk saw in a report of all messages, one file opened once. */
  readonly deskFirst: readonly string[];
  /** The same when the desk opens every message's attachment with that message's key. */
  readonly deskEach: readonly string[];
  readonly trials: number;
}

/** The desk's word for what it must not miss. */
export const abusiveText = (i: number): string => `synthetic abusive text ${i}`;
const innocuousText = (i: number): string => `synthetic innocuous text ${i}`;

/**
 * `count` attachments, each in two messages: the innocuous key first, then the abusive one. `commits`: whether sealed
 * bytes begin with a commitment to a key, in which case the sender tries the first key's, the second's and chance in turn.
 */
export async function sendSalamanders(world: World, scheme: AttachmentScheme, commits: boolean, count: number): Promise<AttachmentOutcome[]> {
  const [sender, receiver] = world.live;
  if (sender === undefined || receiver === undefined) throw new RangeError('a group of at least two expected');
  const random = world.random.fork('salamanders');
  const tagKey = random.bytes(32);
  const hooks = frankingHooks(tagKey, random.fork('franking'));
  const store = new Map<string, Uint8Array>();
  const outcomes: AttachmentOutcome[] = [];
  let index = 0;
  for (let i = 0; i < count; i += 1) {
    const made = buildSalamander(random, innocuousText(i), abusiveText(i), (key) => scheme.cipherKey(key));
    const prefix = [keyCommitment(made.firstKey), keyCommitment(made.secondKey), random.bytes(32)][i % 3] ?? new Uint8Array();
    const sealed = commits ? Buffer.concat([prefix, made.sealed]) : made.sealed;
    store.set(hashOf(sealed).toString('hex'), sealed);
    const shown: string[] = [];
    const reported: Uint8Array[] = [];
    for (const key of [made.firstKey, made.secondKey]) {
      const bytes = await sendWith(hooks, { index, epoch: 0, sender, plaintext: describe(key, made.nonce, sealed) });
      const commitment = clearPart(bytes)?.authenticatedData ?? new Uint8Array();
      const { time, tag } = stampParts(await hooks.stamp({ index, epoch: 0, sender: sender.name, receiver: receiver.name, authenticatedData: commitment }));
      const got = await receiver.receive(bytes);
      if (got.kind !== 'message') throw new RangeError('an application message expected');
      const refused = await hooks.check({ index, epoch: 0, sender: sender.name, receiver, plaintext: got.plaintext, authenticatedData: got.authenticatedData });
      const text = got.plaintext.subarray(32);
      const report = { key: got.plaintext.subarray(0, 32), text, commitment, context: { sender: sender.name, recipient: receiver.name, time }, tag };
      if (refused === undefined && judge(tagKey, report) === 'genuine') {
        reported.push(text);
        shown.push(...texts([openDescribed(scheme, text, store)]));
      }
      index += 1;
    }
    outcomes.push({ shown, deskFirst: texts(openReported(scheme, reported, store, 'first')), deskEach: texts(openReported(scheme, reported, store, 'each')), trials: made.trials });
  }
  return outcomes;
}

/** Attachments whose abusive text the recipient saw and this desk did not. */
export function evaded(outcomes: readonly AttachmentOutcome[], desk: 'deskFirst' | 'deskEach'): number {
  return outcomes.filter((o, i) => o.shown.includes(abusiveText(i)) && !o[desk].includes(abusiveText(i))).length;
}

function texts(files: readonly (Uint8Array | undefined)[]): string[] {
  return files.flatMap((file) => (file && showFile(file)) ?? []);
}
