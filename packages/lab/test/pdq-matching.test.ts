import { describe, expect, test } from 'vitest';
import {
  measureCollisionByClimbing, measureEvasionByClimbing, measureFalsePositives, measureLeastStrength, measureTransformations,
} from '../src/pdq/matching-experiment.ts';
import { TRANSFORMATIONS } from '../src/pdq/transform-image.ts';

const SMALL = { seed: 11, images: 8, side: 128 } as const;
const only = (...ids: string[]): typeof TRANSFORMATIONS => TRANSFORMATIONS.filter((t) => ids.includes(t.id));

describe('false positives', () => {
  test('120 different pictures: 7,140 pairs, no match, with the exact limit for none', () => {
    const result = measureFalsePositives({ seed: 11, images: 120, side: 64 });
    expect([result.images + result.discarded, result.pairs.of]).toEqual([120, (result.images * (result.images - 1)) / 2]);
    expect(result.pairs.count).toBe(0);
    expect(result.perMillion).toEqual({ value: 0, low: 0, high: result.pairs.interval.high * 1e6 });
    expect(result.disjointPairs.of).toBe(Math.floor(result.images / 2));
    expect(result.disjointPairs.interval.high).toBeGreaterThan(result.pairs.interval.high);
    expect(result.sameFamilyPairs.of).toBeLessThan(result.pairs.of / 3);
    expect(result.distance.least).toBeGreaterThan(31);
    expect(Math.abs(result.distance.mean - 128)).toBeLessThan(1);
  });

  test('the same seed gives the same result, another seed another', () => {
    const counts = { seed: 11, images: 12, side: 64 };
    expect(measureFalsePositives(counts)).toEqual(measureFalsePositives(counts));
    expect(measureFalsePositives({ ...counts, seed: 12 })).not.toEqual(measureFalsePositives(counts));
  });
});

describe('changes of a picture', () => {
  test('a change of brightness keeps the match, a negative never does; turns evade one hash and not all eight', () => {
    const counts = { ...SMALL, side: 320, images: 4 };
    const results = new Map(measureTransformations(counts, only('contrast-50', 'invert', 'rotate-90', 'flip-y')).map((r) => [r.id, r]));
    expect(results.size).toBe(4);
    const evaded = (id: string): unknown => [results.get(id)?.evaded.count, results.get(id)?.evadedEight.count];
    expect(['contrast-50', 'invert', 'rotate-90', 'flip-y'].map(evaded)).toEqual([[0, 0], [4, 4], [4, 0], [4, 0]]);
    expect(results.get('invert')?.distance.least).toBeGreaterThanOrEqual(254);
    expect(results.get('invert')?.evaded.interval.high).toBe(1);
  });

  test.each(['noise', 'crop'] as const)('%s: the match is lost at some strength, and less is left than there was', (kind) => {
    const result = measureLeastStrength(SMALL, kind);
    expect(result.lost.count).toBeGreaterThan(0);
    expect(result.strength.least).toBeGreaterThan(0);
    expect(result.left.most).toBeLessThan(kind === 'crop' ? 1 : 40);
    expect(measureLeastStrength(SMALL, kind)).toEqual(result);
  });
});

describe('senders who work against the hash', () => {
  test('who knows all of it evades with every picture, just over the threshold, and changes little', () => {
    const result = measureEvasionByClimbing({ ...SMALL, knowledge: 'coefficients', budget: 40 });
    expect(result.reached).toMatchObject({ count: 8, of: 8 });
    expect(result.distance.least).toBeGreaterThan(31);
    expect(result.evaluations.most).toBeLessThanOrEqual(40);
    expect(result.psnr.least).toBeGreaterThan(35);
    expect(result.psnr.most, 'the picture itself was changed').toBeLessThan(70);
  });

  test('who knows all of it makes an innocent picture match another’s hash', () => {
    const result = measureCollisionByClimbing({ ...SMALL, knowledge: 'coefficients', budget: 60 });
    expect(result.reached.count).toBeGreaterThanOrEqual(7);
    expect(result.distance.least).toBeLessThanOrEqual(31);
  });

  test('who sees the distance only spends more of the picture to evade, and gets nearer to a collision within the budget', () => {
    const blind = measureEvasionByClimbing({ ...SMALL, images: 4, knowledge: 'distance', budget: 100 });
    const informed = measureEvasionByClimbing({ ...SMALL, images: 4, knowledge: 'coefficients', budget: 100 });
    expect(blind.reached.count).toBeGreaterThanOrEqual(3);
    expect(blind.psnr.median).toBeLessThan(informed.psnr.median ?? 0);
    const start = measureCollisionByClimbing({ ...SMALL, images: 2, knowledge: 'distance', budget: 1 });
    const end = measureCollisionByClimbing({ ...SMALL, images: 2, knowledge: 'distance', budget: 200 });
    expect(end.distance.median).toBeLessThan(start.distance.median ?? 0);
  });

  test('a budget of one evaluation is obeyed: nothing is changed and nobody gets anywhere', () => {
    for (const measure of [measureEvasionByClimbing, measureCollisionByClimbing]) {
      const result = measure({ ...SMALL, knowledge: 'coefficients', budget: 1 });
      expect(result.reached.count).toBe(0);
      expect(result.evaluations).toEqual({ least: null, median: null, most: null });
    }
  });
});

describe('counts outside their range are refused, by name', () => {
  test.each([
    ['images', () => measureFalsePositives({ ...SMALL, images: 1 })],
    ['images', () => measureFalsePositives({ ...SMALL, images: 5001 })],
    ['side', () => measureTransformations({ ...SMALL, side: 32 })],
    ['side', () => measureLeastStrength({ ...SMALL, side: 64.5 }, 'crop')],
    ['budget', () => measureEvasionByClimbing({ ...SMALL, knowledge: 'distance', budget: 0 })],
    ['budget', () => measureCollisionByClimbing({ ...SMALL, knowledge: 'distance', budget: 20_001 })],
  ])('%s', (name, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'LAB_PDQ_COUNT', message: expect.stringContaining(name) as string }));
  });
});
