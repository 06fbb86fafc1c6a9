/**
 * A picture as the hash sees it: one luminance value for each picture element, from 0 (black) to 255 (white).
 * Colour is dropped at this door: PDQ uses luminance only (docs/references.md#pdq-2019), so a change of hue alone changes nothing here.
 * @module
 */
import { refuse } from '@weighbridge/base';

/** Row after row from the top, `width` values in each. Values lie in [0, 255] and need not be whole. */
export interface LuminanceImage {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * The luminance 0.299 R + 0.587 G + 0.114 B of a decoded picture of four bytes per element (red, green, blue, opacity; opacity is not used).
 * @throws Refusal LAB_IMAGE_SIZE when the sides are not whole numbers from 1 on, or the bytes are not width × height × 4
 */
export function luminance(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): LuminanceImage {
  const image = blankImage(width, height);
  const { values } = image;
  if (rgba.length !== values.length * 4) {
    refuse('LAB_IMAGE_SIZE', `${values.length * 4} bytes expected for ${width} × ${height} elements of 4 bytes, got ${rgba.length}`, {}, 'give four bytes for each element: red, green, blue, opacity');
  }
  for (let i = 0, at = 0; i < values.length; i += 1, at += 4) {
    values[i] = 0.299 * (rgba[at] as number) + 0.587 * (rgba[at + 1] as number) + 0.114 * (rgba[at + 2] as number);
  }
  return image;
}

/**
 * A black image to be filled by its owner.
 * @throws Refusal LAB_IMAGE_SIZE when a side is not a whole number from 1 to 16,384
 */
export function blankImage(width: number, height: number): LuminanceImage {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > 16_384) refuse('LAB_IMAGE_SIZE', `a side is a whole number from 1 to 16384, got ${side}`, {}, 'give width and height in picture elements');
  }
  return { width, height, values: new Float32Array(width * height) };
}

/** The image that an 8-bit file would hold: every value rounded to a whole one from 0 to 255. A new image. */
export function toEightBits(image: LuminanceImage): LuminanceImage {
  const out = blankImage(image.width, image.height);
  roundLevels(image.values, out.values);
  return out;
}

/** Writes the values into `to`, rounded to whole ones from 0 to 255; both arrays of one length. */
export function roundLevels(from: Float32Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i += 1) {
    const value = from[i] as number;
    to[i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5);
  }
}

/**
 * Peak signal-to-noise ratio between two images of one size, in dB with peak 255; Infinity when they are equal.
 * Above about 40 dB a difference is hard to see; near 10 dB little is left of a picture.
 * @throws Refusal LAB_IMAGE_SIZE when the sizes differ
 */
export function psnr(a: LuminanceImage, b: LuminanceImage): number {
  if (a.width !== b.width || a.height !== b.height) refuse('LAB_IMAGE_SIZE', `images of one size expected, got ${a.width} × ${a.height} and ${b.width} × ${b.height}`, {}, 'compare an image with a change of it that keeps its size');
  let squares = 0;
  for (let i = 0; i < a.values.length; i += 1) squares += ((a.values[i] as number) - (b.values[i] as number)) ** 2;
  return squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * a.values.length) / squares);
}
