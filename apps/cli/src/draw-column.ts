/**
 * The column `draw` of a file of cells: for each cell the sum of its records' keys modulo 2^32, from whoever tabulated the records.
 * Secret, like a seed: methods that change counts use it, and nothing writes it.
 * @module
 */
import type { CellRow, ProtectionSpec } from '@weighbridge/protect';
import { parse } from 'csv-parse/sync';
import type { Arguments } from './command.ts';
import type { Reporter } from './reporter.ts';
import { readCellsOrRecords } from './records-file.ts';
import { readUtf8 } from './utf8-file.ts';

/** As {@link readCellsOrRecords}, with the draws of cells where the file has them. What is no number is for the method to refuse. */
export async function readCellsWithDraws(args: Arguments, spec: ProtectionSpec, reporter: Reporter): Promise<CellRow[]> {
  const rows = await readCellsOrRecords(args, spec, reporter);
  if (args.flag('microdata') || spec.dimensions.some(({ column }) => column === 'draw')) return rows;
  const text = await readUtf8(args.positional(0));
  if (!/^[^\n]*\bdraw\b/.test(text)) return rows;
  const [header = [], ...records]: string[][] = parse(text, { skip_empty_lines: true });
  const at = header.indexOf('draw');
  const drawOf = (field = ''): number => (field.trim() === '' ? NaN : Number(field));
  return at === -1 ? rows : rows.map((row, i) => ({ ...row, draw: drawOf(records[i]?.[at]) }));
}
