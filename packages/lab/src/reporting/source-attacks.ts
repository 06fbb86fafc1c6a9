/**
 * The attackers that source tracking faces, each tried for real: forgers who frame somebody, sources that want no name on
 * their message, and those who hold everything but the moderator's key and want to know who wrote a message.
 * @module
 */
import { commitmentOf, forward, HEAD_BYTES, inspect, issueToken, newModerator, receive, sendNew, sealedAccount, signingKey, sourceIn, sourceHooks, STAMP_BYTES, stampOf } from '../mechanisms/source-token.ts';
import type { FetchedToken, Moderator, PublicKeys, SigningKey, SourceReport } from '../mechanisms/source-token.ts';
import type { SeededRandom } from '../random.ts';
import type { Hooks, World } from '../world.ts';
import { pathOf } from './forward-trees.ts';
import type { ForwardTree } from './forward-trees.ts';

/** Moderator, platform and what everybody knows of them. */
export interface TrackingService {
  readonly moderator: Moderator;
  readonly platform: SigningKey;
  readonly keys: PublicKeys;
}

export async function trackingService(random: SeededRandom): Promise<TrackingService> {
  const moderator = await newModerator(random.fork('moderator'));
  const platform = signingKey(random.fork('platform'));
  return { moderator, platform, keys: { moderator: moderator.signing.publicKey, platform: platform.publicKey } };
}

/** Tokens that these accounts fetched before they write: `each` for every one. @throws RangeError when one has none left. */
export async function fetchTokens({ moderator }: TrackingService, accounts: readonly string[], each: number, random: SeededRandom): Promise<(account: string) => FetchedToken> {
  const pools = new Map<string, FetchedToken[]>();
  for (const account of accounts) {
    const pool: FetchedToken[] = [];
    for (let i = 0; i < each; i += 1) pool.push(await issueToken(moderator, account, 0, random));
    pools.set(account, pool);
  }
  return (account) => {
    const token = pools.get(account)?.pop();
    if (token === undefined) throw new RangeError('an account with a token left expected');
    return token;
  };
}

/** A message that came from a victim, as its recipient holds it, and a token of the forger's own. */
interface Material {
  readonly victim: SourceReport;
  readonly other: SourceReport;
  readonly own: FetchedToken;
  readonly service: Pick<TrackingService, 'keys'> & { readonly sealingKey: Uint8Array };
  /** Has the platform stamp what it is handed, as for any sender. */
  readonly stamped: (enclosed: Uint8Array) => Uint8Array;
}

type Framing = (material: Material, random: SeededRandom) => SourceReport | Promise<SourceReport>;

const INVENTED = new TextEncoder().encode('synthetic text that the victim never wrote');
const TOKEN_BYTES = HEAD_BYTES - STAMP_BYTES - 96;

const FRAMINGS: Readonly<Record<string, Framing>> = {
  'token of the victim on another text': ({ victim, stamped }) => restamped(Buffer.concat([victim.enclosed.subarray(0, HEAD_BYTES), INVENTED]), stamped),
  'the same, signed with another token’s key': ({ victim, own, stamped }, random) => restamped(sendNew({ token: victim.enclosed.subarray(0, TOKEN_BYTES), secret: own.secret }, INVENTED, random).enclosed, stamped),
  'token made by the forger with the victim sealed in it': async ({ service, stamped }, random) => {
    const pretended = { signing: signingKey(random), sealing: { publicKey: service.sealingKey, privateKey: new Uint8Array(32) } };
    return restamped(sendNew(await issueToken(pretended, 'synthetic-victim', 0, random), INVENTED, random).enclosed, stamped);
  },
  'the victim’s sealed account in a token of the forger’s': ({ victim, own, stamped }, random) => restamped(sendNew({ ...own, token: Buffer.concat([sealedAccount(victim.enclosed), own.token.subarray(64)]) }, INVENTED, random).enclosed, stamped),
  'text altered': ({ victim }) => ({ ...victim, enclosed: changed(victim.enclosed, victim.enclosed.length - 1) }),
  'text altered and stamped anew': ({ victim, stamped }) => restamped(changed(victim.enclosed, victim.enclosed.length - 1), stamped),
  'time of the token altered': ({ victim, stamped }) => restamped(changed(victim.enclosed, 71), stamped),
  'key of the commitment altered': ({ victim }) => ({ ...victim, enclosed: changed(victim.enclosed, TOKEN_BYTES + 64) }),
  'stamp of another message': ({ victim, other }) => ({ ...victim, stamp: other.stamp }),
  'time of the stamp altered': ({ victim }) => ({ ...victim, stamp: changed(victim.stamp, 7) }),
  'stamp made by the forger': ({ victim }, random) => ({ ...victim, stamp: stampOf(signingKey(random), commitmentOf(victim.enclosed), 1) }),
};

/** Forged reports of every kind made from genuine ones; `judged` tells whether the moderator names somebody. */
export async function tryFramings(service: TrackingService, reports: readonly SourceReport[], own: readonly FetchedToken[], random: SeededRandom, judged: (report: SourceReport) => Promise<boolean>): Promise<{ readonly kind: string; readonly tried: number; readonly accepted: number }[]> {
  const stamped = (enclosed: Uint8Array): Uint8Array => stampOf(service.platform, commitmentOf(enclosed), 2);
  const results: { kind: string; tried: number; accepted: number }[] = [];
  for (const [kind, frame] of Object.entries(FRAMINGS)) {
    let accepted = 0;
    for (const [i, victim] of reports.entries()) {
      const token = own[i % own.length];
      if (token === undefined) throw new RangeError('a forger with a token expected');
      const forged = await frame({ victim, other: reports[(i + 1) % reports.length] ?? victim, own: token, service: { keys: service.keys, sealingKey: service.moderator.sealing.publicKey }, stamped }, random);
      if (await judged(forged)) accepted += 1;
    }
    results.push({ kind, tried: reports.length, accepted });
  }
  return results;
}

/** A source with a changed client that wants no name on its message: five kinds, by place on the wire. */
export function namelessHooks(service: TrackingService, tokens: (account: string) => FetchedToken, random: SeededRandom): Hooks {
  const honest = sourceHooks(service.platform, service.keys, tokens, random);
  const forger = signingKey(random);
  return {
    ...honest,
    async enclose(message) {
      const enclosed = Buffer.from(await honest.enclose(message));
      const kinds = [
        () => message.plaintext,
        () => Buffer.concat([random.bytes(TOKEN_BYTES), enclosed.subarray(TOKEN_BYTES)]),
        () => sendNew({ token: enclosed.subarray(0, TOKEN_BYTES), secret: forger.secret }, message.plaintext, random).enclosed,
        () => Buffer.concat([enclosed.subarray(0, HEAD_BYTES - STAMP_BYTES), random.bytes(STAMP_BYTES), message.plaintext]),
        () => enclosed,
      ];
      return (kinds[message.index % 5] ?? (() => enclosed))();
    },
    async accompany(message) {
      return message.index % 5 < 3 && message.plaintext.length >= HEAD_BYTES ? honest.accompany(message) : random.bytes(32);
    },
  };
}

/**
 * Guesses the source of each forwarded message among candidates with everything but the moderator's sealing key: equal or
 * near sealed accounts of messages whose source is known, and every other key at hand tried on it. Counts what was right.
 */
export async function guessSources(known: ReadonlyMap<string, readonly SourceReport[]>, unknown: readonly { readonly report: SourceReport; readonly source: string }[], otherKeys: readonly Uint8Array[]): Promise<number> {
  let right = 0;
  for (const { report, source } of unknown) {
    const sealed = sealedAccount(report.enclosed);
    let guess: string | undefined;
    for (const key of otherKeys) guess ??= await sourceIn(report.enclosed, key);
    const near = [...known].flatMap(([name, reports]) => reports.map((r) => ({ name, distance: hamming(sealedAccount(r.enclosed), sealed) }))).toSorted((a, b) => a.distance - b.distance);
    if ((guess ?? near[0]?.name) === source) right += 1;
  }
  return right;
}

/** The way of one text down a tree to who reports it, message by message; who copies sends it as a new message of its own. */
export async function reportDownTree(service: TrackingService, tree: ForwardTree, text: Uint8Array, random: SeededRandom): Promise<{ readonly report: SourceReport; readonly named: string | undefined }> {
  let held: SourceReport | undefined;
  let time = 1;
  for (const at of pathOf(tree).reverse()) {
    const holder = tree.holders[at];
    const sent = held === undefined || holder?.copies === true
      ? sendNew(await issueToken(service.moderator, holder?.name ?? '', time, random), text, random)
      : forward(held, random);
    const got = receive(sent.enclosed, stampOf(service.platform, sent.commitment, time), service.keys);
    if ('refused' in got) throw new RangeError(`a message that honest receivers take expected: ${got.refused}`);
    held = got;
    time += 1;
  }
  if (held === undefined) throw new RangeError(`a reporter who received something expected, got ${tree.reporter}`);
  const answer = await inspect(service.moderator, held, service.keys);
  return { report: held, named: 'source' in answer ? answer.source : undefined };
}

/** Accounts of a world's devices. */
export function accountsOf(world: World): string[] {
  return world.live.map((member) => member.name);
}

function restamped(enclosed: Uint8Array, stamped: (enclosed: Uint8Array) => Uint8Array): SourceReport {
  return { enclosed, stamp: stamped(enclosed) };
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function hamming(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (const [i, byte] of a.entries()) for (let x = byte ^ (b[i] ?? 0); x > 0; x &= x - 1) distance += 1;
  return distance;
}
