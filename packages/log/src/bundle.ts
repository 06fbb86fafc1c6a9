/**
 * Entry bundles: up to 256 entries, each behind its length in two bytes, and nothing after the last.
 * Source: C2SP tlog-tiles 0.1.0, "Log entries". Pure.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';

/** The longest entry that a bundle can hold. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * The bytes of a bundle.
 * @throws Refusal ENTRY_TOO_LARGE when an entry is longer than 65,535 bytes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  for (const entry of entries) checkEntryLength(entry);
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/**
 * Checks that an entry fits into a bundle.
 * @throws Refusal ENTRY_TOO_LARGE when it is longer than 65,535 bytes
 */
export function checkEntryLength(entry: Uint8Array, place: Place = {}): void {
  if (entry.length <= MAX_ENTRY_BYTES) return;
  refuse('ENTRY_TOO_LARGE', `an entry has ${entry.length} bytes; a log holds entries of at most ${MAX_ENTRY_BYTES}`, place,
    'Log a commitment to the content instead of the content.');
}

/**
 * The `width` entries of a bundle, as views of its bytes.
 * @throws Refusal BUNDLE_FORM when it is cut short, goes on after the last entry, or holds another number of entries
 */
export function parseBundle(bytes: Uint8Array, width: number, place: Place): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const start = at + 2;
    const end = start + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    if (start > bytes.length || end > bytes.length) refuseForm(`ends within entry ${entries.length + 1} of ${width}`, place);
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (entries.length < width) refuseForm(`holds ${entries.length} entries, expected ${width}`, place);
  if (at < bytes.length) refuseForm(`goes on for ${bytes.length - at} bytes after entry ${width}, its last`, place);
  return entries;
}

function refuseForm(what: string, place: Place): never {
  refuse('BUNDLE_FORM', `the bundle of entries ${what}`, place, 'Fetch the bundle again from the log, or from a copy of it.');
}
