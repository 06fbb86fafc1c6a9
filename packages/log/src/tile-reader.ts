/**
 * Reads a log of one size from its tiles and bundles. Source: C2SP tlog-tiles 0.1.0. Pure over a port that reads files.
 * It checks lengths and does not trust: whoever uses what it reads proves it against a signed root.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { parseBundle } from './bundle.ts';
import { Frontier, bitsOf, foldPairs } from './frontier.ts';
import type { SubtreeReader } from './proofs.ts';
import { SHA256_TREE } from './tree-hash.ts';
import type { TreeHash } from './tree-hash.ts';
import { TILE_WIDTH, bundlePath, tilePath } from './tile-path.ts';

/** Where the files of a log come from: a folder, a web site, a test's map. */
export interface LogFiles {
  /** The bytes at a path below the log's folder; null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
}

export interface TileReaderOptions {
  /** How many tiles and bundles to keep in memory; 64 when absent. A bundle can take 16 MiB. */
  readonly cache?: number;
}

const HASH_BYTES = SHA256_TREE.bytes;

/** A log of one size. Every method may throw a Refusal: TILE_MISSING, TILE_LENGTH, BUNDLE_MISSING, BUNDLE_FORM. */
export class TileReader {
  readonly size: bigint;
  readonly #files: LogFiles;
  readonly #capacity: number;
  /** In order of use, the latest last. Holds promises, so that two who ask at once read once. */
  readonly #cache = new Map<string, Promise<Uint8Array>>();

  constructor(files: LogFiles, size: bigint, options: TileReaderOptions = {}) {
    if (size < 0n) throw new RangeError('expected a size of at least 0');
    this.#files = files;
    this.size = size;
    this.#capacity = options.cache ?? 64;
  }

  /** Root of the complete subtree of 2^level leaves, number `index`: rebuilt from at most 128 consecutive hashes of one tile. */
  readonly subtree: SubtreeReader = subtreesOfRows(SHA256_TREE, () => this.size, (level, index) => this.#tile(level, index));

  /**
   * Entry number `index`.
   * @throws Refusal ENTRY_INDEX when the log has no such entry
   */
  async entry(index: bigint): Promise<Uint8Array> {
    if (index < 0n || index >= this.size) {
      refuse('ENTRY_INDEX', `entry ${index.toString()} was asked for in a log of ${this.size.toString()}`, {}, 'Ask for an index below the size of the checkpoint.');
    }
    const entry = (await this.#bundle(index >> 8n))[Number(index & 0xffn)];
    if (entry === undefined) throw new RangeError('expected a bundle with all its entries');
    return entry;
  }

  /** The entries from `from` up to but not including `to`, one bundle in memory at a time. */
  async* entries(from = 0n, to: bigint = this.size): AsyncGenerator<Uint8Array> {
    const end = to < this.size ? to : this.size;
    for (let at = from; at < end; at = ((at >> 8n) + 1n) << 8n) {
      const first = (at >> 8n) << 8n;
      yield* (await this.#bundle(at >> 8n)).slice(Number(at - first), Number(end - first));
    }
  }

  /** The right edge of the tree, to grow it on. */
  async frontier(): Promise<Frontier> {
    let at = 0n;
    const hashes = bitsOf(this.size).map((height) => {
      const hash = this.subtree(height, at >> BigInt(height));
      at += 1n << BigInt(height);
      return hash;
    });
    return new Frontier(SHA256_TREE, this.size, await Promise.all(hashes));
  }

  /** The root that the tiles lead to. */
  async root(): Promise<Uint8Array> {
    return (await this.frontier()).root();
  }

  /** The hashes of a tile, as wide as the size makes it. */
  #tile(level: number, index: bigint): Promise<Uint8Array> {
    const width = widthOf(this.size >> BigInt(8 * level), index);
    return this.#cached(tilePath(level, index, width), () => readTile(this.#files, level, index, width));
  }

  async #bundle(index: bigint): Promise<Uint8Array[]> {
    const width = widthOf(this.size, index);
    const path = bundlePath(index, width);
    return parseBundle(await this.#cached(path, () => readBundle(this.#files, index, width)), width, { file: path });
  }

  #cached(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const bytes = this.#cache.get(key) ?? read();
    this.#cache.delete(key);
    this.#cache.set(key, bytes);
    // A failure is not kept: the file may be there the next time.
    bytes.catch(() => this.#cache.delete(key));
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > this.#capacity && oldest !== undefined) this.#cache.delete(oldest);
    return bytes;
  }
}

/**
 * Reads complete subtrees from rows of 256 hashes, of which a row of each level holds the roots of 256 rows of the level below.
 * The subtree of 2^level leaves is the tree over 2^(level mod 8) consecutive hashes of one row.
 * @param readRow - the hashes of row `index` of a level, as many as the size has
 */
export function subtreesOfRows(tree: TreeHash, size: () => bigint, readRow: (level: number, index: bigint) => Promise<Uint8Array>): SubtreeReader {
  return async (level, index) => {
    if (index < 0n || (index + 1n) << BigInt(level) > size()) throw new RangeError('expected a subtree that lies within the size');
    const first = index << BigInt(level & 7);
    const hashes = await readRow(level >> 3, first >> 8n);
    const offset = Number(first & 0xffn);
    return foldPairs(tree, Array.from({ length: 1 << (level & 7) }, (_, i) => hashes.subarray((offset + i) * tree.bytes, (offset + i + 1) * tree.bytes)));
  };
}

/**
 * The hashes of one tile, `width` · 32 bytes. When a partial tile is gone, the full one is there and begins with its hashes.
 * @throws Refusal TILE_MISSING, TILE_LENGTH
 */
export async function readTile(files: LogFiles, level: number, index: bigint, width: number): Promise<Uint8Array> {
  const path = tilePath(level, index, width);
  const full = tilePath(level, index, TILE_WIDTH);
  const bytes = await files.read(path);
  if (bytes !== null) return checkLength(bytes, width, path);
  const wider = width === TILE_WIDTH ? null : await files.read(full);
  if (wider !== null) return checkLength(wider, TILE_WIDTH, full).subarray(0, width * HASH_BYTES);
  refuse('TILE_MISSING', 'the log has no such tile', { file: path }, REPAIR_TILE);
}

/**
 * The bytes of one bundle of `width` entries. When a partial bundle is gone, the full one is there and begins with its entries.
 * @throws Refusal BUNDLE_MISSING; BUNDLE_FORM when the full bundle that stands in for a partial one is malformed
 */
export async function readBundle(files: LogFiles, index: bigint, width: number): Promise<Uint8Array> {
  const path = bundlePath(index, width);
  const full = bundlePath(index, TILE_WIDTH);
  const bytes = await files.read(path);
  if (bytes !== null) return bytes;
  const wider = width === TILE_WIDTH ? null : await files.read(full);
  if (wider === null) refuse('BUNDLE_MISSING', 'the log has no such bundle of entries', { file: path }, 'Fetch the bundle again from the log, or from a copy of it.');
  const last = parseBundle(wider, TILE_WIDTH, { file: full })[width - 1];
  return last === undefined ? wider : wider.subarray(0, last.byteOffset + last.length - wider.byteOffset);
}

/** Hashes that the tile `index` of a level has, when the level has `count` in all. */
function widthOf(count: bigint, index: bigint): number {
  const rest = count - (index << 8n);
  return rest < 256n ? Number(rest) : TILE_WIDTH;
}

const REPAIR_TILE = 'Fetch the tile again from the log, or from a copy of it.';

function checkLength(bytes: Uint8Array, width: number, path: string): Uint8Array {
  if (bytes.length === width * HASH_BYTES) return bytes;
  refuse('TILE_LENGTH', `a tile of ${width} hashes has ${width * HASH_BYTES} bytes, this one has ${bytes.length}`, { file: path }, REPAIR_TILE);
}
