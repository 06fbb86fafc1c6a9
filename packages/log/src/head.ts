/**
 * Signing a head: the checkpoint with the log's Ed25519 line and, where there is such a key, the P-384 line; and beside it the
 * SHA-384 root under the P-384 line alone.
 * Source: C2SP tlog-checkpoint, tlog-cosignature; the P-384 line and the second root are rules of this product (docs/log-format.md).
 * @module
 */
import { equalBytes, utf8 } from './bytes.ts';
import { checkpointText, sha384Text } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import { cosign, formatNote, isBy, parseNote, signNote } from './signed-note.ts';
import type { NoteSigner } from './signed-note.ts';

/** The keys of a log. Their names are the log's origin and the P-384 cosigner's name. */
export interface LogSigners {
  readonly log: NoteSigner;
  readonly p384: NoteSigner;
}

/** A signed head: texts of both notes. */
export interface SignedHead {
  readonly checkpoint: string;
  readonly checkpoint384: string;
}

/**
 * Signs a head.
 * @param time - POSIX seconds; the caller sees to it that it never runs backwards
 */
export function signHead(signers: LogSigners, size: bigint, root: Uint8Array, root384: Uint8Array, time: bigint): SignedHead {
  const origin = signers.log.verifierKey.name;
  const text = checkpointText(origin, size, root);
  const text384 = sha384Text(origin, size, root384);
  return {
    checkpoint: formatNote(text, [signNote(text, signers.log), cosign(text, signers.p384, time)]),
    checkpoint384: formatNote(text384, [cosign(text384, signers.p384, time)]),
  };
}

/** The time in the P-384 line of a head that we signed; 0 when there is none. */
export function timeOf({ note }: Checkpoint, { p384 }: LogSigners): bigint {
  const line = note.signatures.find((signature) => isBy(signature, p384.verifierKey));
  return (line && verifyCosignature(note, line, p384.verifierKey)?.time) ?? 0n;
}

/** A checkpoint with more signature lines. A line of a key that signed already takes the earlier one's place. */
export function withCosignatures(checkpoint: string, lines: readonly string[]): string {
  return lines.reduce((note, line) => {
    const { text, signatures } = parseNote(utf8(note));
    const [added] = parseNote(utf8(formatNote(text, [line]))).signatures;
    return formatNote(text, [...signatures.filter(({ name, id }) => !(name === added?.name && equalBytes(id, added.id))), line]);
  }, checkpoint);
}
