/**
 * A Merkle tree as RFC 6962 §2.1 defines it, word for word: recursion over the list, nothing kept, nothing shared with the package.
 * The oracle of the property tests. Lists are cut by index so that the recursion does not copy.
 * @module
 */
import { createHash } from 'node:crypto';

export type Algorithm = 'sha256' | 'sha384';

/** MTH: the root over the entries `from` up to `to`. */
export function naiveRoot(entries: readonly Uint8Array[], algorithm: Algorithm = 'sha256', from = 0, to = entries.length): Uint8Array {
  const n = to - from;
  if (n === 0) return digest(algorithm, []);
  const only = entries[from];
  if (n === 1 && only) return digest(algorithm, [Uint8Array.of(0), only]);
  const k = splitPoint(n);
  return digest(algorithm, [Uint8Array.of(1), naiveRoot(entries, algorithm, from, from + k), naiveRoot(entries, algorithm, from + k, to)]);
}

/** PATH: the Merkle audit path of entry `m` (counted from `from`). */
export function naivePath(m: number, entries: readonly Uint8Array[], from = 0, to = entries.length): Uint8Array[] {
  const n = to - from;
  if (n === 1) return [];
  const k = splitPoint(n);
  return m < k
    ? [...naivePath(m, entries, from, from + k), naiveRoot(entries, 'sha256', from + k, to)]
    : [...naivePath(m - k, entries, from + k, to), naiveRoot(entries, 'sha256', from, from + k)];
}

/** PROOF: the consistency proof from the first `m` entries to all. */
export function naiveConsistency(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  return subproof(m, entries, 0, entries.length, true);
}

/** SUBPROOF of RFC 6962 §2.1.2. */
function subproof(m: number, entries: readonly Uint8Array[], from: number, to: number, known: boolean): Uint8Array[] {
  const n = to - from;
  if (m === n) return known ? [] : [naiveRoot(entries, 'sha256', from, to)];
  const k = splitPoint(n);
  return m <= k
    ? [...subproof(m, entries, from, from + k, known), naiveRoot(entries, 'sha256', from + k, to)]
    : [...subproof(m - k, entries, from + k, to, false), naiveRoot(entries, 'sha256', from, from + k)];
}

/** Hash i of the tile `index` of a level is the root over the entries that it stands for (C2SP tlog-tiles). */
export function naiveTile(entries: readonly Uint8Array[], level: number, index: number, width: number): Uint8Array {
  const span = 256 ** level;
  const hashes = Array.from({ length: width }, (_, i) => naiveRoot(entries, 'sha256', (index * 256 + i) * span, (index * 256 + i + 1) * span));
  return Buffer.concat(hashes);
}

/** The largest power of two below n. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function digest(algorithm: Algorithm, parts: readonly Uint8Array[]): Uint8Array {
  const state = createHash(algorithm);
  for (const part of parts) state.update(part);
  return new Uint8Array(state.digest());
}
