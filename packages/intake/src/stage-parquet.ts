/**
 * Parquet to the raw stage: every column as text, in the file's order of rows.
 * @module
 */
import { sha384File } from '@weighbridge/base/node';
import { sqlName, sqlText } from '@weighbridge/engine';
import { EngineError } from '@weighbridge/engine';
import { copyRaw } from './copy-raw.ts';
import { mapHeader } from './header.ts';
import { explainHeader } from './header-clues.ts';
import { UNREAD } from './stage.ts';
import type { StageContext, Staged } from './stage.ts';

export async function stageParquet(context: StageContext): Promise<Staged> {
  const { source, instrument, engine, findings } = context;
  const base = { original: await sha384File(source.path), format: { kind: 'parquet', encoding: null, delimiter: null, newline: null, compressed: false } as const };
  try {
    const names = (await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${sqlText(source.path)})`, 'reading the columns')).map((row) => String(row['column_name']));
    const [about] = await engine.rows(`SELECT num_rows AS n FROM parquet_file_metadata(${sqlText(source.path)})`, 'reading the columns');
    const records = Number(about?.['n'] ?? -1);
    const misfit = await explainHeader({ header: { names }, nearby: () => [] }, instrument.definition, context.others);
    const { layout, problems } = mapHeader(names, instrument.definition);
    for (const problem of misfit ? [misfit.kind] : problems) findings.add(problem, {});
    if (misfit || layout.columns.size === 0) return { ...base, ...UNREAD, records };
    const texts = names.map((name, i) => `CAST(${sqlName(name)} AS VARCHAR) AS c${i}`).join(', ');
    // A column of the engine's own name for the row number leaves counting, which keeps the file's order as well.
    const taken = names.some((name) => name.toLowerCase() === 'file_row_number');
    const numbered = taken ? ['row_number() OVER ()', ''] as const : ['file_row_number + 1', ', file_row_number = true'] as const;
    const from = `(SELECT ${numbered[0]} AS _row, CAST(NULL AS BIGINT) AS _line, ${texts} FROM read_parquet(${sqlText(source.path)}${numbered[1]}))`;
    return { ...base, ...await copyRaw(context, layout, from, records), records };
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'ENGINE') throw error;
    findings.add({ code: 'PARQUET_DAMAGED', severity: 'error', message: 'the file is not Parquet that can be read', repair: 'write the file again; it may have been cut off' }, {});
    return { ...base, ...UNREAD, records: 0 };
  }
}
