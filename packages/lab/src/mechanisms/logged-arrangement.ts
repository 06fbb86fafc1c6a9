/**
 * Custodians, log, witness and authority set up for the harness, in both variants, and the carrying out of an order.
 * Part of the experiment, not of what a product would add.
 * @module
 */
import { formatVerifierKey } from '@weighbridge/log';
import type { NoteSigner } from '@weighbridge/log';
import { standardOrder } from '../access.ts';
import type { Arrangement, Order, View } from '../access.ts';
import type { Member } from '../mls/member.ts';
import type { SeededRandom } from '../random.ts';
import type { World } from '../world.ts';
import { LoggedCustodian } from './logged-custodian.ts';
import type { CheckName, Request, Rules } from './logged-custodian.ts';
import { commitOrder, signEntry, signer } from './logged-entries.ts';
import type { Enrolled, Signer } from './logged-entries.ts';
import { Follower, OrderLog, policyOf, witness } from './logged-log.ts';
import type { LogService } from './logged-log.ts';
import { readPosts, readSenders, sealSender, senderLabel, SENDER_POST_BYTES, writePost } from './logged-sender.ts';
import type { SealedSender } from './logged-sender.ts';
import { isListed, lossyKey, publishWarrants, warrantTag } from './logged-warrants.ts';
import type { WarrantList } from './logged-warrants.ts';
import { chanceOf, custodianParties, holdCeremony, memo, openWithSecret, pooledSecret } from './threshold-arrangement.ts';
import type { Ceremony } from './threshold-arrangement.ts';
import type { Chance, Element } from './threshold-group.ts';
import { combine, sealTo } from './threshold-seal.ts';
import type { Partial } from './threshold-seal.ts';
import { ceremonyBytes } from './threshold-sharing.ts';

export const QUORUM = { threshold: 3, count: 5 };
/** Orders per term. */
export const LIMIT = 3;

export interface LoggedOptions {
  /** Clients seal to the custodians only while they are listed. */
  readonly prospective?: boolean;
  /** Warrants in force from their `issuedAt` to their `toEpoch`; the standard order without it. */
  readonly warrants?: readonly Order[];
  /** Checks of a custodian: all without it. Fewer only to see what a check is for. */
  readonly checks?: (custodian: number) => readonly CheckName[] | undefined;
  /** Names of members whose clients do not co-operate. */
  readonly evading?: ReadonlySet<string>;
}

/** What came of a request to custodians. */
export interface Outcome {
  /** Codes of the refusals, by custodian. */
  readonly refusals: ReadonlyMap<number, string>;
  /** Partial decryptions handed over. */
  readonly handed: number;
  readonly unsealed: readonly { readonly sender: string; readonly epoch: number; readonly secret: Uint8Array }[];
}

/** An order in the log. */
export interface Issued {
  readonly entry: Uint8Array;
  readonly index: bigint;
  readonly opening: Uint8Array;
  readonly number: number;
}

/** Everything in one world. */
export class LoggedWorld {
  readonly world: World;
  readonly options: LoggedOptions;
  readonly ceremony: Ceremony;
  readonly rules: Rules;
  readonly authority: Signer;
  readonly logKey: NoteSigner;
  readonly witnessKey: NoteSigner;
  readonly log: OrderLog;
  /** Everybody who signs entries of the log. */
  readonly enrolled: Enrolled;
  readonly custodians: readonly LoggedCustodian[];
  readonly #keys: readonly Signer[];
  readonly #random: SeededRandom;
  #term = 1;
  #number = 0;

  constructor(world: World, options: LoggedOptions = {}) {
    const random = world.random.fork('logged custodians');
    [this.world, this.options, this.#random] = [world, options, random];
    this.ceremony = holdCeremony(QUORUM, random.fork('ceremony'));
    this.authority = signer('authority', chanceOf(random.fork('authority')));
    this.#keys = [...this.ceremony.shares.keys()].map((i) => signer(`custodian-${i}`, chanceOf(random.fork(`custodian key ${i}`))));
    this.logKey = noteSigner('ed25519', signer('orders.example', chanceOf(random.fork('log'))));
    this.witnessKey = noteSigner('ed25519-cosigner', signer('witness.example', chanceOf(random.fork('witness'))));
    this.log = this.newLog();
    this.rules = { quorum: QUORUM, policy: policyOf(this.logKey, this.witnessKey), authorities: new Map([[this.authority.name, this.authority.publicKey]]), limit: LIMIT };
    this.enrolled = new Map([this.authority, ...this.#keys].map((k) => [k.name, k.publicKey]));
    this.custodians = this.newCustodians();
  }

  get term(): number {
    return this.#term;
  }

  /** A log under the same keys, with a witness that knows no other: the second one is what a cheating operator makes. */
  newLog(): OrderLog {
    return new OrderLog(this.logKey, witness(this.witnessKey, this.logKey.verifierKey.name));
  }

  /** Custodians with the same shares who have seen no log yet. */
  newCustodians(): readonly LoggedCustodian[] {
    return [...this.ceremony.shares].map(([i, share]) => new LoggedCustodian(i, { share, key: this.#keys[i - 1] ?? this.authority, chance: this.chance(`custodian ${i}`) }, this.rules, this.options.checks?.(i)));
  }

  chance(label: string): Chance {
    return chanceOf(this.#random.fork(label));
  }

  nextTerm(): number {
    this.#term += 1;
    this.#number = 0;
    for (const custodian of this.custodians) custodian.beginTerm(this.#term);
    return this.#term;
  }

  /** An order signed by `by` under the next number of the term, entered in `log`, or nowhere. */
  async issue(order: Order, { by = this.authority, log = this.log, number = this.#number + 1 }: { by?: Signer; log?: LogService | 'nowhere'; number?: number } = {}): Promise<Issued> {
    this.#number = Math.max(this.#number, number);
    const { commitment, opening } = commitOrder(order, this.chance(`order ${this.#term} ${number} ${order.target} ${order.fromEpoch}`));
    const entry = signEntry({ kind: 'order', by: by.name, term: this.#term, number, commitment }, by);
    return { entry, opening, number, index: log === 'nowhere' ? 0n : await log.append(entry) };
  }

  /** The next order of the term, or the first of a new one. */
  issueNext(order: Order): Promise<Issued> {
    if (this.#number >= LIMIT) this.nextTerm();
    return this.issue(order);
  }

  /** Asks custodians and combines what they give. */
  async carryOut(request: Request, { custodians = this.custodians.slice(0, QUORUM.threshold), log = this.log }: { custodians?: readonly LoggedCustodian[]; log?: LogService } = {}): Promise<Outcome> {
    const refusals = new Map<number, string>();
    const given: (readonly Partial[])[] = [];
    for (const custodian of custodians) {
      try {
        given.push(await custodian.release(request, log));
      } catch (error) {
        refusals.set(custodian.number, codeOf(error));
      }
    }
    const handed = given.reduce((sum, partials) => sum + partials.length, 0);
    const unsealed = given.length < QUORUM.threshold ? [] : request.texts.flatMap((text, i) => {
      const { plaintext } = combine(this.ceremony.key, senderLabel(text), text.sealed, given.flatMap((partials) => partials[i] ?? []));
      return plaintext === undefined ? [] : [{ sender: text.sender, epoch: text.epoch, secret: plaintext }];
    });
    return { refusals, handed, unsealed };
  }

  /** The sealed texts of an order. */
  textsOf(order: Order, view: Pick<View, 'posts'>): SealedSender[] {
    return readPosts(view.posts).filter((t) => t.sender === order.target && t.epoch >= order.fromEpoch && t.epoch <= order.toEpoch);
  }
}

/** The proposal for the harness. */
export async function arrangeLogged(world: World, options: LoggedOptions = {}): Promise<{ arrangement: Arrangement; setting: LoggedWorld }> {
  const setting = new LoggedWorld(world, options);
  const { ceremony } = setting;
  const clients = await clientsOf(setting);
  const opened = memo();
  const arrangement: Arrangement = {
    parties: [
      ...custodianParties(QUORUM),
      { id: 'authority', role: 'signs orders, and reads what custodians open', holds: ['key that signs orders'], standing: false },
      { id: 'log', role: 'keeps the public log of orders and releases', holds: ['key that signs heads'], standing: false },
      { id: 'witness', role: 'cosigns heads of the log that grow', holds: ['key that cosigns heads'], standing: false },
    ],
    hooks: { ...(options.prospective === true ? { beforeEpoch: (epoch: number) => clients.beginEpoch(epoch) } : {}), post: (epoch) => clients.post(epoch) },
    // Authority, log, witness, custodians at the same time, log and witness again for their releases, reader; with warrants also the client.
    acts: options.prospective === true ? 8 : 7,
    bytesOnce: ceremonyBytes(QUORUM),
    read(coalition, view) {
      const secret = pooledSecret(ceremony, coalition);
      if (secret === undefined) return Promise.resolve(new Map());
      return opened(secret, view, () => readSenders(readPosts(view.posts).flatMap((t) => {
        const plaintext = openWithSecret(secret, senderLabel(t), t.sealed);
        return plaintext === undefined ? [] : [{ epoch: t.epoch, secret: plaintext }];
      }), view));
    },
    async access(order, view) {
      const issued = await setting.issueNext(order);
      const { unsealed } = await setting.carryOut({ ...issued, texts: setting.textsOf(order, view) });
      return readSenders(unsealed, view);
    },
  };
  return { arrangement, setting };
}

/** What the clients of a conversation do: seal, each for itself, and in the prospective variant look themselves up first. */
async function clientsOf(setting: LoggedWorld): Promise<{ beginEpoch(epoch: number): Promise<void>; post(epoch: number): Promise<Uint8Array> }> {
  const { world, options, ceremony: { key: { publicKey } }, log } = setting;
  const [sealing, lossy, silence] = [setting.chance('clients'), setting.chance('lossy'), setting.chance('silent')];
  const warrants = options.warrants ?? [standardOrder(world)];
  const publish = (active: readonly Order[]): Promise<WarrantList> => publishWarrants(active.map((o) => tagOf(setting, o.target)), 1, setting.authority, log);
  let list = options.prospective === true ? await publish([]) : undefined;
  const followers = new Map(world.live.map((m) => [m.name, new Follower(setting.rules.policy)]));
  const keyFor = async (member: Member): Promise<Element> => {
    if (list === undefined) return publicKey;
    const listed = await isListed(tagOf(setting, member.name), list, setting.enrolled, followers.get(member.name) ?? new Follower(setting.rules.policy), log);
    return listed && options.evading?.has(member.name) !== true ? publicKey : lossyKey(lossy);
  };
  return {
    async beginEpoch(epoch) {
      const active = warrants.filter((o) => o.issuedAt <= epoch && epoch <= o.toEpoch);
      const before = warrants.filter((o) => o.issuedAt <= epoch - 1 && epoch - 1 <= o.toEpoch);
      if (active.some((o) => !before.includes(o)) || before.some((o) => !active.includes(o))) list = await publish(active);
    },
    async post(epoch) {
      const parts: Omit<SealedSender, 'epoch'>[] = [];
      for (const member of world.live) parts.push(await partOf(setting, member, epoch, await keyFor(member), sealing));
      // Devices that are not run would post as much as the others: bytes of chance of that length stand for it.
      for (const sender of silentNames(world)) parts.push({ sender, sealed: silence(SENDER_POST_BYTES - 1) });
      return writePost(parts);
    },
  };
}

function partOf(setting: LoggedWorld, member: Member, epoch: number, key: Element, chance: Chance): Promise<SealedSender> {
  const { options } = setting;
  if (options.prospective === true || options.evading?.has(member.name) !== true) return Promise.resolve(sealSender(member, epoch, key, chance));
  const of = { sender: member.name, epoch };
  return Promise.resolve({ ...of, sealed: sealTo(key, senderLabel(of), chance(64), chance) });
}

/** The tag of a person, from a key that its client and the authority share. */
export function tagOf(setting: LoggedWorld, name: string): string {
  return warrantTag(setting.chance(`tag key ${name}`)(32), 1);
}

function silentNames(world: World): string[] {
  const live = new Set(world.live.map((m) => m.name));
  const names = Array.from({ length: world.conditions.size }, (_, i) => `synthetic-${String(i).padStart(4, '0')}`);
  return names.filter((name) => !live.has(name));
}

function noteSigner(kind: 'ed25519' | 'ed25519-cosigner', key: Signer): NoteSigner {
  return { verifierKey: formatVerifierKey(key.name, kind, key.publicKey), sign: (message) => key.sign(message) };
}

/** The code of a refusal. @throws the error itself when it has none: a fault is no refusal. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
