/**
 * Checkpoints: the head of a log (origin, size, root) as a signed note; and the second note with the SHA-384 root over the same entries.
 * Source: C2SP tlog-checkpoint 1.0.0; the second note is ours (docs/log-format.md).
 * A checkpoint is who it is by (origin, size, root), never by its bytes: signature lines come and go.
 * Leaves out: extension lines, refused because nobody can audit them; quorums (policy.ts).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { equalBytes, fromBase64, parseDecimal, toBase64 } from './bytes.ts';
import { verifyCosignature } from './cosignature.ts';
import { isBy, parseNote, verifySignature } from './signed-note.ts';
import type { SignedNote } from './signed-note.ts';
import { SHA256_TREE, SHA384_TREE } from './tree-hash.ts';
import type { TreeHash } from './tree-hash.ts';
import type { VerifierKey } from './verifier-key.ts';

/** The head of a log. */
export interface TreeHead {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** A head that can be read, with the note it came in. Only {@link openCheckpoint} and `checkPolicy` say that it is signed. */
export interface Checkpoint extends TreeHead {
  readonly note: SignedNote;
}

/** Others keep sizes in signed 64-bit numbers. */
const LARGEST_SIZE = (1n << 63n) - 1n;
const FETCH_AGAIN = 'fetch the checkpoint again; if it is still so, ask the operator of the log';

/**
 * Reads a checkpoint without verifying its signatures.
 * @throws Refusal with the codes of `parseNote`, and CHECKPOINT_FORM (lines missing), CHECKPOINT_ORIGIN (empty), CHECKPOINT_SIZE (not a decimal
 * from 0 to 2^63 − 1 without leading zeros), CHECKPOINT_ROOT (not 32 bytes in canonical base64; size 0 with a root that is not of the empty
 * tree), CHECKPOINT_EXTENSION
 */
export function parseCheckpoint(bytes: Uint8Array, place: Place = {}): Checkpoint {
  const note = parseNote(bytes, place);
  return { ...parseHead(note.text, SHA256_TREE, place), note };
}

/** The text of a checkpoint, with its last newline. */
export function checkpointText(origin: string, size: bigint, root: Uint8Array): string {
  return headText(origin, size, root, SHA256_TREE);
}

/** True when both say the same of the same log, whoever signed them. */
export function sameHead(a: TreeHead, b: TreeHead): boolean {
  return a.origin === b.origin && a.size === b.size && equalBytes(a.root, b.root);
}

/**
 * Reads a checkpoint and verifies the signature of the log, whose key name is the origin.
 * @throws Refusal with the codes of {@link parseCheckpoint}, and KEY_KIND (not the key of a log), CHECKPOINT_OTHER_ORIGIN, NOTE_KEY_UNKNOWN (no
 * signature of the key), NOTE_SIGNATURE_FALSE
 */
export function openCheckpoint(bytes: Uint8Array, logKey: VerifierKey, place: Place = {}): Checkpoint {
  const checkpoint = parseCheckpoint(bytes, place);
  if (logKey.kind !== 'ed25519') refuse('KEY_KIND', 'a log signs with an Ed25519 key of type 0x01', place, 'give the verifier key of the log');
  if (checkpoint.origin !== logKey.name) refuseOrigin(place, checkpoint.origin, logKey.name);
  const signature = checkpoint.note.signatures.find((s) => isBy(s, logKey));
  if (!signature) refuse('NOTE_KEY_UNKNOWN', 'no signature of the key of the log', place, 'give the verifier key that the log signs with');
  if (!verifySignature(checkpoint.note, signature, logKey)) refuseFalse(logKey.name, place);
  return checkpoint;
}

/** The text of the note `checkpoint-sha384`, with its last newline. `root` has 48 bytes. */
export function sha384Text(origin: string, size: bigint, root: Uint8Array): string {
  return headText(sha384Origin(origin), size, root, SHA384_TREE);
}

/**
 * Reads the note `checkpoint-sha384` of a log and verifies its P-384 line. `time` is the one that the line states.
 * @throws Refusal with the codes of {@link openCheckpoint}
 */
export function openSha384Checkpoint(
  bytes: Uint8Array, origin: string, p384Key: VerifierKey, place: Place = {},
): { size: bigint; root: Uint8Array; time: bigint } {
  const note = parseNote(bytes, place);
  const head = parseHead(note.text, SHA384_TREE, place);
  if (p384Key.kind !== 'p384-cosigner') refuse('KEY_KIND', 'the SHA-384 root is signed with a P-384 key', place, 'give the P-384 key of the log');
  if (head.origin !== sha384Origin(origin)) refuseOrigin(place, head.origin, sha384Origin(origin));
  const signature = note.signatures.find((s) => isBy(s, p384Key));
  if (!signature) refuse('NOTE_KEY_UNKNOWN', 'no signature of the P-384 key of the log', place, 'give the P-384 key that the log signs with');
  const cosigned = verifyCosignature(note, signature, p384Key);
  if (!cosigned) refuseFalse(p384Key.name, place);
  return { size: head.size, root: head.root, time: cosigned.time };
}

/** Refuses a checkpoint of a log that was not asked for. */
export function refuseOrigin(place: Place, found: string, expected: string): never {
  return refuse('CHECKPOINT_OTHER_ORIGIN', `the checkpoint is of the log ${shortened(found)}, and the policy or key is for ${shortened(expected)}`, lineAt(place, 0), 'give the policy or key of this log, or the log that the policy is for');
}

function shortened(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}

/** Refuses a note because a known key's signature does not hold. The name of a key is public. */
export function refuseFalse(name: string, place: Place): never {
  return refuse('NOTE_SIGNATURE_FALSE', `the signature of ${name} does not hold: the text or the signature was altered`, place, FETCH_AGAIN);
}

function sha384Origin(origin: string): string {
  return `${origin}/sha384`;
}

function headText(origin: string, size: bigint, root: Uint8Array, tree: TreeHash): string {
  const text = `${origin}\n${size}\n${toBase64(root)}\n`;
  // What could not be read again is not written either.
  parseHead(text, tree, {});
  return text;
}

function parseHead(text: string, tree: TreeHash, place: Place): TreeHead {
  const [origin, sizeText, rootText, ...more] = text.slice(0, -1).split('\n');
  if (origin === undefined || sizeText === undefined || rootText === undefined) {
    refuse('CHECKPOINT_FORM', 'a checkpoint has three lines: origin, size, root', place, FETCH_AGAIN);
  }
  if (origin === '') refuse('CHECKPOINT_ORIGIN', 'the origin is empty', lineAt(place, 0), FETCH_AGAIN);
  const size = parseDecimal(sizeText);
  if (size === undefined || size > LARGEST_SIZE) {
    refuse('CHECKPOINT_SIZE', 'the size is not a decimal from 0 to 2^63 − 1 without sign, spaces or leading zeros', lineAt(place, 1), FETCH_AGAIN);
  }
  const root = fromBase64(rootText);
  if (root?.length !== tree.bytes) {
    refuse('CHECKPOINT_ROOT', `the root is not ${tree.bytes} bytes in canonical base64`, lineAt(place, 2), FETCH_AGAIN);
  }
  if (size === 0n && !equalBytes(root, tree.empty)) {
    refuse('CHECKPOINT_ROOT', 'size 0 with a root that is not that of the empty tree', lineAt(place, 2), FETCH_AGAIN);
  }
  // C2SP tlog-checkpoint leaves them optional and not recommended; some cosignatures do not cover them.
  if (more.length > 0) refuse('CHECKPOINT_EXTENSION', 'a line after the root: extension lines are not accepted', lineAt(place, 3), FETCH_AGAIN);
  return { origin, size, root };
}

function lineAt(place: Place, below: number): Place {
  return { ...place, line: (place.line ?? 1) + below };
}
