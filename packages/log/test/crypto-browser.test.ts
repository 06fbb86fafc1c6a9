import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p384 } from '@noble/curves/nist.js';
import { DER } from '@noble/curves/abstract/der.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../src/bytes.ts';
import * as browser from '../src/crypto-browser.ts';
import * as node from '../src/crypto.ts';
import { ed25519Pem, testSigner } from './test-signers.ts';

const { Point } = ed25519;
const bytes = (n: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: n, maxLength: n });

/** Both verdicts, which must be one. */
function bothEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const verdict = node.verifyEd25519(key, message, signature);
  expect(browser.verifyEd25519(key, message, signature)).toBe(verdict);
  return verdict;
}
function bothP384(spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const verdict = node.verifyP384(spki, message, signature);
  expect(browser.verifyP384(spki, message, signature)).toBe(verdict);
  return verdict;
}

test('it exports what crypto.ts exports, and neither it nor what it imports names Node', async () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
  const seen = new Set(['crypto-browser.ts']);
  for (const file of seen) {
    const source = await readFile(fileURLToPath(new URL(`../src/${file}`, import.meta.url)), 'utf8');
    expect(source).not.toMatch(/from 'node:|\bBuffer\b|\bprocess\b/);
    for (const [, name] of source.matchAll(/from '\.\/([^']+)'/g)) if (name !== undefined) seen.add(name);
  }
  expect([...seen].sort()).toEqual(['bytes.ts', 'crypto-browser.ts', 'ed25519-cofactorless.ts', 'p384-spki.ts']);
});

test('the hashes agree for every length around the blocks', () => {
  for (let n = 0; n <= 300; n++) {
    const data = Uint8Array.from({ length: n }, (_, i) => (i * 7 + n) & 0xff);
    expect(toHex(browser.sha256(data))).toBe(toHex(node.sha256(data)));
    expect(toHex(browser.sha384(data))).toBe(toHex(node.sha384(data)));
  }
});

test('Ed25519: 500 honest signatures are accepted and 1,500 damaged ones refused by both', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(fc.property(bytes(32), fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(), fc.nat(), (seed, message, i, j, k) => {
    const key = ed25519.getPublicKey(seed);
    const signature = ed25519.sign(message, seed);
    const flip = (data: Uint8Array, at: number): Uint8Array => data.map((byte, x) => (x === (at >> 3) % data.length ? byte ^ (1 << (at & 7)) : byte));
    if (bothEd25519(key, message, signature)) accepted++;
    for (const verdict of [
      bothEd25519(flip(key, i), message, signature), bothEd25519(key, concatBytes(message, Uint8Array.of(j & 0xff)), signature), bothEd25519(key, message, flip(signature, k)),
    ]) if (!verdict) refused++;
  }), { seed: 20231106, numRuns: 500 });
  expect([accepted, refused]).toEqual([500, 1500]);
});

/** Every spelling of the points of low order, the sign included. */
const p = (1n << 255n) - 19n;
const eighth = fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') ?? new Uint8Array();
const LOW = [
  ...[0n, 1n, p - 1n, p, p + 1n].flatMap((y) => [0n, 1n].map((sign) => (fromHex((y + (sign << 255n)).toString(16).padStart(64, '0')) ?? new Uint8Array()).toReversed())),
  ...[1n, 3n, 5n, 7n].map((n) => Point.fromBytes(eighth).multiplyUnsafe(n).toBytes()),
];
const little = (data: Uint8Array): bigint => BigInt(`0x${toHex(data.toReversed())}`);
const scalar = (n: bigint): Uint8Array => (fromHex(n.toString(16).padStart(64, '0')) ?? new Uint8Array()).toReversed();

test('Ed25519: made-up signatures with keys and R of low or mixed order are judged by the cofactorless equation, by both', () => {
  expect(new Set(LOW.map(toHex)).size).toBe(14);
  const low = fc.constantFrom(...LOW, undefined);
  let [accepted, refused] = [0, 0];
  fc.assert(fc.property(bytes(32), low, low, bytes(32), fc.uint8Array({ maxLength: 20 }), fc.boolean(), (seed, lowA, lowR, nonce, message, pure) => {
    const { scalar: a, point } = ed25519.utils.getExtendedPublicKey(seed);
    // A = [a]B + T or T alone; R = [r]B + T' or T' alone; S = r + k·a, which the equation may or may not fulfil.
    const A = lowA === undefined ? point.toBytes() : pure ? lowA : point.add(Point.fromBytes(lowA, true)).toBytes();
    const r = Point.Fn.create(little(nonce));
    const R = lowR === undefined ? Point.BASE.multiplyUnsafe(r).toBytes() : pure ? lowR : Point.BASE.multiplyUnsafe(r).add(Point.fromBytes(lowR, true)).toBytes();
    const k = Point.Fn.create(little(sha512(concatBytes(R, A, message))));
    const S = Point.Fn.create((lowR === undefined || !pure ? r : 0n) + k * (lowA === undefined || !pure ? a : 0n));
    if (bothEd25519(A, message, concatBytes(R, scalar(S)))) accepted++;
    else refused++;
    // The same S, one order higher, is no second spelling.
    const above = S + Point.Fn.ORDER;
    expect(bothEd25519(A, message, concatBytes(R, scalar(above)))).toBe(false);
  }), { seed: 20231106, numRuns: 1000 });
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});

test('Ed25519: a clean key whose R is the identity fulfils the equation, and Node alone may not be asked: its releases differ', () => {
  const { scalar: a, point } = ed25519.utils.getExtendedPublicKey(new Uint8Array(32).fill(9));
  const [A, R, message] = [point.toBytes(), Point.ZERO.toBytes(), utf8('message')];
  const S = Point.Fn.create(little(sha512(concatBytes(R, A, message))) * a);
  expect(bothEd25519(A, message, concatBytes(R, scalar(S)))).toBe(true);
});

test('Ed25519: a key is decoded leniently, as by OpenSSL: y = p + 1 and x = 0 with a sign are the identity, under which R = [S]B holds', () => {
  const s = Point.Fn.create(1234567n);
  const signature = concatBytes(Point.BASE.multiplyUnsafe(s).toBytes(), scalar(s));
  for (const [y, sign] of [[1n, 0n], [1n, 1n], [p + 1n, 0n], [p + 1n, 1n]] as const) {
    expect(bothEd25519(scalar(y + (sign << 255n)), utf8('m'), signature)).toBe(true);
  }
});

test('Ed25519: other lengths, and keys that are no point, are refused by both and throw nothing', () => {
  const key = testSigner('ed25519', 'a').verifierKey.key;
  const message = utf8('m');
  const signature = sign(null, message, createPrivateKey(ed25519Pem('ed25519 a')));
  expect(bothEd25519(key, message, signature)).toBe(true);
  for (const n of [0, 31, 33, 63, 64, 65, 100]) {
    expect(bothEd25519(new Uint8Array(n), message, signature)).toBe(false);
    if (n !== 64) expect(bothEd25519(key, message, new Uint8Array(n))).toBe(false);
  }
  fc.assert(fc.property(bytes(32), bytes(64), (any, s) => !bothEd25519(any, message, s)), { seed: 20231106, numRuns: 200 });
});

const pair = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
const der = (r: bigint, s: bigint): Uint8Array => fromHex(DER.hexFromSig({ r, s })) ?? new Uint8Array();

test('P-384: 100 honest signatures, and those with the other s, are accepted by both; damaged ones refused', () => {
  const n = p384.Point.Fn.ORDER;
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (message, at) => {
    const signature = new Uint8Array(sign('sha384', message, pair.privateKey));
    expect(bothP384(spki, message, signature)).toBe(true);
    const { r, s } = DER.toSig(signature);
    expect(bothP384(spki, message, der(r, n - s))).toBe(true);
    expect(bothP384(spki, concatBytes(message, Uint8Array.of(0)), signature)).toBe(false);
    expect(bothP384(spki, message, signature.map((byte, i) => (i === (at >> 3) % signature.length ? byte ^ (1 << (at & 7)) : byte)))).toBe(false);
  }), { seed: 20231106, numRuns: 100 });
});

test('P-384: values out of range, every other DER, every cut and every longer signature are refused by both', () => {
  const message = utf8('m');
  const signature = new Uint8Array(sign('sha384', message, pair.privateKey));
  const { r, s } = DER.toSig(signature);
  const n = p384.Point.Fn.ORDER;
  for (const [x, y] of [[0n, s], [r, 0n], [0n, 0n], [1n, 1n], [n, s], [r, n], [r + n, s], [r, s + n], [n - r, s]] as const) expect(bothP384(spki, message, der(x, y))).toBe(false);
  for (let length = 0; length < signature.length; length++) expect(bothP384(spki, message, signature.subarray(0, length))).toBe(false);
  const [tag = 0, length = 0] = signature;
  const others: Uint8Array[] = [
    concatBytes(signature, Uint8Array.of(0)),
    Uint8Array.of(tag, 0x81, length, ...signature.subarray(2)),
    Uint8Array.of(tag, 0x80, ...signature.subarray(2), 0, 0),
    Uint8Array.of(tag, length + 1, 0x02, (signature[3] ?? 0) + 1, 0x00, ...signature.subarray(4)),
    Uint8Array.of(tag, length + 2, ...signature.subarray(2), 0x05, 0x00),
    concatBytes(scalarBig(r), scalarBig(s)),
  ];
  for (const other of others) expect(bothP384(spki, message, other)).toBe(false);
});

test('P-384: keys of another curve or algorithm, off the curve, cut or empty are refused by both', () => {
  const message = utf8('m');
  const signature = new Uint8Array(sign('sha384', message, pair.privateKey));
  const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const of256 = new Uint8Array(sign('sha384', message, p256.privateKey));
  expect(bothP384(new Uint8Array(p256.publicKey.export({ format: 'der', type: 'spki' })), message, of256)).toBe(false);
  expect(bothP384(new Uint8Array(generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })), message, signature)).toBe(false);
  for (const key of [new Uint8Array(), spki.subarray(0, 119), spki.map((byte, i) => (i === 60 ? byte ^ 1 : byte))]) expect(bothP384(key, message, signature)).toBe(false);
});

function scalarBig(n: bigint): Uint8Array {
  return fromHex(n.toString(16).padStart(96, '0')) ?? new Uint8Array();
}
