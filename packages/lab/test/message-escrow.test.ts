import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureAccess } from '../src/access.ts';
import type { Arrangement } from '../src/access.ts';
import { acceptsField, identify, joinHalves, makeField, openSealed } from '../src/mechanisms/message-escrow-clipper.ts';
import { forgeField } from '../src/mechanisms/message-escrow-forge.ts';
import { keyAndNonce, openField, readByKey, recomputes, sealField, sealRecomputably } from '../src/mechanisms/message-escrow.ts';
import { clearPart } from '../src/mls/open.ts';
import { sealingKey } from '../src/mls/suite.ts';
import type { Conditions } from '../src/proposal.ts';
import { messageEscrow } from '../src/proposals/message-escrow.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';
import type { World } from '../src/world.ts';

const small: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 4, payloadBytes: 100, padding: 'on', seed: 1 };
const sizes: readonly Conditions[] = [small, { ...small, size: 10, messagesPerEpoch: 2 }];
const PINNED = { seed: 20261122, numRuns: 60 };

async function run(variant: string, conditions: Conditions): Promise<{ value: (id: string) => number | undefined; record: Recorder }> {
  const record = new Recorder();
  await messageEscrow.run(variant, conditions, record);
  return { record, value: (id) => record.rows.find((r) => r.metric === id)?.value };
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const messageKey = fc.record({ key: bytes(16), nonce: bytes(12), generation: fc.constant(0) });

describe.each(sizes)('in a group of $size', (conditions) => {
  test('one master key opens every honest message, past and later, and every sender can keep out of it', async () => {
    const { value } = await run('complete', conditions);
    expect([value('reach.past'), value('reach.future'), value('exposed.others-by-access')]).toEqual([1, 1, 0]);
    expect([value('exposed.by-standing-key'), value('secrecy.past-messages'), value('coalition.least'), value('evasion.share')]).toEqual([1, 1, 1, 1]);
    expect(value('wire.message-added')).toBe(77);
  });

  test('a sealed copy may be of another text, and the reader is told nothing', async () => {
    const { value, record } = await run('copy', conditions);
    expect([value('reach.past'), value('exposed.by-standing-key'), value('evasion.share')]).toEqual([1, 1, 1]);
    expect(value('wire.message-added')).toBe(149);
    expect(record.findings[0]).toMatch(/^Of (\d+) .* the reader took \1 for what was sent/);
  });

  test('Clipper: nobody but all three parties together reads, the halves of one order read beyond its period, and a forged field passes', async () => {
    const { value, record } = await run('clipper', conditions);
    expect([value('coalition.least'), value('exposed.below-coalition'), value('exposed.by-standing-key')]).toEqual([3, 0, 0]);
    expect([value('reach.past'), value('reach.future'), value('evasion.share')]).toEqual([1, 1, 1]);
    expect(value('exposed.others-by-access'), 'the target’s messages before and after the order’s period, and nobody else’s').toBe(1 / 3);
    const trials = record.rows.find((r) => r.metric === 'evasion.trials');
    expect(trials?.low).toBeLessThan(65_536);
    expect(trials?.high).toBeGreaterThan(65_536);
    expect(record.findings[0]).toContain('opened 0 of the');
  });

  test('recomputable: no false field passes honest receivers, and all pass receivers who do not check', async () => {
    const { value, record } = await run('recomputable', conditions);
    expect([value('evasion.share'), value('reach.past'), value('reach.future'), value('exposed.others-by-access')]).toEqual([0, 1, 1, 0]);
    expect(record.findings[0]).toMatch(/changed too and do not check, (\d+) of \1 such messages pass/);
  });
});

test.each(messageEscrow.variants.map((v) => v.id))('%s: the same seed gives the same rows and findings', async (variant) => {
  const [one, other] = [await run(variant, small), await run(variant, small)];
  expect(other.record.rows).toEqual(one.record.rows);
  expect(other.record.findings).toEqual(one.record.findings);
});

test('a variant that there is not is refused', async () => {
  await expect(run('sealed', small)).rejects.toThrow(/complete, copy, clipper, recomputable expected, got sealed/);
});

test('whatever fields are opened, the messages of these and no others are read', async () => {
  const world = await openWorld(small, 'subset');
  const random = SeededRandom.of(1, 'subset');
  const master = await sealingKey(random);
  const { wire } = await talk(world, { accompany: ({ key }) => sealField(master.publicKey, keyAndNonce(key), random.bytes(32)) });
  const messages = wire.filter((m) => m.kind === 'application');
  expect(messages).toHaveLength(16);
  await fc.assert(fc.asyncProperty(fc.subarray(messages.map((m) => m.index)), async (chosen) => {
    const fields = new Set(messages.filter((m) => chosen.includes(m.index)).map((m) => fieldOf(m.bytes)));
    const opened = await readByKey(messages, async (field) => (fields.has(Buffer.from(field).toString('hex')) ? openField(master.privateKey, field) : undefined));
    expect([...opened.keys()]).toEqual(chosen);
  }), { ...PINNED, numRuns: 20 });
});

test('a recomputable field is refused as soon as one bit of it, or of the key, is another', async () => {
  const { publicKey } = await sealingKey(SeededRandom.of(1, 'recomputable'));
  await fc.assert(fc.asyncProperty(messageKey, fc.nat(76 * 8 - 1), fc.nat(127), async (key, fieldBit, keyBit) => {
    const field = await sealRecomputably(publicKey, key);
    expect(await recomputes(publicKey, key, field)).toBe(true);
    expect(await recomputes(publicKey, key, flip(field, fieldBit))).toBe(false);
    expect(await recomputes(publicKey, { ...key, key: flip(key.key, keyBit) }, field)).toBe(false);
  }), { ...PINNED, numRuns: 30 });
});

test('a Clipper field gives device and key to who has family key and both halves, and one half gives another key', () => {
  fc.assert(fc.property(messageKey, bytes(16), bytes(16), bytes(16), bytes(4), (key, family, one, other, id) => {
    fc.pre(other.some((b) => b !== 0));
    const field = makeField(family, { id, unitKey: joinHalves(one, other) }, key);
    const found = identify(family, field);
    expect(acceptsField(family, key, field)).toBe(true);
    expect(found.id).toBe(Buffer.from(id).toString('hex'));
    expect(Buffer.from(openSealed(joinHalves(one, other), found.sealed))).toEqual(Buffer.from(keyAndNonce(key)));
    expect(Buffer.from(openSealed(one, found.sealed))).not.toEqual(Buffer.from(keyAndNonce(key)));
  }), PINNED);
});

test('a Clipper field of another message, or with one bit changed, is refused', () => {
  fc.assert(fc.property(messageKey, messageKey, bytes(16), fc.nat(34 * 8 - 1), (key, later, family, bit) => {
    fc.pre(!Buffer.from(key.key).equals(later.key));
    const field = makeField(family, { id: new Uint8Array(4), unitKey: new Uint8Array(16) }, key);
    expect(acceptsField(family, later, field)).toBe(false);
    expect(acceptsField(family, key, flip(field, bit))).toBe(false);
  }), PINNED);
});

test('a forged field passes a receiver’s check and names no device', () => {
  const random = SeededRandom.of(1, 'forged');
  const [family, key] = [random.bytes(16), { key: random.bytes(16), nonce: random.bytes(12), generation: 0 }];
  const device = { id: random.bytes(4), unitKey: random.bytes(16) };
  const forged = forgeField(family, key, random.bytes(34));
  expect(acceptsField(family, key, forged.field)).toBe(true);
  expect(identify(family, forged.field).id).not.toBe(Buffer.from(device.id).toString('hex'));
});

test('broken on purpose: one custodian who was given whole keys makes two parties enough, and the measurement says so', async () => {
  const record = new Recorder();
  await measureAccess('clipper broken', small, record, (world) => Promise.resolve(wholeKeysWithOne(world)));
  expect(record.rows.find((r) => r.metric === 'coalition.least')?.value).toBe(2);
  expect(record.rows.find((r) => r.metric === 'coalition.least')?.note).toBe('for example: authority, custodian-1');
});

test('broken on purpose: receivers who do not check take a field of chance, receivers who do refuse it', async () => {
  const { publicKey } = await sealingKey(SeededRandom.of(1, 'unchecked'));
  const chance = SeededRandom.of(1, 'garbage');
  const accompany = (): Promise<Uint8Array> => Promise.resolve(chance.bytes(76));
  const unchecked = await talk(await openWorld(small, 'unchecked'), { accompany });
  const checked = await talk(await openWorld(small, 'checked'), {
    accompany, needsKey: true,
    check: async ({ key, authenticatedData }) => (key !== undefined && (await recomputes(publicKey, key, authenticatedData)) ? undefined : 'refused'),
  });
  expect([unchecked.refused.size, checked.refused.size]).toEqual([0, 16]);
});

/** A Clipper form in which the first custodian's “half” is the whole key of every device. */
function wholeKeysWithOne(world: World): Arrangement {
  const random = world.random.fork('broken');
  const family = random.bytes(16);
  const devices = new Map(world.live.map((m) => [m.name, { id: random.bytes(4), unitKey: random.bytes(16) }]));
  const byId = new Map([...devices.values()].map((d) => [Buffer.from(d.id).toString('hex'), d.unitKey]));
  const party = (id: string): Arrangement['parties'][number] => ({ id, role: 'test', holds: ['key'], standing: true });
  const read: Arrangement['read'] = (coalition, view) => readByKey(view.wire.filter((m) => m.kind === 'application'), (field) => {
    if (!coalition.has('authority') || !coalition.has('custodian-1')) return Promise.resolve(undefined);
    const { id, sealed } = identify(family, field);
    const unitKey = byId.get(id);
    return Promise.resolve(unitKey && openSealed(unitKey, sealed));
  });
  return {
    parties: [party('authority'), party('custodian-1'), party('custodian-2')],
    hooks: { accompany: ({ sender, key }) => Promise.resolve(makeField(family, devices.get(sender.name) ?? { id: new Uint8Array(4), unitKey: new Uint8Array(16) }, key)) },
    read, access: (_order, view) => read(new Set(['authority', 'custodian-1']), view), acts: 1,
  };
}

function fieldOf(message: Uint8Array): string {
  return Buffer.from(clearPart(message)?.authenticatedData ?? []).toString('hex');
}

function flip(data: Uint8Array, bit: number): Uint8Array {
  return data.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
