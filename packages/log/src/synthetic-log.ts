/**
 * A log of synthetic entries, seeded and labelled so, for trying verifiers on: of any size, in the layout of every other log.
 * @module
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse, sha384 } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import { openCell } from './cell.ts';
import { folderDisk } from './disk.ts';
import { encodeEntry } from './entry.ts';
import { generateKey } from './keys.ts';
import { createLog, openSequencer } from './sequencer.ts';
import type { LogParts } from './standing.ts';
import { ownPolicy } from './event-log.ts';

export interface SyntheticLogOptions {
  readonly entries: number;
  readonly seed: number;
  readonly origin?: string;
  readonly onProgress?: (done: number) => void;
}

/** One day in 2026, for entries that never happened. */
const EPOCH = 1_767_225_600n;
const BATCH = 4096;

/**
 * Makes a log in `folder`: `log/` holds what is served, `policy` whom to believe. Entries are the same for the same seed, keys are new.
 * @throws Refusal `LOG_EXISTS` when the folder is not empty
 */
export async function makeSyntheticLog(folder: string, options: SyntheticLogOptions): Promise<{ readonly policyFile: string }> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) refuse('LOG_EXISTS', 'the folder is not empty', { file: folder }, 'name a folder that does not exist');
  const origin = options.origin ?? 'synthetic.weighbridge.invalid/log';
  const signers = { log: generateKey('ed25519', origin).signer, p384: generateKey('p384-cosigner', `${origin}/p384`).signer };
  const cell = openCell(join(folder, 'state', 'log-cell.sqlite'), origin);
  const parts: LogParts = { disk: folderDisk(join(folder, 'log')), staging: folderDisk(join(folder, 'state')), cell, signers, now: () => EPOCH };
  try {
    await createLog(parts);
    const sequencer = await openSequencer(parts);
    for (let done = 0; done < options.entries; done += BATCH) {
      options.onProgress?.(done);
      const indexes = Array.from({ length: Math.min(BATCH, options.entries - done) }, (_, i) => done + i);
      await Promise.all(indexes.map((i) => sequencer.append(syntheticEntry(options.seed, i))));
    }
    await sequencer.close();
  } finally {
    cell.close();
  }
  const policyFile = join(folder, 'policy');
  await writeFileDurably(policyFile, ownPolicy(signers));
  return { policyFile };
}

/** The entry number `index` of a seed: a commitment to nothing. */
export function syntheticEntry(seed: number, index: number): Uint8Array {
  const commitment = sha384(`synthetic ${seed} ${index}`);
  return encodeEntry({ kind: 'authorisation', agency: 'synthetic', event: 'synthetic', commitment }, EPOCH + BigInt(index));
}
