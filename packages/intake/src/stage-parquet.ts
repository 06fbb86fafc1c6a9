/**
 * Parquet to the raw stage: every column as text, in the file's order of rows.
 * @module
 */
import { sha384File } from '@weighbridge/base/node';
import { sqlName, sqlText } from '@weighbridge/engine';
import { EngineError } from '@weighbridge/engine';
import type { Instrument } from '@weighbridge/instrument';
import { mapHeader } from './header.ts';
import { RAW_PARQUET, UNREAD, rawPath, rawSelect, spreadFields, stagedFields } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

export async function stageParquet(context: StageContext): Promise<Staged> {
  const { source, instrument, engine, findings, scratch } = context;
  const base = { original: await sha384File(source.path), format: { kind: 'parquet', encoding: null, delimiter: null, newline: null, compressed: false } as const };
  try {
    const names = (await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${sqlText(source.path)})`, 'reading the columns')).map((row) => String(row['column_name']));
    const { layout, problems } = mapHeader(names, instrument.definition);
    for (const problem of problems) findings.add(problem, {});
    if (layout.columns.size === 0) return { ...base, ...UNREAD, records: 0 };
    const texts = names.map((name, i) => `CAST(${sqlName(name)} AS VARCHAR) AS c${i}`).join(', ');
    const from = `(SELECT file_row_number + 1 AS _row, CAST(NULL AS BIGINT) AS _line, ${texts} FROM read_parquet(${sqlText(source.path)}, file_row_number = true))`;
    const rows = await engine.rows(`COPY (SELECT ${rawSelect(layout, instrument, ['_row', '_line'])} FROM ${from}) TO ${sqlText(rawPath(scratch))} ${RAW_PARQUET}`, 'reading the records');
    const records = Number(rows[0]?.['Count'] ?? 0) / wideFactor(instrument, layout.wide.length);
    return { ...base, table: `read_parquet(${sqlText(rawPath(scratch))})`, fields: stagedFields(layout, instrument), spread: await spreadFields(engine, scratch), records, readable: true };
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'ENGINE') throw error;
    findings.add({ code: 'PARQUET_DAMAGED', severity: 'error', message: 'the file is not Parquet that can be read', repair: 'write the file again; it may have been cut off' }, {});
    return { ...base, ...UNREAD, records: 0 };
  }
}

function wideFactor(instrument: Instrument, wide: number): number {
  return instrument.definition.format.unpivot ? Math.max(1, wide) : 1;
}
