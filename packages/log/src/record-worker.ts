/**
 * A worker thread of record-lines.ts: commits to the records in the lines that it is sent, row by row.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { eachLine } from './record-lines.ts';
import { RecordRow } from './record-row.ts';

/** Full rows of records: salts, leaf hashes and roots, one row after the other. */
export interface CommittedRows {
  readonly salts: Uint8Array;
  readonly hashes: Uint8Array;
  readonly roots: Uint8Array;
}

const row = new RecordRow();

parentPort?.on('message', ({ lines, rows }: { lines: Uint8Array<ArrayBuffer>; rows: number }) => {
  const salts = new Uint8Array(rows * row.salts.length);
  const hashes = new Uint8Array(rows * row.hashes.length);
  const roots: Uint8Array[] = [];
  eachLine(Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength), (content) => {
    row.add(content);
    if (!row.full) return;
    salts.set(row.salts, roots.length * row.salts.length);
    hashes.set(row.hashes, roots.length * row.hashes.length);
    roots.push(row.root());
    row.start();
  });
  parentPort?.postMessage({ salts, hashes, roots: Buffer.concat(roots) } satisfies CommittedRows, [salts.buffer, hashes.buffer]);
});
