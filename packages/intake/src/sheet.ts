/**
 * The rows of one sheet, streamed: each cell as the text a person sees, with its address where something is wrong with it.
 * Source: ECMA-376 Part 1 §18.3.1.4 (c), §18.18.11 (cell types), §18.17.4 (dates as serial numbers).
 * Leaves out: formulas are never computed; merged cells have a value in their first cell only, as stored.
 * @module
 */
import type { NumberKind, Workbook } from './workbook.ts';
import { attribute, decodeCellText, richText } from './xml-text.ts';

/** One cell. `trouble` names what is wrong with it; its text is what the file holds nevertheless. */
export interface Cell {
  readonly text: string;
  /** The number format made it a date: `text` is its ISO form and `shown` what the spreadsheet shows. */
  readonly shown?: string;
  readonly trouble?: 'FORMULA' | 'CELL_ERROR' | 'PRECISION_LOST';
}

export interface SheetRow {
  /** Row of the sheet, counting from 1. */
  readonly number: number;
  /** By column from 0; a blank cell is undefined. Cells beyond the last column that a sheet can have share the place after it. */
  readonly cells: readonly (Cell | undefined)[];
}

/** Columns of a sheet: A to XFD. */
const MOST_COLUMNS = 16_384;

const MAX_ROW_TEXT = 64 << 20;
/** Numbers and dates repeat: so many are remembered as they are shown. */
const MOST_NUMBERS = 50_000;

interface Sheet {
  /** Prefix of the elements' names, with its colon. */
  readonly prefix: string;
  readonly workbook: Workbook;
  readonly numbers: Map<string, Cell>;
  /** Cells made for shared texts, by the text's index. */
  readonly shared: (Cell | undefined)[];
}

/** Streams the rows that hold any cell. Memory holds one row. @throws RangeError when one row exceeds every bound */
export async function* sheetRows(chunks: AsyncIterable<Buffer>, workbook: Workbook): AsyncGenerator<SheetRow> {
  const decoder = new TextDecoder();
  let rest = '';
  let prefix: string | undefined;
  let number = 0;
  const numbers = new Map<string, Cell>();
  const shared = new Array<Cell | undefined>(workbook.strings.length);
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    prefix ??= /<(\w+:)?worksheet[\s>]/.exec(rest)?.[1] ?? (rest.includes('<worksheet') ? '' : undefined);
    if (prefix === undefined) continue;
    const [open, close] = [`<${prefix}row`, `</${prefix}row>`];
    let used = 0;
    for (;;) {
      const start = findTag(rest, open, used);
      const tagEnd = start === -1 ? -1 : rest.indexOf('>', start);
      if (tagEnd === -1) {
        if (start === -1) used = Math.max(used, rest.length - open.length);
        break;
      }
      const tag = rest.slice(start, tagEnd);
      const empty = rest[tagEnd - 1] === '/';
      const end = empty ? tagEnd + 1 : rest.indexOf(close, tagEnd);
      if (end === -1) {
        used = start;
        break;
      }
      number = Number(attribute(tag, 'r') ?? number + 1);
      if (!empty) {
        const cells = rowCells(rest, tagEnd + 1, end, { prefix, workbook, numbers, shared });
        if (cells.length > 0) yield { number, cells };
      }
      used = empty ? end : end + close.length;
    }
    rest = rest.slice(used);
    if (rest.length > MAX_ROW_TEXT) throw new RangeError('sheetRows: expected a row of less than 64 MiB');
  }
}

/** The next start tag whose name is exactly `open`: `<row` is not `<rowBreaks`. */
function findTag(xml: string, open: string, from: number, to = xml.length): number {
  for (let at = xml.indexOf(open, from); at !== -1 && at < to; at = xml.indexOf(open, at + 1)) {
    const after = xml.charCodeAt(at + open.length);
    if (Number.isNaN(after)) return -1;
    if (after <= 32 || after === 62 || after === 47) return at;
  }
  return -1;
}

/** The cells between two positions of a row's XML. Positions instead of slices: this runs once for each cell. */
function rowCells(xml: string, from: number, to: number, sheet: Sheet): (Cell | undefined)[] {
  const cells: (Cell | undefined)[] = [];
  const [open, close] = [`<${sheet.prefix}c`, `</${sheet.prefix}c>`];
  const tag: CellTag = { column: -1, type: 'n', style: -1, empty: false, end: 0 };
  let column = -1;
  let at = findTag(xml, open, from, to);
  while (at !== -1) {
    readTag(xml, at + open.length, tag);
    column = tag.column === -1 ? column + 1 : tag.column;
    const end = tag.empty ? tag.end : xml.indexOf(close, tag.end);
    if (end === -1) break;
    if (!tag.empty) {
      const cell = readCell(tag, xml, end, sheet);
      if (cell !== undefined) {
        const place = Math.min(column, MOST_COLUMNS);
        while (cells.length < place) cells.push(undefined);
        cells[place] = cell;
      }
    }
    at = findTag(xml, open, end + 1, to);
  }
  return cells;
}

/** What a cell's start tag says; `end` is the position of its last character. One object serves all cells of a row. */
interface CellTag {
  column: number;
  type: string;
  style: number;
  empty: boolean;
  end: number;
}

/** Reads the attributes `r`, `t` and `s` from the position after the tag's name. */
function readTag(xml: string, from: number, tag: CellTag): void {
  tag.column = -1;
  tag.type = 'n';
  tag.style = -1;
  let i = from;
  for (;;) {
    const code = xml.charCodeAt(i);
    if (code === 62 || Number.isNaN(code)) break; // >
    const quote = xml.charCodeAt(i + 2);
    if (xml.charCodeAt(i - 1) <= 32 && xml.charCodeAt(i + 1) === 61 && (quote === 34 || quote === 39)) {
      const start = i + 3;
      const end = xml.indexOf(quote === 34 ? '"' : "'", start);
      if (code === 114) tag.column = columnOf(xml, start); // r
      else if (code === 116) tag.type = end === start + 1 ? xml.charAt(start) : xml.slice(start, end); // t
      else if (code === 115) tag.style = digitsAt(xml, start); // s
      i = end + 1;
    } else i++;
  }
  tag.empty = xml.charCodeAt(i - 1) === 47;
  tag.end = i;
}

/** The whole number that stands at a position; -1 where none does. */
function digitsAt(text: string, from: number): number {
  let value = -1;
  for (let i = from; ; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return value;
    value = (value === -1 ? 0 : value * 10) + digit;
  }
}

/** `BC12` → 54, read from a position of a text. */
export function columnOf(text: string, from = 0): number {
  let column = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  return column - 1;
}

/** Reads the children of a cell: a formula is only seen, the value is taken. */
function readCell(tag: CellTag, xml: string, end: number, sheet: Sheet): Cell | undefined {
  let formula = false;
  let value = -1;
  for (let at = xml.indexOf('<', tag.end); at !== -1 && at < end; at = xml.indexOf('<', at + 1)) {
    const name = at + 1 + sheet.prefix.length;
    const after = xml.charCodeAt(name + 1);
    if ((after > 32 && after !== 62 && after !== 47) || !xml.startsWith(sheet.prefix, at + 1)) continue;
    const letter = xml.charCodeAt(name);
    if (letter === 102) formula = true; // f
    else if (letter === 118 && value === -1) value = xml.indexOf('>', name) + 1; // v
  }
  const cell = tag.type === 'inlineStr' ? { text: richText(xml.slice(tag.end + 1, end)) }
    : value === -1 ? undefined : tag.type === 's' ? sharedCell(digitsAt(xml, value), sheet) : valueCell(tag, xml.slice(value, Math.min(end, xml.indexOf('<', value))), sheet);
  if (formula) return { text: cell?.text ?? '', trouble: 'FORMULA' };
  return cell?.text === '' ? undefined : cell;
}

/** One object for each shared text, however many cells show it. */
function sharedCell(index: number, { workbook, shared }: Sheet): Cell {
  return (shared[index] ??= { text: workbook.strings[index] ?? '' });
}

function valueCell(tag: CellTag, raw: string, { workbook, numbers }: Sheet): Cell {
  switch (tag.type) {
    case 'str': case 'd': return { text: decodeCellText(raw) };
    case 'b': return { text: raw === '1' || raw === 'true' ? 'true' : 'false' };
    case 'e': return { text: decodeCellText(raw), trouble: 'CELL_ERROR' };
    default: {
      const kind = tag.style === -1 ? 'number' : (workbook.kinds[tag.style] ?? 'number');
      const key = kind === 'number' ? raw : `${raw} ${kind}`;
      const known = numbers.get(key);
      if (known) return known;
      const cell = numberCell(raw, kind, workbook.date1904);
      if (numbers.size < MOST_NUMBERS) numbers.set(key, cell);
      return cell;
    }
  }
}

/** A number as it is shown: the file holds a double, written with up to 17 digits. */
function numberCell(raw: string, kind: NumberKind, date1904: boolean): Cell {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return { text: decodeCellText(raw) };
  if (kind === 'percent') return { text: `${Number((value * 100).toPrecision(12))}%` };
  if (kind !== 'number') return dateCell(value, kind, date1904);
  const text = Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(Number(value.toPrecision(15)));
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? { text, trouble: 'PRECISION_LOST' } : { text };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;

/** §18.17.4.1: day 1 is 1 January 1900, and day 60 is a 29 February 1900 that never was. */
function dateCell(serial: number, kind: NumberKind, date1904: boolean): Cell {
  const epoch = date1904 ? Date.UTC(1904, 0, 1) : serial < 60 ? Date.UTC(1899, 11, 31) : Date.UTC(1899, 11, 30);
  const date = new Date(epoch + Math.round(serial * 86_400) * 1000);
  if (serial < 0 || Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999) return { text: String(serial) };
  const iso = date.toISOString();
  const text = date.getTime() % DAY_MS === 0 ? iso.slice(0, 10) : iso.slice(0, 19);
  const month = MONTHS[date.getUTCMonth()] ?? '';
  if (kind === 'day-month') return { text, shown: `${date.getUTCDate()}-${month}` };
  if (kind === 'month-year') return { text, shown: `${month}-${String(date.getUTCFullYear() % 100).padStart(2, '0')}` };
  return kind === 'time' && serial < 1 ? { text: iso.slice(11, 19) } : { text, shown: text };
}
