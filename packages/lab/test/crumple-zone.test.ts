import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsPuzzle, makePuzzle, openPuzzle, PUZZLE, seedOf } from '../src/mechanisms/crumple-zone.ts';
import { searchSeed } from '../src/mechanisms/crumple-zone-search.ts';
import { clearPart, openWithMessageKey } from '../src/mls/open.ts';
import type { MessageKey } from '../src/mls/member.ts';
import type { Conditions } from '../src/proposal.ts';
import { crumpleZone } from '../src/proposals/crumple-zone.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';
import type { WireMessage } from '../src/world.ts';

const small: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 2, payloadBytes: 100, padding: 'on', seed: 1 };
const PINNED = { seed: 20261122, numRuns: 60 };
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const messageKey: fc.Arbitrary<MessageKey> = fc.record({ key: bytes(16), nonce: bytes(12), generation: fc.constant(0) });

async function run(variant: string, conditions: Conditions): Promise<{ value: (id: string) => number | undefined; record: Recorder }> {
  const record = new Recorder();
  await crumpleZone.run(variant, conditions, record);
  return { record, value: (id) => record.rows.find((r) => r.metric === id)?.value };
}

describe.each([small, { ...small, size: 10 }])('in a group of $size', (conditions) => {
  test('a search with the wire alone opens every message of the order, and what it found opens no other', async () => {
    const { value, record } = await run('20-bits', conditions);
    expect([value('reach.past'), value('reach.future'), value('exposed.others-by-access')]).toEqual([1, 1, 0]);
    expect([value('exposed.by-standing-key'), value('trust.standing-keys'), value('coalition.least'), value('trust.key-bits')]).toEqual([0, 0, 0, 20]);
    expect(value('evasion.share')).toBe(0);
    expect(value('cost.hashes')).toBeGreaterThan(0.2 * 2 ** 20);
    expect(value('cost.hashes')).toBeLessThan(0.8 * 2 ** 20);
    expect(record.findings.at(-1)).toMatch(/do not check, (\d+) of \1 messages with such a lock pass/);
  });
});

test('longer seeds are computed, say so, and cost half of the seeds within the interval', async () => {
  const { record, value } = await run('40-bits', small);
  const cost = record.rows.find((r) => r.metric === 'cost.hashes');
  expect(cost?.method).toBe('computed');
  expect(cost?.low).toBeLessThan(2 ** 39);
  expect(cost?.high).toBeGreaterThan(2 ** 39);
  expect(record.rows.find((r) => r.metric === 'reach.past')?.method).toBe('computed');
  expect(value('cost.dollars')).toBeCloseTo((value('cost.hashes') ?? 0) * (0.04 / 3600 / 1e7), 10);
});

test('the same seed gives the same rows and findings', async () => {
  for (const variant of ['20-bits', '32-bits']) {
    const [one, other] = [await run(variant, small), await run(variant, small)];
    expect(other.record.rows).toEqual(one.record.rows);
    expect(other.record.findings).toEqual(one.record.findings);
  }
});

test('a variant that there is not is refused', async () => {
  await expect(run('8-bits', small)).rejects.toThrow(/20-bits, 32-bits, 40-bits expected, got 8-bits/);
});

test('a lock opens with its own seed and with none of the 255 others of 8 bits', () => {
  fc.assert(fc.property(messageKey, (key) => {
    const puzzle = makePuzzle(key, 8);
    const opening = Array.from({ length: 256 }, (_, seed) => seed).filter((seed) => openPuzzle(puzzle, seed) !== undefined);
    expect(opening).toEqual([seedOf(key, 8)]);
    expect(Buffer.from(openPuzzle(puzzle, seedOf(key, 8))?.key ?? [])).toEqual(Buffer.from(key.key));
  }), { ...PINNED, numRuns: 20 });
});

test('two messages have two salts, so that one hash tries a seed on one message and not on all', () => {
  fc.assert(fc.property(messageKey, messageKey, (key, other) => {
    fc.pre(!Buffer.from(key.key).equals(other.key));
    expect(Buffer.from(makePuzzle(key, 20).subarray(0, 16))).not.toEqual(Buffer.from(makePuzzle(other, 20).subarray(0, 16)));
  }), PINNED);
});

test('a search finds the seed without the message’s key, after as many hashes as there are seeds up to it', () => {
  fc.assert(fc.property(messageKey, fc.integer({ min: 1, max: 14 }), (key, bits) => {
    const seed = seedOf(key, bits);
    expect(searchSeed(makePuzzle(key, bits), bits)).toEqual({ seed, hashes: 4 * (Math.floor(seed / 4) + 1) });
  }), PINNED);
});

test('a search of a lock of chance goes through every seed and finds none', () => {
  fc.assert(fc.property(bytes(PUZZLE), (puzzle) => {
    expect(searchSeed(puzzle, 12)).toEqual({ seed: undefined, hashes: 4096 });
  }), { ...PINNED, numRuns: 20 });
});

test('a receiver accepts the lock of the message’s key and of the stated length, and no other', () => {
  fc.assert(fc.property(messageKey, fc.nat(PUZZLE * 8 - 1), (key, bit) => {
    const puzzle = makePuzzle(key, 32);
    expect(holdsPuzzle(key, 32, puzzle)).toBe(true);
    expect(holdsPuzzle(key, 32, puzzle.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))).toBe(false);
    expect(holdsPuzzle(key, 32, Buffer.concat([puzzle, Buffer.alloc(1)]))).toBe(false);
    expect(holdsPuzzle(key, 32, puzzle.subarray(1))).toBe(false);
  }), PINNED);
});

test('a search beyond 32 bits and a seed beyond 48 are refused', () => {
  expect(() => searchSeed(new Uint8Array(PUZZLE), 33)).toThrow(RangeError);
  expect(() => seedOf({ key: new Uint8Array(16), nonce: new Uint8Array(12), generation: 0 }, 49)).toThrow(RangeError);
});

test('broken on purpose: with one salt and seed for all, one search opens every message', async () => {
  const salt = new Uint8Array(16);
  const mask = createHash('sha256').update(salt).update(Buffer.from([0, 0, 0, 0, 0, 0, 0, 77])).digest();
  const shared = ({ key, nonce }: MessageKey): Uint8Array => {
    const content = Buffer.concat([key, nonce, Buffer.alloc(4)]);
    return Buffer.concat([salt, content.map((byte, i) => byte ^ (mask[i] ?? 0))]);
  };
  const opened = async (made: (key: MessageKey) => Uint8Array): Promise<number> => {
    const { wire } = await talk(await openWorld(small, 'shared salt'), { accompany: ({ key }) => Promise.resolve(made(key)) });
    const messages = wire.filter((m) => m.kind === 'application');
    const found = searchSeed(puzzleOf(messages[0]), 12);
    let count = 0;
    for (const message of messages) {
      const content = openPuzzle(puzzleOf(message), found.seed ?? -1);
      if (content && (await openWithMessageKey(message.bytes, content.key, content.nonce)) !== undefined) count += 1;
    }
    return count;
  };
  expect(await opened(shared)).toBe(8);
  expect(await opened((key) => makePuzzle(key, 12))).toBe(1);
});

function puzzleOf(message: WireMessage | undefined): Uint8Array {
  return clearPart(message?.bytes ?? new Uint8Array())?.authenticatedData ?? new Uint8Array();
}
