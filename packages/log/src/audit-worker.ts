/**
 * A worker thread of audit-folder.ts: audits the stretches that it is sent, one after the other.
 * Reads files synchronously: the thread has nothing else to do, and a round through the event loop costs more than a tile.
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { auditStretch } from './audit.ts';
import { bundleHasher } from './row-hash.ts';
import { SHA256_TREE, SHA384_TREE } from './tree-hash.ts';
import type { LogFiles } from './tile-reader.ts';

/** Bundles `from` up to but not including `to`. */
export interface AuditTask {
  readonly from: bigint;
  readonly to: bigint;
}

const { folder, size } = workerData as { folder: string; size: bigint };

const files: LogFiles = {
  read: (path) => {
    try {
      return Promise.resolve(readFileSync(join(folder, path)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? Promise.resolve(null) : Promise.reject(error instanceof Error ? error : new Error('a file of the log cannot be read'));
    }
  },
};

const hasher = bundleHasher(SHA256_TREE, SHA384_TREE);

// Answers leave in the order of the tasks: each waits for the one before it.
let before: Promise<void> = Promise.resolve();
parentPort?.on('message', (task: AuditTask) => {
  before = before.then(async () => { parentPort?.postMessage(await auditStretch(files, size, task.from, task.to, { hasher })); });
});
