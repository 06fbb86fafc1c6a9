/**
 * Inclusion and consistency proofs: making them from stored subtrees, and checking them.
 * Source: RFC 9162 §2.1.3 and §2.1.4 (the same trees and proofs as RFC 6962 §2.1). Pure; runs in a browser too.
 * Leaves out: proofs about sub-trees that do not start at 0.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { equalBytes } from './bytes.ts';
import { bitsOf, foldRight } from './frontier.ts';
import { SHA256_TREE } from './tree-hash.ts';
import type { TreeHash } from './tree-hash.ts';

/** Root of the complete subtree of 2^level leaves, number `index` from the left. Asked only for subtrees that lie within the size. */
export type SubtreeReader = (level: number, index: bigint) => Promise<Uint8Array>;

/** A claim that a leaf stands at an index of a tree. */
export interface InclusionClaim {
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly leafHash: Uint8Array;
  /** From the leaf's sibling to the child of the root. */
  readonly proof: readonly Uint8Array[];
}

/** A claim that the tree of `size1` leaves is the beginning of the tree of `size2`. */
export interface ConsistencyClaim {
  readonly size1: bigint;
  readonly root1: Uint8Array;
  readonly size2: bigint;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * The proof that leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1).
 * @param tree - hashes the ragged right edge, which no reader stores
 * @throws Refusal PROOF_INDEX when there is no such leaf
 */
export async function inclusionProof(index: bigint, size: bigint, read: SubtreeReader, tree: TreeHash = SHA256_TREE): Promise<Uint8Array[]> {
  if (index < 0n || index >= size) {
    refuse('PROOF_INDEX', `entry ${index.toString()} was asked for in a log of ${size.toString()}`, {}, 'Ask for an index below the size of the checkpoint.');
  }
  return await pathFrom(0, index, size, read, tree);
}

/**
 * The proof that the tree of `size1` leaves is the beginning of the tree of `size2` (RFC 9162 §2.1.4.1); empty when one is empty or both are equal.
 * @throws Refusal PROOF_SIZES when `size1` is above `size2`
 */
export async function consistencyProof(size1: bigint, size2: bigint, read: SubtreeReader, tree: TreeHash = SHA256_TREE): Promise<Uint8Array[]> {
  if (size1 < 0n || size1 > size2) {
    refuse('PROOF_SIZES', `a proof was asked for from size ${size1.toString()} to size ${size2.toString()}`, {}, 'Name the smaller size first.');
  }
  if (size1 === 0n || size1 === size2) return [];
  // The last complete subtree of the smaller tree is a node of both; what stands beside and above it leads to both roots.
  const height = bitsOf(size1).at(-1) ?? 0;
  const index = (size1 - 1n) >> BigInt(height);
  const path = await pathFrom(height, index, size2, read, tree);
  // It is the whole smaller tree when that size is a power of two: whoever checks has its root already.
  return index === 0n ? path : [await read(height, index), ...path];
}

/** True when the claim holds: the leaf is entry `index` of the tree of that size and root. Never throws. */
export function verifyInclusion(tree: TreeHash, claim: InclusionClaim): boolean {
  const root = rootFromInclusion(tree, claim.index, claim.size, claim.leafHash, claim.proof);
  return root !== undefined && equalBytes(root, claim.root);
}

/**
 * The root that the proof leads to (RFC 9162 §2.1.3.2); undefined when no tree of that size has such a proof:
 * the index is not below the size, there are too few or too many hashes, or one has another length.
 */
export function rootFromInclusion(tree: TreeHash, index: bigint, size: bigint, leafHash: Uint8Array, proof: readonly Uint8Array[]): Uint8Array | undefined {
  if (index < 0n || index >= size || !allHashes(tree, [leafHash, ...proof])) return undefined;
  let fn = index;
  let sn = size - 1n;
  let root = leafHash;
  for (const hash of proof) {
    if (sn === 0n) return undefined;
    if (isOdd(fn) || fn === sn) {
      root = tree.node(hash, root);
      while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      root = tree.node(root, hash);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? root : undefined;
}

/**
 * True when the claim holds: the larger tree begins with the smaller one (RFC 9162 §2.1.4.2). Never throws.
 * From size 0 only an empty proof and the root of the empty tree are accepted; that says nothing about the larger tree.
 */
export function verifyConsistency(tree: TreeHash, claim: ConsistencyClaim): boolean {
  const { size1, root1, size2, root2, proof } = claim;
  if (size1 < 0n || size1 > size2 || !allHashes(tree, [root1, root2, ...proof])) return false;
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2) && (size1 !== 0n || equalBytes(root1, tree.empty));
  if (size1 === 0n) return proof.length === 0 && equalBytes(root1, tree.empty);
  const roots = rootsFromConsistency(tree, size1, root1, size2, proof);
  return roots !== undefined && equalBytes(roots.root1, root1) && equalBytes(roots.root2, root2);
}

/**
 * The two roots that a consistency proof leads to, for 0 < size1 < size2; undefined when no trees of these sizes have such a proof.
 * `root1` is used where the proof leaves it out, which is when `size1` is a power of two.
 */
export function rootsFromConsistency(
  tree: TreeHash, size1: bigint, root1: Uint8Array, size2: bigint, proof: readonly Uint8Array[],
): { root1: Uint8Array; root2: Uint8Array } | undefined {
  if (size1 <= 0n || size1 >= size2 || proof.length === 0 || !allHashes(tree, [root1, ...proof])) return undefined;
  const [first, ...rest] = (size1 & (size1 - 1n)) === 0n ? [root1, ...proof] : proof;
  if (first === undefined) return undefined;
  let fn = size1 - 1n;
  let sn = size2 - 1n;
  while (isOdd(fn)) [fn, sn] = [fn >> 1n, sn >> 1n];
  let fr = first;
  let sr = first;
  for (const hash of rest) {
    if (sn === 0n) return undefined;
    if (isOdd(fn) || fn === sn) {
      fr = tree.node(hash, fr);
      sr = tree.node(hash, sr);
      while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = tree.node(sr, hash);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? { root1: fr, root2: sr } : undefined;
}

/** What stands beside the path from subtree `index` of that height up to the root, lowest first. */
async function pathFrom(height: number, index: bigint, size: bigint, read: SubtreeReader, tree: TreeHash): Promise<Uint8Array[]> {
  const path: Promise<Uint8Array>[] = [];
  for (let h = height, at = index; (size - 1n) >> BigInt(h) > 0n; h++, at >>= 1n) {
    const sibling = at ^ 1n;
    const start = sibling << BigInt(h);
    if ((sibling + 1n) << BigInt(h) <= size) path.push(read(h, sibling));
    else if (start < size) path.push(raggedRoot(start, size, read, tree));
  }
  return await Promise.all(path);
}

/** Root over the leaves from `start`, where a subtree begins that the size cuts short, to the end. */
async function raggedRoot(start: bigint, size: bigint, read: SubtreeReader, tree: TreeHash): Promise<Uint8Array> {
  let at = start;
  const parts = bitsOf(size - start).map((height) => {
    const part = read(height, at >> BigInt(height));
    at += 1n << BigInt(height);
    return part;
  });
  return foldRight(tree, await Promise.all(parts));
}

function allHashes(tree: TreeHash, hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === tree.bytes);
}

function isOdd(n: bigint): boolean {
  return (n & 1n) === 1n;
}
