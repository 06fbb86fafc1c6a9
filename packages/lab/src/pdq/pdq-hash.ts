/**
 * PDQ, a perceptual hash of 256 bits for pictures: similar pictures have hashes at a small Hamming distance.
 * Source: the published description, docs/references.md#pdq-2019; written from it for this laboratory and checked against the published
 * hashes of one photograph in fifteen versions. It reads no files: decoding is the caller's, and decoders differ by a few bits. It does not reduce
 * large pictures first; seven of the published hashes agree best with pictures that were (test/data/lab-pdq-vectors.test.ts).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { LuminanceImage } from './luminance-image.ts';
import { GRID, sampleGrid } from './sample-grid.ts';

/** Hashes at this distance or nearer are called a match (the published recommendation). */
export const MATCH_DISTANCE = 31;
/** Hashes of a lower quality are discarded (the published recommendation: discard at 49 or less). */
export const QUALITY_LEAST = 50;
/** Bits in a hash. */
export const HASH_BITS = 256;

/** Frequencies kept along each axis: 1 to 16; the constant one is left out. */
const KEPT = 16;
/** A side below this has too few elements to hash. */
const SIDE_LEAST = 5;

/** 32 bytes, the bit of the highest frequencies first, as published hashes are written; quality from 0 (flat) to 100. */
export interface PdqHash {
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly quality: number;
}

/** The eight ways to lay a square on itself, in the published order. Turns are counter-clockwise. */
export const DIHEDRAL = ['original', 'rotate90', 'rotate180', 'rotate270', 'flipX', 'flipY', 'flipPlus1', 'flipMinus1'] as const;
export type Dihedral = (typeof DIHEDRAL)[number];

/**
 * The hash and the quality of an image. Pure.
 * @throws Refusal LAB_IMAGE_SIZE when a side is below 5 elements or the values are not width × height
 */
export function pdqHash(image: LuminanceImage): PdqHash {
  const grid = checkedGrid(image);
  return { hash: hashOfCoefficients(coefficients(grid)), quality: quality(grid) };
}

/**
 * The hashes of the image and of its seven turns and mirror images, computed from the one image by changing the signs of the odd
 * frequencies and exchanging the axes. They equal the hashes of the turned images to within a few bits (the sampling is not quite symmetric).
 * @throws Refusal LAB_IMAGE_SIZE as {@link pdqHash}
 */
export function pdqDihedral(image: LuminanceImage): { readonly hashes: Readonly<Record<Dihedral, Uint8Array<ArrayBuffer>>>; readonly quality: number } {
  const grid = checkedGrid(image);
  const c = coefficients(grid);
  const hashes = Object.fromEntries(DIHEDRAL.map((how) => [how, hashOfCoefficients(laid(c, how))])) as Record<Dihedral, Uint8Array<ArrayBuffer>>;
  return { hashes, quality: quality(grid) };
}

/**
 * The 256 coefficients that are compared with their median, row after row (index = 16 × vertical + horizontal frequency, from 0).
 * For experiments with a sender who knows the hash.
 * @throws Refusal LAB_IMAGE_SIZE as {@link pdqHash}
 */
export function pdqCoefficients(image: LuminanceImage): { readonly coefficients: Float64Array; readonly median: number } {
  const c = coefficients(checkedGrid(image));
  return { coefficients: c, median: lowerMedian(c) };
}

/**
 * The number of bits in which two hashes differ, 0 to 256.
 * @throws Refusal LAB_HASH_LENGTH when one is not 32 bytes long
 */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  checkLength(a);
  checkLength(b);
  let distance = 0;
  for (let i = 0; i < a.length; i += 1) distance += ONES[(a[i] as number) ^ (b[i] as number)] as number;
  return distance;
}

/** The published way to write a hash: 64 hexadecimal digits. */
export function hashToHex(hash: Uint8Array): string {
  checkLength(hash);
  return Buffer.from(hash).toString('hex');
}

/**
 * A hash from its 64 hexadecimal digits.
 * @throws Refusal LAB_HASH_LENGTH when the text is anything else
 */
export function hashFromHex(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-f]{64}$/i.test(text)) refuse('LAB_HASH_LENGTH', `64 hexadecimal digits expected, got ${text.length} characters`, {}, 'give a PDQ hash as it is published');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function checkLength(hash: Uint8Array): void {
  if (hash.length !== HASH_BITS / 8) refuse('LAB_HASH_LENGTH', `a hash of ${HASH_BITS / 8} bytes expected, got ${hash.length}`, {}, 'compare PDQ hashes only');
}

function checkedGrid(image: LuminanceImage): Float64Array {
  const { width, height, values } = image;
  if (width < SIDE_LEAST || height < SIDE_LEAST || values.length !== width * height) {
    refuse('LAB_IMAGE_SIZE', `sides of at least ${SIDE_LEAST} and width × height values expected, got ${width} × ${height} and ${values.length} values`, {}, 'give an image large enough to hash');
  }
  return sampleGrid(image);
}

/** COSINES[16 × 64]: frequency k = 1..16 at sample j, orthonormal (discrete cosine transform of type II). */
const COSINES = Float64Array.from({ length: KEPT * GRID }, (_, at) => {
  const k = Math.floor(at / GRID) + 1;
  const j = at % GRID;
  return Math.sqrt(2 / GRID) * Math.cos((Math.PI / (2 * GRID)) * k * (2 * j + 1));
});

/** Down the columns first, then along the rows: C · grid · Cᵀ. */
function coefficients(grid: Float64Array): Float64Array {
  const n = GRID;
  const cosines = COSINES;
  const half = new Float64Array(KEPT * n);
  for (let k = 0; k < KEPT; k += 1) {
    for (let row = 0; row < n; row += 1) {
      const c = cosines[k * n + row] as number;
      for (let column = 0; column < n; column += 1) half[k * n + column] = (half[k * n + column] as number) + c * (grid[row * n + column] as number);
    }
  }
  const out = new Float64Array(KEPT * KEPT);
  for (let k = 0; k < KEPT; k += 1) {
    for (let l = 0; l < KEPT; l += 1) {
      let sum = 0;
      for (let column = 0; column < n; column += 1) sum += (half[k * n + column] as number) * (cosines[l * n + column] as number);
      out[k * KEPT + l] = sum;
    }
  }
  return out;
}

/** The 128th of the 256 values in ascending order, so that 128 bits are set when no two values are equal. */
function lowerMedian(values: Float64Array): number {
  return values.toSorted()[values.length / 2 - 1] as number;
}

function hashOfCoefficients(c: Float64Array): Uint8Array<ArrayBuffer> {
  const median = lowerMedian(c);
  const hash = new Uint8Array(HASH_BITS / 8);
  for (let bit = 0; bit < HASH_BITS; bit += 1) {
    if ((c[bit] as number) <= median) continue;
    const byte = hash.length - 1 - (bit >> 3);
    hash[byte] = (hash[byte] as number) | (1 << (bit & 7));
  }
  return hash;
}

/** Differences between neighbours in whole percent of the range, added up and divided by 90, at most 100. */
function quality(grid: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < GRID; row += 1) {
    for (let column = 0; column < GRID; column += 1) {
      const at = row * GRID + column;
      const here = grid[at] as number;
      if (row + 1 < GRID) sum += Math.trunc((Math.abs(here - (grid[at + GRID] as number)) * 100) / 255);
      if (column + 1 < GRID) sum += Math.trunc((Math.abs(here - (grid[at + 1] as number)) * 100) / 255);
    }
  }
  return Math.min(100, Math.trunc(sum / 90));
}

/** How each way changes the coefficients: read with the axes exchanged, negated at odd vertical, at odd horizontal frequencies. */
const LAYING: Readonly<Record<Dihedral, { readonly exchange: boolean; readonly vertical: boolean; readonly horizontal: boolean }>> = {
  original: { exchange: false, vertical: false, horizontal: false },
  rotate90: { exchange: true, vertical: true, horizontal: false },
  rotate180: { exchange: false, vertical: true, horizontal: true },
  rotate270: { exchange: true, vertical: false, horizontal: true },
  flipX: { exchange: false, vertical: true, horizontal: false },
  flipY: { exchange: false, vertical: false, horizontal: true },
  flipPlus1: { exchange: true, vertical: false, horizontal: false },
  flipMinus1: { exchange: true, vertical: true, horizontal: true },
};

/** Reversing an axis negates its odd frequencies: cos(πk(127 − 2j)/128) = (−1)^k cos(πk(2j + 1)/128). */
function laid(c: Float64Array, how: Dihedral): Float64Array {
  const { exchange, vertical, horizontal } = LAYING[how];
  const out = new Float64Array(c.length);
  for (let k = 0; k < KEPT; k += 1) {
    for (let l = 0; l < KEPT; l += 1) {
      // Index 0 is frequency 1: even indexes are odd frequencies.
      const negate = (vertical && k % 2 === 0) !== (horizontal && l % 2 === 0);
      const value = c[exchange ? l * KEPT + k : k * KEPT + l] as number;
      out[k * KEPT + l] = negate ? -value : value;
    }
  }
  return out;
}

/** Set bits of every byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let ones = 0;
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1;
  return ones;
});
