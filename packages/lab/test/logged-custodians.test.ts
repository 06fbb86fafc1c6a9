import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOpened, covered, standardOrder } from '../src/access.ts';
import type { Arrangement, Order, View } from '../src/access.ts';
import { arrangeLogged, LoggedWorld, QUORUM } from '../src/mechanisms/logged-arrangement.ts';
import type { LoggedOptions } from '../src/mechanisms/logged-arrangement.ts';
import { countFromLog, isBeginning } from '../src/mechanisms/logged-audit.ts';
import { commitOrder, openOrder, readEntry, signEntry, signer } from '../src/mechanisms/logged-entries.ts';
import { Follower } from '../src/mechanisms/logged-log.ts';
import { readerOf, readPosts, writePost } from '../src/mechanisms/logged-sender.ts';
import { isListed, publishWarrants, warrantTag } from '../src/mechanisms/logged-warrants.ts';
import { chanceOf } from '../src/mechanisms/threshold-arrangement.ts';
import { loggedCustodians } from '../src/proposals/logged-custodians.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';
import type { Transcript } from '../src/world.ts';

const SEED = 20_261_122;
const conditions = (size: number, epochs = 4): Conditions => ({ size, epochs, messagesPerEpoch: 3, payloadBytes: 40, padding: 'on', seed: SEED });
const value = (record: Recorder, metric: string): number | undefined => record.rows.find((r) => r.metric === metric)?.value;

interface Talked {
  readonly arrangement: Arrangement;
  readonly setting: LoggedWorld;
  readonly transcript: Transcript;
  readonly view: View;
}

async function talked(label: string, options: LoggedOptions = {}, size = 3, epochs = 4): Promise<Talked> {
  const world = await openWorld(conditions(size, epochs), label);
  const { arrangement, setting } = await arrangeLogged(world, options);
  const transcript = await talk(world, arrangement.hooks);
  return { arrangement, setting, transcript, view: { ...transcript, leaves: world.leaves } };
}

describe('an order', () => {
  test('opens the target’s messages of its epochs and no other message, whatever it names', { timeout: 40_000 }, async () => {
    const { arrangement, setting, transcript, view } = await talked('property');
    const names = setting.world.live.map((m) => m.name);
    await fc.assert(fc.asyncProperty(fc.constantFrom(...names, 'synthetic-9999'), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 }), async (target, fromEpoch, length) => {
      const order: Order = { target, fromEpoch, toEpoch: fromEpoch + length, issuedAt: 3 };
      const opened = await arrangement.access(order, view);
      const within = countOpened(opened, transcript, (m) => covered(order, m));
      expect(within.count).toBe(within.of);
      expect(opened.size).toBe(within.count);
    }), { seed: SEED, numRuns: 8 });
  });

  test('with warrants, opens the target’s messages from the warrant on, and nobody’s before or after it', { timeout: 40_000 }, async () => {
    const world = await openWorld(conditions(3), 'probe');
    const names = world.live.map((m) => m.name);
    await fc.assert(fc.asyncProperty(fc.constantFrom(...names), fc.integer({ min: 2, max: 4 }), fc.integer({ min: 0, max: 1 }), async (target, issuedAt, length) => {
      const order: Order = { target, fromEpoch: 1, toEpoch: issuedAt + length, issuedAt };
      const { arrangement, transcript, view } = await talked(`prospective ${target} ${issuedAt} ${length}`, { prospective: true, warrants: [order] });
      const active = (m: { sender: string; epoch: number }): boolean => m.sender === target && m.epoch >= issuedAt && m.epoch <= order.toEpoch;
      const opened = await arrangement.access(order, view);
      expect(countOpened(opened, transcript, active).count).toBe([...transcript.sent.values()].filter(active).length);
      expect(opened.size).toBe([...transcript.sent.values()].filter(active).length);
      // All custodians together, and everybody else who holds something, come no further than the warrant.
      const all = await arrangement.read(new Set(arrangement.parties.map((p) => p.id)), view);
      expect([...all.keys()].sort()).toEqual([...opened.keys()].sort());
    }), { seed: SEED, numRuns: 2 });
  });

  test('without a warrant in the list opens nothing in the prospective variant', { timeout: 20_000 }, async () => {
    const { arrangement, setting, view } = await talked('no warrant', { prospective: true, warrants: [] }, 2, 3);
    expect((await arrangement.access(standardOrder(setting.world), view)).size).toBe(0);
  });

  test('opened parts tell who sent each message of their epoch, and nothing of other epochs', { timeout: 20_000 }, async () => {
    const { setting, view } = await talked('sender data');
    const order = standardOrder(setting.world);
    const { unsealed } = await setting.carryOut({ ...await setting.issue(order), texts: setting.textsOf(order, view).slice(0, 1) });
    const [{ epoch, secret } = { epoch: 0, secret: new Uint8Array(64) }] = unsealed;
    expect(epoch).toBe(order.fromEpoch);
    const reader = readerOf(secret);
    for (const m of view.wire.filter((w) => w.kind === 'application')) {
      const leaf = await reader.leafOf(m.bytes);
      expect(leaf).toBe(m.epoch === epoch ? setting.world.live.find((l) => l.name === m.sender)?.leafIndex : undefined);
    }
  });
});

describe('the log', () => {
  test('is counted from its entries alone; a changed, dropped or added entry is seen against the head', { timeout: 20_000 }, async () => {
    const { setting, view, arrangement } = await talked('counts', {}, 2, 3);
    await arrangement.access(standardOrder(setting.world), view);
    const head = await new Follower(setting.rules.policy).advance(setting.log);
    const count = (entries: readonly Uint8Array[]): unknown => countFromLog(entries, head, setting.enrolled, QUORUM.threshold, 1);
    const { entries } = setting.log;
    expect(count(entries)).toEqual({ orders: 1, accesses: 1, texts: 2, warrants: 0 });
    expect(entries).toHaveLength(1 + QUORUM.threshold);
    for (const changed of [entries.slice(0, -1), [...entries, entries[0] ?? new Uint8Array()], entries.toReversed(), entries.with(1, (entries[1] ?? new Uint8Array()).with(20, 0))]) {
      expect(() => count(changed)).toThrow(expect.objectContaining({ code: 'LAB_LOG_ROOT' }));
    }
    expect(isBeginning([...entries, new Uint8Array(1)], head)).toBe(true);
  });

  test('shows of an order who signed it and when, not whom it concerns', async () => {
    const setting = new LoggedWorld(await openWorld(conditions(2), 'entry'));
    const order = standardOrder(setting.world);
    const { entry, opening } = await setting.issue(order);
    expect(Buffer.from(entry).toString()).not.toContain(order.target);
    const read = readEntry(entry, setting.enrolled);
    expect(read).toMatchObject({ kind: 'order', by: 'authority', term: 1, number: 1 });
    expect(read.kind === 'order' && openOrder(read.commitment, opening)).toEqual(order);
  });

  test('takes entries only as their signer wrote them, and orders only as they were committed to', () => {
    const key = signer('authority', chanceOf(SeededRandom.of(SEED, 'authority')));
    const enrolled = new Map([[key.name, key.publicKey]]);
    const entry = signEntry({ kind: 'release', by: 'authority', term: 1, order: 0, texts: 3 }, key);
    expect(readEntry(entry, enrolled)).toEqual({ kind: 'release', by: 'authority', term: 1, order: 0, texts: 3 });
    fc.assert(fc.property(fc.integer({ min: 0, max: entry.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = Uint8Array.from(entry).with(at, (entry[at] ?? 0) ^ by);
      expect(() => readEntry(altered, enrolled)).toThrow(expect.objectContaining({ code: 'LAB_ENTRY' }));
    }), { seed: SEED, numRuns: 100 });
    expect(() => readEntry(entry, new Map())).toThrow(expect.objectContaining({ code: 'LAB_ENTRY' }));
    const order: Order = { target: 'a', fromEpoch: 1, toEpoch: 2, issuedAt: 1 };
    const { commitment, opening } = commitOrder(order, chanceOf(SeededRandom.of(SEED, 'salt')));
    expect(openOrder(commitment, opening)).toEqual(order);
    expect(() => openOrder(commitment, opening.with(5, (opening[5] ?? 0) ^ 1))).toThrow(expect.objectContaining({ code: 'OPENING_FALSE' }));
  });
});

describe('posts and warrants', () => {
  test('a post is read back part by part, and one that is cut short gives fewer parts', () => {
    const random = SeededRandom.of(SEED, 'post');
    const parts = ['a', 'synthetic-0001', ''].map((sender) => ({ sender, sealed: random.bytes(208) }));
    const bytes = writePost(parts);
    expect(readPosts([{ epoch: 7, bytes }]).map((p) => ({ ...p, sealed: [...p.sealed] }))).toEqual(parts.map((p) => ({ ...p, epoch: 7, sealed: [...p.sealed] })));
    expect(readPosts([{ epoch: 7, bytes: bytes.subarray(0, -1) }])).toHaveLength(2);
  });

  test('a member that has written in an epoch cannot seal for it any more', { timeout: 20_000 }, async () => {
    const world = await openWorld(conditions(2), 'late');
    const [member] = world.live;
    await member?.send(Buffer.from('text'));
    expect(() => member?.senderSecrets()).toThrow(RangeError);
  });

  test('a client believes only the list that the log commits to', async () => {
    const setting = new LoggedWorld(await openWorld(conditions(2), 'list'));
    const [mine, others] = [warrantTag(Buffer.from('mine'), 1), warrantTag(Buffer.from('others'), 1)];
    const list = await publishWarrants([others], 1, setting.authority, setting.log);
    const look = (shown: typeof list): Promise<boolean> => isListed(mine, shown, setting.enrolled, new Follower(setting.rules.policy), setting.log);
    expect(await look(list)).toBe(false);
    expect(await look(await publishWarrants([others, mine], 1, setting.authority, setting.log))).toBe(true);
    await expect(look({ ...list, tags: [others, mine] })).rejects.toMatchObject({ code: 'LAB_WARRANTS' });
    await expect(look({ ...list, tags: [mine] })).rejects.toMatchObject({ code: 'LAB_WARRANTS' });
    await expect(look({ ...list, tags: [] })).rejects.toMatchObject({ code: 'LAB_WARRANTS' });
    await expect(look({ ...list, index: list.index + 1n })).rejects.toMatchObject({ code: 'LAB_WARRANTS' });
    const forged = await publishWarrants([mine], 1, signer('authority', setting.chance('forger')), setting.log);
    await expect(look(forged)).rejects.toMatchObject({ code: 'LAB_ENTRY' });
  });
});

describe('the proposal', () => {
  test.each([[10, 'logged'], [2, 'prospective']])('at N = %i, %s: what it promises holds', { timeout: 90_000 }, async (size, variant) => {
    const [first, second] = [new Recorder(), new Recorder()];
    await loggedCustodians.run(variant, conditions(size), first);
    // A second log and pooled shares read; the five attempts on custodians who follow the log do not.
    expect(value(first, 'audit.unlogged-access')).toBe(2 / 7);
    expect(value(first, 'audit.counts-equal')).toBe(1);
    expect(value(first, 'coalition.least')).toBe(3);
    expect(value(first, 'exposed.below-coalition')).toBe(0);
    expect(['exposed.others-by-access', 'exposed.people-read', 'exposed.other-epochs'].map((id) => value(first, id))).toEqual([0, 0, 0]);
    expect(first.attacks).toEqual([
      { attacker: 'authority without an order in the log', count: 0, of: 12, what: 'kinds of attempts opened a message' },
      { attacker: 'authority with the operator of the log', count: 0, of: 1, what: 'kinds of attempts opened a message' },
      expect.objectContaining({ attacker: 'operator of the log', count: 0, of: 6 }),
      expect.objectContaining({ attacker: 'authority, operator and witness', count: 1, of: 2 }),
    ]);
    expect(value(first, 'reach.past')).toBe(variant === 'logged' ? 1 : 0);
    expect(value(first, 'reach.future')).toBe(1);
    expect(value(first, 'evasion.share')).toBe(1);
    expect(value(first, 'noticed.clients')).toBe(variant === 'logged' ? 0 : 1 / size);
    if (size > 2) return;
    await loggedCustodians.run(variant, conditions(size), second);
    expect(second.rows).toEqual(first.rows);
    expect(second.findings).toEqual(first.findings);
  });
});
