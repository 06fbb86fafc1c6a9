/**
 * A log in memory whose whole tree is known, to make honest and forked heads of: roots and subtrees by the recursive definition of RFC 6962 §2.1.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { concatBytes, utf8 } from '../src/bytes.ts';
import { checkpointText } from '../src/checkpoint.ts';
import { consistencyProof, inclusionProof } from '../src/proofs.ts';
import { cosign, formatNote, signNote } from '../src/signed-note.ts';
import type { NoteSigner } from '../src/signed-note.ts';
import { tilesOf } from '../src/tile-path.ts';
import { TileReader } from '../src/tile-reader.ts';
import { SHA256_TREE } from '../src/tree-hash.ts';

export class TestLog {
  readonly signer: NoteSigner;
  readonly entries: readonly string[];
  readonly #leaves: readonly Uint8Array[];

  constructor(signer: NoteSigner, entries: readonly string[]) {
    this.signer = signer;
    this.entries = entries;
    this.#leaves = entries.map((entry) => SHA256_TREE.leaf(utf8(entry)));
  }

  /** A log of so many entries `entry 0`, `entry 1`, …; from `forkAt` on they are others. */
  static of(signer: NoteSigner, size: number, forkAt = size, branch = 'other'): TestLog {
    return new TestLog(signer, Array.from({ length: size }, (_, i) => (i < forkAt ? `entry ${i}` : `${branch} ${i}`)));
  }

  root(from: number, to: number): Uint8Array {
    if (to === from) return SHA256_TREE.empty;
    if (to - from === 1) return this.#leaves[from] ?? SHA256_TREE.empty;
    let half = 1;
    while (2 * half < to - from) half *= 2;
    return SHA256_TREE.node(this.root(from, from + half), this.root(from + half, to));
  }

  readonly subtree = (level: number, index: bigint): Promise<Uint8Array> => {
    const start = Number(index) * 2 ** level;
    return Promise.resolve(this.root(start, start + 2 ** level));
  };

  /** The checkpoint of the first `size` entries, signed, with cosignatures at a time. */
  head(size = this.entries.length, cosigners: readonly NoteSigner[] = [], time = 1_700_000_000n): Uint8Array {
    const text = checkpointText(this.signer.verifierKey.name, BigInt(size), this.root(0, size));
    return utf8(formatNote(text, [signNote(text, this.signer), ...cosigners.map((signer) => cosign(text, signer, time))]));
  }

  consistency(from: number, to: number): Promise<Uint8Array[]> {
    return consistencyProof(BigInt(from), BigInt(to), this.subtree);
  }

  inclusion(index: number, size: number): Promise<Uint8Array[]> {
    return inclusionProof(BigInt(index), BigInt(size), this.subtree);
  }

  /** Reads the tiles of a size, made as they are asked for. */
  reader(size = this.entries.length): TileReader {
    const files = this.tiles(size);
    return new TileReader({ read: (path) => Promise.resolve(files.get(path) ?? null) }, BigInt(size));
  }

  tiles(size: number): Map<string, Uint8Array> {
    return new Map(Array.from(tilesOf(BigInt(size)), ({ level, index, width, path }) => {
      const span = 256 ** level;
      const first = Number(index) * 256;
      return [path, concatBytes(...Array.from({ length: width }, (_, i) => this.root((first + i) * span, (first + i + 1) * span)))];
    }));
  }

  /** Writes tiles and checkpoint of a size into a folder. What is there of other sizes stays. */
  async publish(folder: string, size = this.entries.length, checkpoint = this.head(size)): Promise<void> {
    for (const [path, bytes] of this.tiles(size)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'checkpoint'), checkpoint);
  }
}
