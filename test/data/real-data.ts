/**
 * What the checks on real data share: the files in `../shared/data`, runs of the command on a collection, variants of a
 * collection with one thing changed, and a plain reading of a file as an oracle.
 * Data are read in place and nothing of them is kept; when they are absent every check is skipped and named aloud.
 * @module
 */
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { Refusal } from '@weighbridge/base';
import type { CellKey, Issue, Quantity, TableMeta } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import { parse } from 'csv-parse';
import { afterAll, describe } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'apps/cli/bin/weighbridge.js');
import { haveCases } from '../../packages/protect/test/gate/case-files.ts';

/** The folder of the real data, beside the repository. */
export const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** A group of checks on real data: skipped, and said so on standard error, when the data are not there. */
export function describeReal(title: string, body: () => void): void {
  describeWhere(existsSync(DATA), 'the real data are not there (expected in ../shared/data)', title, body);
}

/** A group of checks on the published cases of disclosure control: skipped, and said so, when the case files are not there. */
export function describeCases(title: string, body: () => void): void {
  describeWhere(haveCases(), 'the case files are not there (expected in ../shared/cases/sdc)', title, body);
}

function describeWhere(present: boolean, why: string, title: string, body: () => void): void {
  if (!present) process.stderr.write(`NOT CHECKED: ${title}: ${why}\n`);
  (present ? describe : describe.skip)(title, body);
}

/** An event that the command wrote to standard output. */
export type CliEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** One run of the command. */
export interface CliResult {
  readonly exitCode: number;
  readonly events: readonly CliEvent[];
  readonly issues: readonly Issue[];
  readonly stderr: string;
}

/** Runs the command as a person would, in a pipe. */
export async function weighbridge(...args: readonly string[]): Promise<CliResult> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { text.out += chunk; });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text.err += chunk; });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => { resolve(code ?? -1); });
  });
  const events = text.out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as CliEvent);
  const issues = events.filter((e) => e.event === 'issue') as unknown as Issue[];
  return { exitCode, events, issues, stderr: text.err };
}

/** A cell of a released table file. */
interface FileCell {
  readonly key: CellKey;
  readonly status: string;
  readonly value: Quantity | null;
}

/** A released table as read back from its files. */
export class ReadTable {
  readonly meta: TableMeta;
  readonly cells: readonly FileCell[];
  /** Rows of the CSV, header names as keys. */
  readonly csv: readonly Readonly<Record<string, string>>[];

  constructor(meta: TableMeta, cells: readonly FileCell[], csv: readonly Readonly<Record<string, string>>[]) {
    this.meta = meta;
    this.cells = cells;
    this.csv = csv;
  }

  /** The value at codes by field, every other field at its margin. @throws RangeError when there is no such cell. */
  at(codes: Readonly<Record<string, string>> = {}): Quantity {
    const key = JSON.stringify(this.meta.dimensions.map((d) => codes[d.field] ?? null));
    const cell = this.cells.find((c) => JSON.stringify(c.key) === key);
    if (!cell?.value) throw new RangeError(`table ${this.meta.id} has no published cell ${key}`);
    return cell.value;
  }

  /** The only number of a cell. @throws RangeError when it is a range or no number. */
  number(codes: Readonly<Record<string, string>> = {}): number {
    const { lo, hi } = this.at(codes);
    if (lo === null || lo !== hi) throw new RangeError(`table ${this.meta.id}: the cell is no single number`);
    return lo;
  }

  /** The codes that a field shows. */
  codes(field: string): string[] {
    return this.meta.dimensions.find((d) => d.field === field)?.codes.map((c) => c.code) ?? [];
  }
}

/** A collection run from its inputs to its release, in a temporary folder. */
export class ReadRelease {
  readonly run: CliResult;
  readonly out: string;

  constructor(run: CliResult, out: string) {
    this.run = run;
    this.out = out;
  }

  async table(id: string): Promise<ReadTable> {
    const json = JSON.parse(await readFile(join(this.out, 'tables', `${id}.json`), 'utf8')) as { meta: TableMeta; cells: FileCell[] };
    const csv: Record<string, string>[] = [];
    for await (const row of createReadStream(join(this.out, 'tables', `${id}.csv`)).pipe(parse({ columns: true, bom: true }))) csv.push(row as Record<string, string>);
    return new ReadTable(json.meta, json.cells, csv);
  }

  /** A file of the release as text. */
  async text(path: string): Promise<string> {
    return readFile(join(this.out, path), 'utf8');
  }

  /** Paths of the release's files, with forward slashes. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.out, { recursive: true, withFileTypes: true });
    return entries.filter((e) => e.isFile()).map((e) => relative(this.out, join(e.parentPath, e.name)).replaceAll('\\', '/')).sort();
  }
}

const temporary: string[] = [];

/** A temporary folder, removed after the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-data-'));
  temporary.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of temporary.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** The folder of a collection of the repository. */
export function collectionFolder(id: string): string {
  return join(ROOT, 'collections', id);
}

/** Runs a collection from its inputs to its release. */
export async function runCollection(folder: string): Promise<ReadRelease> {
  const temp = await temporaryFolder();
  const out = join(temp, 'release');
  const run = await weighbridge('run', folder, '--store', join(temp, 'store'), '--out', out, '--inputs', DATA);
  return new ReadRelease(run, out);
}

/** A collection with some of its files changed; a change that changes nothing is a mistake of the test. */
export async function variantOf(id: string, changes: Readonly<Record<string, (text: string) => string>>): Promise<string> {
  const folder = join(await temporaryFolder(), id);
  await cp(collectionFolder(id), folder, { recursive: true });
  const files: typeof changes = { ...changes, 'collection.yaml': (text) => (changes['collection.yaml']?.(text) ?? text).replace(/^inputRoot: .*$/m, `inputRoot: ${relative(folder, DATA)}`) };
  for (const [path, change] of Object.entries(files)) {
    const before = await readFile(join(folder, path), 'utf8').catch(() => '');
    const after = change(before);
    if (after === before) throw new Error(`variantOf: ${path} did not change`);
    await writeFile(join(folder, path), after);
  }
  return folder;
}

/** The issues with which a collection is refused before any record is read; empty when it loads. */
export async function definitionIssues(folder: string): Promise<readonly Issue[]> {
  try {
    await loadCollection(folder, { inputRoot: DATA });
    return [];
  } catch (error) {
    if (error instanceof Refusal) return error.issues;
    throw error;
  }
}

/** A line of the file of issues: one place. */
export interface IssueLine {
  readonly row?: number;
  readonly line?: number;
  readonly column?: string;
  readonly code: string;
  readonly rule?: string;
  readonly severity: string;
  readonly message: string;
  /** The text that failed, where the instrument's values are public. */
  readonly value?: string;
}

/** A check of one file against an instrument: `all` has every issue in its place, `issues` the summary. */
export async function checkReal(file: string, collection: string, instrument: string): Promise<CliResult & { readonly all: readonly IssueLine[] }> {
  const issuesFile = join(await temporaryFolder(), 'issues.ndjson');
  const result = await weighbridge('check', join(DATA, file), '--instrument', join(collection, 'instruments', `${instrument}.yaml`), '--issues', issuesFile);
  const text = await readFile(issuesFile, 'utf8').catch(() => '');
  return { ...result, all: text.split('\n').filter((l) => l !== '').map((l) => JSON.parse(l) as IssueLine) };
}

/** The rows of a CSV of the real data, read without any of our packages: the oracle. */
export async function* oracleRows(file: string): AsyncGenerator<Readonly<Record<string, string>>> {
  const bytes = createReadStream(join(DATA, file));
  const plain = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  for await (const row of plain.pipe(parse({ columns: true, bom: true, relaxColumnCount: true }))) yield row as Record<string, string>;
}

/** Adds a column of a file by a key; rows whose key is null are left out. */
export async function oracleSums(file: string, column: string, key: (row: Readonly<Record<string, string>>) => string | null): Promise<ReadonlyMap<string, number>> {
  const [sums] = await oracleSumsBy(file, column, [key]);
  return sums ?? new Map<string, number>();
}

/** The same by several keys in one reading. */
export async function oracleSumsBy(file: string, column: string, keys: readonly ((row: Readonly<Record<string, string>>) => string | null)[]): Promise<readonly ReadonlyMap<string, number>[]> {
  const all = keys.map((key) => ({ key, sums: new Map<string, number>() }));
  for await (const row of oracleRows(file)) {
    const value = Number((row[column] ?? '').replaceAll(',', ''));
    for (const { key, sums } of all) {
      const at = key(row);
      if (at !== null) sums.set(at, (sums.get(at) ?? 0) + value);
    }
  }
  return all.map(({ sums }) => sums);
}
