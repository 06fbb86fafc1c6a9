/**
 * The harness that measures access proposals, held against values counted by hand; and the direction of the ratio of times.
 * @module
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { measureAccess } from '../src/access.ts';
import type { Arrangement } from '../src/access.ts';
import type { Conditions } from '../src/proposal.ts';
import { Recorder, timeInTurns } from '../src/record.ts';
import type { Row } from '../src/record.ts';
import type { Sent } from '../src/world.ts';

/** Five epochs of four messages, two by each of two people: 20 messages, of which 8 come before the order at epoch 3. */
const CONDITIONS: Conditions = { size: 2, epochs: 5, messagesPerEpoch: 4, payloadBytes: 40, padding: 'on', seed: 20_261_122 };
const ALL = 20;

/** So many messages of each epoch, the first ones: `[0, 1, 2]` is one of the second epoch and two of the third. */
type Reads = readonly number[];

/** Parties by name, with a standing secret or not, and what sets of them read: sets that hold such a set read the same, and sets are written `a+b`. */
interface Known {
  readonly parties: Readonly<Record<string, 'standing' | 'not standing'>>;
  readonly reads: Readonly<Record<string, Reads>>;
  readonly access?: Reads;
}

/** An arrangement whose answers are known: clients hand every text over, and each set of parties is given what `known` says. */
function knownArrangement({ parties, reads, access = [4, 4, 4, 4, 4] }: Known): Arrangement {
  const handed = new Map<number, Pick<Sent, 'epoch' | 'plaintext'>>();
  const give = (all: readonly Reads[]): Map<number, Uint8Array> => new Map(all.flatMap((each) => each.flatMap((count, i) => [...handed].filter(([, m]) => m.epoch === i + 1).slice(0, count).map(([index, m]) => [index, m.plaintext] as const))));
  return {
    parties: Object.entries(parties).map(([id, standing]) => ({ id, role: 'known', holds: ['copies'], standing: standing === 'standing' })),
    hooks: { check: ({ index, epoch, plaintext }) => { handed.set(index, { epoch, plaintext }); return Promise.resolve(undefined); } },
    acts: 1,
    read: (coalition) => Promise.resolve(give(Object.entries(reads).filter(([set]) => set.split('+').every((id) => coalition.has(id))).map(([, each]) => each))),
    access: () => Promise.resolve(give([access])),
  };
}

async function measured(known: Known): Promise<(metric: string) => Row | undefined> {
  const record = new Recorder();
  await measureAccess('harness', CONDITIONS, record, () => Promise.resolve(knownArrangement(known)));
  return (metric) => record.rows.find((row) => row.metric === metric);
}

describe('sets of parties', () => {
  const parties = { a: 'not standing', b: 'not standing', c: 'not standing' } as const;

  test.each<[string, Known['reads']]>([
    ['found last', { 'a+b': [0, 3], 'b+c': [2, 0, 3] }],
    ['found first', { 'a+b': [2, 0, 3], 'b+c': [0, 3] }],
    ['between the others', { 'a+b': [0, 1], 'a+c': [2, 0, 3], 'b+c': [0, 3] }],
  ])('of several smallest sets the one that reads most is reported, %s', async (_where, reads) => {
    const row = await measured({ parties, reads });
    expect(row('coalition.least')?.value).toBe(2);
    expect(row('exposed.by-coalition')).toMatchObject({ count: 5, of: ALL, value: 0.25 });
    expect(row('exposed.below-coalition')).toMatchObject({ count: 0, of: ALL });
  });

  test('a larger set that reads more is not the smallest', async () => {
    const row = await measured({ parties, reads: { 'a+b': [0, 3], 'a+b+c': [4, 4, 4, 4, 4] } });
    expect(row('coalition.least')).toMatchObject({ value: 2, note: 'for example: a, b' });
    expect(row('exposed.by-coalition')).toMatchObject({ count: 3, of: ALL });
  });

  test('all of them together are tried too', async () => {
    const row = await measured({ parties, reads: { 'a+b+c': [0, 0, 0, 0, 1] } });
    expect(row('coalition.least')).toMatchObject({ value: 3, note: 'for example: a, b, c' });
    expect(row('exposed.by-coalition')).toMatchObject({ count: 1, of: ALL });
  });

  test('the service is in sets, and is not a party added', async () => {
    const row = await measured({ parties: { a: 'standing', service: 'not standing' }, reads: { 'a+service': [1] } });
    expect([row('coalition.least')?.value, row('trust.parties')?.value, row('trust.standing-keys')?.value]).toEqual([2, 1, 1]);
  });
});

describe('a theft', () => {
  test('is of the secret that opens most, and counts messages and epochs from the order’s epoch on as later ones', async () => {
    // Of epochs 1 to 5 the worst secret opens 1, 0, 4, 2 and 0 messages: one of 8 before epoch 3, six of 12 from it on.
    const row = await measured({ parties: { a: 'standing', b: 'standing', c: 'standing' }, reads: { a: [3, 3], b: [1, 0, 4, 2], c: [0, 0, 0, 4] } });
    expect(row('exposed.by-standing-key')).toMatchObject({ count: 7, of: ALL, note: 'secret of: b' });
    expect(row('secrecy.past-messages')).toMatchObject({ count: 1, of: 8 });
    expect(row('secrecy.future-messages')).toMatchObject({ count: 6, of: 12 });
    expect([row('secrecy.past-epochs')?.value, row('secrecy.future-epochs')?.value]).toEqual([1, 2]);
  });

  test('of a secret that opens the last epoch before the order alone opens no later message, and of the order’s epoch alone no earlier one', async () => {
    const last = await measured({ parties: { a: 'standing' }, reads: { a: [0, 4] } });
    expect(['secrecy.past-messages', 'secrecy.future-messages', 'secrecy.past-epochs', 'secrecy.future-epochs'].map((id) => last(id)?.value)).toEqual([4 / 8, 0, 1, 0]);
    const first = await measured({ parties: { a: 'standing' }, reads: { a: [0, 0, 4] } });
    expect(['secrecy.past-messages', 'secrecy.future-messages', 'secrecy.past-epochs', 'secrecy.future-epochs'].map((id) => first(id)?.value)).toEqual([0, 4 / 12, 0, 1]);
  });

  test('does not count what somebody reads who keeps no secret between orders', async () => {
    const row = await measured({ parties: { a: 'standing', b: 'not standing' }, reads: { a: [0, 1, 1], b: [4, 4, 4, 4, 4] } });
    expect(row('exposed.by-standing-key')).toMatchObject({ count: 2, of: ALL, note: 'secret of: a' });
    expect([row('secrecy.past-messages')?.count, row('secrecy.future-messages')?.count]).toEqual([1, 1]);
    expect(row('exposed.by-coalition')).toMatchObject({ count: ALL, of: ALL });
  });

  test('takes nothing where no secret stands', async () => {
    const row = await measured({ parties: { a: 'not standing' }, reads: { a: [4, 4, 4, 4, 4] } });
    expect(row('exposed.by-standing-key')).toMatchObject({ count: 0, of: ALL, note: 'secret of: none' });
    expect([row('secrecy.past-messages')?.count, row('secrecy.future-messages')?.count]).toEqual([0, 0]);
  });
});

test('an access is divided into what came before the order, what came after it, and what it does not cover', async () => {
  // People write in turns, the second one every other message. The order: the second person, epochs 2 to 4, issued at 3.
  const row = await measured({ parties: { a: 'standing' }, reads: { a: [1] }, access: [0, 2, 4, 1, 3] });
  expect(row('reach.past')).toMatchObject({ count: 1, of: 2 });
  expect(row('reach.future')).toMatchObject({ count: 2, of: 4 });
  expect(row('exposed.others-by-access')).toMatchObject({ count: 7, of: 14 });
  expect(row('exposed.people-read')?.value).toBe(1);
  expect(row('exposed.other-epochs')).toMatchObject({ count: 3, of: 8 });
});

describe('a ratio of times', () => {
  const work = (blocks: number) => (): Promise<void> => {
    const hash = createHash('sha256');
    const block = new Uint8Array(65_536);
    for (let i = 0; i < blocks; i += 1) hash.update(block);
    hash.digest();
    return Promise.resolve();
  };

  test('is above 1 where the proposal does more work than the baseline, and below 1 where it does less', async () => {
    const more = await timeInTurns('time.send', 9, work(60), work(1));
    const less = await timeInTurns('time.send', 9, work(1), work(60));
    expect(more.ratio).toBeGreaterThan(1);
    expect(more.p50).toBeGreaterThan(more.baseline ?? Infinity);
    expect(less.ratio).toBeLessThan(1);
  });

  test('is left out where there is nothing to compare with', async () => {
    const alone = await timeInTurns('time.send', 3, work(1));
    expect([alone.ratio, alone.baseline, alone.rounds]).toEqual([undefined, undefined, 3]);
  });
});
