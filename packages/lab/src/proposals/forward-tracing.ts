/**
 * Tracing of forwarded messages: a report lets the platform walk back to who wrote the text, or over everybody who has it.
 * Source: Tyagi, Miers and Ristenpart 2019, built in a reduced form.
 * @module
 */
import { recordQuality } from '../access.ts';
import { traced, TraceStore, tracingHooks, TRACE_BYTES } from '../mechanisms/forward-trace.ts';
import type { Tracing } from '../mechanisms/forward-trace.ts';
import { clearPart } from '../mls/open.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { forwardTrees, meanInterval, TREES_IN_WORDS, wayToReporter } from '../reporting/forward-trees.ts';
import type { ForwardTree } from '../reporting/forward-trees.ts';
import { confirmByDictionary } from '../reporting/franking-attacks.ts';
import { percent } from '../reporting/synthetic-reports.ts';
import { playTree, traceTree, tryMisleading } from '../reporting/trace-experiments.ts';
import type { TreeTrace } from '../reporting/trace-experiments.ts';
import { openWorld, talk } from '../world.ts';
import type { Transcript } from '../world.ts';

export const forwardTracing: Proposal = {
  id: 'forward-tracing',
  title: 'Tracing of forwarded messages',
  family: 'safety',
  kind: 'measurement',
  sources: ['traceback-2019'],
  does: [
    'Every message carries a key inside the encryption and leaves with the service a number and a locked pointer to the message that it passes on. New messages and forwarded ones look alike to the service.',
    'A recipient who reports a message hands over its text and key. The service can then unlock pointer after pointer, back to the first message. In the second variant it can also follow the text forward, to everybody who received it from anybody.',
    'Until a report, numbers and pointers tell the service nothing of texts or of who passes what on.',
  ],
  claims: [
    { text: 'The platform finds the source of a reported message, or the whole tree of its forwarding.', source: 'traceback-2019', metrics: ['errors.wrongly-named', 'exposed.people'] },
    { text: 'Nobody can be named for what they did not send.', source: 'traceback-2019', metrics: ['errors.forged-accepted'] },
    { text: 'Without a report the platform learns nothing of a text.', source: 'traceback-2019', metrics: ['exposed.by-standing-key'] },
  ],
  couldNot: [
    'The trees are synthetic. How people really pass texts on, how far and in what shape, decides how many are exposed.',
    'The published tree scheme splits keys between sender and platform; here who sent a message knows the key from which the next ones are derived, and could recognise them if it also saw what the platform keeps.',
    'Whether somebody who passed a text on did so in good faith, the trace does not tell; nobody’s intent is measured.',
    'How many people would copy a text rather than pass it on is unknown; several shares are shown.',
  ],
  attackers: [
    { name: 'person who misleads the trace', holds: 'a message of the victim’s with its key, the own client', tries: 'to have the victim named for what the victim did not send, in six ways', metric: 'errors.forged-accepted' },
    { name: 'person who copies', holds: 'the own client', tries: 'to pass a text on as a new message, so that the trace ends there', metric: 'evasion.share' },
    { name: 'the platform before a report', holds: 'the store, the wire, and a list of texts in which the true ones stand', tries: 'to confirm what was sent', metric: 'exposed.by-standing-key' },
    { name: 'the platform after a report', holds: 'the store, one reported text and key', tries: 'to learn who had part in it', metric: 'exposed.people' },
  ],
  comparators: [],
  variants: [{ id: 'path', title: 'back to the source' }, { id: 'tree', title: 'everybody who has the text' }],
  mechanism: ['forward-trace.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const tracing: Tracing = variant === 'tree' ? 'tree' : 'path';
    const world = await openWorld(conditions, 'forward-tracing');
    const transcript = await talk(world, tracingHooks(tracing, world.random.fork('tracing')));
    if (transcript.refused.size > 0) throw new RangeError('an honest run in which no receiver refuses expected');
    recordPlatform(transcript, record);
    recordMisleading(tracing, conditions, record);
    recordTrees(tracing, conditions, record);
    if (tracing === 'tree') recordEscaping(conditions, record);
    await recordUntraceable(tracing, conditions, record);
    await recordQuality('forward-tracing', conditions, (own) => Promise.resolve({ hooks: tracingHooks(tracing, own.random.fork('tracing')) }), transcript, record);
    record.number('wire.once', TRACE_BYTES + conditions.payloadBytes, { note: 'bytes of one report: key and text' });
    record.number('trust.parties', 1, { note: 'the desk that takes reports; it may be the service’s own' });
    record.number('trust.standing-keys', 0, { note: 'no key; the service keeps a record of every message for as long as reports are taken' });
    record.finding(`The service keeps ${TraceStore.bytesFor(1)} bytes for every message to one recipient, ${TraceStore.bytesFor(conditions.size - 1)} in a conversation of ${conditions.size}: number, pointer, and 16 for each account.`);
  },
};

/** Shares of people who copy: for the rows, and for the finding beside them. */
const [COPYING, MORE] = [0.1, 0.3];

function recordPlatform(transcript: Transcript, record: Recorder): void {
  const texts = [...transcript.sent.values()];
  const carried = new Map(transcript.wire.filter((m) => m.kind === 'application').map((m) => {
    const clear = clearPart(m.bytes)?.authenticatedData ?? new Uint8Array();
    return [m.index, { commitment: clear.subarray(0, TRACE_BYTES), tag: clear.subarray(TRACE_BYTES) }];
  }));
  const label = new TextEncoder().encode('id');
  const candidates = (index: number): Uint8Array[] => texts.filter((m) => Math.abs(m.index - index) <= 10).map((m) => Buffer.concat([label, m.plaintext]));
  const confirmed = confirmByDictionary(carried, candidates, ({ commitment, tag }) => [new Uint8Array(TRACE_BYTES), tag, commitment]);
  record.share('exposed.by-standing-key', confirmed.size, carried.size, { note: 'there is no standing key: the store, the wire, and a list of up to 21 candidate texts for each message, the true one among them; a text that the platform could confirm counts as opened' });
}

function recordMisleading(tracing: Tracing, conditions: Conditions, record: Recorder): void {
  const tries = tryMisleading(tracing, 40, SeededRandom.of(conditions.seed, 'misleading'));
  const tried = tries.reduce((sum, t) => sum + t.tried, 0);
  record.share('errors.forged-accepted', tries.reduce((sum, t) => sum + t.accepted, 0), tried, { note: `${tries.length} ways: ${tries.map((t) => t.kind).join('; ')}` });
}

/** One tree, its report and what the walk then tells. */
interface Told {
  readonly tree: ForwardTree;
  readonly trace: TreeTrace;
  /** Who wrote the text. */
  readonly writer: string;
  /** Everybody else who becomes known, a person named wrongly among them. */
  readonly exposed: readonly string[];
}

/** The same trees and reporters for every share of people who copy. A walk back alone needs the way to the reporter and no more. */
function traceAll(tracing: Tracing, copying: number, { seed }: Conditions, walk = tracing): Told[] {
  const random = SeededRandom.of(seed, 'forward trees');
  return forwardTrees(random, copying).map((tree, i) => {
    const played = walk === 'tree' ? tree : wayToReporter(tree);
    const trace = traceTree(walk, played, playTree(tracing, played, random.fork(`tracing ${i}`)));
    const writer = tree.holders[0]?.name ?? '';
    return { tree, trace, writer, exposed: [...trace.people].filter((name) => name !== writer) };
  });
}

/** What one report exposes and whom it names, when some people copy; beside it when nobody does, and when more do. */
function recordTrees(tracing: Tracing, conditions: Conditions, record: Recorder): void {
  const [honest, told] = [traceAll(tracing, 0, conditions), traceAll(tracing, COPYING, conditions)];
  const mean = (all: readonly Told[], of: (one: Told) => number): ReturnType<typeof meanInterval> => meanInterval(all.map(of));
  const people = mean(told, (t) => t.exposed.length);
  const assumed = `assumed that ${percent(COPYING)} of people copy the text into a new message instead of passing it on`;
  const others = mean(told, (t) => t.tree.holders.length - 2).mean;
  record.number('exposed.people', people.mean, { method: 'sampled', low: people.low, high: people.high, note: `of ${others.toFixed(0)} on average who had the text, writer and reporter not counted: people who become known, whoever is wrongly named among them, mean per report; interval by the normal approximation; ${assumed}; where nobody copies, ${mean(honest, (t) => t.exposed.length).mean.toFixed(2)}; ${TREES_IN_WORDS}` });
  const seen = mean(told, (t) => t.trace.messages);
  record.number('exposed.by-report', seen.mean, { method: 'sampled', low: seen.low, high: seen.high, note: `messages of which the platform then knows that they held the reported text, mean per report; ${assumed}; where nobody copies, ${mean(honest, (t) => t.trace.messages).mean.toFixed(2)}; ${TREES_IN_WORDS}` });
  findExposed(told, record);
  const right = honest.filter((t) => t.trace.named === t.writer).length;
  record.finding(`With honest clients and nobody copying, the walk ended at the writer in ${right} of ${honest.length} reports (synthetic trees).`);
  recordWronglyNamed(told, record);
  const more = traceAll(tracing, MORE, conditions, 'path');
  record.finding(`If ${percent(MORE)} of people copy (synthetic trees): ${more.filter(isWrong).length} of ${more.length} reports name somebody else than the writer.`);
}

function isWrong({ trace, writer }: Told): boolean {
  return trace.named !== writer;
}

function findExposed(told: readonly Told[], record: Recorder): void {
  const passedOn = meanInterval(told.map(({ tree, exposed }) => {
    const senders = new Set(tree.holders.flatMap((holder) => tree.holders[holder.from]?.name ?? []));
    return exposed.filter((name) => senders.has(name)).length;
  })).mean;
  const all = meanInterval(told.map((t) => t.exposed.length)).mean;
  const coverage = meanInterval(told.map((t) => t.exposed.length / (t.tree.holders.length - 2))).mean;
  record.finding(`Of the people exposed by a report (synthetic trees, ${percent(COPYING)} of people copy) ${passedOn.toFixed(2)} on average had passed the text on, and ${(all - passedOn).toFixed(2)} had only received it; the exposed are ${percent(coverage)} of all others who had the text. At most ${Math.max(...told.map((t) => t.exposed.length))} people were exposed by one report.`);
}

/** What becomes of the trace when some people copy instead of forwarding. */
function recordWronglyNamed(told: readonly Told[], record: Recorder): void {
  const [wrong, copied] = [told.filter(isWrong), told.filter((t) => t.trace.copied)];
  record.share('errors.wrongly-named', wrong.length, told.length, { method: 'sampled', note: `${TREES_IN_WORDS}; assumed that ${percent(COPYING)} of people copy the text into a new message instead of passing it on: the last of them before the reporter is named` });
  record.share('evasion.share', copied.filter(isWrong).length, copied.length, { note: 'reports of a text that somebody on its way had copied (synthetic): those that do not lead to who wrote it' });
  record.number('evasion.trials', 1, { note: 'one new message' });
}

/** Forwarders whose client derives keys by chance: the walk forward stops at them, and no recipient can tell. */
function recordEscaping(conditions: Conditions, record: Recorder): void {
  const random = SeededRandom.of(conditions.seed, 'forward trees');
  const draw = random.fork('escaping');
  let [found, all, named] = [0, 0, 0];
  const trees = forwardTrees(random, 0, 25);
  for (const [i, tree] of trees.entries()) {
    const escapes = new Set(tree.holders.flatMap((_, at) => (at > 0 && draw.uniform() < COPYING ? [at] : [])));
    const trace = traceTree('tree', tree, playTree('tree', tree, random.fork(`tracing ${i}`), escapes));
    found += [...trace.people].filter((name) => name !== tree.holders[0]?.name).length;
    all += tree.holders.length - 2;
    if (trace.named === tree.holders[0]?.name) named += 1;
  }
  record.finding(`If ${percent(COPYING)} of people pass on with keys of their own choice (synthetic trees), the walk forward finds ${found} of ${all} people, and the walk back still ends at the writer in ${named} of ${trees.length}; receivers have nothing to check such a key against. The writer’s own client can do the same.`);
}

async function recordUntraceable(tracing: Tracing, conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld({ ...conditions, epochs: 1 }, 'forward-tracing untraceable');
  const random = world.random.fork('untraceable');
  const honest = tracingHooks(tracing, random);
  const transcript = await talk(world, {
    ...honest,
    async accompany(message) {
      const clear = await honest.accompany(message);
      const other = traced(tracing, random.bytes(100), random.bytes(TRACE_BYTES), message.sender.name, 0, random).clear;
      return [random.bytes(2 * TRACE_BYTES), other, new Uint8Array(), clear.subarray(0, TRACE_BYTES)][message.index % 4] ?? clear;
    },
  });
  const accepted = [...transcript.sent.keys()].filter((index) => (transcript.refused.get(index)?.length ?? 0) < world.live.length - 1).length;
  record.finding(`Of ${transcript.sent.size} messages that left a wrong number with the service, of four kinds, receivers accepted ${accepted}. A wrong pointer they cannot see: it ends the trace as copying does.`);
}
