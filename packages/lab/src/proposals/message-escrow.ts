/**
 * Escrow in every message, in four forms, with what a sender does who does not want to be read.
 * Sources: FIPS 185 (1994) and Blaze (1994) for the Clipper chip's field; the key recovery literature as gathered in Keys Under Doormats.
 * @module
 */
import type { Arrangement, Opened, View } from '../access.ts';
import { measureAccess, recordReading, recordUnnoticed } from '../access.ts';
import { clearPart } from '../mls/open.ts';
import type { MessageKey } from '../mls/member.ts';
import { sealingKey } from '../mls/suite.ts';
import { FIELD, acceptsField, identify, joinHalves, makeField, openSealed } from '../mechanisms/message-escrow-clipper.ts';
import type { Device } from '../mechanisms/message-escrow-clipper.ts';
import { forgeField } from '../mechanisms/message-escrow-forge.ts';
import { keyAndNonce, openField, readByKey, readCopies, recomputes, sealField, sealRecomputably } from '../mechanisms/message-escrow.ts';
import { clopperPearson } from '../intervals.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { openWorld, syntheticText, talk } from '../world.ts';
import type { Hooks, Outgoing, Transcript, WireMessage, World } from '../world.ts';

export const messageEscrow: Proposal = {
  id: 'message-escrow',
  title: 'Escrow in every message',
  family: 'access',
  kind: 'measurement',
  sources: ['fips-185', 'blaze-1994', 'nsa-leaf-1994', 'keys-under-doormats-2015'],
  does: [
    'Every message carries a small sealed field. Whoever holds the keys to the fields can open the message, now or years later.',
    'Four forms are run. “Complete”: the field holds the key of the message, sealed to one master key. “Copy”: it holds the text once more. “Clipper”: it follows the chip of 1993; every device has a key of its own, two custodians keep half of it each, and an authority keeps a third key, which is also inside every device. “Recomputable”: like “complete”, but made so that receivers can make the field again and compare.',
    'With an order, the fields of one person’s messages are opened. In the Clipper form the custodians hand over the two halves of that person’s device key.',
  ],
  claims: [
    { text: 'Two custodians and the authority must act together: none of them reads alone.', source: 'fips-185', metrics: ['coalition.least', 'exposed.below-coalition', 'exposed.by-standing-key'] },
    { text: 'A receiving device refuses messages without a valid field, so that nobody can use the encryption without the access.', source: 'fips-185', metrics: ['evasion.share', 'evasion.trials'] },
    { text: 'Access opens the messages of the device that an order names.', source: 'fips-185', metrics: ['exposed.people-read', 'exposed.other-epochs', 'reach.past', 'reach.future'] },
  ],
  couldNot: [
    'How well organisations keep such keys for decades: no run of some seconds tells.',
    'The chip kept the family key in hardware that resists opening. Here, as in any client that is software, the key can be read out; how long hardware would keep it was not measured.',
    'A sender who encrypts the text before the client sees it passes every form: the reader opens the message and finds ciphertext. It was not run, since nothing of the proposal could show otherwise.',
    'A receiver’s check takes place after its client has decrypted. Whether the person has read the text by then is up to the client.',
    'The lab’s first figures sealed an inner key that MLS hides from a reader: 65 bytes were a lower bound and opened nothing. Here the field holds the key and nonce of the MLS ciphertext, and the reader opens what was on the wire.',
    'The library does not hand a message’s key to its caller. Where receivers check with it, the key is derived a second time, and that is in the time to receive.',
  ],
  attackers: [
    { name: 'thief of the master key, or of one custodian’s keys', holds: 'one standing secret, and what was recorded on the wire', tries: 'to read everything, before and after the theft', metric: 'exposed.by-standing-key' },
    { name: 'the service', holds: 'the wire', tries: 'to read anything, with keys of its own making' },
    { name: 'reader of an order who reads on', holds: 'what was handed over for the order', tries: 'to read messages that the order does not cover', metric: 'exposed.others-by-access' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to send a field that receivers accept and that opens nothing', metric: 'evasion.share' },
    { name: 'sender who forges the Clipper field', holds: 'a device that says whether it accepts a field', tries: 'fields drawn by chance until one is accepted' },
  ],
  comparators: [
    { metric: 'evasion.trials', says: 'a forged field is found after about 2^16 trials', source: 'blaze-1994', differs: 'the chip’s own cipher and checksum on real hardware; ours has the same 16 bits and another cipher. Not checked at the source beyond its abstract' },
    { metric: 'evasion.trials', says: '65,536 tries on average, “less than an hour”', source: 'nsa-leaf-1994', differs: 'the time is that of the card of 1994; read in an extract' },
    { metric: 'wire.message-added', says: '+65 bytes for a sealed key of 16 bytes, +149 for a sealed copy', source: 'lab-first-figures', differs: 'the sealed key opened no MLS ciphertext and carried no nonce: a lower bound. The copy is the same design as here' },
    { metric: 'evasion.share', says: '10 of 10 messages with a garbage field were accepted', source: 'lab-first-figures', differs: 'no receiver check was built; as in “complete” here' },
    { metric: 'exposed.by-standing-key', says: '90 of 100 messages read with the stolen master key: all honest ones', source: 'lab-first-figures', differs: 'ten of the hundred messages carried a garbage field; here they are in a conversation of their own' },
  ],
  variants: [
    { id: 'complete', title: 'key sealed to one master key' },
    { id: 'copy', title: 'text sealed to one master key' },
    { id: 'clipper', title: 'after the Clipper chip of 1993' },
    { id: 'recomputable', title: 'key sealed so that receivers can check' },
  ],
  mechanism: ['message-escrow.ts', 'message-escrow-clipper.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const setUp = SETUPS[variant];
    if (setUp === undefined) throw new RangeError(`one of ${Object.keys(SETUPS).join(', ')} expected, got ${variant}`);
    let guess: SetUp['guess'] | undefined;
    const { world, arrangement, transcript, order, view } = await measureAccess(`message-escrow ${variant}`, conditions, record, async (fresh) => {
      const made = await setUp(fresh);
      guess ??= made.guess;
      return made.arrangement;
    });
    if (guess !== undefined) recordReading('the service', await guess(view), transcript, record);
    await recordUnnoticed(world, arrangement, order, view, record);
    await evade(variant, setUp, conditions, record);
  },
};

/** A variant set up in one world: what honest people do, and the field of a sender who does not co-operate. */
interface SetUp {
  readonly arrangement: Arrangement;
  /** `n`: how many fields this sender has made, from 1. */
  readonly evade: (message: Outgoing, n: number) => Promise<Uint8Array>;
  /** What somebody opens who has the wire and draws the keys by chance. */
  readonly guess: (view: View) => Promise<Opened>;
  /** How the sender does it, for the note. */
  readonly how: string;
  /** Experiments that only this variant has. */
  readonly further?: (world: World, evading: Evading, record: Recorder, conditions: Conditions) => Promise<void>;
}

const SETUPS: Readonly<Record<string, (world: World) => Promise<SetUp>>> = { complete, copy, clipper, recomputable };

/** Master key, held by one authority, another that somebody made without it, and the chance of the seals. */
async function master(world: World): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array; guessed: Uint8Array; chance: SeededRandom; parties: Arrangement['parties'] }> {
  const key = await sealingKey(world.random.fork('master key'));
  const { privateKey: guessed } = await sealingKey(world.random.fork('guessed key'));
  return { ...key, guessed, chance: world.random.fork('message escrow'), parties: [{ id: 'authority', role: 'keeps the master key', holds: ['master key'], standing: true }] };
}

/** What the holder of the master key reads: everything when stolen, the order’s messages when honest. */
function readsWith(read: (messages: readonly WireMessage[]) => Promise<Opened>): Pick<Arrangement, 'read' | 'access' | 'acts'> {
  return {
    read: async (coalition, view) => (coalition.has('authority') ? read(applicationMessages(view)) : new Map()),
    access: (order, view) => read(applicationMessages(view).filter((m) => m.sender === order.target && m.epoch >= order.fromEpoch && m.epoch <= order.toEpoch)),
    acts: 2,
  };
}

/** The form “complete” set up in one world. */
export async function complete(world: World): Promise<SetUp> {
  const { publicKey, privateKey, guessed, chance, parties } = await master(world);
  return {
    arrangement: {
      parties, ...readsWith((messages) => readByKey(messages, (field) => openField(privateKey, field))),
      hooks: { accompany: ({ key }) => sealField(publicKey, keyAndNonce(key), chance.bytes(32)) },
    },
    evade: () => Promise.resolve(chance.bytes(SEALED_KEY)),
    guess: (view) => readByKey(applicationMessages(view), (field) => openField(guessed, field)),
    how: 'a field of chance; receivers check nothing, since they have nothing to check a sealed key against',
    further: oneTrial,
  };
}

async function copy(world: World): Promise<SetUp> {
  const { publicKey, privateKey, guessed, chance, parties } = await master(world);
  return {
    arrangement: {
      parties, ...readsWith((messages) => readCopies(messages, privateKey)),
      hooks: { accompany: ({ plaintext }) => sealField(publicKey, plaintext, chance.bytes(32)) },
    },
    evade: ({ index, plaintext }) => sealField(publicKey, syntheticText(chance, index, plaintext.length), chance.bytes(32)),
    guess: (view) => readCopies(applicationMessages(view), guessed),
    how: 'a copy of another text; receivers check nothing',
    async further(_world, { evading, misread }, record) {
      record.finding(`Of ${evading.size} messages whose field held a copy of another text, the reader took ${misread} for what was sent. Nothing in the design tells the two apart.`);
      record.number('evasion.trials', 1);
      return Promise.resolve();
    },
  };
}

async function recomputable(world: World): Promise<SetUp> {
  const { publicKey, privateKey, guessed, chance, parties } = await master(world);
  const other = (): MessageKey => ({ key: chance.bytes(16), nonce: chance.bytes(12), generation: 0 });
  const accompany = ({ key }: Outgoing): Promise<Uint8Array> => sealRecomputably(publicKey, key);
  const evade = async ({ key }: Outgoing, n: number): Promise<Uint8Array> => {
    const honest = await sealRecomputably(publicKey, key);
    const fakes = [
      chance.bytes(SEALED_KEY), new Uint8Array(), await sealRecomputably(publicKey, other()), await sealField(publicKey, keyAndNonce(other()), chance.bytes(32)),
      Buffer.concat([honest.subarray(0, 32), chance.bytes(SEALED_KEY - 32)]),
    ];
    return fakes[n % fakes.length] ?? honest;
  };
  return {
    arrangement: {
      parties, ...readsWith((messages) => readByKey(messages, (field) => openField(privateKey, field))),
      hooks: { accompany, needsKey: true, check: async ({ key, authenticatedData }) => (key !== undefined && (await recomputes(publicKey, key, authenticatedData)) ? undefined : REFUSED) },
    },
    evade,
    guess: (view) => readByKey(applicationMessages(view), (field) => openField(guessed, field)),
    how: 'only the sender’s client is changed; five kinds of false field in turns: chance, none, another message’s, another key’s, a true ephemeral with a false ciphertext',
    async further(_world, _evading, record, conditions) {
      const fresh = await openWorld({ ...conditions, epochs: 2 }, 'message-escrow recomputable colluding');
      const setUp = await recomputable(fresh);
      const colluding = await converse(fresh, { ...setUp, arrangement: { ...setUp.arrangement, hooks: { accompany } } });
      record.finding(`When receivers’ clients are changed too and do not check, ${colluding.passed} of ${colluding.evading.size} such messages pass and stay closed to the reader: the check binds only people who want it.`);
    },
  };
}

/** What the authority, the custodians and the devices of the Clipper form hold. */
interface ClipperKeys {
  readonly family: Uint8Array;
  /** By the name of the person. */
  readonly devices: ReadonlyMap<string, Device>;
  /** Halves of the device keys, by device number in hexadecimal. */
  readonly custodians: readonly [ReadonlyMap<string, Uint8Array>, ReadonlyMap<string, Uint8Array>];
}

function clipperKeys(world: World): ClipperKeys {
  const random = world.random.fork('clipper keys');
  const made = world.live.map(({ name }) => ({ name, id: random.bytes(4), halves: [random.bytes(16), random.bytes(16)] as const }));
  const halves = (which: 0 | 1): ReadonlyMap<string, Uint8Array> => new Map(made.map((d) => [Buffer.from(d.id).toString('hex'), d.halves[which]]));
  return { family: random.bytes(16), devices: new Map(made.map((d) => [d.name, { id: d.id, unitKey: joinHalves(...d.halves) }])), custodians: [halves(0), halves(1)] };
}

/** Opens what the family key and pairs of halves open. */
function readFields(messages: readonly WireMessage[], family: Uint8Array, [one, other]: ClipperKeys['custodians']): Promise<Opened> {
  return readByKey(messages, (field) => {
    const { id, sealed } = identify(family, field);
    const [a, b] = [one.get(id), other.get(id)];
    return Promise.resolve(a && b && openSealed(joinHalves(a, b), sealed));
  });
}

async function clipper(world: World): Promise<SetUp> {
  const keys = clipperKeys(world);
  const random = world.random.fork('clipper forgeries');
  const chance = world.random.fork('guessed keys');
  const guessed = { family: chance.bytes(16), unit: chance.bytes(16) };
  const trials: number[] = [];
  const forge = (key: MessageKey): Uint8Array => {
    const forged = forgeField(keys.family, key, random.bytes(FIELD));
    trials.push(forged.trials);
    return forged.field;
  };
  return Promise.resolve({
    arrangement: clipperArrangement(keys),
    evade: ({ key }) => Promise.resolve(forge(key)),
    guess: (view) => readByKey(applicationMessages(view), (field) => Promise.resolve(openSealed(guessed.unit, identify(guessed.family, field).sealed))),
    how: 'fields drawn by chance until the sender’s own device accepts one (Blaze 1994); receivers make the device’s check',
    async further(fresh, { evading, view, opened }, record) {
      while (trials.length < FORGERIES) forge({ key: random.bytes(16), nonce: random.bytes(12), generation: 0 });
      recordTrials(trials, record);
      record.finding(`The authority and both custodians together opened ${[...evading].filter((i) => opened.has(i)).length} of the ${evading.size} messages with a forged field, and ${opened.size} of the ${applicationMessages(view).length - evading.size} others.`);
      await recordFamilyKey(keys, random, view, fresh, record);
    },
  });
}

function clipperArrangement(keys: ClipperKeys): Arrangement {
  const none = new Map<string, Uint8Array>();
  return {
    parties: [
      { id: 'authority', role: 'reads which device sent a message', holds: ['family key'], standing: true },
      { id: 'custodian-1', role: 'keeps one half of every device’s key', holds: ['first halves'], standing: true },
      { id: 'custodian-2', role: 'keeps the other half of every device’s key', holds: ['second halves'], standing: true },
    ],
    hooks: {
      accompany: ({ sender, key }) => Promise.resolve(makeField(keys.family, deviceOf(keys, sender.name), key)),
      needsKey: true,
      check: ({ key, authenticatedData }) => Promise.resolve(key !== undefined && acceptsField(keys.family, key, authenticatedData) ? undefined : REFUSED),
    },
    async read(coalition, view) {
      if (!coalition.has('authority')) return new Map();
      return readFields(applicationMessages(view), keys.family, [coalition.has('custodian-1') ? keys.custodians[0] : none, coalition.has('custodian-2') ? keys.custodians[1] : none]);
    },
    /** The authority finds the device of the order's messages; custodians hand over that device's halves, which open all it ever sent. */
    async access(order, view) {
      const messages = applicationMessages(view);
      const named = new Set(messages.filter((m) => m.sender === order.target && m.epoch >= order.fromEpoch && m.epoch <= order.toEpoch).map((m) => identify(keys.family, fieldOf(m)).id));
      const handedOver = (halves: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> => new Map([...halves].filter(([id]) => named.has(id)));
      return readFields(messages, keys.family, [handedOver(keys.custodians[0]), handedOver(keys.custodians[1])]);
    },
    acts: 4,
  };
}

/** Mean of the trials with the exact interval of a search that ends at its last success (Clopper and Pearson on both sides). */
function recordTrials(trials: readonly number[], record: Recorder): void {
  const [found, all] = [trials.length, trials.reduce((sum, n) => sum + n, 0)];
  const [low, high] = [1 / clopperPearson(found - 1, all - 1).high, 1 / clopperPearson(found, all).low];
  record.attack('sender who forges the Clipper field', found, all, 'fields drawn by chance were accepted, each for one message (Clipper form)');
  record.number('evasion.trials', all / found, { method: 'sampled', low, high, note: `${found} forgeries, ${all} trials; a trial is one field, checked as a receiver would` });
}

/** What a client in software gives away: the family key, which the chip was to keep. */
async function recordFamilyKey(keys: ClipperKeys, random: SeededRandom, view: View, world: World, record: Recorder): Promise<void> {
  let [garbage, made] = [0, 0];
  for (let i = 0; i < 1000; i += 1) {
    const key = { key: random.bytes(16), nonce: random.bytes(12), generation: 0 };
    if (acceptsField(keys.family, key, random.bytes(FIELD))) garbage += 1;
    if (acceptsField(keys.family, key, makeField(keys.family, { id: random.bytes(4), unitKey: random.bytes(16) }, key))) made += 1;
  }
  record.finding(`Of 1000 fields of chance sent without any trial, receivers would accept ${garbage}; of 1000 made in one step with a family key read out of a client, and an invented device, ${made}.`);
  const custodians = await readFields(applicationMessages(view), keys.family, keys.custodians);
  record.finding(`The family key is in every device. Two custodians who own one of the ${world.conditions.size} devices therefore need no authority: with it they read ${custodians.size} messages, as many as all three parties together.`);
  record.finding('The halves handed over for one order open everything that the device sent before and will send: the order’s period binds the reader by law, not by the keys.');
}

/** A conversation in which one person's first ten messages evade. */
interface Evading {
  readonly evading: ReadonlySet<number>;
  /** Accepted by every receiver and not read by anybody who holds all keys. */
  readonly passed: number;
  /** Of the evading messages, those of which the reader got another text. */
  readonly misread: number;
  readonly view: View;
  readonly opened: Opened;
}

async function converse(world: World, { arrangement, evade }: SetUp): Promise<Evading> {
  const evading = new Set<number>();
  const hooks: Hooks = {
    ...arrangement.hooks,
    accompany(message) {
      if (message.sender !== world.live[1] || evading.size >= EVADING) return arrangement.hooks.accompany?.(message) ?? Promise.resolve(new Uint8Array());
      evading.add(message.index);
      return evade(message, evading.size);
    },
  };
  const transcript = await talk(world, hooks);
  const view = viewOf(world, transcript);
  const opened = await arrangement.read(new Set(arrangement.parties.map((p) => p.id)), view);
  const truly = (i: number): boolean => Buffer.from(transcript.sent.get(i)?.plaintext ?? []).equals(opened.get(i) ?? new Uint8Array());
  return {
    evading, view, opened,
    passed: [...evading].filter((i) => !transcript.refused.has(i) && !truly(i)).length,
    misread: [...evading].filter((i) => opened.has(i) && !truly(i)).length,
  };
}

async function evade(variant: string, setUp: (world: World) => Promise<SetUp>, conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, `message-escrow ${variant} evading`);
  const made = await setUp(world);
  const result = await converse(world, made);
  record.share('evasion.share', result.passed, result.evading.size, { note: made.how });
  await made.further?.(world, result, record, conditions);
}

async function oneTrial(_world: World, _evading: Evading, record: Recorder): Promise<void> {
  record.number('evasion.trials', 1);
  return Promise.resolve();
}

const SEALED_KEY = 76;
/** Evading messages of a conversation, and forgeries of the Clipper field: those sent, and more to narrow the interval. */
const [EVADING, FORGERIES] = [10, 20];
const REFUSED = 'the field does not belong to the message';

function applicationMessages(view: View): readonly WireMessage[] {
  return view.wire.filter((m) => m.kind === 'application');
}

function viewOf(world: World, { wire, posts }: Transcript): View {
  return { wire, posts, leaves: world.leaves };
}

function fieldOf(message: WireMessage): Uint8Array {
  return clearPart(message.bytes)?.authenticatedData ?? new Uint8Array();
}

function deviceOf(keys: ClipperKeys, name: string): Device {
  const device = keys.devices.get(name);
  if (device === undefined) throw new RangeError('a person with a device expected');
  return device;
}
