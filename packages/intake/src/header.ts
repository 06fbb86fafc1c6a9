/**
 * From the header of a file to the fields of the instrument. Order does not matter; names do.
 * @module
 */
import type { InstrumentDefinition } from '@weighbridge/instrument';
import type { Kind } from './findings.ts';

/** Where each field stands. */
export interface Layout {
  /** Number of columns in the file. */
  readonly width: number;
  /** Field → column, counting from 0. */
  readonly columns: ReadonlyMap<string, number>;
  /** Wide columns that become records: column and its header. Empty unless the instrument unpivots. */
  readonly wide: readonly { readonly column: number; readonly name: string }[];
  /** Headers that the instrument does not name and ignores. */
  readonly ignored: readonly string[];
  /** What each column may be called in messages: its name, or its number where the name may be a value. */
  readonly labels: readonly string[];
}

/**
 * Maps a header. Problems are told as kinds: a duplicate, missing or unknown column. Column names are structure, not
 * data, and are quoted up to 60 characters; but where fewer than half of the instrument's names are there, the line is
 * likely a record in the place of the header: that is told as `HEADER_MISSING` and nothing else, no column is mapped and
 * nothing is echoed.
 * @param named - whether the names are known to be names; default: found by that measure
 */
export function mapHeader(header: readonly string[], definition: InstrumentDefinition, named?: boolean): { layout: Layout; problems: Kind[] } {
  const names = header.map((h) => h.replace(/^\uFEFF/, '').trim());
  const { unpivot } = definition.format;
  const pattern = unpivot ? new RegExp(unpivot.columns, 'u') : undefined;
  const fields = definition.fields.filter((f) => f.name !== unpivot?.name && f.name !== unpivot?.value);
  const problems: Kind[] = [];
  const columns = new Map<string, number>();
  const used = new Set<number>();
  for (const field of fields) {
    const source = field.source ?? field.name;
    const found = names.flatMap((name, i) => (name === source ? [i] : []));
    const [first] = found;
    if (found.length > 1) problems.push(duplicate(source, found));
    else if (first === undefined) problems.push(missing(source, field.name, names));
    if (first !== undefined) {
      columns.set(field.name, first);
      for (const i of found) used.add(i);
    }
  }
  const wide = names.flatMap((name, column) => (pattern?.test(name) === true && !used.has(column) ? [{ column, name }] : []));
  for (const { column } of wide) used.add(column);
  if (unpivot && wide.length === 0) problems.push(noWide(unpivot.columns));
  const isHeader = named ?? holdsNames(names, fields.map((f) => f.source ?? f.name), wide.length);
  if (!isHeader && named === undefined) {
    const layout = { width: names.length, columns: new Map<string, number>(), wide: [], labels: names.map((_, i) => `column ${i + 1}`), ignored: [] };
    return { layout, problems: [noHeader(fitOf(names, definition), definition)] };
  }
  const labels = names.map((name, i) => (used.has(i) || (isHeader && name !== '' && name.length <= 60) ? name : `column ${i + 1}`));
  const extra = names.flatMap((name, i) => (used.has(i) || (name === '' && i === names.length - 1) ? [] : [i]));
  if (definition.extraColumns === 'refuse') problems.push(...extra.map((i) => unknown(isHeader ? names[i] ?? '' : undefined, labels[i])));
  return { layout: { width: names.length, columns, wide, labels, ignored: definition.extraColumns === 'refuse' ? [] : extra.map((i) => names[i] ?? '') }, problems };
}

/** How well the names of a header are those of an instrument, however they are written. */
export interface HeaderFit {
  readonly met: number;
  readonly expected: number;
  /** From 0 to 1: the share of names that are on both sides (Dice's coefficient). */
  readonly score: number;
}

/** Wide columns that become records count as one. */
export function fitOf(header: readonly string[], definition: InstrumentDefinition): HeaderFit {
  const names = header.map((h) => h.replace(/^\uFEFF/, '').trim()).filter((name) => name !== '');
  const { unpivot } = definition.format;
  const sources = expectedHeaders(definition);
  const folded = new Set(names.map(fold));
  const met = sources.filter((name) => names.includes(name) || folded.has(fold(name))).length;
  const pattern = unpivot ? new RegExp(unpivot.columns, 'u') : undefined;
  const wide = pattern ? names.filter((name) => pattern.test(name) && !sources.includes(name)).length : 0;
  const found = met + Math.min(wide, 1);
  const expected = sources.length + (unpivot ? 1 : 0);
  return { met: found, expected, score: (2 * found) / (expected + names.length - Math.max(wide - 1, 0)) };
}

/** What is said first of a header that holds too few of the instrument's names. */
export function fewColumns({ met, expected }: HeaderFit): string {
  if (met === 0 && expected === 1) return 'the one column of this instrument is not in the header';
  return met === 0 ? `none of the ${expected} columns of this instrument are in the header` : `only ${met} of the ${expected} columns of this instrument are in the header`;
}

/** At least half of the expected names are there, however they are written; where none is expected, some wide column is. */
export function holdsNames(names: readonly string[], expected: readonly string[], wide = 0): boolean {
  if (expected.length === 0) return wide > 0;
  const folded = new Set(names.map(fold));
  return expected.filter((name) => names.includes(name) || folded.has(fold(name))).length * 2 >= expected.length;
}

/** The names a header should hold, for finding the delimiter. */
export function expectedHeaders(definition: InstrumentDefinition): string[] {
  const { unpivot } = definition.format;
  return definition.fields.filter((f) => f.name !== unpivot?.name && f.name !== unpivot?.value).map((f) => f.source ?? f.name);
}

function shown(name: string): string {
  return name === '' ? 'without a name' : name.length > 60 ? '(a long text)' : `“${name}”`;
}

/** Without case, spaces and punctuation. */
function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** The header row may be missing, or the file be another. */
export function noHeader(fit: HeaderFit, definition: InstrumentDefinition): Kind {
  const names = expectedHeaders(definition);
  return {
    code: 'HEADER_MISSING', severity: 'error',
    message: `${fewColumns(fit)}: the row with the column names may be missing, or the file may be of another instrument`,
    repair: `put a row with the column names above the first record, or choose the file that this instrument asks for; it expects ${names.slice(0, 12).join(', ')}${names.length > 12 ? `, and ${names.length - 12} more` : ''}`,
  };
}

function duplicate(source: string, found: readonly number[]): Kind {
  return {
    code: 'HEADER_DUPLICATE', severity: 'error', column: source,
    message: `the header names the column ${shown(source)} ${found.length} times (columns ${found.map((i) => i + 1).join(', ')})`,
    repair: 'keep one of them, or give the others their own names',
  };
}

function missing(source: string, field: string, names: readonly string[]): Kind {
  const near = names.find((name) => fold(name) === fold(source)) ?? names.find((name) => fold(name) === fold(field));
  return {
    code: 'COLUMN_MISSING', severity: 'error', column: source,
    message: `expected a column named ${shown(source)}; the header has none`,
    repair: near === undefined ? 'add the column; leave its cells blank where nothing is known' : `rename the column ${shown(near)} to ${shown(source)}`,
  };
}

/** @param name - undefined where it may be a value: it is not echoed then */
function unknown(name: string | undefined, label: string | undefined): Kind {
  return {
    code: 'COLUMN_UNKNOWN', severity: 'error', ...(label === undefined ? {} : { column: label }),
    message: `the column ${name === undefined ? 'at this place' : shown(name)} is not part of the instrument`,
    repair: 'take the column out, or ask the keeper of the instrument to declare it; nothing that was not asked for may be sent',
  };
}

function noWide(pattern: string): Kind {
  return {
    code: 'COLUMN_MISSING', severity: 'error', message: `expected columns whose header matches ${pattern}; there is none`,
    repair: 'check that the file is of the edition that the instrument describes',
  };
}
