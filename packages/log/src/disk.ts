/**
 * The few operations on files that the log's durability rests on, one by one, so that each can be made to fail in a test.
 * A file is whole and on disk, or absent: it is written beside its place, synced, renamed, and its folder is synced (POSIX).
 * Leaves out: locks. The cell decides between two writers.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '@weighbridge/base/node';
import type { LogFiles } from './tile-reader.ts';

/** Where the sequencer's bytes go. Paths are relative to the disk's folder. */
export interface Disk extends LogFiles {
  /** Writes a new file and syncs it. Its name is not yet durable. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** Puts a file in the place of another. Not yet durable. */
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a folder; none when it is missing. */
  list(path: string): Promise<string[]>;
}

/** The disk of this machine, below a folder. */
export function folderDisk(folder: string): Disk {
  return {
    ...folderFiles(folder),
    create: async (path, bytes) => {
      const full = join(folder, path);
      await mkdir(dirname(full), { recursive: true });
      const handle = await open(full, 'w', 0o644);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    rename: (from, to) => rename(join(folder, from), join(folder, to)),
    syncFolder: (path) => syncFolder(join(folder, path)),
    remove: (path) => rm(join(folder, path), { recursive: true, force: true }),
    list: (path) => readdir(join(folder, path)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }),
  };
}

/** The largest file of a log: a bundle of 256 of the longest entries. */
const LARGEST = 256 * (2 + 65_535);

/** Files below a folder, for reading. A link, a pipe or a folder in a file's place is no file, and neither is one larger than a log's can be. */
export function folderFiles(folder: string): LogFiles {
  return {
    read: async (path) => {
      try {
        const found = await lstat(join(folder, path));
        return found.isFile() && found.size <= LARGEST ? await readFile(join(folder, path)) : null;
      } catch (error) {
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
        throw error;
      }
    },
  };
}

/** Writes files whole and durably, each over what stood in its place. Every folder is synced once. Two writers do not disturb each other. */
export async function writeDurably(disk: Disk, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [path, bytes] of files) {
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await disk.create(temporary, bytes);
      await disk.rename(temporary, path);
    } catch (error) {
      await disk.remove(temporary).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  }
  await syncNames(disk, files.keys());
}

/** Makes the names of files durable that are there already: whoever renamed them may have died before the folders were synced. */
export async function syncNames(disk: Disk, paths: Iterable<string>): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      folders.add(folder);
      if (folder === '.') break;
    }
  }
  for (const folder of folders) await disk.syncFolder(folder);
}
