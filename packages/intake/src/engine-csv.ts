/**
 * The engine's CSV reader, told everything and left nothing to guess.
 * Source: docs/references.md#duckdb. Its buffers are small so that memory stays flat while Parquet is written in order.
 * @module
 */
import { sqlText } from '@weighbridge/engine';

export interface EngineCsv {
  readonly path: string;
  readonly delimiter: string;
  /** Column names, all read as text unless `numbered`. */
  readonly columns: readonly string[];
  /** The first two columns are the record and line numbers of our own rewriting; there is no header. */
  readonly numbered: boolean;
}

/** SQL of a table over a CSV file. Empty cells are NULL. A record with another number of fields is an engine error. */
export function readCsvSql({ path, delimiter, columns, numbered }: EngineCsv): string {
  const types = columns.map((name, i) => `${sqlText(name)}: '${numbered && i < 2 ? 'BIGINT' : 'VARCHAR'}'`).join(', ');
  return `read_csv(${sqlText(path)}, auto_detect = false, header = false, skip = ${numbered ? 0 : 1}, compression = 'none', delim = ${sqlText(delimiter)}, `
    + `quote = '"', escape = '"', strict_mode = true, null_padding = false, max_line_size = 2000000, buffer_size = 8000000${numbered ? ", new_line = '\\n'" : ''}, columns = {${types}})`;
}
