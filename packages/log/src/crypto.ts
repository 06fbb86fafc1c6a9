/**
 * Every cryptographic primitive that verification rests on, from node:crypto.
 * `crypto-browser.ts` exports the same names and stands in for this file in the browser's verifier.
 * One rule for Ed25519 everywhere (RFC 8032 leaves edge cases open, and two rules would let two overseers disagree): that of OpenSSL, Go and
 * Python. Node follows it except for points of low order, which some releases refuse (nodejs/node#64026): those are decided by arithmetic.
 * @module
 */
import { createPublicKey, hash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isLowOrder, verifyCofactorless } from './ed25519-cofactorless.ts';

/** 32 bytes (FIPS 180-4). */
export function sha256(data: Uint8Array): Uint8Array {
  return hashBinary('sha256', data);
}

/** 48 bytes (FIPS 180-4). */
export function sha384(data: Uint8Array): Uint8Array {
  return hashBinary('sha384', data);
}

/** Through a text of bytes: four times as fast as through a buffer, which costs an allocation outside the heap for every hash. */
function hashBinary(algorithm: string, data: Uint8Array): Uint8Array {
  return Buffer.from(hash(algorithm, data, 'binary'), 'binary');
}

/** DER of a SubjectPublicKeyInfo before the 32 bytes of an Ed25519 key (RFC 8410). */
const ED25519_SPKI = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

/** True when the 64-byte signature is one of the 32-byte key over the message. Never throws for bad input. */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  if (isLowOrder(key) || isLowOrder(signature.subarray(0, 32))) return verifyCofactorless(key, message, signature);
  return verifyWith(null, Buffer.concat([ED25519_SPKI, key]), 'ed25519', message, signature);
}

/** True when the DER signature is one of ECDSA on P-384 with SHA-384. `spki` is the DER of the public key. Never throws for bad input. */
export function verifyP384(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyWith('sha384', spki, 'ec', message, signature);
}

function verifyWith(algorithm: string | null, spki: Uint8Array, type: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key: KeyObject = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== type || (type === 'ec' && key.asymmetricKeyDetails?.namedCurve !== 'secp384r1')) return false;
    return verify(algorithm, message, key, signature);
  } catch {
    return false;
  }
}
