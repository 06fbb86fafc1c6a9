/**
 * HMAC-SHA-256 (RFC 2104) out of two one-shot hashes: the runtime's own object costs about three times as much for short
 * inputs, and the lab makes some hundred thousand in a cell.
 * @module
 */
import { hash } from 'node:crypto';

const BLOCK = 64;

/** 32 bytes. Parts of the message are taken one after another. @throws RangeError when the key is longer than 64 bytes. */
export function hmacSha256(key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Buffer {
  if (key.length > BLOCK) throw new RangeError('a key of at most 64 bytes expected');
  const [inner, outer] = [Buffer.alloc(BLOCK, 0x36), Buffer.alloc(BLOCK, 0x5c)];
  for (let i = 0; i < key.length; i += 1) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  const message = Buffer.concat([inner, ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))]);
  return hash('sha256', Buffer.concat([outer, hash('sha256', message, 'buffer')]), 'buffer');
}
