/**
 * Verifies a whole log offline: signatures, quorum, every tile and entry, both roots; and says what was and was not proved.
 * Pure over a port that reads files: the command line and the page for a browser run this same code.
 * Leaves out: whether others were shown the same head. Witnesses in the policy, or evidence that somebody kept, answer that.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { auditTree } from './audit.ts';
import type { AuditOptions, AuditResult } from './audit.ts';
import { openSha384Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ENTRY_FORMAT, parseEntry } from './entry.ts';
import type { LogEntry } from './entry.ts';
import { fromUtf8 } from './bytes.ts';
import { checkPolicy, meetsQuorum } from './policy.ts';
import type { Policy } from './policy.ts';
import { isBy } from './signed-note.ts';
import { TileReader } from './tile-reader.ts';
import type { VerifierKey } from './verifier-key.ts';
import type { LogFiles } from './tile-reader.ts';

/** How a log is audited: in one thread, or on a folder by several. */
export type Audit = (head: { size: bigint; root: Uint8Array }, options: Pick<AuditOptions, 'sha384Root' | 'onProgress'>) => Promise<AuditResult>;

export interface VerifyLogOptions {
  /** Whom to believe. Without it nobody is: the log is only held against itself. */
  readonly policy?: Policy | undefined;
  readonly audit?: Audit | undefined;
  readonly onProgress?: (done: bigint, total: bigint) => void;
}

/** A log that holds together. */
export interface VerifiedLog {
  readonly head: Checkpoint;
  /** The log's key, where a policy names it and its signature holds. */
  readonly key: VerifierKey | undefined;
  /** In plain words. */
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  /** Entries of the kinds asked for, in order, with their indexes. */
  entries<K extends LogEntry['kind']>(...kinds: readonly K[]): AsyncGenerator<{ readonly index: number; readonly entry: Extract<LogEntry, { kind: K }> }>;
}

const GET_AGAIN = 'get the log again, whole, from its operator or from somebody who keeps a copy';

/**
 * Verifies the log in `files`.
 * @throws Refusal `LOG_MISSING`; what {@link checkPolicy} and the audit find: NOTE_*, CHECKPOINT_*, QUORUM_SHORT, TILE_*, BUNDLE_*, ENTRY_FALSE, LOG_ROOT,
 *   LOG_ROOT_384, `LOG_384_SIZE`, `ENTRY_BACKDATED`. A damaged or incomplete log is refused, not proved false: the damage may be in the copy.
 */
export async function verifyLog(files: LogFiles, { policy, audit, onProgress }: VerifyLogOptions = {}): Promise<VerifiedLog> {
  const bytes = await files.read('checkpoint');
  if (bytes === null) return refuse('LOG_MISSING', 'there is no log in that folder: it has no checkpoint', { file: 'checkpoint' }, 'name the folder of the log, such as store/log');
  const head = policy ? checkPolicy(policy, bytes, { file: 'checkpoint' }) : { checkpoint: parseCheckpoint(bytes, { file: 'checkpoint' }), cosigned: [] };
  const { checkpoint } = head;
  const second = policy ? await secondRoot(files, policy, checkpoint) : undefined;
  const notSecond = policy && second === undefined ? ['The SHA-384 root: there is none of this size that a key of the policy signed.'] : [];
  const run = audit ?? ((tree, options): Promise<AuditResult> => auditTree(files, tree, options));
  const { issues } = await run(checkpoint, { ...(second ? { sha384Root: second } : {}), ...(onProgress ? { onProgress } : {}) });
  refuseOn(issues);
  const reader = new TileReader(files, checkpoint.size);
  await checkTimes(reader);
  return {
    head: checkpoint, key: 'log' in head ? head.log : undefined,
    proved: [...(policy ? signedBy(checkpoint, policy, head.cosigned) : []), `The log’s ${checkpoint.size} entries are whole and in order: every tile and the root come out again from the entries${second ? ', under SHA-256 and under SHA-384' : ''}.`],
    notProved: policy ? [...unwitnessed(policy), ...notSecond] : ['Who signed the log’s head: no policy was given. Somebody could have made up the whole log.'],
    entries: (...kinds) => entriesOf(reader, kinds),
  };
}

/**
 * The log's clock never runs backwards: an entry whose time lies before that of an entry before it was back-dated. Writers that
 * did not know of each other may differ by some minutes. Entries that are not ours have no time and are left aside.
 */
async function checkTimes(reader: TileReader): Promise<void> {
  let [index, latest, before] = [0, '', 0];
  for await (const bytes of reader.entries()) {
    const time = timeOf(bytes);
    if (time > latest) [latest, before] = [time, Date.parse(time)];
    else if (time !== '' && Date.parse(time) < before - TOLERANCE_MS) {
      refuse('ENTRY_BACKDATED', `entry ${index} says that it is older than an entry before it`, { file: 'tile/entries', object: `entry ${index}` }, 'ask the log’s operator, and do not rely on the time of this entry');
    }
    index++;
  }
}

const TOLERANCE_MS = 10 * 60_000;

/** The time of an entry of ours; empty for others. Quotation marks inside a text are escaped: the member is found without reading the rest. */
function timeOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes) ?? '';
  return text.includes(OURS) ? /"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"/.exec(text)?.[1] ?? '' : '';
}

const OURS = `"entry":"${ENTRY_FORMAT}"`;

function signedBy({ origin, size }: Checkpoint, { quorum }: Policy, cosigned: readonly { readonly name: string; readonly time: bigint }[]): string[] {
  const head = `The head of the log ${origin} at ${size} entries is signed by its key`;
  if (quorum === null || cosigned.length === 0) return [`${head}.`];
  const who = cosigned.map(({ name, time }) => `${name} (${momentOf(time)})`).join(', ');
  return [`${head} and cosigned by ${who}, which is what the policy asks for (quorum ${quorum}).`];
}

function unwitnessed(policy: Policy): string[] {
  const origins = policy.logs.map(({ key }) => key.name);
  const own = [...policy.witnesses].filter(([, { key }]) => origins.some((origin) => key.name.startsWith(`${origin}/`)));
  if (!meetsQuorum(policy, new Set(own.map(([name]) => name)))) return [];
  return ['That everybody is shown the same log: the policy is met without any witness apart from the log’s own keys.'];
}

function momentOf(time: bigint): string {
  const date = new Date(Number(time) * 1000);
  return Number.isNaN(date.getTime()) ? `time ${time}` : `${date.toISOString().slice(0, 19)}Z`;
}

/** The root of the SHA-384 tree, where the policy names the P-384 key that signs it. */
async function secondRoot(files: LogFiles, policy: Policy, checkpoint: Checkpoint): Promise<Uint8Array | undefined> {
  const bytes = await files.read('checkpoint-sha384');
  if (bytes === null) return undefined;
  const place = { file: 'checkpoint-sha384' };
  const key = [...policy.witnesses.values()].map((witness) => witness.key)
    .find((candidate) => candidate.kind === 'p384-cosigner' && checkpoint.note.signatures.some((line) => isBy(line, candidate)) && candidate.name === `${checkpoint.origin}/p384`);
  if (key === undefined) return undefined;
  const { size, root } = openSha384Checkpoint(bytes, checkpoint.origin, key, place);
  // The second head is published first: who reads between the two sees a newer one.
  if (size > checkpoint.size) return undefined;
  if (size < checkpoint.size) refuse('LOG_384_SIZE', 'the SHA-384 head is of a smaller size than the checkpoint', place, `${GET_AGAIN}: one of the two files is older than the other`);
  return root;
}

async function* entriesOf<K extends LogEntry['kind']>(reader: TileReader, kinds: readonly K[]): AsyncGenerator<{ index: number; entry: Extract<LogEntry, { kind: K }> }> {
  const wanted = kinds.map((kind) => `"kind":"${kind}"`);
  let index = 0;
  for await (const bytes of reader.entries()) {
    const text = fromUtf8(bytes) ?? '';
    // Entries of other kinds are not looked into: there can be a million, and the audit has shown that they are those of the head.
    if (wanted.some((words) => text.includes(words))) {
      const entry = parseEntry(bytes, { file: 'tile/entries', object: `entry ${index}` });
      if (kinds.some((kind) => kind === entry.kind)) yield { index, entry: entry as Extract<LogEntry, { kind: K }> };
    }
    index++;
  }
}

function refuseOn(issues: readonly Issue[]): void {
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
}

