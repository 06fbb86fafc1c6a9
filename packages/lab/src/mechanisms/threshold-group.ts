/**
 * The group in which custodians share a key: ristretto255 [rfc9496], of prime order, with one encoding for each element.
 * Arithmetic is the library's, in its variant that is quick and whose time depends on the secret: for experiments alone.
 * @module
 */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { refuse } from '@weighbridge/base';

export type Element = InstanceType<typeof ristretto255.Point>;

/** Gives the next bytes of a stream of chance; each call other bytes. */
export type Chance = (length: number) => Uint8Array;

/** Bytes of an element and of a scalar. */
export const ELEMENT_BYTES = 32;
export const SCALAR_BYTES = 32;

/** The generator of the group, and its order. */
export const BASE: Element = ristretto255.Point.BASE;
export const IDENTITY: Element = ristretto255.Point.ZERO;
export const ORDER: bigint = ristretto255.Point.Fn.ORDER;

/** `scalar` × `element`, for any scalar, zero included. Its time depends on the scalar. */
export function times(element: Element, scalar: bigint): Element {
  return element.multiplyUnsafe(modulo(scalar));
}

/** The element with a table beside it, which makes its products some ten times as quick and costs as much as some of them. */
export function withTable(element: Element): Element {
  element.precompute(8, false);
  return element;
}

/** `scalar` modulo the order, from 0 to order − 1. */
export function modulo(scalar: bigint): bigint {
  const rest = scalar % ORDER;
  return rest < 0n ? rest + ORDER : rest;
}

/** 1 / `scalar` modulo the order. @throws RangeError for zero. */
export function inverse(scalar: bigint): bigint {
  const k = modulo(scalar);
  if (k === 0n) throw new RangeError('a scalar other than zero expected');
  return ristretto255.Point.Fn.inv(k);
}

/** A scalar other than zero; 64 bytes of chance, so that every one is as likely to within 2⁻²⁵⁶. */
export function randomScalar(chance: Chance): bigint {
  const wide = Buffer.from(chance(64)).toString('hex');
  const k = modulo(BigInt(`0x${wide}`));
  return k === 0n ? randomScalar(chance) : k;
}

/** An element whose discrete logarithm nobody knows, whoever chose the bytes (hash to group, [rfc9380]). */
export function elementWithoutLogarithm(of: Uint8Array, context: string): Element {
  return ristretto255_hasher.hashToCurve(of, { DST: context });
}

/** A scalar that depends on all the bytes (expand_message_xmd with SHA-512, [rfc9380] §5.3.1). `domain`: at most 255 bytes. */
export function hashToScalar(bytes: Uint8Array, domain: Uint8Array): bigint {
  return ristretto255_hasher.hashToScalar(bytes, { DST: domain });
}

/** Little-endian, 32 bytes. */
export function scalarBytes(scalar: bigint): Uint8Array {
  return ristretto255.Point.Fn.toBytes(modulo(scalar));
}

/** @throws Refusal LAB_GROUP_SCALAR when the bytes are not 32 or spell a number that is not below the order. */
export function readScalar(bytes: Uint8Array): bigint {
  try {
    return ristretto255.Point.Fn.fromBytes(bytes);
  } catch {
    return refuse('LAB_GROUP_SCALAR', `32 bytes of a number below the order expected, got ${bytes.length} bytes`, {}, 'give the bytes as they were sent');
  }
}

/** @throws Refusal LAB_GROUP_ELEMENT when the bytes are not the one encoding of an element, or are of the identity. */
export function readElement(bytes: Uint8Array): Element {
  try {
    const element = ristretto255.Point.fromBytes(bytes);
    if (!element.is0()) return element;
  } catch {
    // Refused below, with the same words for every way of being wrong.
  }
  return refuse('LAB_GROUP_ELEMENT', `32 bytes of an element other than the identity expected, got ${bytes.length} bytes`, {}, 'give the bytes as they were sent');
}
