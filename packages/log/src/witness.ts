/**
 * The witness: cosigns a log's head when it follows from the last one that it cosigned, and never otherwise; keeps what proves equivocation.
 * Source: C2SP tlog-witness 1.0.0 and tlog-cosignature 1.0.1. Works over a port for its state (witness-state.ts); HTTP is witness-server.ts.
 * Leaves out: whether what the log says is true. A cosignature says that the log has not been seen to say two things.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { MOST_PROOF_LINES, formatCosignatures, parseAddCheckpoint } from './add-checkpoint.ts';
import type { AddCheckpoint } from './add-checkpoint.ts';
import { equalBytes, fromBase64, fromUtf8, toHex, utf8 } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import { sha256 } from './crypto.ts';
import { equivocationId, evidenceOf } from './equivocation.ts';
import { rootsFromConsistency, verifyConsistency } from './proofs.ts';
import { cosign, formatNote, isBy, parseNote, verifySignature } from './signed-note.ts';
import type { NoteSigner, SignedNote } from './signed-note.ts';
import { SHA256_TREE } from './tree-hash.ts';
import type { VerifierKey } from './verifier-key.ts';

/** The largest head cosigned for a log; `checkpoint` carries the log's lines and ours, `time` is that of our cosignature. */
export interface StoredHead {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly time: bigint;
  readonly checkpoint: Uint8Array;
}

/** Evidence that was kept, see equivocation.ts. */
export interface EquivocationRecord {
  readonly origin: string;
  readonly id: string;
  readonly evidence: Uint8Array;
}

/** What a decision changes, and what it answers. */
export interface WitnessChange<T> {
  readonly store?: StoredHead;
  readonly equivocation?: Omit<EquivocationRecord, 'origin'>;
  readonly result: T;
}

/** Where a witness remembers. */
export interface WitnessState {
  head(origin: string): StoredHead | null;
  origins(): readonly string[];
  equivocations(): readonly EquivocationRecord[];
  /**
   * Lets `decide` see the stored head (and earlier ones by size, as far as they are kept), stores what it says and returns its result:
   * one step that no other can come between, on disk when it returns. What `decide` throws changes nothing.
   */
  change<T>(origin: string, decide: (stored: StoredHead | null, earlier: (size: bigint) => StoredHead | null) => WitnessChange<T>): T;
}

export type WitnessStatus = 200 | 400 | 403 | 404 | 409 | 422;

/** An answer to add-checkpoint. `code` says which rule decided; it is no part of the protocol. */
export interface WitnessAnswer {
  readonly status: WitnessStatus;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly body: string;
  readonly code: string;
  /** The log, once it is known to be one that is followed. */
  readonly origin?: string;
  /** The identifier of the evidence that this request gave, if it gave any. */
  readonly equivocation?: string;
}

export interface WitnessOptions {
  readonly state: WitnessState;
  /** Cosigners of this witness: one Ed25519 key (0x04), and a P-384 key where policies ask for it. */
  readonly signers: readonly NoteSigner[];
  /** Keys of the logs that it follows; several may share an origin while a log changes its key. */
  readonly logs: readonly VerifierKey[];
  /** POSIX seconds. May run backwards: a cosignature's time never does. */
  readonly now: () => bigint;
}

export class Witness {
  readonly #state: WitnessState;
  readonly #signers: readonly NoteSigner[];
  readonly #logs: ReadonlyMap<string, readonly VerifierKey[]>;
  readonly #now: () => bigint;

  /** @throws Refusal WITNESS_KEY_KIND, WITNESS_KEY_MISSING, WITNESS_LOG_KEY, WITNESS_LOG_MISSING */
  constructor({ state, signers, logs, now }: WitnessOptions) {
    if (signers.length === 0) refuse('WITNESS_KEY_MISSING', 'the witness has no key', {}, 'make one');
    if (signers.some(({ verifierKey }) => verifierKey.kind === 'ed25519')) refuse('WITNESS_KEY_KIND', 'a key of a log (0x01) cannot cosign', {}, 'use a cosigner key (0x04, or 0xff for P-384)');
    if (logs.length === 0) refuse('WITNESS_LOG_MISSING', 'the witness follows no log', {}, 'name the key of a log, or a policy that has one');
    const other = logs.find((key) => key.kind !== 'ed25519');
    if (other !== undefined) refuse('WITNESS_LOG_KEY', 'the key of a log is of another kind than Ed25519 (0x01)', { object: other.name }, 'name the key that signs the log’s checkpoints');
    this.#state = state;
    this.#signers = signers;
    this.#logs = Map.groupBy(logs, (key) => key.name);
    this.#now = now;
  }

  get verifierKeys(): readonly VerifierKey[] {
    return this.#signers.map((signer) => signer.verifierKey);
  }

  /** The keys of an origin's log; none when it is not followed. */
  logKeys(origin: string): readonly VerifierKey[] {
    return this.#logs.get(origin) ?? [];
  }

  /**
   * Answers one request. What it answers is on disk before.
   * @throws Refusal WITNESS_STATE_STALE when the checkpoint carries this witness's own cosignature and its state knows nothing of it;
   * what the state throws. Nothing was cosigned then.
   */
  addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    return new Promise((resolve) => { resolve(this.#answer(body)); });
  }

  /** What was last cosigned for the log with this SHA-256 of its origin, in hexadecimal; null when there is none. */
  checkpoint(originHash: string): string | null {
    const origin = [...this.#logs.keys(), ...this.#state.origins()].find((name) => toHex(sha256(utf8(name))) === originHash);
    const head = origin === undefined ? null : this.#state.head(origin);
    return head === null ? null : fromUtf8(head.checkpoint) ?? null;
  }

  /** The largest head cosigned for an origin. */
  head(origin: string): StoredHead | null {
    return this.#state.head(origin);
  }

  /** All evidence held. */
  equivocations(): readonly EquivocationRecord[] {
    return this.#state.equivocations();
  }

  /** Keeps evidence that was found by other means than a request. The caller has checked it. */
  keep(a: Checkpoint, b: Checkpoint, evidence: Uint8Array): void {
    this.#state.change(a.origin, () => ({ equivocation: { id: equivocationId(a, b), evidence }, result: null }));
  }

  /** The order of the checks is that of C2SP tlog-witness, "add-checkpoint". */
  #answer(body: Uint8Array): WitnessAnswer {
    let request: AddCheckpoint;
    let checkpoint: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      const opened = openSubmitted(request.checkpoint);
      const keys = this.logKeys(opened.origin);
      if (keys.length === 0) return answer(404, 'LOG_UNKNOWN');
      if (opened.note === undefined || !signedByOneOf(opened.note, keys)) return answer(403, 'SIGNATURE_FALSE');
      if (opened.size === undefined) return answer(422, 'EMPTY_TREE_ROOT');
      checkpoint = opened;
    } catch (error) {
      if (error instanceof Refusal) return answer(400, error.code);
      throw error;
    }
    const { origin } = checkpoint;
    if (request.old > checkpoint.size) return { ...answer(400, 'OLD_ABOVE_SIZE'), origin };
    return { ...this.#state.change(origin, (stored, earlier) => this.#decide(request, checkpoint, stored, earlier)), origin };
  }

  #decide(request: AddCheckpoint, checkpoint: Checkpoint, stored: StoredHead | null, earlier: (size: bigint) => StoredHead | null): WitnessChange<WitnessAnswer> {
    const equivocation = contradictionOf(request, checkpoint, earlier, this.logKeys(checkpoint.origin));
    const refused = refusalOf(request, checkpoint, stored);
    if (refused !== undefined) {
      return equivocation === undefined ? { result: refused } : { equivocation, result: { ...refused, equivocation: equivocation.id } };
    }
    this.#refuseStale(checkpoint, stored);
    const now = this.#now();
    const time = stored === null || now > stored.time ? now : stored.time;
    const lines = this.#signers.map((signer) => cosign(checkpoint.note.text, signer, time));
    const own = checkpoint.note.signatures.filter((s) => this.logKeys(checkpoint.origin).some((key) => isBy(s, key)));
    const store = { size: checkpoint.size, root: checkpoint.root, time, checkpoint: utf8(formatNote(checkpoint.note.text, [...own, ...lines])) };
    return { store, result: { status: 200, type: 'text/plain; charset=utf-8', body: formatCosignatures(lines), code: 'COSIGNED' } };
  }

  /** Our own cosignature on a larger head than we remember, or a later one on the same: the state is an old copy. */
  #refuseStale(checkpoint: Checkpoint, stored: StoredHead | null): void {
    const known = stored !== null && stored.size === checkpoint.size ? stored.time : 0n;
    const ours = this.verifierKeys.flatMap((key) => checkpoint.note.signatures.map((s) => verifyCosignature(checkpoint.note, s, key)));
    if (!ours.some((cosignature) => cosignature !== undefined && cosignature.time > known)) return;
    refuse('WITNESS_STATE_STALE', 'this witness has cosigned the head before, and its state does not know it: the state was rolled back', { object: checkpoint.origin }, 'put the true state back; if it is lost, start a new witness under a new name');
  }
}

/** The 409, 422 or nothing, in the order of the protocol. */
function refusalOf({ old, proof }: AddCheckpoint, { size, root }: Checkpoint, stored: StoredHead | null): WitnessAnswer | undefined {
  const storedSize = stored?.size ?? 0n;
  if (old !== storedSize) return { status: 409, type: 'text/x.tlog.size', body: `${storedSize}\n`, code: 'OLD_NOT_STORED' };
  const storedRoot = stored?.root ?? SHA256_TREE.empty;
  if (old === size && !equalBytes(root, storedRoot)) return answer(422, 'ROOT_DIFFERS');
  if (old === 0n && proof.length > 0) return answer(422, 'PROOF_FROM_ZERO');
  if (proof.length > MOST_PROOF_LINES || !verifyConsistency(SHA256_TREE, { size1: old, root1: storedRoot, size2: size, root2: root, proof })) return answer(422, 'PROOF_FALSE');
  return undefined;
}

/**
 * Evidence in a validly signed request: a head of a size that was cosigned with another root, or a larger head whose proof shows that
 * it begins with another tree than was cosigned. With a proof from a power of two there is none: such a proof does not tell the smaller root.
 */
function contradictionOf(request: AddCheckpoint, checkpoint: Checkpoint, earlier: (size: bigint) => StoredHead | null, keys: readonly VerifierKey[]): WitnessChange<never>['equivocation'] {
  const twin = earlier(checkpoint.size);
  if (twin !== null && !equalBytes(twin.root, checkpoint.root)) return recordOf(twin, checkpoint, keys, { kind: 'same-size' });
  const before = request.old < checkpoint.size ? earlier(request.old) : null;
  if (before === null) return undefined;
  const roots = rootsFromConsistency(SHA256_TREE, before.size, before.root, checkpoint.size, request.proof);
  if (roots === undefined || !equalBytes(roots.root2, checkpoint.root) || equalBytes(roots.root1, before.root)) return undefined;
  return recordOf(before, checkpoint, keys, { kind: 'prefix', hashes: request.proof });
}

function recordOf(stored: StoredHead, checkpoint: Checkpoint, keys: readonly VerifierKey[], contradiction: Parameters<typeof evidenceOf>[3]): { id: string; evidence: Uint8Array } {
  const first = parseCheckpoint(stored.checkpoint);
  return { id: equivocationId(first, checkpoint), evidence: evidenceOf(first, checkpoint, keys, contradiction) };
}

/** A head whose log is known by name and that cannot be cosigned, whatever else it says. */
interface Uncosignable {
  readonly origin: string;
  readonly size: undefined;
  /** Absent when a signature line cannot be decoded. */
  readonly note?: SignedNote;
}

/**
 * Reads the submitted checkpoint. Two faults of its form are answered as faults of what it says, once the log is known to be one that
 * is followed: a signature that is not canonical base64 is no valid signature (403), and a root that the empty tree does not have is
 * a false one (422).
 */
function openSubmitted(bytes: Uint8Array): Checkpoint | Uncosignable {
  try {
    return parseCheckpoint(bytes, { object: 'checkpoint' });
  } catch (error) {
    const [origin, size, root] = fromUtf8(bytes)?.split('\n') ?? [];
    if (error instanceof Refusal && origin !== undefined) {
      if (error.code === 'NOTE_BASE64') return { origin, size: undefined };
      if (error.code === 'CHECKPOINT_ROOT' && size === '0' && fromBase64(root ?? '')?.length === 32) return { origin, size: undefined, note: parseNote(bytes) };
    }
    throw error;
  }
}

/** C2SP signed-note: a line with the name and id of a known key must verify; other lines are ignored. */
function signedByOneOf(note: SignedNote, keys: readonly VerifierKey[]): boolean {
  const known = keys.flatMap((key) => note.signatures.filter((s) => isBy(s, key)).map((s) => verifySignature(note, s, key)));
  return known.length > 0 && known.every(Boolean);
}

function answer(status: WitnessStatus, code: string): WitnessAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${code}\n`, code };
}
