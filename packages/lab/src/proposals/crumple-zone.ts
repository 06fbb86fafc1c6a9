/**
 * Crumple zones: every message can be opened by a search whose price is set by the length of a seed; searched for real while it is short.
 * Sources: Wright and Varia (2018) for the idea; prices are assumptions that stand beside every figure that rests on them.
 * @module
 */
import type { Arrangement, Opened, Order } from '../access.ts';
import { countOpened, covered, recordOthers, recordQuality, standardOrder } from '../access.ts';
import { holdsPuzzle, makePuzzle, openPuzzle, PUZZLE, seedOf } from '../mechanisms/crumple-zone.ts';
import { searchSeed } from '../mechanisms/crumple-zone-search.ts';
import { clearPart, openWithMessageKey } from '../mls/open.ts';
import type { MessageKey } from '../mls/member.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { scaledTime, timeInTurns } from '../record.ts';
import { openWorld, talk } from '../world.ts';
import type { Hooks, Transcript, WireMessage, World } from '../world.ts';

/**
 * What computing costs: assumptions, round and stated, not this machine's. `general`: one core of a rented server with instructions for
 * SHA-256. `special`: electricity alone of a chip built for this hash, at 20 joules for 10¹² double hashes and ten cents a kilowatt-hour.
 */
const PRICE = { hashesPerCoreSecond: 1e7, dollarsPerCoreHour: 0.04, specialDollarsPerHash: (20 / 2e12 / 3.6e6) * 0.1 } as const;
const DOLLARS_PER_HASH = PRICE.dollarsPerCoreHour / 3600 / PRICE.hashesPerCoreSecond;
const PRICED = `at 10 million SHA-256 per second and core and 4 US cents per core-hour: an assumption, not a measurement, and ${DOLLARS_PER_HASH.toPrecision(2)} dollars per hash`;

/** Seeds are searched for in full up to this length; the cost of longer ones is computed from searches at the short lengths. */
const SEARCHED = 20;
const SHORT = [12, 14, 16] as const;
/** Messages searched at full length: all that the order covers, and others until there are so many. */
const SEARCHES = 48;
const EVADING = 10;

export const crumpleZone: Proposal = {
  id: 'crumple-zone',
  title: 'Crumple zones',
  family: 'access',
  kind: 'measurement',
  sources: ['wright-varia-2018', 'keys-under-doormats-2015'],
  does: [
    'Every message carries its key locked under a short secret that nobody keeps. Whoever wants to read the message tries all possible secrets until one fits. The length of the secret sets how much computing that takes, and so what it costs.',
    'No key is kept anywhere, and no company or custodian takes part in an access. The price is meant to be so high that only a few messages are ever opened.',
    'Receivers make the lock again from the message’s key and refuse a message whose lock is another.',
  ],
  claims: [
    { text: 'There is no key that could be stolen, and no third party to trust.', source: 'wright-varia-2018', metrics: ['exposed.by-standing-key', 'trust.standing-keys', 'trust.parties'] },
    { text: 'Each message has to be paid for anew: reading everybody is out of reach.', source: 'wright-varia-2018', metrics: ['exposed.others-by-access', 'cost.dollars'] },
    { text: 'Who reads pays the cost, not the users.', source: 'wright-varia-2018', metrics: ['cost.hashes', 'wire.message-added', 'time.send'] },
  ],
  couldNot: [
    'The authors’ first step, a Diffie-Hellman group that must be broken once at a great price before any message can be opened (“abrasion”), was not built. What that computing gives can be copied like a key; whether it would be kept is a question about people.',
    'What computing will cost in ten years, and what it costs those who own special machines, is not known. Dollars rest on a stated price and move with it.',
    '32 and 40 bits were not searched: their cost is computed from searches of 12 to 16 bits in the same run, and that a seed opens its message was tried with the seeds known.',
    'A sender who encrypts the text before the client sees it passes: the search gives ciphertext. It was not run, since nothing of the proposal could show otherwise.',
    'The library does not hand a message’s key to its caller. The check derives it a second time, and that is in the time to receive.',
  ],
  attackers: [
    { name: 'anybody who recorded the wire', holds: 'messages as they went over the wire, and computing', tries: 'to read a message by search', metric: 'cost.hashes' },
    { name: 'who has paid for one person’s messages', holds: 'the seeds found', tries: 'to read other messages with them', metric: 'exposed.others-by-access' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to send a lock that opens nothing', metric: 'evasion.share' },
  ],
  comparators: [
    { metric: 'cost.dollars', says: '$1,000 to $1 million for a message', source: 'wright-varia-2018', differs: 'the authors choose the length for the price. The lengths here are those that can be searched or checked by anybody, and are far cheaper. Not checked at the source' },
    { metric: 'cost.dollars', says: '$100 million and more once, before the first message', source: 'wright-varia-2018', differs: 'the step that causes it was not built here. Not checked at the source' },
    { metric: 'cost.hashes', says: '40 bits: 11 days of one core at 585,000 SHA-256 per second', source: 'lab-first-figures', differs: 'a rate of one shared core through the platform’s hash; our rate stands in the times, and prices use a stated one' },
  ],
  variants: [
    { id: '20-bits', title: 'seed of 20 bits, searched' },
    { id: '32-bits', title: 'seed of 32 bits, computed' },
    { id: '40-bits', title: 'seed of 40 bits, computed' },
  ],
  mechanism: ['crumple-zone.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const bits = BITS[variant];
    if (bits === undefined) throw new RangeError(`one of ${Object.keys(BITS).join(', ')} expected, got ${variant}`);
    const run = await converse(bits, conditions, 'talking');
    if (run.transcript.refused.size > 0) throw new RangeError('an honest run in which no receiver refuses expected');
    const searches = bits <= SEARCHED ? await searchAtLength(bits, run) : undefined;
    await recordAccess(bits, run, searches, conditions, record);
    recordCost(bits, searches ?? searchShort(run), searches !== undefined, record);
    recordHolders(bits, run, record);
    await recordQuality('crumple-zone', conditions, () => Promise.resolve(arrangement(bits)), run.transcript, record);
    await recordRate(bits, record);
    await evade(bits, conditions, record);
  },
};

const BITS: Readonly<Record<string, number>> = { '20-bits': 20, '32-bits': 32, '40-bits': 40 };

function hooksOf(bits: number): Hooks {
  return {
    accompany: ({ key }) => Promise.resolve(makePuzzle(key, bits)),
    needsKey: true,
    check: ({ key, authenticatedData }) => Promise.resolve(key !== undefined && holdsPuzzle(key, bits, authenticatedData) ? undefined : 'the lock does not belong to the message'),
  };
}

/** For timing alone: nobody holds anything. */
function arrangement(bits: number): Arrangement {
  return { parties: [], hooks: hooksOf(bits), read: () => Promise.resolve(new Map()), access: () => Promise.resolve(new Map()), acts: ACTS };
}

const ACTS = 2;

interface Run {
  readonly transcript: Transcript;
  readonly order: Order;
  readonly devices: number;
  /** What senders know, by index on the wire: for trying seeds that were not searched for. */
  readonly keys: ReadonlyMap<number, MessageKey>;
}

async function converse(bits: number, conditions: Conditions, label: string, hooksFor: (world: World) => Hooks = () => hooksOf(bits)): Promise<Run> {
  const world = await openWorld(conditions, `crumple-zone ${bits} ${label}`);
  const keys = new Map<number, MessageKey>();
  const hooks = hooksFor(world);
  const transcript = await talk(world, {
    ...hooks,
    accompany(message) {
      keys.set(message.index, message.key);
      return hooks.accompany?.(message) ?? Promise.resolve(new Uint8Array());
    },
  });
  return { transcript, order: standardOrder(world), devices: world.live.length, keys };
}

/** Searches made: hashes as shares of all seeds, and the seeds found by index on the wire. */
interface Searches {
  readonly shares: readonly number[];
  readonly seeds: ReadonlyMap<number, number>;
  readonly note: string;
}

/** With the wire alone: the order's messages first, then others. */
async function searchAtLength(bits: number, { transcript, order }: Run): Promise<Searches> {
  const messages = transcript.wire.filter((m) => m.kind === 'application').toSorted((a, b) => Number(covered(order, b)) - Number(covered(order, a)) || a.index - b.index);
  const seeds = new Map<number, number>();
  const shares: number[] = [];
  for (const message of messages.slice(0, SEARCHES)) {
    const found = await search(message, bits);
    shares.push(found.hashes / 2 ** bits);
    if (found.seed !== undefined && covered(order, message)) seeds.set(message.index, found.seed);
  }
  return { shares, seeds, note: `${shares.length} messages searched` };
}

/** Until a seed opens the message: of the seeds that fit the mark, one in 2³² is not the one. */
async function search(message: WireMessage, bits: number): Promise<{ readonly seed: number | undefined; readonly hashes: number }> {
  let [hashes, from] = [0, 0];
  for (;;) {
    const found = searchSeed(puzzleOf(message), bits, from);
    hashes += found.hashes;
    if (found.seed === undefined || (await openMessage(message, found.seed)) !== undefined) return { seed: found.seed, hashes };
    from = found.seed + 1;
  }
}

/** Puzzles of short seeds made from the keys of the same messages: the share of the seeds that a search goes through. */
function searchShort({ keys }: Run): Searches {
  const shares = SHORT.flatMap((bits) => [...keys.values()].map((key) => searchSeed(makePuzzle(key, bits), bits).hashes / 2 ** bits));
  return { shares, seeds: new Map(), note: `computed from ${shares.length} searches of ${SHORT.join(', ')} bits: ${(mean(shares) * 100).toFixed(1)} % of the seeds on average` };
}

/** The seeds of the order's messages, found or known, tried on these messages and on all others. */
async function recordAccess(bits: number, run: Run, searches: Searches | undefined, conditions: Conditions, record: Recorder): Promise<void> {
  const { transcript, order, keys } = run;
  const known = new Map([...keys].filter(([i]) => isCovered(run, i)).map(([i, key]) => [i, seedOf(key, bits)]));
  const opened = await openWithSeeds(run, searches?.seeds ?? known);
  const how = searches === undefined
    ? { method: 'computed' as const, note: 'not searched: opened with the seeds that a search would end at' }
    : { note: 'every message of the order searched for' };
  const past = countOpened(opened, transcript, (m) => covered(order, m) && m.epoch < order.issuedAt);
  const future = countOpened(opened, transcript, (m) => covered(order, m) && m.epoch >= order.issuedAt);
  const others = countOpened(opened, transcript, (m) => !covered(order, m));
  record.share('reach.past', past.count, past.of, how);
  record.share('reach.future', future.count, future.of, how);
  record.number('reach.acts', ACTS, { note: 'the order, and the search. Nobody has to hand over anything: without an order the search goes the same way' });
  record.share('exposed.others-by-access', others.count, others.of, { ...how, note: 'the seeds of the order’s messages, tried on the others. Each of these opens for the price of another search, to anybody' });
  recordOthers(opened, order, transcript, conditions, record, how);
}

async function openWithSeeds({ transcript }: Run, seeds: ReadonlyMap<number, number>): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  const tried = new Set(seeds.values());
  for (const message of transcript.wire.filter((m) => m.kind === 'application')) {
    for (const seed of tried) {
      const text = await openMessage(message, seed);
      if (text !== undefined) opened.set(message.index, text);
    }
  }
  return opened;
}

function isCovered({ transcript, order }: Run, index: number): boolean {
  const sent = transcript.sent.get(index);
  return sent !== undefined && covered(order, sent);
}

async function openMessage(message: WireMessage, seed: number): Promise<Uint8Array | undefined> {
  const content = openPuzzle(puzzleOf(message), seed);
  return content && (await openWithMessageKey(message.bytes, content.key, content.nonce))?.plaintext;
}

function puzzleOf(message: WireMessage): Uint8Array {
  return clearPart(message.bytes)?.authenticatedData ?? new Uint8Array();
}

function recordCost(bits: number, { shares, note }: Searches, searched: boolean, record: Recorder): void {
  const method = searched ? 'sampled' : 'computed';
  const centre = mean(shares);
  const reach = 1.96 * Math.sqrt(shares.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (shares.length - 1) / shares.length);
  const all = 2 ** bits;
  const put = (id: 'cost.hashes' | 'cost.core-seconds' | 'cost.dollars', each: number, how: { method: 'sampled' | 'computed'; note: string }): void => {
    record.number(id, centre * all * each, { ...how, low: (centre - reach) * all * each, high: (centre + reach) * all * each });
  };
  put('cost.hashes', 1, { method, note });
  put('cost.core-seconds', 1 / PRICE.hashesPerCoreSecond, { method: 'computed', note: PRICED });
  put('cost.dollars', DOLLARS_PER_HASH, { method: 'computed', note: PRICED });
  const bitsFor = (dollars: number, each: number): string => (Math.log2(dollars / each) + 1).toFixed(0);
  const special = PRICE.specialDollarsPerHash;
  record.finding(`At the stated price a message would cost $1,000 with a seed of ${bitsFor(1e3, DOLLARS_PER_HASH)} bits and $1 million with ${bitsFor(1e6, DOLLARS_PER_HASH)}. For a chip built for this hash, counting electricity alone (an assumption: 20 joules for 10¹² double hashes, 10 cents a kilowatt-hour), the lengths are ${bitsFor(1e3, special)} and ${bitsFor(1e6, special)}: one length gives prices that differ by a factor of ${(DOLLARS_PER_HASH / special).toExponential(0)} between readers.`);
}

/** Who has to be trusted, and who reads: nobody holds anything, and everybody may search. */
function recordHolders(bits: number, { transcript, order, devices }: Run, record: Recorder): void {
  const sent = [...transcript.sent.values()];
  const past = sent.filter((m) => m.epoch < order.issuedAt).length;
  const note = 'nobody holds a key that could be stolen; but any message, however old, opens to anybody who recorded it and pays for the search';
  record.share('exposed.by-standing-key', 0, sent.length, { method: 'computed', note });
  record.share('secrecy.past-messages', 0, past, { method: 'computed', note });
  record.share('secrecy.future-messages', 0, sent.length - past, { method: 'computed', note });
  record.number('secrecy.past-epochs', 0, { method: 'computed', note });
  record.number('secrecy.future-epochs', 0, { method: 'computed', note });
  record.number('coalition.least', 0, { method: 'computed', note: 'no party is needed: whoever has the wire and pays reads' });
  record.number('trust.parties', 0);
  record.number('trust.standing-keys', 0);
  record.number('trust.key-bits', bits, { method: 'computed', note: 'of each message, for good; without the proposal it is 128. Work on one message does not help with another' });
  record.share('noticed.clients', 0, devices, { method: 'computed', note: SILENT });
  record.share('noticed.monitor', 0, 1, { method: 'computed', note: SILENT });
  record.finding('Nobody holds anything, and so no set of parties can be named that has to agree: anybody who recorded a message reads it by the same search.');
}

const SILENT = 'by construction: a search works on recorded bytes and sends nothing';

/** The rate of this core, in the times only: rounds that go through all seeds of 16 bits and find none. */
async function recordRate(bits: number, record: Recorder): Promise<void> {
  const length = 16;
  searchSeed(new Uint8Array(PUZZLE), length); // warms up
  const row = await timeInTurns('reach.delay', 9, () => Promise.resolve(searchSeed(new Uint8Array(PUZZLE), length)));
  const times = 2 ** (bits - 1 - length);
  const rate = Math.round((2 ** length / row.p50) * 1000).toLocaleString('en');
  record.time(scaledTime(row, times, `computed for half of the seeds from ${rate} SHA-256 per second, the rate of one core here`));
}

/** One changed client among honest ones, and a conversation in which all are changed. */
async function evade(bits: number, conditions: Conditions, record: Recorder): Promise<void> {
  const alone = await evadingRun(bits, conditions, true);
  record.share('evasion.share', alone.passed, alone.of, { note: 'only the sender’s client is changed: a lock of chance, or one of a seed eight bits longer, in turns; receivers make the lock again' });
  const together = await evadingRun(bits, { ...conditions, epochs: 2 }, false);
  record.finding(`When receivers’ clients are changed too and do not check, ${together.passed} of ${together.of} messages with such a lock pass, and a search of the stated length ends with nothing: the check binds only people who want it.`);
}

/** One person’s first ten messages evade. `passed`: accepted by all receivers, and not opened by the seed that a search would find. */
async function evadingRun(bits: number, conditions: Conditions, checking: boolean): Promise<{ readonly passed: number; readonly of: number }> {
  const evading = new Set<number>();
  const honest = hooksOf(bits);
  const run = await converse(bits, conditions, checking ? 'evading' : 'colluding', (world) => ({
    ...(checking ? honest : {}),
    accompany(message) {
      if (message.sender !== world.live[1] || evading.size >= EVADING) return Promise.resolve(makePuzzle(message.key, bits));
      evading.add(message.index);
      return Promise.resolve(evading.size % 2 === 0 ? makePuzzle(message.key, bits + 8) : world.random.bytes(PUZZLE));
    },
  }));
  const opened = await openWithSeeds(run, new Map([...run.keys].filter(([i]) => evading.has(i)).map(([i, key]) => [i, seedOf(key, bits)])));
  return { passed: [...evading].filter((i) => !run.transcript.refused.has(i) && !opened.has(i)).length, of: evading.size };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
