import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha384 } from '@weighbridge/base';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_ENTRY, openLog, openSigner, readLog, verifyLog, verifyReceipt } from '../src/index.ts';
import type { LogEntry, LoggedEntry } from '../src/index.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const release = (text: string): LogEntry => ({ kind: 'release', manifest: sha384(text) });

async function fill(...texts: string[]): Promise<void> {
  const log = await openLog(folder);
  for (const text of texts) await log.append(release(text));
  await log.close();
}

async function entries(): Promise<LoggedEntry[]> {
  const found: LoggedEntry[] = [];
  for await (const entry of readLog(folder)) found.push(entry);
  return found;
}

test('entries come back in order, each naming the hash of the line before', async () => {
  await fill('a', 'b', 'c');
  const found = await entries();
  expect(found.map((e) => e.manifest)).toEqual(['a', 'b', 'c'].map((t) => sha384(t)));
  expect(found[0]?.previous).toBe(NO_ENTRY);
  expect(found[2]?.previous).toBe(sha384(canonicalJson(found[1])));
  expect(await verifyLog(folder)).toEqual([]);
});

test('a log opened again goes on where it stopped', async () => {
  await fill('a');
  await fill('b');
  expect((await entries()).map((e) => e.index)).toEqual([0, 1]);
});

test('a last line cut anywhere is cut off on opening, and the entries before it stand', async () => {
  await fill('a', 'b');
  const path = join(folder, 'entries.ndjson');
  const whole = await readFile(path);
  const second = whole.indexOf(10) + 1;
  const lengths = Array.from({ length: whole.length - second - 1 }, (_, i) => second + 1 + i);
  expect(lengths.length).toBeGreaterThan(100);
  for (const length of lengths) {
    await writeFile(path, whole.subarray(0, length));
    expect((await verifyLog(folder)).map((i) => i.code)).toEqual(['LOG_TORN']);
    await fill();
    expect(await readFile(path)).toEqual(whole.subarray(0, second));
  }
});

test('any changed byte of a line but the last breaks the log at that line or the next', async () => {
  await fill('a', 'b', 'c');
  const path = join(folder, 'entries.ndjson');
  const whole = await readFile(path);
  const last = whole.lastIndexOf(10, whole.length - 2) + 1;
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: last - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ flip;
    await writeFile(path, damaged);
    const [issue] = await verifyLog(folder);
    expect(issue?.code).toMatch(/^LOG_(LINE|INDEX|CHAIN)$/);
    await expect(openLog(folder)).rejects.toMatchObject({ code: issue?.code });
  }), { seed: 20231106, numRuns: 200 });
});

test('a missing line is a wrong index, with its line', async () => {
  await fill('a', 'b', 'c');
  const path = join(folder, 'entries.ndjson');
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, [lines[0], lines[2], ''].join('\n'));
  expect(await verifyLog(folder)).toMatchObject([{ code: 'LOG_INDEX', place: { line: 2 } }]);
});

test('an entry with a member too many is refused: entries carry no data', async () => {
  const path = join(folder, 'entries.ndjson');
  await appendFile(path, `${canonicalJson({ ...release('a'), index: 0, previous: NO_ENTRY, note: 'x' })}\n`);
  expect(await verifyLog(folder)).toMatchObject([{ code: 'LOG_LINE', place: { line: 1 } }]);
});

test('a receipt verifies with the public key of its store and with no other', async () => {
  const signer = await openSigner(join(folder, 'keys'));
  const other = await openSigner(join(folder, 'other'));
  const log = await openLog(folder);
  const receipt = signer.sign(await log.append(release('a')));
  await log.close();
  expect(verifyReceipt(receipt, signer.publicKey)).toBe(true);
  expect(verifyReceipt(receipt, other.publicKey)).toBe(false);
  expect(verifyReceipt({ ...receipt, entry: { ...receipt.entry, index: 7 } }, signer.publicKey)).toBe(false);
  expect(verifyReceipt(receipt, 'not a key')).toBe(false);
});

test('the key is made once, is for its owner only, and signs the same position alike', async () => {
  const first = await openSigner(join(folder, 'keys'));
  const again = await openSigner(join(folder, 'keys'));
  const log = await openLog(folder);
  const position = await log.append(release('a'));
  await log.close();
  expect(again.sign(position)).toEqual(first.sign(position));
  expect((await stat(join(folder, 'keys', 'log.key'))).mode & 0o777).toBe(0o600);
});

test('a key file that is no key is refused without quoting it', async () => {
  await writeFile(join(folder, 'log.key'), 'secret');
  const error: unknown = await openSigner(folder).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'LOG_KEY' });
  expect(String(error)).not.toContain('secret');
});
