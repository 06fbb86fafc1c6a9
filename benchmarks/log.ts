/**
 * The transparency log: durable appends, a whole audit, a proof from tiles, the receipt of one record; and what memory does as logs grow.
 * Beside each the bare work in the same run: the same bytes appended to one file with as many syncs, the same entries hashed once.
 * Run with: node benchmarks/log.ts [entries ...]   (default 1000000)
 * @module
 */
import { hash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inclusionProof, parseCheckpoint, TileReader } from '@weighbridge/log';
import { CHECKPOINT, RECORD_HEADER, RecordTreeWriter, auditFolder, createLog, folderDisk, folderFiles, generateKey, makeSyntheticLog, openCell, openSequencer, proveRecord } from '@weighbridge/log/node';
import { caseAsked, machine, measuredAlone, peakMib, sizesAsked, timed } from './machine.ts';

const APPENDS = 30_000;
const WRITERS = 400;
const ENTRY_BYTES = 250;
const PROOFS = 2_000;

interface Spread { readonly p50: number; readonly p99: number; readonly max: number }

function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Writers that each wait for their receipt before they append again. Every append is on disk under a signed, published head. */
async function appends(beside: string): Promise<Record<string, unknown>> {
  const folder = join(beside, 'append');
  const origin = 'benchmark.weighbridge.invalid/log';
  const signers = { log: generateKey('ed25519', origin).signer, p384: generateKey('p384-cosigner', `${origin}/p384`).signer };
  const cell = openCell(join(folder, 'cell', 'log-cell.sqlite'), origin);
  const parts = { disk: folderDisk(join(folder, 'log')), staging: folderDisk(join(folder, 'staging')), cell, signers, now: (): bigint => BigInt(Math.floor(Date.now() / 1000)) };
  await createLog(parts);
  const sequencer = await openSequencer(parts);
  const times: number[] = [];
  const heads = new Set<string>();
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next++ < APPENDS) {
      const start = performance.now();
      const appended = await sequencer.append(randomBytes(ENTRY_BYTES));
      await appended.receipt();
      times.push(performance.now() - start);
      heads.add(Buffer.from(appended.checkpoint).toString('latin1'));
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: WRITERS }, writer)));
  await sequencer.close();
  cell.close();
  const bareMs = await bareAppends(join(folder, 'bare'), heads.size);
  return { case: 'append', entries: APPENDS, writers: WRITERS, batches: heads.size, perSecond: Math.round(APPENDS / ms * 1000), latencyMs: spreadOf(times), bareMs: Math.round(bareMs), ratio: Number((ms / bareMs).toFixed(1)), peakMib: peakMib() };
}

/** The same bytes at the end of one file, synced as often. */
async function bareAppends(path: string, batches: number): Promise<number> {
  const file = await open(path, 'w');
  try {
    const each = Math.ceil(APPENDS / batches) * ENTRY_BYTES;
    return await timed(async () => {
      for (let i = 0; i < batches; i++) {
        await file.write(randomBytes(each));
        await file.sync();
      }
    });
  } finally {
    await file.close();
  }
}

async function audit(folder: string): Promise<Record<string, unknown>> {
  const head = parseCheckpoint(await readFile(join(folder, 'log', CHECKPOINT)));
  let found = 0;
  const ms = await timed(async () => { found = (await auditFolder(join(folder, 'log'), head, { older: false })).issues.length; });
  if (found > 0) throw new Error('expected a whole log');
  const entry = Buffer.alloc(ENTRY_BYTES + 1);
  const bareMs = await timed(() => {
    for (let i = 0n; i < head.size; i++) hash('sha256', entry, 'binary');
    return Promise.resolve();
  });
  return { case: 'audit', entries: Number(head.size), ms: Math.round(ms), bareMs: Math.round(bareMs), ratio: Number((ms / bareMs).toFixed(2)), peakMib: peakMib() };
}

async function proofs(folder: string): Promise<Record<string, unknown>> {
  const files = folderFiles(join(folder, 'log'));
  const head = parseCheckpoint(await readFile(join(folder, 'log', CHECKPOINT)));
  const times: number[] = [];
  for (let i = 0; i < PROOFS; i++) {
    const reader = new TileReader(files, head.size); // nothing is remembered from one proof to the next
    times.push(await timed(() => inclusionProof(BigInt(randomInt(Number(head.size))), head.size, reader.subtree)));
  }
  return { case: 'proof', entries: Number(head.size), proofs: PROOFS, ms: spreadOf(times), peakMib: peakMib() };
}

async function records(folder: string, count: number): Promise<Record<string, unknown>> {
  const files = { salts: join(folder, 'salts'), hashes: join(folder, 'hashes') };
  const content = (i: number): string => `${RECORD_HEADER}{"_row":"${i + 1}","note":"${'x'.repeat(360)}"}`;
  const writer = new RecordTreeWriter(files);
  const ms = await timed(async () => {
    for (let i = 0; i < count; i++) writer.add(content(i));
    await writer.finish();
  });
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const index = randomInt(count);
    times.push(await timed(() => proveRecord(files, { submission: 'benchmark', index: BigInt(index), content: Buffer.from(content(index)) })));
  }
  return { case: 'records', records: count, commitPerSecond: Math.round(count / ms * 1000), receiptMs: spreadOf(times), peakMib: peakMib() };
}

const CASES = ['append', 'audit', 'proof', 'records'] as const;
const own = caseAsked(CASES);

async function measureSize(folder: string, size: number, whole: boolean): Promise<void> {
  const made = await timed(() => makeSyntheticLog(folder, { entries: size, seed: 1 }));
  await writeFile(join(folder, 'size'), String(size));
  process.stderr.write(`a log of ${size.toLocaleString('en')} entries made in ${(made / 1000).toFixed(1)} s, ${peakMib()} MiB\n`);
  for (const name of whole ? CASES : ['audit']) {
    const result = measuredAlone(import.meta.filename, name, folder);
    process.stderr.write(`${JSON.stringify(result)}\n`);
    process.stdout.write(`${JSON.stringify({ benchmark: 'log', ...result, machine: machine() })}\n`);
  }
}

if (own) {
  const size = (await readFile(join(own.path, 'size'), 'utf8')).trim();
  const run = { append: appends, audit, proof: proofs, records: (folder: string) => records(folder, Number(size)) }[own.what];
  const result = await run(own.path);
  process.stdout.write(JSON.stringify(result));
} else {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-bench-'));
  try {
    for (const entries of sizesAsked([1_000_000])) for (const size of [entries / 10, entries]) await measureSize(join(folder, String(size)), size, size === entries);
  } finally {
    await rm(folder, { recursive: true });
  }
}
