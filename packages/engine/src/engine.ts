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
 * One connection to one database. Close it: it holds native memory.
 * `run` and `rows` may be called at once and take turns; a `stream` that another statement overtakes throws.
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
  const connection = await instance.connect();
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
    await connection.run(statement);
  }
  return new DuckDbEngine(instance, connection);
}

class DuckDbEngine implements Engine {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** A connection has one result at a time: a second statement would end the first one's rows without a word. */
  #turn: Promise<unknown> = Promise.resolve();
  #statements = 0;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  async run(sql: string, purpose: string): Promise<void> {
    await this.#inTurn(async () => {
      this.#statements += 1;
      await this.#guard(purpose, () => this.#connection.run(sql));
    });
  }

  async rows(sql: string, purpose: string): Promise<SqlRow[]> {
    return this.#inTurn(async () => {
      const all: SqlRow[] = [];
      for await (const chunk of this.#chunks(sql, purpose)) all.push(...chunk);
      return all;
    });
  }

  async *stream(sql: string, purpose: string): AsyncGenerator<SqlRow[]> {
    await this.#turn.catch(() => undefined);
    yield* this.#chunks(sql, purpose);
  }

  async *#chunks(sql: string, purpose: string): AsyncGenerator<SqlRow[]> {
    const own = ++this.#statements;
    const result = await this.#guard(purpose, () => this.#connection.stream(sql));
    const names = result.deduplicatedColumnNames();
    for (;;) {
      if (this.#statements !== own) throw new EngineError(purpose, 'another statement began before all rows were read');
      const chunk = await this.#guard(purpose, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? String(i), plain(value)])));
    }
  }

  /** Runs work after what was asked before it, whatever came of that. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #guard<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new EngineError(purpose, error instanceof Error ? error.message : String(error));
    }
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
