/**
 * Source tracking in the manner of Hecate: a moderator hands out tokens in advance, each with an account sealed to the
 * moderator and a signing key for one message; the token travels inside the encrypted message and is passed on unchanged.
 * Sources: docs/references.md#hecate-2022. Reduced: no sealed sender, one moderator, the account sealed with HPKE.
 * @module
 */
import { createHash, createPrivateKey, createPublicKey, sign as signWith, verify as verifyWith } from 'node:crypto';
import { hmacSha256 } from '../hmac-sha256.ts';
import { open, seal, sealingKey } from '../mls/suite.ts';
import type { SealingKey } from '../mls/suite.ts';
import type { SeededRandom } from '../random.ts';
import type { Hooks } from '../world.ts';

const INFO = 'lab source token';
const ACCOUNT_BYTES = 16;
/** Account sealed (64), time (8), key (32), moderator's signature (64). */
const TOKEN_BYTES = 168;
/** The platform's stamp: time (8) and signature (64). */
export const STAMP_BYTES = 72;
/** Token, source's signature (64), key of the commitment (32), and, once forwarded, the stamp of the source's message. */
export const HEAD_BYTES = TOKEN_BYTES + 64 + 32 + STAMP_BYTES;
/** A token is good for messages stamped so long after it was made, in the platform's time. */
export const TOKEN_LIFETIME = 10_000;

/** Ed25519: 32 bytes each. */
export interface SigningKey {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface Moderator {
  readonly signing: SigningKey;
  readonly sealing: SealingKey;
}

/** What every client knows. */
export interface PublicKeys {
  readonly moderator: Uint8Array;
  readonly platform: Uint8Array;
}

/** What a source fetches before it writes: the token that travels, and the secret that signs one message. */
export interface FetchedToken {
  readonly token: Uint8Array;
  readonly secret: Uint8Array;
}

/** A message as it is encrypted: everything before the text is the head. */
export interface TrackedMessage {
  readonly enclosed: Uint8Array;
  /** 32 bytes for the clear part: a commitment on the source's message, chance on a forwarded one. */
  readonly commitment: Uint8Array;
}

/** What a recipient hands to the moderator: head and text, and the stamp of the source's own message. */
export interface SourceReport {
  readonly enclosed: Uint8Array;
  readonly stamp: Uint8Array;
}

export interface Refused {
  readonly refused: string;
}

export function signingKey(random: SeededRandom): SigningKey {
  const secret = random.bytes(32);
  return { secret, publicKey: new Uint8Array(createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).subarray(-32)) };
}

export async function newModerator(random: SeededRandom): Promise<Moderator> {
  return { signing: signingKey(random), sealing: await sealingKey(random) };
}

/** Moderator: a token for an account that has shown who it is. Accounts are up to 16 bytes and padded to one length. */
export async function issueToken(moderator: Moderator, account: string, time: number, random: SeededRandom): Promise<FetchedToken> {
  const ephemeral = signingKey(random);
  const name = Buffer.alloc(ACCOUNT_BYTES);
  if (Buffer.byteLength(account) > ACCOUNT_BYTES) throw new RangeError(`an account of at most ${ACCOUNT_BYTES} bytes expected`);
  name.write(account);
  const body = Buffer.concat([await seal(moderator.sealing.publicKey, name, INFO, random.bytes(32)), timeBytes(time), ephemeral.publicKey]);
  return { token: Buffer.concat([body, sign(body, moderator.signing.secret)]), secret: ephemeral.secret };
}

/** Source: signs the text with the token's key and commits to both. */
export function sendNew({ token, secret }: FetchedToken, text: Uint8Array, random: SeededRandom): TrackedMessage {
  const bound = binding(token, text);
  const key = random.bytes(32);
  return { enclosed: Buffer.concat([token, sign(bound, secret), key, Buffer.alloc(STAMP_BYTES), text]), commitment: commit(key, bound) };
}

/** Forwarder: passes head and text on, with the first message's stamp inside; the clear part is chance. */
export function forward({ enclosed, stamp }: SourceReport, random: SeededRandom): TrackedMessage {
  const copy = Buffer.from(enclosed);
  copy.set(stamp, HEAD_BYTES - STAMP_BYTES);
  return { enclosed: copy, commitment: random.bytes(32) };
}

/** Platform: signs the commitment and the time, whoever sent it. */
export function stampOf(platform: SigningKey, commitment: Uint8Array, time: number): Uint8Array {
  return Buffer.concat([timeBytes(time), sign(Buffer.concat([commitment, timeBytes(time)]), platform.secret)]);
}

/**
 * Recipient: what a report would need, or a reason to refuse. `stamp` came with the message; it is over the clear part, so
 * that a clear part which is no commitment to token and text is refused with it.
 */
export function receive(enclosed: Uint8Array, stamp: Uint8Array, keys: PublicKeys): SourceReport | Refused {
  if (enclosed.length < HEAD_BYTES) return { refused: 'no token' };
  const inner = new Uint8Array(enclosed.subarray(HEAD_BYTES - STAMP_BYTES, HEAD_BYTES));
  const forwarded = inner.some((byte) => byte !== 0);
  const report = { enclosed: Buffer.from(enclosed).fill(0, HEAD_BYTES - STAMP_BYTES, HEAD_BYTES), stamp: forwarded ? inner : stamp };
  const refused = faultOf(report, keys);
  return refused === undefined ? report : { refused };
}

/** Moderator: who wrote the text, or why the report is refused. Nothing else of its way is in the report. */
export async function inspect(moderator: Moderator, report: SourceReport, keys: PublicKeys): Promise<{ readonly source: string } | Refused> {
  if (report.enclosed.length < HEAD_BYTES) return { refused: 'no token' };
  const refused = faultOf(report, keys);
  if (refused !== undefined) return { refused };
  const source = await sourceIn(report.enclosed, moderator.sealing.privateKey);
  return source === undefined ? { refused: 'the account does not open' } : { source };
}

/** The account in a message's token, for who holds the moderator's sealing key, rightly or not. */
export async function sourceIn(enclosed: Uint8Array, privateKey: Uint8Array): Promise<string | undefined> {
  const name = await open(privateKey, sealedAccount(enclosed), INFO);
  return name && Buffer.from(name).toString('utf8').replace(/\0+$/, '');
}

/** The account as it is sealed in a message's token. */
export function sealedAccount(enclosed: Uint8Array): Uint8Array {
  return enclosed.subarray(0, 64);
}

/** The text after the head. */
export function textOf(enclosed: Uint8Array): Uint8Array {
  return enclosed.subarray(HEAD_BYTES);
}

/** Clients and platform in a conversation: `tokens` gives what an account has fetched in advance. */
export function sourceHooks(platform: SigningKey, keys: PublicKeys, tokens: (account: string) => FetchedToken, random: SeededRandom): Hooks & Required<Pick<Hooks, 'enclose' | 'accompany' | 'stamp' | 'check'>> {
  return {
    enclose: ({ sender, plaintext }) => Promise.resolve(sendNew(tokens(sender.name), plaintext, random).enclosed),
    accompany: ({ plaintext }) => Promise.resolve(commitmentOf(plaintext)),
    stamp: ({ index, authenticatedData }) => Promise.resolve(stampOf(platform, authenticatedData, index)),
    check({ plaintext, stamp = new Uint8Array(STAMP_BYTES) }) {
      const got = receive(plaintext, stamp, keys);
      return Promise.resolve('refused' in got ? got.refused : undefined);
    },
  };
}

/** What the source's clear part must be: a commitment to token and text under the key in the head. */
export function commitmentOf(enclosed: Uint8Array): Uint8Array {
  return commit(enclosed.subarray(TOKEN_BYTES + 64, TOKEN_BYTES + 96), binding(enclosed.subarray(0, TOKEN_BYTES), textOf(enclosed)));
}

function faultOf({ enclosed, stamp }: SourceReport, keys: PublicKeys): string | undefined {
  if (enclosed.subarray(HEAD_BYTES - STAMP_BYTES, HEAD_BYTES).some((byte) => byte !== 0)) return 'more than token and text';
  const token = enclosed.subarray(0, TOKEN_BYTES);
  const body = token.subarray(0, TOKEN_BYTES - 64);
  if (!verify(token.subarray(-64), body, keys.moderator)) return 'the token is not the moderator’s';
  if (!verify(enclosed.subarray(TOKEN_BYTES, TOKEN_BYTES + 64), binding(token, textOf(enclosed)), token.subarray(72, 104))) return 'the token is not bound to this text';
  if (!verify(stamp.subarray(8), Buffer.concat([commitmentOf(enclosed), stamp.subarray(0, 8)]), keys.platform)) return 'the platform did not stamp it';
  const age = timeIn(stamp) - timeIn(token.subarray(64));
  return age < 0 || age > TOKEN_LIFETIME ? 'the token is not of the message’s time' : undefined;
}

function binding(token: Uint8Array, text: Uint8Array): Uint8Array {
  return createHash('sha256').update('source').update(token).update(text).digest();
}

function commit(key: Uint8Array, bound: Uint8Array): Uint8Array {
  return hmacSha256(key, bound);
}

/** Before the 32 bytes of a key, in the encodings that the machine's library takes (RFC 8410). */
const [PKCS8, SPKI] = [Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from('302a300506032b6570032100', 'hex')];

function privateKeyOf(secret: Uint8Array): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' });
}

function sign(message: Uint8Array, secret: Uint8Array): Uint8Array {
  return signWith(null, message, privateKeyOf(secret));
}

function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return verifyWith(null, message, createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }), signature);
}

function timeBytes(time: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(time));
  return bytes;
}

function timeIn(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes).readBigUInt64BE(0));
}
