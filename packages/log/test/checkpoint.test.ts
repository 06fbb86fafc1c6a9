import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64, utf8 } from '../src/bytes.ts';
import { checkpointText, openCheckpoint, openSha384Checkpoint, parseCheckpoint, sameHead, sha384Text } from '../src/checkpoint.ts';
import type { Checkpoint } from '../src/checkpoint.ts';
import { checkPolicy, parsePolicy } from '../src/policy.ts';
import { cosign, formatNote, signNote } from '../src/signed-note.ts';
import { SHA256_TREE, SHA384_TREE } from '../src/tree-hash.ts';
import { codeOf, testSigner } from './test-signers.ts';

const ORIGIN = 'log.test/a';
const log = testSigner('ed25519', ORIGIN);
const nzism = testSigner('p384-cosigner', 'nzism.log.test');
const witnesses = ['one', 'two', 'three'].map((n) => testSigner('ed25519-cosigner', `witness.test/${n}`));
const root = SHA256_TREE.leaf(utf8('hello'));
const TEXT = checkpointText(ORIGIN, 20852163n, root);
const signed = (text: string): Uint8Array => utf8(formatNote(text, [signNote(text, log)]));
const head = (size: string, hash = toBase64(root), more = ''): Uint8Array => signed(`${ORIGIN}\n${size}\n${hash}\n${more}`);
const open = (bytes: Uint8Array): Checkpoint => openCheckpoint(bytes, log.verifierKey);

test('a checkpoint says what was written, for every size to 2^63 − 1', () => {
  const size = fc.bigInt({ min: 1n, max: (1n << 63n) - 1n });
  fc.assert(fc.property(size, fc.uint8Array({ minLength: 32, maxLength: 32 }), (n, hash) => {
    const checkpoint = open(signed(checkpointText(ORIGIN, n, hash)));
    expect(checkpoint).toMatchObject({ origin: ORIGIN, size: n, root: hash });
  }), { seed: 20231106 });
  for (const n of [1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) expect(open(signed(checkpointText(ORIGIN, n, root))).size).toBe(n);
  expect(open(signed(checkpointText(ORIGIN, 0n, SHA256_TREE.empty))).size).toBe(0n);
});

test.each<[string, Uint8Array, string]>([
  ['an empty file', new Uint8Array(), 'NOTE_EMPTY'],
  ['a head without signature', utf8(TEXT), 'NOTE_UNSIGNED'],
  ['an origin alone', signed(`${ORIGIN}\n`), 'CHECKPOINT_FORM'],
  ['no root', signed(`${ORIGIN}\n1\n`), 'CHECKPOINT_FORM'],
  ['an empty origin', signed(`\n1\n${toBase64(root)}\n`), 'CHECKPOINT_ORIGIN'],
  ['an empty line before the size', signed(`${ORIGIN}\n\n1\n${toBase64(root)}\n`), 'CHECKPOINT_SIZE'],
  ['an empty line before the root', signed(`${ORIGIN}\n1\n\n${toBase64(root)}\n`), 'CHECKPOINT_ROOT'],
  ['an empty line after the root', head('1', undefined, '\n'), 'CHECKPOINT_EXTENSION'],
  ['an extension line', head('1', undefined, 'extension\n'), 'CHECKPOINT_EXTENSION'],
  ['a leading zero', head('01'), 'CHECKPOINT_SIZE'],
  ['00', head('00'), 'CHECKPOINT_SIZE'],
  ['a plus sign', head('+1'), 'CHECKPOINT_SIZE'],
  ['a minus sign', head('-1'), 'CHECKPOINT_SIZE'],
  ['a space before the size', head(' 1'), 'CHECKPOINT_SIZE'],
  ['a space after the size', head('1 '), 'CHECKPOINT_SIZE'],
  ['a fraction', head('1.0'), 'CHECKPOINT_SIZE'],
  ['an exponent', head('1e3'), 'CHECKPOINT_SIZE'],
  ['hexadecimal', head('0x10'), 'CHECKPOINT_SIZE'],
  ['digits of another script', head('١٢'), 'CHECKPOINT_SIZE'],
  ['2^63', head(String(2n ** 63n)), 'CHECKPOINT_SIZE'],
  ['2^64', head(String(2n ** 64n)), 'CHECKPOINT_SIZE'],
  ['a root of 31 bytes', head('1', toBase64(root.subarray(1))), 'CHECKPOINT_ROOT'],
  ['a root of 48 bytes', head('1', toBase64(new Uint8Array(48))), 'CHECKPOINT_ROOT'],
  ['an empty root', head('1', ''), 'CHECKPOINT_ROOT'],
  ['a root without padding', head('1', toBase64(root).slice(0, -1)), 'CHECKPOINT_ROOT'],
  ['a root with other padding bits', head('1', toBase64(root).replace(/.=$/, (end) => (end === 'c=' ? 'd=' : 'd='))), 'CHECKPOINT_ROOT'],
  ['a root followed by a space', head('1', `${toBase64(root)} `), 'CHECKPOINT_ROOT'],
  ['size 0 with another root', head('0'), 'CHECKPOINT_ROOT'],
  ['CRLF', utf8(new TextDecoder().decode(head('1')).replaceAll('\n', '\r\n')), 'NOTE_CRLF'],
  ['a byte order mark', utf8(`\ufeff${new TextDecoder().decode(head('1'))}`), 'NOTE_BOM'],
])('%s is refused with its own code, though the log signed it', (_, bytes, code) => {
  expect(codeOf(() => open(bytes))).toBe(code);
});

test('a head is not written that could not be read', () => {
  expect(codeOf(() => checkpointText('', 1n, root))).toBe('CHECKPOINT_ORIGIN');
  expect(codeOf(() => checkpointText('a\nb', 1n, root))).toBe('CHECKPOINT_SIZE');
  expect(codeOf(() => checkpointText(ORIGIN, -1n, root))).toBe('CHECKPOINT_SIZE');
  expect(codeOf(() => checkpointText(ORIGIN, 1n << 63n, root))).toBe('CHECKPOINT_SIZE');
  expect(codeOf(() => checkpointText(ORIGIN, 1n, root.subarray(1)))).toBe('CHECKPOINT_ROOT');
  expect(codeOf(() => checkpointText(ORIGIN, 0n, root))).toBe('CHECKPOINT_ROOT');
});

test('another log, an unknown key, a false signature and a cosigner key are told apart', () => {
  const bytes = signed(TEXT);
  expect(codeOf(() => openCheckpoint(bytes, testSigner('ed25519', 'log.test/b').verifierKey))).toBe('CHECKPOINT_OTHER_ORIGIN');
  expect(codeOf(() => openCheckpoint(bytes, testSigner('ed25519', ORIGIN, 'another key').verifierKey))).toBe('NOTE_KEY_UNKNOWN');
  expect(codeOf(() => openCheckpoint(bytes, nzism.verifierKey))).toBe('KEY_KIND');
  const other = checkpointText(ORIGIN, 20852164n, root);
  expect(codeOf(() => openCheckpoint(utf8(formatNote(other, [signNote(TEXT, log)])), log.verifierKey))).toBe('NOTE_SIGNATURE_FALSE');
});

test('heads are the same by origin, size and root, whoever signed them', () => {
  const a = parseCheckpoint(signed(TEXT));
  const b = parseCheckpoint(utf8(formatNote(TEXT, [signNote(TEXT, log), cosign(TEXT, nzism, 5n)])));
  expect(sameHead(a, b)).toBe(true);
  for (const other of [{ ...a, origin: 'b' }, { ...a, size: 1n }, { ...a, root: new Uint8Array(32) }]) expect(sameHead(a, other)).toBe(false);
});

/** Every change of one byte: eight flipped bits, bytes that parsers stumble over, left out, doubled. */
function* damaged(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const puts = [...Array.from({ length: 8 }, (_, bit) => [byte ^ (1 << bit)]), [0x0a], [0x0d], [0x20], [0x2b], [0x3d], [0x00], [], [byte, byte]];
    for (const put of puts) {
      if (put.length !== 1 || put[0] !== byte) yield Uint8Array.of(...bytes.subarray(0, i), ...put, ...bytes.subarray(i + 1));
    }
  }
}

test.each([['all', 0], ['2', 1]])('with a quorum of %s of three, every change of one byte is refused or leaves the head as it was', (rule, kept) => {
  const lines = [signNote(TEXT, log), ...witnesses.map((w, i) => cosign(TEXT, w, BigInt(1767139200 + i)))];
  const bytes = utf8(formatNote(TEXT, lines));
  const policy = parsePolicy([
    `log ${log.verifierKey.text}`, ...witnesses.map((w, i) => `witness w${i} ${w.verifierKey.text}`), `group g ${rule} w0 w1 w2`, 'quorum g', '',
  ].join('\n'));
  const honest = checkPolicy(policy, bytes).checkpoint;
  const seen = { refused: 0, same: 0 };
  for (const changed of damaged(bytes)) {
    try {
      expect(sameHead(checkPolicy(policy, changed).checkpoint, honest)).toBe(true);
      seen.same++;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      seen.refused++;
    }
  }
  expect(seen.refused).toBeGreaterThan(6000);
  // With two of three, damage to the name or id of one witness makes an unknown line of it, and the note rightly holds.
  if (kept === 0) expect(seen.same).toBe(0);
  else expect(seen.same).toBeGreaterThan(100);
});

test('the note with the SHA-384 root is read under the P-384 key only', () => {
  const deep = Uint8Array.from(SHA384_TREE.leaf(utf8('hello')));
  const text = sha384Text(ORIGIN, 1n, deep);
  expect(text).toBe(`${ORIGIN}/sha384\n1\n${toBase64(deep)}\n`);
  const bytes = utf8(formatNote(text, [cosign(text, nzism, 7n)]));
  expect(openSha384Checkpoint(bytes, ORIGIN, nzism.verifierKey)).toEqual({ size: 1n, root: deep, time: 7n });
  expect(codeOf(() => openSha384Checkpoint(bytes, 'log.test/b', nzism.verifierKey))).toBe('CHECKPOINT_OTHER_ORIGIN');
  expect(codeOf(() => openSha384Checkpoint(bytes, ORIGIN, log.verifierKey))).toBe('KEY_KIND');
  expect(codeOf(() => openSha384Checkpoint(bytes, ORIGIN, testSigner('p384-cosigner', 'x.test').verifierKey))).toBe('NOTE_KEY_UNKNOWN');
  expect(codeOf(() => openSha384Checkpoint(utf8(formatNote(text, [cosign(`${text}more\n`, nzism, 7n)])), ORIGIN, nzism.verifierKey))).toBe('NOTE_SIGNATURE_FALSE');
  // Neither head can pass for the other: the roots differ in length, the origins in their end.
  expect(codeOf(() => parseCheckpoint(bytes))).toBe('CHECKPOINT_ROOT');
  expect(codeOf(() => openSha384Checkpoint(utf8(formatNote(TEXT, [cosign(TEXT, nzism, 7n)])), ORIGIN, nzism.verifierKey))).toBe('CHECKPOINT_ROOT');
  expect(openSha384Checkpoint(utf8(formatNote(sha384Text(ORIGIN, 0n, SHA384_TREE.empty), [cosign(sha384Text(ORIGIN, 0n, SHA384_TREE.empty), nzism, 7n)])), ORIGIN, nzism.verifierKey).size).toBe(0n);
  expect(codeOf(() => sha384Text(ORIGIN, 0n, deep))).toBe('CHECKPOINT_ROOT');
});
