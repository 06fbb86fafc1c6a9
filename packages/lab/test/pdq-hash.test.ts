import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IMAGE_FAMILIES, generateImage } from '../src/pdq/generate-image.ts';
import type { ImageFamily } from '../src/pdq/generate-image.ts';
import { blankImage, luminance, psnr } from '../src/pdq/luminance-image.ts';
import type { LuminanceImage } from '../src/pdq/luminance-image.ts';
import { DIHEDRAL, hammingDistance, hashFromHex, hashToHex, pdqDihedral, pdqHash } from '../src/pdq/pdq-hash.ts';
import type { Dihedral } from '../src/pdq/pdq-hash.ts';
import { GRID, sampleGrid } from '../src/pdq/sample-grid.ts';
import { TRANSFORMATIONS } from '../src/pdq/transform-image.ts';
import { SeededRandom } from '../src/random.ts';

const picture = (label: string, family: ImageFamily = 'shapes', width = 320, height = 320): LuminanceImage => generateImage(SeededRandom.of(7, label), family, width, height);
const changed = (id: string, image: LuminanceImage): LuminanceImage => {
  const found = TRANSFORMATIONS.find((t) => t.id === id) ?? expect.unreachable(`no change ${id}`);
  return found.apply(image, SeededRandom.of(7, id));
};
const codeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('the samples', () => {
  /** The filter as it is described: the whole image, box after box, one axis after the other. */
  function filtered(image: LuminanceImage): Float64Array {
    const { width, height } = image;
    const box = (values: Float64Array, side: number, at: (line: number, i: number) => number, lines: number): Float64Array => {
      const window = Math.ceil(side / 128);
      const out = new Float64Array(values.length);
      for (let line = 0; line < lines; line += 1) {
        for (let i = 0; i < side; i += 1) {
          let [sum, n] = [0, 0];
          for (let k = i - (window - 1 - Math.floor(window / 2)); k <= i + Math.floor(window / 2); k += 1) {
            if (k < 0 || k >= side) continue;
            sum += values[at(line, k)] as number;
            n += 1;
          }
          out[at(line, i)] = sum / n;
        }
      }
      return out;
    };
    let values = Float64Array.from(image.values);
    for (let pass = 0; pass < 2; pass += 1) {
      values = box(values, width, (y, x) => y * width + x, height) as typeof values;
      values = box(values, height, (x, y) => y * width + x, width) as typeof values;
    }
    return Float64Array.from({ length: GRID * GRID }, (_, s) => {
      const y = Math.floor(((Math.floor(s / GRID) + 0.5) * height) / GRID);
      const x = Math.floor((((s % GRID) + 0.5) * width) / GRID);
      return values[y * width + x] as number;
    });
  }

  test.each([[320, 320], [517, 300], [129, 1000], [64, 64], [40, 33]])('%i × %i: equal to filtering the whole image twice and picking', (width, height) => {
    const image = picture(`grid ${width}`, 'mosaic', width, height);
    const whole = filtered(image);
    const worst = sampleGrid(image).reduce((most, value, i) => Math.max(most, Math.abs(value - (whole[i] as number))), 0);
    expect(worst).toBeLessThan(1e-9);
  });
});

describe('the hash', () => {
  test('an image equals itself, half of the bits are set, and hexadecimal text gives the hash back', () => {
    for (const family of IMAGE_FAMILIES) {
      const { hash, quality } = pdqHash(picture('same', family));
      expect(hammingDistance(hash, pdqHash(picture('same', family)).hash)).toBe(0);
      expect(hammingDistance(hash, new Uint8Array(32))).toBe(128);
      expect(hashFromHex(hashToHex(hash))).toEqual(hash);
      expect(quality).toBeGreaterThanOrEqual(50);
    }
  });

  test('the hashes of four pictures stay what they are', () => {
    expect(Object.fromEntries(IMAGE_FAMILIES.map((family) => [family, hashToHex(pdqHash(picture('pinned', family)).hash)]))).toMatchInlineSnapshot(`
      {
        "landscape": "33e17afda2d032520803755e3240495cf3f61ca615a81ee9dff6168eeda6f314",
        "mosaic": "0b6f4d54ca013815029a12ad0da4916ad906dc5afd95fc94df5ccfe492e965fe",
        "shapes": "5b6b9795896e9426af6fcee6de6e7c35a6674206a74862f050abb459429424ca",
        "text": "e07c039033f496acb4033eae4b14ab7c17eb2c645bab4cebc06acf546cbb519c",
      }
    `);
  });

  test('raising every value by the same amount changes no bit, and neither does halving the contrast', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 100 }), fc.constantFrom(...IMAGE_FAMILIES), (label, levels, family) => {
      const dim = picture(`dim ${label}`, family, 128, 96);
      for (const [i, value] of dim.values.entries()) dim.values[i] = value / 2;
      const { hash } = pdqHash(dim);
      expect(pdqHash({ ...dim, values: dim.values.map((v) => v + levels) }).hash).toEqual(hash);
      expect(pdqHash({ ...dim, values: dim.values.map((v) => v / 2) }).hash).toEqual(hash);
    }), { seed: 5102, numRuns: 20 });
  });

  test('a flat image has quality 0; one of a single step has little', () => {
    const flat = blankImage(100, 80);
    expect(pdqHash(flat).quality).toBe(0);
    for (let i = 0; i < flat.values.length; i += 1) flat.values[i] = i % 100 < 50 ? 100 : 105.2;
    // 64 differences of 2 whole per cent: 128 / 90, cut to 1.
    expect(pdqHash(flat).quality).toBe(1);
  });

  test('a single vertical frequency sets its own bit: frequency 3 down, 5 across is bit 2 · 16 + 4', () => {
    const image = blankImage(320, 320);
    for (let y = 0; y < 320; y += 1) {
      for (let x = 0; x < 320; x += 1) image.values[y * 320 + x] = 128 + 80 * Math.cos((Math.PI * 3 * (y + 0.5)) / 320) * Math.cos((Math.PI * 5 * (x + 0.5)) / 320);
    }
    const { hash } = pdqHash(image);
    const bit = 2 * 16 + 4;
    expect(((hash[31 - (bit >> 3)] as number) >> (bit & 7)) & 1).toBe(1);
    const { hash: negative } = pdqHash({ ...image, values: image.values.map((v) => 256 - v) });
    expect(((negative[31 - (bit >> 3)] as number) >> (bit & 7)) & 1).toBe(0);
  });

  test('too small, wrongly filled and wrongly long inputs are refused by code', () => {
    expect(codeOf(() => pdqHash(blankImage(4, 100)))).toBe('LAB_IMAGE_SIZE');
    expect(codeOf(() => pdqHash({ width: 10, height: 10, values: new Float32Array(99) }))).toBe('LAB_IMAGE_SIZE');
    expect(codeOf(() => luminance(new Uint8Array(99), 5, 5))).toBe('LAB_IMAGE_SIZE');
    expect(codeOf(() => blankImage(0, 5))).toBe('LAB_IMAGE_SIZE');
    expect(codeOf(() => psnr(blankImage(5, 6), blankImage(6, 5)))).toBe('LAB_IMAGE_SIZE');
    expect(codeOf(() => hammingDistance(new Uint8Array(32), new Uint8Array(31)))).toBe('LAB_HASH_LENGTH');
    expect(codeOf(() => hashFromHex('f8f8'))).toBe('LAB_HASH_LENGTH');
  });

  test('luminance weighs red, green and blue by 0.299, 0.587 and 0.114 and takes no notice of opacity', () => {
    const { values } = luminance(Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255, 9, 255, 255, 255, 255), 2, 2);
    expect([...values].map((v) => v.toFixed(3))).toEqual(['76.245', '149.685', '29.070', '255.000']);
  });
});

describe('the eight dihedral hashes', () => {
  const CHANGE: Readonly<Record<Exclude<Dihedral, 'original'>, string>> = {
    rotate90: 'rotate-90', rotate180: 'rotate-180', rotate270: 'rotate-270', flipX: 'flip-x', flipY: 'flip-y', flipPlus1: 'flip-plus-1', flipMinus1: 'flip-minus-1',
  };

  const worst = (side: number, families: readonly ImageFamily[] = IMAGE_FAMILIES): number => {
    let most = 0;
    for (const family of families) {
      const image = picture(`laid ${side}`, family, side, side);
      const { hashes } = pdqDihedral(image);
      expect(hashes.original).toEqual(pdqHash(image).hash);
      for (const [how, id] of Object.entries(CHANGE) as [Exclude<Dihedral, 'original'>, string][]) {
        most = Math.max(most, hammingDistance(hashes[how], pdqHash(changed(id, image)).hash));
      }
    }
    return most;
  };

  test('equal to the hashes of the turned images, bit for bit, where the sampling is symmetric (side 320)', () => {
    expect(worst(320)).toBe(0);
  });

  test('alike on a large picture with a window of even width, where the samples lie aside by a small part of a cell; far apart on a small one', () => {
    expect(worst(700, ['landscape', 'shapes'])).toBeLessThanOrEqual(16);
    // The sampling lies aside by more than a third of a cell: the shortcut does not stand for turning the picture.
    expect(worst(256)).toBeGreaterThan(31);
  });

  test('the eight are different from one another, and turning four times comes back', () => {
    const { hashes } = pdqDihedral(picture('eight', 'mosaic'));
    expect(new Set(Object.values(hashes).map(hashToHex)).size).toBe(DIHEDRAL.length);
    let image = picture('eight', 'mosaic', 200, 100);
    const before = image.values;
    for (let turn = 0; turn < 4; turn += 1) image = changed('rotate-90', image);
    expect(image).toEqual({ width: 200, height: 100, values: before });
  });
});

describe('the Hamming distance', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('is a metric: 0 only for equals, the same both ways, no detour is shorter', () => {
    fc.assert(fc.property(hash, hash, hash, (a, b, c) => {
      expect(hammingDistance(a, a)).toBe(0);
      expect(hammingDistance(a, b) === 0).toBe(Buffer.compare(a, b) === 0);
      expect(hammingDistance(a, b)).toBe(hammingDistance(b, a));
      expect(hammingDistance(a, c)).toBeLessThanOrEqual(hammingDistance(a, b) + hammingDistance(b, c));
    }), { seed: 5103, numRuns: 300 });
  });

  test('counts bits: all 256 between a hash and its complement', () => {
    fc.assert(fc.property(hash, (a) => hammingDistance(a, a.map((byte) => ~byte & 255)) === 256), { seed: 5104, numRuns: 50 });
  });
});
