/**
 * Images at another size or seen through a changed geometry: averaging when they shrink, bilinear when they grow or turn.
 * @module
 */
import { blankImage } from './luminance-image.ts';
import type { LuminanceImage } from './luminance-image.ts';

/**
 * The image at another size. Every new element is a triangle-weighted mean of the elements under it, so that shrinking leaves no aliasing.
 * @throws Refusal LAB_IMAGE_SIZE when a side is not a whole number from 1 to 16,384
 */
export function resize(image: LuminanceImage, width: number, height: number): LuminanceImage {
  const half = blankImage(width, image.height);
  const out = blankImage(width, height);
  triangleAxis(image.width, width, (to, from, weight) => {
    for (let y = 0; y < image.height; y += 1) add(half.values, y * width + to, image.values, y * image.width + from, weight);
  });
  triangleAxis(image.height, height, (to, from, weight) => {
    for (let x = 0; x < width; x += 1) add(out.values, to * width + x, half.values, from * width + x, weight);
  });
  return out;
}

/** The image, reduced in proportion so that no side is longer than `side`; the same image when none is. */
export function fitWithin(image: LuminanceImage, side: number): LuminanceImage {
  const scale = side / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  return resize(image, Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
}

/**
 * The image that shows, at every element, what lies at `place(x, y)` in the given one (bilinear; beyond the edge the edge is continued).
 * Places count from the middle of the element at the top left.
 */
export function remap(image: LuminanceImage, place: (x: number, y: number) => readonly [number, number]): LuminanceImage {
  const { width, height, values } = image;
  const out = blankImage(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [px, py] = place(x, y);
      const cx = Math.min(width - 1, Math.max(0, px));
      const cy = Math.min(height - 1, Math.max(0, py));
      const x0 = Math.floor(cx);
      const y0 = Math.floor(cy);
      const x1 = Math.min(width - 1, x0 + 1);
      const top = mix(values[y0 * width + x0] as number, values[y0 * width + x1] as number, cx - x0);
      const y1 = Math.min(height - 1, y0 + 1);
      const bottom = mix(values[y1 * width + x0] as number, values[y1 * width + x1] as number, cx - x0);
      out.values[y * width + x] = mix(top, bottom, cy - y0);
    }
  }
  return out;
}

/** The rectangle of the image that starts at (left, top). */
export function cut(image: LuminanceImage, left: number, top: number, width: number, height: number): LuminanceImage {
  const out = blankImage(width, height);
  for (let y = 0; y < height; y += 1) {
    const from = (top + y) * image.width + left;
    out.values.set(image.values.subarray(from, from + width), y * width);
  }
  return out;
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function add(to: Float32Array, at: number, from: Float32Array, source: number, weight: number): void {
  to[at] = (to[at] as number) + weight * (from[source] as number);
}

function triangleAxis(from: number, to: number, each: (to: number, from: number, weight: number) => void): void {
  const scale = from / to;
  const reach = Math.max(1, scale);
  for (let i = 0; i < to; i += 1) {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(from - 1, Math.floor(centre + reach));
    const weights: number[] = [];
    for (let k = first; k <= last; k += 1) weights.push(Math.max(0, 1 - Math.abs(k - centre) / reach));
    const sum = weights.reduce((a, b) => a + b, 0);
    for (const [k, weight] of weights.entries()) each(i, first + k, sum === 0 ? 1 / weights.length : weight / sum);
  }
}
