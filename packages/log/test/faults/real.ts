/**
 * Faults on real disks: a writer in its own process killed at any moment, and a file system that is really full.
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Refusal } from '@weighbridge/base';
import { equalBytes, utf8 } from '../../src/bytes.ts';
import { folderFiles } from '../../src/disk.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof } from '../../src/tlog-proof.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { OWN_POLICY } from './base-logs.ts';
import { SAME, check, refusalOf, rngOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { openRealLog } from './real-log.ts';

const CHILD = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
/** Kills of one log. Two logs are killed side by side. */
const KILLS = 5;

/** A small disk needs the right to mount one. */
export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

export const REAL: readonly FaultClass[] = [
  { name: 'killed', seeds: 4, run: async (seed, rng) => { await Promise.all([killed(`${seed}a`, rng), killed(`${seed}b`, rng)]); return SAME; } },
  ...(CAN_MOUNT ? [{ name: 'disk-really-full', seeds: 8, run: reallyFull }] : []),
];
/** Kills of one fault of the class `killed`. */
export const KILLS_EACH = 2 * KILLS;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-faults-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One log, killed again and again: what was acknowledged is there each time, and the log verifies. */
async function killed(seed: string, rng: Rng): Promise<void> {
  await inFolder(async (folder) => {
    const acknowledged = new Map<number, string>();
    for (let kill = 0; kill < KILLS; kill++) {
      await killOnce(folder, `${seed}.${kill}`, rng.int(kill === 0 ? 400 : 160), acknowledged);
      await examine(folder, acknowledged);
    }
  });
}

/** Starts a writer, lets it live so many milliseconds from its first sign of life, kills it, and takes down what it acknowledged. */
async function killOnce(folder: string, label: string, ms: number, acknowledged: Map<number, string>): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, label], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => { resolve(signal); }));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended]);
  await setTimeout(ms);
  child.kill('SIGKILL');
  check(await ended === 'SIGKILL', 'the writer ended by itself');
  for (const [, index, entry] of text.matchAll(/^(\d+) (.+)\n/gm)) {
    const before = acknowledged.get(Number(index));
    check(before === undefined || before === entry, `index ${index ?? ''} was given out twice`);
    acknowledged.set(Number(index), entry ?? '');
  }
}

async function examine(folder: string, acknowledged: ReadonlyMap<number, string>): Promise<void> {
  const { sequencer, cell } = await openRealLog(folder);
  cell.close();
  const files = folderFiles(join(folder, 'log'));
  const { head } = await verifyLog(files, { policy: OWN_POLICY });
  check(head.size === sequencer.size, 'the folder does not show the head that is kept');
  const reader = new TileReader(files, head.size);
  for (const [index, entry] of acknowledged) check(BigInt(index) < head.size && equalBytes(await reader.entry(BigInt(index)), utf8(entry)), `the acknowledged entry ${index} is gone`);
}

/** A file system of some kilobytes: the log stops when it is full, keeps everything, and goes on when there is room again. */
async function reallyFull(seed: number, rng: Rng): Promise<string> {
  return await inFolder(async (parent) => {
    const folder = join(parent, 'disk');
    mkdirSync(folder);
    const size = 200 + 37 * seed;
    check(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', folder]).status === 0, 'a small disk could not be mounted');
    try {
      return await fill(folder, size, rng);
    } finally {
      spawnSync('umount', ['-l', folder]);
    }
  });
}

async function fill(folder: string, size: number, rng: Rng): Promise<string> {
  const promised: { index: bigint; entry: Uint8Array; receipt: string }[] = [];
  const { sequencer, cell } = await openRealLog(folder);
  let code = '';
  for (let i = 0; code === '' && i < 2000; i++) {
    const entry = rngOf('full', i).bytes(500 + rng.int(4000));
    try {
      const { index, receipt } = await sequencer.append(entry);
      promised.push({ index, entry, receipt: await receipt() });
    } catch (error) {
      code = error instanceof Refusal ? error.code : String((error as { code?: unknown }).code);
    }
  }
  check(['ENOSPC', 'LOG_UNACKNOWLEDGED'].includes(code), `a full disk gave ${code}`);
  check(spawnSync('mount', ['-o', `remount,size=${size + 2000}k`, folder]).status === 0, 'the disk could not be made larger');
  const outcome = await refusalOf(() => sequencer.append(utf8('room again')));
  check(outcome.refusal === undefined, `the log does not go on: ${outcome.refusal?.code ?? ''}`);
  cell.close();
  await examine(folder, new Map());
  const reader = new TileReader(folderFiles(join(folder, 'log')), sequencer.size);
  for (const { index, entry, receipt } of promised) {
    check(equalBytes(await reader.entry(index), entry), `the acknowledged entry ${index} is gone`);
    checkTlogProof(OWN_POLICY, utf8(receipt), entry);
  }
  return code;
}
