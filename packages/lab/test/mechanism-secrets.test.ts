/**
 * What mechanisms rest on without saying so in a figure: a fresh ephemeral, nonce or commitment key for every use, and
 * checks that a log, its witness and its custodians make before they believe or give anything.
 * @module
 */
import { formatVerifierKey } from '@weighbridge/log';
import type { NoteSigner } from '@weighbridge/log';
import { describe, expect, test } from 'vitest';
import { standardOrder } from '../src/access.ts';
import type { Opened, View } from '../src/access.ts';
import { link, traced, TraceStore, TRACE_BYTES } from '../src/mechanisms/forward-trace.ts';
import type { Tracing } from '../src/mechanisms/forward-trace.ts';
import { arrangeLogged, QUORUM } from '../src/mechanisms/logged-arrangement.ts';
import type { LoggedWorld, Outcome } from '../src/mechanisms/logged-arrangement.ts';
import { signer } from '../src/mechanisms/logged-entries.ts';
import { OrderLog, witness } from '../src/mechanisms/logged-log.ts';
import type { Cosign, LogService } from '../src/mechanisms/logged-log.ts';
import { readPosts, readSenders, senderLabel } from '../src/mechanisms/logged-sender.ts';
import { MatchingDevice, VOUCHER_BYTES } from '../src/mechanisms/matching-voucher.ts';
import { keyAndNonce, readByKey } from '../src/mechanisms/message-escrow.ts';
import { commitmentOf, HEAD_BYTES, issueToken, newModerator, sealedAccount, sendNew, STAMP_BYTES } from '../src/mechanisms/source-token.ts';
import { chanceOf } from '../src/mechanisms/threshold-arrangement.ts';
import { isSealedFor } from '../src/mechanisms/threshold-seal.ts';
import { clearPart } from '../src/mls/open.ts';
import type { Conditions } from '../src/proposal.ts';
import { complete } from '../src/proposals/message-escrow.ts';
import { SeededRandom } from '../src/random.ts';
import { openWorld, talk } from '../src/world.ts';

const SEED = 20_261_122;
const CONDITIONS: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 4, payloadBytes: 40, padding: 'on', seed: SEED };
/** Bytes of the encapsulated key with which an HPKE seal begins (RFC 9180, X25519), and of nonce and tag of AES-GCM. */
const [ENCAPSULATED, NONCE, TAG] = [32, 12, 16];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));
const different = (all: readonly Uint8Array[]): number => new Set(all.map(hex)).size;
const some = <T>(value: T | undefined): T => {
  if (value === undefined) throw new RangeError('a value expected');
  return value;
};
const TEXT = utf8('synthetic text');
const PREVIEW = utf8('synthetic preview');
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('escrow in every message, complete', () => {
  test('every field has an encapsulated key of its own, so that who knows one message’s key opens no other field with it', async () => {
    const world = await openWorld(CONDITIONS, 'complete secrets');
    const { hooks } = (await complete(world)).arrangement;
    const keys = new Map<number, Uint8Array>();
    const { wire } = await talk(world, {
      ...hooks,
      accompany(message) {
        keys.set(message.index, keyAndNonce(message.key));
        return some(hooks.accompany?.(message));
      },
    });
    const messages = wire.filter((m) => m.kind === 'application');
    const fields = messages.map((m) => some(clearPart(m.bytes)).authenticatedData);
    expect([messages.length, different(fields.map((f) => f.subarray(0, ENCAPSULATED)))]).toEqual([16, 16]);
    // Under one key and nonce two ciphertexts differ by what their contents differ by.
    const body = (field: Uint8Array): Uint8Array => field.subarray(ENCAPSULATED, field.length - TAG);
    const stream = xor(body(some(fields[0])), some(keys.get(some(messages[0]).index)));
    expect([...(await readByKey(messages, (field) => Promise.resolve(xor(body(field), stream)))).keys()]).toEqual([some(messages[0]).index]);
  });
});

describe('custodians of logged orders', () => {
  const talked = async (label: string): Promise<{ readonly setting: LoggedWorld; readonly view: View }> => {
    const world = await openWorld({ ...CONDITIONS, messagesPerEpoch: 2 }, label);
    const { arrangement, setting } = await arrangeLogged(world);
    const transcript = await talk(world, arrangement.hooks);
    // So that no order of a test is the log's first entry.
    await setting.issue(standardOrder(world));
    return { setting, view: { ...transcript, leaves: world.leaves } };
  };
  const logged = talked('logged secrets');
  const cameOf = (outcome: Outcome): { readonly handed: number; readonly unsealed: number; readonly codes: readonly string[] } => ({ handed: outcome.handed, unsealed: outcome.unsealed.length, codes: [...outcome.refusals.values()] });
  const answers = (log: LogService): LogService => ({
    append: (entry) => log.append(entry), head: () => log.head(), inclusion: (index, size) => log.inclusion(index, size), consistency: (size1, size2) => log.consistency(size1, size2),
  });

  test('give an order’s parts when the order and their releases are in the log, each release an entry of its own', { timeout: 30_000 }, async () => {
    const { setting, view } = await logged;
    setting.nextTerm();
    const order = standardOrder(setting.world);
    const before = setting.log.entries.length;
    const outcome = await setting.carryOut({ ...await setting.issue(order), texts: setting.textsOf(order, view) });
    expect([outcome.unsealed.length, outcome.refusals.size, setting.log.entries.length - before]).toEqual([2, 0, 1 + QUORUM.threshold]);
  });

  test('give nothing for an order that the log does not hold', { timeout: 30_000 }, async () => {
    const { setting, view } = await logged;
    setting.nextTerm();
    const order = standardOrder(setting.world);
    const outcome = await setting.carryOut({ ...await setting.issue(order, { log: 'nowhere' }), texts: setting.textsOf(order, view) });
    expect(cameOf(outcome)).toEqual({ handed: 0, unsealed: 0, codes: Array.from({ length: QUORUM.threshold }, () => 'LAB_ORDER_UNLOGGED') });
  });

  test.each<[string, (setting: LoggedWorld) => Partial<LogService>]>([
    ['leaves it out and names the next place', ({ log }) => ({ append: () => Promise.resolve(BigInt(log.entries.length)) })],
    ['leaves it out and names the place of the order', ({ log }) => ({ append: () => Promise.resolve(BigInt(log.entries.length - 1)) })],
    ['leaves it out, names an old place and makes up the proof', (setting) => ({ append: () => Promise.resolve(0n), inclusion: (index, size) => (index === 0n ? Promise.resolve([setting.chance('made up')(32)]) : setting.log.inclusion(index, size)) })],
    ['enters other bytes', ({ log }) => ({ append: (entry) => log.append(Uint8Array.from(entry).with(20, (entry[20] ?? 0) ^ 1)) })],
    ['enters it and names the place before', ({ log }) => ({ append: async (entry) => await log.append(entry) - 1n })],
  ])('give nothing when the log holds the order but not their own release: an operator who %s', { timeout: 30_000 }, async (_way, changed) => {
    const { setting, view } = await logged;
    setting.nextTerm();
    const order = standardOrder(setting.world);
    const request = { ...await setting.issue(order), texts: setting.textsOf(order, view) };
    const outcome = await setting.carryOut(request, { log: { ...answers(setting.log), ...changed(setting) } });
    expect(cameOf(outcome)).toEqual({ handed: 0, unsealed: 0, codes: Array.from({ length: QUORUM.threshold }, () => 'LAB_RELEASE_UNLOGGED') });
  });

  test('give nothing for a text of another epoch or person that is moved under the order’s label: each text is sealed for its sender and its epoch', { timeout: 30_000 }, async () => {
    const { setting, view } = await logged;
    const { target } = standardOrder(setting.world);
    const other = some(setting.world.live.find((m) => m.name !== target)).name;
    const places = [2, 3, 4].flatMap((epoch) => [target, other].map((sender) => ({ sender, epoch })));
    const order = { target, fromEpoch: 3, toEpoch: 3, issuedAt: 3 };
    for (const { sender, epoch } of places) {
      const text = some(readPosts(view.posts).find((t) => t.sender === sender && t.epoch === epoch));
      setting.nextTerm();
      const outcome = await setting.carryOut({ ...await setting.issue(order), texts: [{ ...text, sender: target, epoch: 3 }] });
      // Whoever is given a secret uses it for the epoch that it came from.
      const read: Opened = await readSenders(outcome.unsealed.map((u) => ({ ...u, epoch })), view);
      expect([sender, epoch, read.size, outcome.handed, [...new Set(outcome.refusals.values())]]).toEqual(sender === target && epoch === 3 ? [sender, 3, 1, QUORUM.threshold, []] : [sender, epoch, 0, 0, ['LAB_SEAL_LABEL']]);
      expect(places.filter((place) => isSealedFor(senderLabel(place), text.sealed))).toEqual([{ sender, epoch }]);
    }
  });
});

describe('the witness of a log', () => {
  const random = SeededRandom.of(SEED, 'witness secrets');
  const noteSigner = (name: string, kind: 'ed25519' | 'ed25519-cosigner'): NoteSigner => {
    const key = signer(name, chanceOf(random));
    return { verifierKey: formatVerifierKey(key.name, kind, key.publicKey), sign: (message) => key.sign(message) };
  };
  const [operator, cosigner] = [noteSigner('orders.example', 'ed25519'), noteSigner('witness.example', 'ed25519-cosigner')];
  const entries = range(7).map(() => random.bytes(50));
  const others = range(7).map(() => random.bytes(50));

  /** What a witness answers to the head of a log of these entries, whose operator proves what can be proved of them. */
  async function shown(cosign: Cosign, held: readonly Uint8Array[], consistency?: LogService['consistency']): Promise<'cosigned' | 'not cosigned'> {
    let answer: string | undefined;
    const log = new OrderLog(operator, async (head, prove) => {
      answer = await cosign(head, consistency ?? prove);
      return answer;
    });
    log.entries.push(...held);
    await log.head();
    return answer === undefined ? 'not cosigned' : 'cosigned';
  }

  async function seen(size: number): Promise<Cosign> {
    const cosign = witness(cosigner, operator.verifierKey.name);
    expect(await shown(cosign, entries.slice(0, size))).toBe('cosigned');
    return cosign;
  }

  test('cosigns a log that stays or grows, from empty on', async () => {
    const cosign = witness(cosigner, operator.verifierKey.name);
    for (const size of [0, 1, 1, 2, 3, 6, 7, 7]) expect([size, await shown(cosign, entries.slice(0, size))]).toEqual([size, 'cosigned']);
  });

  test.each<[string, number, readonly Uint8Array[]]>([
    ['another log of the same size', 3, others.slice(0, 3)],
    ['a log of the same size with another last entry', 3, [...entries.slice(0, 2), ...others.slice(0, 1)]],
    ['a larger log with another first entry', 3, [...others.slice(0, 1), ...entries.slice(1, 6)]],
    ['a larger log that goes on from before the last head', 4, [...entries.slice(0, 3), ...others.slice(0, 4)]],
    ['a log in another order', 5, entries.slice(0, 5).toReversed()],
  ])('does not cosign %s, whatever its operator proves, and still cosigns what follows from the head that it saw', async (_what, size, held) => {
    const cosign = await seen(size);
    expect(await shown(cosign, held)).toBe('not cosigned');
    for (const proof of [[], [random.bytes(32)], range(3).map(() => random.bytes(32))]) expect(await shown(cosign, held, () => Promise.resolve(proof))).toBe('not cosigned');
    expect(await shown(cosign, entries)).toBe('cosigned');
  });

  test('does not cosign a smaller log, though it is the beginning of the one that it saw', async () => {
    for (const smaller of [0, 1, 3, 4]) {
      const cosign = await seen(5);
      expect([smaller, await shown(cosign, entries.slice(0, smaller))]).toEqual([smaller, 'not cosigned']);
      expect(await shown(cosign, entries.slice(0, smaller), () => Promise.resolve([]))).toBe('not cosigned');
      expect(await shown(cosign, [...entries.slice(0, smaller), ...others]), 'nor what another log makes of that beginning').toBe('not cosigned');
      expect(await shown(cosign, entries)).toBe('cosigned');
    }
  });
});

describe('source tracking', () => {
  const KEY_AT = HEAD_BYTES - STAMP_BYTES - 32;
  const keyIn = (enclosed: Uint8Array): Uint8Array => enclosed.subarray(KEY_AT, KEY_AT + 32);

  test('every message commits under a key of its own: a key that came with one message confirms no other', async () => {
    const random = SeededRandom.of(SEED, 'commitments');
    const token = await issueToken(await newModerator(random), 'synthetic-0000', 0, random);
    const sent = range(6).map(() => sendNew(token, TEXT, random));
    expect([different(sent.map((m) => keyIn(m.enclosed))), different(sent.map((m) => m.commitment))]).toEqual([6, 6]);
    const [first, ...others] = sent;
    for (const { enclosed, commitment } of others) {
      expect(hex(commitmentOf(enclosed))).toBe(hex(commitment));
      const tried = Buffer.from(enclosed);
      tried.set(keyIn(some(first).enclosed), KEY_AT);
      expect(hex(commitmentOf(tried))).not.toBe(hex(commitment));
    }
  });

  test('every token seals its account with an ephemeral of its own: tokens of one account look unlike, and who has one reads no other', async () => {
    const random = SeededRandom.of(SEED, 'accounts');
    const moderator = await newModerator(random);
    const accounts = ['synthetic-0000', 'synthetic-0000', 'synthetic-0001', 'synthetic-0002'];
    const sealed: Uint8Array[] = [];
    for (const account of accounts) sealed.push(sealedAccount((await issueToken(moderator, account, 0, random)).token));
    expect([different(sealed), different(sealed.map((s) => s.subarray(0, ENCAPSULATED)))]).toEqual([4, 4]);
    const body = (bytes: Uint8Array): Uint8Array => bytes.subarray(ENCAPSULATED, -TAG);
    const padded = (account: string): Uint8Array => Buffer.from(account.padEnd(16, '\0'));
    const stream = xor(body(some(sealed[0])), padded(some(accounts[0])));
    expect(accounts.map((account, i) => hex(xor(body(some(sealed[i])), stream)) === hex(padded(account)))).toEqual([true, false, false, false]);
  });
});

describe('tracing of forwarded messages', () => {
  test.each<Tracing>(['path', 'tree'])('%s: the platform cannot follow the pointers that it keeps: without a reported key it finds no message before another', (tracing) => {
    const random = SeededRandom.of(SEED, `pointers ${tracing}`);
    const [store, previous] = [new TraceStore(), random.bytes(TRACE_BYTES)];
    const first = traced(tracing, TEXT, previous, 'a', 0, random);
    const forwarded = [0, 1].map((count) => traced(tracing, TEXT, first.key, 'b', count, random));
    store.take(first.clear, 'a', ['b']);
    for (const { clear } of forwarded) store.take(clear, 'b', ['c', 'd']);
    const kept = [first, ...forwarded].map(({ clear }) => clear);
    // A reported key leads back: the pointers are there, under it.
    expect(store.path('c', some(forwarded[0]).key, TEXT).map((step) => step.sender)).toEqual(['b', 'a']);
    for (const key of [previous, first.key, ...forwarded.map((m) => m.key)]) expect(kept.filter((clear) => hex(clear).includes(hex(key)))).toEqual([]);
    // The same message sent on twice leaves nothing by which the two are seen to belong together.
    const parts = kept.flatMap((clear) => [clear.subarray(0, TRACE_BYTES), clear.subarray(TRACE_BYTES)]);
    expect(different(parts)).toBe(6);
    for (const tried of [...parts, ...parts.flatMap((a) => parts.map((b) => xor(a, b)))]) {
      expect(['a', 'b', 'c', 'd'].flatMap((person) => store.path(person, tried, TEXT))).toEqual([]);
    }
  });

  test('the pointer of a message hides the key before it under the message’s own key', () => {
    const random = SeededRandom.of(SEED, 'links');
    const [previous, keys] = [random.bytes(TRACE_BYTES), range(5).map(() => random.bytes(TRACE_BYTES))];
    const pointers = keys.map((key) => link(key, TEXT, previous).subarray(TRACE_BYTES));
    expect(different([previous, ...keys, ...pointers])).toBe(11);
  });
});

describe('vouchers of matching pictures', () => {
  const random = SeededRandom.of(SEED, 'vouchers');
  const list = range(10).map(() => random.bytes(32));
  const INNER_AT = VOUCHER_BYTES - NONCE - TAG;

  test('every part of every voucher has a nonce of its own, listed pictures and others alike', () => {
    const device = new MatchingDevice(list, 3, random.fork('nonces'));
    const vouchers = [...list, ...list, ...range(20).map(() => random.bytes(32))].map((hash) => device.voucher(hash, PREVIEW));
    const nonces = vouchers.flatMap((v) => [v.subarray(1, 1 + NONCE), v.subarray(INNER_AT, INNER_AT + NONCE)]);
    expect([nonces.length, different(nonces)]).toEqual([80, 80]);
  });

  test('who knows one picture’s preview reads no other with it: all are under the account’s one key', () => {
    const device = new MatchingDevice(list, 3, random.fork('previews'));
    const previews = range(8).map((n) => utf8(`synthetic preview ${n}`));
    const bodies = previews.map((preview, n) => device.voucher(some(list[n]), preview).subarray(INNER_AT + NONCE, -TAG));
    const stream = xor(some(bodies[0]), some(previews[0]));
    expect(bodies.map((body, n) => hex(xor(body, stream)) === hex(some(previews[n])))).toEqual([true, ...range(7).map(() => false)]);
    expect(different([...range(5).map(() => device.voucher(some(list[0]), PREVIEW).subarray(INNER_AT + NONCE))])).toBe(5);
  });
});
