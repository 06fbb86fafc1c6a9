/**
 * The cell: the last checkpoint that was signed, apart from the tiles, changed by compare-and-swap alone.
 * Tiles may be lost or rolled back and the log at worst stops; a cell rolled back would make the log sign a fork. So it is a
 * file of its own, it is never made where a checkpoint was published already, and a copy of it, or an older one put in its place, is
 * not taken for the original (file-seal.ts).
 * Source: the design of Sunlight's lock store. Leaves out: a roll-back of the whole disk, which only a witness can see.
 * @module
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refuse } from '@weighbridge/base';
import { FileSeal, generationOf, sealedChange } from './file-seal.ts';

/** What the cell holds. */
export interface CellState {
  /** The signed checkpoint, as it was signed. */
  readonly checkpoint: string;
  /** The second root's checkpoint, likewise. */
  readonly checkpoint384: string;
  /** Right edge of the SHA-384 tree, largest subtree first, joined. */
  readonly edge384: Uint8Array;
}

/** The store of one origin's last head. */
export interface Cell {
  /** Null when no head was ever signed. */
  read(): CellState | null;
  /**
   * Puts `next` in the place of `old`, durably. False when the cell holds something else: another writer was first.
   * When it throws, it is unknown which of the two the cell holds: read it again before anything else.
   */
  swap(old: CellState | null, next: CellState): boolean;
  close(): void;
}

/**
 * Opens the cell in a file, making it when missing.
 * @throws Refusal `LOG_CELL_COPIED` when the file is not the one that the cell was made in; `LOG_CELL_DAMAGED`
 */
export function openCell(path: string, origin: string): Cell {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = openDatabase(path);
  try {
    database.exec('CREATE TABLE IF NOT EXISTS head (origin TEXT PRIMARY KEY, checkpoint TEXT NOT NULL, checkpoint384 TEXT NOT NULL, edge384 BLOB NOT NULL, file TEXT NOT NULL) STRICT');
  } catch (cause) {
    database.close();
    throw damaged(cause);
  }
  return new SqliteCell(database, path, origin);
}

/** True when a cell's file is there. */
export function hasCell(path: string): boolean {
  return existsSync(path);
}

/**
 * Declares that this copy of the cell is the one that counts from now on, and that nobody will write with another.
 * What it holds stays; a published checkpoint that is larger still stops the log.
 */
export function adoptCell(path: string, origin: string): void {
  const database = openDatabase(path);
  try {
    const seal = new FileSeal(path);
    sealedChange(database, seal, () => ({ changed: true, result: database.prepare('UPDATE head SET file = ? WHERE origin = ?').run(seal.identity(), origin) }));
  } finally {
    database.close();
  }
}

class SqliteCell implements Cell {
  readonly #database: DatabaseSync;
  readonly #seal: FileSeal;
  readonly #origin: string;

  constructor(database: DatabaseSync, path: string, origin: string) {
    this.#database = database;
    this.#seal = new FileSeal(path);
    this.#origin = origin;
  }

  read(): CellState | null {
    const row = orDamaged(() => this.#database.prepare('SELECT checkpoint, checkpoint384, edge384, file FROM head WHERE origin = ?').get(this.#origin));
    if (row === undefined) return null;
    if (row['file'] !== this.#seal.identity() || !this.#seal.holds(generationOf(this.#database))) {
      refuse('LOG_CELL_COPIED', 'the log’s cell was copied, touched, or restored from a copy: entries made since may be missing from it, and writing could fork the log', { file: 'log-cell.sqlite' },
        'write with the original; if there is none and nothing was written after the copy was made, say so with `weighbridge log adopt`');
    }
    return { checkpoint: String(row['checkpoint']), checkpoint384: String(row['checkpoint384']), edge384: row['edge384'] instanceof Uint8Array ? row['edge384'] : new Uint8Array() };
  }

  swap(old: CellState | null, next: CellState): boolean {
    const file = this.#seal.identity();
    const put = (): boolean => {
      if (old === null) {
        return this.#database.prepare('INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING').run(this.#origin, next.checkpoint, next.checkpoint384, next.edge384, file).changes === 1;
      }
      return this.#database.prepare('UPDATE head SET checkpoint = ?, checkpoint384 = ?, edge384 = ? WHERE origin = ? AND checkpoint = ? AND file = ?')
        .run(next.checkpoint, next.checkpoint384, next.edge384, this.#origin, old.checkpoint, file).changes === 1;
    };
    return orDamaged(() => sealedChange(this.#database, this.#seal, () => {
      const changed = put();
      return { changed, result: changed };
    }));
  }

  close(): void {
    this.#database.close();
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  try {
    // A rollback journal in one file with the strictest syncing there is: a swap is on disk when it returns.
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA');
  } catch (cause) {
    database.close();
    throw damaged(cause);
  }
  return database;
}

/** Runs a statement; damage that the database finds on the way is refused as such. */
function orDamaged<T>(statement: () => T): T {
  try {
    return statement();
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): unknown {
  const code = (cause as { errcode?: number }).errcode;
  // https://www.sqlite.org/rescode.html: SQLITE_CORRUPT, SQLITE_NOTADB
  if (code === undefined || ![11, 26].includes(code & 0xff)) return cause;
  try {
    return refuse('LOG_CELL_DAMAGED', 'the log’s cell is not a database that can be read', { file: 'log-cell.sqlite' },
      'stop writing; the last head that a witness, a receipt or the checkpoint file shows is the one to go on from');
  } catch (refusal) {
    return refusal;
  }
}
