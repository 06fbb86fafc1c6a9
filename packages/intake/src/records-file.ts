/**
 * The records of a file rewritten as plain CSV in scratch, each with its record and line number: what the engine reads
 * where the file itself is not plain UTF-8 CSV.
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const CAPACITY = 1 << 20;

/** Writes records. Memory does not grow with their number. */
export class RecordsFile {
  readonly path: string;
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
  }

  /** A record given as texts; undefined is a blank. */
  writeTexts(row: number, line: number, texts: readonly (string | undefined)[]): void {
    const quoted = texts.map((text) => (text === undefined ? '' : this.#needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
    const text = `${quoted.join(this.#delimiter)}\n`;
    const most = text.length * 3;
    this.#prefix(row, line, most);
    this.#used += this.#buffer.write(text, this.#used, 'utf8');
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
