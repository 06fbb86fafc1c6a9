/**
 * A log on this machine: its folder, its cell and its keys, and events written to it and read from it.
 * Leaves out: a lock; whoever writes holds the store's lock, and two who do not are kept apart by the cell.
 * @module
 */
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import { syncFolder, writeFileDurably } from '@weighbridge/base/node';
import { equalBytes, utf8 } from './bytes.ts';
import { adoptCell, hasCell, openCell } from './cell.ts';
import type { Cell } from './cell.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { folderDisk, folderFiles } from './disk.ts';
import { encodeEntry, parseEntry } from './entry.ts';
import type { LogEntry, LogEvent } from './entry.ts';
import { Frontier } from './frontier.ts';
import type { LogSigners } from './head.ts';
import { generateKey, loadSigner } from './keys.ts';
import { cosigners } from './cosigners.ts';
import { parsePolicy } from './policy.ts';
import { createLog, openSequencer } from './sequencer.ts';
import type { Sequencer } from './sequencer.ts';
import { CHECKPOINT } from './standing.ts';
import type { LogParts } from './standing.ts';
import { TileReader } from './tile-reader.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';
import { SHA256_TREE } from './tree-hash.ts';
import { parseVerifierKey } from './verifier-key.ts';
import type { VerifierKey } from './verifier-key.ts';

/** Where a log's parts lie. */
export interface LogPlaces {
  /** Served as static files; may be copied freely. */
  readonly log: string;
  /** Private keys and the log's name. */
  readonly keys: string;
  /** The cell and what waits between a head and its tiles. Never restored from a backup. */
  readonly state: string;
}

export interface EventLogOptions {
  /** Name of a log that is made now: a URL prefix without scheme that its owner controls. Made up when absent. */
  readonly origin?: string;
  readonly now?: () => bigint;
  readonly cosign?: LogParts['cosign'];
}

/** An event in its place. */
export interface LoggedEvent {
  readonly index: number;
  /** The receipt, `c2sp.org/tlog-proof@v1`, with the entry as its extra data. */
  readonly receipt: string;
}

/** An open log. Close it. */
export interface EventLog {
  readonly signers: LogSigners;
  readonly sequencer: Sequencer;
  /** Every entry in order: those found on opening, and those added since. */
  readonly entries: readonly LogEntry[];
  /** Adds events, all in one batch. Durable and receipted when it resolves. */
  append(events: readonly LogEvent[]): Promise<LoggedEvent[]>;
  receipt(index: number): Promise<string>;
  close(): Promise<void>;
}

const CELL = 'log-cell.sqlite';
const POLICY = 'log.policy';
const FILES = { log: 'log.key', p384: 'log-p384.key', origin: 'log.origin' } as const;

/**
 * Opens the log, making it and its keys where there is none.
 * @throws Refusal `LOG_KEY_MISSING` when there is a log and no key, `LOG_OLD_FORMAT`, and what {@link openSequencer} and {@link readEntries} refuse
 */
export async function openEventLog(places: LogPlaces, options: EventLogOptions = {}): Promise<EventLog> {
  const now = options.now ?? ((): bigint => BigInt(Math.floor(Date.now() / 1000)));
  const { signers, cell } = await openParts(places, options.origin, now);
  try {
    const cosign = options.cosign ?? await witnessesOf(places);
    const parts: LogParts = { disk: folderDisk(places.log), staging: folderDisk(join(places.state, 'log-staging')), cell, signers, now, ...(cosign ? { cosign } : {}) };
    const sequencer = await openSequencer(parts);
    const entries = await readEntries(sequencer.reader(), openCheckpoint(sequencer.checkpoint, signers.log.verifierKey));
    const log = new OpenEventLog({ signers, sequencer, entries, cell, now });
    if (entries.length === 0) await log.append(firstKeys(signers));
    return log;
  } catch (error) {
    cell.close();
    throw error;
  }
}

/** The verifier keys of a log, as its own folder of keys has them: the log's and the P-384 cosigner's. Makes the log when there is none. */
export async function logSigners(places: LogPlaces, options: EventLogOptions = {}): Promise<LogSigners> {
  const { signers, cell } = await openParts(places, options.origin, options.now ?? ((): bigint => BigInt(Math.floor(Date.now() / 1000))));
  cell.close();
  return signers;
}

/** The policy of a log: the one that its owner set, or one that asks for its own two signatures. */
export async function logPolicy(places: LogPlaces, options: EventLogOptions = {}): Promise<string> {
  const signers = await logSigners(places, options);
  return (await readText(join(places.keys, POLICY))) ?? ownPolicy(signers);
}

/**
 * Sets the log's policy. Its witnesses that have an address are asked to cosign from now on.
 * @throws Refusal POLICY_*; `POLICY_OTHER_LOG` when it does not name this log
 */
export async function setLogPolicy(places: LogPlaces, policy: string): Promise<void> {
  const { log } = await logSigners(places);
  const { logs } = parsePolicy(policy, { file: POLICY });
  if (!logs.some(({ key }) => key.text === log.verifierKey.text)) {
    refuse('POLICY_OTHER_LOG', 'the policy does not name this log', { file: POLICY }, 'begin with what `weighbridge log policy` prints, and add witnesses');
  }
  await writeFileDurably(join(places.keys, POLICY), policy);
}

/** A policy that asks for the log's signature and for its P-384 line. */
export function ownPolicy({ log, p384 }: LogSigners): string {
  return `log ${log.verifierKey.text}\nwitness p384 ${p384.verifierKey.text}\nquorum p384\n`;
}

/**
 * Every entry of the published log in a folder, proved against its head. Nothing is written. None where there is no log.
 * @param key - the log's key, where it is known; without it the head's signature is left unchecked
 */
export async function readLog(folder: string, key: VerifierKey): Promise<LogEntry[]> {
  const files = folderFiles(folder);
  const bytes = await files.read(CHECKPOINT);
  if (bytes === null) return [];
  const head = openCheckpoint(bytes, key, { file: CHECKPOINT });
  return readEntries(new TileReader(files, head.size), head);
}

/** The verifier key in a folder of keys, without touching the private one; undefined when no log was made. */
export async function publicLogKey(keys: string): Promise<VerifierKey | undefined> {
  const text = await readText(join(keys, 'log.pub'));
  return text === undefined ? undefined : parseVerifierKey(text.trim(), { file: 'log.pub' });
}

/** Declares that this copy of a log's cell is the one to go on with, and says so in the log. */
export async function adoptLog(places: LogPlaces, options: EventLogOptions = {}): Promise<LoggedEvent> {
  const origin = await readText(join(places.keys, FILES.origin));
  const path = join(places.state, CELL);
  if (origin === undefined || !hasCell(path)) return refuse('LOG_NOT_MADE', 'there is no log here yet', {}, 'name the store whose cell was moved');
  adoptCell(path, origin.trim());
  const log = await openEventLog(places, options);
  try {
    const [logged] = await log.append([{ kind: 'adoption', size: log.entries.length }]);
    if (logged === undefined) throw new Error('expected the event that was logged');
    return logged;
  } finally {
    await log.close();
  }
}

/** @throws Refusal `LOG_ENTRIES_FALSE` when the entries are not those of the head; ENTRY_*, BUNDLE_* */
export async function readEntries(reader: TileReader, head: Checkpoint): Promise<LogEntry[]> {
  const tree = new Frontier(SHA256_TREE);
  const entries: LogEntry[] = [];
  for await (const bytes of reader.entries()) {
    tree.addLeaf(SHA256_TREE.leaf(bytes));
    entries.push(parseEntry(bytes, { file: 'tile/entries', object: `entry ${entries.length}` }));
  }
  if (!equalBytes(tree.root(), head.root)) {
    refuse('LOG_ENTRIES_FALSE', 'the entries of the log are not those of its signed head', { file: 'tile/entries' }, 'restore the log’s folder from a copy; `weighbridge log audit` names the first entry that is not as signed');
  }
  return entries;
}

interface OpenParts {
  readonly signers: LogSigners;
  readonly sequencer: Sequencer;
  readonly entries: LogEntry[];
  readonly cell: Cell;
  readonly now: () => bigint;
}

class OpenEventLog implements EventLog {
  readonly signers: LogSigners;
  readonly sequencer: Sequencer;
  readonly #entries: LogEntry[];
  readonly #cell: Cell;
  readonly #now: () => bigint;

  constructor({ signers, sequencer, entries, cell, now }: OpenParts) {
    this.signers = signers;
    this.sequencer = sequencer;
    this.#entries = entries;
    this.#cell = cell;
    this.#now = now;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  async append(events: readonly LogEvent[]): Promise<LoggedEvent[]> {
    const bytes = events.map((event) => encodeEntry(event, this.#time()));
    const appended = await Promise.all(bytes.map((entry) => this.sequencer.append(entry)));
    for (const [i, { index }] of appended.entries()) this.#entries[Number(index)] = parseEntry(bytes[i] ?? new Uint8Array());
    return Promise.all(appended.map(async ({ index, receipt }, i) => ({ index: Number(index), receipt: withEntry(await receipt(), bytes[i] ?? new Uint8Array()) })));
  }

  /** The log's clock never runs backwards, whatever the machine's does. */
  #time(): bigint {
    const last = BigInt(Date.parse(this.#entries.at(-1)?.time ?? '1970-01-01T00:00:00Z')) / 1000n;
    return this.#now() > last ? this.#now() : last;
  }

  async receipt(index: number): Promise<string> {
    return withEntry(await this.sequencer.receipt(BigInt(index)), await this.sequencer.reader().entry(BigInt(index)));
  }

  async close(): Promise<void> {
    await this.sequencer.close();
    this.#cell.close();
  }
}

/** A receipt that carries the entry that it proves, so that it needs nothing beside it. */
function withEntry(proof: string, extra: Uint8Array): string {
  return formatTlogProof({ ...parseTlogProof(utf8(proof)), extra });
}

/** Asks the witnesses of the log's policy that have an address; undefined where there are none. */
async function witnessesOf(places: LogPlaces): Promise<LogParts['cosign']> {
  const text = await readText(join(places.keys, POLICY));
  if (text === undefined) return undefined;
  const witnesses = [...parsePolicy(text, { file: POLICY }).witnesses.values()].flatMap(({ key, url }) => (url === undefined ? [] : [{ key, url }]));
  return witnesses.length === 0 ? undefined : cosigners({ witnesses, files: folderFiles(places.log), allowLoopback: true });
}

function firstKeys({ log, p384 }: LogSigners): LogEvent[] {
  return [
    { kind: 'key', change: 'added', purpose: 'log', key: log.verifierKey.text },
    { kind: 'key', change: 'added', purpose: 'cosigner', key: p384.verifierKey.text },
  ];
}

/** Keys and cell. A log that is made now gets its keys under other names first: a key without a cell would look like a cell that was lost. */
async function openParts(places: LogPlaces, origin: string | undefined, now: () => bigint): Promise<{ signers: LogSigners; cell: Cell }> {
  await mkdir(places.keys, { recursive: true, mode: 0o700 });
  await mkdir(places.state, { recursive: true, mode: 0o700 });
  if (await isThere(join(places.log, 'entries.ndjson'))) {
    refuse('LOG_OLD_FORMAT', 'the log is of a format that this version no longer writes', { file: 'entries.ndjson' }, 'submit the agencies’ files again to a new store; this one stays readable by the version that wrote it');
  }
  const path = join(places.state, CELL);
  const made = await isThere(join(places.keys, FILES.log));
  if (!made && (await isThere(join(places.log, CHECKPOINT)))) await finishMaking(places, path);
  else if (!made) await makeLog(places, path, origin, now);
  const signers = await readSigners(places.keys, '');
  return { signers, cell: openCell(path, signers.log.verifierKey.name) };
}

async function makeLog(places: LogPlaces, cellPath: string, origin: string | undefined, now: () => bigint): Promise<void> {
  const name = origin ?? `weighbridge.invalid/${randomBytes(8).toString('hex')}`;
  const [log, p384] = [generateKey('ed25519', name), generateKey('p384-cosigner', `${name}/p384`)];
  if (await isThere(join(places.keys, `${FILES.log}.new`))) await rm(cellPath, { force: true }); // that of a making that was cut off before anything was published
  else if (hasCell(cellPath)) refuse('LOG_KEY_MISSING', 'there is the cell of a log, and neither its key nor its folder', { file: FILES.log }, 'put the folders of keys and of the log back; a folder that is not mounted looks like that');
  await writeFileDurably(join(places.keys, `${FILES.origin}.new`), `${name}\n`, 0o600);
  await writeFileDurably(join(places.keys, `${FILES.p384}.new`), p384.privatePem, 0o600);
  await writeFileDurably(join(places.keys, `${FILES.log}.new`), log.privatePem, 0o600);
  const cell = openCell(cellPath, name);
  try {
    await createLog({ disk: folderDisk(places.log), staging: folderDisk(join(places.state, 'log-staging')), cell, signers: { log: log.signer, p384: p384.signer }, now });
  } finally {
    cell.close();
  }
  await finishMaking(places, cellPath);
}

/** Gives the keys of a log that was just published their names. */
async function finishMaking(places: LogPlaces, cellPath: string): Promise<void> {
  if (!hasCell(cellPath) || !(await isThere(join(places.keys, `${FILES.log}.new`)))) {
    refuse('LOG_KEY_MISSING', 'there is a log, and its key is not there', { file: FILES.log }, 'put the folder of keys back from its backup; without it the log can be read and never be added to');
  }
  const { log } = await readSigners(places.keys, '.new');
  await writeFileDurably(join(places.keys, 'log.pub'), `${log.verifierKey.text}\n`);
  for (const name of [FILES.origin, FILES.p384, FILES.log]) {
    if (await isThere(join(places.keys, `${name}.new`))) await rename(join(places.keys, `${name}.new`), join(places.keys, name));
  }
  await syncFolder(places.keys);
}

async function readSigners(keys: string, suffix: string): Promise<LogSigners> {
  const read = async (name: string): Promise<string> => (await readText(join(keys, `${name}${suffix}`))) ?? (await readText(join(keys, name)))
    ?? refuse('LOG_KEY_MISSING', 'a file of the log’s keys is not there', { file: name }, 'put the folder of keys back from its backup');
  const origin = (await read(FILES.origin)).trim();
  return { log: loadSigner(await read(FILES.log), 'ed25519', origin), p384: loadSigner(await read(FILES.p384), 'p384-cosigner', `${origin}/p384`) };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
