/**
 * The tree of records that stand in a file, one a line: committed to by this thread and another, about a megabyte at a time, and joined in order.
 * The file may still be growing: what is there is committed to meanwhile. Node only. Memory grows with the longest 256 lines, not with the records.
 * @module
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { AnsweringWorker } from './answering-worker.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { commitRows, eachLine } from './committed-rows.ts';
import type { CommittedRows, Lines } from './committed-rows.ts';
import { RECORD_HEADER } from './record-header.ts';
import { RecordRow } from './record-row.ts';
import { RecordTreeWriter } from './record-tree.ts';
import type { CommittedTree, RecordTreeFiles } from './record-tree.ts';
import { ROW } from './row-layout.ts';
import { SHA384_TREE } from './tree-hash.ts';

const NEWLINE = 10;
/** Bytes that are read for a thread at once; more where they are not 256 lines. */
const TASK_BYTES = 1 << 20;
/** Tasks that the other thread has before this one takes some itself. */
const AHEAD = 2;
/** Up to so many bytes a thread takes longer to start than the work takes. */
const WORTH_THREAD = 4 << 20;
/** Milliseconds after which a growing file is looked at again. */
const WAIT_MS = 2;

/** What is not said is taken as it is for a file of any length that is written already. */
export interface LinesOptions {
  /** Settles when the file is written; until then it may be missing or grow at its end. Its failure is that of {@link commitLines}. */
  readonly written?: Promise<unknown>;
  /** Bytes that this thread commits to itself before it starts another. */
  readonly ownBytes?: number;
}

/** Commits to every line of a file that ends, each behind the header of a record. */
export async function commitLines(path: string, files: RecordTreeFiles, { written = Promise.resolve(), ownBytes = WORTH_THREAD }: LinesOptions = {}): Promise<CommittedTree> {
  const writer = new RecordTreeWriter(files);
  let thread: AnsweringWorker<Lines, CommittedRows> | undefined;
  try {
    const row = new RecordRow();
    const underWay: Promise<CommittedRows>[] = [];
    const spare: ArrayBuffer[] = [];
    const addFirst = async (): Promise<void> => {
      const rows = await underWay.shift();
      if (rows === undefined) return;
      addRows(writer, rows);
      spare.push(rows.spare);
    };
    let own = 0;
    for await (const task of tasksOf(path, written, spare)) {
      // The last lines are no full rows: they come after all that are.
      if (task.rows === 0) {
        while (underWay.length > 0) await addFirst();
        eachLine(task.lines, (start, end) => { writer.addLine(task.lines, start, end); });
        break;
      }
      own += task.lines.length;
      if (own > ownBytes) thread ??= new AnsweringWorker('record-worker');
      underWay.push(thread !== undefined && thread.load < AHEAD ? thread.ask(task, [task.lines.buffer]) : Promise.resolve(commitRows(row, task)));
      while (underWay.length > 2 * AHEAD) await addFirst();
    }
    while (underWay.length > 0) await addFirst();
    return await writer.finish();
  } catch (error) {
    writer.discard();
    throw error;
  } finally {
    await thread?.close();
  }
}

/** The record that a line without its newline is: what {@link commitLines} commits to. */
export function recordOfLine(line: Uint8Array): Uint8Array {
  return concatBytes(utf8(RECORD_HEADER), line);
}

/** The lines of a file, some full rows at a time, each in memory of its own; the last ones are less than a row, and may not end. */
async function* tasksOf(path: string, written: Promise<unknown>, spare: ArrayBuffer[]): AsyncGenerator<Lines & { readonly lines: Buffer<ArrayBuffer> }> {
  const file = new GrowingFile(path, written);
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const wanted = Math.max(TASK_BYTES, 2 * rest.length);
      const used = spare.pop();
      const bytes = used !== undefined && used.byteLength >= wanted ? Buffer.from(used) : Buffer.allocUnsafeSlow(wanted);
      rest.copy(bytes);
      const length = rest.length + await file.fill(bytes, rest.length);
      const { end, rows } = fullRows(bytes.subarray(0, length));
      // Copied before the bytes are given away.
      rest = Buffer.from(bytes.subarray(end, length));
      if (rows > 0) yield { lines: bytes.subarray(0, end), rows };
      if (length < bytes.length) break;
    }
    if (rest.length > 0) yield { lines: rest, rows: 0 };
  } finally {
    await file.close();
  }
}

function fullRows(bytes: Buffer): { end: number; rows: number } {
  let [end, lines] = [0, 0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) if (++lines % ROW === 0) end = at + 1;
  return { end, rows: Math.floor(lines / ROW) };
}

/** Reads a file that somebody else may still be writing. */
class GrowingFile {
  readonly #path: string;
  readonly #written: Promise<unknown>;
  #whole = false;
  #file: FileHandle | undefined;

  constructor(path: string, written: Promise<unknown>) {
    this.#path = path;
    this.#written = written;
    const settle = (): void => { this.#whole = true; };
    written.then(settle, settle);
  }

  /** Fills `target` from `start` on; fewer bytes than that are the last of the file. Returns their number. @throws what the writing failed with */
  async fill(target: Buffer, start: number): Promise<number> {
    let at = start;
    while (at < target.length) {
      const whole = this.#whole; // asked before reading: what is written after this is found the next time
      if (whole) await this.#written;
      this.#file ??= await open(this.#path).catch((error: unknown) => {
        if (whole) throw error;
        return undefined;
      });
      const got = (await this.#file?.read(target, at, target.length - at, null))?.bytesRead ?? 0;
      at += got;
      if (got === 0 && whole) break;
      if (got === 0) await setTimeout(WAIT_MS);
    }
    return at - start;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

function addRows(writer: RecordTreeWriter, { salts, hashes, roots }: CommittedRows): void {
  const rows = roots.length / SHA384_TREE.bytes;
  const part = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(i * bytes.length / rows, (i + 1) * bytes.length / rows);
  for (let i = 0; i < rows; i++) writer.addRow(part(salts, i), part(hashes, i), part(roots, i).slice());
}
