/**
 * The ghost participant: an authority's device is added to the conversation, with clients that show it and with clients that
 * hide it, and who notices, who can do it, and how a person gets out of it.
 * Sources: levy-robinson-2018 for the proposal, ghost-open-letter-2019 for the objections, rfc9420 for the protocol.
 * @module
 */
import { countOpened, measureAccess, recordReading, standardOrder } from '../access.ts';
import { arrangeGhost, ghostOf, letIn } from '../mechanisms/ghost-arrangement.ts';
import type { GhostArrangement, Joining } from '../mechanisms/ghost-arrangement.ts';
import { addAnnounced, announcedDevices, makeGhost, shownDevices } from '../mechanisms/ghost-participant.ts';
import type { Member } from '../mls/member.ts';
import { SeizedState } from '../mls/open.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { timeInTurns } from '../record.ts';
import type { Recorder } from '../record.ts';
import { openWorld, syntheticText } from '../world.ts';
import type { Transcript, World } from '../world.ts';

export const ghostParticipant: Proposal = {
  id: 'ghost-participant',
  title: 'Ghost participant',
  family: 'access',
  kind: 'measurement',
  sources: ['levy-robinson-2018', 'ghost-open-letter-2019', 'rfc9420'],
  does: [
    'With an order, the service puts a device of the authority into the conversation, as one more participant. The messages stay encrypted from end to end, and one of the ends is now the authority.',
    'In MLS a service cannot add anybody by itself. The identity service has to vouch for the new device under some name, and a member’s client has to add it, or the group has to allow devices to join by themselves. Here the device is enrolled as a second device of the person whom the order names, and the client of another member adds it because the service announces it.',
    'The first variant leaves all clients as they are. In the second, the maker of the clients ships a version that does not show the device and does not tell that it came.',
  ],
  claims: [
    { text: 'Everything stays encrypted from end to end; there is an extra end on this conversation.', source: 'levy-robinson-2018', metrics: ['reach.past', 'secrecy.past-messages', 'wire.message-added'] },
    { text: 'A notice has to be suppressed on the device of the target, and possibly on those of the people the target talks with.', source: 'levy-robinson-2018', metrics: ['noticed.clients'] },
    { text: 'Access is to one conversation at a time, and not to all.', source: 'levy-robinson-2018', metrics: ['exposed.people-read', 'exposed.others-by-access', 'exposed.by-standing-key', 'coalition.least'] },
    { text: 'It undermines the check that people are talking with whom they think.', source: 'ghost-open-letter-2019', metrics: ['noticed.clients', 'coalition.least'] },
    { text: 'The relationship of trust between a service and its users is not changed in a fundamental way.', source: 'levy-robinson-2018', metrics: [] },
  ],
  couldNot: [
    'Whether people read what their client shows them. Counted is what a client shows, or would have shown.',
    'Whether a person takes a second device under a friend’s name for a new phone. Only the owner of the name knows how many devices there are.',
    'How a patched client would be shipped to some people and not to others, and who would find out by taking it apart.',
    'A maker of clients who may change them at will needs no ghost: a client can be made to send anything anywhere. This holds for every messenger, with or without this proposal, and was not counted.',
  ],
  attackers: [
    { name: 'service alone', holds: 'the wire, and the announcing of devices', tries: 'to have a device of its own added, and to read with it' },
    { name: 'service and directory together', holds: 'the wire, announcing, and vouching for keys', tries: 'to do without an order what the order allows', metric: 'coalition.least' },
    { name: 'user with an unpatched client', holds: 'the own client', tries: 'to notice' },
    { name: 'target who refuses the device', holds: 'the own client, which rejects the commit', tries: 'to write to the others past the ghost', metric: 'evasion.share' },
    { name: 'observer of the wire', holds: 'sizes and number of messages', tries: 'to tell that a device was added', metric: 'noticed.monitor' },
    { name: 'thief of the authority’s device', holds: 'the state of the added device', tries: 'to read on' },
  ],
  comparators: [],
  variants: [{ id: 'honest-client', title: 'clients show the device' }, { id: 'patched-client', title: 'clients hide the device' }],
  mechanism: ['ghost-participant.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const patched = variant === 'patched-client';
    const made: GhostArrangement[] = [];
    const { world, arrangement, transcript, order, view } = await measureAccess(`ghost-participant ${variant}`, conditions, record, (w) => {
      const ghost = arrangeGhost(w, patched);
      made.push(ghost);
      return Promise.resolve(ghost);
    });
    const joining = made[0]?.joining();
    if (joining === undefined) throw new RangeError('a ghost that joined expected');
    recordReading('service alone', await arrangement.read(new Set(['service']), view), transcript, record);
    recordNoticing(patched, joining, order.target, world, record);
    await recordMonitor(patched, conditions, transcript, record);
    await recordEvasion(patched, conditions, record);
    if (patched) return;
    await findTheft(joining, transcript, order.issuedAt, record);
    await findRemoval(conditions, record);
    await findRejecting(conditions, record);
    await findExternalCommit(conditions, record);
    await recordTimes(conditions, record);
  },
};

function recordNoticing(patched: boolean, { ghost, seen, authenticators }: Joining, target: string, world: World, record: Recorder): void {
  const key = ghost.devices().find((d) => d.leaf === ghost.leafIndex)?.signatureKey ?? '';
  const hidden = new Set([key]);
  const noticing = (unpatched: number): number => seen.filter(({ before, after }, i) => announcedDevices(before, after, i < unpatched ? new Set() : hidden).length > 0).length;
  const all = seen.length;
  const roster = seen.filter(({ after }) => shownDevices(after, patched ? hidden : new Set()).filter((d) => d.name === target).length > 1).length;
  const told = seen.filter(({ told: names }) => names?.includes(target) === true && !patched).length;
  record.attack('user with an unpatched client', noticing(all), all, 'unpatched clients show the device');
  record.share('noticed.clients', noticing(patched ? 0 : all), all, { note: patched ? 'all clients that run are patched; the count is of them all' : 'clients that show a device that was not there before' });
  record.finding(`By the roster, ${roster} of ${all} clients show two devices under the target’s name. By the notice of the commit, ${told} of the ${all - 1} clients that did not make it themselves show it.`);
  record.finding(`Comparing epoch authenticators by another way shows nothing: ${new Set(authenticators).size} value among the ${all} members and the ghost, since all of them see the same group.`);
  const listed = world.directory.keysOf(target).length;
  record.finding(`The directory lists ${listed} keys under the target’s name, and the target has 1 device. Were the directory’s list public and complete, its owner alone could tell that one key is not theirs: ${listed > 1 ? 1 : 0} of ${all} people who run a client here. The other ${all - 1} see a second device of somebody who may have bought one.`);
  if (patched) {
    const rows = [...new Set([0, 1, Math.ceil(all / 2), all])].map((k) => `${k} unpatched: ${noticing(k)} of ${all} notice`);
    record.finding(`Every unpatched client shows the device and every patched one hides it (${rows.join('; ')}). One client left unpatched is enough for one person to be told, so all clients in the group have to be changed, and not the target’s alone.`);
  }
}

/** What somebody sees who knows the sizes of handshake messages in an ordinary epoch. */
async function recordMonitor(patched: boolean, conditions: Conditions, transcript: Transcript, record: Recorder): Promise<void> {
  const commits = transcript.wire.filter((m) => m.kind === 'commit').map((m) => m.bytes.length);
  const [least, most] = [Math.min(...commits), Math.max(...commits)];
  const arriving = async (label: string): Promise<Joining> => {
    const world = await openWorld(conditions, 'ghost-participant arriving');
    return letIn(world, await makeGhost(standardOrder(world).target, world.random.fork(label), world.directory, conditions.padding));
  };
  const [ghost, phone] = [await arriving('ghost'), await arriving('second phone')];
  const same = phone.commit.length === ghost.commit.length && phone.welcome.length === ghost.welcome.length;
  const unusual = ghost.commit.length < least || ghost.commit.length > most;
  record.share('noticed.monitor', 1, 1, { note: 'the observer sees that a device joined, by a second commit in one epoch and a welcome; not whose device it is' });
  record.finding(`The observer of the wire sees one commit at the beginning of every epoch (${least} to ${most} bytes in this run) and, when the ghost comes, one more of ${ghost.commit.length} bytes${unusual ? ', a size that no ordinary commit has,' : ''} and a welcome of ${ghost.welcome.length}. A second phone that the target really adds at the same moment gives ${phone.commit.length} and ${phone.welcome.length} bytes: ${same ? 'the two cannot be told apart by size' : 'the two differ'}.${patched ? ' A patched client does not change this.' : ''}`);
}

/** The target’s client refuses the commit and writes on in the epoch that it is in: the others still hold its keys for some epochs. */
async function recordEvasion(patched: boolean, conditions: Conditions, record: Recorder): Promise<void> {
  const plain = await openWorld(conditions, 'ghost-participant evading');
  const refusing = await plain.live[1]?.fork('refusing', { policy: (seen) => seen.added.length === 0 });
  if (refusing === undefined) throw new RangeError('a group of at least two expected');
  const world: World = { ...plain, live: plain.live.map((m, i) => (i === 1 ? refusing : m)) };
  const others = world.live.filter((m) => m !== refusing);
  const { ghost } = await letIn(world, await ghostOf(world));
  const text = world.random.fork('text');
  const perEpoch = Math.ceil(conditions.messagesPerEpoch / world.live.length);
  const [counts, read] = [{ sent: 0, passed: 0, ghost: 0 }, { sent: 0, opened: 0 }];
  for (let epoch = standardOrder(world).issuedAt; epoch <= conditions.epochs; epoch += 1) {
    const committer = others[epoch % others.length];
    if (committer === undefined) throw new RangeError('a group of at least two expected');
    const commit = await committer.update();
    for (const member of [...others.filter((m) => m !== committer), ghost]) await member.receive(commit);
    for (let i = 0; i < perEpoch; i += 1) {
      const bytes = await refusing.send(syntheticText(text, i, conditions.payloadBytes));
      counts.sent += 1;
      if ((await Promise.all(others.map((m) => opens(m, bytes)))).every(Boolean)) counts.passed += 1;
      if (await opens(ghost, bytes)) counts.ghost += 1;
      const answer = await committer.send(syntheticText(text, i, conditions.payloadBytes));
      for (const member of [...others.filter((m) => m !== committer), ghost]) await member.receive(answer);
      read.sent += 1;
      if (await opens(refusing, answer)) read.opened += 1;
    }
  }
  record.share('evasion.share', counts.passed - counts.ghost, counts.sent, { note: 'one person’s client refuses the commit that adds the device and writes on in the epoch before it; the others’ clients still hold that epoch’s keys' });
  record.number('evasion.trials', 1);
  record.finding(`A target whose client refuses the device is cut off: of the ${read.sent} messages that another member wrote afterwards it opened ${read.opened}. What it wrote itself reached the others (${counts.passed} of ${counts.sent}) as long as they kept keys of the old epoch, four epochs by default, and the ghost opened ${counts.ghost}.${patched ? ' In this variant the target needs a client that is not patched.' : ''}`);
}

async function opens(member: Member, bytes: Uint8Array): Promise<boolean> {
  return (await member.receive(bytes).catch(() => undefined))?.kind === 'message';
}

/** Whoever takes the state of the authority's device when it has joined reads on as it does. */
async function findTheft({ ghost }: Joining, transcript: Transcript, issuedAt: number, record: Recorder): Promise<void> {
  const stolen = SeizedState.of(ghost.seize());
  const opened = new Map<number, Uint8Array>();
  for (const message of transcript.wire.filter((m) => m.epoch >= issuedAt)) {
    const text = await stolen.take(message.bytes);
    if (text !== undefined) opened.set(message.index, text);
  }
  recordReading('thief of the authority’s device', opened, transcript, record, (m) => m.epoch >= issuedAt, 'messages opened that were sent after the device came in');
  const { count, of } = countOpened(opened, transcript);
  record.finding(`A thief of the added device’s state reads on as the authority does: ${count} of all ${of} messages, until the device is removed or renews its keys. The device renewed none in this run: it only listens.`);
}

/** Once somebody removes the device, it reads nothing more. */
async function findRemoval(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'ghost-participant removal');
  const ghost = await ghostOf(world);
  await letIn(world, ghost);
  const [, during] = await exchange(world.live, ghost, conditions, world);
  const [remover, ...others] = world.live;
  if (remover === undefined) throw new RangeError('a group of at least two expected');
  const { commit } = await remover.removeLeaf(ghost.leafIndex);
  for (const member of [...others, ghost]) await member.receive(commit);
  const [delivered, after] = await exchange(world.live, ghost, conditions, world);
  record.finding(`The device stays until somebody removes it: the design does not say who does when the order ends, and the service cannot do it alone. After a member’s client removes it (a commit of ${commit.length} bytes), it reads ${after.opened} of ${after.of} messages, against ${during.opened} of ${during.of} before; the members read ${delivered.opened} of ${delivered.of}.`);
}

/** All clients but the one that added the device refuse it. */
async function findRejecting(conditions: Conditions, record: Recorder): Promise<void> {
  const plain = await openWorld(conditions, 'ghost-participant rejecting');
  const live = await Promise.all(plain.live.map((m, i) => (i === 0 ? Promise.resolve(m) : m.fork('rejecting', { policy: (seen) => seen.added.length === 0 }))));
  const world: World = { ...plain, live };
  const epoch = live[1]?.epoch;
  const { ghost, seen } = await letIn(world, await ghostOf(world));
  const rejecting = live.slice(1);
  const stayed = rejecting.filter((m) => m.epoch === epoch).length;
  const [delivered, read] = await exchange(rejecting, ghost, conditions, world);
  record.finding(`Clients that refuse additions stay in the old epoch: ${stayed} of ${rejecting.length}, and ${seen.filter((s) => s.accepted).length} goes on with the ghost. Among themselves they go on without it: ${delivered.opened} of ${delivered.of} deliveries opened, and the ghost read ${read.opened} of ${read.of}.`);
}

/** The group lets devices join by themselves: the members' clients publish what is needed for it. */
async function findExternalCommit(conditions: Conditions, record: Recorder): Promise<void> {
  const outcome = async (enrolled: boolean): Promise<{ commit: number; info: number; accepted: number; told: number; read: number; of: number; live: number }> => {
    const world = await openWorld(conditions, `ghost-participant external ${enrolled ? 'enrolled' : 'not enrolled'}`);
    const ghost = await ghostOf(world, enrolled);
    const [publishing] = world.live;
    if (publishing === undefined) throw new RangeError('a group of at least two expected');
    const info = await publishing.groupInfo();
    const commit = await ghost.joinExternally(info);
    let [accepted, told] = [0, 0];
    for (const member of world.live) {
      const got = await member.receive(commit).catch(() => undefined);
      if (got?.kind !== 'commit') continue;
      if (got.accepted) accepted += 1;
      if (got.seen.added.includes(ghost.name)) told += 1;
    }
    const [, read] = await exchange(world.live, ghost, conditions, world);
    return { commit: commit.length, info: info.length, accepted, told, read: read.opened, of: read.of, live: world.live.length };
  };
  const [listed, unknown] = [await outcome(true), await outcome(false)];
  record.finding(`Where a group lets devices join by themselves (a group information of ${listed.info} bytes that a member’s client publishes, and a commit of ${listed.commit} bytes), no member’s client has to add the ghost: ${listed.accepted} of ${listed.live} clients accept it, ${listed.told} are told who joined, and it reads ${listed.read} of ${listed.of} messages. That commit is not encrypted: whoever sees the wire reads the name in it. A device that the directory does not know is accepted by ${unknown.accepted} of ${unknown.live} and reads ${unknown.read}.`);
}

/** Every one of these members writes once to the others: deliveries opened, and what the ghost opens. */
async function exchange(members: readonly Member[], ghost: Member, conditions: Conditions, world: World): Promise<[{ opened: number; of: number }, { opened: number; of: number }]> {
  const text = world.random.fork('exchange');
  const [delivered, read] = [{ opened: 0, of: 0 }, { opened: 0, of: 0 }];
  for (const [i, sender] of members.entries()) {
    const bytes = await sender.send(syntheticText(text, i, conditions.payloadBytes));
    for (const member of members.filter((m) => m !== sender)) {
      delivered.of += 1;
      if (await opens(member, bytes)) delivered.opened += 1;
    }
    read.of += 1;
    if (await opens(ghost, bytes)) read.opened += 1;
  }
  return [delivered, read];
}

/** Times of adding the ghost; its joining beside a member’s, in turns. */
async function recordTimes(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'ghost-participant timed');
  const rounds = conditions.size > 10 ? 5 : 11;
  const [first, second] = world.live;
  if (first === undefined || second === undefined) throw new RangeError('a group of at least two expected');
  const ghost = await ghostOf(world);
  const { commit, welcome } = await addAnnounced(await first.fork('adding'), ghost);
  if (welcome === undefined) throw new RangeError('a welcome expected');
  const timed = async (id: 'time.add-device' | 'time.process-add' | 'time.join', subject: Member, own: (m: Member) => Promise<unknown>, note: string, beside?: { member: Member; act: (m: Member) => Promise<unknown> }): Promise<void> => {
    const forks = async (member: Member, which: string): Promise<() => Member> => {
      const made = (await Promise.all(Array.from({ length: rounds }, (_, i) => member.fork(`${id} ${which} ${i}`)))).values();
      return () => {
        const { value, done } = made.next();
        if (done === true) throw new RangeError('a fork for every round expected');
        return value;
      };
    };
    const [a, b] = [await forks(subject, 'a'), beside && await forks(beside.member, 'b')];
    const baseline = beside && b && (() => beside.act(b()));
    record.time({ ...(await timeInTurns(id, rounds, () => own(a()), baseline)), note });
  };
  await timed('time.add-device', first, (m) => addAnnounced(m, ghost), 'once: a member’s client adds the device');
  await timed('time.process-add', second, (m) => m.receive(commit), 'once: a member takes in the commit that adds the device');
  await timed('time.join', ghost, (m) => m.join(welcome), 'once: the added device takes in its welcome; beside it, a member’s joining', { member: second, act: (m) => m.join(world.welcome) });
}
