/**
 * Access from an order on, and not before (prospective, after ARLEAS): clients seal to the custodians only while their own tag
 * is in the list of active warrants that the log commits to; all others seal to an element whose key nobody has.
 *
 * A model of docs/references.md#arleas-2021, not its construction: there, lossy encryption hides from the sender whether it is
 * a target, and a proof shows that what it posts has the right form. Both are left out: here the client of a target
 * can tell, and a client that does not co-operate is not found out.
 * @module
 */
import { createHmac } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import { SHA384_TREE } from '@weighbridge/log';
import { readEntry, signEntry } from './logged-entries.ts';
import type { Enrolled, Signer } from './logged-entries.ts';
import type { Follower, LogService } from './logged-log.ts';
import { elementWithoutLogarithm } from './threshold-group.ts';
import type { Chance, Element } from './threshold-group.ts';

/** A list of active warrants as clients fetch it: tags, and where the log commits to them. */
export interface WarrantList {
  readonly tags: readonly string[];
  readonly entry: Uint8Array;
  readonly index: bigint;
}

/** The tag of a person in a term. `tagKey` is known to the person's client and the authority: to others the tag says nothing. */
export function warrantTag(tagKey: Uint8Array, term: number): string {
  return createHmac('sha256', tagKey).update(`term ${term}`).digest('hex');
}

/** Signs a list and enters it in the log. */
export async function publishWarrants(tags: readonly string[], term: number, by: Signer, log: LogService): Promise<WarrantList> {
  const sorted = [...tags].sort();
  const entry = signEntry({ kind: 'warrants', by: by.name, term, count: sorted.length, root: rootOf(sorted) }, by);
  return { tags: sorted, entry, index: await log.append(entry) };
}

/**
 * Whether a client's own tag is in the list, which it checks against the log first.
 * @throws Refusal LAB_WARRANTS when the list is not the one that an authority signed and the log holds, and the codes of `advance`
 */
export async function isListed(tag: string, list: WarrantList, enrolled: Enrolled, follower: Follower, log: LogService): Promise<boolean> {
  const entry = readEntry(list.entry, enrolled);
  await follower.advance(log);
  if (entry.kind !== 'warrants' || entry.root !== rootOf(list.tags) || entry.count !== list.tags.length || !await follower.includes(log, list.index, list.entry)) {
    refuse('LAB_WARRANTS', 'the list that the log commits to expected', {}, 'fetch the list and the log again');
  }
  return list.tags.includes(tag);
}

/** Bytes of a list as a client fetches it, without the log's proofs. */
export function listBytes(list: WarrantList): number {
  return list.entry.length + 32 * list.tags.length;
}

/** A key that nobody has: what is sealed to it is lost, and looks like any other seal. */
export function lossyKey(chance: Chance): Element {
  return elementWithoutLogarithm(chance(64), 'weighbridge-lab/lossy');
}

function rootOf(tags: readonly string[]): string {
  const level = tags.map((tag) => SHA384_TREE.leaf(Buffer.from(tag, 'hex')));
  return Buffer.from(foldTags(level)).toString('hex');
}

function foldTags(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, second] = hashes;
  if (first === undefined) return SHA384_TREE.empty;
  if (second === undefined) return first;
  const half = 2 ** Math.floor(Math.log2(hashes.length - 1));
  return SHA384_TREE.node(foldTags(hashes.slice(0, half)), foldTags(hashes.slice(half)));
}
