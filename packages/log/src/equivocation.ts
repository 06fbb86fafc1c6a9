/**
 * Portable evidence that a log signed two heads that cannot both be true: one text file, checked offline with the log's key alone.
 * Three kinds: the same size with two roots; a larger head whose tree begins with another tree than the smaller head's; two heads
 * that hold different entries at one index. Sound because each hash fixes what is below it: RFC 9162 §2.1.4.2, §2.1.3.2.
 * Source of the file's form: docs/log-format.md. Leaves out: which of the two heads is the true one, which nobody can prove.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, equalBytes, fromBase64, fromUtf8, parseDecimal, toBase64, toHex, u64, utf8 } from './bytes.ts';
import { parseCheckpoint, sameHead } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import { sha256 } from './crypto.ts';
import { consistencyProof, rootsFromConsistency, verifyInclusion } from './proofs.ts';
import type { TileReader } from './tile-reader.ts';
import { isBy, verifySignature } from './signed-note.ts';
import { parseTlogProof } from './tlog-proof.ts';
import { SHA256_TREE } from './tree-hash.ts';
import type { VerifierKey } from './verifier-key.ts';

/** What shows that two signed heads exclude each other. */
export type Contradiction =
  | { readonly kind: 'same-size' }
  /** The path of a consistency proof in the tree of the larger head, its first hash always written out. */
  | { readonly kind: 'prefix'; readonly hashes: readonly Uint8Array[] }
  /** Two inclusion proofs for one index; `first` belongs to the first head. */
  | { readonly kind: 'entry'; readonly index: bigint; readonly first: ProvedLeaf; readonly second: ProvedLeaf };

export interface ProvedLeaf {
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Two signed heads, the smaller first (of one size: in the order of their roots), and what shows that they exclude each other. */
export interface Equivocation {
  /** Verifier keys of the log, as text. They say whose evidence it is; nobody need believe them. */
  readonly logs: readonly string[];
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly contradiction: Contradiction;
}

/** What evidence proves. */
export interface ProvedEquivocation {
  readonly proved: true;
  readonly origin: string;
  readonly first: { readonly size: bigint; readonly root: Uint8Array };
  readonly second: { readonly size: bigint; readonly root: Uint8Array };
  /** Names of those given witnesses whose cosignatures stand under both heads: they vouched for what cannot be. */
  readonly witnesses: readonly string[];
  /** In plain words. */
  readonly says: readonly string[];
}

const VERSION = 'weighbridge-equivocation/1';
/** Two notes of the longest kind and their material. */
const MOST_BYTES = 3 << 20;
const MOST_HASHES = 65;
const REPAIR = 'take the file as `weighbridge witness --evidence` wrote it';

/** The text file. Its inverse is {@link parseEquivocation}. The heads may come in either order. */
export function formatEquivocation(evidence: Equivocation): Uint8Array {
  const { logs, first, second, contradiction } = ordered(evidence);
  const header = [VERSION, ...logs.map((vkey) => `log ${vkey}`), ...linesOf(contradiction), ''];
  return concatBytes(utf8(`${header.join('\n')}\n`), first, utf8('\n'), second);
}

/**
 * Reads the file and checks nothing but its form.
 * @throws Refusal EVIDENCE_FORM; those of `parseCheckpoint` for a head
 */
export function parseEquivocation(bytes: Uint8Array, place: Place = {}): Equivocation {
  const text = bytes.length > MOST_BYTES ? undefined : fromUtf8(bytes);
  // No checkpoint has an empty line but the one above its signatures, so empty lines alone part the file.
  const parts = text?.split('\n\n') ?? [];
  const [header, text1, lines1, text2, lines2] = parts;
  if (parts.length !== 5 || header === undefined || lines2?.endsWith('\n') !== true) return refuseForm('the file is not a header and two signed checkpoints, with empty lines between', place);
  const [version, ...lines] = header.split('\n');
  if (version !== VERSION) return refuseForm(`the first line is not ${VERSION}`, { ...place, line: 1 });
  const logLines = lines.filter((line) => line.startsWith('log '));
  const logs = logLines.map((line) => line.slice(4));
  if (logs.length < 1 || logs.length > 2 || lines.findLastIndex((line) => line.startsWith('log ')) !== logs.length - 1) return refuseForm('one or two lines with keys of the log are expected below the first line', { ...place, line: 2 });
  const contradiction = contradictionOf(lines.slice(logs.length), { ...place, line: 2 + logs.length });
  const evidence = { logs, first: utf8(`${text1 ?? ''}\n\n${lines1 ?? ''}\n`), second: utf8(`${text2 ?? ''}\n\n${lines2}`), contradiction };
  const { first } = ordered(evidence);
  return equalBytes(first, evidence.first) ? evidence : refuseForm('the heads stand in the wrong order', place);
}

/**
 * Checks evidence, offline. `logs` are keys that the reader has from elsewhere, of a policy or of the log's own publication:
 * a key that only the file names proves nothing, for anybody can make one.
 * @returns what is proved; there is no result that means "not proved"
 * @throws Refusal EVIDENCE_FORM, EVIDENCE_KEY_UNKNOWN (its log is not one of yours), EVIDENCE_ORIGIN (heads of different logs),
 * EVIDENCE_UNSIGNED (a head without a valid signature of the log), EVIDENCE_MATERIAL (the hashes do not belong to the heads),
 * EVIDENCE_HARMLESS (both heads can be true); those of `parseCheckpoint`
 */
export function checkEquivocation(bytes: Uint8Array, logs: readonly VerifierKey[], witnesses: readonly VerifierKey[] = [], place: Place = {}): ProvedEquivocation {
  const evidence = parseEquivocation(bytes, place);
  const keys = evidence.logs.map((text) => logs.find((key) => key.text === text && key.kind === 'ed25519')
    ?? refuse('EVIDENCE_KEY_UNKNOWN', 'the evidence is about a log whose key you did not give', place, 'give the policy or the verifier key of the log, from the log or a witness and not from this file'));
  const first = openHead(evidence.first, keys, { ...place, object: 'first head' });
  const second = openHead(evidence.second, keys, { ...place, object: 'second head' });
  if (first.origin !== second.origin) refuse('EVIDENCE_ORIGIN', 'the two heads are of different logs', place, 'nothing is proved by heads of two logs');
  if (sameHead(first, second)) return refuseHarmless('both heads are the same', place);
  const why = contradict(first, second, evidence.contradiction, place);
  const colluding = witnesses.filter((key) => cosigned(first, key) && cosigned(second, key)).map((key) => key.name);
  return {
    proved: true, origin: first.origin, first: { size: first.size, root: first.root }, second: { size: second.size, root: second.root }, witnesses: colluding,
    says: [
      `the log ${first.origin} signed two heads that cannot both be true: ${inWords(first)} and ${inWords(second)}`, why,
      ...colluding.map((name) => `the witness ${name} cosigned both`),
      'which of the two is the true one is not proved',
    ],
  };
}

/**
 * Makes evidence of two signed heads of one log, or returns null when they do not exclude each other.
 * @param larger - tiles of the larger head; not needed when the sizes are equal
 * @throws Refusal EVIDENCE_UNSIGNED, EVIDENCE_ORIGIN; EVIDENCE_TILES when the tiles are not those of the larger head; those of the reader
 */
export async function proveEquivocation(headA: Uint8Array, headB: Uint8Array, logs: readonly VerifierKey[], larger?: TileReader): Promise<Uint8Array | null> {
  const [a, b] = [openHead(headA, logs, {}), openHead(headB, logs, {})];
  if (a.origin !== b.origin) refuse('EVIDENCE_ORIGIN', 'the two heads are of different logs', {}, 'compare heads of one log');
  if (a.size === b.size) return sameHead(a, b) ? null : evidenceOf(a, b, logs, { kind: 'same-size' });
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  // The empty tree begins every tree.
  if (small.size === 0n) return null;
  if (larger?.size !== large.size) return refuseTiles();
  const hashes = await writtenOut(small.size, larger);
  const roots = rootsOf(hashes, small.size, large.size);
  if (roots === undefined || !equalBytes(roots.root2, large.root)) return refuseTiles();
  return equalBytes(roots.root1, small.root) ? null : evidenceOf(small, large, logs, { kind: 'prefix', hashes });
}

/**
 * Makes evidence of two receipts for one index that hold different entries, without any tiles; null when both hold the same entry,
 * or entries at two indexes, which is no contradiction. Each reader brings the receipt and the entry that it is for.
 * @throws Refusal EVIDENCE_UNSIGNED, EVIDENCE_ORIGIN, EVIDENCE_MATERIAL (a receipt that does not prove its entry); those of `parseTlogProof`
 */
export function proveFromReceipts(a: HeldReceipt, b: HeldReceipt, logs: readonly VerifierKey[]): Uint8Array | null {
  const [first, second] = [a, b].map(({ receipt, entry }) => {
    const { index, proof, checkpoint } = parseTlogProof(receipt);
    return { index, head: openHead(checkpoint, logs, {}), leaf: { leafHash: SHA256_TREE.leaf(entry), proof } };
  }) as [ReadReceipt, ReadReceipt];
  if (first.head.origin !== second.head.origin) refuse('EVIDENCE_ORIGIN', 'the two receipts are of different logs', {}, 'compare receipts of one log');
  for (const { index, head, leaf } of [first, second]) {
    if (!verifyInclusion(SHA256_TREE, { index, size: head.size, root: head.root, ...leaf })) return refuseMaterial({});
  }
  if (first.index !== second.index || equalBytes(first.leaf.leafHash, second.leaf.leafHash)) return null;
  return evidenceOf(first.head, second.head, logs, { kind: 'entry', index: first.index, first: first.leaf, second: second.leaf });
}

/** A `c2sp.org/tlog-proof@v1` text and the entry that it is for. */
export interface HeldReceipt {
  readonly receipt: Uint8Array;
  readonly entry: Uint8Array;
}

interface ReadReceipt {
  readonly index: bigint;
  readonly head: Checkpoint;
  readonly leaf: ProvedLeaf;
}

/**
 * Evidence from two signed heads and what shows that they exclude each other, as one file.
 * Nothing is checked: `checkEquivocation` does, and callers who were not shown the material by the log itself should.
 */
export function evidenceOf(a: Checkpoint, b: Checkpoint, logs: readonly VerifierKey[], contradiction: Contradiction): Uint8Array {
  const used = logs.filter((key) => [a, b].some((head) => signedBy(head, key)));
  // One key that signed both is enough; two stand there only where the log changed its key between the heads.
  const both = used.filter((key) => signedBy(a, key) && signedBy(b, key));
  return formatEquivocation({ logs: (both.length > 0 ? both.slice(0, 1) : used).map((key) => key.text), first: a.note.bytes, second: b.note.bytes, contradiction });
}

/** A name for the pair of heads, whatever signature lines stand below them: the same contradiction is kept once. */
export function equivocationId(a: Checkpoint, b: Checkpoint): string {
  const parts = [a, b].map((head) => concatBytes(u64(head.size), head.root)).sort(compareBytes);
  return toHex(sha256(concatBytes(utf8(`${a.origin}\n`), ...parts))).slice(0, 32);
}

/** The path that a consistency proof takes in the larger tree, with its first hash even where a verifier would supply it. */
async function writtenOut(size: bigint, larger: TileReader): Promise<Uint8Array[]> {
  const proof = await consistencyProof(size, larger.size, larger.subtree);
  if (!isPowerOfTwo(size)) return proof;
  return [await larger.subtree(size.toString(2).length - 1, 0n), ...proof];
}

function rootsOf(hashes: readonly Uint8Array[], size1: bigint, size2: bigint): { root1: Uint8Array; root2: Uint8Array } | undefined {
  const [first, ...rest] = hashes;
  if (first === undefined) return undefined;
  return rootsFromConsistency(SHA256_TREE, size1, first, size2, isPowerOfTwo(size1) ? rest : hashes);
}

/** Says why the heads exclude each other, or refuses. */
function contradict(first: Checkpoint, second: Checkpoint, contradiction: Contradiction, place: Place): string {
  switch (contradiction.kind) {
    case 'same-size':
      if (first.size !== second.size) refuse('EVIDENCE_MATERIAL', 'the heads have different sizes, and nothing shows that they exclude each other', place, REPAIR);
      return `a log has one root at ${first.size} entries; these are two`;
    case 'prefix': {
      const roots = rootsOf(contradiction.hashes, first.size, second.size);
      if (roots === undefined || !equalBytes(roots.root2, second.root)) return refuseMaterial(place);
      if (equalBytes(roots.root1, first.root)) return refuseHarmless('the larger head continues the smaller one', place);
      return `the first ${first.size} entries under the larger head have another root than the smaller head states`;
    }
    case 'entry': {
      const { index } = contradiction;
      const proved = ([[first, contradiction.first], [second, contradiction.second]] as const)
        .every(([{ size, root }, leaf]) => verifyInclusion(SHA256_TREE, { index, size, root, ...leaf }));
      if (!proved) return refuseMaterial(place);
      if (equalBytes(contradiction.first.leafHash, contradiction.second.leafHash)) return refuseHarmless('both heads hold the same entry there', place);
      return `entry ${index} is one thing under the first head and another under the second`;
    }
  }
}

/** Reads a head and verifies it under whichever of the keys signed it. A signature of a given key that fails spoils the head. */
function openHead(bytes: Uint8Array, keys: readonly VerifierKey[], place: Place): Checkpoint {
  const head = parseCheckpoint(bytes, place);
  const own = keys.filter((key) => key.name === head.origin && head.note.signatures.some((s) => isBy(s, key)));
  if (own.length === 0 || !own.every((key) => signedBy(head, key))) refuse('EVIDENCE_UNSIGNED', 'the head carries no valid signature of the log', place, 'a head that the log did not sign proves nothing about it');
  return head;
}

function signedBy(head: Checkpoint, key: VerifierKey): boolean {
  return key.kind === 'ed25519' && key.name === head.origin && head.note.signatures.some((s) => verifySignature(head.note, s, key));
}

function cosigned(head: Checkpoint, key: VerifierKey): boolean {
  return head.note.signatures.some((s) => verifyCosignature(head.note, s, key) !== undefined);
}

function linesOf(contradiction: Contradiction): string[] {
  switch (contradiction.kind) {
    case 'same-size': return ['same-size'];
    case 'prefix': return ['prefix', ...contradiction.hashes.map(toBase64)];
    case 'entry': {
      const { index, first, second } = contradiction;
      return [`entry ${String(index)}`, ...[first, second].flatMap(({ leafHash, proof }) => [`leaf ${toBase64(leafHash)}`, ...proof.map(toBase64)])];
    }
  }
}

function contradictionOf(lines: readonly string[], place: Place): Contradiction {
  const [kind, ...rest] = lines;
  if (kind === 'same-size' && rest.length === 0) return { kind };
  if (kind === 'prefix') return { kind, hashes: hashesOf(rest, place) };
  const index = kind?.startsWith('entry ') === true ? parseDecimal(kind.slice(6)) : undefined;
  const second = rest.findLastIndex((line) => line.startsWith('leaf '));
  if (index === undefined || rest[0]?.startsWith('leaf ') !== true || second <= 0) return refuseForm('what shows the contradiction is neither `same-size`, `prefix` nor `entry`', place);
  return { kind: 'entry', index, first: leafOf(rest.slice(0, second), place), second: leafOf(rest.slice(second), place) };
}

function leafOf([leaf, ...proof]: readonly string[], place: Place): ProvedLeaf {
  const [leafHash] = hashesOf([leaf?.slice(5) ?? ''], place);
  return { leafHash: leafHash ?? refuseForm('a leaf is missing', place), proof: hashesOf(proof, place) };
}

function hashesOf(lines: readonly string[], place: Place): Uint8Array[] {
  if (lines.length > MOST_HASHES) refuseForm('there are more hashes than any proof has', place);
  return lines.map((line) => {
    const hash = fromBase64(line);
    return hash?.length === 32 ? hash : refuseForm('a line is not the base64 of a hash', place);
  });
}

/** One order for one pair, so that the same contradiction gives the same file. */
function ordered(evidence: Equivocation): Equivocation {
  const [a, b] = [parseCheckpoint(evidence.first), parseCheckpoint(evidence.second)];
  const order = a.size === b.size ? compareBytes(a.root, b.root) : a.size < b.size ? -1 : 1;
  if (order <= 0) return evidence;
  const { contradiction } = evidence;
  return {
    ...evidence, first: evidence.second, second: evidence.first,
    contradiction: contradiction.kind === 'entry' ? { ...contradiction, first: contradiction.second, second: contradiction.first } : contradiction,
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0);
}

function inWords(head: Checkpoint): string {
  return `${head.size} entries with root ${toBase64(head.root)}`;
}

function isPowerOfTwo(n: bigint): boolean {
  return n > 0n && (n & (n - 1n)) === 0n;
}

function refuseForm(message: string, place: Place): never {
  return refuse('EVIDENCE_FORM', message, place, REPAIR);
}

function refuseHarmless(message: string, place: Place): never {
  return refuse('EVIDENCE_HARMLESS', `nothing is proved: ${message}`, place, 'heads that can both be true are no misbehaviour');
}

function refuseMaterial(place: Place): never {
  return refuse('EVIDENCE_MATERIAL', 'the hashes do not lead to the heads', place, REPAIR);
}

function refuseTiles(): never {
  return refuse('EVIDENCE_TILES', 'the tiles are not those of the larger head', {}, 'read the tiles that were served with it');
}
