/**
 * Source tracking in the manner of Hecate: a report names who wrote the text first, and nobody who passed it on.
 * Source: Issa, Alhaddad and Varia 2022, built in a reduced form that {@link sourceTracking} states.
 * @module
 */
import { recordQuality } from '../access.ts';
import { clopperPearson } from '../intervals.ts';
import { inspect, issueToken, receive, sealedAccount, sendNew, sourceHooks, sourceIn, stampOf } from '../mechanisms/source-token.ts';
import type { SourceReport } from '../mechanisms/source-token.ts';
import { clearPart } from '../mls/open.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { confirmByDictionary } from '../reporting/franking-attacks.ts';
import { forwardTrees, pathOf, TREES_IN_WORDS } from '../reporting/forward-trees.ts';
import { accountsOf, fetchTokens, guessSources, namelessHooks, reportDownTree, trackingService, tryFramings } from '../reporting/source-attacks.ts';
import type { TrackingService } from '../reporting/source-attacks.ts';
import { percent } from '../reporting/synthetic-reports.ts';
import { openWorld, talk } from '../world.ts';
import type { Transcript } from '../world.ts';

export const sourceTracking: Proposal = {
  id: 'source-tracking',
  title: 'Source tracking',
  family: 'safety',
  kind: 'measurement',
  sources: ['hecate-2022'],
  does: [
    'Before somebody writes, the own client fetches tokens from a moderator. A token holds the account’s name, locked so that only the moderator can open it, and a key that signs one message. The token travels inside the encrypted message; the service adds the time.',
    'Whoever passes the message on passes the token on with it. Receivers refuse a message whose token does not fit.',
    'When a recipient reports the message, the moderator opens the token and learns who wrote it first. Who passed it on is not in the report.',
  ],
  claims: [
    { text: 'A report identifies the original source only.', source: 'hecate-2022', metrics: ['exposed.people', 'errors.wrongly-named'] },
    { text: 'Nobody can be made the source of what they did not write.', source: 'hecate-2022', metrics: ['errors.forged-accepted'] },
    { text: 'Without a report nothing is learnt of a message.', source: 'hecate-2022', metrics: ['exposed.by-standing-key'] },
  ],
  couldNot: [
    'Sealed sender is left out: in the lab the service knows which account hands in a message. A service that is also the moderator could add to a report, from its own records, who sent the message to the person who reports.',
    'The account is sealed to a public key of the moderator; the published implementation encrypts it under a key that the moderator keeps for itself. That adds 20 bytes or more.',
    'Deniability, and the secrecy of messages after a client’s tokens were stolen, are claims of the source that are not measured.',
    'The moderator learns when an account fetches tokens and how many; what that tells is not measured.',
    'How many people would copy a text rather than pass it on is unknown; several shares are shown.',
  ],
  attackers: [
    { name: 'forger who frames somebody', holds: 'messages and reports of the victim, own tokens, the service’s stamp on anything', tries: 'to have the victim named for a text that the victim did not write, in eleven ways', metric: 'errors.forged-accepted' },
    { name: 'person who copies', holds: 'the own client', tries: 'to pass a text on as a new message, so that the trace ends there', metric: 'evasion.share' },
    { name: 'source with a changed client', holds: 'the own client', tries: 'to deliver a message whose token names nobody, in five ways' },
    { name: 'thief of the moderator’s keys', holds: 'both keys of the moderator, the service’s key, the wire, and a list of texts in which the true ones stand', tries: 'to confirm what was sent', metric: 'exposed.by-standing-key' },
    { name: 'curious recipients and service', holds: 'everything but the moderator’s opening key', tries: 'to tell who wrote a message that was passed on, out of eight who may have' },
  ],
  comparators: [],
  variants: [{ id: 'hecate', title: 'tokens in advance, reduced from Hecate' }],
  mechanism: ['source-token.ts'],
  depends: { size: true, padding: true },
  async run(_variant, conditions, record) {
    const world = await openWorld(conditions, 'source-tracking');
    const random = world.random.fork('source tracking');
    const service = await trackingService(random);
    const tokens = await fetchTokens(service, accountsOf(world), conditions.epochs * Math.ceil(conditions.messagesPerEpoch / world.live.length), random.fork('tokens'));
    const received = new Map<number, SourceReport>();
    const honest = sourceHooks(service.platform, service.keys, tokens, random);
    const transcript = await talk(world, { ...honest, async check(message) {
      if (received.has(message.index)) return honest.check(message);
      const got = receive(message.plaintext, message.stamp ?? new Uint8Array(), service.keys);
      if ('refused' in got) return got.refused;
      received.set(message.index, got);
      return undefined;
    } });
    if (transcript.refused.size > 0) throw new RangeError('an honest run in which no receiver refuses expected');
    await recordFramings(service, received, random, record);
    await recordThief(service, received, transcript, record);
    await recordAnonymity(service, random, record);
    await recordNameless(conditions, record);
    await recordTrees(service, conditions, record);
    await quality(conditions, transcript, record);
  },
};

/** Messages out of which reports are forged, of each kind. */
const FRAMED = 20;

async function recordFramings(service: TrackingService, received: ReadonlyMap<number, SourceReport>, random: SeededRandom, record: Recorder): Promise<void> {
  const own = await Promise.all(Array.from({ length: 4 }, () => issueToken(service.moderator, 'synthetic-forger', 0, random)));
  const named = async (report: SourceReport): Promise<boolean> => 'source' in (await inspect(service.moderator, report, service.keys));
  const tries = await tryFramings(service, [...received.values()].slice(0, FRAMED), own, random, named);
  const tried = tries.reduce((sum, t) => sum + t.tried, 0);
  record.share('errors.forged-accepted', tries.reduce((sum, t) => sum + t.accepted, 0), tried, { note: `${tries.length} ways of forging: ${tries.map((t) => t.kind).join('; ')}` });
  const text = new TextEncoder().encode('synthetic text that the victim never wrote');
  let framed = 0;
  for (let i = 0; i < FRAMED; i += 1) {
    const made = sendNew(await issueToken(service.moderator, 'synthetic-victim', 0, random), text, random);
    if (await named({ enclosed: made.enclosed, stamp: stampOf(service.platform, made.commitment, 1) })) framed += 1;
  }
  record.finding(`Who holds the moderator’s keys, the moderator included, can make a token in anybody’s name: ${framed} of ${FRAMED} texts that the victim never wrote were then traced to the victim. A token stolen from a client before it is used does the same for one message.`);
}

async function recordThief(service: TrackingService, received: ReadonlyMap<number, SourceReport>, transcript: Transcript, record: Recorder): Promise<void> {
  const { privateKey } = service.moderator.sealing;
  const wire = new Map(transcript.wire.map((m) => [m.index, Buffer.from(m.bytes)]));
  const fromWire = [...received].filter(([index, report]) => wire.get(index)?.includes(Buffer.from(sealedAccount(report.enclosed))) === true).length;
  let [earlier, all] = [0, 0];
  const sample = [...received].filter((_, i) => i % 5 === 0);
  for (const [index, report] of sample) {
    if (await sourceIn(report.enclosed, privateKey) !== transcript.sent.get(index)?.sender) continue;
    all += 1;
    if ((transcript.sent.get(index)?.epoch ?? 0) < 3) earlier += 1;
  }
  const texts = [...transcript.sent.values()];
  const carried = new Map(transcript.wire.filter((m) => m.kind === 'application').map((m) => [m.index, { commitment: clearPart(m.bytes)?.authenticatedData ?? new Uint8Array(), tag: new Uint8Array() }]));
  const opened = confirmByDictionary(carried, (index) => texts.filter((m) => Math.abs(m.index - index) <= 10).map((m) => m.plaintext), () => [privateKey, service.moderator.signing.secret, service.platform.secret]);
  record.share('exposed.by-standing-key', opened.size, carried.size, { note: 'the moderator’s and the service’s keys, the wire, and a list of up to 21 candidate texts for each message, the true one among them; a text that the thief could confirm counts as opened' });
  record.finding(`Who steals the moderator’s opening key names nobody from the wire (${fromWire} of ${received.size} tokens stand there in the clear), because tokens travel inside the encryption. With the messages that one recipient holds, the thief named the writer of ${all} of ${sample.length}, ${earlier} of them from before the theft: the key does not age.`);
  record.number('trust.parties', 1, { note: 'the moderator' });
  record.number('trust.standing-keys', 0, { note: 'no key opens texts; the moderator’s opening key names the writers of all tokens ever seen, its signing key and the service’s make false ones' });
  record.number('exposed.by-report', 1, { note: 'the text reported; a report holds no other' });
}

async function recordAnonymity(service: TrackingService, random: SeededRandom, record: Recorder): Promise<void> {
  const [candidates, each, unknowns] = [8, 4, 80];
  const names = Array.from({ length: candidates }, (_, i) => `synthetic-${'x'.repeat(i % 4)}${i}`);
  const text = new TextEncoder().encode('synthetic text that many write');
  const written = async (source: string): Promise<SourceReport> => {
    const made = sendNew(await issueToken(service.moderator, source, 0, random), text, random);
    return { enclosed: made.enclosed, stamp: stampOf(service.platform, made.commitment, 1) };
  };
  const known = new Map<string, SourceReport[]>();
  for (const name of names) known.set(name, await Promise.all(Array.from({ length: each }, () => written(name))));
  const unknown: { report: SourceReport; source: string }[] = [];
  for (let i = 0; i < unknowns; i += 1) {
    const source = random.pick(names);
    unknown.push({ report: await written(source), source });
  }
  const right = await guessSources(known, unknown, [service.platform.secret, service.moderator.signing.secret]);
  record.attack('curious recipients and service', right, unknowns, `writers guessed, where chance gives ${percent(1 / candidates)}`);
  const { low, high } = clopperPearson(right, unknowns);
  record.finding(`Recipients and service together, with all keys but the moderator’s opening key and ${each} earlier messages of each of ${candidates} candidates, guessed the writer of ${right} of ${unknowns} messages (95 % interval ${percent(low)} to ${percent(high)}); chance is ${percent(1 / candidates)}.`);
}

async function recordNameless(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld({ ...conditions, epochs: 1 }, 'source-tracking nameless');
  const random = world.random.fork('nameless');
  const service = await trackingService(random);
  const tokens = await fetchTokens(service, accountsOf(world), Math.ceil(conditions.messagesPerEpoch / world.live.length), random.fork('tokens'));
  const transcript = await talk(world, namelessHooks(service, tokens, random));
  const accepted = [...transcript.sent.keys()].filter((index) => (transcript.refused.get(index)?.length ?? 0) < world.live.length - 1).length;
  record.attack('source with a changed client', accepted, transcript.sent.size, 'messages whose token names nobody were accepted');
  record.finding(`Of ${transcript.sent.size} messages whose token names nobody, of five kinds, receivers accepted ${accepted}.`);
}

/** Share of people who copy, for the row and for the findings beside it. */
const COPYING = 0.1;

async function recordTrees(service: TrackingService, conditions: Conditions, record: Recorder): Promise<void> {
  const text = new TextEncoder().encode('synthetic text that is passed on');
  let unCopied = 0;
  for (const copying of [0, COPYING, 0.3]) {
    const random = SeededRandom.of(conditions.seed, 'forward trees');
    const trees = forwardTrees(random, copying);
    let [wrong, copied, evaded] = [0, 0, 0];
    for (const [i, tree] of trees.entries()) {
      const { named } = await reportDownTree(service, tree, text, random.fork(`tracking ${i}`));
      if (named === undefined) throw new RangeError('a moderator who takes genuine reports expected');
      const isWrong = named !== tree.holders[0]?.name;
      const isCopied = pathOf(tree).some((at) => tree.holders[at]?.copies === true);
      if (isWrong) wrong += 1;
      if (isCopied) copied += 1;
      if (isWrong && isCopied) evaded += 1;
    }
    if (copying === 0) unCopied = wrong;
    if (copying === COPYING) {
      const exposed = clopperPearson(wrong, trees.length);
      record.number('exposed.people', wrong / trees.length, { method: 'sampled', ...exposed, note: `people named who did not write the text, ${wrong} in ${trees.length} reports, one person named in each; assumed as for the wrong person named that ${percent(copying)} of people copy: where nobody copies, ${unCopied}; ${TREES_IN_WORDS}` });
      record.share('errors.wrongly-named', wrong, trees.length, { method: 'sampled', note: `${TREES_IN_WORDS}; assumed that ${percent(copying)} of people copy the text into a new message instead of passing it on: the last of them before the reporter is named` });
      record.share('evasion.share', evaded, copied, { note: 'reports of a text that somebody on its way had copied (synthetic): those that do not lead to who wrote it' });
      record.number('evasion.trials', 1, { note: 'one new message' });
    } else record.finding(`If ${percent(copying)} of people copy (synthetic trees): ${wrong} of ${trees.length} reports name somebody else than the writer.`);
  }
}

async function quality(conditions: Conditions, transcript: Transcript, record: Recorder): Promise<void> {
  await recordQuality('source-tracking', conditions, async (own) => {
    const random = own.random.fork('timed tokens');
    const service = await trackingService(random);
    const tokens = await fetchTokens(service, accountsOf(own).slice(0, 1), 41, random);
    return { hooks: sourceHooks(service.platform, service.keys, tokens, random) };
  }, transcript, record);
  record.number('wire.once', 200, { note: 'bytes that the source fetches in advance for one message: the token and its signing key' });
}
