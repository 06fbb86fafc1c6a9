/**
 * The synthetic conversation in which every proposal is run: invented people in one MLS group who write for some epochs.
 *
 * Of a group of more than ten, five devices are run in full, spread over the tree; the others are in the tree with keys of
 * their own and say nothing. What is on the wire, and what who can read, does not depend on them otherwise.
 * @module
 */
import { Directory, Member } from './mls/member.ts';
import type { MessageKey } from './mls/member.ts';
import { clearPart } from './mls/open.ts';
import type { Conditions } from './proposal.ts';
import { SeededRandom } from './random.ts';

/** Devices of a group that are run in full: all of a group of up to ten, five of a larger one. */
export function liveDevices(size: number): number {
  return size <= 10 ? size : 5;
}

/** A group after all have joined, ready to talk. A world is used once: {@link talk} moves its members on. */
export interface World {
  readonly conditions: Conditions;
  /** Chance of this cell alone. */
  readonly random: SeededRandom;
  /** Of this world alone: who is enrolled here is unknown in every other. */
  readonly directory: Directory;
  /** Devices that run in full; the first made the group. */
  readonly live: readonly Member[];
  /** Leaves of the tree: a power of two. */
  readonly leaves: number;
  /** Sizes on the wire of what set the group up. */
  readonly sizes: { readonly keyPackage: number; readonly addAll: number; readonly welcome: number };
  /** The welcome that all but the first joined with. A fork of any of them can join with it again: for timing a join. */
  readonly welcome: Uint8Array;
}

/** What is on the wire, as whoever carries it sees it: the account that sent it, and bytes. */
export interface WireMessage {
  /** Place on the wire, from 0. */
  readonly index: number;
  /** Epoch of the conversation, from 1. */
  readonly epoch: number;
  readonly sender: string;
  readonly kind: 'application' | 'commit';
  readonly bytes: Uint8Array;
  /** Bytes that the service adds for each receiver, where the hooks have a stamp. */
  readonly stampBytes?: number;
}

/** Bytes that a proposal makes a client post beside the messages, once in an epoch. */
export interface Post {
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

/** What was really sent: the measure of everything that somebody claims to have read. */
export interface Sent {
  readonly index: number;
  readonly epoch: number;
  readonly sender: string;
  readonly plaintext: Uint8Array;
}

/** A message about to be sent, as the sending client sees it. */
export interface Outgoing {
  readonly index: number;
  readonly epoch: number;
  readonly sender: Member;
  readonly plaintext: Uint8Array;
  readonly key: MessageKey;
}

/** A message on its way to one receiver, as the service that carries it sees it. */
export interface Carried {
  readonly index: number;
  readonly epoch: number;
  /** The account that handed it in. */
  readonly sender: string;
  /** The account that it goes to. */
  readonly receiver: string;
  readonly authenticatedData: Uint8Array;
}

/** A message that arrived, as the receiving client sees it after decrypting. */
export interface Incoming {
  readonly index: number;
  readonly epoch: number;
  readonly sender: string;
  readonly receiver: Member;
  readonly plaintext: Uint8Array;
  readonly authenticatedData: Uint8Array;
  /** Only where the hooks ask for it with `needsKey`. */
  readonly key?: MessageKey;
  /** What the service added, where the hooks have a stamp. */
  readonly stamp?: Uint8Array;
}

/** Where a proposal takes part in the conversation. All are optional: none is the baseline. */
export interface Hooks {
  /** Before the epoch's commit: somebody joins or leaves, an order takes force. */
  beforeEpoch?(epoch: number, world: World): Promise<void>;
  /** After the epoch's commit, at the client that made it: bytes to post for the epoch. */
  post?(epoch: number, committer: Member): Promise<Uint8Array | undefined>;
  /** At the sending client: what is encrypted in place of the text alone. {@link accompany} and {@link check} then see this as the plaintext. */
  enclose?(message: Omit<Outgoing, 'key'>): Promise<Uint8Array>;
  /** At the sending client: bytes to go with the message in the clear, bound to it. */
  accompany?(message: Outgoing): Promise<Uint8Array>;
  /** At the service: bytes to go with the message to one receiver, made from what the service sees. */
  stamp?(carried: Carried): Promise<Uint8Array>;
  /** The check of receiving clients needs the message's key. */
  readonly needsKey?: boolean;
  /** On the network: after how many later messages of the wire this one reaches the receiver; 0 is at once. Commits are never late. Not with `needsKey`. */
  delay?(message: Omit<Carried, 'authenticatedData'>): number;
  /** At every receiving client: a reason to refuse the message, or nothing. */
  check?(message: Incoming): Promise<string | undefined>;
}

export interface Transcript {
  readonly wire: readonly WireMessage[];
  readonly posts: readonly Post[];
  /** By index on the wire. */
  readonly sent: ReadonlyMap<number, Sent>;
  /** Receivers that refused, by index on the wire. */
  readonly refused: ReadonlyMap<number, readonly string[]>;
  /** Deliveries made: messages times receivers. */
  readonly deliveries: number;
  /** Of these, those that came so late that the receiving client no longer had the key. */
  readonly lost: number;
}

/** Opens a world of its own for one cell. The group behind it is made once for the same conditions and then copied. */
export async function openWorld(conditions: Conditions, label: string): Promise<World> {
  const base = await baseGroup(conditions);
  const directory = base.directory.copy();
  const live = await Promise.all(base.live.map((member) => member.fork(label, { directory })));
  return { ...base, directory, live, conditions, random: SeededRandom.of(conditions.seed, `cell ${label}`) };
}

/** The text of one synthetic message: says that it is synthetic, and is filled to `length` bytes with seeded letters. */
export function syntheticText(random: SeededRandom, index: number, length: number): Uint8Array {
  const head = `synthetic message ${index} `;
  const letters = 'abcdefghijklmnopqrstuvwxyz ';
  const tail = Array.from(random.bytes(Math.max(0, length - head.length)), (b) => letters[b % letters.length] ?? ' ').join('');
  return new TextEncoder().encode((head + tail).slice(0, length));
}

/**
 * Lets the people of a world talk: in every epoch one of them renews its keys, and then they write in turns, each message
 * to all. Deterministic for the same world and hooks. @throws whatever the library throws: in an honest run nothing fails.
 */
export async function talk(world: World, hooks: Hooks = {}): Promise<Transcript> {
  const { epochs, messagesPerEpoch, payloadBytes } = world.conditions;
  const text = world.random.fork('text');
  const wire: WireMessage[] = [];
  const posts: Post[] = [];
  const sent = new Map<number, Sent>();
  const refused = new Map<number, string[]>();
  const counts = { deliveries: 0, lost: 0 };
  let underway: Underway[] = [];
  const deliverDue = async (upTo: number): Promise<void> => {
    const due = underway.filter((m) => m.due <= upTo);
    underway = underway.filter((m) => m.due > upTo);
    for (const message of due) await deliver(message, hooks, counts, refused);
  };
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    await hooks.beforeEpoch?.(epoch, world);
    const committer = inTurn(world.live, epoch - 1);
    const commit = await committer.update();
    wire.push({ index: wire.length, epoch, sender: committer.name, kind: 'commit', bytes: commit });
    for (const member of world.live) if (member !== committer) await member.receive(commit);
    const posted = await hooks.post?.(epoch, committer);
    if (posted !== undefined) posts.push({ epoch, bytes: posted });
    for (let turn = 0; turn < messagesPerEpoch; turn += 1) {
      const index = wire.length;
      const sender = inTurn(world.live, turn);
      const plaintext = syntheticText(text, index, payloadBytes);
      const bytes = await sendWith(hooks, { index, epoch, sender, plaintext });
      const authenticatedData = clearPart(bytes)?.authenticatedData ?? new Uint8Array();
      const before = underway.length;
      for (const receiver of world.live) {
        if (receiver === sender) continue;
        const carried = { index, epoch, sender: sender.name, receiver: receiver.name, authenticatedData };
        const stamp = await hooks.stamp?.(carried);
        underway.push({ ...carried, to: receiver, bytes, due: index + (hooks.delay?.(carried) ?? 0), ...(stamp === undefined ? {} : { stamp }) });
      }
      const stampBytes = Math.max(0, ...underway.slice(before).map((m) => m.stamp?.length ?? 0));
      wire.push({ index, epoch, sender: sender.name, kind: 'application', bytes, ...(stampBytes === 0 ? {} : { stampBytes }) });
      sent.set(index, { index, epoch, sender: sender.name, plaintext });
      await deliverDue(index);
    }
  }
  await deliverDue(Infinity);
  return { wire, posts, sent, refused, ...counts };
}

interface Underway extends Carried {
  readonly to: Member;
  readonly bytes: Uint8Array;
  readonly stamp?: Uint8Array;
  /** Index on the wire of the message after which this one arrives. */
  readonly due: number;
}

async function deliver({ to, bytes, stamp, due, ...carried }: Underway, hooks: Hooks, counts: { deliveries: number; lost: number }, refused: Map<number, string[]>): Promise<void> {
  counts.deliveries += 1;
  const key = hooks.needsKey === true ? await to.keyOf(bytes) : undefined;
  const got = await to.receive(bytes).catch((error: unknown) => {
    if (due === carried.index) throw error;
    counts.lost += 1;
  });
  if (got === undefined) return;
  if (got.kind !== 'message') throw new RangeError('an application message expected');
  const { index, epoch, sender } = carried;
  const reason = await hooks.check?.({ index, epoch, sender, receiver: to, plaintext: got.plaintext, authenticatedData: got.authenticatedData, ...(key === undefined ? {} : { key }), ...(stamp === undefined ? {} : { stamp }) });
  if (reason !== undefined) refused.set(index, [...(refused.get(index) ?? []), reason]);
}

/** Encrypts one message as a client under these hooks does. */
export async function sendWith(hooks: Hooks, message: Omit<Outgoing, 'key'>): Promise<Uint8Array> {
  const plaintext = (await hooks.enclose?.(message)) ?? message.plaintext;
  const accompany = hooks.accompany?.bind(hooks);
  return message.sender.send(plaintext, accompany && ((key) => accompany({ ...message, plaintext, key })));
}

function inTurn(members: readonly Member[], turn: number): Member {
  const member = members[turn % members.length];
  if (member === undefined) throw new RangeError('a group with members expected');
  return member;
}

type Base = Pick<World, 'directory' | 'live' | 'leaves' | 'sizes' | 'welcome'>;
const bases = new Map<string, Promise<Base>>();

function baseGroup({ size, padding, seed }: Conditions): Promise<Base> {
  const key = `${size} ${padding} ${seed}`;
  let base = bases.get(key);
  if (base === undefined) {
    base = makeBase(size, padding, seed);
    bases.set(key, base);
  }
  return base;
}

async function makeBase(size: number, padding: Conditions['padding'], seed: number): Promise<Base> {
  const random = SeededRandom.of(seed, `group of ${size}`);
  const directory = new Directory();
  const all: Member[] = [];
  for (let i = 0; i < size; i += 1) all.push(await Member.create(`synthetic-${String(i).padStart(4, '0')}`, random, { directory, padding }));
  const [first, ...others] = all;
  if (first === undefined) throw new RangeError('a group of at least two expected');
  await first.createGroup(random.fork('group id').bytes(11));
  const { commit, welcome } = await first.add(others.map((m) => m.keyPackage));
  if (welcome === undefined) throw new RangeError('a welcome expected');
  const count = liveDevices(size);
  const live = Array.from({ length: count }, (_, i) => all[Math.floor((i * size) / count)]).filter((m) => m !== undefined);
  for (const member of live.slice(1)) await member.join(welcome);
  return { directory, live, leaves: 2 ** Math.ceil(Math.log2(size)), sizes: { keyPackage: first.keyPackageBytes().length, addAll: commit.length, welcome: welcome.length }, welcome };
}
