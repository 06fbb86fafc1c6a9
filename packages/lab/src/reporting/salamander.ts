/**
 * One AES-GCM ciphertext that opens to two files under two keys ("invisible salamander"): the attack on attachments that
 * are reported. Source: docs/references.md#dodis-2018; GHASH as in #nist-800-38d. The files are synthetic texts in a small
 * container of chunks, which stands for picture formats that skip segments; no real format is attacked.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import type { SeededRandom } from '../random.ts';

const [TEXT, SKIP] = [0x54, 0x53];
const HEADER = 3;
const BLOCK = 16;
/** Bytes of a salamander's file: a multiple of the block. The larger, the sooner a length that fits is found. */
const FILE_BYTES = 4096;
/** Nonces tried with one call of the cipher. */
const BATCH = 512;

/** A file that shows one text. */
export function textFile(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([chunkHeader(TEXT, bytes.length), bytes]);
}

/** What a viewer shows: the first text chunk; what is skipped or comes after it is not looked at. Undefined when there is none. */
export function showFile(file: Uint8Array): string | undefined {
  const bytes = Buffer.from(file);
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const [type, length] = [bytes[at], bytes.readUInt16BE(at + 1)];
    if (type === TEXT) return bytes.toString('utf8', at + HEADER, at + HEADER + length);
    if (type !== SKIP) return undefined;
    at += HEADER + length;
  }
  return undefined;
}

export interface Salamander {
  /** Opens to the first text. */
  readonly firstKey: Uint8Array;
  /** Opens to the second text. */
  readonly secondKey: Uint8Array;
  readonly nonce: Uint8Array;
  /** Ciphertext with its tag, right under both. */
  readonly sealed: Uint8Array;
  /** Nonces tried until the container fitted. */
  readonly trials: number;
}

/**
 * Builds one: tries nonces until the header that shows the first text under one key is, under the other, a chunk to be
 * skipped of a length that reaches past it; writes the second text there; and solves the last block, which neither viewer
 * looks at, so that one tag is right under both keys. `cipherKey` derives the AES key as the attacked scheme does.
 */
export function buildSalamander(random: SeededRandom, first: string, second: string, cipherKey: (key: Uint8Array) => Uint8Array): Salamander {
  const [shown, hidden] = [textFile(first), textFile(second)];
  const [firstKey, secondKey] = [random.bytes(32), random.bytes(32)];
  const [a, b] = [cipherKey(firstKey), cipherKey(secondKey)];
  const { nonce, at, trials } = searchNonce(random, a, b, shown, FILE_BYTES - BLOCK - hidden.length);
  const ciphertext = Buffer.from(random.bytes(FILE_BYTES));
  ciphertext.set(xor(shown, keystream(a, nonce)), 0);
  ciphertext.set(xor(hidden, keystream(b, nonce).subarray(at)), at);
  ciphertext.set(solveLastBlock(ciphertext, a, b, nonce), FILE_BYTES - BLOCK);
  return { firstKey, secondKey, nonce, sealed: Buffer.concat([ciphertext, gcmTag(ciphertext, a, nonce)]), trials };
}

/** A nonce under which the second viewer skips from the first header to `at`, after what is shown and at most `latest`. */
function searchNonce(random: SeededRandom, a: Uint8Array, b: Uint8Array, shown: Uint8Array, latest: number): { nonce: Uint8Array; at: number; trials: number } {
  const prefix = random.bytes(8);
  for (let batch = 0; ; batch += 1) {
    const nonces = Array.from({ length: BATCH }, (_, i) => nonceOf(prefix, batch * BATCH + i));
    const blocks = Buffer.concat(nonces.map((nonce) => counterBlock(nonce, 2)));
    const difference = Buffer.from(xor(encryptBlocks(a, blocks), encryptBlocks(b, blocks)));
    for (const [i, nonce] of nonces.entries()) {
      const head = Buffer.from(xor(shown.subarray(0, HEADER), difference.subarray(i * BLOCK)));
      const at = HEADER + head.readUInt16BE(1);
      if (head[0] === SKIP && at >= shown.length && at <= latest) return { nonce, at, trials: batch * BATCH + i + 1 };
    }
  }
}

/** The tag of AES-256-GCM without associated data, from the algebra: for the solver, and to check it against the library. */
export function gcmTag(ciphertext: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  return toBytes(ghash(ciphertext, hashKey(key)) ^ tagMask(key, nonce));
}

/**
 * The last block x for which both keys give one tag. It enters GHASH as x·H², before the block of lengths, so that
 * x·(H₁² ⊕ H₂²) is the difference of everything else: one linear equation in GF(2¹²⁸).
 */
function solveLastBlock(ciphertext: Uint8Array, a: Uint8Array, b: Uint8Array, nonce: Uint8Array): Uint8Array {
  const blank = Buffer.from(ciphertext).fill(0, ciphertext.length - BLOCK);
  const [ha, hb] = [hashKey(a), hashKey(b)];
  const rest = ghash(blank, ha) ^ tagMask(a, nonce) ^ ghash(blank, hb) ^ tagMask(b, nonce);
  return toBytes(multiply(rest, invert(multiply(ha, ha) ^ multiply(hb, hb))));
}

/** GHASH of whole blocks without associated data (SP 800-38D §6.4). */
function ghash(ciphertext: Uint8Array, h: bigint): bigint {
  let sum = 0n;
  for (let at = 0; at < ciphertext.length; at += BLOCK) sum = multiply(sum ^ fromBytes(ciphertext.subarray(at, at + BLOCK)), h);
  return multiply(sum ^ BigInt(ciphertext.length * 8), h);
}

const REDUCTION = 0xe1n << 120n;

/** Product in GF(2¹²⁸) (SP 800-38D §6.3): the highest bit is the coefficient of 1. */
export function multiply(a: bigint, b: bigint): bigint {
  let [product, power] = [0n, b];
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if (((a >> bit) & 1n) === 1n) product ^= power;
    power = (power & 1n) === 1n ? (power >> 1n) ^ REDUCTION : power >> 1n;
  }
  return product;
}

/** The inverse of what is not 0: the power 2¹²⁸ − 2. */
export function invert(a: bigint): bigint {
  let [result, power] = [1n << 127n, a];
  for (let bit = 1; bit < 128; bit += 1) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

function hashKey(key: Uint8Array): bigint {
  return fromBytes(encryptBlocks(key, Buffer.alloc(BLOCK)));
}

function tagMask(key: Uint8Array, nonce: Uint8Array): bigint {
  return fromBytes(encryptBlocks(key, counterBlock(nonce, 1)));
}

/** GCM encrypts in counter mode from counter 2 on. */
function keystream(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  return encryptBlocks(key, Buffer.concat(Array.from({ length: FILE_BYTES / BLOCK }, (_, i) => counterBlock(nonce, i + 2))));
}

function nonceOf(prefix: Uint8Array, counter: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.set(prefix);
  nonce.writeUInt32BE(counter, 8);
  return nonce;
}

function counterBlock(nonce: Uint8Array, counter: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(nonce);
  block.writeUInt32BE(counter, 12);
  return block;
}

function encryptBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(blocks);
}

function chunkHeader(type: number, length: number): Buffer {
  const header = Buffer.from([type, 0, 0]);
  header.writeUInt16BE(length, 1);
  return header;
}

/** As long as the first. */
function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}

function fromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(BLOCK * 2, '0'), 'hex');
}
