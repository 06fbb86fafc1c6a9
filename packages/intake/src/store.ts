/**
 * The store: a folder of immutable objects named by their hash, the log that says which count, and keys.
 * An object is whole or absent; a submission exists once its log entry does.
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Refusal, refuse, sha384 } from '@weighbridge/base';
import type { Sha384, SubmissionSource } from '@weighbridge/base';
import { sha384File, syncFile, syncFolder, writeFileDurably } from '@weighbridge/base/node';
import { openLog, openSigner, readLog } from '@weighbridge/log';
import type { Log, LogEntry, LoggedEntry, Receipt } from '@weighbridge/log';
import { orDiskFull } from './disk-full.ts';
import { lock, tryLock } from './lock.ts';
import type { SubmissionManifest } from './manifest.ts';
import { readManifest } from './manifest.ts';

/** How long a run waits for another one to finish its commit. */
const LOCK_WAIT_MS = 30_000;

/** One submission as it lies in the store. */
export interface SealedSubmission {
  readonly source: SubmissionSource;
  /** Absolute path of the sealed Parquet file. */
  readonly parquetPath: string;
  readonly manifest: SubmissionManifest;
}

/** What may be done while the store's lock is held. */
export interface StoreTransaction {
  /** Every submission in the order of the log. */
  readonly submissions: readonly SealedSubmission[];
  /** Moves a finished file into the objects: durable when it resolves. */
  keepFile(path: string, hash: Sha384): Promise<void>;
  keepText(text: string): Promise<Sha384>;
  /** The commit point. */
  record(entry: LogEntry): Promise<Receipt>;
  /** The receipt of an entry that is in the log already. */
  receiptOf(manifest: Sha384): Receipt | undefined;
}

/** An open store. Holds no lock and no file between calls. */
export interface Store {
  readonly folder: string;
  readonly logFolder: string;
  /** Every submission, every edition, in the order of the log. */
  submissions(): Promise<SealedSubmission[]>;
  /** Texts of the manifests of every release that was made, in the order of the log. */
  releases(): Promise<string[]>;
  /** The latest edition for each instrument, agency and round, in the order of instrument, agency, round. */
  current(): Promise<SealedSubmission[]>;
  /** 32 secret bytes for keyed rounding, made on first use. */
  roundingKey(): Promise<Uint8Array>;
  /** Public half of the key that signs receipts, PEM. */
  publicKey(): Promise<string>;
  /** The key that signs receipts and releases: Ed25519, made on first use. */
  signingKey(): Promise<KeyObject>;
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
 * @throws Refusal `STORE_UNUSABLE` when the path is not a folder that can be written
 */
export async function openStore(folder: string): Promise<Store> {
  const root = resolve(folder);
  try {
    await orDiskFull(async () => {
      for (const name of ['objects', 'log', 'keys', 'state', 'tmp']) await mkdir(join(root, name), { recursive: true, mode: name === 'log' ? 0o755 : 0o700 });
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTDIR' && code !== 'EEXIST' && code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    refuse('STORE_UNUSABLE', 'the store is not a folder that can be written', {}, 'name a folder of your own for the store');
  }
  return new FolderStore(root);
}

class FolderStore implements Store {
  readonly folder: string;
  readonly logFolder: string;

  constructor(folder: string) {
    this.folder = folder;
    this.logFolder = join(folder, 'log');
  }

  async submissions(): Promise<SealedSubmission[]> {
    const entries: LoggedEntry[] = [];
    for await (const entry of readLog(this.logFolder)) entries.push(entry);
    return this.#read(entries);
  }

  async releases(): Promise<string[]> {
    const texts: string[] = [];
    for await (const entry of readLog(this.logFolder)) if (entry.kind === 'release') texts.push(await this.#object(entry.manifest));
    return texts;
  }

  async current(): Promise<SealedSubmission[]> {
    const latest = new Map<string, SealedSubmission>();
    for (const submission of await this.submissions()) {
      const { instrument, agency, round } = submission.source;
      latest.set(JSON.stringify([instrument, agency, round]), submission);
    }
    return [...latest].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, submission]) => submission);
  }

  async roundingKey(): Promise<Uint8Array> {
    const path = join(this.folder, 'keys', 'rounding.key');
    return (await readKey(path)) ?? this.transactKeys(async () => {
      const again = await readKey(path);
      if (again) return again;
      const key = randomBytes(32);
      await writeFileDurably(path, `${key.toString('hex')}\n`, 0o600);
      return new Uint8Array(key);
    });
  }

  async publicKey(): Promise<string> {
    return this.transactKeys(async (keys) => (await openSigner(keys)).publicKey);
  }

  async signingKey(): Promise<KeyObject> {
    return this.transactKeys(async (keys) => (await openSigner(keys)).privateKey);
  }

  async transactKeys<T>(work: (keys: string) => Promise<T>): Promise<T> {
    const held = await lock(join(this.folder, 'lock.sqlite'), LOCK_WAIT_MS);
    try {
      await removeLoose(this.folder);
      return await work(join(this.folder, 'keys'));
    } finally {
      held.release();
    }
  }

  async transact<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.transactKeys(async (keys) => {
      const signer = await openSigner(keys);
      const log = await openLog(this.logFolder);
      try {
        return await work(await this.#transaction(log, (position) => signer.sign(position)));
      } finally {
        await log.close();
      }
    });
  }

  async #transaction(log: Log, sign: (position: Log['positions'][number]) => Receipt): Promise<StoreTransaction> {
    const submissions = await this.#read(log.positions.map((p) => p.entry));
    return {
      submissions,
      keepFile: (path, hash) => this.#keep(path, hash),
      keepText: async (text) => {
        const hash = sha384(text);
        const path = join(this.folder, 'tmp', `${randomUUID()}.object`);
        await writeFileDurably(path, text);
        await this.#keep(path, hash);
        return hash;
      },
      record: async (entry) => sign(await log.append(entry)),
      receiptOf: (manifest) => {
        const position = log.positions.find((p) => p.entry.manifest === manifest);
        return position && sign(position);
      },
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

  async #keep(path: string, hash: Sha384): Promise<void> {
    const target = this.objectPath(hash);
    await syncFile(path);
    await rename(path, target); // same bytes under the same name: replacing changes nothing
    await syncFolder(join(this.folder, 'objects'));
  }

  async #read(entries: readonly LoggedEntry[]): Promise<SealedSubmission[]> {
    const submissions: SealedSubmission[] = [];
    for (const entry of entries) {
      if (entry.kind !== 'submission') continue;
      const manifest = readManifest(await this.#object(entry.manifest), entry.manifest);
      submissions.push({ source: sourceOf(manifest, entry.manifest), parquetPath: this.objectPath(entry.sealed), manifest });
    }
    return submissions;
  }

  async #object(hash: Sha384): Promise<string> {
    const text = await readFile(this.objectPath(hash), 'utf8').catch((cause: unknown) => {
      throw new Refusal([{ code: 'OBJECT_MISSING', severity: 'error', message: 'the log names an object that the store does not hold', place: { object: hash }, repair: 'restore the store’s objects folder from a copy' }], { cause });
    });
    if (sha384(text) !== hash) refuse('OBJECT_DAMAGED', 'an object’s bytes are not those that its name and the log commit to', { object: hash }, 'restore the object from a copy');
    return text;
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

/** Loose temporary files are made under the lock only: whoever holds it knows that those it finds belong to the dead. */
async function removeLoose(folder: string): Promise<void> {
  for (const parent of [join(folder, 'tmp'), join(folder, 'keys')]) {
    for (const name of await readdir(parent)) {
      if (/\.(tmp|object)$/.test(name)) await rm(join(parent, name), { force: true });
    }
  }
}

/** Removes folders of runs whose process is gone. */
async function removeDead(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('run-')) continue;
    const alive = join(parent, name, 'alive.sqlite');
    try {
      const dead = tryLock(alive);
      if (!dead) continue;
      dead.release();
    } catch {
      continue; // just being made, or just being removed
    }
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

