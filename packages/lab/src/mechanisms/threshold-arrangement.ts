/**
 * Custodians set up for the harness: the ceremony that gives each its share, and what colluding custodians do with theirs.
 * Part of the experiment, not of what a product would add.
 * @module
 */
import type { Arrangement, Opened, Party, View } from '../access.ts';
import type { SeededRandom } from '../random.ts';
import type { Post, World } from '../world.ts';
import { readEpochs } from './epoch-escrow.ts';
import { BASE, times } from './threshold-group.ts';
import type { Chance } from './threshold-group.ts';
import { combine, ephemeralOf, openWith, partialDecryption } from './threshold-seal.ts';
import { epochLabel, sealEpochToCustodians } from './threshold-epochs.ts';
import { badDealings, ceremonyBytes, complaints, custodians, deal, interpolate, jointShare, sharedKey } from './threshold-sharing.ts';
import type { Complaint, Dealing, Quorum, SharedKey } from './threshold-sharing.ts';

/** The outcome of a ceremony. In a product each share exists at its custodian alone; here the experiment holds them all. */
export interface Ceremony {
  readonly key: SharedKey;
  readonly shares: ReadonlyMap<number, bigint>;
  readonly complaints: readonly Complaint[];
}

/** Every custodian deals, every custodian checks, those complained of are out. `tamper` changes what one dealer sends. */
export function holdCeremony(quorum: Quorum, random: SeededRandom, tamper: (dealing: Dealing) => Dealing = (d) => d): Ceremony {
  const dealings = custodians(quorum).map((i) => tamper(deal(i, quorum, chanceOf(random.fork(`dealer ${i}`)))));
  const complained = [...badDealings(quorum, dealings), ...custodians(quorum).flatMap((i) => complaints(i, dealings))];
  const qualified = dealings.filter((d) => !complained.some((c) => c.dealer === d.dealer));
  return { key: sharedKey(quorum, qualified), shares: new Map(custodians(quorum).map((i) => [i, jointShare(i, qualified)])), complaints: complained };
}

export function chanceOf(random: SeededRandom): Chance {
  return (length) => random.bytes(length);
}

export function custodianId(custodian: number): string {
  return `custodian-${custodian}`;
}

/** The custodians as parties of the experiment. */
export function custodianParties(quorum: Quorum): Party[] {
  return custodians(quorum).map((i) => ({ id: custodianId(i), role: `keeps one of ${quorum.count} shares, ${quorum.threshold} of which open`, holds: ['share of the key'], standing: true }));
}

/**
 * The secret key that these custodians compute from the shares they hold, put together; undefined when it is not the key,
 * which they see from the public key. This is the strongest thing that colluding custodians can do with their shares.
 */
export function pooledSecret(ceremony: Ceremony, coalition: ReadonlySet<string>): bigint | undefined {
  const pooled = new Map([...ceremony.shares].filter(([i]) => coalition.has(custodianId(i))));
  if (pooled.size === 0) return undefined;
  const secret = interpolate(pooled);
  return times(BASE, secret).equals(ceremony.key.publicKey) ? secret : undefined;
}

/** Opens a sealed text with the whole secret key. */
export function openWithSecret(secret: bigint, label: string, sealed: Uint8Array): Uint8Array | undefined {
  const u = ephemeralOf(sealed);
  return u && openWith(times(u, secret), label, sealed);
}

/** Epoch escrow with custodians. `seal` replaces what clients post, for experiments with clients that do not co-operate. */
export function arrangeThreshold(world: World, quorum: Quorum, seal = sealEpochToCustodians): Arrangement {
  const ceremony = holdCeremony(quorum, world.random.fork('ceremony'));
  const [clients, answers] = [chanceOf(world.random.fork('sealing')), chanceOf(world.random.fork('custodians'))];
  const opened = memo();
  return {
    parties: [...custodianParties(quorum), { id: 'authority', role: 'orders, and reads what custodians open', holds: [], standing: false }],
    hooks: { post: (epoch, committer) => Promise.resolve(seal(committer, epoch, ceremony.key, clients)) },
    // The order; the custodians, all at the same time; the reader who combines.
    acts: 3,
    bytesOnce: ceremonyBytes(quorum),
    read(coalition, view) {
      const secret = pooledSecret(ceremony, coalition);
      if (secret === undefined) return Promise.resolve(new Map());
      return opened(secret, view, () => readEpochs(openAll(view.posts, (p) => openWithSecret(secret, epochLabel(p.epoch), p.bytes)), view));
    },
    access(order, view) {
      const within = view.posts.filter((p) => p.epoch >= order.fromEpoch && p.epoch <= order.toEpoch);
      const asked = [...ceremony.shares].slice(0, quorum.threshold);
      return readEpochs(openAll(within, (p) => {
        const label = epochLabel(p.epoch);
        return combine(ceremony.key, label, p.bytes, asked.map(([i, share]) => partialDecryption(i, share, label, p.bytes, answers))).plaintext;
      }), view);
    },
  };
}

/** Remembers what was opened of a view with a secret: many coalitions come to the same one. */
export function memo(): (secret: bigint, view: View, open: () => Promise<Opened>) => Promise<Opened> {
  const known = new WeakMap<View, Map<bigint, Promise<Opened>>>();
  return (secret, view, open) => {
    const of = known.get(view) ?? new Map<bigint, Promise<Opened>>();
    known.set(view, of);
    const result = of.get(secret) ?? open();
    of.set(secret, result);
    return result;
  };
}

function openAll(posts: readonly Post[], open: (post: Post) => Uint8Array | undefined): Map<number, Uint8Array> {
  return new Map(posts.flatMap((post) => {
    const secret = open(post);
    return secret === undefined ? [] : [[post.epoch, secret] as const];
  }));
}
