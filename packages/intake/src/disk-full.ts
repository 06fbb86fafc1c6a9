/**
 * A full disk, whoever met it, as a refusal that says what to free.
 * @module
 */
import { EngineError } from '@weighbridge/engine';
import { Refusal } from '@weighbridge/base';

/** https://www.sqlite.org/rescode.html */
const SQLITE_FULL = 13;

/** Runs work; a full disk becomes Refusal `DISK_FULL`. Other errors pass as they are. */
export async function orDiskFull<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    const sqlite = (error as { errcode?: number } | undefined)?.errcode;
    const full = code === 'ENOSPC' || code === 'EDQUOT' || (sqlite !== undefined && (sqlite & 0xff) === SQLITE_FULL) || (error instanceof EngineError && error.code === 'ENGINE_DISK');
    if (!full) throw error;
    throw new Refusal([{
      code: 'DISK_FULL', severity: 'error', message: 'the disk that holds the store or the temporary files is full; nothing was recorded',
      place: {}, repair: 'free at least three times the size of the file on that disk, or name another folder for temporary files, and run the command again',
    }]);
  }
}
