/**
 * A folder that is replaced as a whole: what cannot be written to its end does not touch what stands there.
 * @module
 */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the new content waits, inside the folder, because the lab may write nowhere else. */
const WAITING = '.new';

/**
 * Lets `write` fill an empty folder, and puts everything that it wrote in the place of what `folder` held.
 * @throws whatever `write` throws; the folder then is as it was
 */
export async function replaceWhole<T>(folder: string, write: (empty: string) => Promise<T>): Promise<T> {
  const waiting = join(folder, WAITING);
  await rm(waiting, { recursive: true, force: true });
  try {
    await mkdir(waiting, { recursive: true });
    const result = await write(waiting);
    for (const name of await readdir(folder)) if (name !== WAITING) await rm(join(folder, name), { recursive: true });
    for (const name of await readdir(waiting)) await rename(join(waiting, name), join(folder, name));
    return result;
  } finally {
    await rm(waiting, { recursive: true, force: true });
  }
}
