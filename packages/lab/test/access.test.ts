import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOpened, covered, measureAccess, standardOrder } from '../src/access.ts';
import type { Arrangement, Opened, Order, View } from '../src/access.ts';
import type { Conditions } from '../src/proposal.ts';
import { Recorder } from '../src/record.ts';
import { openWorld } from '../src/world.ts';
import type { World } from '../src/world.ts';

const conditions: Conditions = { size: 2, epochs: 5, messagesPerEpoch: 4, payloadBytes: 40, padding: 'on', seed: 2 };

/** An authority that is handed everything in the clear: what each test breaks or narrows. */
function handedAll(_world: World, changed: Partial<Arrangement> = {}): Arrangement {
  const texts = new Map<number, Uint8Array>();
  const read = (): Promise<Opened> => Promise.resolve(texts);
  return {
    parties: [{ id: 'authority', role: 'is handed everything', holds: ['copies'], standing: true }, { id: 'service', role: 'carries', holds: [], standing: false }],
    hooks: { check: ({ index, plaintext }) => { texts.set(index, plaintext); return Promise.resolve(undefined); } },
    acts: 1,
    read: (coalition) => (coalition.has('authority') ? read() : Promise.resolve(new Map())),
    access: read,
    ...changed,
  };
}

async function measured(arrange: (world: World) => Arrangement, label: string): Promise<Recorder> {
  const record = new Recorder();
  await measureAccess(label, conditions, record, (world) => Promise.resolve(arrange(world)));
  return record;
}

const value = (record: Recorder, id: string): number | undefined => record.rows.find((row) => row.metric === id)?.value;
const invent = (view: View): Opened => new Map(view.wire.filter((m) => m.kind === 'application').slice(0, 1).map((m) => [m.index, new TextEncoder().encode('invented')]));

describe('the harness', () => {
  test('sees a party that reads everything alone, with a secret that stays', async () => {
    const record = await measured((world) => handedAll(world), 'all');
    expect(['reach.past', 'reach.future', 'exposed.others-by-access', 'exposed.by-standing-key', 'coalition.least', 'secrecy.past-epochs', 'secrecy.future-epochs', 'trust.parties', 'trust.standing-keys', 'wire.message-added'].map((id) => value(record, id))).toEqual([1, 1, 1, 1, 1, 2, 3, 1, 1, 0]);
  });

  test('refuses an access that invents a text', async () => {
    await expect(measured((world) => handedAll(world, { access: (_order, view) => Promise.resolve(invent(view)) }), 'invented')).rejects.toThrow('opened something that was not sent');
  });

  test('refuses a coalition that invents a text, and one that opens a message that does not exist', async () => {
    await expect(measured((world) => handedAll(world, { read: (set, view) => Promise.resolve(set.has('service') ? invent(view) : new Map()) }), 'invented')).rejects.toThrow('opened something that was not sent');
    await expect(measured((world) => handedAll(world, { read: (set) => Promise.resolve(set.size > 0 ? new Map([[9999, new Uint8Array()]]) : new Map()) }), 'invented')).rejects.toThrow('opened something that was not sent');
  });

  test('refuses an arrangement in which nobody reads', async () => {
    await expect(measured((world) => { const all = handedAll(world); return { ...all, read: () => all.read(new Set(['authority']), { wire: [], posts: [], leaves: 2 }) }; }, 'nobody')).rejects.toThrow('nobody who holds nothing');
  });

  test('refuses a run in which an honest receiver refuses', async () => {
    await expect(measured((world) => handedAll(world, { hooks: { check: () => Promise.resolve('no') } }), 'refusing')).rejects.toThrow('no receiver refuses');
  });

  test('sees that the service reads alone where it was given a copy, though the arrangement calls it harmless', async () => {
    const record = await measured((world) => { const all = handedAll(world); return { ...all, read: (set, view) => (set.size > 0 ? all.read(new Set(['authority']), view) : Promise.resolve(new Map())) }; }, 'leaking');
    expect(record.rows.find((row) => row.metric === 'coalition.least')).toMatchObject({ value: 1 });
  });

  test('sees two parties that read only together, and nothing below', async () => {
    const record = await measured((world) => { const all = handedAll(world); return { ...all, read: (set, view) => (set.size === 2 ? all.read(new Set(['authority']), view) : Promise.resolve(new Map())) }; }, 'both');
    expect(['coalition.least', 'exposed.below-coalition', 'exposed.by-standing-key'].map((id) => value(record, id))).toEqual([2, 0, 0]);
  });

  test('says so and leaves the cell empty where no set of parties reads', async () => {
    const record = await measured((world) => handedAll(world, { read: () => Promise.resolve(new Map()) }), 'none');
    expect(value(record, 'coalition.least')).toBeUndefined();
    expect(record.findings).toContain('No set of the parties, all of them together included, read a message without an order.');
  });

  test('counts what an access hands over beyond the order', async () => {
    const within = (world: World): Arrangement => {
      const all = handedAll(world);
      return { ...all, access: async (order, view) => new Map([...await all.access(order, view)].filter(([index]) => view.wire.some((m) => m.index === index && covered(order, m)))) };
    };
    const record = await measured(within, 'within');
    expect(['reach.past', 'reach.future', 'exposed.others-by-access', 'exposed.people-read', 'exposed.other-epochs'].map((id) => value(record, id))).toEqual([1, 1, 0, 0, 0]);
  });

  test('tells other people from other periods: one reader has the target’s messages of all epochs, one all people’s of the order’s', async () => {
    const reading = async (label: string, which: (m: { sender: string; epoch: number }, order: Order) => boolean): Promise<(number | undefined)[]> => {
      const record = await measured((world) => {
        const all = handedAll(world);
        return { ...all, access: async (order, view) => new Map([...await all.access(order, view)].filter(([index]) => view.wire.some((m) => m.index === index && which(m, order)))) };
      }, label);
      expect(record.rows.find((row) => row.metric === 'exposed.people-read')?.note).toBe('of 1 writing beside the target; 2 of the group’s 2 devices write');
      return ['exposed.people-read', 'exposed.other-epochs'].map((id) => value(record, id));
    };
    expect(await reading('one person', (m, order) => m.sender === order.target)).toEqual([0, 0.5]);
    expect(await reading('later', (m, order) => m.epoch > order.toEpoch)).toEqual([1, 0.5]);
    expect(await reading('earlier and one person', (m, order) => m.sender === order.target && m.epoch < order.fromEpoch)).toEqual([0, 0.25]);
    expect(await reading('one period', (m, order) => m.epoch >= order.fromEpoch && m.epoch <= order.toEpoch)).toEqual([1, 0]);
  });

  test('times an access several times after a first one, and takes its results from the first', async () => {
    let accesses = 0;
    const record = await measured((world) => { const all = handedAll(world); return { ...all, access: (order, view) => (accesses++ === 0 ? all.access(order, view) : Promise.resolve(new Map())) }; }, 'rounds');
    const delay = record.times.find((t) => t.metric === 'reach.delay');
    expect([accesses, delay?.rounds, delay?.note, value(record, 'reach.past')]).toEqual([7, 6, 'after one access that is not counted', 1]);
  });
});

test('an order covers its target within its period, both ends included, and nothing else', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.boolean(), (from, to, epoch, target) => {
    const order: Order = { target: 'a', fromEpoch: from, toEpoch: to, issuedAt: 3 };
    expect(covered(order, { sender: target ? 'a' : 'b', epoch })).toBe(target && from <= epoch && epoch <= to);
  }), { seed: 4 });
});

test('the standard order names the second member, from the second epoch to the last but one', async () => {
  expect(standardOrder(await openWorld(conditions, 'order'))).toEqual({ target: 'synthetic-0001', fromEpoch: 2, toEpoch: 4, issuedAt: 3 });
});

test('only what equals what was sent is counted', () => {
  const sent = new Map([[1, { index: 1, epoch: 1, sender: 'a', plaintext: new Uint8Array([1]) }]]);
  const transcript = { wire: [], posts: [], sent, refused: new Map(), deliveries: 0, lost: 0 };
  expect(countOpened(new Map([[1, new Uint8Array([1])]]), transcript)).toEqual({ count: 1, of: 1 });
  expect(() => countOpened(new Map([[1, new Uint8Array([2])]]), transcript)).toThrow();
});
