/**
 * What a folder holds, to the last file.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Every entry below a folder that is not itself a folder, relative, with forward slashes, sorted by code units.
 * Links are listed and not followed.
 */
export async function folderFiles(folder: string, below = ''): Promise<readonly string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const nested = await Promise.all(entries.map(async (entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? folderFiles(folder, path) : [path];
  }));
  return nested.flat().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
