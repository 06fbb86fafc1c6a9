/**
 * What `@weighbridge/base` takes from node:crypto, without Node: stands in for it when the page is built.
 * Source: FIPS 180-4 and RFC 2104, as `@noble/hashes` computes them. Leaves out every other algorithm of node:crypto.
 * @module
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';

const ALGORITHMS = { sha256, sha384 } as const;
type Algorithm = keyof typeof ALGORITHMS;

interface Digest {
  update(data: Uint8Array | string): Digest;
  digest(): Uint8Array;
  digest(encoding: 'hex'): string;
}

export function createHash(algorithm: Algorithm): Digest {
  return digestOf(ALGORITHMS[algorithm].create());
}

export function createHmac(algorithm: Algorithm, key: Uint8Array): Digest {
  return digestOf(hmac.create(ALGORITHMS[algorithm], key));
}

export function hash(algorithm: Algorithm, data: Uint8Array): Uint8Array {
  return ALGORITHMS[algorithm](data);
}

function digestOf(state: { update(data: Uint8Array): unknown; digest(): Uint8Array }): Digest {
  function digest(): Uint8Array;
  function digest(encoding: 'hex'): string;
  function digest(encoding?: 'hex'): Uint8Array | string {
    const bytes = state.digest();
    return encoding === undefined ? bytes : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const self: Digest = {
    update: (data) => {
      state.update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
      return self;
    },
    digest,
  };
  return self;
}
