/**
 * Writes the raw stage and proves that it holds every record that was counted in the file.
 * @module
 */
import { sqlText } from '@weighbridge/engine';
import type { Layout } from './header.ts';
import { RAW_PARQUET, UNREAD, rawPath, rawSelect, spreadFields, stagedFields } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

/**
 * Copies the records of `from` (SQL of a table with `_row`, `_line`, `c0`, `c1`, …) into the raw stage. Where the
 * engine's count is not `records`, the finding `RECORDS_LOST` is made and the values count as not read.
 */
export async function copyRaw({ engine, instrument, findings, scratch }: Pick<StageContext, 'engine' | 'instrument' | 'findings' | 'scratch'>, layout: Layout, from: string, records: number): Promise<Pick<Staged, 'table' | 'fields' | 'spread' | 'readable'>> {
  const [row] = await engine.rows(`COPY (SELECT ${rawSelect(layout, instrument, ['_row', '_line'])} FROM ${from}) TO ${sqlText(rawPath(scratch))} ${RAW_PARQUET}`, 'reading the records');
  const expected = instrument.definition.format.unpivot ? records * layout.wide.length : records;
  const read = Number(row?.['Count'] ?? -1);
  if (read !== expected) {
    findings.add({
      code: 'RECORDS_LOST', severity: 'error', message: `${expected} records were counted in the file and ${read} were read from it; nothing was accepted`,
      repair: 'this is a fault of the program: report it with the two counts; the file in another form (CSV) may be read meanwhile',
    }, {});
    return UNREAD;
  }
  return { table: `read_parquet(${sqlText(rawPath(scratch))})`, fields: stagedFields(layout, instrument), spread: await spreadFields(engine, scratch), readable: true };
}
