import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUtf8, toBase64, utf8 } from '../src/bytes.ts';
import { checkpointText } from '../src/checkpoint.ts';
import { parsePolicy } from '../src/policy.ts';
import { cosign, formatNote, signNote } from '../src/signed-note.ts';
import { checkTlogProof, formatTlogProof, parseTlogProof } from '../src/tlog-proof.ts';
import { SHA256_TREE as TREE } from '../src/tree-hash.ts';
import { WORKED_CHECKPOINT, WORKED_POLICY, codeOf, testSigner } from './test-signers.ts';

const ORIGIN = 'log.test/a';
const log = testSigner('ed25519', ORIGIN);
const nzism = testSigner('p384-cosigner', 'nzism.log.test');
const policy = parsePolicy(`log ${log.verifierKey.text}\nwitness P ${nzism.verifierKey.text}\nquorum P\n`);
const entries = Array.from({ length: 7 }, (_, i) => utf8(`entry ${i}`));

/** Root and proof from the definition of RFC 6962 §2.1, kept naive on purpose. */
function naive(leaves: readonly Uint8Array[], index = -1): { root: Uint8Array; proof: Uint8Array[] } {
  const [only] = leaves;
  if (only === undefined) return { root: TREE.empty, proof: [] };
  if (leaves.length === 1) return { root: TREE.leaf(only), proof: [] };
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  const left = naive(leaves.slice(0, k), index);
  const right = naive(leaves.slice(k), index - k);
  return { root: Uint8Array.from(TREE.node(left.root, right.root)), proof: index < k ? [...left.proof, right.root] : [...right.proof, left.root] };
}

function receipt(index: number, extra?: Uint8Array): string {
  const { root, proof } = naive(entries, index);
  const text = checkpointText(ORIGIN, BigInt(entries.length), root);
  const checkpoint = utf8(formatNote(text, [signNote(text, log), cosign(text, nzism, 1767139200n)]));
  return formatTlogProof({ index: BigInt(index), proof, checkpoint, ...(extra ? { extra } : {}) });
}
const bytesOf = (text: string): Uint8Array => utf8(text);
const entry = (i: number): Uint8Array => entries[i] ?? new Uint8Array();

test('a receipt proves its entry, and none of the others', () => {
  for (const i of entries.keys()) {
    const bytes = bytesOf(receipt(i));
    for (const j of entries.keys()) {
      const check = (): unknown => checkTlogProof(policy, bytes, entry(j));
      if (i === j) expect(check()).toMatchObject({ index: BigInt(i), cosigned: [{ name: 'P', time: 1767139200n }] });
      else expect(codeOf(check)).toBe('PROOF_FALSE');
    }
  }
});

test('the worked example is a receipt without hashes', () => {
  const bytes = bytesOf(`c2sp.org/tlog-proof@v1\nindex 0\n\n${WORKED_CHECKPOINT}`);
  const worked = parsePolicy(WORKED_POLICY);
  expect(checkTlogProof(worked, bytes, utf8('hello')).index).toBe(0n);
  expect(codeOf(() => checkTlogProof(worked, bytes, utf8('Hello')))).toBe('PROOF_FALSE');
  expect(codeOf(() => checkTlogProof(worked, bytesOf(`c2sp.org/tlog-proof@v1\nindex 1\n\n${WORKED_CHECKPOINT}`), utf8('hello')))).toBe('PROOF_INDEX');
});

test('a receipt reads back as it was written, the checkpoint byte for byte', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 50 }), { nil: undefined });
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 2n }), fc.array(hash, { maxLength: 63 }), extra, fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (index, proof, more, note) => {
    const p = { index, proof, checkpoint: utf8(note), ...(more ? { extra: more } : {}) };
    expect(parseTlogProof(bytesOf(formatTlogProof(p)))).toEqual(p);
  }), { seed: 20231106 });
});

test('extra data are carried and prove nothing', () => {
  const bytes = bytesOf(receipt(3, utf8('anything')));
  expect(parseTlogProof(bytes).extra).toEqual(utf8('anything'));
  expect(checkTlogProof(policy, bytes, entry(3)).index).toBe(3n);
  const { index, proof, checkpoint } = parseTlogProof(bytes);
  expect(formatTlogProof({ extra: new Uint8Array(), index, proof, checkpoint })).toBe(formatTlogProof({ index, proof, checkpoint }));
});

const good = receipt(3);
const hashes = good.split('\n').slice(2, 5);
test.each<[string, string, string]>([
  ['nothing', '', 'PROOF_EMPTY'],
  ['a checkpoint', WORKED_CHECKPOINT, 'PROOF_FORM'],
  ['another version', good.replace('@v1', '@v2'), 'PROOF_FORM'],
  ['a space after the first line', good.replace('@v1', '@v1 '), 'PROOF_FORM'],
  ['a byte order mark', `\ufeff${good}`, 'PROOF_FORM'],
  ['CRLF', good.replaceAll('\n', '\r\n'), 'PROOF_CRLF'],
  ['no empty line at all', good.replaceAll('\n\n', '\n'), 'PROOF_FORM'],
  ['no checkpoint', good.slice(0, good.indexOf('\n\n') + 2), 'PROOF_FORM'],
  ['two empty lines', good.replace('\n\n', '\n\n\n'), 'CHECKPOINT_ORIGIN'],
  ['no index', good.replace('index 3\n', ''), 'PROOF_INDEX'],
  ['an index with a leading zero', good.replace('index 3', 'index 03'), 'PROOF_INDEX'],
  ['a negative index', good.replace('index 3', 'index -3'), 'PROOF_INDEX'],
  ['an index of 2^63 − 1', good.replace('index 3', `index ${2n ** 63n - 1n}`), 'PROOF_INDEX'],
  ['an index not below the size', good.replace('index 3', 'index 7'), 'PROOF_INDEX'],
  ['a wrong index', good.replace('index 3', 'index 2'), 'PROOF_FALSE'],
  ['extra data after the index', good.replace('index 3\n', 'index 3\nextra AAAA\n'), 'PROOF_HASH'],
  ['extra data that are empty', good.replace('index', 'extra \nindex'), 'PROOF_EXTRA'],
  ['extra data with other padding bits', good.replace('index', 'extra AB==\nindex'), 'PROOF_EXTRA'],
  ['extra data twice', good.replace('index', 'extra AAAA\nextra AAAA\nindex'), 'PROOF_INDEX'],
  ['a hash of 31 bytes', good.replace(hashes[0] ?? '', toBase64(new Uint8Array(31))), 'PROOF_HASH'],
  ['a hash followed by a space', good.replace(hashes[0] ?? '', `${hashes[0] ?? ''} `), 'PROOF_HASH'],
  ['64 hashes', good.replace(hashes[0] ?? '', Array<string>(64).fill(toBase64(new Uint8Array(32))).join('\n')), 'PROOF_HASH'],
  ['a hash too many', good.replace('\n\n', `\n${hashes[0] ?? ''}\n\n`), 'PROOF_FALSE'],
  ['a hash too few', good.replace(`${hashes[0] ?? ''}\n`, ''), 'PROOF_FALSE'],
  ['hashes in another order', good.replace(hashes.join('\n'), hashes.toReversed().join('\n')), 'PROOF_FALSE'],
  ['three mebibytes', good + ' '.repeat(3 << 20), 'PROOF_TOO_LONG'],
])('%s is refused with its own code', (_, text, code) => {
  expect(hashes.length).toBe(3);
  expect(codeOf(() => checkTlogProof(policy, bytesOf(text), entry(3)))).toBe(code);
});

test('every flipped bit of a receipt is refused: with one mandatory cosigner nothing in it is without weight', () => {
  const bytes = bytesOf(good);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(codeOf(() => checkTlogProof(policy, changed, entry(3)))).toMatch(/^(PROOF|NOTE|CHECKPOINT|QUORUM)_/);
  }
});

test('a refusal about the checkpoint names the line of the receipt', () => {
  const torn = good.slice(0, -1);
  try {
    checkTlogProof(policy, bytesOf(torn), entry(3), { file: 'a.tlog-proof' });
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.issues[0]?.place).toEqual({ file: 'a.tlog-proof', line: torn.split('\n').length });
  }
});

test('what could not be read back is not written', () => {
  const { checkpoint } = parseTlogProof(bytesOf(good));
  expect(codeOf(() => formatTlogProof({ index: -1n, proof: [], checkpoint }))).toBe('PROOF_INDEX');
  expect(codeOf(() => formatTlogProof({ index: 0n, proof: [new Uint8Array(31)], checkpoint }))).toBe('PROOF_HASH');
  expect(codeOf(() => formatTlogProof({ index: 0n, proof: [], checkpoint: new Uint8Array() }))).toBe('PROOF_FORM');
  expect(fromUtf8(checkpoint)?.startsWith(ORIGIN)).toBe(true);
});
