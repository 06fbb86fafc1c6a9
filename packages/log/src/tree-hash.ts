/**
 * The hashes of a Merkle tree. Source: RFC 6962 §2.1: a leaf is H(0x00 ‖ entry), a node H(0x01 ‖ left ‖ right), the empty tree H("").
 * With SHA-256 it is the tree of the tiles; with SHA-384, over the same entries, the second root and the trees of records.
 * @module
 */
import { sha256, sha384 } from './crypto.ts';

/** How a tree hashes. */
export interface TreeHash {
  readonly name: 'sha256' | 'sha384';
  /** Bytes of a hash. */
  readonly bytes: 32 | 48;
  /** Root of the tree without leaves. */
  readonly empty: Uint8Array;
  leaf(entry: Uint8Array): Uint8Array;
  node(left: Uint8Array, right: Uint8Array): Uint8Array;
}

export const SHA256_TREE: TreeHash = treeHash('sha256', 32, sha256);
export const SHA384_TREE: TreeHash = treeHash('sha384', 48, sha384);

function treeHash(name: TreeHash['name'], bytes: TreeHash['bytes'], digest: (data: Uint8Array) => Uint8Array): TreeHash {
  const pair = new Uint8Array(1 + 2 * bytes);
  pair[0] = 1;
  let scratch = new Uint8Array(1024);
  return {
    name, bytes, empty: digest(new Uint8Array()),
    leaf: (entry) => {
      // One array for all: an allocation for every leaf takes five times as long as its hash.
      if (entry.length >= scratch.length) scratch = new Uint8Array(2 * entry.length);
      scratch[0] = 0;
      scratch.set(entry, 1);
      return digest(scratch.subarray(0, 1 + entry.length));
    },
    node: (left, right) => {
      if (left.length !== bytes || right.length !== bytes) throw new RangeError(`a node of ${name} has two hashes of ${bytes} bytes`);
      pair.set(left, 1);
      pair.set(right, 1 + bytes);
      return digest(pair);
    },
  };
}
