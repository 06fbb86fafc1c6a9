/**
 * A row of up to 256 records, each committed to under a fresh salt: the unit in which a tree of records is made, by one thread or by several.
 * What is hashed stands in record-receipt.ts. Node only.
 * @module
 */
import { hash, randomFillSync } from 'node:crypto';
import { RECORD_HEADER, SALT_BYTES, startsAsRecord } from './record-header.ts';
import { RowHash } from './row-hash.ts';
import { ROW } from './row-layout.ts';
import { SHA384_TREE } from './tree-hash.ts';

const HASH = SHA384_TREE.bytes;
const HEADER = Buffer.from(RECORD_HEADER);
const LINE_AT = SALT_BYTES + HEADER.length;

/** One row. `salts` and `hashes` are used again by {@link start}. */
export class RecordRow {
  readonly salts = Buffer.alloc(ROW * SALT_BYTES);
  readonly hashes = Buffer.alloc(ROW * HASH);
  readonly #row = new RowHash(SHA384_TREE);
  /** Salt and content of one record, to be hashed; the header stands there already. */
  #scratch = scratchOf(4096);
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

  /** Adds a record to a row that is not full. @throws RangeError when the content does not start as a record does, or is no UTF-8 */
  add(content: Uint8Array | string): void {
    if (typeof content === 'string') {
      if (!content.startsWith(RECORD_HEADER) || !content.isWellFormed()) throw new RangeError('expected a well-formed text that starts as a record does');
    } else if (!startsAsRecord(content)) throw new RangeError('expected bytes that start as a record does');
    const bytes = Buffer.from(content);
    this.addLine(bytes, HEADER.length, bytes.length);
  }

  /** Adds the record that is the header and behind it the bytes from `start` to `end`, to a row that is not full. */
  addLine(bytes: Buffer, start: number, end: number): void {
    const { count } = this.#row;
    const length = LINE_AT + end - start;
    if (length > this.#scratch.length) this.#scratch = scratchOf(2 * length);
    this.salts.copy(this.#scratch, 0, count * SALT_BYTES, (count + 1) * SALT_BYTES);
    bytes.copy(this.#scratch, LINE_AT, start, end);
    this.#leaf.write(hash('sha384', this.#scratch.subarray(0, length), 'binary'), 1, 'latin1');
    this.#row.addLeaf(this.#leaf);
    this.#row.copyLeaf(count, this.hashes, count * HASH);
  }

  /** Root of a full row. */
  root(): Uint8Array {
    return this.#row.root();
  }

  /** Overwrites salts and records. */
  forget(): void {
    this.salts.fill(0);
    this.#scratch.fill(0);
  }
}

function scratchOf(length: number): Buffer {
  const scratch = Buffer.alloc(length);
  HEADER.copy(scratch, SALT_BYTES);
  return scratch;
}
