/**
 * The right edge of a growing Merkle tree: the roots of its complete subtrees, which is all that further leaves and the root need.
 * Source: RFC 6962 §2.1; the "compact range" of transparency-dev/merkle. Memory is the logarithm of the size.
 * Leaves out: proofs, which need hashes from the inside of the tree (proofs.ts).
 * @module
 */
import type { TreeHash } from './tree-hash.ts';

/** The complete subtrees that a tree of one size splits into, from left to right; one for each bit of the size. */
export class Frontier {
  readonly #tree: TreeHash;
  #size: bigint;
  readonly #hashes: Uint8Array[];
  /** Heights of the subtrees: the leaves of each are 2^height. Strictly falling. */
  readonly #heights: number[];

  /**
   * The frontier of a tree of `size` leaves; of the empty tree without it.
   * @param hashes - one for each bit of `size`, largest subtree first; kept, not copied
   * @throws RangeError when their number or a length does not fit
   */
  constructor(tree: TreeHash, size = 0n, hashes: readonly Uint8Array[] = []) {
    this.#tree = tree;
    this.#size = size;
    this.#heights = bitsOf(size);
    this.#hashes = [...hashes];
    if (hashes.length !== this.#heights.length) throw new RangeError(`a tree of ${size.toString()} leaves has ${this.#heights.length} complete subtrees, got ${hashes.length}`);
    for (const hash of hashes) this.#checkLength(hash);
  }

  /** Number of leaves. */
  get size(): bigint {
    return this.#size;
  }

  /** Roots of the complete subtrees, largest first. */
  get hashes(): readonly Uint8Array[] {
    return this.#hashes;
  }

  /** Adds one leaf on the right. The hash is kept, not copied. */
  addLeaf(leafHash: Uint8Array): void {
    this.addSubtree(0, leafHash);
  }

  /**
   * Adds a complete subtree of 2^height leaves on the right.
   * @throws RangeError when the size is not a multiple of 2^height, where such a subtree cannot stand
   */
  addSubtree(height: number, hash: Uint8Array): void {
    const heights = this.#heights;
    const last = heights.at(-1);
    if (last !== undefined && last < height) throw new RangeError(`a subtree of height ${height} cannot follow one of height ${last}`);
    this.#checkLength(hash);
    let merged = hash;
    let at = height;
    while (heights.at(-1) === at) {
      heights.pop();
      merged = this.#tree.node(this.#hashes.pop() ?? merged, merged);
      at++;
    }
    heights.push(at);
    this.#hashes.push(merged);
    this.#size += 1n << BigInt(height);
  }

  /** Root of the whole tree; that of the empty tree when there are no leaves. */
  root(): Uint8Array {
    return foldRight(this.#tree, this.#hashes);
  }

  /** The same frontier, to grow on its own. */
  copy(): Frontier {
    return new Frontier(this.#tree, this.#size, this.#hashes);
  }

  #checkLength(hash: Uint8Array): void {
    if (hash.length !== this.#tree.bytes) throw new RangeError(`expected a hash of ${this.#tree.bytes} bytes, got ${hash.length}`);
  }
}

/**
 * Root over complete subtrees that follow each other, largest first: RFC 6962 splits at the largest power of two below the size,
 * so everything to the right of a subtree is one node with it.
 */
export function foldRight(tree: TreeHash, hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? tree.empty : hashes.reduceRight((right, left) => tree.node(left, right));
}

/**
 * Root over complete subtrees of the same height whose number is a power of two.
 * @throws RangeError for another number
 */
export function foldPairs(tree: TreeHash, hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(tree.node(at(level, i), at(level, i + 1)));
    level = above;
  }
  return at(level, 0);
}

/** Positions of the bits that are set, highest first: the heights of the complete subtrees of a tree of that size. */
export function bitsOf(size: bigint): number[] {
  if (size < 0n) throw new RangeError('expected a size of at least 0');
  const digits = size.toString(2);
  return Array.from(digits, (digit, i) => (digit === '1' ? digits.length - 1 - i : -1)).filter((bit) => bit >= 0);
}

function at(hashes: readonly Uint8Array[], i: number): Uint8Array {
  const hash = hashes[i];
  if (hash === undefined) throw new RangeError('expected a number of subtrees that is a power of two');
  return hash;
}
