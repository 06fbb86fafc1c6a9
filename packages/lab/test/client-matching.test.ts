import { beforeAll, describe, expect, test } from 'vitest';
import { VOUCHER_BYTES } from '../src/mechanisms/matching-voucher.ts';
import { ACCOUNTS, hashedPictures, recordPoisonedList, recordPopulation } from '../src/pdq/account-experiment.ts';
import type { HashedPictures } from '../src/pdq/account-experiment.ts';
import { MATCH_DISTANCE, hammingDistance } from '../src/pdq/pdq-hash.ts';
import type { Conditions } from '../src/proposal.ts';
import { clientMatching } from '../src/proposals/client-matching.ts';
import { Recorder } from '../src/record.ts';

const conditions: Conditions = { size: 2, epochs: 2, messagesPerEpoch: 6, payloadBytes: 100, padding: 'on', seed: 1 };
const row = (record: Recorder, id: string): Recorder['rows'][number] | undefined => record.rows.find((r) => r.metric === id);
const value = (record: Recorder, id: string): number | undefined => row(record, id)?.value;

let pictures: HashedPictures;
beforeAll(() => {
  pictures = hashedPictures(1);
});

/** The share of abusive accounts that send at least so many listed pictures: the law that they are drawn from, solved by hand. */
const expectedShare = (threshold: number): number => Math.exp(-(threshold - 1) / (ACCOUNTS.meanListed - 1));

describe.each([1, 5, 30])('a threshold of %i', (threshold) => {
  const record = new Recorder();
  beforeAll(() => {
    recordPopulation(threshold, pictures, 1, record);
    recordPoisonedList(threshold, pictures, 1, record);
  });

  test('marks the share of abusive accounts that the law of their sending gives, and no other account', () => {
    const { low = NaN, high = NaN } = row(record, 'reach.reported') ?? {};
    expect(low).toBeLessThanOrEqual(expectedShare(threshold));
    expect(high).toBeGreaterThanOrEqual(expectedShare(threshold));
    expect((value(record, 'reach.reported') ?? NaN) + (value(record, 'errors.false-negative') ?? NaN)).toBeCloseTo(1, 12);
    expect([value(record, 'errors.false-positive'), row(record, 'errors.false-positive')?.of]).toEqual([0, ACCOUNTS.innocent]);
    expect(value(record, 'errors.precision')).toBe(1);
  });

  test('opens at least that many pictures of a marked account, and fewer of none', () => {
    expect(value(record, 'exposed.by-report')).toBeGreaterThanOrEqual(threshold);
    expect(value(record, 'exposed.below-coalition')).toBe(0);
  });

  test('lets a poisoned list find all who share one planted picture when it is 1, and nobody when it is more', () => {
    expect([value(record, 'exposed.by-list'), value(record, 'exposed.people')]).toEqual([threshold === 1 ? 1 : 0, 0]);
  });
});

test('broken on purpose: a device that keeps a lower threshold than was stated is seen in what opens below it', () => {
  const record = new Recorder();
  recordPopulation(5, pictures, 1, record, 1);
  expect(value(record, 'exposed.below-coalition')).toBeGreaterThan(0);
});

test('broken on purpose: pictures that are all on the list are false alarms, every one', () => {
  const record = new Recorder();
  recordPopulation(1, { listed: pictures.listed, innocent: pictures.listed }, 1, record);
  expect(value(record, 'errors.false-positive')).toBe(1e6);
  expect(value(record, 'exposed.people')).toBeGreaterThan(0.5);
});

test('no two of the 250 pictures match, and another seed gives others', () => {
  const hashes = [...pictures.listed, ...pictures.innocent];
  const nearest = hashes.flatMap((a, i) => hashes.slice(i + 1).map((b) => hammingDistance(a, b))).reduce((a, b) => Math.min(a, b));
  expect([pictures.listed.length, pictures.innocent.length]).toEqual([50, 200]);
  expect(nearest).toBeGreaterThan(MATCH_DISTANCE);
  expect(hashedPictures(2).listed[0]).not.toEqual(pictures.listed[0]);
});

test('a whole cell: the voucher is what is added on the wire, edits do not depend on the threshold, the same seed gives the same', async () => {
  const [one, thirty, apart] = [new Recorder(), new Recorder(), new Recorder()];
  await clientMatching.run('threshold-1', conditions, one);
  await clientMatching.run('threshold-30', conditions, thirty);
  recordPopulation(30, pictures, conditions.seed, apart);
  recordPoisonedList(30, pictures, conditions.seed, apart);
  expect(thirty.rows).toEqual(expect.arrayContaining([...apart.rows]));
  for (const id of ['evasion.share', 'evasion.trials']) expect([id, row(one, id)]).toEqual([id, row(thirty, id)]);
  expect(value(one, 'evasion.share')).toBeGreaterThan(0.1);
  expect(value(one, 'evasion.share')).toBeLessThan(0.9);
  expect(value(one, 'wire.once')).toBe(VOUCHER_BYTES);
  expect(value(one, 'wire.message-added')).toBeGreaterThanOrEqual(VOUCHER_BYTES);
  expect(value(one, 'coalition.least')).toBe(2);
});
