/**
 * Reads the parts of a ZIP archive by its central directory, within bounds.
 * Source: APPNOTE 6.3.10 §4.3, §4.5.3 (ZIP64). Leaves out encryption, other methods than store and deflate, and spanning.
 * @module
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { Refusal, refuse } from '@weighbridge/base';
import { MAX_RATIO, MAX_WORKBOOK_BYTES, MAX_WORKBOOK_PARTS, RATIO_FREE_BYTES } from './limits.ts';

const SLICE = 1 << 18;

interface Part {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly offset: number;
}

/** An open archive. Close it. */
export class Zip {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #parts: ReadonlyMap<string, Part>;

  private constructor(handle: FileHandle, file: string, parts: ReadonlyMap<string, Part>) {
    this.#handle = handle;
    this.#file = file;
    this.#parts = parts;
  }

  /** @throws Refusal `TRUNCATED`, `ZIP_DAMAGED`, `ZIP_BOMB`, `ENCRYPTED` */
  static async open(path: string, file: string): Promise<Zip> {
    const handle = await open(path, 'r');
    try {
      const parts = await readDirectory(handle, file);
      return new Zip(handle, file, parts);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.#parts.keys()];
  }

  /** A part's bytes, unpacked as they are asked for. @throws Refusal when the part is missing, damaged or larger than it says */
  async *stream(name: string): AsyncGenerator<Buffer> {
    const part = this.#parts.get(name);
    if (part === undefined) damaged(this.#file, `the part ${name} is missing`);
    const header = await readAt(this.#handle, part.offset, 30, this.#file);
    if (header.readUInt32LE(0) !== 0x04034b50) damaged(this.#file, 'a part is not where the directory says');
    const start = part.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const raw = Readable.from(this.#slices(start, start + part.packed));
    const source: Readable = part.method === 0 ? raw : raw.pipe(createInflateRaw({ chunkSize: 1 << 18 }));
    raw.on('error', (error) => source.destroy(error));
    let bytes = 0;
    try {
      for await (const chunk of source) {
        bytes += (chunk as Buffer).length;
        if (bytes > part.unpacked) bomb(this.#file, `the part ${name} is larger than the archive says`);
        yield chunk as Buffer;
      }
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') === true) damaged(this.#file, `the part ${name} cannot be unpacked`);
      throw error;
    } finally {
      raw.destroy();
      source.destroy();
    }
  }

  async *#slices(from: number, to: number): AsyncGenerator<Buffer> {
    for (let at = from; at < to; at += SLICE) yield await readAt(this.#handle, at, Math.min(SLICE, to - at), this.#file);
  }

  /** A whole part as text. @throws Refusal `ZIP_BOMB` past `limit` bytes */
  async text(name: string, limit: number): Promise<string> {
    const part = this.#parts.get(name);
    if (part && part.unpacked > limit) bomb(this.#file, `the part ${name} is larger than ${limit} bytes`);
    const chunks: Buffer[] = [];
    for await (const chunk of this.stream(name)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  has(name: string): boolean {
    return this.#parts.has(name);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readDirectory(handle: FileHandle, file: string): Promise<Map<string, Part>> {
  const { size } = await handle.stat();
  const tailLength = Math.min(size, 22 + 65_535 + 20);
  const tail = await readAt(handle, size - tailLength, tailLength, file);
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end === -1 || end + 22 > tail.length) {
    refuse('TRUNCATED', 'the archive has no directory at its end', { file }, 'copy or save the file again: a part of it is missing');
  }
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let offset = tail.readUInt32LE(end + 16);
  if (end >= 20 && tail.readUInt32LE(end - 20) === 0x07064b50) { // ZIP64 locator
    const record = await readAt(handle, Number(tail.readBigUInt64LE(end - 20 + 8)), 56, file);
    if (record.readUInt32LE(0) !== 0x06064b50) damaged(file, 'the ZIP64 directory is missing');
    count = Number(record.readBigUInt64LE(32));
    length = Number(record.readBigUInt64LE(40));
    offset = Number(record.readBigUInt64LE(48));
  }
  if (count > MAX_WORKBOOK_PARTS || length > 64 << 20) bomb(file, `the archive has more than ${MAX_WORKBOOK_PARTS} parts`);
  if (offset + length > size) damaged(file, 'the directory lies outside the file');
  const parts = readEntries(await readAt(handle, offset, length, file), count, file);
  checkSizes(parts, size, file);
  return parts;
}

function readEntries(directory: Buffer, count: number, file: string): Map<string, Part> {
  const parts = new Map<string, Part>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) damaged(file, 'the directory is damaged');
    if ((directory.readUInt16LE(at + 8) & 1) === 1) {
      refuse('ENCRYPTED', 'the file is protected with a password', { file }, 'save it without a password; it is encrypted on its way and at rest');
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const name = directory.toString('utf8', at + 46, at + 46 + nameLength).replaceAll('\\', '/');
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const sizes = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
    const [unpacked = 0, packed = 0, offset = 0] = widen(sizes, extra);
    const method = directory.readUInt16LE(at + 10);
    if (method !== 0 && method !== 8) damaged(file, `the part ${name} is packed with a method that workbooks do not use`);
    if (parts.has(name)) damaged(file, `the part ${name} occurs twice`);
    parts.set(name, { name, method, packed, unpacked, offset });
    at += 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
  }
  return parts;
}

/** Sizes and offset that do not fit 32 bits stand in the ZIP64 extra field, in order. */
function widen(sizes: number[], extra: Buffer): number[] {
  let field: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  let at = 0;
  return sizes.map((size) => {
    if (size !== 0xffffffff || field === undefined || at + 8 > field.length) return size;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
}

/** Refuses archives that unpack to far more than they are, and parts that share bytes. */
function checkSizes(parts: ReadonlyMap<string, Part>, size: number, file: string): void {
  let unpacked = 0;
  for (const part of parts.values()) {
    unpacked += part.unpacked;
    if (part.offset + 30 + part.packed > size) refuse('TRUNCATED', `the part ${part.name} lies outside the file`, { file }, 'copy or save the file again: a part of it is missing');
  }
  const inOrder = [...parts.values()].sort((a, b) => a.offset - b.offset);
  if (inOrder.some((part, i) => part.offset + 30 + part.packed > (inOrder[i + 1]?.offset ?? size))) bomb(file, 'parts of the archive overlap');
  if (unpacked > MAX_WORKBOOK_BYTES) bomb(file, `the archive unpacks to more than ${MAX_WORKBOOK_BYTES} bytes`);
  if (unpacked > RATIO_FREE_BYTES && unpacked > size * MAX_RATIO) bomb(file, `the archive unpacks to more than ${MAX_RATIO} times its size`);
}

async function readAt(handle: FileHandle, position: number, length: number, file: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) refuse('TRUNCATED', 'the archive ends before its data do', { file }, 'copy or save the file again: a part of it is missing');
  return buffer;
}

function damaged(file: string, message: string): never {
  return refuse('ZIP_DAMAGED', message, { file }, 'open the file in a spreadsheet program and save it again, or save the table as CSV (UTF-8)');
}

function bomb(file: string, message: string): never {
  return refuse('ZIP_BOMB', message, { file }, 'save the table as CSV (UTF-8)');
}
