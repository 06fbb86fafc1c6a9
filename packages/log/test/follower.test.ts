import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { utf8 } from '../src/bytes.ts';
import { parseCheckpoint } from '../src/checkpoint.ts';
import { checkEquivocation } from '../src/equivocation.ts';
import { followFolder } from '../src/follower.ts';
import { checkPolicy, parsePolicy } from '../src/policy.ts';
import type { Witness } from '../src/witness.ts';
import { openWitnessFolder } from '../src/witness-folder.ts';
import { TestLog } from './test-log.ts';
import { testSigner } from './test-signers.ts';

const NOW = 1_700_000_000n;
const signer = testSigner('ed25519', 'log.test/a');
const vkey = signer.verifierKey;
const log = TestLog.of(signer, 700);

const cleanUp: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-follow-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function witnessOf(name = 'witness.test/w', p384 = false): Promise<Witness> {
  const { witness, close } = await openWitnessFolder({ folder: await folderOf(), name, logs: [vkey], p384, now: () => NOW });
  cleanUp.push(close);
  return witness;
}

async function published(from: TestLog, size: number, checkpoint?: Uint8Array): Promise<string> {
  const folder = await folderOf();
  await from.publish(folder, size, checkpoint);
  return folder;
}

async function asyncCodeOf(call: () => Promise<unknown>): Promise<string> {
  return await call().then(() => 'accepted', (error: unknown) => (error instanceof Refusal ? error.code : String(error)));
}

test('a log is followed through its sizes, and its checkpoint carries the lines of all who cosigned', async () => {
  const [a, b] = [await witnessOf('witness.test/a', true), await witnessOf('witness.test/b')];
  const keys = [...a.verifierKeys, ...b.verifierKeys];
  const policy = parsePolicy(`log ${vkey.text}\n${keys.map((key, i) => `witness W${i} ${key.text}\n`).join('')}group G all W0 W1 W2\nquorum G\n`);
  const folder = await folderOf();
  for (const size of [0, 1, 255, 256, 257, 300, 700, 700]) {
    await log.publish(folder, size);
    expect(await followFolder(a, folder)).toMatchObject({ kind: 'cosigned', published: true });
    expect(await followFolder(b, folder)).toMatchObject({ kind: 'cosigned', published: true });
    const checkpoint = await readFile(join(folder, 'checkpoint'));
    expect(checkPolicy(policy, checkpoint)).toMatchObject({ checkpoint: { size: BigInt(size) }, cosigned: [{ name: 'W0', time: NOW }, { name: 'W1' }, { name: 'W2' }] });
    expect(parseCheckpoint(checkpoint).note.signatures.length).toBe(4);
  }
  expect(await followFolder(a, folder)).toMatchObject({ kind: 'cosigned', published: true });
  expect((await readdir(folder)).toSorted()).toEqual(['checkpoint', 'tile']);
  expect([...a.equivocations(), ...b.equivocations()]).toEqual([]);
});

test('lines that nobody here knows stay where they are', async () => {
  const strangers = [testSigner('ed25519-cosigner', 'witness.test/x'), testSigner('p384-cosigner', 'nzism.log.test')];
  const folder = await published(log, 7, log.head(7, strangers));
  const before = parseCheckpoint(await readFile(join(folder, 'checkpoint'))).note.signatures.map(({ line }) => line);
  await followFolder(await witnessOf(), folder);
  const after = parseCheckpoint(await readFile(join(folder, 'checkpoint'))).note.signatures.map(({ line }) => line);
  expect([after.slice(0, 3), after.length]).toEqual([before, 4]);
});

test('a fork is proved from the folder, whatever the sizes, and nothing is cosigned', async () => {
  const fork = TestLog.of(signer, 700, 150);
  for (const [stored, size] of [[300, 300], [300, 301], [256, 700], [151, 152], [257, 699]] as const) {
    const witness = await witnessOf();
    await followFolder(witness, await published(log, stored));
    const folder = await published(fork, size);
    const followed = await followFolder(witness, folder);
    if (followed.kind !== 'equivocation') throw new Error(`expected an equivocation, got ${followed.kind}`);
    expect(checkEquivocation(followed.evidence, [vkey])).toMatchObject({ proved: true, first: { size: BigInt(stored) }, second: { size: BigInt(size) } });
    expect(witness.equivocations()).toEqual([{ origin: 'log.test/a', id: followed.id, evidence: followed.evidence }].map((kept) => ({ ...kept, evidence: new Uint8Array(kept.evidence) })));
    expect(witness.head('log.test/a')?.size).toBe(BigInt(stored));
    expect(await readFile(join(folder, 'checkpoint'))).toEqual(Buffer.from(fork.head(size)));
  }
});

test('a smaller head is no proof by itself; where the larger tree’s tiles still lie there, it is checked against them', async () => {
  const witness = await witnessOf();
  const folder = await published(log, 300);
  await followFolder(witness, folder);
  await writeFile(join(folder, 'checkpoint'), log.head(200));
  expect(await followFolder(witness, folder)).toMatchObject({ kind: 'behind', stored: 300n, checked: true });
  expect(await followFolder(witness, await published(log, 200))).toMatchObject({ kind: 'behind', stored: 300n, checked: false });
  const fork = TestLog.of(signer, 200, 150);
  expect(await followFolder(witness, await published(fork, 200))).toMatchObject({ kind: 'behind', checked: false });
  expect(witness.equivocations()).toEqual([]);
  await writeFile(join(folder, 'checkpoint'), fork.head(200));
  const followed = await followFolder(witness, folder);
  expect(followed.kind).toBe('equivocation');
  expect(checkEquivocation(witness.equivocations()[0]?.evidence ?? new Uint8Array(), [vkey])).toMatchObject({ first: { size: 200n }, second: { size: 300n } });
});

test('a folder that cannot be followed is refused with its own code, and nothing is remembered', async () => {
  const witness = await witnessOf();
  const other = TestLog.of(testSigner('ed25519', 'log.test/b'), 9);
  const impostor = new TestLog(testSigner('ed25519', 'log.test/a', 'an impostor'), log.entries.slice(0, 9));
  const gone = await published(log, 300);
  await rm(join(gone, 'tile/0/001.p/44'));
  const short = await published(log, 300);
  await writeFile(join(short, 'tile/0/001.p/44'), new Uint8Array(44 * 32 - 1));
  const damaged = await published(log, 300);
  const tile = await readFile(join(damaged, 'tile/0/001.p/44'));
  await writeFile(join(damaged, 'tile/0/001.p/44'), tile.fill(1, 40, 41));
  const cases: readonly (readonly [string, string])[] = [
    [await folderOf(), 'FOLLOW_CHECKPOINT_MISSING'], [await published(log, 9, utf8('nothing')), 'NOTE_UNSIGNED'], [await published(other, 9), 'FOLLOW_LOG_UNKNOWN'],
    [await published(impostor, 9), 'NOTE_KEY_UNKNOWN'], [await published(log, 9, utf8(Buffer.from(log.head(9)).toString().replace('\n9\n', '\n8\n'))), 'NOTE_SIGNATURE_FALSE'],
    [short, 'TILE_LENGTH'], [damaged, 'FOLLOW_TILES'],
  ];
  for (const [folder, code] of cases) expect([code, await asyncCodeOf(() => followFolder(witness, folder))]).toEqual([code, code]);
  expect(witness.head('log.test/a')).toBeNull();
  await followFolder(witness, await published(log, 257));
  expect(await asyncCodeOf(() => followFolder(witness, gone))).toBe('TILE_MISSING');
  expect(await asyncCodeOf(() => followFolder(witness, damaged))).toBe('EVIDENCE_TILES');
  expect([witness.head('log.test/a')?.size, witness.equivocations()]).toEqual([257n, []]);
});

test('several witnesses at once leave all their lines', { timeout: 60_000 }, async () => {
  const witnesses = await Promise.all(Array.from({ length: 4 }, (_, i) => witnessOf(`witness.test/${i}`)));
  const folder = await published(log, 300);
  const followed = await Promise.all(witnesses.map((witness) => followFolder(witness, folder)));
  // One that came between two others may have to look again.
  for (const [i, one] of followed.entries()) if (one.kind === 'cosigned' && !one.published) await followFolder(witnesses[i] ?? expect.fail(), folder);
  const names = parseCheckpoint(await readFile(join(folder, 'checkpoint'))).note.signatures.map(({ name }) => name);
  expect(new Set(names)).toEqual(new Set(['log.test/a', ...witnesses.map((_, i) => `witness.test/${i}`)]));
});
