/**
 * Notes, checkpoints, cosignatures and signatures of others, from `../shared/vectors`: read in place, every set whole, nothing kept.
 * The proofs and the witness protocol have files of their own.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../packages/log/src/bytes.ts';
import { openCheckpoint, parseCheckpoint, sameHead } from '../../packages/log/src/checkpoint.ts';
import { verifyCosignature } from '../../packages/log/src/cosignature.ts';
import * as browser from '../../packages/log/src/crypto-browser.ts';
import * as node from '../../packages/log/src/crypto.ts';
import { checkPolicy, parsePolicy } from '../../packages/log/src/policy.ts';
import { formatNote, parseNote, verifySignature } from '../../packages/log/src/signed-note.ts';
import { SHA256_TREE } from '../../packages/log/src/tree-hash.ts';
import { isSoundKey, parseVerifierKey } from '../../packages/log/src/verifier-key.ts';
import { WORKED_CHECKPOINT, WORKED_POLICY, codeOf } from '../../packages/log/test/test-signers.ts';

const VECTORS = fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
if (!existsSync(VECTORS)) process.stderr.write('NOT CHECKED: the test vectors are not there (expected in ../shared/vectors)\n');
const describeVectors = existsSync(VECTORS) ? describe : describe.skip;

const read = async (...path: string[]): Promise<Uint8Array> => new Uint8Array(await readFile(join(VECTORS, ...path)));
const readText = (...path: string[]): Promise<string> => readFile(join(VECTORS, ...path), 'utf8');
const readJson = async <T>(...path: string[]): Promise<T> => JSON.parse(await readText(...path)) as T;
const hex = (text: string): Uint8Array => fromHex(text) ?? expect.unreachable('a vector is not hexadecimal');
const ENGINES = [['node', node], ['browser', browser]] as const;

describeVectors('C2SP signed notes', () => {
  interface Expected { readonly text: string; readonly signatures: readonly { name: string; keyIdHex: string; signatureBytes: number; cosignatureTime?: number }[] }

  test('the 4 notes parse into the 5 signatures expected, and are written again byte for byte', async () => {
    const expected = await readJson<Record<string, Expected>>('signed-note-c2sp', 'expected-parse.json');
    const files = (await readdir(join(VECTORS, 'signed-note-c2sp'))).filter((f) => f.endsWith('.note.txt'));
    expect(Object.keys(expected).sort()).toEqual(files.sort());
    let signatures = 0;
    for (const [file, { text, signatures: lines }] of Object.entries(expected)) {
      const bytes = await read('signed-note-c2sp', file);
      const note = parseNote(bytes);
      expect(note.text).toBe(text);
      expect(note.signatures.map((s) => [s.name, toHex(s.id), s.payload.length])).toEqual(lines.map((l) => [l.name, l.keyIdHex, l.signatureBytes]));
      for (const [i, { cosignatureTime }] of lines.entries()) {
        if (cosignatureTime === undefined) continue;
        expect(new DataView(Uint8Array.from(note.signatures[i]?.payload ?? []).buffer).getBigUint64(0)).toBe(BigInt(cosignatureTime));
      }
      expect(utf8(formatNote(note.text, note.signatures))).toEqual(bytes);
      signatures += lines.length;
    }
    expect([files.length, signatures]).toEqual([4, 5]);
  });

  test('the example note verifies with the example key', async () => {
    const key = parseVerifierKey((await readText('signed-note-c2sp', 'example.vkey.txt')).trimEnd());
    expect(key).toMatchObject({ name: 'example.com/foo', kind: 'ed25519' });
    const note = parseNote(await read('signed-note-c2sp', 'example.note.txt'));
    expect(note.signatures.map((s) => verifySignature(note, s, key))).toEqual([true]);
  });

  test('the two checkpoints among them say the same head, one of them cosigned', async () => {
    const [plain, cosigned] = await Promise.all(['checkpoint.note.txt', 'checkpoint-cosigned.note.txt'].map(async (f) => parseCheckpoint(await read('signed-note-c2sp', f))));
    expect(plain).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163n });
    expect(plain && cosigned && sameHead(plain, cosigned)).toBe(true);
    // The other two are notes, not checkpoints.
    for (const [file, code] of [['example.note.txt', 'CHECKPOINT_FORM'], ['blank-line-in-text.note.txt', 'CHECKPOINT_SIZE']] as const) {
      const bytes = await read('signed-note-c2sp', file);
      expect(codeOf(() => parseCheckpoint(bytes))).toBe(code);
    }
  });
});

describeVectors('cosignatures of Sunlight', () => {
  const ROME = '000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706';
  const MILAN = '88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482';
  const CASES = [
    ['witness.example.org', 'witness/witness.v0.json', `witness/${ROME}/checkpoint`, 'rome2026h1.example.org', 2],
    ['mirror.example.org', 'witness/mirror/mirror.v0.json', `witness/mirror/${ROME}/checkpoint`, 'rome2026h1.example.org', 1],
    ['witness2.example.org', 'witness2/witness.v0.json', `witness2/${MILAN}/checkpoint`, 'milan2026h1.example.org', 1],
  ] as const;

  test.each(CASES)('%s: the key id fits, the cosignature of time 1767139200 holds, and a policy refuses the checkpoint: no log signed it', async (name, keys, path, origin, lines) => {
    const { verifier_keys: [vkey = ''] } = await readJson<{ verifier_keys: string[] }>('cosignatures-sunlight', keys);
    const key = parseVerifierKey(vkey);
    expect(key).toMatchObject({ name, kind: 'ed25519-cosigner' });
    const bytes = await read('cosignatures-sunlight', path);
    const checkpoint = parseCheckpoint(bytes);
    expect(checkpoint).toMatchObject({ origin, size: 300n });
    // The other line of the first is of type 0x05, unknown here, and is passed over.
    expect(checkpoint.note.signatures.length).toBe(lines);
    expect(checkpoint.note.signatures.map((s) => verifyCosignature(checkpoint.note, s, key)).filter((c) => c !== undefined)).toEqual([{ time: 1767139200n }]);
    expect(path).toContain(toHex(node.sha256(utf8(origin))));
    const log = parseVerifierKey('log.example.test/a+7d402702+ARda6MbQHPCXSUBnxieLZ0HlN4krNkQEeXDCUovV6VdA');
    expect(codeOf(() => checkPolicy(parsePolicy(`log ${log.text}\nwitness w ${vkey}\nquorum w\n`), bytes))).toBe('CHECKPOINT_OTHER_ORIGIN');
    // Also under a log key of that very origin, which no line is by.
    const own = await keyOf(origin, log.key);
    expect(codeOf(() => checkPolicy(parsePolicy(`log ${own}\nwitness w ${vkey}\nquorum w\n`), bytes))).toBe('NOTE_KEY_UNKNOWN');
    expect(codeOf(() => checkPolicy(parsePolicy(`log ${vkey}\nquorum none\n`), bytes))).toBe('POLICY_KEY_KIND');
  });

  test('one origin, one size, two roots: the witness and the mirror show a split view', async () => {
    const [a, b] = await Promise.all(CASES.slice(0, 2).map(async ([, , path]) => parseCheckpoint(await read('cosignatures-sunlight', path))));
    expect([a?.origin, a?.size]).toEqual([b?.origin, b?.size]);
    expect(a && b && sameHead(a, b)).toBe(false);
  });

  async function keyOf(origin: string, key: Uint8Array): Promise<string> {
    const { formatVerifierKey } = await import('../../packages/log/src/verifier-key.ts');
    return formatVerifierKey(origin, 'ed25519', key).text;
  }
});

describeVectors('the small log of Tessera', () => {
  test('all 16 checkpoints are signed by the key of the log, for the sizes 0 to 15', async () => {
    const key = parseVerifierKey((await readText('tlog-small-log', 'log.vkey.txt')).trimEnd());
    const files = (await readdir(join(VECTORS, 'tlog-small-log'))).filter((f) => f.startsWith('checkpoint.'));
    expect(files.length).toBe(16);
    for (const file of files) {
      const checkpoint = openCheckpoint(await read('tlog-small-log', file), key);
      expect(checkpoint).toMatchObject({ origin: 'example.com/log/testdata', size: BigInt(file.slice('checkpoint.'.length)) });
    }
    expect(await read('tlog-small-log', 'checkpoint')).toEqual(await read('tlog-small-log', 'checkpoint.15'));
    const policy = parsePolicy(`log ${key.text}\nquorum none\n`);
    expect(checkPolicy(policy, await read('tlog-small-log', 'checkpoint')).checkpoint.size).toBe(15n);
  });
});

describeVectors('edge cases of Ed25519 (CCTV)', () => {
  interface Case { readonly number: number; readonly key: string; readonly sig: string; readonly msg: string }
  const cases = (): Promise<Case[]> => readJson('ed25519-edge-cases', 'ed25519vectors.json');

  test.each(ENGINES)('%s: of 914 signatures exactly the 208 listed are accepted', async (_, crypto) => {
    const all = await cases();
    const { accepted } = await readJson<{ accepted: number[] }>('ed25519-edge-cases', 'expected-accept.json');
    expect([all.length, accepted.length]).toEqual([914, 208]);
    expect(all.filter((c) => crypto.verifyEd25519(hex(c.key), utf8(c.msg), hex(c.sig))).map((c) => c.number)).toEqual(accepted);
  });

  test('of the 22 distinct keys 1 may be registered', async () => {
    const keys = [...new Set((await cases()).map((c) => c.key))];
    expect(keys.length).toBe(22);
    expect(keys.filter((key) => isSoundKey('ed25519', hex(key))).length).toBe(1);
  });
});

describeVectors('ECDSA on P-384 with SHA-384 (Wycheproof)', () => {
  interface File { readonly numberOfTests: number; readonly testGroups: readonly { keyDer: string; tests: readonly { tcId: number; msg: string; sig: string; result: string }[] }[] }

  test.each(ENGINES)('%s: 79 of 92 signatures are accepted, as expected, under 72 keys that may all be registered', async (_, crypto) => {
    const { testGroups, numberOfTests } = await readJson<File>('ecdsa-p384-sha384', 'wycheproof-secp384r1-sha384.json');
    const results = testGroups.flatMap((g) => g.tests.map((t) => ({ id: t.tcId, want: t.result === 'valid', got: crypto.verifyP384(hex(g.keyDer), hex(t.msg), hex(t.sig)) })));
    expect(results.filter((r) => r.got !== r.want)).toEqual([]);
    expect([testGroups.length, numberOfTests, results.length, results.filter((r) => r.got).length]).toEqual([72, 92, 92, 79]);
    expect(testGroups.every((g) => isSoundKey('p384-cosigner', hex(g.keyDer)))).toBe(true);
  });
});

describe('the worked example of the P-384 line', () => {
  test.each(ENGINES)('%s: both lines hold over the root of the one entry hello', (_, crypto) => {
    const { checkpoint, log, cosigned } = checkPolicy(parsePolicy(WORKED_POLICY), utf8(WORKED_CHECKPOINT));
    expect(toHex(checkpoint.root)).toBe(toHex(SHA256_TREE.leaf(utf8('hello'))));
    expect(cosigned).toEqual([{ name: 'P', time: 1764000000n }]);
    const [first, second] = checkpoint.note.signatures;
    expect(first && crypto.verifyEd25519(log.key, utf8(checkpoint.note.text), first.payload)).toBe(true);
    const p384 = parsePolicy(WORKED_POLICY).witnesses.get('P');
    const message = utf8(`cosignature-p384/v1\ntime 1764000000\n${checkpoint.note.text}`);
    expect(second && p384 && crypto.verifyP384(p384.key.key, message, second.payload.subarray(8))).toBe(true);
  });
});
