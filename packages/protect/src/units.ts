/**
 * Releasable numbers and the draws that make them.
 * @module
 */

declare const kind: unique symbol;

/** Count after protection: releasable. */
export type RoundedCount = number & { readonly [kind]: 'rounded count' };

/** Uniform on [0, 1), held as a 32-bit integer so that comparisons are exact on every machine. */
export type UnitDraw = number & { readonly [kind]: 'unit draw' };

/** Number of values that a draw can take. */
export const DRAW_RANGE = 2 ** 32;

/** The draw for a fraction, rounded down to a multiple of 2^-32. @throws RangeError unless in [0, 1). */
export function unitDraw(fraction: number): UnitDraw {
  if (!(fraction >= 0 && fraction < 1)) throw new RangeError('unitDraw: expected a number in [0, 1)');
  return Math.floor(fraction * DRAW_RANGE) as UnitDraw;
}

/** The draw made of the first four bytes, most significant first. @throws RangeError when there are fewer than four. */
export function drawFromBytes(bytes: Uint8Array): UnitDraw {
  if (bytes.length < 4) throw new RangeError(`drawFromBytes: expected at least 4 bytes, got ${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) as UnitDraw;
}
