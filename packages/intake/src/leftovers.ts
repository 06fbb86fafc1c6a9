/**
 * What runs that ended before their time left in a store: temporary files, and folders whose process is gone.
 * @module
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from './lock.ts';

/** Loose temporary files are made under the lock only: whoever holds it knows that those it finds belong to the dead. */
export async function removeLoose(folder: string): Promise<void> {
  for (const parent of [join(folder, 'tmp'), join(folder, 'keys')]) {
    for (const name of await readdir(parent)) {
      if (/\.(tmp|object)$/.test(name)) await rm(join(parent, name), { force: true });
    }
  }
}

/** Removes folders of runs whose process is gone. */
export async function removeDead(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('run-')) continue;
    const alive = join(parent, name, 'alive.sqlite');
    try {
      const dead = tryLock(alive);
      if (!dead) continue;
      dead.release();
    } catch {
      continue; // just being made, or just being removed
    }
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

