import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Directory, Member } from '../src/mls/member.ts';
import { EpochReader, SeizedState, clearPart, openWithMessageKey } from '../src/mls/open.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { openWorld, talk } from '../src/world.ts';
import type { World } from '../src/world.ts';

const conditions: Conditions = { size: 3, epochs: 2, messagesPerEpoch: 3, payloadBytes: 60, padding: 'on', seed: 7 };
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

function only<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('a value expected');
  return value;
}

async function wireHash(label: string, size: number): Promise<string> {
  const { wire } = await talk(await openWorld({ ...conditions, size }, label));
  const hash = createHash('sha256');
  for (const message of wire) hash.update(message.bytes);
  return hash.digest('hex');
}

describe('determinism', () => {
  test('a seed gives the same bytes on the wire in another process and in another order of use', async () => {
    const here = [await wireHash('a', 3), await wireHash('b', 3), await wireHash('a', 11)];
    const world = pathToFileURL(join(import.meta.dirname, '../src/world.ts')).href;
    const script = `
      import { createHash } from 'node:crypto';
      import { openWorld, talk } from ${JSON.stringify(world)};
      const of = async (label, size) => {
        const { wire } = await talk(await openWorld({ ...${JSON.stringify(conditions)}, size }, label));
        const hash = createHash('sha256');
        for (const message of wire) hash.update(message.bytes);
        return hash.digest('hex');
      };
      const c = await of('a', 11), b = await of('b', 3), a = await of('a', 3);
      console.log([a, b, c].join(' '));`;
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim().split(' ');
    expect(there).toEqual(here);
    expect(new Set(here).size).toBe(3);
  });

  test('another seed gives other bytes', async () => {
    const [a, b] = [await openWorld(conditions, 'seed'), await openWorld({ ...conditions, seed: 8 }, 'seed')];
    expect(await only(a.live[0]).update()).not.toEqual(await only(b.live[0]).update());
  });
});

describe('what members refuse', () => {
  let world: World;
  let stranger: Member;
  beforeAll(async () => {
    world = await openWorld(conditions, 'refusals');
    stranger = await (await Member.create('synthetic-0001', world.random.fork('stranger'), { directory: new Directory(), padding: 'on' })).fork('here', { directory: world.directory });
  });

  test('a member does not add a device whose key the directory does not know, though its name is a member’s', async () => {
    await expect((await only(world.live[0]).fork('adding')).add([stranger.keyPackage])).rejects.toThrow();
  });

  test('members do not take in a commit that adds it, made by a client that asks no directory', async () => {
    const careless = new Directory();
    for (const member of world.live) careless.enrol(member.name, member.signatureKeys.publicKey);
    careless.enrol(stranger.name, stranger.signatureKeys.publicKey);
    const { commit } = await (await only(world.live[0]).fork('careless', { directory: careless })).add([stranger.keyPackage]);
    await expect((await only(world.live[1]).fork('receiving')).receive(commit)).rejects.toThrow();
  });

  test('members do not take in its external commit', async () => {
    const commit = await (await stranger.fork('external')).joinExternally(await only(world.live[0]).groupInfo());
    await expect((await only(world.live[1]).fork('receiving')).receive(commit)).rejects.toThrow();
  });

  test('nobody joins a group in which the directory does not know a member', async () => {
    const joiner = await only(world.live[1]).fork('joining', { directory: new Directory() });
    await expect(joiner.join(world.welcome)).rejects.toThrow();
  });

  test('a commit that the policy rejects leaves the member in its epoch, and the policy was told who would come', async () => {
    const seen: (readonly string[])[] = [];
    const phone = await Member.create('synthetic-0002', world.random.fork('phone'), { directory: world.directory, padding: 'on' });
    const { commit } = await (await only(world.live[0]).fork('phone')).add([phone.keyPackage]);
    const member = await only(world.live[1]).fork('wary', { policy: (s) => { seen.push(s.added); return false; } });
    const before = [member.epoch, member.epochSecrets().encryptionSecret];
    expect(await member.receive(commit)).toMatchObject({ kind: 'commit', accepted: false });
    expect([member.epoch, member.epochSecrets().encryptionSecret]).toEqual(before);
    expect(seen).toEqual([['synthetic-0002']]);
  });

  test('an external commit names who joins, though it holds no Add', async () => {
    const guest = await Member.create('synthetic-guest', world.random.fork('guest'), { directory: world.directory, padding: 'on' });
    const commit = await guest.joinExternally(await only(world.live[0]).groupInfo());
    expect(await (await only(world.live[1]).fork('guest')).receive(commit)).toMatchObject({ accepted: true, seen: { added: ['synthetic-guest'], removed: [] } });
  });

  test('of two devices under one name, the one at the given leaf is removed', async () => {
    const first = await only(world.live[0]).fork('two devices');
    const phone = await Member.create(only(world.live[1]).name, world.random.fork('two devices'), { directory: world.directory, padding: 'on' });
    await first.add([phone.keyPackage]);
    await first.removeLeaf(only(first.devices().findLast((d) => d.name === phone.name)).leaf);
    expect(first.devices().map((d) => d.signatureKey)).toEqual(world.live.map((m) => Buffer.from(m.signatureKeys.publicKey).toString('hex')));
  });
});

describe('what adversaries open', () => {
  test('an epoch’s secrets open every application message of that epoch and nothing else', async () => {
    const world = await openWorld({ ...conditions, epochs: 3 }, 'epoch reader');
    let secrets: ReturnType<Member['epochSecrets']> | undefined;
    const { wire, sent } = await talk(world, { post: (epoch, committer) => { if (epoch === 2) secrets = committer.epochSecrets(); return Promise.resolve(undefined); } });
    const reader = await EpochReader.of(only(secrets), world.leaves);
    for (const message of wire) {
      const opened = await reader.open(message.bytes);
      expect(opened?.plaintext).toEqual(message.epoch === 2 && message.kind === 'application' ? sent.get(message.index)?.plaintext : undefined);
    }
    const wrong = await EpochReader.of({ ...only(secrets), encryptionSecret: new Uint8Array(32) }, world.leaves);
    for (const message of wire) expect(await wrong.open(message.bytes)).toBeUndefined();
  });

  test('receivers that only follow know the epoch’s secrets too', async () => {
    const world = await openWorld(conditions, 'followers');
    const [first, second] = [only(world.live[0]), only(world.live[1])];
    await second.receive(await first.update());
    expect(second.epochSecrets()).toEqual(first.epochSecrets());
  });

  test('a message’s key opens that message, and no other, and not when a byte of it is changed', async () => {
    const world = await openWorld(conditions, 'message key');
    const sender = only(world.live[0]);
    let used: { key: Uint8Array; nonce: Uint8Array } | undefined;
    const bytes = await sender.send(text('one'), (key) => { used = key; return Promise.resolve(text('data')); });
    const { key, nonce } = only(used);
    const other = await sender.send(text('two'), text('data'));
    expect((await openWithMessageKey(bytes, key, nonce))?.plaintext).toEqual(text('one'));
    expect(clearPart(bytes)?.authenticatedData).toEqual(text('data'));
    expect(await openWithMessageKey(other, key, nonce)).toBeUndefined();
    expect(await only(world.live[1]).keyOf(bytes)).toMatchObject({ key, nonce });
    const tail = bytes.length - 60;
    await fc.assert(fc.asyncProperty(fc.integer({ min: tail, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(await openWithMessageKey(changed, key, nonce)).toBeUndefined();
    }), { seed: 5, numRuns: 40 });
  });

  test('a seized state reads on until the member renews its own keys, and another’s renewal does not stop it', async () => {
    const world = await openWorld(conditions, 'seized');
    const [first, second, third] = [only(world.live[0]), only(world.live[1]), only(world.live[2])];
    const earlier = await first.send(text('earlier'));
    for (const m of [second, third]) await m.receive(earlier);
    const thief = SeizedState.of(second.seize());
    const round = async (committer: Member): Promise<Uint8Array | undefined> => {
      const commit = await committer.update();
      for (const m of world.live) if (m !== committer) await m.receive(commit);
      await thief.take(commit);
      const bytes = await first.send(text('later'));
      for (const m of [second, third]) await m.receive(bytes);
      return thief.take(bytes);
    };
    expect(await thief.derive(earlier)).toBeUndefined();
    expect(await round(first)).toEqual(text('later'));
    expect(await round(third)).toEqual(text('later'));
    expect(await round(second)).toBeUndefined();
    expect(await round(first)).toBeUndefined();
  });

  test('a seized state follows an external commit', async () => {
    const world = await openWorld(conditions, 'seized external');
    const [first, second] = [only(world.live[0]), only(world.live[1])];
    const thief = SeizedState.of(second.seize());
    const guest = await Member.create('synthetic-guest', world.random.fork('guest'), { directory: world.directory, padding: 'on' });
    const commit = await guest.joinExternally(await first.groupInfo());
    await first.receive(commit);
    await thief.take(commit);
    expect(await thief.take(await first.send(text('with a guest')))).toEqual(text('with a guest'));
  });

  test('for a message that has not arrived the library keeps more than its key: later messages, read already, open again', async () => {
    const world = await openWorld(conditions, 'kept ratchet');
    const [first, second] = [only(world.live[0]), only(world.live[1])];
    const [one, two, three] = [await first.send(text('one')), await first.send(text('two')), await first.send(text('three'))];
    await second.receive(one);
    await second.receive(three);
    const thief = SeizedState.of(second.seize());
    expect([await thief.openAsClient(one), await thief.openAsClient(two), await thief.openAsClient(three)]).toEqual([undefined, text('two'), undefined]);
    expect([await thief.derive(one), await thief.derive(two), await thief.derive(three)]).toEqual([undefined, text('two'), text('three')]);
  });

  test.each([[0, [0, 1, 2, 3, 4]], [1, [4]], [2, [3, 4]]])('kept with a setting of %i epochs: %j (the library takes 0 as all)', async (retainKeysForEpochs, kept) => {
    const world = await openWorld(conditions, 'retention');
    const member = await only(world.live[0]).fork('retention', { retention: { retainKeysForGenerations: 10, retainKeysForEpochs, maximumForwardRatchetSteps: 200 } });
    for (let i = 0; i < 4; i += 1) await member.update();
    expect([...member.state.historicalReceiverData.keys()].map(Number)).toEqual(kept);
  });
});

test('a directory’s copy and its original do not share what is enrolled later', () => {
  const directory = new Directory();
  const key = SeededRandom.of(1, 'key').bytes(32);
  const copy = directory.copy();
  copy.enrol('synthetic', key);
  expect([directory.nameOf(key), copy.nameOf(key), copy.keysOf('synthetic')]).toEqual([undefined, 'synthetic', [Buffer.from(key).toString('hex')]]);
});
