/**
 * Per-epoch escrow with several custodians: how many must agree, what fewer can read, and whether a wrong part is noticed.
 * Sources: Feldman (1987) and Pedersen (1991) for the shared key, Shoup and Gennaro (1998) for opening with it.
 * @module
 */
import { measureAccess, recordUnnoticed } from '../access.ts';
import { arrangeThreshold, chanceOf, holdCeremony } from '../mechanisms/threshold-arrangement.ts';
import { epochLabel } from '../mechanisms/threshold-epochs.ts';
import { modulo } from '../mechanisms/threshold-group.ts';
import { combine, PARTIAL_BYTES, partialDecryption, sealTo, verifyPartial } from '../mechanisms/threshold-seal.ts';
import type { Partial } from '../mechanisms/threshold-seal.ts';
import { badDealings, complaints, custodians, deal } from '../mechanisms/threshold-sharing.ts';
import type { Dealing, Quorum } from '../mechanisms/threshold-sharing.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { openWorld, talk } from '../world.ts';

const QUORUMS: Readonly<Record<string, Quorum>> = { '3-of-5': { threshold: 3, count: 5 }, '2-of-3': { threshold: 2, count: 3 } };

export const thresholdCustodians: Proposal = {
  id: 'threshold-custodians',
  title: 'Several custodians, some of whom must agree',
  family: 'access',
  kind: 'measurement',
  sources: ['feldman-1987', 'pedersen-1991', 'shoup-1998', 'keys-under-doormats-2015'],
  does: [
    'Several custodians make one key together, each keeping a share of it. Nobody ever holds the whole key, not even while it is made.',
    'Whenever the keys of a conversation change, the client that changed them seals the new keys to the custodians’ key and posts the sealed copy beside the conversation.',
    'With an order, enough of the custodians (three of five, or two of three) each give a partial opening of the copies that the order names, with a proof that it is right. The reader puts them together and reads the messages of these epochs.',
  ],
  claims: [
    { text: 'No single holder: fewer custodians than the threshold read nothing.', source: 'shamir-1979', metrics: ['coalition.least', 'exposed.below-coalition', 'exposed.by-standing-key'] },
    { text: 'Wrong shares and wrong partial openings are recognised, and who gave them is known.', source: 'feldman-1987', metrics: ['errors.forged-accepted', 'errors.wrongly-named'] },
    { text: 'The key is still one key: enough custodians together open everything that was ever sealed to it.', source: 'keys-under-doormats-2015', metrics: ['coalition.least', 'trust.standing-keys'] },
  ],
  couldNot: [
    'Whether custodians stay independent of each other for years, and whether one law, one employer or one intruder reaches several of them: no run of some seconds tells.',
    'Renewing the shares, so that old ones become useless, was not built: a share stolen early counts together with one stolen late.',
    'A client that seals something else is found only when an order opens it: how often that would happen among real people is unknown.',
    'The channels between custodians are assumed to be private; a dealer who gives one wrong share is put out at once, without a chance to answer.',
  ],
  attackers: [
    { name: 'thief of one share', holds: 'one custodian’s share, and what was recorded on the wire', tries: 'to read everything', metric: 'exposed.by-standing-key' },
    { name: 'custodians, one fewer than needed', holds: 'their shares', tries: 'to read anything together', metric: 'exposed.below-coalition' },
    { name: 'custodians, as many as needed', holds: 'their shares', tries: 'to read without an order', metric: 'coalition.least' },
    { name: 'custodian who cheats', holds: 'a share', tries: 'to give a wrong part unnoticed, or to have another blamed', metric: 'errors.forged-accepted' },
    { name: 'reader of an order who reads on', holds: 'the keys of the epochs opened', tries: 'to read messages that the order does not cover', metric: 'exposed.others-by-access' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to post a copy that opens nothing', metric: 'evasion.share' },
  ],
  comparators: [],
  variants: [{ id: '3-of-5', title: 'three of five custodians' }, { id: '2-of-3', title: 'two of three custodians' }],
  mechanism: ['epoch-escrow.ts', 'threshold-epochs.ts', 'threshold-group.ts', 'threshold-proof.ts', 'threshold-seal.ts', 'threshold-sharing.ts'],
  depends: { size: true, padding: true },
  async run(variant, conditions, record) {
    const quorum = QUORUMS[variant];
    if (quorum === undefined) throw new RangeError('a variant of this proposal expected');
    const { world, arrangement, order, view } = await measureAccess('threshold-custodians', conditions, record, (w) => Promise.resolve(arrangeThreshold(w, quorum)));
    await recordUnnoticed(world, arrangement, order, view, record);
    record.finding(`An order is carried out with up to ${quorum.count - quorum.threshold} of ${quorum.count} custodians absent or cheating, and not with more. For each epoch, each custodian gives ${PARTIAL_BYTES} bytes.`);
    await evade(quorum, conditions, record);
    cheat(quorum, conditions, record);
  },
};

/** A client that seals chance instead of the epoch's secrets: every check of form passes, and no receiver or custodian can tell. */
async function evade(quorum: Quorum, conditions: Conditions, record: Recorder): Promise<void> {
  // Neither the size of the group nor the number of messages matters here.
  const size = Math.min(conditions.size, 10);
  const world = await openWorld({ ...conditions, size, messagesPerEpoch: Math.min(conditions.messagesPerEpoch, size) }, 'threshold-custodians evading');
  const random = world.random.fork('evading');
  const arranged = arrangeThreshold(world, quorum, (_committer, epoch, key, chance) => sealTo(key.publicKey, epochLabel(epoch), random.bytes(64), chance));
  const transcript = await talk(world, arranged.hooks);
  const everybody = new Set(arranged.parties.map((p) => p.id));
  const opened = await arranged.read(everybody, { ...transcript, leaves: world.leaves });
  record.share('evasion.share', transcript.sent.size - opened.size - transcript.refused.size, transcript.sent.size, { note: 'every epoch is begun by a changed client; receivers and custodians have nothing to check the sealed keys against' });
  record.number('evasion.trials', 1);
}

interface Counts {
  readonly tried: number;
  readonly accepted: number;
  readonly named: number;
  readonly misnamed: number;
}

/** Custodians who cheat, each in every way: in the ceremony, and when an order is carried out. */
function cheat(quorum: Quorum, conditions: Conditions, record: Recorder): void {
  const random = SeededRandom.of(conditions.seed, 'threshold-custodians cheating');
  const dealt = cheatDealing(quorum, random);
  const given = cheatOpening(quorum, random);
  record.share('errors.forged-accepted', dealt.accepted + given.accepted, dealt.tried + given.tried, { note: `${dealt.tried} dealings with a wrong share or a borrowed proof, ${given.tried} wrong partial openings` });
  record.share('errors.wrongly-named', dealt.misnamed + given.misnamed, dealt.named + given.named, { note: 'custodians named as the source of a wrong part who were not' });
  record.finding(`With one custodian cheating, ${given.opened} of ${given.orders} openings still gave the right text, without asking again.`);
}

function cheatDealing(quorum: Quorum, random: SeededRandom): Counts {
  const dealings = custodians(quorum).map((i) => deal(i, quorum, chanceOf(random.fork(`dealer ${i}`))));
  const complained = (all: readonly Dealing[]): number[] => [...new Set([...badDealings(quorum, all), ...custodians(quorum).flatMap((i) => complaints(i, all))].map((c) => c.dealer))];
  const accused = complained(dealings);
  const ways: readonly ((d: Dealing) => Dealing)[] = [
    (d) => ({ ...d, shares: new Map([...d.shares].map(([i, s]) => [i, i === (d.dealer % quorum.count) + 1 ? modulo(s + 1n) : s])) }),
    (d) => ({ ...d, possession: dealings.find((other) => other.dealer !== d.dealer)?.possession ?? d.possession }),
  ];
  // A complaint is about one dealing alone: the honest ones need no second look.
  const found = dealings.flatMap((d) => ways.map((way) => complained([way(d)]).includes(d.dealer)));
  const caught = found.filter((f) => f).length;
  return { tried: found.length, accepted: found.length - caught, named: caught + accused.length, misnamed: accused.length };
}

function cheatOpening(quorum: Quorum, random: SeededRandom): Counts & { opened: number; orders: number } {
  const { key, shares } = holdCeremony(quorum, random.fork('ceremony'));
  const chance = chanceOf(random.fork('opening'));
  const secret = random.fork('secret').bytes(64);
  const [label, other] = [epochLabel(1), epochLabel(2)];
  const [sealed, elsewhere] = [sealTo(key.publicKey, label, secret, chance), sealTo(key.publicKey, other, secret, chance)];
  const honest = new Map([...shares].map(([i, share]) => [i, partialDecryption(i, share, label, sealed, chance)]));
  let [tried, accepted, named, misnamed, opened, orders] = [0, 0, 0, 0, 0, 0];
  for (const [i, share] of shares) {
    const mine = partialDecryption(i, share, label, sealed, chance);
    const neighbour = honest.get((i % quorum.count) + 1) ?? mine;
    const ways: readonly Partial[] = [
      partialDecryption(i, modulo(share + 1n), label, sealed, chance),
      { ...mine, proof: mine.proof.with(0, (mine.proof[0] ?? 0) ^ 1) },
      partialDecryption(i, share, other, elsewhere, chance),
      { ...neighbour, custodian: i },
    ];
    tried += ways.length;
    accepted += ways.filter((bad) => verifyPartial(key, label, sealed, bad)).length;
    const bad = ways[i % ways.length] ?? mine;
    const result = combine(key, label, sealed, [...honest.values()].map((p) => (p.custodian === i ? bad : p)));
    named += result.culprits.length;
    misnamed += result.culprits.filter((c) => c !== i).length;
    orders += 1;
    if (result.plaintext !== undefined && Buffer.from(result.plaintext).equals(secret)) opened += 1;
  }
  return { tried, accepted, named, misnamed, opened, orders };
}
