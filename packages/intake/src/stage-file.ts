/**
 * Brings a file of any kind to the raw stage. Everything wrong with the file's form is found here; its values are
 * judged later.
 * @module
 */
import type { StageContext, Staged } from './stage.ts';
import { stageCsv } from './stage-csv.ts';
import { stageJson } from './stage-json.ts';
import { stageParquet } from './stage-parquet.ts';
import { stageXlsx } from './stage-xlsx.ts';

/** Stages a file. Problems go to the context's findings; the hash is always that of the whole original. */
export function stageFile(context: StageContext): Promise<Staged> {
  switch (context.source.kind) {
    case 'csv': return stageCsv(context);
    case 'xlsx': return stageXlsx(context);
    case 'json':
    case 'ndjson': return stageJson(context);
    case 'parquet': return stageParquet(context);
  }
}
