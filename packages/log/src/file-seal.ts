/**
 * Whether a database file is the one that was last written here: a copy has another number or moment of birth, and a file that was
 * overwritten in place has another moment of change than the one that stands in a small file beside it, which no copying tool can set.
 * A change is announced before it is made: cut off between the two, it is still known for ours.
 * Leaves out: a whole disk or machine that is set back, which only others can see.
 * @module
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The seal of one file. `generation` counts the changes of the database and stands in it. */
export class FileSeal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What of the file no copy shares. */
  identity(): string {
    const { ino, birthtimeNs } = statSync(this.#path, { bigint: true });
    return `${ino}.${birthtimeNs}`;
  }

  /** True when the file was not touched since it was sealed, but for a change that was announced. */
  holds(generation: number): boolean {
    const found = /^changed (\d+)\nannounced (\d+|-)\n$/.exec(this.#read());
    if (found === null) return false;
    const announced = Number(found[2]); // NaN where none was
    // The database undoes a change that was cut off, and the file is touched by that.
    return found[1] === this.#changed() || announced === generation || announced - 1 === generation;
  }

  /** Says which generation the next change makes. Durable when it returns. */
  announce(generation: number): void {
    this.#write(`changed ${this.#changed()}\nannounced ${generation}\n`);
  }

  /** Seals the file as it is. */
  seal(): void {
    this.#write(`changed ${this.#changed()}\nannounced -\n`);
  }

  #changed(): string {
    return String(statSync(this.#path, { bigint: true }).ctimeNs);
  }

  #read(): string {
    try {
      return readFileSync(`${this.#path}.seal`, 'utf8');
    } catch {
      return '';
    }
  }

  #write(text: string): void {
    const [target, temporary] = [`${this.#path}.seal`, `${this.#path}.seal.tmp`];
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
    const folder = openSync(dirname(target), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

/** How many changes a database has seen. */
export function generationOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/**
 * Runs a change under the writers' lock and seals the file after it. What `work` throws undoes all of it; when something else throws, the
 * outcome is what the database says when it is next read.
 */
export function sealedChange<T>(database: DatabaseSync, seal: FileSeal, work: () => { readonly changed: boolean; readonly result: T }): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const { changed, result } = work();
    const next = generationOf(database) + 1;
    if (changed) {
      database.exec(`PRAGMA user_version = ${next}`);
      seal.announce(next);
    }
    database.exec('COMMIT');
    if (changed) seal.seal();
    return result;
  } catch (error) {
    // A failed commit may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
