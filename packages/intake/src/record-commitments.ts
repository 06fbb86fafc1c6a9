/**
 * Commits to every record of a submission by itself, so that one can be shown later without the others.
 * A record's content is one line of JSON: its sealed columns in their order, each as text, null where there is nothing.
 * The line is kept nowhere: it comes out of the sealed file again, byte for byte.
 * @module
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { openEngine, sqlName, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { toHex } from '@weighbridge/log';
import { commitLines, eachLine } from '@weighbridge/log/node';
import type { RecordsTree } from './manifest.ts';

/** The tree's root and the files to keep: salts and hashes. */
export interface CommittedRecords {
  readonly tree: RecordsTree;
  readonly files: readonly { readonly path: string; readonly sha384: Sha384 }[];
}

/**
 * Builds the tree of the records in a sealed file. Memory does not grow with their number.
 * @param engine - may read `parquet` and write to `folder`
 */
export async function commitRecords(engine: Engine, parquet: string, folder: string): Promise<CommittedRecords> {
  const lines = join(folder, 'records.ndjson');
  await engine.run(`COPY (${recordsSql(await columnsOf(engine, parquet), parquet)}) TO ${sqlText(lines)} (FORMAT json)`, 'records one by one');
  const [salts, hashes] = [join(folder, 'salts'), join(folder, 'hashes')];
  const { root } = await commitLines(lines, (await stat(lines)).size, { salts, hashes });
  await rm(lines);
  const files = await Promise.all([salts, hashes].map(async (path) => ({ path, sha384: await sha384File(path) })));
  const [saltsFile, hashesFile] = files;
  if (saltsFile === undefined || hashesFile === undefined) throw new Error('expected two files');
  return { tree: { root: toHex(root) as Sha384, salts: saltsFile.sha384, hashes: hashesFile.sha384 }, files };
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
    const found: Uint8Array[] = [];
    eachLine(await readFile(lines), (content) => { found.push(Uint8Array.from(content)); });
    return found[0] ?? refuse('RECORD_INDEX', `the submission has no record ${row}`, { row }, 'records count from 1, in the order of the file');
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
