/**
 * The records of a file rewritten as plain CSV in scratch, each with its record and line number: what the engine reads
 * where the file itself is not plain UTF-8 CSV.
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { refuse } from '@weighbridge/base';
import { MAX_FIELD_BYTES, MAX_RECORD_BYTES } from './limits.ts';

const CAPACITY = 1 << 20;

/** Writes records. Memory does not grow with their number. */
export class RecordsFile {
  readonly path: string;
  /** Records written. */
  written = 0;
  readonly #fd: number;
  readonly #delimiter: string;
  readonly #needsQuotes: RegExp;
  #buffer = Buffer.allocUnsafe(CAPACITY);
  #used = 0;

  constructor(path: string, delimiter: string) {
    this.path = path;
    this.#delimiter = delimiter;
    this.#needsQuotes = new RegExp(`["\\r\\n${delimiter === '\t' ? '\\t' : `\\${delimiter}`}]`);
    this.#fd = openSync(path, 'w');
  }

  /** A record given as bytes that are good CSV already. */
  writeBytes(row: number, line: number, bytes: Uint8Array): void {
    this.#prefix(row, line, bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#buffer[this.#used++] = 10;
    this.written++;
  }

  /**
   * A record given as texts; undefined is a blank. Without a line, the record's number stands for it.
   * @throws Refusal `FIELD_TOO_LONG`, or `RECORD_TOO_LONG` also where doubled quotes make it so: the engine would lose it
   */
  writeTexts(row: number, line: number | undefined, texts: readonly (string | undefined)[]): void {
    const place = line === undefined ? { row } : { row, line };
    if (texts.some((text) => text !== undefined && isTooLong(text))) refuse('FIELD_TOO_LONG', `a field is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, place, 'shorten the text');
    const quoted = texts.map((text) => (text === undefined ? '' : this.#needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
    const text = `${quoted.join(this.#delimiter)}\n`;
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_RECORD_BYTES) refuse('RECORD_TOO_LONG', `the record is longer than ${MAX_RECORD_BYTES} bytes with its quotes doubled; the file was read up to here`, place, 'shorten its texts');
    this.#prefix(row, line ?? row, bytes);
    this.#used += this.#buffer.write(text, this.#used, 'utf8');
    this.written++;
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #prefix(row: number, line: number, needed: number): void {
    if (this.#used + needed + 64 > this.#buffer.length) this.#flush();
    if (needed + 64 > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(needed + 64);
    this.#used += this.#buffer.write(`${row}${this.#delimiter}${line}${this.#delimiter}`, this.#used, 'latin1');
  }

  #flush(): void {
    let written = 0;
    while (written < this.#used) written += writeSync(this.#fd, this.#buffer, written, this.#used - written);
    this.#used = 0;
  }
}

/** True when a text has more bytes than a field may have. */
export function isTooLong(text: string): boolean {
  return text.length * 3 > MAX_FIELD_BYTES && Buffer.byteLength(text) > MAX_FIELD_BYTES;
}
