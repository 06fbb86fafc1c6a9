/**
 * What a witness remembers, in a SQLite database of its own: for every log the heads that it cosigned, and proofs of equivocation.
 * A change is one transaction that is on disk before it returns; two processes on one database take turns.
 * A witness that forgets cosigns a fork: so a copy of the database is not taken for the original, and a lost one is not made anew.
 * Leaves out: every rule about what may be stored (witness.ts); a roll-back of the whole disk.
 * @module
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Refusal, refuse } from '@weighbridge/base';
import { readU64, u64 } from './bytes.ts';
import { FileSeal, generationOf, sealedChange } from './file-seal.ts';
import type { EquivocationRecord, StoredHead, WitnessChange, WitnessState } from './witness.ts';

/** Heads kept for each log, the latest among them: a fork is mostly shorter than what was cosigned, and shows by them. */
const HEADS_KEPT = 1024;
/** Proofs kept for each log: one is enough to convict, and whoever holds the log's key could send many. */
const PROOFS_KEPT = 64;
/** How long one process waits for another's transaction. */
const WAIT_MS = 5_000;

/** Numbers are eight bytes, big-endian: they sort as the numbers do, and none passes through a double. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (origin TEXT NOT NULL, size BLOB NOT NULL, root BLOB NOT NULL, time BLOB NOT NULL, checkpoint BLOB NOT NULL, PRIMARY KEY (origin, size)) STRICT;
  CREATE TABLE IF NOT EXISTS equivocation (origin TEXT NOT NULL, id TEXT NOT NULL, evidence BLOB NOT NULL, PRIMARY KEY (origin, id)) STRICT;
  CREATE TABLE IF NOT EXISTS identity (vkey TEXT NOT NULL PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS original (file TEXT NOT NULL PRIMARY KEY) STRICT;
`;

/** The state on disk; `identity` are the verifier keys that it belongs to, none before the first start was finished. */
export interface WitnessDatabase extends WitnessState {
  identity(): readonly string[];
  setIdentity(vkeys: readonly string[]): void;
  readonly close: () => void;
}

/**
 * Opens the state, or makes an empty one when `create` is set.
 * @param options - `adopt` declares that this copy is the one that counts from now on, and that no other will be used
 * @throws Refusal WITNESS_STATE_MISSING when there is none and none may be made; WITNESS_STATE_COPIED when it is a copy; WITNESS_STATE_BUSY;
 * WITNESS_STATE_FORM when the file is no such database
 */
export function openWitnessState(path: string, options: { readonly create: boolean; readonly adopt?: boolean }): WitnessDatabase {
  if (!options.create && !existsSync(path)) refuse('WITNESS_STATE_MISSING', 'the state of the witness is gone, and with it what it has cosigned', { file: path }, 'find it; if it is lost, start a new witness under a new name: with an empty state this key would cosign a fork');
  const db = new DatabaseSync(path, { timeout: WAIT_MS });
  const seal = new FileSeal(path);
  try {
    prepare(db, seal, options.adopt === true);
  } catch (cause) {
    db.close();
    if (cause instanceof Refusal) throw cause;
    if (cause instanceof Error && cause.message.includes('locked')) refuse('WITNESS_STATE_BUSY', 'another process holds the state of the witness', { file: path }, 'wait for it, or stop it', { cause });
    return refuse('WITNESS_STATE_FORM', 'the file is not the state of a witness', { file: path }, 'name the folder that `weighbridge witness` made', { cause });
  }
  return databaseOf(db, seal);
}

/** Makes the tables where they are missing, and sees to it that the file is the one that they were made in. */
function prepare(db: DatabaseSync, seal: FileSeal, adopt: boolean): void {
  // Not a write-ahead log: between transactions one file holds everything. EXTRA also syncs the folder after each.
  db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;');
  const generation = generationOf(db);
  sealedChange(db, seal, () => {
    db.exec(SCHEMA);
    if (adopt) db.exec('DELETE FROM original');
    const original = db.prepare('SELECT file FROM original').get()?.['file'];
    if (original === undefined) {
      db.prepare('INSERT INTO original VALUES (?)').run(seal.identity());
      return { changed: true, result: undefined };
    }
    if (original !== seal.identity() || !seal.holds(generation)) refuse('WITNESS_STATE_COPIED', 'the state of the witness was copied, touched, or restored from a copy: what was cosigned since may be missing from it', {}, 'use the original; if it was moved and never used after, say so with --adopt');
    return { changed: false, result: undefined };
  });
}

function databaseOf(db: DatabaseSync, seal: FileSeal): WitnessDatabase {
  const latest = db.prepare('SELECT size, root, time, checkpoint FROM head WHERE origin = ? ORDER BY size DESC LIMIT 1');
  const atSize = db.prepare('SELECT size, root, time, checkpoint FROM head WHERE origin = ? AND size = ?');
  const put = db.prepare('INSERT INTO head VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin, size) DO UPDATE SET root = excluded.root, time = excluded.time, checkpoint = excluded.checkpoint');
  const prune = db.prepare(`DELETE FROM head WHERE origin = ? AND size <= (SELECT size FROM head WHERE origin = ? ORDER BY size DESC LIMIT 1 OFFSET ${HEADS_KEPT})`);
  const keep = db.prepare('INSERT INTO equivocation SELECT ?, ?, ? WHERE (SELECT count(*) FROM equivocation WHERE origin = ?) < ? ON CONFLICT DO NOTHING');
  const origins = db.prepare('SELECT DISTINCT origin FROM head ORDER BY origin');
  const proofs = db.prepare('SELECT origin, id, evidence FROM equivocation ORDER BY origin, id');
  const head = (origin: string): StoredHead | null => headOf(latest.get(origin));
  const apply = (origin: string, change: WitnessChange<unknown>): void => {
    const { store, equivocation } = change;
    if (equivocation !== undefined) keep.run(origin, equivocation.id, equivocation.evidence, origin, PROOFS_KEPT);
    if (store === undefined) return;
    put.run(origin, u64(store.size), store.root, u64(store.time), store.checkpoint);
    prune.run(origin, origin);
  };
  return {
    head,
    origins: () => origins.all().map((row) => String(row['origin'])),
    equivocations: () => proofs.all().map((row): EquivocationRecord => ({ origin: String(row['origin']), id: String(row['id']), evidence: bytesOf(row['evidence']) })),
    change<T>(origin: string, decide: (stored: StoredHead | null, earlier: (size: bigint) => StoredHead | null) => WitnessChange<T>): T {
      return sealedChange(db, seal, () => {
        const change = decide(head(origin), (size) => headOf(atSize.get(origin, u64(size))));
        apply(origin, change);
        return { changed: change.store !== undefined || change.equivocation !== undefined, result: change.result };
      });
    },
    identity: () => db.prepare('SELECT vkey FROM identity ORDER BY vkey').all().map((row) => String(row['vkey'])),
    setIdentity: (vkeys) => {
      sealedChange(db, seal, () => {
        for (const vkey of vkeys) db.prepare('INSERT INTO identity VALUES (?)').run(vkey);
        return { changed: true, result: undefined };
      });
    },
    close: () => { db.close(); },
  };
}

function headOf(row: Record<string, unknown> | undefined): StoredHead | null {
  if (row === undefined) return null;
  return { size: readU64(bytesOf(row['size'])), root: bytesOf(row['root']), time: readU64(bytesOf(row['time'])), checkpoint: bytesOf(row['checkpoint']) };
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('the state of the witness holds something that is not bytes');
  return value;
}
