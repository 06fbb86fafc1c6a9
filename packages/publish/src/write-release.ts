/**
 * A release on disk, whole or not at all: written beside its place, then renamed into it.
 * Leaves out: a crash between the two renames that replace an older release leaves the older one beside its place,
 * under a name ending in `.old`.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { refuse } from '@weighbridge/base';
import { syncFolder } from '@weighbridge/base/node';
import type { ReleaseFiles } from './input.ts';
import { FORMAT, MANIFEST, SIGNATURE } from './manifest.ts';
import { folderFiles } from './folder-files.ts';

/**
 * Writes the files to `outDir`. An empty or missing folder is taken; a folder that holds a release, and nothing
 * besides, is replaced. Missing parents are made.
 * @throws Refusal OUT_NOT_A_RELEASE or OUT_HAS_OTHER_FILES when the folder holds something else, OUT_NOT_A_FOLDER,
 * OUT_NO_ROOM (disk full), OUT_NOT_WRITABLE. Nothing has changed then.
 */
export async function writeRelease(files: ReleaseFiles, outDir: string): Promise<void> {
  const out = resolve(outDir);
  const standing = await standingAt(out, outDir);
  const temporary = join(dirname(out), `.${basename(out)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeAll(files, temporary);
    await moveInto(temporary, out, standing);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw understood(error, outDir);
  }
}

type Standing = 'nothing' | 'empty' | 'release';

async function standingAt(out: string, named: string): Promise<Standing> {
  let names: readonly string[];
  try {
    names = await readdir(out);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'nothing';
    if (codeOf(error) === 'ENOTDIR') refuse('OUT_NOT_A_FOLDER', 'the place of the release is a file', { file: named }, 'name a folder that is empty or does not exist');
    throw understood(error, named);
  }
  if (names.length === 0) return 'empty';
  const listed = names.includes(MANIFEST) ? await listedPaths(out) : null;
  if (listed === null) refuse('OUT_NOT_A_RELEASE', 'the folder is not empty and holds no release', { file: named }, 'name a folder that is empty or does not exist');
  const others = (await folderFiles(out)).filter((path) => !listed.has(path));
  if (others.length > 0) {
    refuse('OUT_HAS_OTHER_FILES', `the folder holds a release and ${others.length} other ${others.length === 1 ? 'file' : 'files'}, first ${others[0] ?? ''}`,
      { file: named }, 'move the other files away, or name another folder');
  }
  return 'release';
}

/** Paths that the folder's own manifest lists, or null when it is no manifest of ours. */
async function listedPaths(folder: string): Promise<ReadonlySet<string> | null> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
  } catch {
    return null;
  }
  if (typeof manifest !== 'object' || manifest === null || !('format' in manifest) || manifest.format !== FORMAT) return null;
  const files: unknown = 'files' in manifest ? manifest.files : null;
  if (!Array.isArray(files)) return null;
  const paths = files.map((f: unknown) => (typeof f === 'object' && f !== null && 'path' in f ? String(f.path) : ''));
  return new Set([MANIFEST, SIGNATURE, ...paths]);
}

async function writeAll(files: ReleaseFiles, folder: string): Promise<void> {
  const folders = new Set([folder]);
  for (const path of files.keys()) folders.add(dirname(join(folder, path)));
  for (const f of [...folders].sort()) await mkdir(f, { recursive: true });
  for (const [path, data] of files) {
    const handle = await open(join(folder, path), 'wx', 0o644);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  for (const f of folders) await syncFolder(f);
}

async function moveInto(temporary: string, out: string, standing: Standing): Promise<void> {
  if (standing === 'empty') await rmdir(out);
  if (standing !== 'release') {
    await rename(temporary, out);
  } else {
    const old = `${temporary}.old`;
    await rename(out, old);
    try {
      await rename(temporary, out);
    } catch (error) {
      await rename(old, out);
      throw error;
    }
    await rm(old, { recursive: true, force: true });
  }
  await syncFolder(dirname(out));
}

/** Turns what the file system says into a refusal where the person can do something about it. */
function understood(error: unknown, named: string): unknown {
  const code = codeOf(error);
  try {
    if (code === 'ENOSPC' || code === 'EDQUOT') refuse('OUT_NO_ROOM', 'the disk is full; nothing was changed', { file: named }, 'make room or name a folder on another disk');
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') refuse('OUT_NOT_WRITABLE', 'the folder cannot be written', { file: named }, 'allow writing there or name another folder');
  } catch (refusal) {
    return refusal;
  }
  return error;
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
