/**
 * Escrow of one key per epoch: what it promises, and what must not be found in what is posted.
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureAccess } from '../src/access.ts';
import type { Arrangement, Opened, View } from '../src/access.ts';
import { openPost, readEpochs, sealEpoch } from '../src/mechanisms/epoch-escrow.ts';
import { sealingKey } from '../src/mls/suite.ts';
import type { Conditions } from '../src/proposal.ts';
import { arrange, epochEscrow } from '../src/proposals/epoch-escrow.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';
import type { Transcript } from '../src/world.ts';

const SEED = 20_261_122;
/** Five epochs, so that the order leaves out one before its period and one after it. */
const CONDITIONS: Conditions = { size: 2, epochs: 5, messagesPerEpoch: 4, payloadBytes: 40, padding: 'on', seed: SEED };
/** Bytes of the encapsulated key, with which a post begins (RFC 9180, X25519). */
const ENCAPSULATED = 32;
const SECRETS = 64;

interface Talked {
  readonly arrangement: Arrangement;
  readonly transcript: Transcript;
  readonly view: View;
  /** The 64 bytes that open an epoch, as its committing client has them. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
}

async function talked(label: string): Promise<Talked> {
  const world = await openWorld(CONDITIONS, label);
  const arrangement = await arrange(world);
  const secrets = new Map<number, Uint8Array>();
  const transcript = await talk(world, {
    ...arrangement.hooks,
    post(epoch, committer) {
      const { encryptionSecret, senderDataSecret } = committer.epochSecrets();
      secrets.set(epoch, Buffer.concat([encryptionSecret, senderDataSecret]));
      return arrangement.hooks.post?.(epoch, committer) ?? Promise.resolve(undefined);
    },
  });
  return { arrangement, transcript, secrets, view: { wire: transcript.wire, posts: transcript.posts, leaves: world.leaves } };
}

const conversation = talked('epoch escrow test');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const texts = (opened: Opened): [number, string][] => [...opened].map(([index, text]): [number, string] => [index, hex(text)]).sort(([a], [b]) => a - b);
const sentIn = ({ transcript }: Talked, from: number, to: number): [number, string][] => [...transcript.sent.values()].filter((m) => from <= m.epoch && m.epoch <= to).map((m): [number, string] => [m.index, hex(m.plaintext)]);
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));

async function run(): Promise<Recorder> {
  const record = new Recorder();
  await epochEscrow.run('one-master', CONDITIONS, record);
  return record;
}

describe('an order', () => {
  test('opens everybody’s messages of the epochs that it names, and no message of another epoch', async () => {
    const made = await conversation;
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), async (fromEpoch, toEpoch) => {
      const opened = await made.arrangement.access({ target: 'synthetic-0001', fromEpoch, toEpoch, issuedAt: 3 }, made.view);
      expect(texts(opened)).toEqual(sentIn(made, fromEpoch, toEpoch));
    }), { seed: SEED, numRuns: 15 });
  });
});

describe('without an order', () => {
  test('the authority alone reads everything, and nobody else reads anything', async () => {
    const made = await conversation;
    const read = async (...who: string[]): Promise<[number, string][]> => texts(await made.arrangement.read(new Set(who), made.view));
    expect(made.arrangement.parties.map((p) => p.id)).toEqual(['authority', 'service']);
    expect(await read('authority')).toEqual(sentIn(made, 1, CONDITIONS.epochs));
    expect(await read('authority', 'service')).toEqual(sentIn(made, 1, CONDITIONS.epochs));
    expect([await read(), await read('service'), await read('synthetic-0000')]).toEqual([[], [], []]);
  });
});

describe('what is posted', () => {
  test('is one post for each epoch, which the master key alone opens, to the secrets of that epoch', async () => {
    const world = await openWorld(CONDITIONS, 'epoch escrow keys');
    const random = SeededRandom.of(SEED, 'epoch escrow keys');
    const [master, other] = [await sealingKey(random), await sealingKey(random)];
    const [member] = world.live;
    if (member === undefined) throw new RangeError('a member expected');
    await member.update();
    const { encryptionSecret, senderDataSecret } = member.epochSecrets();
    const post = await sealEpoch(member, master.publicKey, random.bytes(32));
    expect(post).toHaveLength(ENCAPSULATED + SECRETS + 16);
    expect(hex(await openPost(master.privateKey, post) ?? new Uint8Array())).toBe(hex(encryptionSecret) + hex(senderDataSecret));
    expect(await openPost(other.privateKey, post)).toBeUndefined();
    expect(await openPost(master.publicKey, post)).toBeUndefined();
    await fc.assert(fc.asyncProperty(fc.nat(post.length * 8 - 1), async (bit) => {
      expect(await openPost(master.privateKey, post.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << bit % 8) : byte)))).toBeUndefined();
    }), { seed: SEED, numRuns: 20 });
  });

  test('holds, as the wire does, no secret of an epoch and no text in the clear', async () => {
    const { transcript, secrets } = await conversation;
    expect([transcript.posts.map((p) => p.epoch), [...secrets.keys()]]).toEqual([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]);
    const seen = [...transcript.posts, ...transcript.wire].map((m) => hex(m.bytes));
    // Eight bytes in the clear would be enough to see it.
    const pieces = [...secrets.values()].flatMap((secret) => Array.from({ length: SECRETS / 8 }, (_, i) => hex(secret.subarray(8 * i, 8 * i + 8))));
    const said = [...transcript.sent.values()].flatMap(({ plaintext }) => [hex(plaintext.subarray(0, 17)), hex(plaintext.subarray(-8))]);
    for (const secret of [...pieces, ...said]) expect(seen.filter((bytes) => bytes.includes(secret))).toEqual([]);
  });

  test('opens nothing to who takes the bytes of the posts for the secrets', async () => {
    const { view } = await conversation;
    for (const at of [0, ENCAPSULATED, 48]) {
      expect((await readEpochs(new Map(view.posts.map((p) => [p.epoch, p.bytes.subarray(at, at + SECRETS)])), view)).size).toBe(0);
    }
  });

  test('has an encapsulated key of its own in every epoch, so that who was in one epoch reads no other with it', async () => {
    const { secrets, view } = await conversation;
    expect(new Set(view.posts.map((p) => hex(p.bytes.subarray(0, ENCAPSULATED)))).size).toBe(CONDITIONS.epochs);
    // Under one key and nonce two ciphertexts differ by what their texts differ by: then one epoch's secrets give another's.
    const body = (bytes: Uint8Array): Uint8Array => bytes.subarray(ENCAPSULATED, ENCAPSULATED + SECRETS);
    const [first, ...others] = view.posts;
    if (first === undefined) throw new RangeError('posts expected');
    const stream = xor(body(first.bytes), secrets.get(first.epoch) ?? new Uint8Array());
    expect((await readEpochs(new Map(others.map((p) => [p.epoch, xor(body(p.bytes), stream)])), view)).size).toBe(0);
  });
});

describe('the proposal', () => {
  test('at N = 2 what it promises holds, what it does not promise is seen, and the same seed gives the same rows and findings', { timeout: 60_000 }, async () => {
    const [first, second] = [await run(), await run()];
    // Of 20 messages the order covers the target's 6, in epochs 2 to 4; the access opens all 12 of these epochs.
    expect(Object.fromEntries(first.rows.map((row) => [row.metric, row.value]))).toMatchObject({
      'reach.past': 1, 'reach.future': 1, 'exposed.people-read': 1, 'exposed.other-epochs': 0, 'exposed.others-by-access': 6 / 14,
      'coalition.least': 1, 'exposed.by-coalition': 1, 'exposed.by-standing-key': 1, 'trust.standing-keys': 1, 'evasion.share': 1,
      'wire.message-added': 0, 'wire.epoch-added': ENCAPSULATED + SECRETS + 16,
    });
    expect(first.attacks).toContainEqual({ attacker: 'the service', count: 0, of: 20, what: 'messages opened' });
    expect(second.rows).toEqual(first.rows);
    expect(second.findings).toEqual(first.findings);
  });

  test('broken on purpose: secrets that are posted in the clear and read by the service are seen by the measurement', { timeout: 30_000 }, async () => {
    const record = new Recorder();
    await measureAccess('epoch escrow broken', CONDITIONS, record, async (world) => {
      const honest = await arrange(world);
      return {
        ...honest,
        hooks: { post: (_epoch, committer) => Promise.resolve(Buffer.concat(Object.values(committer.epochSecrets()))) },
        read: (coalition, view) => (coalition.has('service') ? readEpochs(new Map(view.posts.map((p) => [p.epoch, p.bytes])), view) : honest.read(coalition, view)),
        access: (_order, view) => readEpochs(new Map(view.posts.map((p) => [p.epoch, p.bytes])), view),
      };
    });
    expect(record.rows.find((r) => r.metric === 'coalition.least')).toMatchObject({ value: 1, note: 'for example: service' });
    expect(record.rows.find((r) => r.metric === 'exposed.other-epochs')?.value).toBe(1);
  });
});
