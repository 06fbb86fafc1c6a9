/**
 * SHA-384, the one hash of the product (FIPS 180-4; the choice of NZISM-approved algorithms).
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** 96 lower-case hexadecimal digits. */
export type Sha384 = string & { readonly __sha384: unique symbol };

/** The hash of bytes or of a UTF-8 text. */
export function sha384(data: Uint8Array | string): Sha384 {
  return createHash('sha384').update(data).digest('hex') as Sha384;
}

/** The hash of a value's canonical JSON. */
export function sha384Json(value: unknown): Sha384 {
  return sha384(canonicalJson(value));
}

/** Checks that a text is a SHA-384 in our spelling. */
export function isSha384(text: string): text is Sha384 {
  return /^[0-9a-f]{96}$/.test(text);
}

/** HMAC-SHA-256 (RFC 2104), for keyed draws. Returns 32 bytes. */
export function hmacSha256(key: Uint8Array, data: string): Uint8Array {
  return createHmac('sha256', key).update(data).digest();
}
