import { createECDH } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, fromHex, toBase64, toHex, utf8 } from '../src/bytes.ts';
import { sha256 } from '../src/crypto.ts';
import { isLowOrder } from '../src/ed25519-cofactorless.ts';
import { formatVerifierKey, isSoundKey, parseVerifierKey } from '../src/verifier-key.ts';
import { WORKED_POLICY, codeOf, testSigner } from './test-signers.ts';

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array();
const [logText = '', p384Text = ''] = WORKED_POLICY.split(/[ \n]/).filter((part) => part.includes('+'));
const keys = [testSigner('ed25519', 'log.test/a'), testSigner('ed25519-cosigner', 'witness.test/ü'), testSigner('p384-cosigner', 'nzism.log.test')].map((s) => s.verifierKey);

/** A key text with the id that its name and material ask for. */
const withId = (name: string, material: Uint8Array): string => {
  const id = sha256(concatBytes(utf8(`${name}\n`), material)).slice(0, 4);
  return `${name}+${toHex(id)}+${toBase64(material)}`;
};

test('the keys of the worked example read as an Ed25519 log and a P-384 cosigner', () => {
  expect(parseVerifierKey(logText)).toMatchObject({ name: 'log.example.test/a', kind: 'ed25519', id: hex('7d402702'), text: logText });
  const p = parseVerifierKey(p384Text);
  expect(p).toMatchObject({ name: 'nzism.log.example.test', kind: 'p384-cosigner', id: hex('9bfb8885'), text: p384Text });
  expect(p.key.length).toBe(120);
});

test('writing and reading give the same key back, also when the base64 holds a plus', () => {
  expect(keys.length).toBe(3);
  for (const key of keys) expect(parseVerifierKey(key.text)).toEqual(key);
  const plus = Array.from({ length: 50 }, (_, i) => testSigner('ed25519', 'log.test/a', `plus ${i}`).verifierKey).filter((k) => k.text.split('+').length > 3);
  expect(plus.length).toBeGreaterThan(0);
  for (const key of plus) expect(parseVerifierKey(key.text)).toEqual(key);
});

test('a name keeps its id under one kind only: 0x01 and 0x04 of one key have different ids', () => {
  const { key } = testSigner('ed25519', 'a.test').verifierKey;
  expect(formatVerifierKey('a.test', 'ed25519', key).id).not.toEqual(formatVerifierKey('a.test', 'ed25519-cosigner', key).id);
});

test('every key text with one character changed, dropped or doubled is refused', () => {
  let tried = 0;
  for (const { text } of keys) {
    for (let i = 0; i < text.length; i++) {
      for (const put of ['', `${text[i] ?? ''}${text[i] ?? ''}`, 'A', 'b', '0', '+', ' ', '/', '=', '\n', '\u00a0']) {
        const changed = text.slice(0, i) + put + text.slice(i + 1);
        if (changed === text) continue;
        tried++;
        expect(codeOf(() => parseVerifierKey(changed))).toMatch(/^KEY_/);
      }
    }
  }
  expect(tried).toBeGreaterThan(3500);
});

const ed = Uint8Array.of(0x01, ...(keys[0]?.key ?? []));
test.each([
  ['nothing', '', 'KEY_FORM'],
  ['no plus', 'log.test', 'KEY_FORM'],
  ['one plus', 'log.test+7d402702', 'KEY_FORM'],
  ['an id of 7 digits', `log.test+7d40270+${toBase64(ed)}`, 'KEY_FORM'],
  ['an id in capitals', logText.replace('7d402702', '7D402702'), 'KEY_FORM'],
  ['an empty name', withId('', ed), 'KEY_NAME'],
  ['a space in the name', withId('log test', ed), 'KEY_NAME'],
  ['U+0085 in the name', withId('log\u0085test', ed), 'KEY_NAME'],
  ['U+3000 in the name', withId('log\u3000test', ed), 'KEY_NAME'],
  ['a newline in the name', withId('log\ntest', ed), 'KEY_NAME'],
  ['half a surrogate pair in the name', withId('log\ud800', ed), 'KEY_NAME'],
  ['a name of 513 characters', withId('n'.repeat(513), ed), 'KEY_NAME'],
  ['base64 without padding', p384Text.replace(/=+$/, ''), 'KEY_BASE64'],
  ['base64 of the URL alphabet', withId('log.test', ed).replace(/.$/, '_'), 'KEY_BASE64'],
  ['the id of another name', logText.replace('log.example', 'log.example2'), 'KEY_ID'],
  ['no key at all', withId('log.test', new Uint8Array()), 'KEY_FORM'],
  ['31 bytes', withId('log.test', ed.subarray(0, 32)), 'KEY_FORM'],
  ['33 bytes', withId('log.test', concatBytes(ed, Uint8Array.of(0))), 'KEY_FORM'],
  ['ECDSA', withId('log.test', concatBytes(Uint8Array.of(2), ed)), 'KEY_KIND'],
  ['an RFC 6962 log', withId('log.test', concatBytes(Uint8Array.of(5), new Uint8Array(32))), 'KEY_KIND'],
  ['ML-DSA-44', withId('log.test', concatBytes(Uint8Array.of(6), new Uint8Array(1312))), 'KEY_KIND'],
  ['0xff with another identifier', withId('log.test', concatBytes(Uint8Array.of(0xff), utf8('ecdsa-p256-sha256\0'), ed)), 'KEY_KIND'],
  ['an overlong text', `log.test+7d402702+${'A'.repeat(5000)}`, 'KEY_FORM'],
])('%s is refused with its own code', (_, text, code) => {
  expect(codeOf(() => parseVerifierKey(text))).toBe(code);
});

/** The eight points of low order: multiples of one of order 8. */
const eighth = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const lowOrder = Array.from({ length: 8 }, (_, i) => (i === 0 ? ed25519.Point.ZERO : eighth.multiplyUnsafe(BigInt(i))));

test('every key of low order is refused, in every spelling', () => {
  const canonical = lowOrder.map((point) => point.toBytes());
  expect(new Set(canonical.map(toHex)).size).toBe(8);
  const p = (1n << 255n) - 19n;
  const spellings = [...canonical];
  for (const y of [0n, 1n, p - 1n, p, p + 1n]) {
    for (const sign of [0n, 1n]) spellings.push(hex((y + (sign << 255n)).toString(16).padStart(64, '0')).toReversed());
  }
  for (const key of spellings) {
    expect(isLowOrder(key)).toBe(true);
    expect(isSoundKey('ed25519', key)).toBe(false);
    expect(codeOf(() => parseVerifierKey(withId('log.test', Uint8Array.of(1, ...key))))).toBe('KEY_WEAK');
    expect(codeOf(() => parseVerifierKey(withId('log.test', Uint8Array.of(4, ...key))))).toBe('KEY_WEAK');
  }
});

test('a sound key plus a point of low order is refused; the sound key alone is not', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 7 }), (seed, i) => {
    const key = ed25519.getPublicKey(seed);
    expect(isSoundKey('ed25519', key)).toBe(true);
    expect(isLowOrder(key)).toBe(false);
    const mixed = ed25519.Point.fromBytes(key).add(lowOrder[i] ?? ed25519.Point.ZERO).toBytes();
    expect(codeOf(() => formatVerifierKey('a.test', 'ed25519', mixed))).toBe('KEY_WEAK');
  }), { seed: 20231106, numRuns: 50 });
});

test('a P-384 key off the curve, compressed or of another curve is refused', () => {
  const good = keys[2]?.key ?? new Uint8Array();
  expect(isSoundKey('p384-cosigner', good)).toBe(true);
  for (let i = 0; i < good.length; i++) {
    const changed = Uint8Array.from(good);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(codeOf(() => formatVerifierKey('a.test', 'p384-cosigner', changed))).toBe('KEY_WEAK');
  }
  expect(codeOf(() => formatVerifierKey('a.test', 'p384-cosigner', good.subarray(1)))).toBe('KEY_FORM');
  const p256 = createECDH('prime256v1');
  expect(codeOf(() => formatVerifierKey('a.test', 'p384-cosigner', p256.generateKeys()))).toBe('KEY_FORM');
});
