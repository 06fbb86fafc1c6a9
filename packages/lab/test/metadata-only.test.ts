import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covered, measureAccess, standardOrder } from '../src/access.ts';
import type { Arrangement } from '../src/access.ts';
import { measureSizes, TEXTS } from '../src/behaviour/size-experiment.ts';
import { readEpochs } from '../src/mechanisms/epoch-escrow.ts';
import { keepRecords, recordsFor } from '../src/mechanisms/service-records.ts';
import type { ServiceRecord } from '../src/mechanisms/service-records.ts';
import type { Conditions } from '../src/proposal.ts';
import { metadataOnly } from '../src/proposals/metadata-only.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';

const small: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 3, payloadBytes: 60, padding: 'on', seed: 1 };
const PINNED = { seed: 20261122, numRuns: 200 };

async function run(conditions: Conditions): Promise<{ value: (id: string) => number | undefined; record: Recorder }> {
  const record = new Recorder();
  await metadataOnly.run('records', conditions, record);
  return { record, value: (id) => record.rows.find((r) => r.metric === id)?.value };
}

describe.each([small, { ...small, size: 10, padding: 'off' as const }, { ...small, size: 12 }])('in a group of $size with padding $padding', (conditions) => {
  test('an order and a theft give no text, nothing is added, and everybody else stands in the records', async () => {
    const { value, record } = await run(conditions);
    const zero = ['reach.past', 'reach.future', 'exposed.others-by-access', 'exposed.people-read', 'exposed.other-epochs', 'exposed.by-standing-key', 'exposed.below-coalition', 'secrecy.past-epochs', 'secrecy.future-epochs', 'secrecy.past-messages', 'secrecy.future-messages',
      'wire.message-added', 'wire.epoch-added', 'noticed.clients', 'noticed.monitor', 'trust.parties', 'trust.standing-keys'] as const;
    expect(zero.map(value)).toEqual(zero.map(() => 0));
    expect(value('exposed.people-in-records')).toBe(conditions.size - 1);
    expect(value('coalition.least')).toBeUndefined();
    expect(value('reach.acts')).toBeUndefined();
    expect(record.times.some((t) => t.metric === 'reach.delay')).toBe(false);
    expect(record.findings.join(' ')).toMatch(/records handed over, 0 lie outside the order’s period/);
  });
});

test('the same seed gives the same rows and findings', async () => {
  const [one, other] = [await run(small), await run(small)];
  expect(other.record.rows).toEqual(one.record.rows);
  expect(other.record.findings).toEqual(one.record.findings);
});

test('the records tell every message of the target in the period, and no text of anybody', async () => {
  const world = await openWorld({ ...small, size: 3 }, 'records');
  const transcript = await talk(world);
  const order = standardOrder(world);
  const handed = recordsFor(order, keepRecords(transcript.wire, 'synthetic group', world.live[0]?.roster() ?? []));
  const own = [...transcript.sent.values()].filter((m) => covered(order, m)).map((m) => m.index);
  expect(own.length).toBeGreaterThan(0);
  expect(handed.filter((r) => r.kind === 'application' && r.sender === order.target).map((r) => r.time)).toEqual(own);
  const text = JSON.stringify(handed);
  for (const { plaintext } of transcript.sent.values()) for (const form of ['utf8', 'hex', 'base64'] as const) expect(text).not.toContain(Buffer.from(plaintext).toString(form).slice(0, 16));
  for (const r of handed) expect(r.sizeBytes).toBe(transcript.wire[r.time]?.bytes.length);
});

test('broken on purpose: a service that was given the keys of an epoch is seen to read', async () => {
  const record = new Recorder();
  await measureAccess('metadata-only broken', small, record, () => {
    const keys = new Map<number, Uint8Array>();
    const arrangement: Arrangement = {
      parties: [{ id: 'service', role: 'carries messages', holds: ['keys'], standing: true }],
      hooks: { post: (epoch, committer) => {
        const { encryptionSecret, senderDataSecret } = committer.epochSecrets();
        if (epoch === 2) keys.set(epoch, Buffer.concat([encryptionSecret, senderDataSecret]));
        return Promise.resolve(undefined);
      } },
      read: (coalition, view) => (coalition.has('service') ? readEpochs(keys, view) : Promise.resolve(new Map())),
      access: (_order, view) => readEpochs(keys, view),
    };
    return Promise.resolve(arrangement);
  });
  const value = (id: string): number | undefined => record.rows.find((r) => r.metric === id)?.value;
  expect([value('coalition.least'), value('exposed.by-standing-key'), value('reach.past')]).toEqual([1, 0.25, 1]);
});

const names = ['synthetic-a', 'synthetic-b', 'synthetic-c', 'synthetic-d'];
const anyRecord: fc.Arbitrary<ServiceRecord> = fc.record({
  time: fc.nat(1000), epoch: fc.integer({ min: 1, max: 9 }), group: fc.constantFrom('g1', 'g2'), sender: fc.constantFrom(...names), recipients: fc.subarray(names), kind: fc.constantFrom('application' as const, 'commit' as const), sizeBytes: fc.nat(400),
});
const anyOrder = fc.record({ target: fc.constantFrom(...names), fromEpoch: fc.integer({ min: 1, max: 9 }), toEpoch: fc.integer({ min: 1, max: 9 }), issuedAt: fc.constant(3) });

test('an order gives every record of its target and period and no other', () => {
  fc.assert(fc.property(fc.array(anyRecord, { maxLength: 40 }), anyOrder, (records, order) => {
    const handed = new Set(recordsFor(order, records));
    for (const r of records) expect(handed.has(r)).toBe(r.epoch >= order.fromEpoch && r.epoch <= order.toEpoch && [r.sender, ...r.recipients].includes(order.target));
  }), PINNED);
});

test('sizes: with padding all texts up to 188 bytes are one, without it every length shows', async () => {
  const [on, off] = [await measureSizes(small, 'on'), await measureSizes(small, 'off')];
  expect(on.hiddenUpTo).toBe(188);
  expect(off.hiddenUpTo).toBe(0);
  expect(off.sizes).toBe(off.lengths);
  expect(off.exact).toBe(TEXTS);
  expect(on.lengths).toBe(off.lengths);
  expect(on.sizes).toBeLessThan(off.sizes / 4);
  expect(on.candidates).toBeGreaterThan(10 * off.candidates);
});
