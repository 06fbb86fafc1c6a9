import { describe, expect, test } from 'vitest';
import { Member } from '../src/mls/member.ts';
import type { Conditions } from '../src/proposal.ts';
import { liveDevices, openWorld, syntheticText, talk } from '../src/world.ts';
import { SeededRandom } from '../src/random.ts';

const conditions: Conditions = { size: 3, epochs: 3, messagesPerEpoch: 6, payloadBytes: 60, padding: 'on', seed: 3 };

describe('a world', () => {
  test('does not know what was enrolled in another world of the same group', async () => {
    const [one, other] = [await openWorld(conditions, 'one'), await openWorld(conditions, 'other')];
    const phone = await Member.create('synthetic-0001', one.random.fork('phone'), { directory: one.directory, padding: 'on' });
    await expect(one.live[0]?.add([phone.keyPackage])).resolves.toBeDefined();
    await expect(other.live[0]?.add([phone.keyPackage])).rejects.toThrow();
  });

  test('opened twice under one label says the same twice, and under another label something else', async () => {
    const wires: string[][] = [];
    for (const label of ['same', 'same', 'other']) wires.push((await talk(await openWorld(conditions, label))).wire.map((m) => Buffer.from(m.bytes).toString('hex')));
    expect(wires[0]).toEqual(wires[1]);
    expect(wires[0]?.filter((bytes) => wires[2]?.includes(bytes))).toEqual([]);
  });

  test('lets a fork of a member join again with the welcome', async () => {
    const world = await openWorld(conditions, 'joining again');
    const again = await world.live[2]?.fork('again');
    await again?.join(world.welcome);
    expect(again?.roster()).toEqual(world.live[0]?.roster());
  });

  test('of more than ten people has five devices that run, spread over the tree', async () => {
    expect([2, 10, 11, 1000].map(liveDevices)).toEqual([2, 10, 5, 5]);
    const world = await openWorld({ ...conditions, size: 12 }, 'spread');
    expect(world.live.map((m) => m.leafIndex)).toEqual([0, 2, 4, 7, 9]);
    expect(world.live[3]?.roster().length).toBe(12);
  });
});

describe('a conversation', () => {
  test('has one commit and the stated messages in every epoch, each delivered to all others', async () => {
    const { wire, sent, deliveries, lost, refused } = await talk(await openWorld(conditions, 'plain'));
    for (const epoch of [1, 2, 3]) expect(wire.filter((m) => m.epoch === epoch).map((m) => m.kind)).toEqual(['commit', ...Array<string>(6).fill('application')]);
    expect([sent.size, deliveries, lost, refused.size]).toEqual([18, 36, 0, 0]);
    expect(wire.map((m) => m.index)).toEqual(wire.map((_, i) => i));
  });

  test('on a network that delays has the same wire, and every late message is read in the end', async () => {
    const got: [number, string][] = [];
    const plain = await talk(await openWorld(conditions, 'late'));
    const late = await talk(await openWorld(conditions, 'late'), {
      delay: ({ index, receiver }) => (receiver === 'synthetic-0001' ? index % 9 : 0),
      check: ({ index, receiver, plaintext }) => {
        expect(plaintext).toEqual(plain.sent.get(index)?.plaintext);
        got.push([index, receiver.name]);
        return Promise.resolve(undefined);
      },
    });
    expect(late.wire).toEqual(plain.wire);
    expect([late.deliveries, late.lost, got.length]).toEqual([36, 0, 36]);
    const order = got.filter(([, name]) => name === 'synthetic-0001').map(([index]) => index);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  });

  test('counts as lost what comes after the receiver has dropped the key', async () => {
    const opened = await openWorld(conditions, 'lost');
    const live = await Promise.all(opened.live.map((m) => m.fork('forgetful', { retention: { retainKeysForGenerations: 0, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 200 } })));
    const { lost, deliveries } = await talk({ ...opened, live }, { delay: ({ index }) => (index === 1 ? 100 : 0) });
    expect([lost, deliveries]).toEqual([2, 36]);
  });

  test('breaks off when a message cannot be opened that came in time', async () => {
    const world = await openWorld(conditions, 'broken');
    await expect(talk(world, { beforeEpoch: async (epoch) => { if (epoch === 2) await world.live[0]?.update(); } })).rejects.toThrow();
  });
});

test.each([0, 5, 16, 24, 1000])('a synthetic text of %i bytes has that length and says what it is as far as it fits', (length) => {
  const text = new TextDecoder().decode(syntheticText(SeededRandom.of(1, 'text'), 4, length));
  expect([text.length, 'synthetic message 4 '.startsWith(text.slice(0, 20))]).toEqual([length, true]);
});
