/**
 * What a log's folder keeps of smaller sizes: partial tiles and bundles, which must be the beginning of what stands there now.
 * Source: C2SP tlog-tiles 0.1.0: a partial tile is a prefix of the full one, and what was published never changes. Node only.
 * Leaves out: files of sizes above the head's, which a writer that was stopped may have left and no signed head covers.
 * @module
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { parseBundle } from './bundle.ts';
import { readBundle, readTile } from './tile-reader.ts';
import type { LogFiles } from './tile-reader.ts';

/**
 * Compares every older partial tile and bundle in the folder with that of the size.
 * @param onIssue - takes TILE_STALE or BUNDLE_STALE for each file that is not the beginning of the later one, in the order of paths; says whether to go on
 */
export async function auditOlder(folder: string, files: LogFiles, size: bigint, onIssue: (issue: Issue) => boolean): Promise<void> {
  for await (const path of partialFiles(folder, 'tile')) {
    const older = partOf(path);
    if (older === undefined) continue;
    const { level, index, width } = older;
    const rest = (size >> BigInt(8 * (level ?? 0))) - (index << 8n);
    // The file of the size itself was audited with the rest.
    if (BigInt(width) >= rest) continue;
    const now = rest < 256n ? Number(rest) : 256;
    const same = await isBeginning(await readFile(join(folder, path)), width, () => (level === null ? readBundle(files, index, now) : readTile(files, level, index, now)), level === null ? now : null);
    if (!same && !onIssue(stale(path, level))) return;
  }
}

/** A partial file by its path; undefined for a name that no log has. */
function partOf(path: string): { level: number | null; index: bigint; width: number } | undefined {
  const match = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})\.p\/([1-9][0-9]{0,2})$/.exec(path);
  if (match === null || Number(match[3]) > 255) return undefined;
  return { level: match[1] === 'entries' ? null : Number(match[1]), index: BigInt((match[2] ?? '').replaceAll(/[x/]/g, '')), width: Number(match[3]) };
}

/** @param entriesNow - how many entries the later bundle holds; null for a tile */
async function isBeginning(older: Uint8Array, width: number, readNow: () => Promise<Uint8Array>, entriesNow: number | null): Promise<boolean> {
  try {
    const now = await readNow();
    const entry = entriesNow === null ? undefined : parseBundle(now, entriesNow, {})[width - 1];
    const length = entry === undefined ? 32 * width : entry.byteOffset + entry.length - now.byteOffset;
    return older.length === length && Buffer.compare(older, now.subarray(0, length)) === 0;
  } catch (error) {
    // What stands there now is missing or malformed: that has an issue already, and there is nothing to compare with.
    if (error instanceof Refusal) return true;
    throw error;
  }
}

function stale(path: string, level: number | null): Issue {
  return {
    code: level === null ? 'BUNDLE_STALE' : 'TILE_STALE', severity: 'error', place: { file: path },
    message: `a partial ${level === null ? 'bundle' : 'tile'} of a smaller size is not the beginning of the one that stands there now`,
    repair: 'Compare it with a copy of the log of that size. When the log was altered, keep both.',
  };
}

/** Files in folders that end in `.p`, in the order of their paths, one folder in memory at a time. */
async function* partialFiles(folder: string, below: string): AsyncGenerator<string> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* partialFiles(folder, path);
    else if (below.endsWith('.p')) yield path;
  }
}
