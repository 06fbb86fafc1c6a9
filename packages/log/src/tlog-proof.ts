/**
 * Receipts: the proof, in one file and without any server, that an entry is in a log that others have seen.
 * Source: C2SP tlog-proof (`c2sp.org/tlog-proof@v1`, no numbered version yet); choices it leaves are taken strictly.
 * Leaves out: what the entry says (entry.ts).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, fromBase64, fromUtf8, parseDecimal, toBase64, utf8 } from './bytes.ts';
import { checkPolicy } from './policy.ts';
import type { CheckedCheckpoint, Policy } from './policy.ts';
import { verifyInclusion } from './proofs.ts';
import { SHA256_TREE } from './tree-hash.ts';

/** A receipt that can be read. Nothing is said about what it proves. */
export interface TlogProof {
  /** Not authenticated by anything; never empty. */
  readonly extra?: Uint8Array;
  readonly index: bigint;
  /** From the leaf's sibling to the root's child, 32 bytes each. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, byte for byte. */
  readonly checkpoint: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const LARGEST_INDEX = (1n << 63n) - 2n;
/** A tree of 2^63 leaves is 63 levels high. */
const MOST_HASHES = 63;
const LONGEST_PROOF = 2 << 20;
const ASK_AGAIN = 'ask the operator of the log for the receipt again, and keep its bytes as they are';

/**
 * Reads a receipt without verifying anything.
 * @throws Refusal PROOF_EMPTY, PROOF_TOO_LONG, PROOF_CRLF, PROOF_FORM (first line, empty line or checkpoint missing), PROOF_EXTRA, PROOF_INDEX,
 * PROOF_HASH (not 32 bytes in canonical base64, or more than 63)
 */
export function parseTlogProof(bytes: Uint8Array, place: Place = {}): TlogProof {
  if (bytes.length === 0) refuse('PROOF_EMPTY', 'nothing to read', place, ASK_AGAIN);
  if (bytes.length > LONGEST_PROOF) refuse('PROOF_TOO_LONG', `more than ${LONGEST_PROOF} bytes`, place, ASK_AGAIN);
  if (bytes.includes(0x0d)) refuse('PROOF_CRLF', 'a carriage return: lines end in a newline alone', place, ASK_AGAIN);
  // The FIRST empty line ends the proof: the checkpoint below has one of its own.
  const at = bytes.findIndex((byte, i) => byte === 0x0a && bytes[i + 1] === 0x0a);
  const [header, ...lines] = (at < 0 ? '' : fromUtf8(bytes.subarray(0, at)) ?? '').split('\n');
  if (header !== HEADER) refuse('PROOF_FORM', `a receipt starts with the line ${HEADER} and has an empty line before the checkpoint`, place, ASK_AGAIN);
  const extra = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice('extra '.length) : undefined;
  const indexLine = (extra === undefined ? 2 : 3);
  const extraBytes = extra === undefined ? undefined : fromBase64(extra);
  if (extra !== undefined && (extraBytes === undefined || extraBytes.length === 0)) {
    refuse('PROOF_EXTRA', 'the extra data are not canonical base64 of at least one byte', lineAt(place, 2), ASK_AGAIN);
  }
  const indexText = lines.shift();
  const index = indexText?.startsWith('index ') === true ? parseDecimal(indexText.slice('index '.length)) : undefined;
  if (index === undefined || index > LARGEST_INDEX) {
    refuse('PROOF_INDEX', 'no line with an index from 0 to 2^63 − 2 without leading zeros', lineAt(place, indexLine), ASK_AGAIN);
  }
  if (lines.length > MOST_HASHES) refuse('PROOF_HASH', `more than ${MOST_HASHES} hashes`, place, ASK_AGAIN);
  const proof = lines.map((line, i) => {
    const hash = fromBase64(line);
    if (hash?.length === SHA256_TREE.bytes) return hash;
    return refuse('PROOF_HASH', 'a hash is not 32 bytes in canonical base64', lineAt(place, indexLine + 1 + i), ASK_AGAIN);
  });
  const checkpoint = bytes.slice(at + 2);
  if (checkpoint.length === 0) refuse('PROOF_FORM', 'no checkpoint below the empty line', place, ASK_AGAIN);
  return extraBytes === undefined ? { index, proof, checkpoint } : { extra: extraBytes, index, proof, checkpoint };
}

/** The text of a receipt. `parseTlogProof` reads the same back; its codes are thrown when it could not. */
export function formatTlogProof(p: TlogProof): string {
  const extra = p.extra === undefined || p.extra.length === 0 ? '' : `extra ${toBase64(p.extra)}\n`;
  const head = utf8(`${HEADER}\n${extra}index ${p.index}\n${p.proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n`);
  const bytes = concatBytes(head, p.checkpoint);
  parseTlogProof(bytes);
  return fromUtf8(bytes) ?? refuse('PROOF_FORM', 'the checkpoint is not UTF-8', {}, 'give a signed checkpoint');
}

/**
 * Decides whether a receipt proves that the entry is at its index in a log that the policy believes.
 * @throws Refusal with the codes of {@link parseTlogProof} and `checkPolicy`, and PROOF_INDEX (the index is not below the size), PROOF_FALSE
 */
export function checkTlogProof(policy: Policy, bytes: Uint8Array, entry: Uint8Array, place: Place = {}): CheckedCheckpoint & { readonly index: bigint } {
  const { index, proof, checkpoint: note } = parseTlogProof(bytes, place);
  const above = bytes.subarray(0, bytes.length - note.length).filter((byte) => byte === 0x0a).length;
  const checked = checkPolicy(policy, note, { ...place, line: (place.line ?? 1) + above });
  const { size, root } = checked.checkpoint;
  if (index >= size) refuse('PROOF_INDEX', 'the index is not below the size of the checkpoint', place, ASK_AGAIN);
  if (!verifyInclusion(SHA256_TREE, { index, size, root, leafHash: SHA256_TREE.leaf(entry), proof })) {
    // A refusal, not proof of misbehaviour: anybody can write a receipt that proves nothing.
    refuse('PROOF_FALSE', 'the receipt does not prove this entry', place, 'give the entry and the receipt that belong together, unaltered');
  }
  return { ...checked, index };
}

/** The place of a line of the receipt, counting from 1. */
function lineAt(place: Place, line: number): Place {
  return { ...place, line: (place.line ?? 1) + line - 1 };
}
