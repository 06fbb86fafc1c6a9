import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MatchingDevice, MatchingService, VOUCHER_BYTES } from '../src/mechanisms/matching-voucher.ts';
import { SeededRandom } from '../src/random.ts';

const random = SeededRandom.of(20261122, 'matching voucher test');
const LIST = Array.from({ length: 20 }, () => random.bytes(32));
const INNOCENT = Array.from({ length: 20 }, () => random.bytes(32));
const preview = (n: number): Uint8Array => new TextEncoder().encode(`synthetic preview ${String(n).padStart(3, '0')}`);

/** What opens to a service with `list` after an account sent `matching` listed pictures and five innocent ones. */
function opened(threshold: number, matching: number, list: readonly Uint8Array[] = LIST, seed = 1): string[] {
  const device = new MatchingDevice(LIST, threshold, SeededRandom.of(seed, 'device'));
  const service = new MatchingService(list, threshold);
  for (let n = 0; n < matching; n += 1) service.take('a', device.voucher(LIST[n % LIST.length] ?? new Uint8Array(32), preview(n)));
  for (let n = 0; n < 5; n += 1) service.take('a', device.voucher(INNOCENT[n] ?? new Uint8Array(32), preview(900 + n)));
  return service.open('a').map((p) => new TextDecoder().decode(p));
}

test.each([1, 5, 30])('with a threshold of %i one match fewer opens nothing, and that many open the matching pictures and no other', (threshold) => {
  expect(opened(threshold, threshold - 1)).toEqual([]);
  expect(opened(threshold, threshold)).toEqual(Array.from({ length: threshold }, (_, n) => new TextDecoder().decode(preview(n))));
});

test('whatever is sent, what opens is what matched, or nothing', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 1000 }), (threshold, matching, seed) => {
    expect(opened(threshold, matching, LIST, seed).length).toBe(matching >= threshold ? matching : 0);
  }), { seed: 20231106, numRuns: 40 });
});

test('matches of two accounts are not added up', () => {
  const service = new MatchingService(LIST, 2);
  for (const account of ['a', 'b']) service.take(account, new MatchingDevice(LIST, 2, SeededRandom.of(1, account)).voucher(LIST[0] ?? new Uint8Array(32), preview(1)));
  expect([service.open('a'), service.open('b')]).toEqual([[], []]);
});

test('a service with another list opens nothing; vouchers of all pictures have one size', () => {
  expect(opened(1, 10, INNOCENT)).toEqual([]);
  const device = new MatchingDevice(LIST, 5, SeededRandom.of(2, 'device'));
  expect([LIST[0], INNOCENT[0]].map((hash) => device.voucher(hash ?? new Uint8Array(32), preview(1)).length)).toEqual([VOUCHER_BYTES + preview(1).length, VOUCHER_BYTES + preview(1).length]);
});

test('broken on purpose: a service that takes a lower threshold than the device opens nothing with too few points, and a device with a lower one is seen to give more away', () => {
  const device = new MatchingDevice(LIST, 5, SeededRandom.of(3, 'device'));
  const [hasty, patient] = [new MatchingService(LIST, 2), new MatchingService(LIST, 5)];
  for (let n = 0; n < 4; n += 1) hasty.take('a', device.voucher(LIST[n] ?? new Uint8Array(32), preview(n)));
  expect(hasty.open('a')).toEqual([]);
  const leaking = new MatchingDevice(LIST, 1, SeededRandom.of(4, 'device'));
  patient.take('a', leaking.voucher(LIST[0] ?? new Uint8Array(32), preview(0)));
  expect(patient.open('a').length).toBe(1);
});
