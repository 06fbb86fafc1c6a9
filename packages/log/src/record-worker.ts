/**
 * A worker thread of record-lines.ts: commits to the records in the lines that it is sent, row by row.
 * Imports little on purpose: a thread takes longer to load a package than to commit to 100,000 records.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { commitRows } from './committed-rows.ts';
import type { Lines } from './committed-rows.ts';
import { RecordRow } from './record-row.ts';

const row = new RecordRow();

parentPort?.on('message', (lines: Lines) => {
  const committed = commitRows(row, lines);
  parentPort?.postMessage(committed, [committed.salts.buffer, committed.hashes.buffer, committed.roots.buffer, committed.spare]);
});
