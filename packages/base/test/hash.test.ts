import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256, keyedHmacSha256 } from '../src/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
test.each([
  [new Uint8Array(20).fill(0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [new TextEncoder().encode('Jefe'), 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [new Uint8Array(131).fill(0xaa), 'Test Using Larger Than Block-Size Key - Hash Key First', '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
])('HMAC-SHA-256 of RFC 4231, one at a time and with a prepared key', (key, data, want) => {
  expect([hex(hmacSha256(key, data)), hex(keyedHmacSha256(key)(data))]).toEqual([want, want]);
});

test('with a prepared key every text has the same bytes as without, whatever came before it', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.string({ maxLength: 2000 }), fc.constant('\ud800')), { maxLength: 5 }), (key, texts) => {
    const keyed = keyedHmacSha256(key);
    expect(texts.map((t) => hex(keyed(t)))).toEqual(texts.map((t) => hex(hmacSha256(key, t))));
  }), { seed: 20231106 });
});
