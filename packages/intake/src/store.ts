/**
 * The store: a folder of immutable objects named by their hash, the log that says which count, and keys.
 * An object is whole or absent; a submission exists once its log entry does.
 * @module
 */
import { createPrivateKey, randomBytes, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { Refusal, canonicalJson, refuse, sha384 } from '@weighbridge/base';
import type { Sha384, SubmissionSource } from '@weighbridge/base';
import { sha384File, syncFile, syncFolder, writeFileDurably } from '@weighbridge/base/node';
import { commit, parsePolicy } from '@weighbridge/log';
import type { Commitment, LogEntry, LogEvent } from '@weighbridge/log';
import { adoptLog, logPolicy, logSigners, openEventLog, publicLogKey, readLog, setLogPolicy } from '@weighbridge/log/node';
import type { EventLog, LogPlaces, LoggedEvent } from '@weighbridge/log/node';
import { destroyDeleted } from './delete-submission.ts';
import { orDiskFull } from './disk-full.ts';
import { removeDead, removeLoose } from './leftovers.ts';
import { lock, tryLock } from './lock.ts';
import type { SubmissionManifest } from './manifest.ts';
import { readManifest } from './manifest.ts';

/** Folders of a store. */
const PARTS = ['objects', 'log', 'keys', 'state', 'tmp'];

/** How long a run waits for another one to finish its commit. */
const LOCK_WAIT_MS = 30_000;

/** One submission as it lies in the store. */
export interface SealedSubmission {
  /** Index of its entry in the log. */
  readonly index: number;
  readonly source: SubmissionSource;
  /** Absolute path of the sealed Parquet file. */
  readonly parquetPath: string;
  readonly manifest: SubmissionManifest;
}

/** What may be done while the store's lock is held. */
export interface StoreTransaction {
  /** Every submission in the order of the log, but for those that were deleted. */
  readonly submissions: readonly SealedSubmission[];
  /** Every entry of the log. */
  readonly entries: readonly LogEntry[];
  /** Moves a finished file into the objects: durable when it resolves. */
  readonly keepFile: (path: string, hash: Sha384) => Promise<void>;
  readonly keepText: (text: string) => Promise<Sha384>;
  /** Keeps the salt and content of a commitment: durable when it resolves. */
  readonly keepOpening: (commitment: Commitment) => Promise<void>;
  /** The commit point: events, all in one batch, with their receipts. */
  readonly record: (events: readonly LogEvent[]) => Promise<LoggedEvent[]>;
  /** The receipt of an entry that is in the log already. */
  readonly receipt: (index: number) => Promise<string>;
}

/** Who opens confidential records, and what for: kept in the store behind a commitment. */
export interface Access {
  readonly purpose: 'release' | 'recompute' | 'record-receipt' | 'other';
  /** In words: the release that is made, the request that is answered. */
  readonly for: string;
}

export interface StoreOptions {
  /** Name of the log, where it is made now: a URL prefix without scheme that its owner controls. */
  readonly origin?: string;
  /** The store must be there already: nothing is made. */
  readonly existing?: boolean;
}

/** An open store. Holds no lock and no file between calls. */
export interface Store {
  readonly folder: string;
  readonly logFolder: string;
  /** Every submission, every edition, in the order of the log. */
  submissions(): Promise<SealedSubmission[]>;
  /** Texts of the manifests of every release that was made, in the order of the log. */
  releases(): Promise<string[]>;
  /** Submissions that a release may count: without editions that were superseded by one that was deleted since. */
  counting(): Promise<SealedSubmission[]>;
  /** Entries of deletions, by the commitment of what was deleted. */
  deleted(): Promise<ReadonlyMap<string, number>>;
  /** The latest edition for each instrument, agency and round, in the order of instrument, agency, round. */
  current(): Promise<SealedSubmission[]>;
  /** 32 secret bytes for keyed rounding, made on first use. */
  roundingKey(): Promise<Uint8Array>;
  /** Whom to believe about the log: what the store's owner hands to whoever verifies. */
  policy(): Promise<string>;
  /** Sets the policy; witnesses in it that have an address are asked to cosign from now on. Keys that come or go are entered. @throws Refusal POLICY_* */
  setPolicy(policy: string): Promise<void>;
  /** Every entry of the log, in order. */
  log(): Promise<LogEntry[]>;
  /** Goes on with this copy of the store as the one that counts. Returns the index of the entry that says so. */
  adopt(): Promise<number>;
  /** The key that signs releases: the log's, Ed25519, made on first use. */
  signingKey(): Promise<KeyObject>;
  /**
   * Enters in the log that records are opened, before they are.
   * @returns false where the store is a copy, whose log cannot be added to: nothing is entered then
   */
  access(access: Access, submissions: readonly SealedSubmission[]): Promise<boolean>;
  /** Runs work under the store's lock. @throws Refusal `STORE_BUSY` */
  transact<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** A folder for one run, on the store's disk. What dead runs left behind is removed. Dispose of it. */
  workspace(): Promise<Workspace>;
  objectPath(hash: Sha384): string;
}

export interface Workspace {
  readonly folder: string;
  dispose(): Promise<void>;
}

/**
 * Opens a store, making its folders when missing.
 * @throws Refusal `STORE_UNUSABLE` when the path is not a folder that can be written, or holds something else than a store; `STORE_MISSING` when it
 *   was to be there already
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const root = resolve(folder);
  const names: string[] = await readdir(root).catch((): string[] => []);
  if (!names.includes('objects')) {
    const inner = names.includes('tile') || names.includes('checkpoint') ? ': it is a log; the store is the folder above it' : '';
    if (options.existing === true) refuse('STORE_MISSING', `there is no store in that folder${inner}`, { file: folder }, 'name the folder that `weighbridge submit` was given as --store');
    // A store that was begun, and nothing else: a folder of keys that was put in place, say.
    if (names.some((name) => !PARTS.includes(name) && !/^(lock|runs)\.sqlite/.test(name))) refuse('STORE_UNUSABLE', `the folder holds something else than a store${inner}`, { file: folder }, 'name a folder of its own for the store');
  }
  try {
    await orDiskFull(async () => {
      for (const name of PARTS) await mkdir(join(root, name), { recursive: true, mode: name === 'log' ? 0o755 : 0o700 });
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTDIR' && code !== 'EEXIST' && code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    refuse('STORE_UNUSABLE', 'the store is not a folder that can be written', {}, 'name a folder of your own for the store');
  }
  return new FolderStore(root, options);
}

class FolderStore implements Store {
  readonly folder: string;
  readonly logFolder: string;
  readonly #places: LogPlaces;
  readonly #options: StoreOptions;

  constructor(folder: string, options: StoreOptions) {
    this.#options = options;
    this.folder = folder;
    this.logFolder = join(folder, 'log');
    this.#places = { log: this.logFolder, keys: join(folder, 'keys'), state: join(folder, 'state') };
  }

  async submissions(): Promise<SealedSubmission[]> {
    return this.#read(await this.#entries());
  }

  async releases(): Promise<string[]> {
    const texts: string[] = [];
    for (const entry of await this.#entries()) if (entry.kind === 'release') texts.push((await this.#object(entry.manifest)).toString('utf8'));
    return texts;
  }

  async counting(): Promise<SealedSubmission[]> {
    const entries = await this.#entries();
    const gone = entries.flatMap((entry) => (entry.kind === 'deletion' ? [entry.submission] : []));
    const returnOf = (index: number): string => {
      const entry = entries[index];
      return entry?.kind === 'submission' ? JSON.stringify([entry.collection, entry.instrument, entry.agency, entry.round]) : '';
    };
    const latest = new Map(entries.flatMap((entry, index) => (entry.kind === 'submission' ? [[returnOf(index), index]] : [])));
    // What a correction took the place of does not come back when the correction is deleted.
    return (await this.#read(entries)).filter(({ index }) => !gone.includes(latest.get(returnOf(index)) ?? -1));
  }

  async deleted(): Promise<ReadonlyMap<string, number>> {
    const entries = await this.#entries();
    return new Map(entries.flatMap((entry, index) => {
      const submission = entry.kind === 'deletion' ? entries[entry.submission] : undefined;
      return submission?.kind === 'submission' ? [[submission.commitment, index] as const] : [];
    }));
  }

  async current(): Promise<SealedSubmission[]> {
    const latest = new Map<string, SealedSubmission>();
    for (const submission of await this.counting()) {
      const { instrument, agency, round } = submission.source;
      latest.set(JSON.stringify([instrument, agency, round]), submission);
    }
    return [...latest].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, submission]) => submission);
  }

  async roundingKey(): Promise<Uint8Array> {
    const path = join(this.folder, 'keys', 'rounding.key');
    return (await readKey(path)) ?? this.#locked(async () => {
      const again = await readKey(path);
      if (again) return again;
      const key = randomBytes(32);
      await writeFileDurably(path, `${key.toString('hex')}\n`, 0o600);
      return new Uint8Array(key);
    });
  }

  async policy(): Promise<string> {
    return this.#locked(() => logPolicy(this.#places, this.#options));
  }

  async setPolicy(policy: string): Promise<void> {
    const before = await this.policy();
    await this.#locked(() => setLogPolicy(this.#places, policy));
    const keys = (text: string): string[] => [...parsePolicy(text).witnesses.values()].map(({ key }) => key.text);
    const [had, has] = [keys(before), keys(policy)];
    const event = (change: 'added' | 'retired') => (key: string): LogEvent => ({ kind: 'key', change, purpose: 'witness', key });
    const changes = [...has.filter((key) => !had.includes(key)).map(event('added')), ...had.filter((key) => !has.includes(key)).map(event('retired'))];
    if (changes.length > 0) await this.transact(({ record }) => record(changes));
  }

  log(): Promise<LogEntry[]> {
    return this.#entries();
  }

  async adopt(): Promise<number> {
    return this.#locked(async () => (await adoptLog(this.#places)).index);
  }

  async signingKey(): Promise<KeyObject> {
    return this.#locked(async () => {
      await logSigners(this.#places, this.#options);
      return createPrivateKey(await readFile(join(this.folder, 'keys', 'log.key'), 'utf8'));
    });
  }

  async access({ purpose, for: what }: Access, submissions: readonly SealedSubmission[]): Promise<boolean> {
    const about = commit('weighbridge-access/1', canonicalJson({ for: what, by: userInfo().username }));
    try {
      await this.transact(async ({ keepOpening, record }) => {
        await keepOpening(about);
        await record([{ kind: 'access', purpose, submissions: submissions.map(({ index }) => index).sort((a, b) => a - b), commitment: about.commitment }]);
      });
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'LOG_CELL_COPIED') return false;
      throw error;
    }
  }

  async transact<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#locked(async () => {
      const log = await openEventLog(this.#places, this.#options);
      try {
        return await work(await this.#transaction(log));
      } finally {
        await log.close();
      }
    });
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const held = await lock(join(this.folder, 'lock.sqlite'), LOCK_WAIT_MS);
    try {
      await removeLoose(this.folder);
      return await work();
    } finally {
      held.release();
    }
  }

  async #entries(): Promise<LogEntry[]> {
    const key = await publicLogKey(this.#places.keys);
    return key === undefined ? [] : readLog(this.logFolder, key);
  }

  async #transaction(log: EventLog): Promise<StoreTransaction> {
    const submissions = await this.#read(log.entries);
    await destroyDeleted(this, log.entries, submissions);
    return {
      submissions,
      entries: log.entries,
      keepFile: (path, hash) => this.#keep(path, hash),
      keepText: async (text) => {
        const hash = sha384(text);
        await this.#keepBytes(Buffer.from(text), hash);
        return hash;
      },
      keepOpening: ({ opening, commitment }) => this.#keepBytes(opening, commitment),
      record: (events) => log.append(events),
      receipt: (index) => log.receipt(index),
    };
  }

  async workspace(): Promise<Workspace> {
    const parent = join(this.folder, 'tmp');
    const folder = join(parent, `run-${randomUUID()}`);
    const alive = await this.#alone(async () => {
      await removeDead(parent);
      await mkdir(folder);
      return tryLock(join(folder, 'alive.sqlite'));
    });
    const remove = (): Promise<void> => this.#alone(async () => {
      await rm(folder, { recursive: true, force: true });
      alive?.release();
    });
    return {
      folder,
      dispose: () => remove().catch(async (error: unknown) => {
        if (error instanceof Refusal) throw error;
        // On a full disk the lock cannot be had: what fills it goes first. Nobody else removes a folder that is alive.
        for (const name of await readdir(folder)) if (!name.startsWith('alive.')) await rm(join(folder, name), { recursive: true, force: true });
        await remove();
      }),
    };
  }

  /** Folders of runs come and go one at a time: between its making and its own lock a folder would look dead to another run. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const held = await lock(join(this.folder, 'runs.sqlite'), LOCK_WAIT_MS);
    try {
      return await work();
    } finally {
      held.release();
    }
  }

  objectPath(hash: Sha384): string {
    return join(this.folder, 'objects', hash);
  }

  async #keepBytes(bytes: Uint8Array, hash: Sha384): Promise<void> {
    const path = join(this.folder, 'tmp', `${randomUUID()}.object`);
    await writeFile(path, bytes);
    await this.#keep(path, hash);
  }

  async #keep(path: string, hash: Sha384): Promise<void> {
    const target = this.objectPath(hash);
    await syncFile(path);
    await rename(path, target); // same bytes under the same name: replacing changes nothing
    await syncFolder(join(this.folder, 'objects'));
  }

  async #read(entries: readonly LogEntry[]): Promise<SealedSubmission[]> {
    const deleted = new Set(entries.flatMap((entry) => (entry.kind === 'deletion' ? [entry.submission] : [])));
    const submissions: SealedSubmission[] = [];
    for (const [index, entry] of entries.entries()) {
      if (entry.kind !== 'submission' || deleted.has(index)) continue;
      const manifest = readManifest(await this.#object(entry.commitment), entry.commitment);
      submissions.push({ index, source: sourceOf(manifest, entry.commitment), parquetPath: this.objectPath(manifest.sealed.sha384), manifest });
    }
    return submissions;
  }

  async #object(hash: Sha384): Promise<Buffer> {
    const bytes = await readFile(this.objectPath(hash)).catch((cause: unknown) => {
      throw new Refusal([{ code: 'OBJECT_MISSING', severity: 'error', message: 'the log names an object that the store does not hold', place: { object: hash }, repair: 'restore the store’s objects folder from a copy' }], { cause });
    });
    if (sha384(bytes) !== hash) refuse('OBJECT_DAMAGED', 'an object’s bytes are not those that its name and the log commit to', { object: hash }, 'restore the object from a copy');
    return bytes;
  }
}

/** True when a file's bytes have the hash. */
export async function objectHolds(path: string, hash: Sha384): Promise<boolean> {
  return (await stat(path).then(() => true, () => false)) && (await sha384File(path)) === hash;
}

function sourceOf(m: SubmissionManifest, manifest: Sha384): SubmissionSource {
  return {
    instrument: m.instrument, agency: m.agency, round: m.round, edition: m.edition, original: m.original.sha384, manifest, rows: m.rows,
    repairs: m.repairs.map((r) => ({ text: `${r.field}: “${r.from}” read as “${r.to}” (${r.why}; approved by ${r.approvedBy} on ${r.on})`, records: r.rows })),
    synthetic: m.synthetic, ...(m.editionLabel === undefined ? {} : { editionLabel: m.editionLabel }),
  };
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{64}\n?$/.test(text)) refuse('ROUNDING_KEY', 'the file is not a key of 32 bytes in hexadecimal', { file: 'rounding.key' }, 'put the key file back from its backup: with another key published cells would round differently');
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}
