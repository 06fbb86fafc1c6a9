/**
 * The right edge of a growing log: what the next entries join, and the tiles and bundles that they make.
 * Source: C2SP tlog-tiles. Memory does not grow with the log: at most 255 hashes a level and 255 entries.
 * @module
 */
import { encodeBundle } from './bundle.ts';
import { concatBytes, equalBytes } from './bytes.ts';
import { Frontier } from './frontier.ts';
import { bundlePath, tilePath } from './tile-path.ts';
import type { TileReader } from './tile-reader.ts';
import { SHA256_TREE, SHA384_TREE } from './tree-hash.ts';

/** Hashes in a full tile, entries in a full bundle. */
const WIDTH = 256;

/** An edge, changed by adding entries. Copy it to be able to go back. */
export class Edge {
  /** The tree of the tiles. */
  readonly tree: Frontier;
  /** The same entries under SHA-384. */
  readonly tree384: Frontier;
  /** Hashes of the tile at the right edge, by level. */
  readonly #levels: Uint8Array[][];
  readonly #entries: Uint8Array[];

  constructor(tree = new Frontier(SHA256_TREE), tree384 = new Frontier(SHA384_TREE), levels: Uint8Array[][] = [], entries: Uint8Array[] = []) {
    this.tree = tree;
    this.tree384 = tree384;
    this.#levels = levels;
    this.#entries = entries;
  }

  /**
   * The edge of a log as its tiles show it, or undefined when they are not those of the root.
   * @throws Refusal TILE_*, BUNDLE_* where they are not there or not whole
   */
  static async read(reader: TileReader, root: Uint8Array, tree384: Frontier): Promise<Edge | undefined> {
    const tree = await reader.frontier();
    if (!equalBytes(tree.root(), root)) return undefined;
    const levels: Uint8Array[][] = [];
    for (let level = 0, width = reader.size; width > 0n; level++, width /= BigInt(WIDTH)) {
      const partial = width % BigInt(WIDTH);
      const hashes: Uint8Array[] = [];
      for (let i = width - partial; i < width; i++) hashes.push(await reader.subtree(8 * level, i));
      levels.push(hashes);
    }
    const first = reader.size - reader.size % BigInt(WIDTH);
    const entries: Uint8Array[] = [];
    for await (const entry of reader.entries(first, reader.size)) entries.push(entry);
    const same = entries.every((entry, i) => equalBytes(SHA256_TREE.leaf(entry), levels[0]?.[i] ?? new Uint8Array()));
    return same && followsFrom(levels, tree) ? new Edge(tree, tree384, levels, entries) : undefined;
  }

  get size(): bigint {
    return this.tree.size;
  }

  copy(): Edge {
    return new Edge(this.tree.copy(), this.tree384.copy(), this.#levels.map((hashes) => [...hashes]), [...this.#entries]);
  }

  /**
   * Adds entries.
   * @returns path → bytes of every tile and bundle that is new or wider, and the folders of partial ones that are full now
   */
  add(entries: readonly Uint8Array[]): { readonly files: Map<string, Uint8Array>; readonly outgrown: string[] } {
    const files = new Map<string, Uint8Array>();
    const outgrown: string[] = [];
    for (const entry of entries) this.#addOne(entry, files, outgrown);
    const rest = this.size % BigInt(WIDTH);
    if (rest > 0n && entries.length > 0) files.set(bundlePath(this.size / BigInt(WIDTH), Number(rest)), encodeBundle(this.#entries));
    let count = this.size;
    for (const [level, hashes] of this.#levels.entries()) {
      if (hashes.length > 0 && entries.length > 0) files.set(tilePath(level, count / BigInt(WIDTH), hashes.length), concatBytes(...hashes));
      count /= BigInt(WIDTH);
    }
    return { files, outgrown };
  }

  #addOne(entry: Uint8Array, files: Map<string, Uint8Array>, outgrown: string[]): void {
    const leaf = SHA256_TREE.leaf(entry);
    const index = this.size;
    this.tree.addLeaf(leaf);
    this.tree384.addLeaf(SHA384_TREE.leaf(entry));
    this.#entries.push(entry);
    if (this.#entries.length === WIDTH) {
      const bundle = index / BigInt(WIDTH);
      files.set(bundlePath(bundle, WIDTH), encodeBundle(this.#entries));
      outgrown.push(`${bundlePath(bundle, WIDTH)}.p`);
      this.#entries.length = 0;
    }
    this.#addHash(0, index, leaf, files, outgrown);
  }

  /** Puts a hash into the tile at the edge of a level; a tile that is full gives one hash to the level above. */
  #addHash(level: number, index: bigint, hash: Uint8Array, files: Map<string, Uint8Array>, outgrown: string[]): void {
    const hashes = (this.#levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length < WIDTH) return;
    const tile = index / BigInt(WIDTH);
    files.set(tilePath(level, tile, WIDTH), concatBytes(...hashes));
    outgrown.push(`${tilePath(level, tile, WIDTH)}.p`);
    const top = rootOf(hashes);
    hashes.length = 0;
    this.#addHash(level + 1, tile, top, files, outgrown);
  }
}

/** Root of a full tile. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const tree = new Frontier(SHA256_TREE);
  for (const hash of hashes) tree.addLeaf(hash);
  return tree.root();
}

/** True when the hashes of the edge give the tree's root: those read one by one are those that the root was made from. */
function followsFrom(levels: readonly (readonly Uint8Array[])[], tree: Frontier): boolean {
  const subtrees = levels.toReversed().flatMap((hashes) => {
    const part = new Frontier(SHA256_TREE);
    for (const hash of hashes) part.addLeaf(hash);
    return part.hashes;
  });
  return subtrees.length === tree.hashes.length && subtrees.every((hash, i) => equalBytes(hash, tree.hashes[i] ?? new Uint8Array()));
}
