/**
 * The tree of a submission's records, written to two files while the records stream past, and proofs of single records from them.
 * What is hashed stands in record-receipt.ts. Node only; runs in any thread.
 *
 * The file of salts holds 32 bytes for each record, in order. It is as confidential as the records: destroying it, or one salt, is the lawful
 * deletion, after which nobody can learn from the hashes what was committed to, and the root still stands.
 *
 * The file of hashes is rows of 256 hashes of 48 bytes, as tiles are: a row of level 0 holds leaves, a row of level L + 1 the roots of 256 full
 * rows of level L. A full row stands where it became full: after the row of the level below that filled it. Behind all full rows follow the
 * partial ones, lowest level first. So a proof reads one row of each level, and the writer holds one row of each level in memory.
 *
 * Leaves out: the records themselves, which whoever asks for a proof brings along.
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { equalBytes } from './bytes.ts';
import { SALT_BYTES } from './commitment.ts';
import { Frontier, foldPairs } from './frontier.ts';
import { inclusionProof } from './proofs.ts';
import { recordLeaf, startsAsRecord } from './record-receipt.ts';
import type { RecordReceipt } from './record-receipt.ts';
import { RecordRow } from './record-row.ts';
import { ROW, rowOffset, rowWidth, rowsLength } from './row-layout.ts';
import { subtreesOfRows } from './tile-reader.ts';
import { SHA384_TREE } from './tree-hash.ts';

/** Where the two files of a tree of records are. */
export interface RecordTreeFiles {
  readonly salts: string;
  readonly hashes: string;
}

/** A tree that was written. */
export interface CommittedTree {
  readonly root: Uint8Array;
  readonly count: bigint;
  /** Of each file, whole. */
  readonly sha384: Readonly<Record<keyof RecordTreeFiles, Sha384>>;
}

const HASH = SHA384_TREE.bytes;
const ROW_BYTES = ROW * HASH;

/** Writes the tree of one submission. Memory does not grow with the records. Not usable after {@link finish} or {@link discard}. */
export class RecordTreeWriter {
  readonly #files: RecordTreeFiles;
  readonly #salts: HashedFile;
  readonly #hashes: HashedFile;
  readonly #row = new RecordRow();
  /** For each level from 1 the hashes of the row that is being filled. */
  readonly #levels: Uint8Array[][] = [];
  #count = 0n;

  /**
   * Starts the two files.
   * @throws when one exists already: salts are never used twice
   */
  constructor(files: RecordTreeFiles) {
    this.#files = files;
    this.#salts = new HashedFile(files.salts, 0o600);
    this.#hashes = new HashedFile(files.hashes, 0o666);
  }

  /**
   * Adds the next record under a fresh salt. Takes some microseconds; every 256th writes.
   * @param content - starts with {@link RECORD_HEADER}
   * @throws RangeError when it does not, or is a text that UTF-8 cannot spell
   */
  add(content: Uint8Array | string): void {
    this.#row.add(content);
    this.#keepFull();
  }

  /** Adds the record that is the header and behind it the bytes from `start` to `end`. */
  addLine(bytes: Buffer, start: number, end: number): void {
    this.#row.addLine(bytes, start, end);
    this.#keepFull();
  }

  /**
   * Adds 256 records that were committed to elsewhere, by a {@link RecordRow}.
   * @throws RangeError between records that were added one by one
   */
  addRow(salts: Uint8Array, hashes: Uint8Array, root: Uint8Array): void {
    if (this.#row.count % ROW !== 0 || salts.length !== ROW * SALT_BYTES || hashes.length !== ROW_BYTES) throw new RangeError('expected a full row where a row begins');
    this.#salts.write(salts);
    this.#hashes.write(hashes);
    this.#count += BigInt(ROW);
    this.#rise(1, root);
  }

  /**
   * Writes what is left and makes both files durable.
   * @returns what the submission's entry in the log commits to, and the SHA-384 of the two files
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- the disk may become asynchronous; callers wait already
  async finish(): Promise<CommittedTree> {
    const edge = Array.from({ length: this.#row.count }, (_, i) => this.#row.hashes.subarray(i * HASH, (i + 1) * HASH));
    this.#salts.write(this.#row.salts.subarray(0, edge.length * SALT_BYTES));
    const levels = [edge, ...this.#levels];
    for (const row of levels) this.#hashes.write(Buffer.concat(row));
    const sha384 = { salts: this.#salts.sha384(), hashes: this.#hashes.sha384() };
    this.#close(true);
    const frontier = new Frontier(SHA384_TREE);
    for (const [level, row] of [...levels.entries()].reverse()) for (const each of row) frontier.addSubtree(8 * level, each);
    return { root: Uint8Array.from(frontier.root()), count: this.#count + BigInt(edge.length), sha384 };
  }

  /** Gives up: removes both files. */
  discard(): void {
    this.#close(false);
    rmSync(this.#files.salts);
    rmSync(this.#files.hashes);
  }

  #keepFull(): void {
    if (!this.#row.full) return;
    this.addRow(this.#row.salts, this.#row.hashes, this.#row.root());
    this.#row.start();
  }

  #rise(level: number, root: Uint8Array): void {
    const row = this.#levels[level - 1] ??= [];
    row.push(root);
    if (row.length < ROW) return;
    this.#hashes.write(Buffer.concat(row));
    this.#levels[level - 1] = [];
    this.#rise(level + 1, foldPairs(SHA384_TREE, row));
  }

  #close(durable: boolean): void {
    for (const file of [this.#salts, this.#hashes]) file.close(durable);
    // The names too must outlast a power cut.
    if (durable) for (const folder of new Set([dirname(this.#files.salts), dirname(this.#files.hashes)])) fsyncFolder(folder);
    this.#row.forget();
  }
}

/**
 * The receipt of one record, for whoever holds the record and the two files. Reads one row of each level.
 * @throws Refusal RECORD_INDEX (no such record), RECORD_DESTROYED (its salt was), RECORD_OTHER (the content is not the one that was submitted), RECORD_TREE_FILES (the two files do not fit)
 */
export async function proveRecord(files: RecordTreeFiles, record: { submission: string; index: bigint; content: Uint8Array }): Promise<RecordReceipt> {
  const { submission, index, content } = record;
  const { salt, count } = readSalt(files.salts, index);
  if (salt.every((byte) => byte === 0)) refuse('RECORD_DESTROYED', `the salt of record ${index.toString()} was destroyed: it can no longer be proved`, { object: submission }, 'Nothing: this is what the deletion was for.');
  const file = openSync(files.hashes, 'r');
  try {
    if (BigInt(fstatSync(file).size) !== BigInt(HASH) * rowsLength(count)) refuse('RECORD_TREE_FILES', 'the files of salts and of hashes are not of one submission', { object: submission }, 'Bring both files of the submission.');
    const rows = new Map<string, Uint8Array>();
    const readRow = (level: number, row: bigint): Promise<Uint8Array> => {
      const key = `${level}/${row.toString()}`;
      const bytes = rows.get(key) ?? readAt(file, BigInt(HASH) * rowOffset(count, level, row), rowWidth(count, level, row) * HASH);
      rows.set(key, bytes);
      return Promise.resolve(bytes);
    };
    const read = subtreesOfRows(SHA384_TREE, () => count, readRow);
    if (!startsAsRecord(content) || !equalBytes(recordLeaf(salt, content), await read(0, index))) {
      refuse('RECORD_OTHER', `the content given is not that of record ${index.toString()}`, { object: submission }, 'Bring the record in the canonical form in which it was submitted.');
    }
    const path = await inclusionProof(index, count, read, SHA384_TREE);
    return { submission, index, count, salt, path: path.map((each) => Uint8Array.from(each)), content };
  } finally {
    closeSync(file);
  }
}

/**
 * Destroys the salt of one record in place, durably: from then on nobody can show, or find by guessing, what the record was. The root stands.
 * Copies elsewhere, backups and what the storage keeps of overwritten blocks are the caller's to destroy.
 * @throws Refusal RECORD_INDEX
 */
export function destroySalt(salts: string, index: bigint): void {
  readSalt(salts, index);
  const file = openSync(salts, 'r+');
  try {
    writeSync(file, Buffer.alloc(SALT_BYTES), 0, SALT_BYTES, Number(index) * SALT_BYTES);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readSalt(salts: string, index: bigint): { salt: Uint8Array; count: bigint } {
  const file = openSync(salts, 'r');
  try {
    const { size } = fstatSync(file);
    const count = BigInt(Math.floor(size / SALT_BYTES));
    if (size % SALT_BYTES !== 0) refuse('RECORD_TREE_FILES', 'the file of salts was cut short', {}, 'Bring the whole file.');
    if (index < 0n || index >= count) refuse('RECORD_INDEX', `record ${index.toString()} was asked for in a submission of ${count.toString()}`, {}, 'Records count from 0.');
    return { salt: readAt(file, index * BigInt(SALT_BYTES), SALT_BYTES), count };
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, offset: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = readSync(file, bytes, done, length - done, offset + BigInt(done));
    if (got === 0) refuse('RECORD_TREE_FILES', 'a file of the tree of records was cut short', {}, 'Bring the whole file.');
    done += got;
  }
  return bytes;
}

/** A new file that is hashed as it is written: it need not be read again for that. */
class HashedFile {
  readonly #file: number;
  readonly #hash = createHash('sha384');

  constructor(path: string, mode: number) {
    this.#file = openSync(path, 'wx', mode);
  }

  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
  }

  /** Of everything that was written; nothing is written after it. */
  sha384(): Sha384 {
    return this.#hash.digest('hex') as Sha384;
  }

  close(durable: boolean): void {
    if (durable) fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

function fsyncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
