import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST, digestOf, setMessage, sha256Lanes } from '../src/sha256-lanes.ts';

const lanes = sha256Lanes();

test('every lane gives the platform’s SHA-256 of a message of 0 to 55 bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: LONGEST }), (message) => {
    setMessage(lanes, message);
    lanes.hash();
    for (let lane = 0; lane < 4; lane += 1) expect(Buffer.from(digestOf(lanes, lane)).toString('hex')).toBe(hash('sha256', message));
  }), { seed: 5, numRuns: 200 });
});

test('lanes do not mix: four messages that differ in one word give their own four hashes', () => {
  const message = Buffer.alloc(24);
  setMessage(lanes, message);
  for (let lane = 0; lane < 4; lane += 1) lanes.block[5 * 4 + lane] = 1000 + lane;
  lanes.hash();
  for (let lane = 0; lane < 4; lane += 1) {
    message.writeUInt32BE(1000 + lane, 20);
    expect(Buffer.from(digestOf(lanes, lane)).toString('hex')).toBe(hash('sha256', message));
  }
});

test('a message that does not fit one block is refused', () => {
  expect(() => { setMessage(lanes, new Uint8Array(LONGEST + 1)); }).toThrow(RangeError);
});
