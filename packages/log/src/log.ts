/**
 * The append-only log as one file of canonical JSON lines. An entry is on disk before its append resolves.
 * A last line without its newline was never acknowledged and is cut off on opening; any other damage is refused.
 * Leaves out: a lock. Whoever appends holds the store's lock.
 * @module
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import type { Issue, Sha384 } from '@weighbridge/base';
import { syncFolder } from '@weighbridge/base/node';
import { NO_ENTRY, entryLine, readLine } from './entry.ts';
import type { LineFault, LogEntry, LogPosition, LoggedEntry } from './entry.ts';

const FILE = 'entries.ndjson';
const NEWLINE = 10;

/** An open log. Close it. */
export interface Log {
  /** Number of entries. */
  readonly size: number;
  /** Every entry with its hash, in order. */
  readonly positions: readonly LogPosition[];
  /** Adds an entry; it is durable when the promise resolves. On failure the log stands as before. */
  append(entry: LogEntry): Promise<LogPosition>;
  close(): Promise<void>;
}

/**
 * Opens the log of a folder, making it when missing.
 * @throws Refusal `LOG_LINE`, `LOG_INDEX` or `LOG_CHAIN` with the line
 */
export async function openLog(folder: string): Promise<Log> {
  await mkdir(folder, { recursive: true });
  const { positions, issues, wholeBytes, bytes } = await readPositions(folder);
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
  const handle = await open(join(folder, FILE), 'a');
  if (wholeBytes < bytes) {
    await handle.truncate(wholeBytes);
    await handle.sync();
  }
  await syncFolder(folder);
  return new FileLog(handle, positions, wholeBytes);
}

/** Checks every line, index and link. Empty when the log holds; a torn last line is a warning. */
export async function verifyLog(folder: string): Promise<Issue[]> {
  const { issues, wholeBytes, bytes } = await readPositions(folder);
  if (wholeBytes === bytes) return issues;
  return [...issues, {
    code: 'LOG_TORN', severity: 'warning', message: 'the last line has no end: its writer stopped before it was acknowledged',
    place: { file: FILE }, repair: 'open the store for the next submission: the unfinished line is cut off',
  }];
}

/** Every entry, in order. @throws Refusal as {@link openLog} does; changes nothing. */
export async function* readLog(folder: string): AsyncGenerator<LoggedEntry> {
  const { positions, issues } = await readPositions(folder);
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
  for (const { entry } of positions) yield entry;
}

class FileLog implements Log {
  readonly #handle: FileHandle;
  readonly #positions: LogPosition[];
  #bytes: number;

  constructor(handle: FileHandle, positions: LogPosition[], bytes: number) {
    this.#handle = handle;
    this.#positions = positions;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#positions.length;
  }

  get positions(): readonly LogPosition[] {
    return this.#positions;
  }

  async append(entry: LogEntry): Promise<LogPosition> {
    const index = this.#positions.length;
    const previous = this.#positions.at(-1)?.hash ?? NO_ENTRY;
    const line = entryLine({ ...entry, index, previous });
    const position = readLine(line, index, previous);
    if (typeof position === 'string') throw new TypeError(`append: expected a log entry, got ${position}`);
    const data = Buffer.from(`${line}\n`, 'utf8');
    try {
      await this.#handle.appendFile(data);
      await this.#handle.sync();
    } catch (error) {
      await this.#handle.truncate(this.#bytes); // nobody was told of the part that was written
      throw error;
    }
    this.#bytes += data.length;
    this.#positions.push(position);
    return position;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

interface Contents {
  readonly positions: LogPosition[];
  readonly issues: Issue[];
  /** Length up to the last newline. */
  readonly wholeBytes: number;
  readonly bytes: number;
}

async function readPositions(folder: string): Promise<Contents> {
  const data = await readFile(join(folder, FILE)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const wholeBytes = data.lastIndexOf(NEWLINE) + 1;
  const positions: LogPosition[] = [];
  const issues: Issue[] = [];
  let previous: Sha384 = NO_ENTRY;
  const lines = wholeBytes === 0 ? [] : data.toString('utf8', 0, wholeBytes - 1).split('\n');
  for (const [index, line] of lines.entries()) {
    const position = readLine(line, index, previous);
    if (typeof position === 'string') {
      issues.push(damage(position, index + 1));
      break; // what follows hangs on a broken chain
    }
    positions.push(position);
    previous = position.hash;
  }
  return { positions, issues, wholeBytes, bytes: data.length };
}

const FAULTS: Readonly<Record<LineFault, string>> = {
  LOG_LINE: 'the line is not a canonical log entry',
  LOG_INDEX: 'the entry does not carry the index of its place',
  LOG_CHAIN: 'the entry does not name the hash of the line before it',
};

function damage(code: LineFault, line: number): Issue {
  return {
    code, severity: 'error', message: FAULTS[code], place: { file: FILE, line },
    repair: 'restore the log from a copy: receipts and releases that name later entries show which copy is whole',
  };
}
