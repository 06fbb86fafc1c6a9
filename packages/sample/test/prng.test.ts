import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Prng } from '../src/prng.ts';

const MASK = 0xffff_ffffn;

/** xoshiro128** 1.1 written a second time, from the paper, over big integers. */
function* reference(state: readonly number[]): Generator<number> {
  const s = state.map((word) => BigInt(word) & MASK);
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & MASK;
  for (;;) {
    yield Number((rotl(((s[1] ?? 0n) * 5n) & MASK, 7n) * 9n) & MASK);
    const t = ((s[1] ?? 0n) << 9n) & MASK;
    s[2] = (s[2] ?? 0n) ^ (s[0] ?? 0n);
    s[3] = (s[3] ?? 0n) ^ (s[1] ?? 0n);
    s[1] = (s[1] ?? 0n) ^ s[2];
    s[0] = (s[0] ?? 0n) ^ s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11n);
  }
}

test('state 1, 2, 3, 4 gives 11520, 0, 5927040, 70819200', () => {
  const chance = new Prng([1, 2, 3, 4]);
  expect([chance.next(), chance.next(), chance.next(), chance.next()]).toEqual([11520, 0, 5927040, 70819200]);
});

test('draws equal those of an implementation over big integers, from any state', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(fc.property(fc.tuple(word, word, word, word).filter((s) => s.some((w) => w !== 0)), (state) => {
    const chance = new Prng(state);
    expect(reference(state).take(64).toArray()).toEqual(Array.from({ length: 64 }, () => chance.next()));
  }), { seed: 20231106 });
});

test('a name gives the draws that it gave when the generator was first published', () => {
  const chance = Prng.named('weighbridge-sample/1|20231106|a|b|c');
  expect([chance.next(), chance.next(), chance.below(1000), chance.below(2 ** 21)]).toMatchInlineSnapshot(`
    [
      815628571,
      771445542,
      87,
      1229508,
    ]
  `);
});

test('the state of zeros is refused', () => {
  expect(() => new Prng([0, 0, 0, 0])).toThrow(RangeError);
});

test('below(n) stays below n and reaches both ends', () => {
  const chance = Prng.named('ends');
  const draws = Array.from({ length: 20_000 }, () => chance.below(7));
  expect(new Set(draws)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
});
