/**
 * A lock that dies with its holder: SQLite's own file lock, released by the operating system whatever ends the process.
 * @module
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { refuse } from '@weighbridge/base';

/** Give it back with `release`. */
export interface Lock {
  release(): void;
}

/** Takes the lock at once, or gives undefined when another process or caller holds it. */
export function tryLock(path: string): Lock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    release: () => {
      database.close(); // rolls back: nothing is ever written to it
    },
  };
}

/**
 * Waits for the lock.
 * @throws Refusal `STORE_BUSY` after `waitMs`
 */
export async function lock(path: string, waitMs: number): Promise<Lock> {
  const until = performance.now() + waitMs;
  for (;;) {
    const held = tryLock(path);
    if (held) return held;
    if (performance.now() >= until) {
      return refuse('STORE_BUSY', `another run has been writing to this store for ${Math.round(waitMs / 1000)} seconds`, {}, 'wait until it is done and run the command again: nothing was recorded');
    }
    await sleep(25);
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && (code & 0xff) === 5; // SQLITE_BUSY
}
