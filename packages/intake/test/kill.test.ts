import { spawn } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha384File } from '@weighbridge/base/node';
import { verifyStoreLog } from './store-log.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lock, tryLock } from '../src/lock.ts';
import { openStore, submitFile } from '../src/index.ts';
import { Fixture, HEADER } from './fixture.ts';

const CHILD = fileURLToPath(new URL('submit-child.ts', import.meta.url));
let fixture: Fixture;
let file: string;
beforeAll(async () => {
  fixture = await Fixture.make();
  const records = Array.from({ length: 20_000 }, (_, i) => `D${i},01,2020-03-01,true,${i % 1000},note ${i}`);
  file = await fixture.write('return.csv', [HEADER, ...records, ''].join('\n'));
});
afterAll(() => fixture.dispose());

interface Ended {
  readonly lines: string[];
  readonly signal: NodeJS.Signals | null;
}

/** Runs a submission; `kill` says when it dies: some time after a stage began, or before the n-th file operation of its commit. */
async function submission(storeFolder: string, path: string, kill: { stage?: string; delayMs?: number; operation?: number }): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD, fixture.folder, storeFolder, path, String(kill.operation ?? 0)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((l) => l !== ''));
    if (kill.stage !== undefined && lines.includes(kill.stage)) setTimeout(() => child.kill('SIGKILL'), kill.delayMs);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, s) => {
    resolve(s);
  }));
  return { lines, signal };
}

/** The store after a run that ended somehow: whole or as before; the same command then completes it. */
async function expectWholeOrAbsent(folder: string, path: string, lines: readonly string[], rows: number): Promise<boolean> {
  const store = await openStore(folder);
  const before = await store.submissions();
  expect(before.length).toBeLessThanOrEqual(1);
  if (lines.some((l) => l.startsWith('receipt'))) expect(before).toHaveLength(1); // acknowledged is never lost
  for (const { manifest } of before) {
    for (const hash of [manifest.original.sha384, manifest.sealed.sha384]) expect(await sha384File(store.objectPath(hash))).toBe(hash);
  }
  for (const name of await readdir(join(folder, 'objects'))) expect(await sha384File(join(folder, 'objects', name))).toBe(name); // no half object
  const done = await submitFile({ file: path, collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'devices' });
  if (before.length === 1) expect(done.already).toBe(true); // one that was committed and not yet shown is found by the writer
  expect(done.manifest).toMatchObject({ edition: 1, rows });
  await verifyStoreLog(store);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  return before.length === 1;
}

test.each([['copy', 0], ['read', 0], ['read', 40], ['checked', 0], ['seal', 0], ['seal', 30], ['commit', 0], ['commit', 5]])(
  'killed %s + %i ms: the submission is whole or absent, and the same command completes it', async (stage, delayMs) => {
    const folder = fixture.path(`store-${stage}-${delayMs}`);
    const { lines } = await submission(folder, file, { stage, delayMs });
    await expectWholeOrAbsent(folder, file, lines, 20_000);
    await rm(folder, { recursive: true });
  }, 120_000);

test('killed before every third file operation of its commit: whole or absent, and absent before whole', async () => {
  const small = await fixture.write('small.csv', `${HEADER}\nD1,01,2020-03-01,true,1,x\n`);
  const outcomes: boolean[] = [];
  for (let operation = 1; ; operation += 3) { // the log’s own operations are failed one by one in its own tests
    const folder = fixture.path(`store-operation-${operation}`);
    await (await openStore(folder)).policy(); // the log is there: ends in its making are a test of the log's own
    const { lines, signal } = await submission(folder, small, { operation });
    outcomes.push(await expectWholeOrAbsent(folder, small, lines, 1));
    if (signal === null) break; // it had fewer operations: every one was tried
  }
  expect(outcomes.length).toBeGreaterThan(15);
  expect(outcomes.at(-1)).toBe(true);
  expect(outcomes).toEqual([...outcomes].sort((a, b) => Number(a) - Number(b)));
  expect(outcomes.slice(0, -1)).toContain(true); // some kill fell between the log entry and the answer
}, 300_000);

test('two processes submitting to one store at once both complete', async () => {
  const folder = fixture.path('store-two');
  const other = await fixture.write('other.csv', `${HEADER}\nD1,01,2020-03-01,true,1,x\n`);
  const run = (path: string): Promise<number | null> => new Promise((resolve) => {
    spawn(process.execPath, [CHILD, fixture.folder, folder, path], { stdio: 'ignore' }).on('close', resolve);
  });
  expect(await Promise.all([run(file), run(other)])).toEqual([0, 0]);
  const store = await openStore(folder);
  expect((await store.submissions()).map((s) => s.source.edition)).toEqual([1, 2]);
  await verifyStoreLog(store);
}, 120_000);

test('a lock held elsewhere is waited for, then refused as busy; a killed holder frees it', async () => {
  const path = fixture.path('lock.sqlite');
  const holder = spawn(process.execPath, ['--input-type=module', '-e', `
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(${JSON.stringify(path)});
    db.exec('BEGIN EXCLUSIVE');
    process.stdout.write('held');
    setInterval(() => db, 1000);`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  expect(tryLock(path)).toBeUndefined();
  await expect(lock(path, 200)).rejects.toMatchObject({ code: 'STORE_BUSY' });
  const waiting = lock(path, 10_000);
  holder.kill('SIGKILL');
  (await waiting).release();
  const again = tryLock(path);
  expect(again).toBeDefined();
  again?.release();
});

