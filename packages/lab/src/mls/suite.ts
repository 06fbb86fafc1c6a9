/**
 * A ciphersuite whose chance is seeded, so that the same run gives the same bytes. Everything else is the library's own.
 *
 * The library seals several HPKE messages at once, and which one comes first differs from run to run; so the ephemeral key
 * of a seal is derived from what is sealed and for whom, not from the order of the draws.
 * @module
 */
import { createHmac } from 'node:crypto';
import { CipherSuite, Aes128Gcm, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { ed25519 } from '@noble/curves/ed25519.js';
import { getCiphersuiteFromName, getCiphersuiteImpl } from './library.ts';
import type { CiphersuiteImpl, CiphersuiteName, Hpke, Kdf, PublicKey } from './library.ts';
import type { SeededRandom } from '../random.ts';

/** Ciphersuite 1 of RFC 9420, which every implementation has: X25519, AES-128-GCM, SHA-256, Ed25519. */
export const SUITE: CiphersuiteName = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

/** What a changed client can look at while the library works: secrets by their RFC 9420 label, as they are derived. */
export type SecretObserver = (label: string, secret: Uint8Array) => void;

/** Public and private half of an X25519 key for HPKE, raw. */
export interface SealingKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

const hpkeSuite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
let bare: Promise<CiphersuiteImpl> | undefined;

/** The library's own implementation of the suite, with the machine's chance: for reading only, or for tests. */
export function plainSuite(): Promise<CiphersuiteImpl> {
  return bare ??= getCiphersuiteImpl(getCiphersuiteFromName(SUITE));
}

/** The suite with all its chance drawn from `random`; `observe` sees the named secrets that a client derives. */
export async function seededSuite(random: SeededRandom, observe?: SecretObserver): Promise<CiphersuiteImpl> {
  const plain = await plainSuite();
  return {
    ...plain,
    rng: { randomBytes: (n) => random.bytes(n) },
    signature: { ...plain.signature, keygen: () => Promise.resolve(signatureKey(random)) },
    hpke: seededHpke(plain.hpke, random),
    kdf: observe === undefined ? plain.kdf : observedKdf(plain.kdf, observe),
  };
}

/** A new HPKE key (RFC 9180, X25519) from the seeded stream: custodians, agencies, makers. */
export async function sealingKey(random: SeededRandom): Promise<SealingKey> {
  const { hpke } = await plainSuite();
  const pair = await hpke.deriveKeyPair(random.bytes(32));
  return { publicKey: await hpke.exportPublicKey(pair.publicKey), privateKey: await hpke.exportPrivateKey(pair.privateKey) };
}

/** HPKE seal in base mode (RFC 9180): 32 bytes of encapsulated key, then the ciphertext with its 16-byte tag. `ekm` makes the ephemeral key. */
export async function seal(publicKey: Uint8Array, plaintext: Uint8Array, info: string, ekm: Uint8Array): Promise<Uint8Array> {
  const { hpke } = await plainSuite();
  const sealed = await sealWith(await hpke.importPublicKey(publicKey), plaintext, new TextEncoder().encode(info), ekm);
  return Buffer.concat([sealed.enc, sealed.ct]);
}

/** Opens what {@link seal} made. Undefined when it was not made for this key, this `info`, or was changed. */
export async function open(privateKey: Uint8Array, sealed: Uint8Array, info: string): Promise<Uint8Array | undefined> {
  const { hpke } = await plainSuite();
  try {
    return await hpke.open(await hpke.importPrivateKey(privateKey), sealed.subarray(0, 32), sealed.subarray(32), new TextEncoder().encode(info));
  } catch {
    return undefined;
  }
}

function signatureKey(random: SeededRandom): { signKey: Uint8Array; publicKey: Uint8Array } {
  const signKey = random.bytes(32);
  return { signKey, publicKey: ed25519.getPublicKey(signKey) };
}

function seededHpke(plain: Hpke, random: SeededRandom): Hpke {
  const salt = random.fork('hpke').bytes(32);
  return {
    ...plain,
    generateKeyPair: () => plain.deriveKeyPair(random.bytes(32)),
    async seal(publicKey, plaintext, info, aad) {
      const recipient = await plain.exportPublicKey(publicKey);
      const ekm = createHmac('sha256', salt).update(recipient).update(info).update(plaintext).digest();
      return sealWith(publicKey, plaintext, info, ekm, aad);
    },
    async exportSecret(publicKey, exporterContext, length, info) {
      const ekm = createHmac('sha256', salt).update(await plain.exportPublicKey(publicKey)).update(info).update(random.bytes(32)).digest();
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the library's type of `ekm` names CryptoKeyPair, which Node's types do not declare
      const context = await hpkeSuite.createSenderContext({ recipientPublicKey: publicKey, info: own(info), ekm: own(ekm) });
      return { enc: new Uint8Array(context.enc), secret: new Uint8Array(await context.export(own(exporterContext), length)) };
    },
  };
}

async function sealWith(publicKey: PublicKey, plaintext: Uint8Array, info: Uint8Array, ekm: Uint8Array, aad?: Uint8Array): Promise<{ ct: Uint8Array; enc: Uint8Array }> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the library's type of `ekm` names CryptoKeyPair, which Node's types do not declare
  const sealed = await hpkeSuite.seal({ recipientPublicKey: publicKey, info: own(info), ekm: own(ekm) }, own(plaintext), aad === undefined ? new ArrayBuffer() : own(aad));
  return { ct: new Uint8Array(sealed.ct), enc: new Uint8Array(sealed.enc) };
}

function own(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** RFC 9420 §8: info of an expansion = length (2 bytes), label with its length, "MLS 1.0 " before it, context. */
function observedKdf(plain: Kdf, observe: SecretObserver): Kdf {
  return {
    ...plain,
    async expand(prk, info, length) {
      const out = await plain.expand(prk, info, length);
      const label = Buffer.from(info.buffer, info.byteOffset + 3, info[2] ?? 0).toString('latin1');
      if (label.startsWith('MLS 1.0 ')) observe(label.slice(8), new Uint8Array(out));
      return out;
    },
  };
}
