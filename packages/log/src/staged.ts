/**
 * The staged bundle: every file of one batch in one file, on disk before the head that needs them is signed.
 * Format: a first line `weighbridge-staged/1`, a line of canonical JSON with paths and lengths, the bytes one after the other,
 * and the SHA-256 of everything before it.
 * @module
 */
import { canonicalJson } from '@weighbridge/base';
import { concatBytes, equalBytes, fromUtf8, toHex, utf8 } from './bytes.ts';
import { sha256 } from './crypto.ts';

const FORMAT = 'weighbridge-staged/1';
const DIGEST = 32;

/** The name of a batch's bundle: by what its head says. */
export function stagedName(size: bigint, root: Uint8Array): string {
  return `staged-${size}-${toHex(root)}`;
}

/** The bytes of a bundle. */
export function packStaged(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const list = [...files].map(([path, bytes]) => ({ path, bytes: bytes.length }));
  const body = concatBytes(utf8(`${FORMAT}\n${canonicalJson(list)}\n`), ...files.values());
  return concatBytes(body, sha256(body));
}

/** The files of a bundle; undefined when it is not whole. */
export function unpackStaged(bytes: Uint8Array): Map<string, Uint8Array> | undefined {
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST));
  if (!equalBytes(sha256(body), bytes.subarray(body.length))) return undefined;
  const second = body.indexOf(10, FORMAT.length + 1);
  const lines = fromUtf8(body.subarray(0, second))?.split('\n');
  if (lines?.[0] !== FORMAT || lines[1] === undefined) return undefined;
  const files = new Map<string, Uint8Array>();
  let at = second + 1;
  for (const { path, bytes: length } of JSON.parse(lines[1]) as { path: string; bytes: number }[]) {
    files.set(path, body.subarray(at, at + length));
    at += length;
  }
  return at === body.length ? files : undefined;
}
