import { describe, expect, test } from 'vitest';
import { IMAGE_FAMILIES, generateImage } from '../src/pdq/generate-image.ts';
import type { LuminanceImage } from '../src/pdq/luminance-image.ts';
import { blankImage, psnr } from '../src/pdq/luminance-image.ts';
import { QUALITY_LEAST, hammingDistance, pdqHash } from '../src/pdq/pdq-hash.ts';
import { cut, fitWithin, resize } from '../src/pdq/resample.ts';
import { TRANSFORMATIONS, addNoise, crop } from '../src/pdq/transform-image.ts';
import { SeededRandom } from '../src/random.ts';

const isEightBits = ({ width, height, values }: LuminanceImage): boolean => values.length === width * height && values.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
const change = (id: string): ((image: LuminanceImage) => LuminanceImage) => (image) => {
  const found = TRANSFORMATIONS.find((t) => t.id === id) ?? expect.unreachable(`no change ${id}`);
  return found.apply(image, SeededRandom.of(1, id));
};

describe('synthetic pictures', () => {
  test.each(IMAGE_FAMILIES)('%s: 8-bit values, the same for the same stream, another for another, good enough in at least 19 of 20', (family) => {
    const make = (label: string): LuminanceImage => generateImage(SeededRandom.of(3, label), family, 160, 128);
    expect(make('a')).toEqual(make('a'));
    expect(make('a')).not.toEqual(make('b'));
    const twenty = Array.from({ length: 20 }, (_, i) => make(`many ${i}`));
    expect(twenty.every(isEightBits)).toBe(true);
    expect(twenty.filter((image) => pdqHash(image).quality >= QUALITY_LEAST).length).toBeGreaterThanOrEqual(19);
  });

  test.each([[31, 100], [100, 4096], [100.5, 100]])('a size of %s × %s is refused', (width, height) => {
    expect(() => generateImage(SeededRandom.of(3, 'x'), 'text', width, height)).toThrow(expect.objectContaining({ code: 'LAB_IMAGE_SIZE' }));
  });
});

describe('changes of a picture', () => {
  const image = generateImage(SeededRandom.of(3, 'change'), 'shapes', 160, 120);

  test('every change has a name of its own, gives an 8-bit picture, is repeatable and leaves the given picture alone', () => {
    expect(new Set(TRANSFORMATIONS.map((t) => t.id)).size).toBe(TRANSFORMATIONS.length);
    expect(TRANSFORMATIONS.length).toBeGreaterThan(30);
    const before = image.values.slice();
    for (const { id, apply } of TRANSFORMATIONS) {
      const once = apply(image, SeededRandom.of(1, id));
      expect(isEightBits(once), id).toBe(true);
      expect(apply(image, SeededRandom.of(1, id)), id).toEqual(once);
      expect(once, id).not.toEqual(image);
    }
    expect(image.values).toEqual(before);
  });

  test('the negative of the negative is the picture, and its hash differs in every bit but the median’s', () => {
    expect(change('invert')(change('invert')(image))).toEqual(image);
    expect(hammingDistance(pdqHash(image).hash, pdqHash(change('invert')(image)).hash)).toBeGreaterThanOrEqual(254);
  });

  test('mirrors: diagonal = turn after mirror, and each mirror undoes itself', () => {
    for (const id of ['flip-x', 'flip-y', 'flip-plus-1', 'flip-minus-1', 'rotate-180']) expect(change(id)(change(id)(image)), id).toEqual(image);
    expect(change('flip-y')(image).values.slice(0, 160)).toEqual(image.values.slice(0, 160).reverse());
    expect(change('flip-plus-1')(image)).toMatchObject({ width: 120, height: 160 });
    expect(change('flip-plus-1')(image).values[1]).toBe(image.values[160]);
    expect(change('rotate-90')(image).values[0]).toBe(image.values[159]);
  });

  test('stronger noise and coarser blocks leave less; blocks of high quality leave nearly all', () => {
    const left = (...ids: string[]): number[] => ids.map((id) => psnr(image, change(id)(image)));
    const noise = left('noise-5', 'noise-15', 'noise-30', 'noise-60');
    expect(noise).toEqual(noise.toSorted((a, b) => b - a));
    const blocks = left('blocks-75', 'blocks-30', 'blocks-10');
    expect(blocks).toEqual(blocks.toSorted((a, b) => b - a));
    expect(blocks[0]).toBeGreaterThan(30);
  });

  test('noise has the standard deviation that it is named by', () => {
    const grey = blankImage(200, 200);
    grey.values.fill(128);
    const { values } = addNoise(grey, 20, SeededRandom.of(4, 'noise'));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 128)).toBeLessThan(0.5);
    expect(Math.abs(deviation - 20)).toBeLessThan(0.4);
  });

  test('cropping by 10 % takes 8 and 6 elements from each side; resizing keeps flat pictures flat and sizes as asked', () => {
    expect(crop(image, 10)).toEqual(cut(image, 8, 6, 144, 108));
    const flat = blankImage(50, 40);
    flat.values.fill(77);
    for (const [width, height] of [[20, 13], [123, 77]] as const) {
      const other = resize(flat, width, height);
      expect([other.width, other.height, Math.min(...other.values).toFixed(3), Math.max(...other.values).toFixed(3)]).toEqual([width, height, '77.000', '77.000']);
    }
    expect(fitWithin(image, 80)).toMatchObject({ width: 80, height: 60 });
    expect(fitWithin(image, 160)).toBe(image);
  });
});
