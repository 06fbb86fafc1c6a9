/**
 * Proof that two pairs of elements have the same discrete logarithm (Chaum and Pedersen 1992), without interaction.
 * The challenge and the order of the bytes are those of the proofs of RFC 9497 §2.2; what is left out is its batching.
 * Sources: docs/references.md#chaum-1992, #rfc9497.
 * @module
 */
import { BASE, hashToScalar, modulo, randomScalar, readScalar, scalarBytes, times, SCALAR_BYTES } from './threshold-group.ts';
import type { Chance, Element } from './threshold-group.ts';

/** Challenge and response. */
export const PROOF_BYTES = 2 * SCALAR_BYTES;

/** A statement: `image` = k·G and `result` = k·`element`, with one k that only the prover knows. */
export interface Equality {
  readonly image: Element;
  readonly element: Element;
  readonly result: Element;
}

/** The proof of a true statement. `context`, at most 240 bytes, keeps the proofs of different uses apart and is bound to it. */
export function proveEquality(context: Uint8Array, secret: bigint, statement: Equality, chance: Chance): Uint8Array {
  const r = randomScalar(chance);
  const c = challenge(context, statement, times(BASE, r), times(statement.element, r));
  return Buffer.concat([scalarBytes(c), scalarBytes(r - c * secret)]);
}

/** Whether the proof holds for the statement in this context. Never throws. */
export function verifyEquality(context: Uint8Array, statement: Equality, proof: Uint8Array): boolean {
  const numbers = readProof(proof);
  if (numbers === undefined) return false;
  const [c, s] = numbers;
  const first = times(BASE, s).add(times(statement.image, c));
  const second = times(statement.element, s).add(times(statement.result, c));
  return challenge(context, statement, first, second) === c;
}

/** RFC 9497 §2.2.1: all that the proof is about, each part with its length in two bytes. */
function challenge(context: Uint8Array, { image, element, result }: Equality, first: Element, second: Element): bigint {
  const parts = [image, element, result, first, second].map((e) => Buffer.concat([Uint8Array.of(0, 32), e.toBytes()]));
  return modulo(hashToScalar(Buffer.concat([...parts, Buffer.from('Challenge')]), Buffer.concat([Buffer.from('HashToScalar-'), context])));
}

function readProof(proof: Uint8Array): readonly [bigint, bigint] | undefined {
  if (proof.length !== PROOF_BYTES) return undefined;
  try {
    return [readScalar(proof.subarray(0, SCALAR_BYTES)), readScalar(proof.subarray(SCALAR_BYTES))];
  } catch {
    return undefined;
  }
}
