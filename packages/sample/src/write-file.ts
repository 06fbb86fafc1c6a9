/**
 * Writes one synthetic extract as CSV (RFC 4180, LF): streamed with back-pressure, whole or absent.
 * @module
 */
import { open, rename, rm } from 'node:fs/promises';
import type { Draft } from './generators.ts';

/** Characters gathered before a write: memory stays flat however many rows there are. */
const CHUNK_CHARACTERS = 1 << 18;

/** What is written. `slots` are the positions of the columns in the draft, in file order. */
export interface Extract {
  readonly path: string;
  readonly header: readonly string[];
  readonly columns: readonly number[];
  readonly rows: number;
  readonly draft: Draft;
  readonly fill: (draft: Draft) => void;
  /** Told after every chunk how many rows of this file are written. */
  readonly onRows: (rows: number) => void;
}

/**
 * Writes to a temporary name beside the file and renames at the end; on failure the temporary file is removed.
 * Values hold no delimiter, quote or line break: the settings were checked for it.
 */
export async function writeExtract(extract: Extract): Promise<void> {
  const temporary = `${extract.path}.part`;
  try {
    const handle = await open(temporary, 'w');
    try {
      // One chunk is written while the next is made, never more: a slow disk slows the maker.
      let writing: Promise<void> = Promise.resolve();
      for (const [chunk, rows] of chunks(extract)) {
        await writing;
        extract.onRows(rows);
        writing = handle.writeFile(chunk);
        writing.catch(() => undefined);
      }
      await writing;
    } finally {
      await handle.close();
    }
    await rename(temporary, extract.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function* chunks({ header, columns, rows, draft, fill }: Extract): Generator<[string, number]> {
  const [first = 0, ...others] = columns;
  let text = `${header.join(',')}\n`;
  for (let row = 0; row < rows; row++) {
    draft.index = row;
    fill(draft);
    text += draft.values[first] ?? '';
    for (const column of others) text += `,${draft.values[column] ?? ''}`;
    text += '\n';
    if (text.length >= CHUNK_CHARACTERS) {
      yield [text, row + 1];
      text = '';
    }
  }
  if (text !== '') yield [text, rows];
}
