/**
 * CSV records by the grammar of RFC 4180, over bytes, in one pass, with the address of everything that breaks it.
 * Tolerated: any one-byte delimiter, LF, CRLF or bare CR line ends, blank lines, a quote inside an unquoted field (kept
 * as text), empty fields beyond the header's last.
 * Leaves out: types and meaning; bytes are only told apart as delimiter, quote and line end, which is right for
 * UTF-8 and every encoding that keeps ASCII. A little over 400 lines: the scan and the faults it tells are one state.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { MAX_FIELD_BYTES, MAX_RECORD_BYTES } from './limits.ts';

const LF = 10;
const CR = 13;
const QUOTE = 34;
/** Classes of bytes: everything above DELIMITER leaves the fast loop. */
const DELIMITER = 1;
const LINE_FEED = 2;
const RETURN = 3;
const QUOTATION = 4;

export type LineEnd = 'lf' | 'cr';

/** What breaks the grammar. `fields` is the number found where the count is the matter. */
export type CsvFault =
  | { readonly code: 'RAGGED'; readonly row: number; readonly line: number; readonly fields: number }
  | { readonly code: 'QUOTE_MALFORMED' | 'NUL_BYTE' | 'ENCODING' | 'BARE_CR'; readonly row: number; readonly line: number; readonly field: number }
  | { readonly code: 'TRUNCATED' | 'FIELD_TOO_LONG' | 'RECORD_TOO_LONG'; readonly row: number; readonly line: number; readonly field: number };

/** Faults after which the record structure is lost: the scan stops there. */
const FATAL: readonly CsvFault['code'][] = ['TRUNCATED', 'FIELD_TOO_LONG', 'RECORD_TOO_LONG'];

/** One record, valid during the callback only: the buffer is reused. */
export interface CsvRecord {
  /** Counts from 1 after the header; 0 for the header. */
  readonly row: number;
  /** Line on which the record starts. */
  readonly line: number;
  readonly fields: number;
  /** The bytes are good CSV as they stand: no stray quote, malformed quote or bare CR. */
  readonly plain: boolean;
  /** The record's bytes without its line end and without empty fields beyond the header's. */
  bytes(): Uint8Array;
  /** The texts of its fields, quotes resolved. */
  texts(): string[];
}

export interface CsvScanOptions {
  readonly delimiter: string;
  readonly lineEnd: LineEnd;
  /** Line on which the header stands; lines before it are passed over. */
  readonly headerLine: number;
  /** Count lines without quotes as records, whatever their fields: for a caller that counts the fields itself. */
  readonly linesOnly?: boolean;
  readonly onFault: (fault: CsvFault) => void;
  /** Not with `linesOnly`. Called for every record that has as many fields as the header, the header first. */
  readonly onRecord?: ((record: CsvRecord) => void) | undefined;
  /** Not with `linesOnly`. Called for every record with another number of fields than the header, after its fault. */
  readonly onRagged?: ((record: Pick<CsvRecord, 'row' | 'line' | 'texts'>) => void) | undefined;
}

/** What a scan counted. */
export interface CsvTotals {
  /** Records after the header, ragged ones included. */
  rows: number;
  lines: number;
  blankLines: number;
  /** Records or fields that span lines, blank lines between records: line and record numbers drift apart. */
  linear: boolean;
  strayQuotes: number;
  bareReturns: number;
  crlf: number;
  lf: number;
  faults: number;
}

/** Feeds on chunks of any size. After a fatal fault it ignores what follows (`stopped`). */
export class CsvScanner {
  readonly totals: CsvTotals = { rows: 0, lines: 0, blankLines: 0, linear: true, strayQuotes: 0, bareReturns: 0, crlf: 0, lf: 0, faults: 0 };
  /** Texts of the header, once it was met. */
  header: string[] | undefined;
  stopped = false;
  readonly #options: CsvScanOptions;
  readonly #delimiter: number;
  readonly #classes = new Uint8Array(256);
  /** Position after the last byte of each field of the current record. */
  readonly #ends = new Int32Array(1 << 14);
  #pending: Buffer = Buffer.alloc(0);
  #line = 1;

  constructor(options: CsvScanOptions) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    if (options.delimiter.length !== 1 || this.#delimiter > 127) throw new RangeError('CsvScanner: expected a delimiter of one ASCII character');
    this.#classes[LF] = LINE_FEED;
    this.#classes[CR] = RETURN;
    this.#classes[QUOTE] = QUOTATION;
    this.#classes[this.#delimiter] = DELIMITER;
  }

  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    const bytes = this.#pending.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([this.#pending, chunk]);
    const used = this.#scan(bytes, false);
    this.#pending = Buffer.from(bytes.subarray(used)); // a copy: the caller may reuse its chunk
    if (this.#pending.length > MAX_RECORD_BYTES) this.#tooLong(this.#pending);
  }

  /** The input ended. */
  end(): void {
    if (!this.stopped && this.#pending.length > 0) this.#scan(this.#pending, true);
    this.#pending = Buffer.alloc(0);
  }

  /** Scans whole records. Returns the position of the first byte that belongs to an unfinished one. */
  #scan(b: Buffer, final: boolean): number {
    const from = this.#skipToHeader(b, final);
    const clean = isUtf8(b.subarray(from, final ? b.length : lastWhole(b))) && b.indexOf(0, from) === -1;
    let at = this.#options.linesOnly === true && clean && this.header !== undefined ? this.#lines(b, from) : from;
    while (at < b.length && !this.stopped) {
      const next = this.#record(b, at, final, clean);
      if (next === -1) break;
      at = next;
    }
    return this.stopped ? b.length : at;
  }

  /**
   * Whole lines without a quote are whole records: counts them and leaves their fields to the caller.
   * Returns the position of the first byte not dealt with: an unfinished line, a blank, long or odd one.
   */
  #lines(b: Buffer, from: number): number {
    if (this.#options.lineEnd === 'cr' || this.totals.blankLines > 0 || b.indexOf(QUOTE, from) !== -1) return from;
    let nextReturn = b.indexOf(CR, from);
    let at = from;
    let count = 0;
    for (;;) {
      const end = b.indexOf(LF, at);
      if (end === -1 || end - at > MAX_FIELD_BYTES) break;
      if (nextReturn !== -1 && nextReturn < end) {
        if (nextReturn !== end - 1 || nextReturn === at) break; // a bare CR, or a blank line
        this.totals.crlf++;
        nextReturn = b.indexOf(CR, end);
      } else if (end === at) break;
      else this.totals.lf++;
      count++;
      at = end + 1;
    }
    this.totals.rows += count;
    this.totals.lines += count;
    this.#line += count;
    return at;
  }

  #skipToHeader(b: Buffer, final: boolean): number {
    let at = 0;
    while (this.#line < this.#options.headerLine && at < b.length) {
      const end = b.indexOf(this.#options.lineEnd === 'cr' ? CR : LF, at);
      if (end === -1) return final ? b.length : at;
      at = end + 1;
      this.#line++;
      this.totals.lines++;
    }
    return at;
  }

  /**
   * Scans the record at `start`. Returns where the next one starts, or -1 when this one is not whole yet.
   * One long function on purpose: it looks at every byte, and its state lives in local variables.
   */
  #record(b: Buffer, start: number, final: boolean, clean: boolean): number {
    const classes = this.#classes;
    const ends = this.#ends;
    const n = b.length;
    const crEnds = this.#options.lineEnd === 'cr';
    let fields = 0; // delimiters met
    let fieldStart = start;
    let quoted = false;
    let stray = 0;
    let returns = 0;
    let malformed = -1;
    let inner = 0; // line ends inside quotes
    let next = -1;
    let i = start;
    scan: while (i < n) {
      const kind = classes[b[i] as number] as number;
      if (kind === 0) {
        i++;
        continue;
      }
      switch (kind) {
        case DELIMITER:
          ends[fields++] = i++;
          fieldStart = i;
          continue;
        case LINE_FEED:
          if (crEnds) {
            i++;
            continue;
          }
          next = i + 1;
          this.totals.lf++;
          break scan;
        case RETURN:
          if (crEnds) {
            next = i + 1;
            break scan;
          }
          if (i + 1 === n && !final) return -1;
          if (b[i + 1] === LF) {
            next = i + 2;
            this.totals.crlf++;
            break scan;
          }
          returns++;
          i++;
          continue;
        default: // QUOTATION
          if (i !== fieldStart) {
            stray++;
            i++;
            continue;
          }
      }
      // A quoted field: to its closing quote.
      quoted = true;
      let j = i + 1;
      for (;;) {
        const c = b[j];
        if (c === undefined) {
          if (!final) return -1;
          this.#fault({ code: 'TRUNCATED', row: this.#nextRow(), line: this.#line, field: fields });
          return n;
        }
        if (c === QUOTE) {
          if (j + 1 === n && !final) return -1;
          if (b[j + 1] !== QUOTE) break;
          j++;
        } else if (c === LF || (crEnds && c === CR)) {
          inner++;
        }
        j++;
      }
      i = j + 1;
      const after = i < n ? classes[b[i] as number] : LINE_FEED;
      if (after !== DELIMITER && after !== LINE_FEED && after !== RETURN) malformed = fields;
      fieldStart = -1; // a further quote in this field is stray
    }
    if (next === -1) {
      if (!final) return -1;
      next = n;
    }
    const end = endOf(b, next, start, i);
    ends[fields] = end;
    this.#finish({ b, start, end, fields: fields + 1, quoted, stray, returns, malformed, inner, clean });
    return next;
  }

  #finish(r: Found): void {
    const { totals } = this;
    const line = this.#line;
    this.#line += 1 + r.inner;
    totals.lines += 1 + r.inner;
    if (r.start === r.end) {
      totals.blankLines++;
      return;
    }
    if (r.inner > 0 || totals.blankLines > 0) totals.linear = false;
    if (r.end - r.start > MAX_FIELD_BYTES && this.#checkLengths(r, line)) return;
    const isHeader = this.header === undefined;
    const row = isHeader ? 0 : ++totals.rows;
    if (!r.clean) this.#checkBytes(r, row, line);
    totals.strayQuotes += r.stray;
    totals.bareReturns += r.returns;
    if (r.malformed >= 0) this.#fault({ code: 'QUOTE_MALFORMED', row, line, field: r.malformed });
    if (r.returns > 0) this.#fault({ code: 'BARE_CR', row, line, field: 0 });
    if (isHeader) this.header = this.#texts(r);
    const fields = this.header?.length ?? 0;
    const end = r.fields > fields ? this.#endWithoutTrailing(r, fields) : r.end;
    if (r.fields < fields || end === -1) {
      this.#fault({ code: 'RAGGED', row, line, fields: r.fields });
      this.#options.onRagged?.({ row, line, texts: () => this.#texts(r) });
      return;
    }
    this.#options.onRecord?.({
      row, line, fields, plain: r.stray === 0 && r.returns === 0 && r.malformed < 0,
      bytes: () => r.b.subarray(r.start, end),
      texts: () => this.#texts({ ...r, fields }),
    });
  }

  /** Where the record ends when it has nothing but delimiters after its last field; -1 when it has more. */
  #endWithoutTrailing(r: Found, fields: number): number {
    const end = this.#ends[fields - 1] as number;
    for (let i = end; i < r.end; i++) if (r.b[i] !== this.#delimiter) return -1;
    return end;
  }

  /** True when a field or the record is too long: the scan has stopped. */
  #checkLengths(r: Found, line: number): boolean {
    let from = r.start;
    for (let f = 0; f < Math.min(r.fields, this.#ends.length); f++) {
      const end = this.#ends[f] as number;
      if (end - from > MAX_FIELD_BYTES) {
        this.#fault({ code: 'FIELD_TOO_LONG', row: this.#nextRow(), line, field: f });
        return true;
      }
      from = end + 1;
    }
    if (r.end - r.start <= MAX_RECORD_BYTES) return false;
    this.#fault({ code: 'RECORD_TOO_LONG', row: this.#nextRow(), line, field: 0 });
    return true;
  }

  #checkBytes(r: Found, row: number, line: number): void {
    let from = r.start;
    for (let f = 0; f < Math.min(r.fields, this.#ends.length); f++) {
      const field = r.b.subarray(from, this.#ends[f]);
      if (field.includes(0)) this.#fault({ code: 'NUL_BYTE', row, line, field: f });
      if (!isUtf8(field)) this.#fault({ code: 'ENCODING', row, line, field: f });
      from = (this.#ends[f] as number) + 1;
    }
  }

  /** An unfinished record grew past the limit: say which field it was in. */
  #tooLong(b: Buffer): void {
    let fields = 0;
    let from = 0;
    let quoted = b[0] === QUOTE;
    for (let i = 1; i < b.length && i - from <= MAX_FIELD_BYTES; i++) {
      if (quoted) {
        if (b[i] !== QUOTE) continue;
        if (b[i + 1] === QUOTE) i++;
        else quoted = false;
      } else if (b[i] === this.#delimiter) {
        fields++;
        from = i + 1;
        quoted = b[i + 1] === QUOTE;
      }
    }
    this.#fault({ code: b.length - from > MAX_FIELD_BYTES ? 'FIELD_TOO_LONG' : 'RECORD_TOO_LONG', row: this.#nextRow(), line: this.#line, field: fields });
  }

  #texts(r: Found): string[] {
    const texts: string[] = [];
    let from = r.start;
    for (let f = 0; f < Math.min(r.fields, this.#ends.length); f++) {
      const end = this.#ends[f] as number;
      texts.push(fieldText(r.b.toString('utf8', from, end)));
      from = end + 1;
    }
    return texts;
  }

  #nextRow(): number {
    return this.header === undefined ? 0 : this.totals.rows + 1;
  }

  #fault(fault: CsvFault): void {
    this.totals.faults++;
    if (FATAL.includes(fault.code)) this.stopped = true;
    this.#options.onFault(fault);
  }
}

interface Found {
  readonly b: Buffer;
  readonly start: number;
  readonly end: number;
  readonly fields: number;
  readonly quoted: boolean;
  readonly stray: number;
  readonly returns: number;
  readonly malformed: number;
  readonly inner: number;
  readonly clean: boolean;
}

/** Where the record's bytes end: before its line end, or at the end of the input. */
function endOf(b: Buffer, next: number, start: number, stoppedAt: number): number {
  return next === b.length && stoppedAt >= b.length ? b.length : Math.max(start, stoppedAt);
}

/** Longest prefix that does not end inside a UTF-8 sequence. */
function lastWhole(b: Buffer): number {
  for (let back = 1; back <= 3 && back <= b.length; back++) {
    const c = b[b.length - back] as number;
    if (c < 0x80) return b.length;
    if (c >= 0xc0) return b.length - back;
  }
  return b.length;
}

/** Resolves the quotes of one field. Text after a closing quote is kept: the fault was reported. */
function fieldText(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  let at = 1;
  for (;;) {
    const close = raw.indexOf('"', at);
    if (close === -1) return raw.slice(1).replaceAll('""', '"');
    if (raw[close + 1] !== '"') return raw.slice(1, close).replaceAll('""', '"') + raw.slice(close + 1);
    at = close + 2;
  }
}
