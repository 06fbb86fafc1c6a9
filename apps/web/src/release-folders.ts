/**
 * Release folders as the web serves them: found by their manifests, and of each only the files that its manifest lists.
 * @module
 */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { refuse } from '@weighbridge/base';
import { FORMAT, MANIFEST, SIGNATURE } from '@weighbridge/publish';

/** A release on disk. */
export interface ReleaseFolder {
  /** Path of the folder below the place, with forward slashes, as it stands in addresses. */
  readonly name: string;
  /** Absolute, links resolved. */
  readonly path: string;
  readonly title: string;
  readonly edition: string;
  readonly release: string;
  readonly synthetic: boolean;
  /** Paths that may be served. */
  readonly listed: ReadonlySet<string>;
}

/** How deep below a place releases are looked for: `<collection>/<release>`. */
const DEPTH = 2;

/**
 * The releases at a place: the folder itself when it is one, else those in its subfolders (of a store: below its
 * `state/releases`), by name. The list is read anew on every call, so a release made while the server runs is served.
 * @throws Refusal NO_RELEASE when the place does not exist or is no folder.
 */
export async function findReleases(place: string): Promise<{ readonly single: boolean; readonly releases: readonly ReleaseFolder[] }> {
  const own = await readRelease(place, '');
  if (own !== null) return { single: true, releases: [own] };
  if (!(await isFolder(place))) refuse('NO_RELEASE', 'there is no such folder', { file: place }, 'name a release folder, or a folder that holds releases');
  const kept = join(place, 'state', 'releases');
  const root = (await isFolder(kept)) ? kept : place;
  return { single: false, releases: await releasesBelow(root, '', DEPTH) };
}

async function releasesBelow(folder: string, prefix: string, depth: number): Promise<readonly ReleaseFolder[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((e) => !e.name.startsWith('.') && !e.isFile());
  const names = entries.map((e) => e.name).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const found = await Promise.all(names.map(async (name) => {
    const path = join(folder, name);
    const own = await readRelease(path, prefix + name);
    if (own !== null) return [own];
    return depth > 1 && (await isFolder(path)) ? releasesBelow(path, `${prefix}${name}/`, depth - 1) : [];
  }));
  return found.flat();
}

/** The bytes of a listed file, or null when it is not listed, is gone, or leads out of the folder. */
export async function readListed(folder: ReleaseFolder, path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!folder.listed.has(path)) return null;
  try {
    const real = await realpath(join(folder.path, path));
    return real.startsWith(folder.path + sep) ? new Uint8Array(await readFile(real)) : null;
  } catch {
    return null;
  }
}

async function readRelease(path: string, name: string): Promise<ReleaseFolder | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(path, MANIFEST), 'utf8'));
    if (!isRecord(manifest) || manifest['format'] !== FORMAT || !Array.isArray(manifest['files']) || !isRecord(manifest['content'])) return null;
    const collection = manifest['content']['collection'];
    if (!isRecord(collection)) return null;
    const listed = manifest['files'].flatMap((f: unknown) => (isRecord(f) && typeof f['path'] === 'string' ? [f['path']] : []));
    return {
      name, path: await realpath(path), title: words(collection['title']), edition: words(collection['edition']), release: words(manifest['release']),
      synthetic: collection['synthetic'] === true, listed: new Set([...listed, MANIFEST, SIGNATURE]),
    };
  } catch {
    return null;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
