/**
 * PDQ against the hashes that its authors published for one photograph in fifteen versions, read in place from `../shared/vectors/pdq`.
 * The published guide allows 10 bits of difference between implementations for pictures of quality 80 or more, because decoders differ.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import jpeg from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { luminance } from '../../packages/lab/src/pdq/luminance-image.ts';
import type { LuminanceImage } from '../../packages/lab/src/pdq/luminance-image.ts';
import { DIHEDRAL, hammingDistance, hashFromHex, pdqDihedral, pdqHash } from '../../packages/lab/src/pdq/pdq-hash.ts';
import { fitWithin } from '../../packages/lab/src/pdq/resample.ts';

const VECTORS = fileURLToPath(new URL('../../../shared/vectors/pdq', import.meta.url));
if (!existsSync(VECTORS)) process.stderr.write('NOT CHECKED: PDQ: the test vectors are not there (expected in ../shared/vectors/pdq)\n');
const describeVectors = existsSync(VECTORS) ? describe : describe.skip;

const ALLOWED = 10;

const decode = (file: string): LuminanceImage => {
  const { data, width, height } = jpeg.decode(readFileSync(join(VECTORS, file)), { useTArray: true });
  return luminance(data, width, height);
};

/** File, distance as described, distance of the picture first reduced to at most 512 elements a side. */
const TABLE: readonly (readonly [file: string, asDescribed: number, reduced: number])[] = [
  ['bridge-1-original.jpg', 8, 4], ['bridge-2-rotate-90.jpg', 8, 10], ['bridge-3-rotate-180.jpg', 6, 10], ['bridge-4-rotate-270.jpg', 2, 4],
  ['bridge-5-flipx.jpg', 2, 4], ['bridge-6-flipy.jpg', 8, 10], ['bridge-7-flip-plus-1.jpg', 8, 4], ['bridge-8-flip-minus-1.jpg', 6, 10],
  ['aaa-orig.jpg', 6, 0], ['blur-a-little.jpg', 8, 0], ['blur-a-lot.jpg', 6, 0], ['high-contrast.jpg', 8, 0], ['sharpen-a-lot.jpg', 12, 2],
  ['shrink-a-lot.jpg', 0, 0], ['square-128x128.jpg', 0, 0],
];

describeVectors('the published hashes of one photograph in fifteen versions', () => {
  const published = (): ReadonlyMap<string, Uint8Array> => new Map(readFileSync(join(VECTORS, 'expected.csv'), 'utf8').trim().split('\n').slice(1).map((line) => {
    const [hash = '', file = ''] = line.trim().split(',');
    return [file, hashFromHex(hash)];
  }));
  const expected = (file: string): Uint8Array => published().get(file) ?? expect.unreachable(`no published hash of ${file}`);

  test('the table below names every file and every published hash, and each published hash has 128 bits set', () => {
    const files = readdirSync(VECTORS).filter((f) => f.endsWith('.jpg')).sort();
    expect(files.length).toBe(15);
    expect(TABLE.map(([file]) => file).sort()).toEqual(files);
    expect([...published().keys()].sort()).toEqual(files);
    for (const hash of published().values()) expect(hammingDistance(hash, new Uint8Array(32))).toBe(128);
  });

  test.each(TABLE)('%s: %i bits from the published hash as the method is described, %i when the picture is first reduced to 512', (file, asDescribed, reduced) => {
    const image = decode(file);
    const own = pdqHash(image);
    expect(own.quality).toBeGreaterThanOrEqual(80);
    const distance = hammingDistance(own.hash, expected(file));
    const distanceReduced = hammingDistance(pdqHash(fitWithin(image, 512)).hash, expected(file));
    expect([distance, distanceReduced]).toEqual([asDescribed, reduced]);
  });

  test('14 of 15 are within the 10 bits allowed as described; the one beyond, sharpen-a-lot.jpg, agrees once the picture is reduced first', () => {
    expect(TABLE.filter(([, asDescribed]) => asDescribed > ALLOWED).map(([file]) => file)).toEqual(['sharpen-a-lot.jpg']);
    // The hashes of the seven edits come from another tool of the same project than those of the bridges. With pictures reduced to 512 elements
    // before hashing all seven agree to within 2 bits, so the outlier is a step before the hash, not the hash.
    const edits = TABLE.filter(([file]) => !file.startsWith('bridge-'));
    expect(edits.length).toBe(7);
    expect(edits.every(([, , reduced]) => reduced <= 2)).toBe(true);
  });

  test('the eight dihedral hashes from bridge-1 alone are 8 bits from the published hashes of bridges 1 to 8, and far from those of the others', () => {
    const { hashes } = pdqDihedral(decode('bridge-1-original.jpg'));
    const bridges = TABLE.slice(0, 8).map(([file]) => expected(file));
    for (const [i, how] of DIHEDRAL.entries()) {
      const distances = bridges.map((hash) => hammingDistance(hashes[how], hash));
      expect(distances[i], how).toBe(8);
      expect(Math.min(...distances.filter((_, j) => j !== i)), how).toBeGreaterThan(100);
    }
  });

  test('the seven edits match the original, the seven turns and mirrors do not', () => {
    const { hash } = pdqHash(decode('bridge-1-original.jpg'));
    const distances = TABLE.slice(1).map(([file]) => hammingDistance(hash, pdqHash(decode(file)).hash));
    expect(distances.slice(0, 7).every((d) => d > 100)).toBe(true);
    expect(distances.slice(7).every((d) => d <= 31)).toBe(true);
  });

  test('time for one picture of 1600 × 1004 beside its decoding (best of 5): luminance and hash take the smaller part', () => {
    const bytes = readFileSync(join(VECTORS, 'bridge-1-original.jpg'));
    const best = { decoding: Infinity, hashing: Infinity };
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      const { data, width, height } = jpeg.decode(bytes, { useTArray: true });
      const decoded = performance.now();
      pdqHash(luminance(data, width, height));
      best.decoding = Math.min(best.decoding, decoded - start);
      best.hashing = Math.min(best.hashing, performance.now() - decoded);
    }
    process.stderr.write(`PDQ, 1600 × 1004: decoding ${best.decoding.toFixed(1)} ms, luminance and hash ${best.hashing.toFixed(1)} ms (best of 5)\n`);
    expect(best.hashing).toBeLessThan(best.decoding);
  });
});
