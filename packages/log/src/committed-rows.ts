/**
 * Full rows of records, committed to from the lines that they stand in: what a thread is asked for, and what it answers. Node only.
 * @module
 */
import type { RecordRow } from './record-row.ts';
import { ROW } from './row-layout.ts';

const NEWLINE = 10;

/** Lines that end, 256 for each of some rows. */
export interface Lines {
  readonly lines: Buffer<ArrayBuffer> | Uint8Array<ArrayBuffer>;
  /** Full rows that the lines are; 0 where they are none. */
  readonly rows: number;
}

/** Salts, leaf hashes and roots, one row after the other. */
export interface CommittedRows {
  readonly salts: Uint8Array<ArrayBuffer>;
  readonly hashes: Uint8Array<ArrayBuffer>;
  readonly roots: Uint8Array<ArrayBuffer>;
  /** Where the lines were, to be used again. */
  readonly spare: ArrayBuffer;
}

/** Commits to the records. @param row - empty, and so again afterwards */
export function commitRows(row: RecordRow, { lines, rows }: Lines): CommittedRows {
  const salts = new Uint8Array(rows * row.salts.length);
  const hashes = new Uint8Array(rows * row.hashes.length);
  const roots = new Uint8Array(rows * row.hashes.length / ROW);
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  let done = 0;
  eachLine(bytes, (start, end) => {
    row.addLine(bytes, start, end);
    if (!row.full) return;
    salts.set(row.salts, done * row.salts.length);
    hashes.set(row.hashes, done * row.hashes.length);
    roots.set(row.root(), done * row.hashes.length / ROW);
    row.start();
    done++;
  });
  return { salts, hashes, roots, spare: lines.buffer };
}

/** Gives where every line that ends begins, and where its newline is. */
export function eachLine(data: Buffer, use: (start: number, end: number) => void): void {
  let start = 0;
  for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
    use(start, end);
    start = end + 1;
  }
}
