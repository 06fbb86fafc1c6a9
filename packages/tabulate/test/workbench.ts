/**
 * Collections and sealed records for the tests: real definitions on disk, real Parquet, real DuckDB.
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import type { SubmissionSource } from '@weighbridge/base';
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import { openEngine, sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import { tabulate } from '../src/index.ts';
import type { SealedSource } from '../src/index.ts';

export interface Workbench {
  readonly folder: string;
  readonly engine: Engine;
  /** Writes definitions and loads them. Paths are relative to the collection. */
  collection(files: Readonly<Record<string, string>>): Promise<Collection>;
  /** Seals the rows of a query. */
  seal(query: string, source?: Partial<SubmissionSource>, extra?: { repeatedKeys?: number }): Promise<SealedSource>;
  close(): Promise<void>;
}

export async function openWorkbench(threads = 2): Promise<Workbench> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-tabulate-'));
  const engine = await openEngine({ scratch: join(folder, 'scratch'), allow: [folder], threads });
  let sealed = 0;
  let collections = 0;
  return {
    folder, engine,
    async collection(files) {
      const root = join(folder, `collection-${collections++}`);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      return loadCollection(root);
    },
    async seal(query, source = {}, extra = {}) {
      const parquetPath = join(folder, `sealed-${sealed++}.parquet`);
      await engine.run(`COPY (SELECT ROW_NUMBER() OVER () AS _row, q.* FROM (${query}) AS q) TO ${sqlText(parquetPath)} (FORMAT parquet)`, 'sealing');
      const rows = await engine.rows(`SELECT COUNT(*) AS n FROM read_parquet(${sqlText(parquetPath)})`, 'counting');
      return {
        parquetPath, ...extra,
        source: {
          instrument: 'devices', agency: 'north', round: '2023', edition: 1, original: sha384(parquetPath), manifest: sha384(`m${parquetPath}`),
          rows: Number(rows[0]?.['n']), repairs: [], synthetic: true, ...source,
        },
      };
    },
    async close() {
      engine.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A collection with two agencies and two rounds; `sensitivity` of instruments is the caller's. */
export const COLLECTION = `
weighbridge: 1
id: test
title: Test
summary: Test records
purpose: Testing
legalBasis: None
residency: Here
publisher: Nobody
licence: None
edition: first
synthetic: true
agencies:
  - { id: north, title: Northern Police }
  - { id: south, title: Southern Police }
rounds:
  - { id: "2023", from: "2023-01-01", to: "2023-12-31" }
  - { id: "2024", from: "2024-01-01", to: "2024-12-31" }
`;

/** An instrument file from its own part: unit, sensitivity and coverage are given unless stated. */
export function instrument(id: string, body: string, sensitivity = '{ level: confidential, reason: case records }'): string {
  return `id: ${id}\ntitle: ${id}\ndescription: For tests\nrecord: One thing\nunit: { id: thing, one: thing, many: things }\nsensitivity: ${sensitivity}\ncoverage: Everything\n${body}`;
}

/** A table file from its own part. */
export function table(id: string, of: string, body: string): string {
  return `id: ${id}\ntitle: ${id}\ninstrument: ${of}\n${body}`;
}

export const PUBLIC = '{ level: public, reason: published by its source }';

/** Makes one table of a collection. */
export async function make(bench: Workbench, collection: Collection, id: string, submissions: readonly SealedSource[]): Promise<ConfidentialTable> {
  const spec = collection.tables.get(id);
  if (!spec) throw new Error(`no table ${id}`);
  return tabulate({ collection, table: spec, submissions, engine: bench.engine });
}

/** Cells as lines "code|code = value", margins as "*": what a person compares. */
export function lines(made: ConfidentialTable): string[] {
  return made.cells.map(({ key, value }) => {
    const states = Object.entries(value.states).map(([s, n]) => ` ${s}:${n}`).join('');
    const number = value.lo === value.hi ? String(value.lo) : `${value.lo}..${value.hi}`;
    return `${key.map((k) => k ?? '*').join('|')} = ${number}${states}`;
  });
}
