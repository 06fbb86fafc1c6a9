/**
 * Attempts to have a sealed text opened without an order that the public log shows: what somebody can try who commands the
 * authority, the operator of the log, or both. Custodians are those of the setting; each attempt has a term of its own.
 * Part of the experiment, not of what a product would add.
 * @module
 */
import type { Order, View } from '../access.ts';
import { codeOf, LIMIT, QUORUM } from './logged-arrangement.ts';
import type { LoggedWorld, Outcome } from './logged-arrangement.ts';
import { countFromLog } from './logged-audit.ts';
import type { Counts } from './logged-audit.ts';
import { commitOrder, signEntry, signer } from './logged-entries.ts';
import { Follower, OrderLog } from './logged-log.ts';
import type { LogService } from './logged-log.ts';
import { readPosts } from './logged-sender.ts';
import type { SealedSender } from './logged-sender.ts';

/** What came of an attempt. */
export interface Attempt {
  readonly name: string;
  /** Who can make it: whose keys it takes. */
  readonly by: 'authority' | 'authority and operator' | 'authority, operator and witness';
  /** False: the public log shows no order at all for it; true: it shows one, and more or other is asked for than that order covers. */
  readonly entered: boolean;
  readonly outcome: Outcome;
}

interface Scene {
  readonly setting: LoggedWorld;
  readonly view: View;
  /** An order that would be in order, for one epoch of the target. */
  readonly order: Order;
  /** The target's sealed text of that epoch, and of another; another person's of that epoch. */
  readonly own: SealedSender;
  readonly later: SealedSender;
  readonly other: SealedSender;
}

type Try = (scene: Scene) => Promise<Outcome>;

/** Every attempt, by what it lacks. All five custodians are asked for what would be too much. */
const ATTEMPTS: Readonly<Record<string, Try>> = {
  'no entry': async ({ setting, order, own }) => ask(setting, { ...await setting.issue(order, { log: 'nowhere' }), texts: [own] }),
  'forged proof': async ({ setting, order, own }) => {
    const chance = setting.chance('forged proof');
    const forging = around(setting.log, { inclusion: () => Promise.resolve([chance(32), chance(32)]) });
    return ask(setting, { ...await setting.issue(order, { log: 'nowhere' }), texts: [own] }, forging);
  },
  'proof of another entry': async ({ setting, order, own }) => {
    const entered = await setting.issue(order);
    return ask(setting, { ...await setting.issue(order, { log: 'nowhere' }), index: entered.index, texts: [own] });
  },
  'signed by nobody enrolled': async ({ setting, order, own }) => ask(setting, { ...await setting.issue(order, { by: signer('authority', setting.chance('forger')) }), texts: [own] }),
  'another person': async ({ setting, order, own, other }) => ask(setting, { ...await setting.issue(order), texts: [own, other] }),
  'another period': async ({ setting, order, own, later }) => ask(setting, { ...await setting.issue(order), texts: [own, later] }),
  'another order for the same commitment': async ({ setting, order, other }) => {
    const elsewhere = await setting.issue({ ...order, target: other.sender }, { log: 'nowhere' });
    return ask(setting, { ...await setting.issue(order), opening: elsewhere.opening, texts: [other] });
  },
  'another’s text moved under the target’s name': async ({ setting, order, own, other }) => ask(setting, { ...await setting.issue(order), texts: [{ ...other, sender: own.sender }] }),
  'order used twice': async ({ setting, order, own }) => {
    const request = { ...await setting.issue(order), texts: [own] };
    await setting.carryOut(request);
    return ask(setting, request);
  },
  'order of a term that ended': async ({ setting, order, own }) => {
    const issued = await setting.issue(order);
    setting.nextTerm();
    return ask(setting, { ...issued, texts: [own] });
  },
  'one order more than the limit': async ({ setting, order, own }) => {
    for (let number = 1; number <= LIMIT; number += 1) await setting.carryOut({ ...await setting.issue(order), texts: [own] });
    return ask(setting, { ...await setting.issue(order), texts: [own] });
  },
  'one number for two orders, spread over custodians': async ({ setting, order, own }) => {
    const first = await setting.issue(order, { number: 1 });
    await setting.carryOut({ ...first, texts: [own] });
    return ask(setting, { ...await setting.issue({ ...order, issuedAt: order.issuedAt + 1 }, { number: 1 }), texts: [own] });
  },
  'forked log, with a witness that helps': async ({ setting, order, own }) => {
    await setting.issue(order);
    for (const custodian of setting.custodians) await custodian.follow(setting.log);
    const fork = copyOf(setting, setting.log.entries.slice(0, -1));
    return ask(setting, { ...await setting.issue(order, { log: fork }), texts: [own] }, fork);
  },
  'forked log, without the witness': async ({ setting, order, own }) => {
    const fork = new OrderLog(setting.logKey, () => Promise.resolve(undefined));
    for (const entry of setting.log.entries) await fork.append(entry);
    return ask(setting, { ...await setting.issue(order, { log: fork }), texts: [own] }, fork);
  },
};

export const ATTEMPT_NAMES: readonly string[] = Object.keys(ATTEMPTS);

/** Attempts that take more than the authority's key. */
const HELPED: Readonly<Record<string, Attempt['by']>> = {
  'forked log, with a witness that helps': 'authority, operator and witness',
  'forked log, without the witness': 'authority and operator',
};

/** Attempts for which the public log shows no order. */
const UNENTERED: readonly string[] = ['no entry', 'forged proof', 'proof of another entry', 'forked log, with a witness that helps', 'forked log, without the witness'];

/** Makes every attempt. `order`: one whose target has posts in its first and its last epoch. */
export async function attemptAll(setting: LoggedWorld, view: View, order: Order): Promise<Attempt[]> {
  const posts = readPosts(view.posts);
  const find = (sender: string, epoch: number): SealedSender => posts.find((t) => t.sender === sender && t.epoch === epoch) ?? missing();
  const bystander = setting.world.live.find((m) => m.name !== order.target) ?? missing();
  const at = order.toEpoch;
  const scene: Scene = { setting, view, order: { ...order, fromEpoch: at, toEpoch: at }, own: find(order.target, at), later: find(order.target, at + 1), other: find(bystander.name, at) };
  const results: Attempt[] = [];
  for (const [name, attempt] of Object.entries(ATTEMPTS)) {
    setting.nextTerm();
    results.push({ name, by: HELPED[name] ?? 'authority', entered: !UNENTERED.includes(name), outcome: await attempt(scene) });
  }
  return results;
}

/**
 * Authority, operator and witness keep a second log from the start and show the custodians that one alone: the custodians are
 * honest and carry the order out. Gives the outcome, and the heads that the custodians believed.
 */
export async function hideOrder(setting: LoggedWorld, view: View, order: Order): Promise<{ readonly outcome: Outcome; readonly heads: readonly { readonly size: bigint; readonly root: Uint8Array }[] }> {
  const [hidden, custodians] = [setting.newLog(), setting.newCustodians()];
  setting.nextTerm();
  for (const custodian of custodians) custodian.beginTerm(setting.term);
  const issued = await setting.issue(order, { log: hidden });
  const texts = setting.textsOf(order, view);
  const outcome = await setting.carryOut({ ...issued, texts }, { custodians: custodians.slice(0, QUORUM.threshold), log: hidden });
  return { outcome, heads: custodians.slice(0, QUORUM.threshold).map((c) => c.seen) };
}

/** A count or a log that an operator published against the truth, and whether who checks took it for true. */
export interface Publication {
  readonly name: string;
  readonly believed: boolean;
  /** By what it was found out. */
  readonly code: string;
}

/**
 * What an operator can publish of a term but the truth, with its own key and no other. Who checks has followed the log until now,
 * takes only heads that the witness cosigned, and recounts from the entries.
 */
export async function publishFalsely(setting: LoggedWorld, term: number): Promise<Publication[]> {
  const { log, enrolled, rules } = setting;
  const checking = new Follower(rules.policy);
  const head = await checking.advance(log);
  const counted = (entries: readonly Uint8Array[]): Counts => countFromLog(entries, head, enrolled, QUORUM.threshold, term);
  const truth = counted(log.entries);
  const alone = (entries: readonly Uint8Array[]): OrderLog => {
    const other = new OrderLog(setting.logKey, () => Promise.resolve(undefined));
    other.entries.push(...entries);
    return other;
  };
  const [less, made] = [log.entries.slice(0, -1), signEntry({ kind: 'order', by: setting.authority.name, term, number: 99, commitment: commitOrder({ target: 'synthetic-made-up', fromEpoch: 1, toEpoch: 1, issuedAt: 1 }, setting.chance('made up')).commitment }, signer(setting.authority.name, setting.chance('operator')))];
  const differs = (published: Counts): string => (JSON.stringify(published) === JSON.stringify(truth) ? '' : 'another count from the entries');
  const ways: Readonly<Record<string, () => Promise<string> | string>> = {
    'one access fewer': () => differs({ ...truth, accesses: truth.accesses - 1 }),
    'one order more': () => differs({ ...truth, orders: truth.orders + 1 }),
    'the last entry left out, under the true head': () => differs(counted(less)),
    'an order made up, under the true head': () => differs(counted([...log.entries, made])),
    'the last entry left out, under a new head': async () => differs(countFromLog(less, await checking.advance(alone(less)), enrolled, QUORUM.threshold, term)),
    'an order made up, under a new head': async () => differs(countFromLog([...log.entries, made], await checking.advance(alone([...log.entries, made])), enrolled, QUORUM.threshold, term)),
  };
  const results: Publication[] = [];
  for (const [name, way] of Object.entries(ways)) {
    const code = await Promise.resolve().then(way).catch((error: unknown) => codeOf(error));
    results.push({ name, believed: code === '', code });
  }
  return results;
}

function ask(setting: LoggedWorld, request: Parameters<LoggedWorld['carryOut']>[0], log: LogService = setting.log): Promise<Outcome> {
  return setting.carryOut(request, { custodians: setting.custodians, log });
}

/** A log under the same keys that goes on from other entries, with a witness of its own. */
function copyOf(setting: LoggedWorld, entries: readonly Uint8Array[]): OrderLog {
  const fork = setting.newLog();
  fork.entries.push(...entries);
  return fork;
}

function around(log: LogService, changed: Partial<LogService>): LogService {
  return {
    append: (entry) => log.append(entry), head: () => log.head(), consistency: (a, b) => log.consistency(a, b), inclusion: (i, n) => log.inclusion(i, n),
    ...changed,
  };
}

function missing(): never {
  throw new RangeError('posts of the target and of somebody else expected');
}
