/**
 * The field of the Clipper chip (1993), carried over to messages: under a family key that every device has, the device's number, the
 * message's key under that device's own key, and 16 bits by which a receiver checks that the field belongs to the message.
 *
 * The original's cipher was the chip's; here a wide block is made of four Feistel rounds of SHA-256 (Luby and Rackoff 1988), so that no
 * bit of a field can be changed without changing all. Source: docs/references.md#fips-185, #blaze-1994. Leaves out tamper-resistant
 * hardware: in software the family key can be read out of any client.
 * @module
 */
import { createHash } from 'node:crypto';
import type { MessageKey } from '../mls/member.ts';
import { keyAndNonce } from './message-escrow.ts';

/** Bytes of the parts: device number, key and nonce under the device's key, checksum. */
const [ID, SEALED, CHECKSUM] = [4, 28, 2];
export const FIELD = ID + SEALED + CHECKSUM;
const FEISTEL_ROUNDS = 4;

/** A device's number, 4 bytes, and its key, 16 bytes, which is in the device and, in two halves, with the custodians. */
export interface Device {
  readonly id: Uint8Array;
  readonly unitKey: Uint8Array;
}

/** The field of a message: 34 bytes. */
export function makeField(familyKey: Uint8Array, device: Device, key: MessageKey): Uint8Array {
  return encrypt(familyKey, Buffer.concat([device.id, encrypt(device.unitKey, keyAndNonce(key)), checksumOf(key)]));
}

/** The 16 bits that tie a field to a message's key: 2 bytes. */
export function checksumOf(key: MessageKey): Uint8Array {
  return createHash('sha256').update('lab clipper checksum').update(keyAndNonce(key)).digest().subarray(0, CHECKSUM);
}

/** A receiver's check: the checksum in the field is that of the message's key. It cannot look at the key in the field. */
export function acceptsField(familyKey: Uint8Array, key: MessageKey, field: Uint8Array): boolean {
  return field.length === FIELD && decrypt(familyKey, field).subarray(ID + SEALED).equals(checksumOf(key));
}

/** What the family key gives: the device's number as hexadecimal, and the message's key as the device sealed it. */
export function identify(familyKey: Uint8Array, field: Uint8Array): { readonly id: string; readonly sealed: Uint8Array } {
  const plain = decrypt(familyKey, field);
  return { id: plain.toString('hex', 0, ID), sealed: plain.subarray(ID, ID + SEALED) };
}

/** Key and nonce out of what the device sealed, when its key is whole. */
export function openSealed(unitKey: Uint8Array, sealed: Uint8Array): Uint8Array {
  return decrypt(unitKey, sealed);
}

/** Both halves of a device's key together. Either alone is chance. */
export function joinHalves(one: Uint8Array, other: Uint8Array): Uint8Array {
  return xor(one, other);
}

function encrypt(key: Uint8Array, block: Uint8Array): Buffer {
  const half = block.length / 2;
  let [left, right] = [block.subarray(0, half), block.subarray(half)];
  for (let round = 0; round < FEISTEL_ROUNDS; round += 1) [left, right] = [right, xor(left, roundOf(key, round, right))];
  return Buffer.concat([left, right]);
}

function decrypt(key: Uint8Array, block: Uint8Array): Buffer {
  const half = block.length / 2;
  let [left, right] = [block.subarray(0, half), block.subarray(half)];
  for (let round = FEISTEL_ROUNDS - 1; round >= 0; round -= 1) [left, right] = [xor(right, roundOf(key, round, left)), left];
  return Buffer.concat([left, right]);
}

/** SHA-256 over key, half and round. */
function roundOf(key: Uint8Array, round: number, half: Uint8Array): Uint8Array {
  return createHash('sha256').update(key).update(half).update(Uint8Array.of(round)).digest();
}

/** Of the length of the first. */
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
