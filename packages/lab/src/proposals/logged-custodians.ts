/**
 * Custodians who open only what an order in a public log covers, each person's part by itself; and the same with clients that
 * seal to the custodians only while a warrant is active. Whether anything is read that the log does not show, and who sees what.
 * Sources: auditable surveillance (Fetzer et al. 2023), accountable logs (Frankle et al. 2018; Kroll et al. 2018), and for the
 * second variant abuse-resistant access, prospective (Green et al. 2021).
 * @module
 */
import { countOpened, covered, measureAccess, standardOrder } from '../access.ts';
import type { Arrangement, Order, View } from '../access.ts';
import { arrangeLogged, LIMIT, QUORUM, tagOf } from '../mechanisms/logged-arrangement.ts';
import type { LoggedWorld } from '../mechanisms/logged-arrangement.ts';
import { attemptAll, hideOrder, publishFalsely } from '../mechanisms/logged-attempts.ts';
import type { Attempt } from '../mechanisms/logged-attempts.ts';
import { countFromLog, isBeginning } from '../mechanisms/logged-audit.ts';
import type { Counts } from '../mechanisms/logged-audit.ts';
import { Follower } from '../mechanisms/logged-log.ts';
import { readerOf, readSenders, SENDER_POST_BYTES } from '../mechanisms/logged-sender.ts';
import { isListed, listBytes, publishWarrants } from '../mechanisms/logged-warrants.ts';
import { PARTIAL_BYTES } from '../mechanisms/threshold-seal.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { openWorld, talk } from '../world.ts';

export const loggedCustodians: Proposal = {
  id: 'logged-custodians',
  title: 'Custodians bound to a public log',
  family: 'access',
  kind: 'measurement',
  sources: ['fetzer-2023', 'frankle-2018', 'kroll-2018', 'arleas-2021', 'shoup-1998'],
  does: [
    'At the beginning of every epoch each client seals what opens its own messages of that epoch, and nobody else’s, to a key that five custodians share.',
    'An authority that wants to read enters an order in a public log. The log shows that there is an order and in which term, not whom it concerns. Three of the five custodians must each find the order there, find that the request stays within it and within the number of orders allowed in a term, and enter their own release before they give their part.',
    'Anybody can count orders and accesses from the log, and can check that nothing in it was changed afterwards.',
    'In the second variant clients seal to the custodians only while a warrant for their own user is in a list that the log commits to. Everybody else seals to a key that nobody has, so that there is nothing to open from before a warrant or from people without one.',
  ],
  claims: [
    { text: 'Keys are short-lived and belong to one user: an access opens one person’s messages of the epochs ordered.', source: 'fetzer-2023', metrics: ['exposed.people-read', 'exposed.other-epochs', 'exposed.people-in-records'] },
    { text: 'The key is shared among several parties.', source: 'fetzer-2023', metrics: ['coalition.least', 'exposed.below-coalition'] },
    { text: 'Access is given on conditions only, and leaves a trail.', source: 'fetzer-2023', metrics: ['audit.unlogged-access', 'noticed.log'] },
    { text: 'There are public statistics of all accesses.', source: 'fetzer-2023', metrics: ['audit.counts-equal'] },
    { text: 'Users do not learn that they are targets.', source: 'fetzer-2023', metrics: ['noticed.clients'] },
    { text: 'A data source releases only what a recorded order of a court covers.', source: 'kroll-2018', metrics: ['audit.unlogged-access'] },
    { text: 'Prospective: only what is sealed after a warrant became active can be read.', source: 'arleas-2021', metrics: ['reach.past', 'reach.future'] },
  ],
  couldNot: [
    'The proof that a post has the right form was left out, in both variants: whoever changes the own client posts something that opens nothing, and nobody can tell before an order.',
    'The prospective variant is a model: in the published design lossy encryption hides from a sender whether it is a target. Here the client looks its user up, so a client of a target can tell.',
    'Committees that change and hand their shares on, and the zero-knowledge statements about orders, were not built. Shares stay in place for the whole run.',
    'Whether people who act as custodians, operators and witness stay independent of each other: no run of some seconds tells.',
    'The code of the log, which is this product’s own, is not in the lines counted.',
  ],
  attackers: [
    { name: 'authority without an order in the log', holds: 'the key that signs orders', tries: 'forged proofs, other people, other periods, orders used twice, more orders than allowed' },
    { name: 'authority with the operator of the log', holds: 'both keys', tries: 'to show custodians a log of its own making, without a witness' },
    { name: 'authority, operator and witness', holds: 'all three keys', tries: 'to show custodians another log than before, and to keep a second log for them from the start' },
    { name: 'custodians, as many as needed', holds: 'their shares', tries: 'to read without any order', metric: 'coalition.least' },
    { name: 'reader of an order who reads on', holds: 'what was opened for an order', tries: 'to read other people’s messages, or other epochs', metric: 'exposed.others-by-access' },
    { name: 'operator of the log', holds: 'the key that signs heads', tries: 'to have other counts believed: fewer or more than happened, entries left out, entries made up' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to post something that opens nothing', metric: 'evasion.share' },
  ],
  comparators: [
    { metric: 'audit.counts-equal', says: 'United States wiretap report for 2017: 3,813 orders (not checked at the source)', source: 'us-wiretap-2017', differs: 'reported by judges and prosecutors and printed once a year; there is no log to recount them from; synthetic orders here' },
  ],
  variants: [{ id: 'logged', title: 'every member’s part sealed, opened on a logged order' }, { id: 'prospective', title: 'sealed only while a warrant is active' }],
  mechanism: [
    'logged-audit.ts', 'logged-custodian.ts', 'logged-entries.ts', 'logged-log.ts', 'logged-sender.ts', 'logged-warrants.ts',
    'threshold-group.ts', 'threshold-proof.ts', 'threshold-seal.ts', 'threshold-sharing.ts',
  ],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const prospective = variant === 'prospective';
    if (!prospective && variant !== 'logged') throw new RangeError('a variant of this proposal expected');
    const made: LoggedWorld[] = [];
    const { transcript, order, arrangement, view } = await measureAccess(`logged-custodians ${variant}`, conditions, record, async (w) => {
      const logged = await arrangeLogged(w, { prospective });
      made.push(logged.setting);
      return logged.arrangement;
    });
    for (const setting of made.slice(0, 1)) await recordBystanders(setting, view, order, conditions, record);
    const all = await arrangement.read(new Set(arrangement.parties.map((p) => p.id)), view);
    const [listed, others] = [countOpened(all, transcript, (m) => covered(order, m) && m.epoch >= order.issuedAt), countOpened(all, transcript, (m) => m.sender !== order.target)];
    record.finding(`Three custodians together read ${all.size} of ${transcript.sent.size} messages without an order: ${listed.count} of ${listed.of} of the target’s from the order on, ${others.count} of ${others.of} of other people’s. The log does not show it.`);
    record.finding(`Each member’s part takes ${SENDER_POST_BYTES} bytes and its name, once in an epoch; devices of the group that are not run are counted with as many. For one part, each custodian gives ${PARTIAL_BYTES} bytes.`);
    await audit(prospective, conditions, record);
    await evade(prospective, conditions, record);
  },
};

/** For experiments in which neither the size of the group nor the number of messages matters: at most ten people, who write once each. */
function brief(conditions: Conditions): Conditions {
  const size = Math.min(conditions.size, 10);
  return { ...conditions, size, messagesPerEpoch: Math.min(conditions.messagesPerEpoch, size) };
}

/** Attempts, counts and traces, in a conversation of its own. */
async function audit(prospective: boolean, conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(brief(conditions), 'logged-custodians audit');
  const { arrangement, setting } = await arrangeLogged(world, { prospective });
  const transcript = await talk(world, arrangement.hooks);
  const view: View = { ...transcript, leaves: world.leaves };
  const order = standardOrder(world);
  // One epoch in which the variant has something to open, and one after it.
  const narrow = { ...order, fromEpoch: order.issuedAt, toEpoch: order.issuedAt };
  const tried = await recordAttempts(setting, view, narrow, record);
  const counted = await recordCounts(setting, view, narrow, record);
  const hidden = await recordHidden(setting, view, order, tried.together, record);
  const pooled = await pool(arrangement, setting, view);
  recordUnlogged(tried, counted, [hidden, pooled], record);
  await recordNotice(prospective, setting, order, record);
}

/** What the attempts came to: which kinds by authority, operator and witness together opened a message, and how many without an entry. */
interface Tried {
  readonly together: readonly boolean[];
  readonly unentered: { readonly opened: number; readonly of: number };
}

async function recordAttempts(setting: LoggedWorld, view: View, order: Order, record: Recorder): Promise<Tried> {
  const attempts = await attemptAll(setting, view, order);
  const read = await Promise.all(attempts.map(async ({ outcome }) => (await readSenders(outcome.unsealed, view)).size));
  const opening = read.map((n) => n > 0);
  const by = (who: Attempt['by']): boolean[] => opening.filter((_, i) => attempts[i]?.by === who);
  const tell = (attacker: string, tried: readonly boolean[]): void => {
    record.attack(attacker, tried.filter((n) => n).length, tried.length, 'kinds of attempts opened a message');
  };
  tell('authority without an order in the log', by('authority'));
  tell('authority with the operator of the log', by('authority and operator'));
  const handed = attempts.reduce((sum, a) => sum + a.outcome.handed, 0);
  record.finding(`${attempts.length} kinds of attempts on honest custodians, with and without an entry: ${opening.filter((n) => n).length} opened a message; ${handed} partial decryptions handed over in all, ${QUORUM.threshold} for one text are needed; ${LIMIT} orders are allowed in a term.`);
  const codes = attempts.map(({ name, outcome }) => `${name}: ${[...new Set(outcome.refusals.values())].sort().join(', ') || 'not refused'}`);
  record.finding(`Attempts and refusals. ${codes.join('. ')}.`);
  const unentered = opening.filter((_, i) => attempts[i]?.entered === false);
  return { together: by('authority, operator and witness'), unentered: { opened: unentered.filter((n) => n).length, of: unentered.length } };
}

/** Two terms of orders: accesses made and those that the log shows; what is published is recounted from the log by code of its own, and compared with what was done. */
async function recordCounts(setting: LoggedWorld, view: View, order: Order, record: Recorder): Promise<{ readonly done: number; readonly shown: number }> {
  const bystander = setting.world.live.find((m) => m.name !== order.target)?.name ?? order.target;
  let [equal, compared, done, shown] = [0, 0, 0, 0];
  for (const wanted of [[order.target, bystander], [order.target]]) {
    const term = setting.nextTerm();
    const happened = { orders: 0, accesses: 0, texts: 0 };
    for (const target of wanted) {
      const texts = setting.textsOf({ ...order, target: order.target }, view);
      const outcome = await setting.carryOut({ ...await setting.issue({ ...order, target }), texts });
      happened.orders += 1;
      if (outcome.handed >= QUORUM.threshold * texts.length) [happened.accesses, happened.texts] = [happened.accesses + 1, happened.texts + texts.length];
    }
    const counted = await recount(setting, term);
    const pairs = [[counted.orders, happened.orders], [counted.accesses, happened.accesses], [counted.texts, happened.texts]];
    equal += pairs.filter(([a, b]) => a === b).length;
    compared += pairs.length;
    [done, shown] = [done + happened.accesses, shown + counted.accesses];
  }
  const published = await publishFalsely(setting, setting.term);
  record.attack('operator of the log', published.filter((p) => p.believed).length, published.length, 'false publications were taken for true by somebody who recounts and follows the witnessed log');
  record.finding(`False publications by the operator. ${published.map((p) => `${p.name}: ${p.believed ? 'believed' : p.code}`).join('. ')}.`);
  record.share('audit.counts-equal', equal, compared, { note: 'orders, accesses and texts opened, of two terms; one order of them was refused as out of scope' });
  return { done, shown };
}

/** The counts of a term as anybody gets them who follows the public log. */
async function recount(setting: LoggedWorld, term: number): Promise<Counts> {
  const follower = new Follower(setting.rules.policy);
  return countFromLog(setting.log.entries, await follower.advance(setting.log), setting.enrolled, QUORUM.threshold, term);
}

/** Accesses that the public log does not show: by custodians alone, and by a second log that only custodians see. */
async function recordHidden(setting: LoggedWorld, view: View, order: Order, together: readonly boolean[], record: Recorder): Promise<Unlogged> {
  const before = setting.log.entries.length;
  const { outcome, heads } = await hideOrder(setting, view, order);
  const read = await readSenders(outcome.unsealed, view);
  const seen = heads.some((head) => !isBeginning(setting.log.entries, head));
  record.finding(`Authority, operator and witness together, with a second log from the start, had honest custodians open ${outcome.unsealed.length} texts for an order that the public log does not show (${read.size} messages). ${seen ? 'Comparing a custodian’s last head with the public log shows it.' : 'Comparing a custodian’s last head with the public log does not show it.'}`);
  if (setting.log.entries.length !== before) throw new RangeError('an access outside the public log expected');
  const hidden = read.size > 0 ? 1 : 0;
  record.attack('authority, operator and witness', together.filter((n) => n).length + hidden, together.length + 1, `kinds of attempts opened messages${hidden === 0 ? '' : `: a second log from the start; comparing a custodian’s last head with the public log ${seen ? 'shows' : 'does not show'} it`}`);
  return { read: read.size > 0, exposed: seen };
}

/** An access that the public log does not show: whether it read, and whether an audit exposes it. */
interface Unlogged {
  readonly read: boolean;
  readonly exposed: boolean;
}

/** As many custodians as are needed pool their shares; nothing of it is entered. */
async function pool(arrangement: Arrangement, setting: LoggedWorld, view: View): Promise<Unlogged> {
  const before = setting.log.entries.length;
  const custodians = arrangement.parties.map((p) => p.id).filter((id) => id.startsWith('custodian')).slice(0, QUORUM.threshold);
  const read = await arrangement.read(new Set(custodians), view);
  return { read: read.size > 0, exposed: setting.log.entries.length > before };
}

/** Accesses without a public entry beside those on an order: what succeeds, what a log shows, what an audit exposes. */
function recordUnlogged({ unentered }: Tried, { done, shown }: { readonly done: number; readonly shown: number }, hidden: readonly Unlogged[], record: Recorder): void {
  const made = hidden.filter((access) => access.read);
  record.share('audit.unlogged-access', unentered.opened + made.length, unentered.of + hidden.length, {
    note: `kinds of attempts for which the public log shows no order: ${unentered.of} on custodians who follow it; a second log that custodians alone see; ${QUORUM.threshold} custodians who pool their shares`,
  });
  if (made.length > 0) record.share('audit.unlogged-exposed', made.filter((access) => access.exposed).length, made.length, { note: 'a second log, which an audit of the custodians’ last heads exposes; pooled shares, which leave no trace' });
  const note = `${shown} of ${done} on an order; ${made.length} without one`;
  record.share('noticed.log', shown, done + made.length, { note });
  record.share('noticed.monitor', shown, done + made.length, { note: `that there was an access, in which term and to how many sealed parts; not to whose; ${note}` });
}

/** The sender data secret that goes with every sealed part tells who sent each message of the epoch. */
async function recordBystanders(setting: LoggedWorld, view: View, order: Order, { size }: Conditions, record: Recorder): Promise<void> {
  const { unsealed } = await setting.carryOut({ ...await setting.issueNext(order), texts: setting.textsOf(order, view) });
  const leaves = new Set<number>();
  for (const { epoch, secret } of unsealed) {
    for (const m of view.wire.filter((w) => w.epoch === epoch && w.kind === 'application' && w.sender !== order.target)) {
      const leaf = await readerOf(secret).leafOf(m.bytes);
      if (leaf !== undefined) leaves.add(leaf);
    }
  }
  record.number('exposed.people-in-records', leaves.size, { note: `of ${setting.world.live.length - 1} writing beside the target in a group of ${size}: people of whom an access tells, by the sender data of the epochs, which messages they sent; nothing that the service does not see from its accounts here` });
}

async function recordNotice(prospective: boolean, setting: LoggedWorld, order: Order, record: Recorder): Promise<void> {
  const { live } = setting.world;
  if (!prospective) {
    record.share('noticed.clients', 0, live.length, { method: 'computed', note: 'nothing of an access passes through a client; the log shows all alike that there was one' });
    return;
  }
  const list = await publishWarrants([tagOf(setting, order.target)], 1, setting.authority, setting.log);
  const listed = await Promise.all(live.map((m) => isListed(tagOf(setting, m.name), list, setting.enrolled, new Follower(setting.rules.policy), setting.log)));
  record.share('noticed.clients', listed.filter((l) => l).length, live.length, { note: 'clients that find their own user in the list of active warrants: in this model the target’s can; the published design hides it' });
  record.finding(`A list of one active warrant takes ${listBytes(list)} bytes, which every client fetches when it changes.`);
}

/** A target whose client does not co-operate: it seals chance, or seals to a key that nobody has although it is listed. */
async function evade(prospective: boolean, conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(brief(conditions), 'logged-custodians evading');
  const order = standardOrder(world);
  const { arrangement } = await arrangeLogged(world, { prospective, evading: new Set([order.target]) });
  const transcript = await talk(world, arrangement.hooks);
  const from = prospective ? order.issuedAt : order.fromEpoch;
  const { count, of } = countOpened(await arrangement.access(order, { ...transcript, leaves: world.leaves }), transcript, (m) => covered(order, m) && m.epoch >= from);
  record.share('evasion.share', of - count - transcript.refused.size, of, { note: `the target’s client alone is changed; of its messages of the order’s period${prospective ? ' from the warrant on' : ''}` });
  record.number('evasion.trials', 1);
}
