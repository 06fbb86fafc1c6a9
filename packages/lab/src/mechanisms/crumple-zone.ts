/**
 * A message that anybody can open who pays: its key goes along sealed under a seed of k bits that nobody keeps.
 *
 * The seed follows from the message's key, so that receivers make the same puzzle and refuse another. Built after the idea of
 * docs/references.md#wright-varia-2018, the step that its authors call crumpling; their other step, a Diffie-Hellman group that has to be
 * broken once at a great price before any message, is left out.
 * @module
 */
import { createHash } from 'node:crypto';
import type { MessageKey } from '../mls/member.ts';

/** Bytes of the parts: salt, key and nonce under the seed, mark by which a seed is known to fit. */
const [SALT, SEALED, MARK] = [16, 28, 4];
export const PUZZLE = SALT + SEALED + MARK;
/** The widest seed: what a number holds exactly, and far more than is searched here. */
const WIDEST = 48;

/** The puzzle of a message, 48 bytes. Every message has a salt of its own: no work on one helps with another. */
export function makePuzzle(key: MessageKey, bits: number): Uint8Array {
  const salt = derive('salt', key).subarray(0, SALT);
  const mask = maskOf(salt, seedOf(key, bits));
  const content = Buffer.concat([key.key, key.nonce, Buffer.alloc(MARK)]);
  return Buffer.concat([salt, content.map((byte, i) => byte ^ (mask[i] ?? 0))]);
}

/** The seed of a message, 0 to 2^bits − 1: known to those who know its key, and to who has searched for it. */
export function seedOf(key: MessageKey, bits: number): number {
  if (!Number.isInteger(bits) || bits < 1 || bits > WIDEST) throw new RangeError(`a seed of 1 to ${WIDEST} bits expected, got ${bits}`);
  return derive('seed', key).readUIntBE(0, WIDEST / 8) % 2 ** bits;
}

/** A receiver's check: makes the puzzle again and compares. */
export function holdsPuzzle(key: MessageKey, bits: number, puzzle: Uint8Array): boolean {
  return makePuzzle(key, bits).every((byte, i) => byte === puzzle[i]) && puzzle.length === PUZZLE;
}

/** Key (16 bytes) and nonce (12) out of a puzzle: one hash. Undefined when the seed does not fit. */
export function openPuzzle(puzzle: Uint8Array, seed: number): { readonly key: Uint8Array; readonly nonce: Uint8Array } | undefined {
  const mask = maskOf(puzzle.subarray(0, SALT), seed);
  const content = puzzle.subarray(SALT).map((byte, i) => byte ^ (mask[i] ?? 0));
  if (puzzle.length !== PUZZLE || content.subarray(SEALED).some((byte) => byte !== 0)) return undefined;
  return { key: content.subarray(0, 16), nonce: content.subarray(16, SEALED) };
}

function maskOf(salt: Uint8Array, seed: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeUIntBE(seed, 2, 6);
  return createHash('sha256').update(salt).update(number).digest();
}

function derive(label: string, { key, nonce }: MessageKey): Buffer {
  return createHash('sha256').update(`lab crumple zone ${label}`).update(key).update(nonce).digest();
}
