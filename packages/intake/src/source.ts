/**
 * The file as it came: what kind it is by its first bytes, its bytes streamed, unpacked within bounds and hashed.
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { Refusal, refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { MAX_RATIO, MAX_UNPACKED_BYTES, RATIO_FREE_BYTES, SNIFF_BYTES } from './limits.ts';

export type FileKind = 'csv' | 'xlsx' | 'json' | 'ndjson' | 'parquet';

/** A file that was looked at. */
export interface Source {
  readonly path: string;
  /** Name shown to people. */
  readonly name: string;
  readonly bytes: number;
  readonly kind: FileKind;
  readonly compressed: boolean;
  /** First bytes, unpacked. */
  readonly head: Buffer;
}

/**
 * Looks at a file.
 * @throws Refusal `FILE_MISSING`, `FILE_UNREADABLE`, `FILE_EMPTY`, `NOT_A_TABLE` for formats that hold no table we read
 */
export async function lookAt(path: string, name = basename(path)): Promise<Source> {
  const { bytes, head: raw } = await readHead(path, name);
  if (bytes === 0) refuse('FILE_EMPTY', 'the file has no bytes', { file: name }, 'export it again; a return without records still has its header');
  const compressed = raw[0] === 0x1f && raw[1] === 0x8b;
  const head = compressed ? unpackHead(raw, name) : raw;
  return { path, name, bytes, kind: kindOf(head, name, compressed), compressed, head };
}

/** Original bytes with their running hash: read once, hashed once. */
export interface ByteStream {
  readonly chunks: AsyncGenerator<Buffer>;
  /** SHA-384 of the original (packed) bytes. Complete once `chunks` came to its end. */
  hash(): Sha384;
}

/**
 * Streams the file's bytes, unpacked when it is a gzip file.
 * @param onBytes - told how many original bytes were read so far
 * @throws Refusal `ZIP_BOMB`, `TRUNCATED`, `GZIP_DAMAGED` while streaming
 */
export function byteStream(source: Source, onBytes: (bytes: number) => void = () => undefined): ByteStream {
  const hash = createHash('sha384');
  let read = 0;
  async function* original(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(source.path, { highWaterMark: 1 << 20 })) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      read += bytes.length;
      onBytes(read);
      yield bytes;
    }
  }
  const chunks = source.compressed ? unpacked(original(), source) : original();
  return { chunks, hash: () => hash.digest('hex') as Sha384 };
}

async function* unpacked(original: AsyncGenerator<Buffer>, source: Source): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const input = Readable.from(original);
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  let bytes = 0;
  try {
    for await (const chunk of gunzip) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_UNPACKED_BYTES || (bytes > RATIO_FREE_BYTES && bytes > source.bytes * MAX_RATIO)) bomb(source.name);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'Z_BUF_ERROR') {
      refuse('TRUNCATED', 'the gzip file ends before its data do', { file: source.name }, 'copy or export the file again: a part of it is missing');
    }
    if (code?.startsWith('Z_') === true) gzipDamaged(source.name);
    throw error;
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function readHead(path: string, name: string): Promise<{ bytes: number; head: Buffer }> {
  try {
    const info = await stat(path);
    if (!info.isFile()) refuse('FILE_UNREADABLE', 'this is not a file', { file: name }, 'name one file, not a folder');
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(SNIFF_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, SNIFF_BYTES, 0);
      return { bytes: info.size, head: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') refuse('FILE_MISSING', 'there is no such file', { file: name }, 'check the name and the folder');
    if (code === 'EACCES' || code === 'EPERM') refuse('FILE_UNREADABLE', 'the file may not be read', { file: name }, 'give yourself the right to read it');
    throw error;
  }
}

function unpackHead(raw: Buffer, name: string): Buffer {
  try {
    return gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 64 << 20 }).subarray(0, SNIFF_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') bomb(name);
    return gzipDamaged(name);
  }
}

function kindOf(head: Buffer, name: string, compressed: boolean): FileKind {
  const magic = head.toString('latin1', 0, 8);
  if (magic.startsWith('PK\x03\x04') && !compressed) return 'xlsx';
  if (magic.startsWith('PAR1') && !compressed) return 'parquet';
  const other = FOREIGN.find(([start]) => magic.startsWith(start));
  if (other) refuse('NOT_A_TABLE', `this is ${other[1]}`, { file: name }, 'save the table as CSV (UTF-8) or XLSX');
  const extension = /\.(json|ndjson|jsonl)(\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  if (extension !== undefined) return extension === 'json' ? 'json' : 'ndjson';
  return 'csv';
}

const FOREIGN: readonly (readonly [string, string])[] = [
  ['\xd0\xcf\x11\xe0', 'an old or password-protected Office file'], ['%PDF', 'a PDF'], ['PK\x05\x06', 'an empty archive'],
  ['\x1f\x8b', 'a gzip file inside a gzip file'], ['PK\x03\x04', 'an archive inside a gzip file'], ['PAR1', 'Parquet inside a gzip file'],
  ['BZh', 'a bzip2 file'], ['\x28\xb5\x2f\xfd', 'a zstd file'], ['7z\xbc\xaf', 'a 7-Zip file'],
  ['\xfd7zXZ', 'an xz file'], ['\x89PNG', 'an image'], ['\xff\xd8\xff', 'an image'], ['GIF8', 'an image'], ['\x7fELF', 'a program'],
  ['SQLite f', 'a database file'],
];

function bomb(name: string): never {
  return refuse('ZIP_BOMB', `the file unpacks to more than ${MAX_RATIO} times its size`, { file: name }, 'unpack it yourself, look at it, and submit the table uncompressed');
}

function gzipDamaged(name: string): never {
  return refuse('GZIP_DAMAGED', 'the gzip data are damaged', { file: name }, 'copy or export the file again');
}
