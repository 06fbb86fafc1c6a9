/**
 * What a file seems to be where its header is not the instrument's: an extract of another instrument, or a table whose
 * header stands on another line or sheet. One thing is said instead of an issue for each column and record.
 * Leaves out: JSON, whose records name their members themselves.
 * @module
 */
import type { InstrumentDefinition } from '@weighbridge/instrument';
import type { Kind } from './findings.ts';
import { fewColumns, fitOf, noHeader } from './header.ts';
import type { HeaderFit } from './header.ts';

/** Lines in which a header is looked for. */
export const HEAD_LINES = 20;

/** A line that may be a header. */
export interface HeaderLine {
  /** Counting from 1; absent for files without lines. */
  readonly line?: number;
  readonly names: readonly string[];
}

/** A sheet of a workbook. */
export interface SheetLines {
  readonly name: string;
  readonly lines: readonly HeaderLine[];
}

export interface HeaderClues {
  /** What was read as the header. */
  readonly header: HeaderLine;
  /** Gives the lines near the beginning of the file; asked only where the header is amiss, as `others` of the sheet is. */
  readonly nearby: () => readonly HeaderLine[];
  /** For workbooks: the sheet that was read, and a way to look into the others. */
  readonly sheet?: { readonly name: string; readonly others: () => Promise<readonly SheetLines[]> };
}

/** Gives the other instruments of the collection; asked only when the header is not as expected. */
export type OtherInstruments = () => Promise<readonly InstrumentDefinition[]>;

/** What is said, and on which line. */
export interface Misfit {
  readonly kind: Kind;
  readonly line: number | undefined;
}

/** A line with how well it fits an instrument. */
interface Candidate {
  readonly definition: InstrumentDefinition;
  readonly at: HeaderLine;
  readonly sheet: string | undefined;
  readonly fit: HeaderFit;
}

/**
 * The one thing to say of a header that holds fewer than half of the instrument's names, or that another instrument
 * fits clearly better; undefined for any other header, whose columns are told one by one.
 */
export async function explainHeader(clues: HeaderClues, definition: InstrumentDefinition, others: OtherInstruments | undefined): Promise<Misfit | undefined> {
  const own = fitOf(clues.header.names, definition);
  if (own.met === own.expected) return undefined;
  const isHeader = own.met * 2 >= own.expected;
  const sheets = (await clues.sheet?.others()) ?? [];
  const elsewhereToo = isHeader ? [] : [...clues.nearby().map((at) => ({ at, sheet: undefined })), ...sheets.flatMap(({ name, lines }) => lines.map((at) => ({ at, sheet: name })))];
  const places = [{ at: clues.header, sheet: undefined }, ...elsewhereToo];
  const best = (of: InstrumentDefinition): Candidate | undefined => places
    .map((place): Candidate => ({ definition: of, ...place, fit: fitOf(place.at.names, of) }))
    .reduce<Candidate | undefined>((a, b) => (a === undefined || b.fit.score > a.fit.score ? b : a), undefined);
  const ours = best(definition);
  const other = ((await others?.()) ?? []).filter((o) => o.id !== definition.id).map(best)
    .reduce<Candidate | undefined>((a, b) => (b !== undefined && (a === undefined || b.fit.score > a.fit.score) ? b : a), undefined);
  const also = clues.sheet === undefined ? '' : sheetWords(clues.sheet.name, sheets);
  if (other !== undefined && other.fit.score >= 0.75 && other.fit.score >= (ours?.fit.score ?? 0) + 0.2) return otherInstrument(own, other, clues, also);
  if (isHeader) return undefined;
  if (ours !== undefined && ours.at !== clues.header && ours.fit.met * 2 >= ours.fit.expected) return elsewhere(own, ours, also);
  const kind = noHeader(own, definition);
  return { kind: { ...kind, message: `${kind.message}${also}` }, line: clues.header.line };
}

function otherInstrument(own: HeaderFit, { definition, at, sheet, fit }: Candidate, clues: HeaderClues, also: string): Misfit {
  const columns = fit.met === fit.expected ? `all ${fit.expected}` : `${fit.met} of the ${fit.expected}`;
  const where = at === clues.header ? 'there' : placeWords(at, sheet);
  return {
    kind: {
      code: 'WRONG_INSTRUMENT', severity: 'error',
      message: `${fewColumns(own)}; this looks like an extract of “${definition.id}”: ${columns} of its columns are ${where}${also}`,
      repair: `check and submit it for the instrument ${definition.id}, or choose the file that this instrument asks for`,
    },
    line: clues.header.line,
  };
}

function elsewhere(own: HeaderFit, { at, sheet, fit }: Candidate, also: string): Misfit {
  return {
    kind: {
      code: 'HEADER_MISPLACED', severity: 'error',
      message: `${fewColumns(own)}; the header seems to stand ${placeWords(at, sheet)}, where ${fit.met} of them are${also}`,
      repair: sheet === undefined
        ? `take out the lines above it, or have the keeper of the instrument say on which line the header stands (format: headerRow)`
        : `save that sheet as a workbook of its own, or have the keeper of the instrument name the sheet (format: sheet)`,
    },
    line: sheet === undefined ? at.line : undefined,
  };
}

function placeWords({ line }: HeaderLine, sheet: string | undefined): string {
  const words = line === undefined ? '' : `on line ${line}`;
  return sheet === undefined ? words : `${words} of the sheet ${shown(sheet)}`.trim();
}

/** Sheet names are structure, as column names are. */
function sheetWords(read: string, others: readonly SheetLines[]): string {
  const names = others.slice(0, 12).map(({ name }) => shown(name)).join(', ');
  const more = others.length > 12 ? `, and ${others.length - 12} more` : '';
  return `; the sheet ${shown(read)} was read, ${others.length === 0 ? 'the only one' : `the workbook also has ${names}${more}`}`;
}

function shown(name: string): string {
  return name.length > 60 ? '(a long name)' : `“${name}”`;
}
