/**
 * How every access proposal is measured: the same conversation, the same order, the same thefts, all coalitions.
 *
 * A proposal says who holds what, and what a set of parties can open of the wire with what they hold. The harness alone
 * knows what was really sent, and counts. What a reader claims to have opened must equal it, or the run fails.
 * @module
 */
import type { Conditions } from './proposal.ts';
import type { Method, Recorder, TimeRow } from './record.ts';
import { timeInTurns } from './record.ts';
import { clearPart } from './mls/open.ts';
import { openWorld, sendWith, syntheticText, talk } from './world.ts';
import type { Hooks, Post, Transcript, WireMessage, World } from './world.ts';

/** What an authority orders: one person's messages of a period, in epochs of the conversation, both ends included. */
export interface Order {
  readonly target: string;
  readonly fromEpoch: number;
  readonly toEpoch: number;
  /** The order comes into force when this epoch begins. */
  readonly issuedAt: number;
}

/** Somebody who holds something that matters, beside the people in the conversation. */
export interface Party {
  /** `service` names the one that carries messages in any case: it is in coalitions, and does not count as a party added. */
  readonly id: string;
  readonly role: string;
  /** Names of the secrets held, for the page. */
  readonly holds: readonly string[];
  /** Holds a secret that stays in place whether or not there is an order, and that opens messages when stolen. */
  readonly standing: boolean;
}

/** What everybody can see. */
export interface View {
  readonly wire: readonly WireMessage[];
  readonly posts: readonly Post[];
  readonly leaves: number;
}

/** Messages opened, by index on the wire. */
export type Opened = ReadonlyMap<number, Uint8Array>;

/** One proposal set up in one world. */
export interface Arrangement {
  readonly parties: readonly Party[];
  readonly hooks: Hooks;
  /** What these parties together can open, with all they hold and no order: also what a thief of their secrets can. */
  read(coalition: ReadonlySet<string>, view: View): Promise<Opened>;
  /** What the reader of an order can open with everything that honest parties hand over for it: not only what it asks for. */
  access(order: Order, view: View): Promise<Opened>;
  /** Acts by different parties, one after another, from the order to the first plaintext. Left out where no order gives plaintext: neither acts nor delay are recorded then. */
  readonly acts?: number;
  /** Bytes of an access or of setting up, where there are any. */
  readonly bytesOnce?: number;
}

/** The order that every access proposal faces: the second member, from the second epoch on, issued at the third. */
export function standardOrder(world: World): Order {
  const target = world.live[1];
  if (target === undefined) throw new RangeError('a group of at least two expected');
  return { target: target.name, fromEpoch: 2, toEpoch: Math.max(3, world.conditions.epochs - 1), issuedAt: 3 };
}

/**
 * Runs a conversation under a proposal and records reach, specificity, secrecy and quality of service.
 * `arrange` sets the proposal up in a fresh world. Resolves with what happened, for further experiments.
 */
export async function measureAccess(label: string, conditions: Conditions, record: Recorder, arrange: (world: World) => Promise<Arrangement>): Promise<Measured> {
  const world = await openWorld(conditions, label);
  const order = standardOrder(world);
  const arrangement = await arrange(world);
  const transcript = await talk(world, arrangement.hooks);
  if (transcript.refused.size > 0) throw new RangeError('an honest run in which no receiver refuses expected');
  const view: View = { wire: transcript.wire, posts: transcript.posts, leaves: world.leaves };
  const opened = await recordReach(arrangement, order, view, transcript, record);
  recordOthers(opened, order, transcript, conditions, record);
  await recordCoalitions(arrangement, view, transcript, record);
  await recordTheft(arrangement, order.issuedAt, view, transcript, record);
  await recordQuality(label, conditions, arrange, transcript, record);
  record.number('trust.parties', arrangement.parties.filter((p) => p.id !== 'service').length);
  record.number('trust.standing-keys', arrangement.parties.filter((p) => p.standing).length);
  if (arrangement.bytesOnce !== undefined) record.number('wire.once', arrangement.bytesOnce);
  return { world, arrangement, transcript, order, view, opened };
}

/** What happened in a measured conversation. */
export interface Measured {
  readonly world: World;
  readonly arrangement: Arrangement;
  readonly transcript: Transcript;
  readonly order: Order;
  readonly view: View;
  /** What the order's access opened. */
  readonly opened: Opened;
}

/** What an attacker of the proposal's table opened: of the messages that meet `which`, of all without it. */
export function recordReading(attacker: string, opened: Opened, transcript: Transcript, record: Recorder, which?: (message: { sender: string; epoch: number }) => boolean, what = 'messages opened'): void {
  const { count, of } = countOpened(opened, transcript, which);
  record.attack(attacker, count, of, what);
}

/** Whom else an access reaches: other people, and other periods. */
export function recordOthers(opened: Opened, order: Order, transcript: Transcript, { size }: Conditions, record: Recorder, { method = 'counted', note }: { method?: Method; note?: string } = {}): void {
  const [before, writing] = [note === undefined ? '' : `${note}; `, [...new Set([...transcript.sent.values()].map((m) => m.sender))].filter((name) => name !== order.target)];
  const read = writing.filter((name) => countOpened(opened, transcript, (m) => m.sender === name).count > 0);
  record.number('exposed.people-read', read.length, { method, note: `${before}of ${writing.length} writing beside the target; ${writing.length + 1} of the group’s ${size} devices write` });
  const elsewhere = countOpened(opened, transcript, (m) => m.epoch < order.fromEpoch || m.epoch > order.toEpoch);
  record.share('exposed.other-epochs', elsewhere.count, elsewhere.of, { method, note: `${before}messages of anybody before epoch ${order.fromEpoch} or after epoch ${order.toEpoch}` });
}

/** Whether clients or an outside observer notice an access that reads what was recorded: every live device's state, before and after one. */
export async function recordUnnoticed(world: World, arrangement: Arrangement, order: Order, view: View, record: Recorder): Promise<void> {
  const before = world.live.map((member) => member.seize());
  await arrangement.access(order, view);
  record.share('noticed.clients', world.live.filter((member, i) => !Buffer.from(member.seize()).equals(before[i] ?? new Uint8Array())).length, world.live.length, { note: 'an access reads what was recorded; nothing of it reaches a client' });
  record.share('noticed.monitor', 0, 1, { method: 'computed', note: 'by construction: an access puts nothing on the wire, and the design has no public log' });
}

/** Whether an order covers a message. */
export function covered(order: Order, message: { readonly sender: string; readonly epoch: number }): boolean {
  return message.sender === order.target && message.epoch >= order.fromEpoch && message.epoch <= order.toEpoch;
}

/** How many of the messages that meet `which` were opened, and of how many. @throws when a text is not what was sent. */
export function countOpened(opened: Opened, transcript: Transcript, which: (message: { sender: string; epoch: number }) => boolean = () => true): { count: number; of: number } {
  for (const [index, text] of opened) {
    const truth = transcript.sent.get(index);
    if (truth === undefined || !Buffer.from(truth.plaintext).equals(text)) throw new RangeError('a reader opened something that was not sent');
  }
  const all = [...transcript.sent.values()].filter(which);
  return { count: all.filter((m) => opened.has(m.index)).length, of: all.length };
}

async function recordReach(arrangement: Arrangement, order: Order, view: View, transcript: Transcript, record: Recorder): Promise<Opened> {
  const { opened, delay } = await timeAccess(arrangement, order, view);
  const past = countOpened(opened, transcript, (m) => covered(order, m) && m.epoch < order.issuedAt);
  const future = countOpened(opened, transcript, (m) => covered(order, m) && m.epoch >= order.issuedAt);
  const others = countOpened(opened, transcript, (m) => !covered(order, m));
  record.share('reach.past', past.count, past.of);
  record.share('reach.future', future.count, future.of);
  record.share('exposed.others-by-access', others.count, others.of);
  if (arrangement.acts === undefined) return opened;
  record.time(delay);
  record.number('reach.acts', arrangement.acts);
  return opened;
}

/** Timed accesses after the first: the fewest that give an interval; and the milliseconds that they may take together. */
const [DELAY_ROUNDS, DELAY_MS] = [6, 1000];

/** The first access gives the results and warms up; how many are timed after it depends on its time, and no result does. */
async function timeAccess(arrangement: Arrangement, order: Order, view: View): Promise<{ opened: Opened; delay: TimeRow }> {
  let opened: Opened = new Map();
  const first = await timeInTurns('reach.delay', 1, async () => {
    opened = await arrangement.access(order, view);
  });
  if (arrangement.acts === undefined) return { opened, delay: first };
  const rounds = Math.min(DELAY_ROUNDS, Math.floor(DELAY_MS / first.p50));
  if (rounds < 1) return { opened, delay: { ...first, note: 'one access, without a first one to warm up' } };
  // A view of its own for every access: what was opened of another view is remembered in places.
  const timed = await timeInTurns('reach.delay', rounds, () => arrangement.access(order, { ...view }));
  return { opened, delay: { ...timed, note: 'after one access that is not counted' } };
}

/** Every set of parties tries to read without an order: at most 2⁸ sets. */
async function recordCoalitions(arrangement: Arrangement, view: View, transcript: Transcript, record: Recorder): Promise<void> {
  const ids = arrangement.parties.map((p) => p.id);
  if (ids.length > 8) throw new RangeError('at most eight parties expected: every set of them is tried');
  const reads: { size: number; ids: readonly string[]; count: number }[] = [];
  for (let mask = 0; mask < 2 ** ids.length; mask += 1) {
    const set = ids.filter((_, i) => (mask >> i) % 2 === 1);
    reads.push({ size: set.length, ids: set, count: countOpened(await arrangement.read(new Set(set), view), transcript).count });
  }
  if ((reads[0]?.count ?? 0) > 0) throw new RangeError('nobody who holds nothing reads: expected');
  const least = Math.min(...reads.filter((r) => r.count > 0).map((r) => r.size));
  const all = transcript.sent.size;
  if (Number.isFinite(least)) {
    record.number('coalition.least', least, { note: `for example: ${reads.find((r) => r.size === least && r.count > 0)?.ids.join(', ') ?? ''}` });
    const most = (size: number): number => Math.max(0, ...reads.filter((r) => r.size === size).map((r) => r.count));
    record.share('exposed.by-coalition', most(least), all);
    record.share('exposed.below-coalition', most(least - 1), all);
  } else {
    record.finding('No set of the parties, all of them together included, read a message without an order.');
    record.share('exposed.below-coalition', 0, all, { note: 'no set of parties reads' });
  }
}

async function recordTheft(arrangement: Arrangement, at: number, view: View, transcript: Transcript, record: Recorder): Promise<void> {
  let worst: { opened: Opened; who: string } = { opened: new Map(), who: 'none' };
  for (const party of arrangement.parties.filter((p) => p.standing)) {
    const opened = await arrangement.read(new Set([party.id]), view);
    if (opened.size > worst.opened.size) worst = { opened, who: party.id };
  }
  const note = `secret of: ${worst.who}`;
  const all = countOpened(worst.opened, transcript);
  record.share('exposed.by-standing-key', all.count, all.of, { note });
  const past = countOpened(worst.opened, transcript, (m) => m.epoch < at);
  const future = countOpened(worst.opened, transcript, (m) => m.epoch >= at);
  record.share('secrecy.past-messages', past.count, past.of, { note });
  record.share('secrecy.future-messages', future.count, future.of, { note });
  const epochs = (of: (epoch: number) => boolean): number => new Set([...transcript.sent.values()].filter((m) => worst.opened.has(m.index) && of(m.epoch)).map((m) => m.epoch)).size;
  record.number('secrecy.past-epochs', epochs((e) => e < at), { note });
  record.number('secrecy.future-epochs', epochs((e) => e >= at), { note });
}

/** Bytes and times of a message beside the baseline's: two worlds of the same seed, the messages in turns. */
export async function recordQuality(label: string, conditions: Conditions, arrange: (world: World) => Promise<{ readonly hooks: Hooks }>, transcript: Transcript, record: Recorder): Promise<void> {
  const [own, base] = [await openWorld(conditions, `${label} timed`), await openWorld(conditions, `${label} timed`)];
  const { hooks } = await arrange(own);
  const [a, b] = [pairOf(own), pairOf(base)];
  await hooks.post?.(1, a.sender);
  const plaintext = syntheticText(own.random.fork('timed'), 0, conditions.payloadBytes);
  let index = 0;
  const send = (pair: Pair, with_: Hooks): Promise<Uint8Array> => sendWith(with_, { index, epoch: 1, sender: pair.sender, plaintext });
  const receive = async (pair: Pair, bytes: Uint8Array, with_: Hooks, stamp?: Uint8Array): Promise<void> => {
    const key = with_.needsKey === true ? await pair.receiver.keyOf(bytes) : undefined;
    const got = await pair.receiver.receive(bytes);
    if (got.kind === 'message') await with_.check?.({ index, epoch: 1, sender: pair.sender.name, receiver: pair.receiver, plaintext: got.plaintext, authenticatedData: got.authenticatedData, ...(key === undefined ? {} : { key }), ...(stamp === undefined ? {} : { stamp }) });
  };
  const [ownBytes, baseBytes]: [Uint8Array[], Uint8Array[]] = [[], []];
  record.time(await timeInTurns('time.send', ROUNDS, async () => { ownBytes.push(await send(a, hooks)); index += 1; }, async () => { baseBytes.push(await send(b, {})); }));
  const stamps: (Uint8Array | undefined)[] = [];
  for (const [at, bytes] of ownBytes.entries()) stamps.push(await hooks.stamp?.({ index: at, epoch: 1, sender: a.sender.name, receiver: a.receiver.name, authenticatedData: clearPart(bytes)?.authenticatedData ?? new Uint8Array() }));
  let [i, j] = [0, 0];
  record.time(await timeInTurns('time.receive', ROUNDS, async () => { await receive(a, ownBytes[i] ?? new Uint8Array(), hooks, stamps[i]); i += 1; }, async () => { await receive(b, baseBytes[j++] ?? new Uint8Array(), {}); }));
  const sizes = transcript.wire.filter((m) => m.kind === 'application').map((m) => m.bytes.length + (m.stampBytes ?? 0));
  const [ours, theirs] = [Math.max(...sizes), Math.max(...baseBytes.map((m) => m.length))];
  record.number('wire.message', ours);
  record.number('wire.message-added', ours - theirs);
  record.number('wire.message-ratio', ours / theirs);
  record.number('wire.epoch-added', transcript.posts.reduce((sum, p) => sum + p.bytes.length, 0) / conditions.epochs);
}

/** Rounds of a timing: enough for a median with an interval, few enough for a cell in seconds. */
const ROUNDS = 41;

interface Pair {
  readonly sender: World['live'][number];
  readonly receiver: World['live'][number];
}

function pairOf(world: World): Pair {
  const [sender, receiver] = world.live;
  if (sender === undefined || receiver === undefined) throw new RangeError('a group of at least two expected');
  return { sender, receiver };
}
