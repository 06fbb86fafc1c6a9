/**
 * Escrow in every message: what the sending client adds in the clear, bound part (authenticated data), sealed with HPKE (RFC 9180).
 *
 * Three forms: the message's own AEAD key and nonce, with which the reader opens the MLS ciphertext; a copy of the text, which needs no
 * ciphertext; and the key sealed with an ephemeral derived from it, so that every receiver can seal again and compare.
 * @module
 */
import { createHash } from 'node:crypto';
import { clearPart, openWithMessageKey } from '../mls/open.ts';
import type { MessageKey } from '../mls/member.ts';
import { open, seal } from '../mls/suite.ts';
import type { Opened } from '../access.ts';
import type { WireMessage } from '../world.ts';

const INFO = 'lab message escrow';
const KEY_BYTES = 16;

/** What opens one message: 16 bytes of key and 12 of nonce. */
export function keyAndNonce({ key, nonce }: MessageKey): Uint8Array {
  return Buffer.concat([key, nonce]);
}

/** Seals 28 bytes of key and nonce, or a text. 48 bytes longer than what goes in. `ekm`: 32 bytes of chance. */
export function sealField(masterPublicKey: Uint8Array, content: Uint8Array, ekm: Uint8Array): Promise<Uint8Array> {
  return seal(masterPublicKey, content, INFO, ekm);
}

/** The field whose ephemeral is derived from the message's key: the same for everybody who knows that key. */
export function sealRecomputably(masterPublicKey: Uint8Array, key: MessageKey): Promise<Uint8Array> {
  const content = keyAndNonce(key);
  return sealField(masterPublicKey, content, createHash('sha256').update('lab message escrow ephemeral').update(content).digest());
}

/** A receiver's check: seals again and compares. */
export async function recomputes(masterPublicKey: Uint8Array, key: MessageKey, field: Uint8Array): Promise<boolean> {
  return Buffer.from(field).equals(await sealRecomputably(masterPublicKey, key));
}

/** What a field holds, undefined when the key does not fit. */
export function openField(masterPrivateKey: Uint8Array, field: Uint8Array): Promise<Uint8Array | undefined> {
  return open(masterPrivateKey, field, INFO);
}

/** Opens the ciphertexts of the messages whose field gives a key. */
export async function readByKey(messages: readonly WireMessage[], keyOf: (field: Uint8Array) => Promise<Uint8Array | undefined>): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  for (const message of messages) {
    const content = await keyOf(clearPart(message.bytes)?.authenticatedData ?? new Uint8Array());
    const text = content && (await openWithMessageKey(message.bytes, content.subarray(0, KEY_BYTES), content.subarray(KEY_BYTES)));
    if (text !== undefined) opened.set(message.index, text.plaintext);
  }
  return opened;
}

/** The texts in the fields. That a field holds the text of its message is the sender's word. */
export async function readCopies(messages: readonly WireMessage[], masterPrivateKey: Uint8Array): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  for (const message of messages) {
    const text = await openField(masterPrivateKey, clearPart(message.bytes)?.authenticatedData ?? new Uint8Array());
    if (text !== undefined) opened.set(message.index, text);
  }
  return opened;
}
