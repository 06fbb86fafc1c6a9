/**
 * Sealing to a shared key under a label, and opening with t partial decryptions: the scheme TDH2 of Shoup and Gennaro (1998),
 * on ristretto255, with AES-256-GCM in the place of the one-time pad. Whoever seals proves that the label is its own choice, so
 * that nobody can put another's sealed text under a label of theirs and have it opened; every partial decryption is proved right.
 * Sources: docs/references.md#shoup-1998, #chaum-1992.
 * @module
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import { BASE, ELEMENT_BYTES, elementWithoutLogarithm, IDENTITY, randomScalar, readElement, times, withTable } from './threshold-group.ts';
import type { Chance, Element } from './threshold-group.ts';
import { proveEquality, PROOF_BYTES, verifyEquality } from './threshold-proof.ts';
import { lagrange } from './threshold-sharing.ts';
import type { SharedKey } from './threshold-sharing.ts';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
const HEAD_BYTES = 2 * ELEMENT_BYTES + PROOF_BYTES;

/** Bytes that sealing adds: two elements, a proof, the tag of the cipher. */
export const SEAL_BYTES = HEAD_BYTES + TAG_BYTES;

/** Bytes of a partial decryption: an element and its proof. */
export const PARTIAL_BYTES = ELEMENT_BYTES + PROOF_BYTES;

/** What one custodian gives for one sealed text: useless for any other, and checked by whoever gets it. */
export interface Partial {
  readonly custodian: number;
  readonly element: Uint8Array;
  readonly proof: Uint8Array;
}

// A second generator with an unknown logarithm to the first (Shoup and Gennaro 1998).
const SECOND = withTable(elementWithoutLogarithm(Buffer.from('second generator'), 'weighbridge-lab/threshold-seal'));

/** Seals a text to a key under a label that everybody sees. `plaintext.length` + {@link SEAL_BYTES} bytes. */
export function sealTo(publicKey: Element, label: string, plaintext: Uint8Array, chance: Chance): Uint8Array {
  const r = randomScalar(chance);
  const [u, v] = [times(BASE, r), times(SECOND, r)];
  const { key, nonce } = keyOf(times(publicKey, r), u, label);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const proof = proveEquality(sealContext(label, body), r, { image: u, element: SECOND, result: v }, chance);
  return Buffer.concat([u.toBytes(), v.toBytes(), proof, body]);
}

/** Whether a sealed text was made for this label by somebody who knew its secret: what a custodian checks first. Never throws. */
export function isSealedFor(label: string, sealed: Uint8Array): boolean {
  const parts = split(sealed);
  return parts !== undefined && verifyEquality(sealContext(label, parts.body), { image: parts.u, element: SECOND, result: parts.v }, parts.proof);
}

/**
 * A custodian's part in opening one sealed text.
 * @throws Refusal LAB_SEAL_LABEL when the text was not sealed for the label
 */
export function partialDecryption(custodian: number, share: bigint, label: string, sealed: Uint8Array, chance: Chance): Partial {
  const u = ephemeralOf(sealed);
  if (u === undefined || !isSealedFor(label, sealed)) refuse('LAB_SEAL_LABEL', 'a text that was sealed for this label expected', {}, 'ask for the text under the label that it was sealed for');
  const result = times(u, share);
  const proof = proveEquality(partialContext(label, sealed), share, { image: times(BASE, share), element: u, result }, chance);
  return { custodian, element: result.toBytes(), proof };
}

/** Whether a partial decryption is the one that this custodian's share gives for this sealed text. Never throws. */
export function verifyPartial(key: SharedKey, label: string, sealed: Uint8Array, partial: Partial): boolean {
  const [image, parts, result] = [key.verification.get(partial.custodian), split(sealed), elementOf(partial.element)];
  if (image === undefined || parts === undefined || result === undefined) return false;
  return verifyEquality(partialContext(label, sealed), { image, element: parts.u, result }, partial.proof);
}

/**
 * Opens with partial decryptions. Wrong ones are left out and their custodians named in `culprits`, sorted; of several by one
 * custodian the first right one counts. `plaintext` is undefined when what was sealed is not a text under this key.
 * @throws Refusal LAB_PARTIALS_SHORT when fewer than the threshold are right
 */
export function combine(key: SharedKey, label: string, sealed: Uint8Array, partials: readonly Partial[]): { readonly plaintext: Uint8Array | undefined; readonly culprits: readonly number[] } {
  const right = new Map<number, Partial>();
  const wrong = new Set<number>();
  for (const partial of partials) {
    if (verifyPartial(key, label, sealed, partial)) right.set(partial.custodian, right.get(partial.custodian) ?? partial);
    else wrong.add(partial.custodian);
  }
  const culprits = [...wrong].sort((a, b) => a - b);
  const used = [...right.values()].slice(0, key.quorum.threshold);
  if (used.length < key.quorum.threshold) {
    refuse('LAB_PARTIALS_SHORT', `${key.quorum.threshold} right partial decryptions expected, got ${used.length}; wrong ones from custodians: ${culprits.join(', ') || 'none'}`, {}, 'ask further custodians');
  }
  const weights = lagrange(used.map((p) => p.custodian));
  const shared = used.reduce((sum, p) => sum.add(times(readElement(p.element), weights.get(p.custodian) ?? 0n)), IDENTITY);
  return { plaintext: openWith(shared, label, sealed), culprits };
}

/** Opens with the point that sealer and secret key have in common. Undefined when it is another. */
export function openWith(shared: Element, label: string, sealed: Uint8Array): Uint8Array | undefined {
  const parts = split(sealed);
  if (parts === undefined) return undefined;
  const { key, nonce } = keyOf(shared, parts.u, label);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(parts.body.subarray(parts.body.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(parts.body.subarray(0, parts.body.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The sealer's element: its product with the secret key is what {@link openWith} takes. Undefined when the form is wrong. */
export function ephemeralOf(sealed: Uint8Array): Element | undefined {
  return split(sealed)?.u;
}

interface Parts {
  readonly u: Element;
  readonly v: Element;
  readonly proof: Uint8Array;
  readonly body: Uint8Array;
}

function split(sealed: Uint8Array): Parts | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const [u, v] = [elementOf(sealed.subarray(0, ELEMENT_BYTES)), elementOf(sealed.subarray(ELEMENT_BYTES, 2 * ELEMENT_BYTES))];
  return u && v && { u, v, proof: sealed.subarray(2 * ELEMENT_BYTES, HEAD_BYTES), body: sealed.subarray(HEAD_BYTES) };
}

function elementOf(bytes: Uint8Array): Element | undefined {
  try {
    return readElement(bytes);
  } catch {
    return undefined;
  }
}

/** A key for one text alone: the sealer's element is new each time, so a nonce that follows from it is used once. */
function keyOf(shared: Element, u: Element, label: string): { key: Uint8Array; nonce: Uint8Array } {
  const bytes = hash('sha512', Buffer.concat([Buffer.from('weighbridge-lab/threshold-seal/key'), shared.toBytes(), u.toBytes(), Buffer.from(label)]), 'buffer');
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44) };
}

function sealContext(label: string, body: Uint8Array): Uint8Array {
  return context('seal', label, body);
}

function partialContext(label: string, sealed: Uint8Array): Uint8Array {
  return context('partial', label, sealed);
}

function context(use: string, label: string, bytes: Uint8Array): Uint8Array {
  const digest = hash('sha512', Buffer.concat([hash('sha512', label, 'buffer'), bytes]), 'buffer');
  return Buffer.concat([Buffer.from(`weighbridge-lab/${use}/`), digest]);
}
