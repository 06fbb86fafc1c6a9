/**
 * DuckDB in process, opened with bounded memory and no way to reach outside the folders it was given.
 * Source: docs/references.md#duckdb. Leaves out: anything but SQL text; rates and rounding are not SQL's work.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/** A value as a query gives it back: 64-bit integers as bigint, dates and decimals as text (cast them in SQL). */
export type SqlValue = string | number | bigint | boolean | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface EngineOptions {
  /** Folder for temporary spill files; created when missing. */
  readonly scratch: string;
  /** Folders and files that SQL may read and write besides `scratch`. */
  readonly allow: readonly string[];
  /** Bytes DuckDB may hold before it spills, in MiB. Default 512. */
  readonly memoryMib?: number;
  readonly threads?: number;
}

/**
 * One database. Close it: it holds native memory.
 * Calls may overlap: two `rows` run side by side, further ones wait; a `run` waits for everything before it and holds up
 * everything after it. A `stream` that another statement overtakes throws.
 */
export interface Engine {
  /** Runs statements for their effect. @throws EngineError naming the statement's purpose, never its data. */
  run(sql: string, purpose: string): Promise<void>;
  /** Runs a query and returns all rows: for small results only. */
  rows(sql: string, purpose: string): Promise<SqlRow[]>;
  /** Runs a query and gives rows in chunks, so that memory does not grow with the result. */
  stream(sql: string, purpose: string): AsyncGenerator<SqlRow[]>;
  /** Stops what is running: its promise rejects. */
  interrupt(): void;
  close(): void;
}

/**
 * The engine refused a statement. The message names the purpose and the kind of failure only: the engine's own text
 * may quote data, so it is kept out of `message` and `cause` and is available as `unsafeDetail` for tests.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: 'ENGINE' | 'ENGINE_MEMORY' | 'ENGINE_DISK';
  readonly unsafeDetail: string;

  constructor(purpose: string, detail: string) {
    const code = /no space left|could not write|disk full/i.test(detail) ? 'ENGINE_DISK'
      : /out of memory|failed to allocate/i.test(detail) ? 'ENGINE_MEMORY' : 'ENGINE';
    super(`${code}: ${purpose} failed`);
    this.code = code;
    this.unsafeDetail = detail;
  }
}

/**
 * Opens an in-memory DuckDB whose files may only be below `scratch` and `allow`: reads and writes elsewhere,
 * extension downloads and changes of configuration are refused by the engine itself.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.scratch, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { threads: String(options.threads ?? 2) });
  const connections = [await instance.connect(), await instance.connect()] as const;
  const allowed = [options.scratch, ...options.allow].map((p) => sqlText(p)).join(', ');
  for (const statement of [
    `SET memory_limit = '${options.memoryMib ?? 512}MiB'`,
    `SET temp_directory = ${sqlText(join(options.scratch, 'spill'))}`,
    `SET preserve_insertion_order = true`,
    `SET TimeZone = 'UTC'`,
    `SET allowed_directories = [${allowed}]`,
    `SET allowed_paths = [${allowed}]`,
    `SET autoinstall_known_extensions = false`,
    `SET autoload_known_extensions = false`,
    `SET enable_external_access = false`,
    `SET lock_configuration = true`,
  ]) {
    await connections[0].run(statement);
  }
  return new DuckDbEngine(instance, connections.map((connection) => new Lane(connection)));
}

/** One connection and what waits for it. */
class Lane {
  readonly connection: DuckDBConnection;
  /** A connection has one result at a time: a second statement would end the first one's rows without a word. */
  turn: Promise<unknown> = Promise.resolve();
  waiting = 0;
  statements = 0;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs work after what was asked before it, whatever came of that. */
  inTurn<T>(work: () => Promise<T>, after: Promise<unknown> = Promise.resolve()): Promise<T> {
    this.waiting += 1;
    const done = Promise.all([this.turn, after]).then(work).finally(() => { this.waiting -= 1; });
    this.turn = done.catch(() => undefined);
    return done;
  }

  async *chunks(sql: string, purpose: string): AsyncGenerator<SqlRow[]> {
    const own = ++this.statements;
    const result = await guard(purpose, () => this.connection.stream(sql));
    const names = result.deduplicatedColumnNames();
    for (;;) {
      if (this.statements !== own) throw new EngineError(purpose, 'another statement began before all rows were read');
      const chunk = await guard(purpose, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? String(i), plain(value)])));
    }
  }
}

class DuckDbEngine implements Engine {
  readonly #instance: DuckDBInstance;
  readonly #lanes: readonly Lane[];

  constructor(instance: DuckDBInstance, lanes: readonly Lane[]) {
    this.#instance = instance;
    this.#lanes = lanes;
  }

  async run(sql: string, purpose: string): Promise<void> {
    const [first, ...others] = this.#lanes as [Lane, ...Lane[]];
    const before = Promise.all(others.map((lane) => lane.turn));
    const done = first.inTurn(async () => {
      first.statements += 1;
      await guard(purpose, () => first.connection.run(sql));
    }, before);
    for (const lane of others) void lane.inTurn(() => done).catch(() => undefined);
    await done;
  }

  async rows(sql: string, purpose: string): Promise<SqlRow[]> {
    const lane = this.#lanes.reduce((free, other) => (other.waiting < free.waiting ? other : free));
    return lane.inTurn(async () => {
      const all: SqlRow[] = [];
      for await (const chunk of lane.chunks(sql, purpose)) all.push(...chunk);
      return all;
    });
  }

  async *stream(sql: string, purpose: string): AsyncGenerator<SqlRow[]> {
    const [lane] = this.#lanes as [Lane];
    await lane.turn;
    yield* lane.chunks(sql, purpose);
  }

  interrupt(): void {
    for (const { connection } of this.#lanes) connection.interrupt();
  }

  close(): void {
    for (const { connection } of this.#lanes) connection.closeSync();
    this.#instance.closeSync();
  }
}

async function guard<T>(purpose: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new EngineError(purpose, error instanceof Error ? error.message : String(error));
  }
}

/** Values that are not JavaScript primitives (dates, decimals) come back as their SQL text. */
function plain(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- DuckDB's value classes define toString.
  return String(value);
}

/** A text as an SQL literal. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
