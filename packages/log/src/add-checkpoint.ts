/**
 * The bodies of the witness protocol: the request that asks for a cosignature, and the signature lines that answer it.
 * Source: c2sp.org/tlog-witness 1.0.0 (docs/references.md#tlog-witness). Leaves out: the decision (witness.ts) and HTTP (witness-server.ts, witness-client.ts).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, equalBytes, fromBase64, fromUtf8, parseDecimal, toBase64, utf8 } from './bytes.ts';
import { parseNote } from './signed-note.ts';
import type { NoteSignature } from './signed-note.ts';

/** What a log asks a witness: cosign this checkpoint, which follows from the one of `old` entries by this proof. */
export interface AddCheckpoint {
  readonly old: bigint;
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, not yet read. */
  readonly checkpoint: Uint8Array;
}

/** C2SP tlog-witness: "The client MUST NOT send more than 63 consistency proof lines." */
export const MOST_PROOF_LINES = 63;
/** Bytes of a request that are read at most: 63 proof lines and a checkpoint with 64 lines of the longest signatures in use. */
export const MOST_REQUEST_BYTES = 1 << 18;
/** Sizes of trees stay below it, as times of cosignatures do. */
const SIZE_LIMIT = 1n << 63n;
const NEWLINE = 0x0a;
/** `old ` and twenty digits, or base64 of a hash. */
const LONGEST_LINE = 44;

/**
 * Reads a request. The checkpoint is what follows the first empty line, byte for byte.
 * @throws Refusal REQUEST_TOO_LONG, REQUEST_EMPTY, REQUEST_OLD, REQUEST_PROOF, REQUEST_PROOF_LONG or REQUEST_NO_CHECKPOINT
 */
export function parseAddCheckpoint(body: Uint8Array, place: Place = { object: 'add-checkpoint' }): AddCheckpoint {
  if (body.length === 0) refuse('REQUEST_EMPTY', 'the request has no body', place, 'send `old N`, the proof lines, an empty line and the checkpoint');
  if (body.length > MOST_REQUEST_BYTES) refuse('REQUEST_TOO_LONG', `the request has ${body.length} bytes; at most ${MOST_REQUEST_BYTES} are read`, place, 'send one checkpoint with its own signature lines');
  const first = lineAt(body, 0);
  const old = first?.text.startsWith('old ') === true ? parseDecimal(first.text.slice(4)) : undefined;
  if (first === undefined || old === undefined || old >= SIZE_LIMIT) return refuse('REQUEST_OLD', 'the first line is not `old` and a size in decimal', { ...place, line: 1 }, 'write `old `, the size without leading zeros, and a newline');
  const proof: Uint8Array[] = [];
  for (let at = first.next, line = 2; ; line += 1) {
    const next = lineAt(body, at);
    if (next?.text === '') {
      if (next.next === body.length) refuse('REQUEST_NO_CHECKPOINT', 'nothing follows the empty line', { ...place, line }, 'send the signed checkpoint after it');
      return { old, proof, checkpoint: body.slice(next.next) };
    }
    const hash = next === undefined ? undefined : fromBase64(next.text);
    if (next === undefined || hash?.length !== 32) return refuse('REQUEST_PROOF', 'a line of the proof is not the base64 of 32 bytes', { ...place, line }, 'write one hash a line, then an empty line');
    if (proof.push(hash) > MOST_PROOF_LINES) refuse('REQUEST_PROOF_LONG', `the proof has more than ${MOST_PROOF_LINES} lines`, { ...place, line }, 'send the proof of RFC 6962 §2.1.2, which is never longer');
    at = next.next;
  }
}

/** The body of a request. Its inverse is {@link parseAddCheckpoint}. */
export function formatAddCheckpoint(request: AddCheckpoint): Uint8Array {
  const lines = [`old ${String(request.old)}`, ...request.proof.map(toBase64), ''];
  return concatBytes(utf8(lines.map((line) => `${line}\n`).join('')), request.checkpoint);
}

/** Signature lines, each with its newline: the body of a 200. */
export function formatCosignatures(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Reads the body of a 200 as the signature lines of the note with this text. Nothing is verified: the caller has the keys.
 * @throws Refusal RESPONSE_FORM when it is anything but signature lines, each ending in a newline
 */
export function parseCosignatures(text: string, body: Uint8Array, place: Place = { object: 'add-checkpoint' }): readonly NoteSignature[] {
  try {
    const note = parseNote(concatBytes(utf8(`${text}\n`), body), place);
    // An empty line in the answer would move the border between text and signatures.
    if (note.text === text) return note.signatures;
  } catch (cause) {
    return refuse('RESPONSE_FORM', 'the answer is not one or more signature lines', place, 'the witness does not speak tlog-witness: look at its address', { cause });
  }
  return refuse('RESPONSE_FORM', 'the answer holds more than signature lines', place, 'the witness does not speak tlog-witness: look at its address');
}

/** The line that starts there and where the next one starts; undefined without a newline within reach or when it is not ASCII. */
function lineAt(body: Uint8Array, start: number): { readonly text: string; readonly next: number } | undefined {
  const end = body.subarray(start, start + LONGEST_LINE + 1).indexOf(NEWLINE);
  if (end < 0) return undefined;
  const bytes = body.subarray(start, start + end);
  const text = fromUtf8(bytes);
  return text !== undefined && equalBytes(utf8(text), bytes) ? { text, next: start + end + 1 } : undefined;
}
