/**
 * The rows of a JSON file under their columns: objects that name their values, and arrays whose columns the instrument,
 * the document or the first row names.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { InstrumentDefinition } from '@weighbridge/instrument';
import type { Findings, Kind } from './findings.ts';
import { expectedHeaders, holdsNames, mapHeader } from './header.ts';
import { cellText, checkedText, columnOf } from './json-cells.ts';
import type { CellReader } from './json-cells.ts';
import { NumberText } from './json-document.ts';
import { MAX_COLUMNS } from './limits.ts';
import type { RecordsFile } from './records-file.ts';

/** What rows are read with. */
export interface RowContext {
  readonly definition: InstrumentDefinition;
  readonly file: string;
  readonly findings: Findings;
  readonly records: RecordsFile;
  readonly cells: CellReader;
}

/** Takes values one after the other and writes the rows that they are. */
export interface Rows {
  /** Rows met, those with faults among them. */
  readonly count: number;
  /** Rows met that were not written: they do not fit the columns. */
  readonly left: number;
  /** Columns written, in their order. */
  readonly names: readonly string[];
  /** @throws Refusal `JSON_NO_RECORDS`, `FIELD_TOO_LONG`, `RECORD_TOO_LONG`, `TOO_MANY_COLUMNS` */
  add(value: unknown, line: number): void;
  /** The columns against the fields. */
  mapped(): ReturnType<typeof mapHeader>;
}

/**
 * Objects as rows under the columns of the instrument and, after them, members of the first object that it does not
 * name. A member that first turns up later is a finding: a column cannot be added to rows already written.
 */
export class ObjectRows implements Rows {
  readonly names: string[] = [];
  readonly left = 0;
  count = 0;
  readonly #context: RowContext;
  readonly #columns = new Map<string, number>();
  readonly #expected: ReadonlySet<string>;
  readonly #met = new Set<string>();

  constructor(context: RowContext) {
    this.#context = context;
    this.#expected = new Set(expectedHeaders(context.definition));
    for (const name of this.#expected) this.#column(name);
  }

  add(value: unknown, line: number): void {
    const { file, records, cells, findings } = this.#context;
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberText) {
      refuse('JSON_NO_RECORDS', 'expected every record to be an object', { file, line }, 'write each record as an object with a member per column');
    }
    const row = ++this.count;
    const place = { row, line };
    const values = new Map<string, unknown>(Object.entries(value));
    for (const name of values.keys()) {
      if (this.#met.size < this.names.length && (row === 1 || this.#columns.has(name))) this.#met.add(name);
    }
    const texts: (string | undefined)[] = [];
    for (const [name, given] of values) {
      if (cells.bounds.has(name) && !this.#expected.has(name)) continue;
      if (row === 1) this.#column(name);
      const column = this.#columns.get(name);
      if (column !== undefined) texts[column] = checkedText(cells.cell(name, given), this.#shown(name), place, findings);
      else if (this.#context.definition.extraColumns === 'refuse') findings.add(lateMember(this.#named ? name : undefined), place);
    }
    for (const name of cells.bounds) if (!values.has(name)) values.set(name, null);
    for (const [name, cell] of cells.bands(values)) {
      if (cell !== '') this.#met.add(name);
      const column = this.#columns.get(name);
      if (column !== undefined) texts[column] = checkedText(cell, name, place, findings);
    }
    records.writeTexts(row, line, Array.from({ length: this.names.length }, (_, i) => texts[i]));
  }

  mapped(): ReturnType<typeof mapHeader> {
    return mapHeader(this.names, this.#context.definition, this.#named);
  }

  /** The members met so far are those of the instrument, so that a further one is a name too, and no value. */
  get #named(): boolean {
    return this.#expected.size === 0 || holdsNames([...this.#met], [...this.#expected]);
  }

  #shown(name: string): string | undefined {
    return this.#expected.has(name) || this.#named ? name : undefined;
  }

  #column(name: string): void {
    if (this.#columns.has(name)) return;
    this.#columns.set(name, this.names.length);
    this.names.push(name);
  }
}

/** Arrays as rows under columns that are known before the first of them. */
export class ArrayRows implements Rows {
  names: readonly string[] = [];
  count = 0;
  left = 0;
  readonly #context: RowContext;
  /** True where the instrument names the columns: then they are names for certain. */
  readonly #declared: boolean;
  #columns: readonly string[] | undefined;
  /** Columns that have cells of their own: all but those that only bound a number. */
  #read: ReadonlySet<string> = new Set();
  #mapped: ReturnType<typeof mapHeader> | undefined;

  /**
   * @param columns - names in the order of the values; undefined when the first row holds them
   * @throws Refusal `TOO_MANY_COLUMNS`
   */
  constructor(context: RowContext, columns: readonly string[] | undefined, declared: boolean) {
    this.#context = context;
    this.#declared = declared;
    if (columns) this.#open(columns, undefined);
  }

  add(value: unknown, line: number): void {
    const { file, findings, records, cells } = this.#context;
    if (!Array.isArray(value)) refuse('JSON_NO_RECORDS', 'expected every record to be an array', { file, ...(this.#columns ? { row: this.count + 1 } : {}), line }, 'write each record as an array with a value per column');
    if (!this.#columns) {
      this.#open(value.map((name) => cellText(name) ?? ''), line);
      return;
    }
    const row = ++this.count;
    const place = { row, line };
    if (value.length !== this.#columns.length) {
      this.left++;
      findings.add(ragged(this.#columns.length, value.length), place);
      return;
    }
    const texts = this.#columns.map((name, i) => (this.#read.has(name) ? checkedText(cells.cell(name, value[i]), this.#label(i), place, findings) : undefined));
    if (cells.made.length > 0) {
      const values = new Map(this.#columns.map((name, i) => [name, value[i] as unknown]));
      for (const [name, cell] of cells.bands(values)) texts.push(checkedText(cell, name, place, findings));
    }
    records.writeTexts(row, line, texts);
  }

  mapped(): ReturnType<typeof mapHeader> {
    return this.#mapped ?? { layout: { width: 0, columns: new Map(), wide: [], ignored: [], labels: [] }, problems: [noHeader()] };
  }

  #open(columns: readonly string[], line: number | undefined): void {
    const { file, definition, cells } = this.#context;
    if (columns.length > MAX_COLUMNS) refuse('TOO_MANY_COLUMNS', `expected at most ${MAX_COLUMNS} columns`, { file, ...(line === undefined ? {} : { line }) }, 'check that the file is a table with a record a row');
    this.#columns = columns;
    this.names = [...columns, ...cells.made];
    const fields = new Set(expectedHeaders(definition));
    this.#read = new Set(columns.filter((name) => fields.has(name) || !cells.bounds.has(name)));
    const { layout, problems } = mapHeader(this.names, definition, this.#declared ? true : undefined);
    const absent = [...cells.bounds].filter((name) => !columns.includes(name)).map(noBound);
    // Columns that others are made of are asked for, though no field has their name.
    const asked = problems.filter((p) => p.code !== 'COLUMN_UNKNOWN' || p.column === undefined || !cells.bounds.has(p.column));
    this.#mapped = { layout, problems: [...asked, ...absent] };
  }

  #label(column: number): string | undefined {
    return this.#mapped?.layout.labels[column];
  }
}

function lateMember(name: string | undefined): Kind {
  return { code: 'COLUMN_UNKNOWN', severity: 'error', ...columnOf(name), message: 'the member is not part of the instrument', repair: 'take the member out, or ask the keeper of the instrument to declare it' };
}

function ragged(expected: number, found: number): Kind {
  return {
    code: 'RAGGED', severity: 'error', message: `expected ${expected} values, one for each column; found ${found}`,
    repair: 'write every record with a value for each column, null where nothing is known',
  };
}

function noBound(name: string): Kind {
  return { code: 'COLUMN_MISSING', severity: 'error', ...columnOf(name), message: 'expected a column with this bound of a number; there is none', repair: 'add the column, or send the file of the edition that the instrument describes' };
}

function noHeader(): Kind {
  return { code: 'HEADER_MISSING', severity: 'error', message: 'expected the names of the columns in the first record; there is none', repair: 'write an array with the column names before the first record' };
}
