/**
 * The tree of records that stand in a file, one a line: committed to by worker threads, a few thousand lines at a time, and joined in order.
 * Node only. Memory does not grow with the records.
 * @module
 */
import { createReadStream } from 'node:fs';
import { AnsweringWorker } from './answering-worker.ts';
import { RECORD_HEADER } from './record-receipt.ts';
import { RecordTreeWriter } from './record-tree.ts';
import type { RecordTreeFiles } from './record-tree.ts';
import type { CommittedRows } from './record-worker.ts';
import { ROW } from './row-layout.ts';
import { SHA384_TREE } from './tree-hash.ts';

const NEWLINE = 10;
const HEADER = Buffer.from(RECORD_HEADER);
/** Rows that a thread is sent at once. */
const TASK_ROWS = 16;
const THREADS = 2;
/** Below this many bytes a thread takes longer to start than the work takes. */
const WORTH_THREADS = 4 << 20;

/**
 * Commits to every line of a file, each behind the header of a record.
 * @param bytes - length of the file; decides whether threads are worth it
 */
export async function commitLines(path: string, bytes: number, files: RecordTreeFiles): Promise<{ root: Uint8Array; count: bigint }> {
  const writer = new RecordTreeWriter(files);
  const pool = bytes < WORTH_THREADS ? [] : Array.from({ length: THREADS }, () => new AnsweringWorker<{ lines: Uint8Array; rows: number }, CommittedRows>('record-worker'));
  try {
    const underWay: Promise<CommittedRows>[] = [];
    let turn = 0;
    for await (const lines of tasksOf(path)) {
      const thread = pool[turn++ % pool.length];
      // The last lines are no full rows; with threads they come after all that are.
      if (thread === undefined || lines.rows === 0) {
        for (const rows of underWay.splice(0)) addRows(writer, await rows);
        eachLine(lines.bytes, (content) => { writer.add(content); });
        continue;
      }
      const own = new Uint8Array(lines.bytes);
      underWay.push(thread.ask({ lines: own, rows: lines.rows }, [own.buffer]));
      while (underWay.length >= 2 * pool.length) addRows(writer, await (underWay.shift() as Promise<CommittedRows>));
    }
    for (const rows of underWay) addRows(writer, await rows);
    return await writer.finish();
  } catch (error) {
    writer.discard();
    throw error;
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
}

/** Gives every line that ends, behind the header of a record, in one array that is used again. Returns how many bytes they took. */
export function eachLine(data: Buffer, use: (content: Uint8Array) => void): number {
  let start = 0;
  for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
    const length = HEADER.length + end - start;
    if (length > line.length) {
      line = Buffer.alloc(2 * length);
      HEADER.copy(line);
    }
    data.copy(line, HEADER.length, start, end);
    use(line.subarray(0, length));
    start = end + 1;
  }
  return start;
}

let line = Buffer.alloc(1 << 16);
HEADER.copy(line);

interface Lines {
  readonly bytes: Buffer;
  /** Full rows that the lines are; 0 where they are none. */
  readonly rows: number;
}

/** The lines of a file, some full rows at a time; the last ones are less than a task. */
async function* tasksOf(path: string): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const data = rest.length === 0 ? chunk as Buffer : Buffer.concat([rest, chunk as Buffer]);
    let [start, lines, at] = [0, 0, data.indexOf(NEWLINE)];
    for (; at >= 0; at = data.indexOf(NEWLINE, at + 1)) {
      if (++lines < TASK_ROWS * ROW) continue;
      yield { bytes: data.subarray(start, at + 1), rows: TASK_ROWS };
      [start, lines] = [at + 1, 0];
    }
    rest = data.subarray(start);
  }
  if (rest.length > 0) yield { bytes: rest, rows: 0 };
}

function addRows(writer: RecordTreeWriter, { salts, hashes, roots }: CommittedRows): void {
  const rows = roots.length / SHA384_TREE.bytes;
  const part = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(i * bytes.length / rows, (i + 1) * bytes.length / rows);
  for (let i = 0; i < rows; i++) writer.addRow(part(salts, i), part(hashes, i), part(roots, i).slice());
}
