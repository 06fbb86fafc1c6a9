/**
 * The baseline: MLS as the standard has it, with nothing added, against which every proposal is read.
 * Source: rfc9420 for the protocol, rfc9750 for what it promises after a compromise.
 * @module
 */
import { countOpened, covered, recordReading, standardOrder } from '../access.ts';
import type { Opened, Order, View } from '../access.ts';
import { Member } from '../mls/member.ts';
import { SeizedState } from '../mls/open.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { timeInTurns } from '../record.ts';
import type { Recorder } from '../record.ts';
import { LATE, lateNetwork, openByGuess, openFuture, openPast, openWithEpoch, takeDevice } from '../theft.ts';
import type { Theft } from '../theft.ts';
import { openWorld, syntheticText, talk } from '../world.ts';
import type { Transcript, World } from '../world.ts';

export const baseline: Proposal = {
  id: 'baseline',
  title: 'End-to-end encryption as it is',
  family: 'baseline',
  kind: 'measurement',
  sources: ['rfc9420', 'rfc9750', 'ts-mls'],
  does: [
    'People write to each other in a group. Their devices agree on keys, renew them from time to time, and delete the key of each message when it has been used. The protocol is MLS, the standard of the Internet Engineering Task Force.',
    'Nobody but the people’s devices holds a key. The service carries messages that it cannot open, and sees who wrote when and how much.',
    'Everything else in the lab is measured beside this.',
  ],
  claims: [
    { text: 'The service cannot read messages.', source: 'rfc9750', metrics: ['exposed.by-standing-key', 'reach.past', 'reach.future'] },
    { text: 'Keys of messages that were read are deleted: a device that is taken gives nothing of the past.', source: 'rfc9420', metrics: ['secrecy.past-epochs', 'secrecy.past-messages'] },
    { text: 'A member that renews its keys locks out whoever had copied the old ones.', source: 'rfc9420', metrics: ['secrecy.future-epochs', 'secrecy.future-messages'] },
    { text: 'A renewal of keys costs on the order of the logarithm of the group’s size when members have renewed before, and up to its size when they have not.', source: 'rfc9420', metrics: ['wire.commit', 'time.update', 'time.process-update'] },
  ],
  couldNot: [
    'What an app keeps: messages on the screen, in backups, in notices. Only the protocol’s state is counted.',
    'A service that hands out false keys for a name. The directory is honest here; the ghost participant has one that is not.',
    'What who-wrote-when tells: see metadata only.',
    'Networks: everything runs in one process, and times are of computing alone.',
    'The library has had no audit. Another implementation has other times and may have other faults.',
  ],
  attackers: [
    { name: 'the service', holds: 'the wire', tries: 'to read anything, with keys of its own making' },
    { name: 'thief of a device’s state', holds: 'one member’s state as epoch 3 begins, and the recorded wire', tries: 'to read what came before', metric: 'secrecy.past-messages' },
    { name: 'the same thief, reading on', holds: 'the state, and the wire from then on', tries: 'to read until the member renews its keys or is removed', metric: 'secrecy.future-messages' },
    { name: 'thief of a signature key', holds: 'one member’s signature key alone, and the wire', tries: 'to read' },
    { name: 'the same thief, passing for the member', holds: 'one member’s signature key alone', tries: 'to come into a new group to which the name is invited, into the same group beside the member, and, where a group lets devices join by themselves, into the member’s place' },
    { name: 'holder of one epoch’s secrets', holds: 'what opens one epoch', tries: 'to read other epochs' },
  ],
  comparators: [],
  variants: [{ id: 'mls', title: 'MLS' }],
  mechanism: [],
  depends: { size: true, padding: true },
  async run(_variant, conditions, record) {
    const large = conditions.size > LARGE;
    const opened = await openWorld(conditions, 'baseline');
    const world: World = large ? { ...opened, live: opened.live.slice(0, 3), conditions: { ...conditions, epochs: Math.min(3, conditions.epochs) } } : opened;
    const note = large ? 'at this size three devices run, for three epochs' : undefined;
    const order = standardOrder(world);
    const { transcript, theft, secrets } = await converse(world, order);
    recordSizes(opened, transcript, record);
    const view: View = { wire: transcript.wire, posts: transcript.posts, leaves: world.leaves };
    await recordService(world, transcript, order, view, record);
    await recordTheft(theft, transcript, record, note);
    await recordSignatureThief(world, transcript, order, view, record);
    await findOneEpoch(secrets, order.issuedAt, view, transcript, record);
    await findPayloads(opened, record);
    if (large) {
      record.finding('Removal, stolen signature keys and retention are measured in groups of up to 100.');
    } else {
      await findRemoval(conditions, record);
      await findSignatureKey(conditions, record);
      await findActiveThief(conditions, record);
      await findRetention(conditions, record);
    }
    await recordTimes(conditions, record);
  },
};

/** Above this size a cell runs fewer devices and epochs, so that it ends in time. */
const LARGE = 100;

interface EpochSecrets {
  readonly encryptionSecret: Uint8Array;
  readonly senderDataSecret: Uint8Array;
}

/** The conversation, with one device's state taken and one epoch's secrets leaked on the way. */
async function converse(world: World, order: Order): Promise<{ transcript: Transcript; theft: Theft; secrets: EpochSecrets }> {
  const victim = world.live.find((m) => m.name === order.target);
  if (victim === undefined) throw new RangeError('a member of the group expected');
  const { hooks, theft } = takeDevice(victim, order.issuedAt);
  let secrets: EpochSecrets | undefined;
  const transcript = await talk(world, {
    ...hooks,
    post(epoch, committer) {
      if (epoch === order.issuedAt) secrets = committer.epochSecrets();
      return Promise.resolve(undefined);
    },
  });
  if (secrets === undefined) throw new RangeError('a run that reaches the order expected');
  return { transcript, theft: theft(), secrets };
}

function recordSizes(world: World, transcript: Transcript, record: Recorder): void {
  const of = (kind: 'application' | 'commit'): number[] => transcript.wire.filter((m) => m.kind === kind).map((m) => m.bytes.length);
  record.number('wire.message', Math.max(...of('application')));
  const commits = of('commit');
  record.number('wire.commit', commits[0] ?? NaN, { note: 'the first after all were added at once; it is sealed to nearly every member' });
  record.number('wire.welcome', world.sizes.welcome, { note: `with a commit of ${world.sizes.addAll} bytes` });
  record.number('wire.key-package', world.sizes.keyPackage);
  record.finding(`As members renew their keys in turn, the commits become shorter: ${commits.join(', ')} bytes in the epochs of this run.`);
}

/** What the service can hand over for an order: the wire. It tries keys of its own making, which is all that it has. */
async function recordService(world: World, transcript: Transcript, order: Order, view: View, record: Recorder): Promise<void> {
  const opened = await openByGuess(world.random, view);
  recordReading('the service', opened, transcript, record);
  const share = (which: (m: { sender: string; epoch: number }) => boolean): { count: number; of: number } => countOpened(opened, transcript, which);
  const targets = (m: { sender: string }): boolean => m.sender === order.target;
  const [past, future, others, all] = [share((m) => targets(m) && m.epoch >= order.fromEpoch && m.epoch < order.issuedAt), share((m) => targets(m) && m.epoch >= order.issuedAt && m.epoch <= order.toEpoch), share((m) => !covered(order, m)), share(() => true)];
  const note = 'all that the service has is the wire';
  record.share('reach.past', past.count, past.of, { note });
  record.share('reach.future', future.count, future.of, { note });
  record.share('exposed.others-by-access', others.count, others.of, { note });
  record.share('exposed.below-coalition', all.count, all.of, { note: 'the service is the only party, and tried' });
  record.share('exposed.by-standing-key', all.count, all.of, { note: 'nobody outside people’s devices holds a secret that stays' });
  record.number('trust.parties', 0);
  record.number('trust.standing-keys', 0);
  record.finding('There is no party, beside the people in the conversation, whose secrets open messages; so there is no smallest set that reads.');
}

/** The signature key used as the secrets of an epoch, and by a device that was never let into the group. */
async function recordSignatureThief(world: World, transcript: Transcript, order: Order, view: View, record: Recorder): Promise<void> {
  const victim = world.live.find((m) => m.name === order.target);
  if (victim === undefined) throw new RangeError('a member of the group expected');
  const { signatureKeys } = victim;
  const key = signatureKeys.signKey.subarray(0, 32);
  const opened = new Map(await openWithEpoch({ encryptionSecret: key, senderDataSecret: key }, view));
  const options = { directory: world.directory, padding: world.conditions.padding };
  const outsider = await Member.create(victim.name, world.random.fork('thief outside'), options, signatureKeys);
  for (const message of view.wire) {
    const got = await outsider.receive(message.bytes).catch(() => undefined);
    if (got?.kind === 'message') opened.set(message.index, got.plaintext);
  }
  recordReading('thief of a signature key', opened, transcript, record);
}

async function recordTheft(theft: Theft, transcript: Transcript, record: Recorder, note?: string): Promise<void> {
  const [past, future] = [await openPast(theft, transcript.wire), await openFuture(theft, transcript.wire)];
  const before = countOpened(past, transcript, (m) => m.epoch < theft.epoch);
  const after = countOpened(future, transcript, (m) => m.epoch >= theft.epoch);
  const epochs = (opened: Opened): number => new Set([...opened.keys()].map((index) => transcript.sent.get(index)?.epoch)).size;
  const said = `one device’s state, taken before the commit of epoch ${theft.epoch}; messages arrive in order${note === undefined ? '' : `; ${note}`}`;
  record.share('secrecy.past-messages', before.count, before.of, { note: said });
  record.number('secrecy.past-epochs', epochs(past), { note: said });
  record.share('secrecy.future-messages', after.count, after.of, { note: said });
  record.number('secrecy.future-epochs', epochs(future), { note: `${said}; the run ends after ${Math.max(...transcript.wire.map((m) => m.epoch))} epochs, and members renew their keys in turn` });
}

async function findOneEpoch(secrets: EpochSecrets, epoch: number, view: View, transcript: Transcript, record: Recorder): Promise<void> {
  const opened = await openWithEpoch(secrets, view);
  const [own, other] = [countOpened(opened, transcript, (m) => m.epoch === epoch), countOpened(opened, transcript, (m) => m.epoch !== epoch)];
  record.attack('holder of one epoch’s secrets', other.count, other.of, 'messages of other epochs opened');
  record.finding(`The secrets of one epoch open ${own.count} of its ${own.of} messages and ${other.count} of the ${other.of} of other epochs.`);
}

/** Sizes on the wire for other payloads than that of the conversation. */
async function findPayloads({ live, random, conditions }: World, record: Recorder): Promise<void> {
  const sender = await live[0]?.fork('payloads');
  if (sender === undefined) throw new RangeError('a group of at least two expected');
  const sizes: string[] = [];
  for (const payload of [16, 100, 1000, 10_000]) sizes.push(`${(await sender.send(syntheticText(random.fork('payload'), 0, payload))).length} for ${payload}`);
  record.finding(`Bytes on the wire by bytes of text, padding ${conditions.padding}: ${sizes.join(', ')}.`);
}

/** The group removes the device whose state was taken. */
async function findRemoval(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'baseline removal');
  const [first, victim, ...others] = world.live;
  if (first === undefined || victim === undefined) throw new RangeError('a group of at least two expected');
  const thief = SeizedState.of(victim.seize());
  const before = await readAround(thief, [first, victim, ...others], world);
  const { commit } = await first.remove(victim.name);
  for (const member of others) await member.receive(commit);
  await thief.take(commit);
  const after = await readAround(thief, [first, ...others], world);
  record.finding(`A thief of one device’s state reads ${before.opened} of ${before.of} messages before the group removes the device and ${after.opened} of ${after.of} after it.`);
}

/** Each writes once to the others; how many of these somebody opens. */
async function readAround(reader: SeizedState, members: readonly Member[], { random, conditions }: World): Promise<{ opened: number; of: number }> {
  const count = { opened: 0, of: 0 };
  for (const [i, sender] of members.entries()) {
    const bytes = await sender.send(syntheticText(random.fork('around'), i, conditions.payloadBytes));
    for (const member of members) if (member !== sender) await member.receive(bytes);
    count.of += 1;
    if (await reader.take(bytes) !== undefined) count.opened += 1;
  }
  return count;
}

async function accepts(member: Member, bytes: Uint8Array): Promise<boolean> {
  const got = await member.receive(bytes).catch(() => undefined);
  return got?.kind === 'commit' && got.accepted;
}

/** Somebody who holds a member's signature key and nothing else: tries to come into this group, and into a new one. */
async function findSignatureKey(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'baseline signature key');
  const [first, victim] = world.live;
  if (first === undefined || victim === undefined) throw new RangeError('a group of at least two expected');
  const options = { directory: world.directory, padding: conditions.padding };
  const thief = await Member.create(victim.name, world.random.fork('thief'), options, victim.signatureKeys);
  const added = await (await first.fork('adding')).add([thief.keyPackage]).then(() => true, () => false);
  const [inviting, fresh] = [await first.fork('inviting'), await thief.fork('new group')];
  await inviting.createGroup(world.random.fork('new group').bytes(11));
  const { welcome } = await inviting.add([fresh.keyPackage]);
  if (welcome === undefined) throw new RangeError('a welcome expected');
  await fresh.join(welcome);
  const read = (await fresh.receive(await inviting.send(new TextEncoder().encode('synthetic')))).kind === 'message';
  const commit = await thief.joinExternally(await first.groupInfo(), { replacing: true });
  const others = world.live.filter((m) => m !== victim);
  const outcomes = [];
  for (const member of others) outcomes.push(await accepts(member, commit));
  const taken = outcomes.filter(Boolean).length;
  record.attack('the same thief, passing for the member', [read, added, taken > 0].filter(Boolean).length, 3, 'ways in were open');
  record.finding(`A stolen signature key opens no message. Its thief passes for the member where keys are agreed anew: in a new group, to which somebody invites the name, it is ${read ? 'accepted and reads' : 'refused'}; adding it beside the member in the same group is ${added ? 'accepted' : 'refused, since the key is there already'}; and where the group lets devices join by themselves it takes the member’s place (${taken} of ${others.length} clients accept), in a commit that the whole group sees.`);
}

/** Somebody who writes with the copied state, and what happens to the member's next message. */
async function findActiveThief(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'baseline active thief');
  const victim = world.live[1];
  const thief = await victim?.fork('thief');
  if (victim === undefined || thief === undefined) throw new RangeError('a group of at least two expected');
  const others = world.live.filter((m) => m !== victim);
  const opens = async (bytes: Uint8Array): Promise<number> => (await Promise.all(others.map(async (m) => (await m.receive(bytes).catch(() => undefined))?.kind === 'message'))).filter(Boolean).length;
  const forged = await opens(await thief.send(new TextEncoder().encode('synthetic, by the thief')));
  const genuine = await opens(await victim.send(new TextEncoder().encode('synthetic, by the member')));
  record.finding(`A thief of the state who writes with it passes for the member (${forged} of ${others.length} clients accept). The member’s own next message then uses a key that is spent: ${genuine} of ${others.length} clients open it, which is a sign that somebody else writes.`);
}

/** What a client keeps for messages that come late, and what that gives to a thief. */
async function findRetention(conditions: Conditions, record: Recorder): Promise<void> {
  const settings = [
    { name: 'the library’s defaults (10 generations, 4 epochs, 200 steps)', retention: undefined },
    { name: 'the least that the library can be set to (0 generations, 1 epoch, 200 steps)', retention: { retainKeysForGenerations: 0, retainKeysForEpochs: 1, maximumForwardRatchetSteps: 200 } },
  ];
  const lines: string[] = [];
  for (const { name, retention } of settings) {
    const opened = await openWorld(conditions, 'baseline retention');
    const live = await Promise.all(opened.live.map((m) => m.fork('retention', retention === undefined ? {} : { retention })));
    const world: World = { ...opened, live, conditions: { ...conditions, epochs: 3 } };
    const order = standardOrder(world);
    const victim = live[1];
    if (victim === undefined) throw new RangeError('a group of at least two expected');
    const { hooks, theft } = takeDevice(victim, order.issuedAt);
    const transcript = await talk(world, { ...hooks, ...lateNetwork(world.random.fork('network')) });
    const past = await openPast(theft(), transcript.wire);
    const { count, of } = countOpened(past, transcript, (m) => m.epoch < order.issuedAt);
    const read = [...past.keys()].filter((index) => theft().read.has(index)).length;
    lines.push(`with ${name} a stolen state opens ${count} of the ${of} messages sent before, ${read} of them read already, and ${transcript.lost} of ${transcript.deliveries} deliveries are lost`);
  }
  record.finding(`Keys kept for late messages are a trade between losing messages and forward secrecy. When ${LATE.share * 100} % of deliveries come late by up to ${LATE.most} messages (an assumption), ${lines.join('; ')}. In order, both settings lose nothing and give nothing of the past.`);
  record.finding('This library takes a setting of 0 epochs as keeping all epochs; 1 is the least that it keeps.');
}

/** Times of the five acts, each on forks that stand where all have just joined. */
async function recordTimes(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'baseline timed');
  const [first, second] = world.live;
  if (first === undefined || second === undefined) throw new RangeError('a group of at least two expected');
  const plaintext = syntheticText(world.random.fork('timed'), 0, conditions.payloadBytes);
  const [sender, receiver] = [await first.fork('sending'), await second.fork('receiving')];
  const sent: Uint8Array[] = [];
  record.time(await timeInTurns('time.send', 41, async () => sent.push(await sender.send(plaintext))));
  const incoming = sent.values();
  record.time(await timeInTurns('time.receive', 41, () => receiver.receive(next(incoming))));
  const rounds = conditions.size <= 10 ? 21 : conditions.size <= LARGE ? 7 : 3;
  const update = await (await first.fork('updating')).update();
  const acts: readonly ['time.join' | 'time.update' | 'time.process-update', Member, (m: Member) => Promise<unknown>][] = [
    ['time.join', second, (m) => m.join(world.welcome)],
    ['time.update', first, (m) => m.update()],
    ['time.process-update', second, (m) => m.receive(update)],
  ];
  for (const [id, member, act] of acts) {
    const forks = (await Promise.all(Array.from({ length: rounds }, (_, i) => member.fork(`${id} ${i}`)))).values();
    record.time(await timeInTurns(id, rounds, () => act(next(forks))));
  }
}

function next<T>(values: Iterator<T>): T {
  const { value, done } = values.next() as IteratorResult<T, undefined>;
  if (done === true) throw new RangeError('one for every round expected');
  return value;
}
