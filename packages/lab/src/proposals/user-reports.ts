/**
 * Reports by recipients, with message franking, so that a desk can tell what was really sent; and two ways to seal
 * attachments under it. Sources: Grubbs, Lu and Ristenpart 2017; Dodis and others 2018; CDT 2021.
 * @module
 */
import { committing, gcm } from '../mechanisms/franking-attachment.ts';
import { commitTo, frankingHooks, judge, tagOf } from '../mechanisms/franking.ts';
import type { FrankedReport } from '../mechanisms/franking.ts';
import { SeededRandom } from '../random.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { clopperPearson } from '../intervals.ts';
import { recordQuality } from '../access.ts';
import { acceptedMessages, confirmByDictionary, evadingHooks, forgeWithTagKey, frankedTalk, platformGuesses, tryForgeries } from '../reporting/franking-attacks.ts';
import type { CarriedCommitment, FrankedConversation } from '../reporting/franking-attacks.ts';
import { evaded, sendSalamanders } from '../reporting/attachment-experiment.ts';
import { forwardTrees, TREES_IN_WORDS } from '../reporting/forward-trees.ts';
import { ASSUMED, countReports, inWords, isReported, percent, reportableMessages } from '../reporting/synthetic-reports.ts';
import { openWorld } from '../world.ts';

export const userReports: Proposal = {
  id: 'user-reports',
  title: 'Reports by recipients',
  family: 'safety',
  kind: 'measurement',
  sources: ['grubbs-2017', 'dodis-2018', 'albertini-2022', 'cdt-2021'],
  does: [
    'A person who receives a message can show it to a desk. So that the desk need not take anybody’s word, the sender’s client puts a sealed promise about the text beside every message, and the service marks it with who sent it to whom and when. Receivers refuse a message whose promise does not fit its text.',
    'A report opens the promise for that one message. The desk recomputes promise and mark; before a report, the service that carried both learns nothing of the text.',
    'Pictures and other files are encrypted apart, and the message names the key. The way in which the file is encrypted decides whether one file can show two things under two keys; two ways are run.',
  ],
  claims: [
    { text: 'A report cannot be forged: neither text nor sender nor time.', source: 'grubbs-2017', metrics: ['errors.forged-accepted'] },
    { text: 'The service learns nothing of a message before it is reported.', source: 'grubbs-2017', metrics: ['exposed.by-standing-key'] },
    { text: 'A report shows the desk the reported message and no other.', source: 'grubbs-2017', metrics: ['exposed.by-report'] },
    { text: 'A message that its recipient can read, its recipient can report.', source: 'grubbs-2017', metrics: ['evasion.share'] },
    { text: 'Attachments under AES-GCM can be read by the recipient and still not be reported.', source: 'dodis-2018', metrics: ['evasion.share', 'evasion.trials'] },
    { text: 'Reports together with metadata find much abuse and keep end-to-end encryption.', source: 'cdt-2021', metrics: ['reach.reported', 'errors.precision'] },
  ],
  couldNot: [
    'How willing people are to report: the shares are assumptions, shown for several values; why somebody does not report, no run tells.',
    'What a desk makes of a report: whether people there judge rightly, and how soon, is not in the run.',
    'The deniability towards everybody but the desk that the published designs aim at is not measured.',
    'The salamander is built in a container of the lab’s own; how far real picture formats allow it is in the source, not here.',
  ],
  attackers: [
    { name: 'reporter who forges', holds: 'genuine messages with keys, commitments and tags', tries: 'to have a text, sender or time accepted that was not so, in thirteen ways', metric: 'errors.forged-accepted' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to deliver a message that no report opens, in five ways' },
    { name: 'the platform before a report', holds: 'tag key, commitments, tags, wire, and a list of texts in which the true ones stand', tries: 'to confirm what was sent', metric: 'exposed.by-standing-key' },
    { name: 'the desk, curious', holds: 'one report, and all that the platform holds', tries: 'to open other messages of the conversation' },
    { name: 'sender of an attachment with two keys', holds: 'the choice of keys, nonce and file', tries: 'to show the recipient one text and the desk another' },
  ],
  comparators: [
    { metric: 'wire.message-added', says: '32 bytes on a message of 319', source: 'lab-first-figures', differs: 'one run with a 1-byte group id; what the platform adds on delivery (here 40 bytes) was not counted' },
    { metric: 'evasion.share', says: 'a picture was delivered that its recipient could not report, in a deployed messenger of the time', source: 'dodis-2018', differs: 'not checked at the source; real picture formats and a real service there, synthetic texts in a container of the lab here' },
  ],
  variants: [{ id: 'franking', title: 'message franking' }, { id: 'attachment-gcm', title: 'attachments under AES-GCM' }, { id: 'attachment-committing', title: 'attachments that commit to their key' }],
  mechanism: ['franking.ts', 'franking-attachment.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    record.number('trust.parties', 1, { note: 'the desk that reads reports; it may be the service’s own' });
    record.number('trust.standing-keys', 0, { note: 'the platform’s tag key opens nothing; who steals it can forge reports' });
    if (variant === 'franking') await franking(conditions, record);
    else await attachments(variant === 'attachment-gcm', conditions, record);
  },
};

/** Genuine reports that are turned into forged ones, of each kind. */
const FORGED_FROM = 40;
/** Candidate texts for each message, the true one among them. */
const CANDIDATES = 20;
/** Attachments that a sender builds. */
const ATTACHMENTS = 24;

async function franking(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'user-reports');
  const random = world.random.fork('franking');
  const tagKey = random.bytes(32);
  const talked = await frankedTalk(world, frankingHooks(tagKey, random));
  if (talked.transcript.refused.size > 0) throw new RangeError('an honest run in which no receiver refuses expected');
  recordForgeries(talked, tagKey, random, record);
  recordPlatform(talked, tagKey, record);
  recordDesk(talked, record);
  await recordEvading(conditions, record);
  recordPeople(conditions, record);
  recordForwarded(conditions, record);
  await recordQuality('user-reports', conditions, (own) => Promise.resolve({ hooks: frankingHooks(own.random.fork('tag').bytes(32), own.random.fork('franking keys')) }), talked.transcript, record);
  record.finding('Of the bytes added to a message, the sender’s client adds 32 (the commitment; with padding on, the key of 32 bytes lies inside the padding) and the platform 40 for each receiver (time and tag).');
}

function recordForgeries(talked: FrankedConversation, tagKey: Uint8Array, random: SeededRandom, record: Recorder): void {
  const genuine = [...talked.reports.values()].map((r) => r[0]).filter((r): r is FrankedReport => r !== undefined).slice(0, FORGED_FROM);
  const judged = (report: FrankedReport): boolean => judge(tagKey, report) === 'genuine';
  if (!genuine.every(judged)) throw new RangeError('a desk that takes genuine reports expected');
  const tries = tryForgeries(genuine, random, judged);
  const tried = tries.reduce((sum, t) => sum + t.tried, 0);
  record.share('errors.forged-accepted', tries.reduce((sum, t) => sum + t.accepted, 0), tried, { note: `${tries.length} ways of forging: ${tries.map((t) => t.kind).join('; ')}` });
  record.finding(`Who steals the platform’s tag key reads nothing with it, and forges: ${forgeWithTagKey(tagKey, genuine, random, judged)} of ${genuine.length} reports of texts that were never sent were accepted.`);
  record.number('wire.once', Math.max(...genuine.map(reportBytes)), { note: 'bytes of one report: key, text, commitment, names, time, tag' });
}

function reportBytes({ key, text, commitment, context, tag }: FrankedReport): number {
  return key.length + text.length + commitment.length + Buffer.byteLength(context.sender + context.recipient) + 8 + tag.length;
}

/** What the platform carries of each message, and for each a list of candidates in which its true text stands. */
function carriedBy(talked: FrankedConversation): { carried: Map<number, CarriedCommitment>; candidates: (index: number) => Uint8Array[] } {
  const carried = new Map<number, CarriedCommitment>();
  for (const [index, [report]] of talked.reports) if (report !== undefined) carried.set(index, { commitment: report.commitment, tag: report.tag });
  const texts = [...talked.transcript.sent.values()];
  return { carried, candidates: (index) => texts.filter((m) => Math.abs(m.index - index) <= CANDIDATES / 2).map((m) => m.plaintext) };
}

function recordPlatform(talked: FrankedConversation, tagKey: Uint8Array, record: Recorder): void {
  const { carried, candidates } = carriedBy(talked);
  const confirmed = confirmByDictionary(carried, candidates, platformGuesses(tagKey));
  const note = `the platform with its tag key, everything on the wire, and a list of up to ${CANDIDATES + 1} candidate texts for each message, the true one among them; a text that it could confirm counts as opened`;
  record.share('exposed.by-standing-key', confirmed.size, carried.size, { note });
  const earlier = [...carried.keys()].filter((index) => (talked.transcript.sent.get(index)?.epoch ?? 0) < 3);
  record.share('secrecy.past-messages', earlier.filter((i) => confirmed.has(i)).length, earlier.length, { note });
  record.share('secrecy.future-messages', confirmed.size - earlier.filter((i) => confirmed.has(i)).length, carried.size - earlier.length, { note });
  const unkeyed = new Map([...carried].map(([index, { tag }]) => [index, { commitment: commitTo(new Uint8Array(), talked.transcript.sent.get(index)?.plaintext ?? tag), tag }]));
  record.finding(`Control: with commitments made without a key the same list confirms ${confirmByDictionary(unkeyed, candidates, platformGuesses(tagKey)).size} of ${unkeyed.size} messages.`);
}

function recordDesk(talked: FrankedConversation, record: Recorder): void {
  const { carried, candidates } = carriedBy(talked);
  const opened = [...talked.reports].slice(0, 5).flatMap(([, [report]]) => (report === undefined ? [] : [confirmByDictionary(carried, candidates, () => [report.key]).size]));
  record.attack('the desk, curious', opened.reduce((sum, n) => sum + n - 1, 0), opened.length * (carried.size - 1), `other messages opened with the keys of ${opened.length} reports`);
  record.number('exposed.by-report', Math.max(...opened), { note: `the most of ${opened.length} reports, each by a desk that also tries the reported key on every other message` });
}

async function recordEvading(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld({ ...conditions, epochs: 1 }, 'user-reports evading');
  const random = world.random.fork('evading');
  const talked = await frankedTalk(world, evadingHooks(random.bytes(32), random));
  const [accepted, sent] = [acceptedMessages(talked, world.live.length - 1), talked.transcript.sent.size];
  record.attack('sender with a changed client', accepted, sent, 'messages that no report opens were accepted');
  record.share('evasion.share', accepted, sent, { note: 'messages whose commitment does not open, of five kinds; receivers check it and refuse' });
}

function recordPeople(conditions: Conditions, record: Recorder): void {
  const random = SeededRandom.of(conditions.seed, 'user-reports people');
  const messages = reportableMessages(random.fork('draws'));
  const keys = random.fork('keys');
  const tagKey = keys.bytes(32);
  const genuine = messages.filter((m) => isReported(m, ASSUMED)).filter((m, i) => judge(tagKey, frankedReport(tagKey, keys, `synthetic-${m.sender}`, `synthetic-${m.recipient}`, i)) === 'genuine');
  const abusive = messages.filter((m) => m.abusive).length;
  const right = genuine.filter((m) => m.abusive).length;
  const note = inWords(ASSUMED);
  record.share('reach.reported', right, abusive, { method: 'sampled', note });
  record.share('errors.false-negative', abusive - right, abusive, { method: 'sampled', note });
  record.share('errors.precision', right, genuine.length, { method: 'sampled', note: `${note}; every report counts as marked, before anybody judged it` });
  const innocent = genuine.length - right;
  record.perMillion('errors.false-positive', innocent, messages.length - abusive, { note: `innocent messages that were reported; ${note}` });
  record.number('exposed.people', innocent / genuine.length, { method: 'sampled', ...clopperPearson(innocent, genuine.length), note: `${innocent} senders of innocent messages in ${genuine.length} reports, per report; the person who reports is not counted; ${note}` });
  for (const willing of [0.05, 0.1, 0.6]) {
    const { abusive: all, reached } = countReports(messages, { ...ASSUMED, willing });
    record.finding(`Assumed instead that ${percent(willing)} of unwanted abusive messages are reported (synthetic people): ${reached} of ${all} abusive messages reach the desk.`);
  }
  for (const mistaken of [0.0001, 0.01]) {
    const { reached, reports } = countReports(messages, { ...ASSUMED, mistaken });
    record.finding(`Assumed instead that ${percent(mistaken)} of innocent messages are reported (synthetic people): ${reached} of ${reports} reports concern an abusive message.`);
  }
}

/** A report names who sent the message to the reporter, whoever wrote it first. */
function recordForwarded(conditions: Conditions, record: Recorder): void {
  const random = SeededRandom.of(conditions.seed, 'forward trees');
  const trees = forwardTrees(random, 0);
  const keys = random.fork('franking');
  const tagKey = keys.bytes(32);
  const wrong = trees.filter(({ holders, reporter }, i) => {
    const [from, to] = [holders[holders[reporter]?.from ?? 0], holders[reporter]];
    const report = frankedReport(tagKey, keys, from?.name ?? '', to?.name ?? '', i);
    return judge(tagKey, report) === 'genuine' && report.context.sender !== holders[0]?.name;
  });
  record.share('errors.wrongly-named', wrong.length, trees.length, { method: 'sampled', note: `of a forwarded text, the report names who passed it on to the reporter, not who wrote it; ${TREES_IN_WORDS}` });
}

function frankedReport(tagKey: Uint8Array, keys: SeededRandom, sender: string, recipient: string, time: number): FrankedReport {
  const [key, text] = [keys.bytes(32), new TextEncoder().encode(`synthetic reported text ${time}`)];
  const [commitment, context] = [commitTo(key, text), { sender, recipient, time }];
  return { key, text, commitment, context, tag: tagOf(tagKey, commitment, context) };
}

async function attachments(plain: boolean, conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'user-reports attachments');
  const scheme = plain ? gcm : committing;
  const outcomes = await sendSalamanders(world, scheme, !plain, ATTACHMENTS);
  const passed = evaded(outcomes, 'deskFirst');
  record.attack('sender of an attachment with two keys', passed, outcomes.length, `${plain ? 'attachments under AES-GCM' : 'attachments that commit to their key'} showed the recipient one text and the desk another`);
  record.share('evasion.share', passed, outcomes.length, { note: 'the recipient saw the abusive text (synthetic), the desk did not; the desk opens one stored file once, with the first key that opens it' });
  const file = new TextEncoder().encode('synthetic file');
  const sealed = scheme.seal(new Uint8Array(32), new Uint8Array(12), file);
  record.number('wire.once', sealed.length - file.length, { note: 'bytes added to one attachment' });
  if (plain) {
    const trials = outcomes.reduce((sum, o) => sum + o.trials, 0) / outcomes.length;
    record.number('evasion.trials', trials, { note: `nonces that the sender tried on its own machine for one attachment, mean of ${outcomes.length}; the container of the lab needs 1 byte and a length that fits; the tag itself is solved, not searched` });
    record.finding(`A desk that opens the attachment of every reported message with that message’s own key misses ${evaded(outcomes, 'deskEach')} of ${outcomes.length}: the attack needs a desk that takes one stored file for one content.`);
  } else {
    record.finding(`The sender tried the commitment to the first key, to the second and a random one in turn; recipients’ clients showed ${outcomes.reduce((sum, o) => sum + o.shown.length, 0)} texts of ${outcomes.length * 2} messages, and the desk saw each text that was shown.`);
  }
}
