/**
 * Commits to every record of a submission by itself, so that one can be shown later without the others.
 * A record's content is one line of JSON: its sealed columns in their order, each as text, null where there is nothing.
 * The line is kept nowhere: it comes out of the sealed file again, byte for byte.
 * @module
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { openEngine, sqlName, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { toHex } from '@weighbridge/log';
import { commitLines, recordOfLine } from '@weighbridge/log/node';
import type { RecordsTree } from './manifest.ts';

/** The tree's root and the files to keep: salts and hashes. */
export interface CommittedRecords {
  readonly tree: RecordsTree;
  readonly files: readonly { readonly path: string; readonly sha384: Sha384 }[];
}

/**
 * Builds the tree of the records in a sealed file: lines are committed to while the engine writes further ones. Memory does not grow with their number.
 * @param engine - may read `parquet` and write to `folder`
 */
export async function commitRecords(engine: Engine, parquet: string, folder: string): Promise<CommittedRecords> {
  const lines = join(folder, 'records.ndjson');
  const paths = { salts: join(folder, 'salts'), hashes: join(folder, 'hashes') };
  const written = engine.rows(`COPY (${recordsSql(await columnsOf(engine, parquet), parquet)}) TO ${sqlText(lines)} (FORMAT json, USE_TMP_FILE false)`, 'records one by one');
  try {
    const { root, count, sha384 } = await commitLines(lines, paths, { written });
    const [copied] = await written;
    if (copied?.['Count'] !== count) throw new Error('expected a line for every record');
    return {
      tree: { root: toHex(root) as Sha384, ...sha384 },
      files: [{ path: paths.salts, sha384: sha384.salts }, { path: paths.hashes, sha384: sha384.hashes }],
    };
  } catch (error) {
    engine.interrupt();
    await written.catch(() => undefined);
    throw error;
  } finally {
    await rm(lines, { force: true });
  }
}

/**
 * The content of one record of a sealed file, as it was committed to.
 * @param row - counts from 1
 * @throws Refusal RECORD_INDEX
 */
export async function recordContent(parquet: string, row: number, scratch: string): Promise<Uint8Array> {
  const engine = await openEngine({ scratch, allow: [parquet] });
  try {
    const lines = join(scratch, 'record.ndjson');
    await engine.run(`COPY (${recordsSql(await columnsOf(engine, parquet), parquet)} WHERE _row = ${row}) TO ${sqlText(lines)} (FORMAT json)`, 'one record');
    const text = await readFile(lines);
    const end = text.indexOf('\n');
    return end >= 0 ? recordOfLine(text.subarray(0, end)) : refuse('RECORD_INDEX', `the submission has no record ${row}`, { row }, 'records count from 1, in the order of the file');
  } finally {
    engine.close();
  }
}

async function columnsOf(engine: Engine, parquet: string): Promise<string[]> {
  const rows = await engine.rows(`SELECT column_name AS name FROM (DESCRIBE SELECT * FROM read_parquet(${sqlText(parquet)}))`, 'sealed columns');
  return rows.map(({ name }) => String(name));
}

/** Texts of every column: what JSON does to numbers and dates differs between versions of an engine, texts do not. */
function recordsSql(columns: readonly string[], parquet: string): string {
  return `SELECT ${columns.map((name) => `CAST(${sqlName(name)} AS VARCHAR) AS ${sqlName(name)}`).join(', ')} FROM read_parquet(${sqlText(parquet)})`;
}
