/**
 * A row of up to 256 records, each committed to under a fresh salt: the unit in which a tree of records is made, by one thread or by several.
 * What is hashed stands in record-receipt.ts. Node only.
 * @module
 */
import { hash, randomFillSync } from 'node:crypto';
import { SALT_BYTES } from './commitment.ts';
import { RECORD_HEADER, startsAsRecord } from './record-receipt.ts';
import { RowHash } from './row-hash.ts';
import { ROW } from './row-layout.ts';
import { SHA384_TREE } from './tree-hash.ts';

const HASH = SHA384_TREE.bytes;

/** One row. `salts` and `hashes` are used again by {@link start}. */
export class RecordRow {
  readonly salts = Buffer.alloc(ROW * SALT_BYTES);
  readonly hashes = Buffer.alloc(ROW * HASH);
  readonly #row = new RowHash(SHA384_TREE);
  /** Salt and content of one record, to be hashed. */
  #scratch = Buffer.alloc(4096);
  /** 0x00 and the commitment: what a leaf hashes. */
  readonly #leaf = Buffer.alloc(1 + HASH);

  constructor() {
    this.start();
  }

  get count(): number {
    return this.#row.count;
  }

  get full(): boolean {
    return this.#row.full;
  }

  /** Begins a row with fresh salts. */
  start(): void {
    // One call for a row of salts: the random source costs more to ask than to give.
    randomFillSync(this.salts);
    this.#row.clear();
  }

  /** Commits to the next record of a row that is not full. @throws RangeError when the content does not start as a record does, or is no UTF-8 */
  add(content: Uint8Array | string): void {
    const { count } = this.#row;
    const start = count * SALT_BYTES;
    // Three bytes are the most that UTF-8 needs for one unit of UTF-16.
    const most = SALT_BYTES + (typeof content === 'string' ? 3 : 1) * content.length;
    if (most > this.#scratch.length) this.#scratch = Buffer.alloc(2 * most);
    this.salts.copy(this.#scratch, 0, start, start + SALT_BYTES);
    this.#leaf.write(hash('sha384', this.#scratch.subarray(0, SALT_BYTES + this.#place(content)), 'binary'), 1, 'latin1');
    this.#row.addLeaf(this.#leaf);
    this.#row.copyLeaf(count, this.hashes, count * HASH);
  }

  /** Root of a full row. */
  root(): Uint8Array {
    return this.#row.root();
  }

  /** Overwrites the salts. */
  forget(): void {
    this.salts.fill(0);
  }

  /** Puts the content behind the salt; returns its length. */
  #place(content: Uint8Array | string): number {
    if (typeof content === 'string') {
      if (!content.startsWith(RECORD_HEADER) || !content.isWellFormed()) throw new RangeError('expected a well-formed text that starts as a record does');
      return this.#scratch.write(content, SALT_BYTES, 'utf8');
    }
    if (!startsAsRecord(content)) throw new RangeError('expected bytes that start as a record does');
    this.#scratch.set(content, SALT_BYTES);
    return content.length;
  }
}
