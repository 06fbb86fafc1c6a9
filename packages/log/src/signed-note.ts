/**
 * Signed notes: a text and, below an empty line, the signatures of those who stand by it.
 * Source: C2SP signed-note 1.0.0, "Format" and "Signatures". One value has one spelling: base64 is canonical, lines end in a newline alone.
 * Leaves out: what the text says (checkpoint.ts) and whom to believe (policy.ts). A parsed note is not yet a verified one.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, equalBytes, fromBase64, fromUtf8, toBase64, toHex, utf8 } from './bytes.ts';
import { cosignatureMessage, cosignaturePayload, verifyCosignature } from './cosignature.ts';
import { verifyEd25519 } from './crypto.ts';
import { isKeyName } from './verifier-key.ts';
import type { VerifierKey } from './verifier-key.ts';

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly id: Uint8Array;
  /** What follows the key id; at least one byte. */
  readonly payload: Uint8Array;
  /** The line as it stands, without its newline. */
  readonly line: string;
}

/** A note that can be read. Nothing is said about its signatures. */
export interface SignedNote {
  /** The signed text, with its last newline. */
  readonly text: string;
  /** The whole note as it was read. */
  readonly bytes: Uint8Array;
  /** In the order of the note; at least one; no two of the same name and key id. */
  readonly signatures: readonly NoteSignature[];
}

/** Signs with one key. `keys.ts` makes signers from private keys. */
export interface NoteSigner {
  readonly verifierKey: VerifierKey;
  /** The bare signature of the message: 64 bytes for Ed25519, DER for P-384. */
  sign(message: Uint8Array): Uint8Array;
}

/** C2SP asks for at least 16 signatures and for a limit; a checkpoint with 64 post-quantum signatures would still fit. */
const MOST_SIGNATURES = 64;
const LONGEST_NOTE = 1 << 20;
const LONGEST_LINE = 16_384;
const LINE_START = '— ';
const COPY_AGAIN = 'fetch the note again, as it is served, without editing or converting it';

/**
 * Reads a note without verifying anything. Lines in the refusals count from `place.line`, or from 1.
 * @throws Refusal NOTE_EMPTY, NOTE_TOO_LONG (1 MiB, a line of 16,384 characters or 64 signatures exceeded), NOTE_CRLF, NOTE_CONTROL, NOTE_UTF8,
 * NOTE_BOM, NOTE_UNSIGNED (no empty line, or nothing after it), NOTE_SIGNATURE_LINE, NOTE_BASE64, NOTE_SIGNATURE_TWICE
 */
export function parseNote(bytes: Uint8Array, place: Place = {}): SignedNote {
  const whole = decode(bytes, place);
  // The LAST empty line separates text and signatures: the text may hold others.
  const at = whole.lastIndexOf('\n\n');
  if (at < 0) refuse('NOTE_UNSIGNED', 'no empty line with signatures below it', place, COPY_AGAIN);
  const text = whole.slice(0, at + 1);
  const block = whole.slice(at + 2);
  if (block === '') refuse('NOTE_UNSIGNED', 'no signature below the empty line', place, COPY_AGAIN);
  const firstLine = text.split('\n').length;
  if (!block.endsWith('\n')) {
    refuse('NOTE_SIGNATURE_LINE', 'the last line has no newline: the note was cut', lineOf(place, firstLine + block.split('\n').length - 1), COPY_AGAIN);
  }
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) refuse('NOTE_TOO_LONG', `more than ${MOST_SIGNATURES} signatures`, place, 'remove signatures that no policy asks for');
  const signatures: NoteSignature[] = [];
  const seen = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const where = lineOf(place, firstLine + i);
    const signature = parseLine(line, where);
    const who = `${signature.name}+${toHex(signature.id)}`;
    // C2SP lets a verifier skip repetitions. Refused here, whatever they hold: which of two lines counts must not depend on the reader.
    if (seen.has(who)) refuse('NOTE_SIGNATURE_TWICE', 'two signatures of one name and key id', where, 'keep one of the two lines');
    seen.add(who);
    signatures.push(signature);
  }
  return { text, bytes, signatures };
}

/**
 * The note of a text and its signature lines, in the order given.
 * @throws Refusal with the codes of {@link parseNote} when the result could not be read again
 */
export function formatNote(text: string, signatures: readonly (string | { readonly line: string })[]): string {
  const lines = signatures.map((s) => `${typeof s === 'string' ? s : s.line}\n`);
  const note = `${text}\n${lines.join('')}`;
  const read = parseNote(utf8(note));
  if (read.text !== text) refuse('NOTE_UNSIGNED', 'the text of a note ends in a newline', {}, 'end the text in one newline');
  return note;
}

/** The signature line (without newline) of a log over a text. The signer's key is of kind `ed25519` (SIGNING_KEY_KIND otherwise). */
export function signNote(text: string, signer: NoteSigner): string {
  const { verifierKey } = signer;
  if (verifierKey.kind !== 'ed25519') refuse('SIGNING_KEY_KIND', 'a cosigner key signs no bare note', {}, 'cosign with it, or use the key of the log');
  return signatureLine(verifierKey, signer.sign(utf8(text)));
}

/**
 * The signature line (without newline) of a cosigner over a text. The signer's key is of a cosigner kind (SIGNING_KEY_KIND otherwise).
 * `time` is in seconds since 1970 (COSIGNATURE_TIME unless from 1 to 2^63 − 1).
 */
export function cosign(text: string, signer: NoteSigner, time: bigint): string {
  const { verifierKey } = signer;
  if (verifierKey.kind === 'ed25519') refuse('SIGNING_KEY_KIND', 'the key of a log signs no cosignature', {}, 'use a cosigner key');
  return signatureLine(verifierKey, cosignaturePayload(time, signer.sign(cosignatureMessage(verifierKey.kind, time, text))));
}

/** True when the line is by this key (name and key id) and its signature holds, of whichever kind the key is. */
export function verifySignature(note: SignedNote, signature: NoteSignature, key: VerifierKey): boolean {
  if (key.kind !== 'ed25519') return verifyCosignature(note, signature, key) !== undefined;
  return isBy(signature, key) && verifyEd25519(key.key, utf8(note.text), signature.payload);
}

/** True when name AND key id are those of the key: sharing one of them only makes a line unknown (C2SP signed-note, "Signatures"). */
export function isBy(signature: NoteSignature, key: VerifierKey): boolean {
  return signature.name === key.name && equalBytes(signature.id, key.id);
}

function signatureLine(key: VerifierKey, payload: Uint8Array): string {
  return `${LINE_START}${key.name} ${toBase64(concatBytes(key.id, payload))}`;
}

function decode(bytes: Uint8Array, place: Place): string {
  if (bytes.length === 0) refuse('NOTE_EMPTY', 'nothing to read', place, COPY_AGAIN);
  if (bytes.length > LONGEST_NOTE) refuse('NOTE_TOO_LONG', `more than ${LONGEST_NOTE} bytes`, place, COPY_AGAIN);
  const control = bytes.findIndex((byte) => byte < 0x20 && byte !== 0x0a);
  if (control >= 0) {
    const line = lineOf(place, bytes.subarray(0, control).filter((byte) => byte === 0x0a).length);
    if (bytes[control] === 0x0d) refuse('NOTE_CRLF', 'a carriage return: lines end in a newline alone', line, COPY_AGAIN);
    refuse('NOTE_CONTROL', 'a control character', line, COPY_AGAIN);
  }
  const whole = fromUtf8(bytes);
  if (whole === undefined) refuse('NOTE_UTF8', 'the bytes are not UTF-8', place, COPY_AGAIN);
  // C2SP does not forbid it; an editor that adds one changes what is signed, and its own code says so more plainly than a false signature.
  if (whole.startsWith('\ufeff')) refuse('NOTE_BOM', 'a byte order mark stands before the text', place, COPY_AGAIN);
  const long = whole.split('\n').findIndex((line) => line.length > LONGEST_LINE);
  if (long >= 0) refuse('NOTE_TOO_LONG', `a line of more than ${LONGEST_LINE} characters`, lineOf(place, long), COPY_AGAIN);
  return whole;
}

function parseLine(line: string, place: Place): NoteSignature {
  const [name, base64, ...rest] = line.startsWith(LINE_START) ? line.slice(LINE_START.length).split(' ') : [];
  if (name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name)) {
    refuse('NOTE_SIGNATURE_LINE', "a signature line is an em dash, a space, a key name, a space and base64", place, COPY_AGAIN);
  }
  const payload = fromBase64(base64);
  if (payload === undefined) refuse('NOTE_BASE64', 'the signature is not canonical base64 with padding', place, COPY_AGAIN);
  if (payload.length < 5) refuse('NOTE_SIGNATURE_LINE', 'a signature has a key id of 4 bytes and at least one byte more', place, COPY_AGAIN);
  return { name, id: payload.slice(0, 4), payload: payload.slice(4), line };
}

/** The place of the line `below` lines under the first. */
function lineOf(place: Place, below: number): Place {
  return { ...place, line: (place.line ?? 1) + below };
}
