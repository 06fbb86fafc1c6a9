/**
 * A log on a real disk with the test keys: folder, staging folder and cell as in a store.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCell } from '../../src/cell.ts';
import type { Cell } from '../../src/cell.ts';
import { folderDisk } from '../../src/disk.ts';
import { createLog, openSequencer } from '../../src/sequencer.ts';
import type { Sequencer } from '../../src/sequencer.ts';
import type { LogParts } from '../../src/standing.ts';
import { LOG_KEY, SIGNERS, TIME } from './base-logs.ts';

/** Opens the log, making it when there is none. */
export async function openRealLog(folder: string): Promise<{ readonly sequencer: Sequencer; readonly cell: Cell }> {
  const fresh = !existsSync(join(folder, 'log/checkpoint'));
  const cell = openCell(join(folder, 'state/cell.sqlite'), LOG_KEY.name);
  const parts: LogParts = { disk: folderDisk(join(folder, 'log')), staging: folderDisk(join(folder, 'state/staging')), cell, signers: SIGNERS, now: () => TIME };
  try {
    if (fresh) await createLog(parts);
    return { sequencer: await openSequencer(parts), cell };
  } catch (error) {
    cell.close();
    throw error;
  }
}
