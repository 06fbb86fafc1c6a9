/**
 * The page's own cryptography in a real browser, against the signatures of others in `../shared/vectors`: read in place, every set whole.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleForBrowser } from '../../scripts/build-verifier.ts';
import { browserPresent, openVerifier } from '../../apps/verifier/test/open-verifier.ts';
import type { OpenPage, Verifier } from '../../apps/verifier/test/open-verifier.ts';

const VECTORS = fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const ENTRY = fileURLToPath(new URL('../../apps/verifier/test/crypto-page.ts', import.meta.url));
const present = existsSync(VECTORS) && browserPresent;
if (!existsSync(VECTORS)) process.stderr.write('NOT CHECKED: the test vectors are not there (expected in ../shared/vectors)\n');

const readJson = async <T>(...path: string[]): Promise<T> => JSON.parse(await readFile(join(VECTORS, ...path), 'utf8')) as T;

let folder: string;
let verifier: Verifier;
let opened: OpenPage;

beforeAll(async () => {
  if (!present) return;
  folder = await mkdtemp(join(tmpdir(), 'verifier-page-'));
  verifier = await openVerifier(`<!DOCTYPE html><meta charset="utf-8"><title>test</title><script>${await bundleForBrowser(ENTRY)}</script>`, join(folder, 'test.html'));
  opened = await verifier.open();
});

afterAll(async () => {
  if (!present) return;
  await verifier.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!present)('in the browser', () => {
  test('of 914 Ed25519 edge cases (CCTV) exactly the 208 listed are accepted', async () => {
    const all = await readJson<{ number: number; key: string; sig: string; msg: string }[]>('ed25519-edge-cases', 'ed25519vectors.json');
    const { accepted } = await readJson<{ accepted: number[] }>('ed25519-edge-cases', 'expected-accept.json');
    expect([all.length, accepted.length]).toEqual([914, 208]);
    expect(await opened.page.evaluate<number[]>(`${JSON.stringify(all)}.filter((c) => ed25519(c.key, c.msg, c.sig)).map((c) => c.number)`)).toEqual(accepted);
  });

  test('of 92 signatures of ECDSA on P-384 with SHA-384 (Wycheproof) exactly the 79 valid ones are accepted', async () => {
    const { testGroups } = await readJson<{ testGroups: { keyDer: string; tests: { tcId: number; msg: string; sig: string; result: string }[] }[] }>('ecdsa-p384-sha384', 'wycheproof-secp384r1-sha384.json');
    const all = testGroups.flatMap(({ keyDer, tests }) => tests.map((t) => ({ ...t, keyDer })));
    const valid = all.filter((t) => t.result === 'valid').map((t) => t.tcId);
    expect([all.length, valid.length]).toEqual([92, 79]);
    expect(await opened.page.evaluate<number[]>(`${JSON.stringify(all)}.filter((t) => p384(t.keyDer, t.msg, t.sig)).map((t) => t.tcId)`)).toEqual(valid);
  });

  test('nothing was asked for', () => {
    expect([opened.asked, opened.complaints]).toEqual([[], []]);
  });
});
