/**
 * From the values of a JSON record to texts of cells: plain values, places in a list of the document, and numbers given
 * by two bounds. A value that does not fit is a fault of its cell, told with row and column and without the value.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { InstrumentDefinition } from '@weighbridge/instrument';
import type { Findings, Kind } from './findings.ts';
import { NumberText, valueAt } from './json-document.ts';
import { MAX_FIELD_BYTES } from './limits.ts';
import { isTooLong } from './records-file.ts';

/** What is wrong with a value that fits no cell. */
export type CellFault = Pick<Kind, 'code' | 'message' | 'repair'>;

/** The text of a cell, or what is wrong with it. */
export type Cell = string | CellFault;

type JsonFormat = NonNullable<InstrumentDefinition['format']['json']>;

/** How the values of a record become cells: the part of `format: json` that is the same for objects and arrays. */
export class CellReader {
  /** Columns made of two others. */
  readonly made: readonly string[];
  /** Columns that others are made of. */
  readonly bounds: ReadonlySet<string>;
  readonly #bands: readonly (readonly [string, { readonly low: string; readonly high: string }])[];
  readonly #lists = new Map<string, readonly string[]>();

  /**
   * @param root - the document; undefined where each record stands on its own line
   * @throws Refusal `JSON_LIST` when a list that the instrument names is not there, or holds more than texts and numbers
   */
  constructor(format: JsonFormat | undefined, root: unknown, file: string, findings: Findings) {
    this.#bands = Object.entries(format?.bands ?? {});
    this.made = this.#bands.map(([name]) => name);
    this.bounds = new Set(this.#bands.flatMap(([, { low, high }]) => [low, high]));
    for (const [column, path] of Object.entries(format?.lists ?? {})) {
      const list = listAt(root, path, file);
      const repeats = list.length - new Set(list).size;
      if (repeats > 0) {
        findings.summarise({
          code: 'JSON_LIST_REPEATS', severity: 'warning', column,
          message: `the list at ${path} holds ${repeats} texts that stand in it already: what the file tells apart becomes one`, repair: 'name a list that gives each place its own text, such as a code',
        }, repeats, {});
      }
      this.#lists.set(column, list);
    }
  }

  /** The cell of a column of the file. */
  cell(column: string, value: unknown): Cell {
    const list = this.#lists.get(column);
    if (list === undefined || value === null) return cellText(value) ?? NESTED;
    const text = typeof value === 'number' ? list[value] : undefined;
    return text ?? { code: 'JSON_LIST_PLACE', message: `expected a place in a list of ${list.length}: a whole number counting from 0`, repair: 'write the place that the value has in its list, or null' };
  }

  /** The cells of the columns made of two others. A fault of a bound is told of the number; without the column of one, blank. */
  *bands(values: ReadonlyMap<string, unknown>): Generator<readonly [string, Cell]> {
    for (const [name, { low, high }] of this.#bands) {
      if (!values.has(low) || !values.has(high)) yield [name, ''];
      else yield [name, bandOf(this.cell(low, values.get(low)), this.cell(high, values.get(high)))];
    }
  }
}

/**
 * The texts that stand at a path of a document.
 * @throws Refusal `JSON_LIST`
 */
export function listAt(root: unknown, path: string, file: string): readonly string[] {
  if (root === undefined) refuse('JSON_LIST', `the instrument names the list at ${path} of a document; in a file of one record a line there is none`, { file }, 'send the document as it is published (JSON)');
  const { value, missing } = valueAt(root, path);
  const texts = Array.isArray(value) ? value.map(cellText) : [undefined];
  const list = texts.filter((text) => text !== undefined);
  if (list.length === texts.length) return list;
  return refuse('JSON_LIST', `expected a list of texts or numbers at ${path}; ${missing === undefined ? 'found something else' : `there is no ${missing}`}`, { file }, 'name the path of the list in the instrument (format: json), or send the document of the edition that it describes');
}

/** The text of a value that fits a cell; undefined for objects and arrays. */
export function cellText(value: unknown): string | undefined {
  if (value === null) return '';
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : undefined;
}

/**
 * What is written of a cell: a fault becomes a finding and a blank.
 * @param column - undefined where the name may be a value: it is not echoed then
 * @throws Refusal `FIELD_TOO_LONG`
 */
export function checkedText(cell: Cell, column: string | undefined, place: { readonly row: number; readonly line: number }, findings: Findings): string | undefined {
  const at = columnOf(column);
  if (typeof cell !== 'string') {
    findings.add({ ...cell, severity: 'error', ...at }, place);
    return undefined;
  }
  if (isTooLong(cell)) refuse('FIELD_TOO_LONG', `the text is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, { ...place, ...at }, 'shorten the text');
  if (cell.includes('\0')) findings.add({ code: 'NUL_BYTE', message: 'the text holds the character U+0000', ...DAMAGED, ...at }, place);
  else if (!cell.isWellFormed()) findings.add({ code: 'ENCODING', message: 'the text holds half of a surrogate pair, which is no character', ...DAMAGED, ...at }, place);
  return cell;
}

/** A column as places name it. */
export function columnOf(name: string | undefined): { column?: string } {
  return name === undefined ? {} : { column: name.length > 60 ? '(a long name)' : name };
}

const NESTED: CellFault = { code: 'JSON_NESTED', message: 'expected a text, number, true, false or null; found an object or array', repair: 'write one value in each member' };
const DAMAGED = { severity: 'error', repair: 'export the file again; it is a sign of damage or of a wrong encoding' } as const;

/** Bounds as they are printed. What is no number is left to the field's grammar. */
function bandOf(low: Cell, high: Cell): Cell {
  if (typeof low !== 'string' || low === high) return low;
  if (typeof high !== 'string') return high;
  if (low === '' || high === '') return { code: 'JSON_BAND', message: 'expected both bounds or neither; one is blank', repair: 'write both bounds, the same number twice where it is exact, or null twice' };
  if (Number(low) > Number(high)) return { code: 'JSON_BAND', message: 'the low bound is above the high bound', repair: 'correct the bounds in the source' };
  return `${low}-${high}`;
}
