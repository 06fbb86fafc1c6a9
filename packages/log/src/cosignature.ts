/**
 * Cosignatures: a cosigner states that at a time it saw this head as the largest consistent one of its origin.
 * Source: C2SP tlog-cosignature 1.0.1 (Ed25519, type 0x04); the P-384 line (type 0xff) is ours and has a message of its own (docs/log-format.md).
 * Leaves out: ML-DSA-44, subtrees. Whether a time lies in the future is for whoever has a clock.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { concatBytes, equalBytes, readU64, u64, utf8 } from './bytes.ts';
import { verifyEd25519, verifyP384 } from './crypto.ts';
import type { KeyKind, VerifierKey } from './verifier-key.ts';

export type CosignerKind = Exclude<KeyKind, 'ed25519'>;

/** The first line keeps the two kinds of signature apart from each other and from every note. */
const HEADER: Readonly<Record<CosignerKind, string>> = {
  'ed25519-cosigner': 'cosignature/v1',
  'p384-cosigner': 'cosignature-p384/v1',
};

/** C2SP tlog-cosignature, "Format": a timestamp does not exceed 2^63 − 1. */
const LATEST = (1n << 63n) - 1n;
const ED25519_BYTES = 64;
/** SEQUENCE of two INTEGERs of at most 49 bytes. */
const LONGEST_DER = 104;

/**
 * The bytes that a cosigner of this kind signs. `time` is in seconds since 1970; `text` is the text of the note, with its last newline.
 * @throws Refusal COSIGNATURE_TIME unless 1 ≤ time ≤ 2^63 − 1: C2SP lets 0 stand for "no statement about time", which a policy could not use
 */
export function cosignatureMessage(kind: CosignerKind, time: bigint, text: string): Uint8Array {
  if (!isTime(time)) refuse('COSIGNATURE_TIME', 'the time of a cosignature is from 1 to 2^63 − 1 seconds', {}, 'set the clock of the cosigner');
  return utf8(`${HEADER[kind]}\ntime ${time}\n${text}`);
}

/** What follows the key id in a cosignature: the time and the signature. */
export function cosignaturePayload(time: bigint, signature: Uint8Array): Uint8Array {
  return concatBytes(u64(time), signature);
}

/**
 * The time that the cosigner states, when the signature line is one of this key over the text; undefined otherwise, also for a line of
 * another name or key id, a time out of range and a payload of another length.
 */
export function verifyCosignature(
  note: { readonly text: string },
  signature: { readonly name: string; readonly id: Uint8Array; readonly payload: Uint8Array },
  key: VerifierKey,
): { time: bigint } | undefined {
  const { payload } = signature;
  if (key.kind === 'ed25519' || signature.name !== key.name || !equalBytes(signature.id, key.id) || payload.length < 8) return undefined;
  const time = readU64(payload);
  if (!isTime(time)) return undefined;
  const message = cosignatureMessage(key.kind, time, note.text);
  const signed = payload.subarray(8);
  const holds = key.kind === 'ed25519-cosigner'
    ? signed.length === ED25519_BYTES && verifyEd25519(key.key, message, signed)
    : signed.length <= LONGEST_DER && verifyP384(key.key, message, signed);
  return holds ? { time } : undefined;
}

function isTime(time: bigint): boolean {
  return time >= 1n && time <= LATEST;
}
