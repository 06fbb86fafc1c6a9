/**
 * An endless stream of uniform bits from a secret and a text: the same text gives the same stream for ever.
 * Source: docs/references.md#formats (HMAC, RFC 2104) over SHA-256 in counter mode, as the expand step of RFC 5869 without
 * the chaining of blocks.
 * @module
 */
import { hmacSha256, keyedHmacSha256 } from '@weighbridge/base';
import { assertKey } from '../cell-draw.ts';

/** Where bits come from. */
export interface BitSource {
  /** Uniform on 0 … 2^bits - 1. */
  next(bits: number): bigint;
}

const DIGEST_BITS = 256;

/**
 * @param secret - at least 16 bytes
 * @param label - what the stream is for; texts that differ give streams that have nothing to do with each other
 * @throws RangeError when the secret is too short
 */
export function keyedBits(secret: Uint8Array, label: string): BitSource {
  assertKey(secret);
  const keyed = keyedHmacSha256(hmacSha256(secret, `weighbridge bits 1\n${label}`));
  let [pool, left, block] = [0n, 0, 0];
  return {
    next(bits) {
      while (left < bits) {
        pool = (pool << BigInt(DIGEST_BITS)) | toBigInt(keyed(String(block)));
        left += DIGEST_BITS;
        block += 1;
      }
      left -= bits;
      const out = pool >> BigInt(left);
      pool &= (1n << BigInt(left)) - 1n;
      return out;
    },
  };
}

/** Uniform on 0 … below - 1, exactly: draws of the bits that `below` needs, until one falls under it. */
export function uniformBelow(bits: BitSource, below: bigint): bigint {
  if (below <= 0n) throw new RangeError('uniformBelow: expected a number above 0');
  const width = (below - 1n).toString(2).length;
  if (below === 1n) return 0n;
  for (;;) {
    const draw = bits.next(width);
    if (draw < below) return draw;
  }
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`);
}
