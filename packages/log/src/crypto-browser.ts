/**
 * What `crypto.ts` exports, without Node: stands in for it in the browser's verifier, with the same decisions to the last case.
 * Source: ed25519-cofactorless.ts; FIPS 186-5 §6.4.2 for ECDSA, with the arithmetic of `@noble/curves`. The tests hold both against node:crypto.
 * Leaves out: constant time. Nothing here handles a secret.
 * @module
 */
import { DER } from '@noble/curves/abstract/der.js';
import { p384 } from '@noble/curves/nist.js';
import { sha256 as hash256, sha384 as hash384 } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.ts';
import { verifyCofactorless } from './ed25519-cofactorless.ts';
import { p384PointOf } from './p384-spki.ts';

/** 32 bytes (FIPS 180-4). */
export function sha256(data: Uint8Array): Uint8Array {
  return hash256(data);
}

/** 48 bytes (FIPS 180-4). */
export function sha384(data: Uint8Array): Uint8Array {
  return hash384(data);
}

/** True when the 64-byte signature is one of the 32-byte key over the message. Never throws for bad input. */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyCofactorless(key, message, signature);
}

/**
 * True when the DER signature is one of ECDSA on P-384 with SHA-384. Never throws for bad input.
 * `spki` is the DER of the public key with an uncompressed point: other spellings, which Node reads too, are refused, as they are at registration.
 */
export function verifyP384(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const point = p384PointOf(spki);
    if (point === undefined) return false;
    const q = p384.Point.fromBytes(point);
    q.assertValidity();
    const { Fn } = p384.Point;
    // Strict DER; a signature with the other s also holds, as everywhere in ECDSA.
    const { r, s } = DER.toSig(signature);
    if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false;
    const inverse = Fn.inv(s);
    const u1 = Fn.mul(Fn.create(BigInt(`0x${toHex(hash384(message))}`)), inverse);
    const sum = p384.Point.BASE.multiplyUnsafe(u1).add(q.multiplyUnsafe(Fn.mul(r, inverse)));
    return !sum.is0() && Fn.create(sum.toAffine().x) === r;
  } catch {
    return false;
  }
}
