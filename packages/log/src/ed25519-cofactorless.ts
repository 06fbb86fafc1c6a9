/**
 * The one rule for Ed25519 signatures, by arithmetic: the decisions of OpenSSL, of Go's standard library and of Python's `cryptography`.
 * Source: RFC 8032 §5.1.7, with what it leaves open decided so: without the cofactor, S below the order, R compared as bytes,
 * A decoded leniently. Arithmetic from `@noble/curves`, whose own verifier decides otherwise and is not used.
 * Leaves out: constant time (nothing here is secret) and every judgement about keys (verifier-key.ts refuses the odd ones).
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, toHex } from './bytes.ts';

/** True when the 64-byte signature is one of the 32-byte key over the message. Never throws for bad input. About 1 ms. */
export function verifyCofactorless(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  const { Point } = ed25519;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  // §5.1.7 step 1: otherwise S plus the order would be a second spelling of every signature.
  if (s >= Point.Fn.ORDER) return false;
  try {
    // OpenSSL takes y modulo p, lets x = 0 carry a sign and asks nothing about the order of A.
    const a = Point.fromBytes(key, true);
    const k = Point.Fn.create(littleEndian(sha512(concatBytes(r, key, message))));
    // Compared as bytes: only the canonical spelling of [S]B − [k]A holds, so R is never decoded.
    return equalBytes(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), r);
  } catch {
    return false;
  }
}

/** y of the eight points of low order, in every spelling of 255 bits: 0, 1, p − 1, p, p + 1 and those of order 8. */
const LOW_ORDER = new Set([
  `00${'00'.repeat(31)}`, `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** True when the 32 bytes spell, canonically or not, a point whose order divides 8. */
export function isLowOrder(point: Uint8Array): boolean {
  const last = point[31];
  return point.length === 32 && last !== undefined && LOW_ORDER.has(toHex(concatBytes(point.subarray(0, 31), Uint8Array.of(last & 0x7f))));
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}
