import { beforeAll, describe, expect, test } from 'vitest';
import { countOpened } from '../src/access.ts';
import type { Conditions } from '../src/proposal.ts';
import { seizedDevice } from '../src/proposals/seized-device.ts';
import { Recorder } from '../src/record.ts';
import { lateNetwork, openFuture, openPast, takeDevice } from '../src/theft.ts';
import { openWorld, talk } from '../src/world.ts';

const conditions = (size: number, messagesPerEpoch = 20): Conditions => ({ size, epochs: 5, messagesPerEpoch, payloadBytes: 100, padding: 'on', seed: 1 });

async function run(variant: string, size: number, messages = 20): Promise<Recorder> {
  const record = new Recorder();
  await seizedDevice.run(variant, conditions(size, messages), record);
  return record;
}
const value = (record: Recorder, id: string): number | undefined => record.rows.find((row) => row.metric === id)?.value;

describe.each([2, 10])('with %i people', (size) => {
  let [inOrder, late] = [new Recorder(), new Recorder()];
  beforeAll(async () => { [inOrder, late] = [await run('in-order', size), await run('out-of-order', size)]; });

  test('in order, the state opens nothing of the past, and what follows until the member renews its keys', () => {
    expect(['reach.past', 'reach.future'].map((id) => value(inOrder, id))).toEqual([0, size === 2 ? 0.5 : 1]);
    expect(inOrder.findings.join('\n')).toContain('Of the 40 messages sent before the seizure, by anybody, the state opens 0');
  });

  test('late messages leave keys behind, of what others wrote and not of what the target wrote', () => {
    expect(value(late, 'reach.past')).toBe(0);
    expect(value(late, 'exposed.others-by-access')).toBeGreaterThan(value(inOrder, 'exposed.others-by-access') ?? 1);
  });

  test('the device opens what others wrote to it', () => {
    expect(value(inOrder, 'exposed.others-by-access')).toBeGreaterThan(0.1);
  });

  test('nobody reads without a device, nobody notices a copy, and one renewal ends it', () => {
    for (const record of [inOrder, late]) {
      expect(value(record, 'coalition.least')).toBeUndefined();
      expect(['exposed.by-standing-key', 'noticed.clients', 'noticed.monitor', 'evasion.share', 'trust.standing-keys'].map((id) => value(record, id))).toEqual([0, 0, 0, 1, 0]);
      expect(record.findings.join('\n')).toMatch(/removed the device instead, the copy opened 0 of 20 of theirs, against 20 of 20 before/);
    }
  });
});

test('the same seed gives the same rows and findings twice', async () => {
  const [one, two] = [await run('out-of-order', 2, 6), await run('out-of-order', 2, 6)];
  expect([one.rows, one.findings]).toEqual([two.rows, two.findings]);
});

test('copying a device changes no byte on the wire', async () => {
  const wires = [];
  for (const taking of [true, false]) {
    const world = await openWorld(conditions(3, 4), 'seized-device test copy');
    const victim = world.live[1];
    if (victim === undefined) throw new RangeError('a member expected');
    wires.push((await talk(world, taking ? takeDevice(victim, 3).hooks : {})).wire);
  }
  expect(wires[0]).toEqual(wires[1]);
});

describe('broken on purpose', () => {
  test('a client that keeps the state of the first epoch gives the past, and the measure shows it', async () => {
    const world = await openWorld(conditions(3, 6), 'seized-device test keeping');
    const victim = world.live[1];
    if (victim === undefined) throw new RangeError('a member expected');
    const { hooks, theft } = takeDevice(victim, 3);
    let early: Uint8Array | undefined;
    const transcript = await talk(world, { ...hooks, post: (epoch) => { if (epoch === 1) early = victim.seize(); return Promise.resolve(undefined); } });
    const earlier = (m: { epoch: number }): boolean => m.epoch < 3;
    expect(countOpened(await openPast(theft(), transcript.wire), transcript, earlier)).toEqual({ count: 0, of: 12 });
    expect(countOpened(await openPast({ ...theft(), state: early ?? new Uint8Array() }, transcript.wire), transcript, earlier)).toEqual({ count: 6, of: 12 });
  });

  test('how long a copy reads follows the turn in which the member renews its keys', async () => {
    const opened = await openWorld(conditions(3, 6), 'seized-device test last');
    const [first, victim, third] = opened.live;
    if (first === undefined || victim === undefined || third === undefined) throw new RangeError('three members expected');
    const { hooks, theft } = takeDevice(victim, 3);
    const atOnce = await talk({ ...opened, live: [first, third, victim], conditions: { ...opened.conditions, epochs: 5, messagesPerEpoch: 6 } }, hooks);
    // In turn: the victim stands last, and renews in epoch 3, right after the theft.
    expect(countOpened(await openFuture(theft(), atOnce.wire), atOnce, (m) => m.epoch >= 3)).toEqual({ count: 0, of: 18 });
    const again = await openWorld(conditions(3, 6), 'seized-device test in turn');
    const taken = takeDevice(again.live[1] ?? victim, 3);
    const usual = await talk(again, taken.hooks);
    expect(countOpened(await openFuture(taken.theft(), usual.wire), usual, (m) => m.epoch >= 3)).toEqual({ count: 12, of: 18 });
  });

  test('a client made to keep nothing for late messages gives nothing of the past, and loses messages', async () => {
    const opened = await openWorld(conditions(2), 'seized-device test forgetful');
    const counts = [];
    for (const retention of [undefined, { retainKeysForGenerations: 0, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 200 }]) {
      const live = await Promise.all(opened.live.map((m) => m.fork('retention', retention === undefined ? {} : { retention })));
      const world = { ...opened, live, conditions: { ...opened.conditions, epochs: 3 } };
      const victim = live[1];
      if (victim === undefined) throw new RangeError('a member expected');
      const { hooks, theft } = takeDevice(victim, 3);
      const transcript = await talk(world, { ...hooks, ...lateNetwork(opened.random.fork('network')) });
      counts.push({ past: (await openPast(theft(), transcript.wire)).size > 0, lost: transcript.lost > 0 });
    }
    expect(counts).toEqual([{ past: true, lost: false }, { past: false, lost: true }]);
  });
});
