/**
 * Text files whose bytes must be UTF-8: decoded with replacement characters, two codes would become one.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { refuse } from '@weighbridge/base';

const LINE_FEED = 0x0a;

/** The text of a file, without its byte order mark. @throws Refusal `NOT_UTF8` with file and line; what the machine says of a file that cannot be read */
export async function readUtf8(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (!isUtf8(bytes)) return notUtf8(file);
  return withoutMark(bytes.toString('utf8'));
}

/** The same text in blocks, for files that are not kept whole. @throws as {@link readUtf8} */
export async function* readUtf8Blocks(file: string, bytesAtATime: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = async (chunk?: Buffer): Promise<string> => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      return notUtf8(file);
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: bytesAtATime }) as AsyncIterable<Buffer>) yield await decoded(chunk);
  yield await decoded();
}

/** Looks again for the line, which nobody needs of a file that is right. */
async function notUtf8(file: string): Promise<never> {
  let line = 1;
  let rest = Buffer.alloc(0);
  let wide = false;
  let found = false;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let bytes = Buffer.concat([rest, chunk]);
    if (line === 1 && rest.length === 0) wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    for (let end = bytes.indexOf(LINE_FEED); end !== -1 && !found; end = bytes.indexOf(LINE_FEED)) {
      found = !isUtf8(bytes.subarray(0, end));
      if (!found) line++;
      bytes = bytes.subarray(end + 1);
    }
    if (found) break;
    rest = bytes;
  }
  return refuse('NOT_UTF8', wide ? 'the file is UTF-16, as its byte order mark says' : 'the file has bytes that are no UTF-8', { file, line }, wide ? 'save the file as UTF-8 instead of UTF-16' : 'save the file as UTF-8; spreadsheets call it “CSV UTF-8”');
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
