/**
 * The raw stage: one Parquet file of texts in scratch, a column per field, the record and line number of each row known.
 * What the readers of every kind of file share.
 * @module
 */
import { join } from 'node:path';
import { sqlName, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import type { Sha384 } from '@weighbridge/base';
import type { Instrument } from '@weighbridge/instrument';
import type { Findings } from './findings.ts';
import type { Layout } from './header.ts';
import type { OtherInstruments } from './header-clues.ts';
import type { FileKind, Source } from './source.ts';

/** How far a stage is. */
export interface Progress {
  readonly stage: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly totalBytes?: number;
}

/** How the file is written, as found or declared. */
export interface FileFormat {
  readonly kind: FileKind;
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly newline: 'lf' | 'crlf' | 'cr' | 'mixed' | null;
  readonly compressed: boolean;
}

export interface StageContext {
  readonly source: Source;
  readonly instrument: Instrument;
  readonly engine: Engine;
  readonly scratch: string;
  readonly findings: Findings;
  readonly onProgress: (progress: Progress) => void;
  /** The other instruments of the collection, to say which one a file seems to be of. */
  readonly others?: OtherInstruments | undefined;
}

/** The raw stage. */
export interface Staged {
  /** SQL of a table with `_row`, `_line` and one text column per field that the file has. */
  readonly table: string;
  /** Fields the file has. */
  readonly fields: ReadonlySet<string>;
  /** Fields in which most records have a text of their own. */
  readonly spread: ReadonlySet<string>;
  /** Records of the file. */
  readonly records: number;
  readonly original: Sha384;
  readonly format: FileFormat;
  /** False when the form is so broken that the values were not read. */
  readonly readable: boolean;
}

/** Where the raw stage is kept. */
export function rawPath(scratch: string): string {
  return join(scratch, 'raw.parquet');
}

/** Parquet for a stage that is read twice and thrown away. Small row groups keep the writer's memory low. */
export const RAW_PARQUET = '(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 40960, WRITE_BLOOM_FILTER false)';

/**
 * The select list of the raw stage from columns `c0`, `c1`, …: one column per field, wide columns turned into rows.
 * @param keep - columns passed on as they are, such as `_row`
 */
export function rawSelect(layout: Layout, instrument: Instrument, keep: readonly string[]): string {
  const plain = [...layout.columns].map(([field, column]) => `c${column} AS ${sqlName(field)}`);
  const { unpivot } = instrument.definition.format;
  if (!unpivot) return [...keep, ...plain].join(', ');
  const names = layout.wide.map((w) => `'${w.name.replaceAll("'", "''")}'`).join(', ');
  const values = layout.wide.map((w) => `c${w.column}`).join(', ');
  return [...keep, ...plain, `unnest([${names}]) AS ${sqlName(unpivot.name)}`, `unnest([${values}]) AS ${sqlName(unpivot.value)}`].join(', ');
}

/** Fields that the raw stage could not keep in dictionaries: nearly every record has a text of its own. */
export async function spreadFields(engine: Engine, scratch: string): Promise<Set<string>> {
  const rows = await engine.rows(
    `SELECT path_in_schema AS field FROM parquet_metadata(${sqlText(rawPath(scratch))}) GROUP BY 1 `
    + `HAVING count(*) FILTER (WHERE encodings NOT LIKE '%DICTIONARY%') * 2 > count(*) ORDER BY 1`, 'reading the stage');
  return new Set(rows.map((row) => String(row['field'])));
}

/** What stands for a stage whose values were not read. */
export const UNREAD = { table: '', fields: new Set<string>(), spread: new Set<string>(), readable: false } as const;

/** The fields that the raw stage has columns for. */
export function stagedFields(layout: Layout, instrument: Instrument): Set<string> {
  const { unpivot } = instrument.definition.format;
  return new Set([...layout.columns.keys(), ...(unpivot && layout.wide.length > 0 ? [unpivot.name, unpivot.value] : [])]);
}
