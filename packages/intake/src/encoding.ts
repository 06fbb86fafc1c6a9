/**
 * Which encoding a text file has, and its bytes as UTF-8.
 * Source: WHATWG Encoding Standard for byte order marks and labels. Leaves out guessing: an encoding other than
 * UTF-8 or UTF-16 has to be declared by the instrument, since every byte string is good Latin-1.
 * @module
 */
import { refuse } from '@weighbridge/base';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'iso-8859-1';

export interface DetectedEncoding {
  readonly encoding: Encoding;
  /** Bytes of the byte order mark. */
  readonly markBytes: number;
}

/** The encoding of a text whose first bytes are `head`. A byte order mark or the NULs of UTF-16 overrule `declared`. */
export function detectEncoding(head: Uint8Array, declared?: Encoding): DetectedEncoding {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const { even, odd } = countNuls(head);
  const half = head.length / 2;
  if (half >= 2 && odd > half * 0.5 && even < half * 0.05) return { encoding: 'utf-16le', markBytes: 0 };
  if (half >= 2 && even > half * 0.5 && odd < half * 0.05) return { encoding: 'utf-16be', markBytes: 0 };
  return { encoding: declared ?? 'utf-8', markBytes: 0 };
}

/** True when the bytes are no text in any encoding we read: NULs or many control characters. */
export function looksBinary(head: Uint8Array, { encoding }: DetectedEncoding): boolean {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return false;
  let control = 0;
  for (const byte of head) {
    if (byte === 0) return true;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) control++;
  }
  return control > head.length / 20;
}

/**
 * The bytes as UTF-8, without their byte order mark. UTF-8 passes as it is, good or bad.
 * @throws Refusal `ENCODING` for UTF-16 that is no UTF-16
 */
export async function* toUtf8(chunks: AsyncIterable<Buffer>, { encoding, markBytes }: DetectedEncoding, file: string): AsyncGenerator<Buffer> {
  let skip = markBytes;
  const decoder = encoding === 'utf-8' || encoding === 'iso-8859-1' ? undefined : new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const decode = (chunk: Buffer, stream: boolean): Buffer => {
    if (encoding === 'utf-8') return chunk;
    if (!decoder) return Buffer.from(chunk.toString('latin1'), 'utf8');
    try {
      return Buffer.from(decoder.decode(chunk, { stream }), 'utf8');
    } catch {
      return refuse('ENCODING', `the bytes are not ${encoding}`, { file }, 'save the file as UTF-8 and try again');
    }
  };
  for await (const chunk of chunks) {
    const cut = Math.min(skip, chunk.length);
    skip -= cut;
    if (cut < chunk.length) yield decode(chunk.subarray(cut), true);
  }
  const rest = decode(Buffer.alloc(0), false);
  if (rest.length > 0) yield rest;
}

function countNuls(head: Uint8Array): { even: number; odd: number } {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < head.length; i++) {
    if (head[i] !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  return { even, odd };
}
