/**
 * What stands in the log: entries that commit to objects by hash and carry no data, one canonical JSON line each,
 * each line chained to the one before by SHA-384. Leaves out: Merkle proofs and cosignatures.
 * @module
 */
import { canonicalJson, isSha384, sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';

/** A commitment. `manifest` is the hash of the object that says everything else. */
export type LogEntry =
  | { readonly kind: 'submission'; readonly manifest: Sha384; readonly original: Sha384; readonly sealed: Sha384 }
  | { readonly kind: 'release'; readonly manifest: Sha384 };

/** An entry in its place: what one line of the log holds. */
export type LoggedEntry = LogEntry & {
  /** Counts from 0. */
  readonly index: number;
  /** Hash of the line before, without its newline; {@link NO_ENTRY} for the first. */
  readonly previous: Sha384;
};

/** Where an entry stands. `hash` is the SHA-384 of its line, without the newline. */
export interface LogPosition {
  readonly entry: LoggedEntry;
  readonly hash: Sha384;
}

/** What the first entry names as the one before. */
export const NO_ENTRY = '0'.repeat(96) as Sha384;

/** The line of an entry, without its newline. */
export function entryLine(entry: LoggedEntry): string {
  return canonicalJson(entry);
}

/**
 * Reads a line and checks its shape and its place in the chain.
 * @returns the position, or the code of what is wrong
 */
export function readLine(line: string, index: number, previous: Sha384): LogPosition | LineFault {
  const entry = parseEntry(line);
  if (entry === undefined) return 'LOG_LINE';
  if (entry.index !== index) return 'LOG_INDEX';
  if (entry.previous !== previous) return 'LOG_CHAIN';
  return { entry, hash: sha384(line) };
}

/** Why a line is no entry: not canonical JSON of an entry, a wrong index, or not chained to the line before. */
export type LineFault = 'LOG_LINE' | 'LOG_INDEX' | 'LOG_CHAIN';

function parseEntry(line: string): LoggedEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
    if (typeof value !== 'object' || value === null || canonicalJson(value) !== line) return undefined;
  } catch {
    return undefined; // the parser's message quotes the line; the caller reports the place
  }
  const entry = value as Record<string, unknown>;
  const hashes = entry['kind'] === 'submission' ? ['manifest', 'original', 'sealed', 'previous']
    : entry['kind'] === 'release' ? ['manifest', 'previous'] : undefined;
  if (hashes === undefined || !Number.isSafeInteger(entry['index'])) return undefined;
  if (Object.keys(entry).length !== hashes.length + 2) return undefined;
  return hashes.every((name) => typeof entry[name] === 'string' && isSha384(entry[name])) ? (entry as unknown as LoggedEntry) : undefined;
}
