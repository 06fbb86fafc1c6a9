/**
 * SHA-384, the one hash of the product (FIPS 180-4; the choice of NZISM-approved algorithms).
 * @module
 */
import { createHash, createHmac, hash } from 'node:crypto';
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

/** Block and digest of SHA-256, in bytes (FIPS 180-4). */
const BLOCK = 64;
const DIGEST = 32;

/**
 * {@link hmacSha256} under one key for many short texts: the same bytes, some five times as fast, because the key is prepared once.
 * The function that is returned holds the key.
 */
export function keyedHmacSha256(key: Uint8Array): (data: string) => Uint8Array {
  // RFC 2104 §2: H(K xor opad, H(K xor ipad, text)); a key longer than a block is hashed first.
  const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
  const pad = (byte: number, rest: number): Buffer => {
    const bytes = Buffer.alloc(BLOCK + rest, byte);
    for (let i = 0; i < BLOCK; i++) bytes[i] = byte ^ (short[i] ?? 0);
    return bytes;
  };
  const outer = pad(0x5c, DIGEST);
  let inner = pad(0x36, 256);
  return (data) => {
    // Three bytes are the most that UTF-8 needs for one unit of UTF-16.
    if (BLOCK + 3 * data.length > inner.length) inner = pad(0x36, 3 * data.length);
    hash('sha256', inner.subarray(0, BLOCK + inner.write(data, BLOCK)), 'buffer').copy(outer, BLOCK);
    return hash('sha256', outer, 'buffer');
  };
}
