/**
 * What anybody can find out from the log alone: that it is the log whose head was signed, and the counts of a term.
 * Written apart from the operator's code, from the definition of the tree (RFC 9162 §2.1.1) and the entries' bytes.
 * @module
 */
import { hash } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import { readEntry } from './logged-entries.ts';
import type { Enrolled, Entry } from './logged-entries.ts';
import type { Head } from './logged-log.ts';

/** Public counts of one term. */
export interface Counts {
  readonly orders: number;
  /** Orders for which enough custodians released. */
  readonly accesses: number;
  /** Sealed texts opened in all accesses: a member's part of an epoch each. */
  readonly texts: number;
  /** Warrants in force at the end of the term, where the design lists them. */
  readonly warrants: number;
}

/**
 * The counts of a term from the entries, whose root is the head's. What nobody enrolled signed counts for nothing, as with custodians.
 * @throws Refusal LAB_LOG_ROOT when the entries are not those of the head
 */
export function countFromLog(entries: readonly Uint8Array[], head: Head, enrolled: Enrolled, threshold: number, term: number): Counts {
  if (!isBeginning(entries, head) || BigInt(entries.length) !== head.size) refuse('LAB_LOG_ROOT', 'the entries of the signed head expected', {}, 'fetch the log again; if it stays so, show both to the overseer');
  const releases = new Map<number, Map<string, number>>();
  let [orders, warrants] = [0, 0];
  for (const entry of entries.flatMap((bytes) => entryOf(bytes, enrolled)).filter((e) => e.term === term)) {
    if (entry.kind === 'order') orders += 1;
    else if (entry.kind === 'warrants') warrants = entry.count;
    else releases.set(entry.order, (releases.get(entry.order) ?? new Map<string, number>()).set(entry.by, entry.texts));
  }
  const enough = [...releases.values()].filter((by) => by.size >= threshold);
  return { orders, accesses: enough.length, texts: enough.reduce((sum, by) => sum + Math.max(...by.values()), 0), warrants };
}

/** Whether a head that somebody was shown is of this log: its root is the root of the log's first entries. */
export function isBeginning(entries: readonly Uint8Array[], { size, root }: Head): boolean {
  return size <= BigInt(entries.length) && treeHash(entries.slice(0, Number(size))).equals(root);
}

function entryOf(bytes: Uint8Array, enrolled: Enrolled): Entry[] {
  try {
    return [readEntry(bytes, enrolled)];
  } catch {
    return [];
  }
}

/** MTH of RFC 9162 §2.1.1. */
function treeHash(entries: readonly Uint8Array[]): Buffer {
  const [first, ...rest] = entries;
  if (first === undefined) return hash('sha256', '', 'buffer');
  if (rest.length === 0) return hash('sha256', Buffer.concat([Uint8Array.of(0), first]), 'buffer');
  let k = 1;
  while (2 * k < entries.length) k *= 2;
  return hash('sha256', Buffer.concat([Uint8Array.of(1), treeHash(entries.slice(0, k)), treeHash(entries.slice(k))]), 'buffer');
}
