/**
 * The one spelling of a P-384 public key that is used here: the DER of a SubjectPublicKeyInfo with an uncompressed point.
 * Source: RFC 5480 §2. Leaves out: compressed points and named or explicit other curves, which have spellings of their own.
 * @module
 */
import { concatBytes, equalBytes } from './bytes.ts';

/** Everything up to the point, and the byte that says uncompressed. */
const HEAD = Uint8Array.from([
  0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
]);
const COORDINATES = 96;

/** Bytes of the DER. */
export const P384_SPKI_BYTES = HEAD.length + COORDINATES;

/** The 97 bytes of the point (04 ‖ X ‖ Y), not yet known to be on the curve; undefined for every other spelling. */
export function p384PointOf(spki: Uint8Array): Uint8Array | undefined {
  if (spki.length !== P384_SPKI_BYTES || !equalBytes(spki.subarray(0, HEAD.length), HEAD)) return undefined;
  return concatBytes(Uint8Array.of(0x04), spki.subarray(HEAD.length));
}
