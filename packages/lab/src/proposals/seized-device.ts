/**
 * Access by a seized device: what the state of a device gives to whoever takes it unlocked, of the past and of what follows.
 * The protocol is left as it is. Sources: lawful-hacking-2014 for the approach, rfc9420 for what a client deletes and when.
 * @module
 */
import { countOpened, measureAccess, recordReading, standardOrder } from '../access.ts';
import type { Arrangement, Opened } from '../access.ts';
import { SeizedState } from '../mls/open.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { LATE, lateNetwork, openByGuess, openFuture, openPast, takeDevice } from '../theft.ts';
import type { Theft } from '../theft.ts';
import { openWorld, talk } from '../world.ts';
import type { Hooks, Transcript, World } from '../world.ts';

export const seizedDevice: Proposal = {
  id: 'seized-device',
  title: 'Access by seized device',
  family: 'access',
  kind: 'measurement',
  sources: ['lawful-hacking-2014', 'rfc9420', 'us-wiretap-2017', 'manhattan-da-2020'],
  does: [
    'With an order, investigators take a device, or get into it from afar, and copy what it holds. Nothing is built into the service or into the protocol.',
    'The device is taken unlocked, or they have a means to open it. Its copy opens what the protocol still has keys for, and goes on to open what is sent afterwards, until the device renews its keys or is removed.',
    'In the first variant messages arrive in the order in which they were sent. In the second the network delays some, as it does when a phone is switched off or out of reach: a client keeps keys for messages that have not arrived.',
  ],
  claims: [
    { text: 'Access is to one device at a time.', source: 'lawful-hacking-2014', metrics: ['exposed.by-standing-key', 'exposed.people-read', 'exposed.others-by-access', 'coalition.least'] },
    { text: 'The service and its protocol are not redesigned.', source: 'lawful-hacking-2014', metrics: ['trust.lines', 'trust.standing-keys', 'wire.message-added'] },
    { text: 'A client that deletes keys after use gives nothing of the past.', source: 'rfc9420', metrics: ['reach.past'] },
    { text: 'A member that renews its keys locks out whoever copied the old ones.', source: 'rfc9420', metrics: ['reach.future', 'evasion.share'] },
  ],
  couldNot: [
    'What the app stores. Most messaging apps keep the text of messages on the device, and whoever opens the device reads that history. It is not in the protocol and not counted: for a device that keeps its history, the share of earlier messages read is whatever the history holds.',
    'Whether the device can be opened at all, how long that takes and what it costs: that depends on the phone, its passcode and the tools, and no run of a protocol tells. Published counts stand beside.',
    'The means of getting into a device. The lab holds no exploit, and what flaws that are kept secret for it do to other people’s security was not measured.',
    'Whether a person notices that the device was away or behaves oddly.',
    'An active holder, who writes as the member or renews the keys in its place. Only reading was measured here; see the baseline for impersonation.',
  ],
  attackers: [
    { name: 'reader of the order', holds: 'the device’s state, and what was recorded on the wire', tries: 'to read what came before', metric: 'reach.past' },
    { name: 'the same, reading on', holds: 'the device’s state, and the wire from then on', tries: 'to read what follows, from everybody' },
    { name: 'investigators and service without a device', holds: 'tools to open devices, and the wire', tries: 'to read anything' },
    { name: 'target who renews its keys', holds: 'a client that updates', tries: 'to lock the copy out', metric: 'evasion.share' },
  ],
  comparators: [
    { metric: 'reach.future', says: 'Of 3,813 wiretaps ordered in the United States in 2017, encryption was met in 102 under state and 57 under federal orders; 97 and 37 of these were not deciphered.', source: 'us-wiretap-2017', differs: 'Counts of orders on lines, not of devices in hand; all kinds of encryption; investigators ask less often where they expect encryption. Ours is the share of messages once a device is open.' },
    { metric: 'reach.past', says: 'Nearly 2,500 of more than 8,000 locked devices received since 2014 by one prosecutor’s laboratory were still inaccessible.', source: 'manhattan-da-2020', differs: 'Counts whether a device could be opened at all, with all it stores. Ours begins when it is open, and counts what the protocol’s state gives.' },
  ],
  variants: [{ id: 'in-order', title: 'messages arrive in order' }, { id: 'out-of-order', title: 'some messages arrive late' }],
  mechanism: [],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const late = variant === 'out-of-order';
    const made: SeizureArrangement[] = [];
    const { world, transcript, view, opened } = await measureAccess(`seized-device ${variant}`, conditions, record, (w) => {
      const arrangement = arrangeSeizure(w, late);
      made.push(arrangement);
      return Promise.resolve(arrangement);
    });
    const theft = made[0]?.theft();
    if (theft === undefined) throw new RangeError('a device that was taken expected');
    recordReading('the same, reading on', opened, transcript, record, (m) => m.epoch >= theft.epoch, 'messages opened that were sent after the seizure');
    recordReading('investigators and service without a device', await openByGuess(world.random, view), transcript, record);
    await findPast(theft, transcript, late, record);
    if (late) await findCorrespondents(conditions, record);
    recordNoticing(made[0]?.rosters ?? [], world, transcript, record);
    await recordEvasion(conditions, record);
  },
};

interface SeizureArrangement extends Arrangement {
  readonly theft: () => Theft;
  /** Rosters of all members before anything happened. */
  readonly rosters: readonly string[];
}

function arrangeSeizure(world: World, late: boolean): SeizureArrangement {
  const { issuedAt } = standardOrder(world);
  const target = world.live[1];
  if (target === undefined) throw new RangeError('a group of at least two expected');
  const { hooks, theft } = takeDevice(target, issuedAt);
  return {
    theft,
    rosters: world.live.map((m) => m.roster().join(' ')),
    parties: [
      { id: 'investigators', role: 'take the device and copy it', holds: ['means to open a locked device'], standing: false },
      { id: 'tool-maker', role: 'makes what opens a locked device', holds: ['means to open a locked device'], standing: false },
      { id: 'service', role: 'carries messages, and hands over the recorded wire', holds: [], standing: false },
    ],
    hooks: { ...hooks, ...(late ? lateNetwork(world.random.fork('network')) : {}) },
    acts: 2,
    // Means to open devices hold no secret of a message without a device in hand: what is left is to make one up.
    read: (_coalition, view) => openByGuess(world.random, view),
    async access(_order, view): Promise<Opened> {
      return new Map([...await openPast(theft(), view.wire), ...await openFuture(theft(), view.wire)]);
    },
  };
}

/** What of the past was there to be had: others' messages too, and how much the library keeps beyond what the standard asks for. */
async function findPast(theft: Theft, transcript: Transcript, late: boolean, record: Recorder): Promise<void> {
  const earlier = (m: { epoch: number }): boolean => m.epoch < theft.epoch;
  const derived = await openPast(theft, transcript.wire);
  const client = await openPast(theft, transcript.wire, 'as client');
  const [all, asClient] = [countOpened(derived, transcript, earlier), countOpened(client, transcript, earlier)];
  const alreadyRead = [...derived.keys()].filter((index) => theft.read.has(index)).length;
  if (!late) {
    record.finding(`Of the ${all.of} messages sent before the seizure, by anybody, the state opens ${all.count}: the client had deleted the key of each when it read it.`);
    return;
  }
  record.finding(`${LATE.share * 100} % of deliveries came late, by up to ${LATE.most} messages (an assumption): ${transcript.lost} of ${transcript.deliveries} came too late for the receiving client to open.`);
  record.finding(`The target’s device keeps no key of what the target itself wrote, late or not. Of the ${all.of} messages sent before the seizure by anybody, its state opens ${all.count}: ${asClient.count} that the client itself would still open since they have not arrived, and ${all.count - asClient.count} more that can be derived. ${alreadyRead} of the ${all.count} had been read on the device before.`);
  record.finding('For a message that has not arrived the library used here keeps the secret of the sender’s ratchet, from which the keys of all later messages of that sender in that epoch can be derived again. RFC 9420 (section 9.2) has a client keep key and nonce of that message only. A client that follows it would give the first of the two counts.');
}

/** The devices of those whom the target wrote to: where late messages of the target may still have keys. */
async function findCorrespondents(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'seized-device correspondents');
  const order = standardOrder(world);
  const devices = world.live.filter((m) => m.name !== order.target).map((m) => takeDevice(m, order.issuedAt));
  const hooks: Hooks = {
    ...lateNetwork(world.random.fork('network')),
    async beforeEpoch(epoch, w) {
      for (const device of devices) await device.hooks.beforeEpoch?.(epoch, w);
    },
  };
  const transcript = await talk({ ...world, conditions: { ...world.conditions, epochs: order.issuedAt } }, hooks);
  const wrote = (m: { sender: string; epoch: number }): boolean => m.sender === order.target && m.epoch < order.issuedAt;
  const counts: number[] = [];
  let of = 0;
  for (const device of devices) {
    const { count, of: all } = countOpened(await openPast(device.theft(), transcript.wire), transcript, wrote);
    counts.push(count);
    of = all;
  }
  record.finding(`Seizing the device of somebody whom the target wrote to, in place of the target’s, opens ${Math.min(...counts)} to ${Math.max(...counts)} of the ${of} messages that the target had sent before (${counts.length} devices tried).`);
}

function recordNoticing(before: readonly string[], world: World, transcript: Transcript, record: Recorder): void {
  const changed = world.live.filter((m, i) => m.roster().join(' ') !== before[i]).length;
  const handshakes = transcript.wire.filter((m) => m.kind === 'commit').length - world.conditions.epochs;
  record.share('noticed.clients', changed, world.live.length, { note: 'clients whose roster changed; a copy that only reads sends nothing' });
  record.share('noticed.monitor', Math.min(1, handshakes), 1, { note: 'commits beyond the one of each epoch' });
}

/** The target renews its keys one epoch after the seizure; and, apart from that, the others remove its device. */
async function recordEvasion(conditions: Conditions, record: Recorder): Promise<void> {
  const outcome = async (way: 'renews' | 'is removed'): Promise<{ before: { count: number; of: number }; after: { count: number; of: number } }> => {
    const opened = await openWorld(conditions, `seized-device ${way}`);
    const world: World = { ...opened, conditions: { ...conditions, epochs: 1 } };
    const [first, target] = world.live;
    if (first === undefined || target === undefined) throw new RangeError('a group of at least two expected');
    const thief = SeizedState.of(target.seize());
    const follow = async (transcript: Transcript): Promise<{ count: number; of: number }> => {
      const texts = new Map<number, Uint8Array>();
      for (const message of transcript.wire) {
        const text = await thief.take(message.bytes);
        if (text !== undefined) texts.set(message.index, text);
      }
      return countOpened(texts, transcript, (m) => way === 'is removed' || m.sender === target.name);
    };
    const before = await follow(await talk(world));
    const commit = way === 'renews' ? await target.update() : (await first.remove(target.name)).commit;
    for (const member of world.live.filter((m) => m !== (way === 'renews' ? target : first))) await member.receive(commit);
    await thief.take(commit);
    const staying = way === 'renews' ? world.live : world.live.filter((m) => m !== target);
    return { before, after: await follow(await talk({ ...world, live: staying })) };
  };
  const [renewed, removed] = [await outcome('renews'), await outcome('is removed')];
  record.share('evasion.share', renewed.after.of - renewed.after.count, renewed.after.of, { note: 'messages of the target after its device has renewed its keys once' });
  record.number('evasion.trials', 1, { note: 'one commit; the owner need not know of the copy' });
  record.finding(`Before the target’s device renewed its keys the copy opened ${renewed.before.count} of ${renewed.before.of} of its messages, afterwards ${renewed.after.count} of ${renewed.after.of}. When the others removed the device instead, the copy opened ${removed.after.count} of ${removed.after.of} of theirs, against ${removed.before.count} of ${removed.before.of} before.`);
  record.finding(`Here members renew their keys in turn, one in each epoch. The copy reads on until it is the seized device’s turn: in a group of ${conditions.size} that is at most ${conditions.size} epochs (computed), and never if the device does not renew.`);
}
