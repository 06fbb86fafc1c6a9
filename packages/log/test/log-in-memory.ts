/**
 * Synthetic logs for the tests: entries from a counter, tiles and bundles from the naive tree, in a map of paths.
 * @module
 */
import { createHash } from 'node:crypto';
import type { LogFiles } from '../src/tile-reader.ts';
import { naiveTile } from './naive-merkle.ts';

/** Entries that say that they are synthetic; lengths vary, entry 7 is empty. */
export function syntheticEntries(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => (i === 7 ? new Uint8Array() : new TextEncoder().encode(`synthetic entry ${i}${'.'.repeat(i % 5)}`)));
}

/** The files of a log, written down by the definition: tile by tile from the entries. */
export function naiveLog(entries: readonly Uint8Array[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let level = 0; Math.floor(entries.length / 256 ** level) > 0; level++) {
    const count = Math.floor(entries.length / 256 ** level);
    for (let index = 0; index * 256 < count; index++) {
      const width = Math.min(256, count - index * 256);
      files.set(`tile/${level}/${naiveName(index)}${width < 256 ? `.p/${width}` : ''}`, naiveTile(entries, level, index, width));
    }
  }
  for (let index = 0; index * 256 < entries.length; index++) {
    const some = entries.slice(index * 256, index * 256 + 256);
    files.set(`tile/entries/${naiveName(index)}${some.length < 256 ? `.p/${some.length}` : ''}`, naiveBundle(some));
  }
  return files;
}

/** The bytes of a bundle. */
export function naiveBundle(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    return [length, entry];
  }));
}

/** A port over a map; counts what is read. */
export function mapFiles(files: ReadonlyMap<string, Uint8Array>): LogFiles & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    read: (path) => {
      reads.push(path);
      return Promise.resolve(files.get(path) ?? null);
    },
  };
}

/** SHA-256 of a leaf, apart from the package. */
export function naiveLeaf(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

/** For comparisons: a Buffer and a Uint8Array of the same bytes are not equal to a test. */
export function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : Buffer.from(bytes).toString('hex');
}

/** The files with some replaced, added, or, where undefined, removed. */
export function withChanges(files: ReadonlyMap<string, Uint8Array>, changes: Readonly<Record<string, Uint8Array | undefined>>): Map<string, Uint8Array> {
  const changed = new Map(files);
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes === undefined) changed.delete(path);
    else changed.set(path, bytes);
  }
  return changed;
}

/** Tile numbers below a million. */
function naiveName(index: number): string {
  const low = String(index % 1000).padStart(3, '0');
  return index < 1000 ? low : `x${String(Math.floor(index / 1000)).padStart(3, '0')}/${low}`;
}
