/**
 * XLSX to the raw stage: texts keep their leading zeros, dates become ISO dates, formulas and error cells are refused
 * with their address.
 * @module
 */
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import type { InstrumentDefinition } from '@weighbridge/instrument';
import { copyRaw } from './copy-raw.ts';
import type { Kind } from './findings.ts';
import { mapHeader } from './header.ts';
import type { Layout } from './header.ts';
import { HEAD_LINES, explainHeader } from './header-clues.ts';
import type { HeaderLine, Misfit, SheetLines } from './header-clues.ts';
import { readCsvSql } from './engine-csv.ts';
import { RecordsFile } from './records-file.ts';
import { sheetRows } from './sheet.ts';
import type { Cell, SheetRow } from './sheet.ts';
import { UNREAD } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';
import { readWorkbook } from './workbook.ts';
import type { Workbook } from './workbook.ts';
import { Zip } from './zip.ts';

/** Sheets that are looked into for the header. */
const MOST_SHEETS = 20;

export async function stageXlsx(context: StageContext): Promise<Staged> {
  const { source, scratch, findings } = context;
  const base = { original: await sha384File(source.path), format: { kind: 'xlsx', encoding: null, delimiter: null, newline: null, compressed: false } as const };
  const records = new RecordsFile(join(scratch, 'records.csv'), ',');
  let found: Read;
  try {
    found = await readSheet(context, records);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    findings.addAll(error.issues);
    return { ...base, ...UNREAD, records: 0 };
  } finally {
    records.close();
  }
  const { layout, rows } = found;
  if (layout === undefined || layout.columns.size === 0) return { ...base, ...UNREAD, records: rows };
  const columns = ['_row', '_line', ...Array.from({ length: layout.width }, (_, i) => `c${i}`)];
  const csv = readCsvSql({ path: records.path, delimiter: ',', columns, numbered: true });
  return { ...base, ...await copyRaw(context, layout, csv, rows), records: rows };
}

interface Read {
  readonly layout: Layout | undefined;
  readonly rows: number;
}

async function readSheet(context: StageContext, records: RecordsFile): Promise<Read> {
  const { source, instrument, findings, onProgress } = context;
  const { definition } = instrument;
  const zip = await Zip.open(source.path, source.name);
  let sheet: SheetReader | undefined;
  let rows = 0;
  try {
    const workbook = await readWorkbook(zip, source.name, definition.format.sheet);
    const misfit = await findMisfit(context, zip, workbook);
    if (misfit) findings.add(misfit.kind, misfit.line === undefined ? {} : { line: misfit.line });
    for await (const row of sheetRows(zip.stream(workbook.sheetPart), workbook)) {
      if (row.number < definition.format.headerRow) continue;
      if (sheet === undefined) {
        sheet = new SheetReader(row, definition);
        if (!misfit) for (const problem of sheet.problems) findings.add(problem, { line: row.number });
        continue;
      }
      rows++;
      if (misfit) continue;
      const { texts, troubles } = sheet.read(row);
      for (const trouble of troubles) findings.add(trouble, { row: rows, line: row.number });
      records.writeTexts(rows, row.number, texts);
      if (rows % 10_000 === 0) onProgress({ stage: 'read', rows });
    }
    if (sheet === undefined) {
      const others = workbook.others.length === 0 ? '' : `; the workbook also has ${workbook.others.slice(0, 12).map((o) => `“${o.name}”`).join(', ')}`;
      findings.add({ code: 'HEADER_MISSING', severity: 'error', message: `expected a header in row ${definition.format.headerRow} of the sheet “${workbook.sheetName}”; there is none${others}`, repair: 'put the column names in that row' }, {});
    }
    return { layout: misfit ? undefined : sheet?.layout, rows };
  } finally {
    await zip.close();
  }
}

/** Looks at the header before anything else: under a wrong one every record is wrong. */
async function findMisfit({ instrument, others }: StageContext, zip: Zip, workbook: Workbook): Promise<Misfit | undefined> {
  const head = await headOf(zip, workbook, workbook.sheetPart);
  const header = head.find(({ line }) => line >= instrument.definition.format.headerRow);
  const sheets = (): Promise<SheetLines[]> => Promise.all(workbook.others.map(async ({ name, part }, i) => ({
    name, lines: i < MOST_SHEETS ? await headOf(zip, workbook, part).catch(() => []) : [], // a damaged sheet that nobody asked for
  })));
  return header && explainHeader({ header, nearby: () => head, sheet: { name: workbook.sheetName, others: sheets } }, instrument.definition, others);
}

/** The first lines of a sheet. */
async function headOf(zip: Zip, workbook: Workbook, part: string): Promise<(HeaderLine & { readonly line: number })[]> {
  const lines: (HeaderLine & { readonly line: number })[] = [];
  for await (const row of sheetRows(zip.stream(part), workbook)) {
    lines.push({ line: row.number, names: row.cells.map((cell) => cell?.text ?? '') });
    if (lines.length === HEAD_LINES) break;
  }
  return lines;
}

/** Turns the rows of one sheet into texts, knowing which columns are dates. */
class SheetReader {
  readonly layout: Layout;
  readonly problems: readonly Kind[];
  /** Column → field title for messages; only columns that are read. */
  readonly #names = new Map<number, string>();
  readonly #dates = new Set<number>();

  constructor(header: SheetRow, definition: InstrumentDefinition) {
    const names = header.cells.map((cell) => cell?.text ?? '');
    const { layout, problems } = mapHeader(names, definition);
    this.layout = layout;
    this.problems = problems;
    for (const field of definition.fields) {
      const column = layout.columns.get(field.name);
      if (column === undefined) continue;
      this.#names.set(column, field.source ?? field.name);
      if (['date', 'yearmonth', 'year'].includes(field.type)) this.#dates.add(column);
    }
    for (const { column, name } of layout.wide) this.#names.set(column, name);
  }

  read(row: SheetRow): { texts: (string | undefined)[]; troubles: Kind[] } {
    const texts = new Array<string | undefined>(this.layout.width).fill(undefined);
    const troubles: Kind[] = [];
    for (const [column, cell] of row.cells.entries()) {
      if (cell === undefined) continue;
      if (column >= this.layout.width) {
        troubles.push(outside(column));
        continue;
      }
      const name = this.#names.get(column);
      if (name === undefined) continue;
      texts[column] = cell.shown === undefined || this.#dates.has(column) ? cell.text : cell.shown;
      if (cell.trouble !== undefined) troubles.push(troubleKind(cell.trouble, name));
    }
    return { texts, troubles };
  }
}

function outside(column: number): Kind {
  return {
    code: 'RAGGED', severity: 'error', message: `a cell in column ${column + 1} has no header above it`,
    repair: 'clear the cell, or give its column a name',
  };
}

function troubleKind(trouble: NonNullable<Cell['trouble']>, column: string): Kind {
  return { ...TROUBLES[trouble], code: trouble, column };
}

const TROUBLES: Readonly<Record<NonNullable<Cell['trouble']>, Pick<Kind, 'severity' | 'message' | 'repair'>>> = {
  FORMULA: { severity: 'error', message: 'the cell holds a formula: its result depends on the program that opens the file', repair: 'copy the column and paste it as values' },
  CELL_ERROR: { severity: 'error', message: 'the cell holds an error such as #N/A', repair: 'correct the cell, or leave it blank if the value is not known' },
  PRECISION_LOST: { severity: 'warning', message: 'the number has more digits than a spreadsheet keeps: its last digits are lost already', repair: 'format the column as text in the source system and export it again' },
};
