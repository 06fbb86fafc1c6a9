/**
 * Asks witnesses for cosignatures and believes none of them: a line counts when it verifies under the key that the caller has.
 * Source: C2SP tlog-witness 1.0.0. The only module of the log that opens connections, and only to the addresses it was given.
 * Leaves out: whether the cosignatures make a quorum (policy.ts), and what to do about a witness that is ahead (sequencer.ts).
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { formatAddCheckpoint, parseCosignatures } from './add-checkpoint.ts';
import { concatBytes, fromUtf8, parseDecimal } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import { isBy } from './signed-note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A witness of a policy. Two keys at one address are asked once. */
export interface WitnessEndpoint {
  readonly key: VerifierKey;
  /** The submission prefix, without `/add-checkpoint`. */
  readonly url: string;
}

/** What became of one key of one witness. */
export type WitnessOutcome = { readonly key: VerifierKey; readonly url: string } & (
  /** `line` is its signature line without newline; it was verified. */
  | { readonly kind: 'cosigned'; readonly line: string; readonly time: bigint }
  /** It has cosigned a larger head: the log was rolled back, somebody else signs, or the witness lies. Stop signing until that head is seen. */
  | { readonly kind: 'ahead'; readonly size: bigint }
  /** It refused. 422 means that it holds another head than ours of the same size as it told, or that our proof is false. */
  | { readonly kind: 'refused'; readonly status: number }
  /** A line with the key's name and id that does not verify. */
  | { readonly kind: 'forged' }
  /** Its answer was something else than the protocol has, or without a line of this key. */
  | { readonly kind: 'nonsense'; readonly code: string }
  | { readonly kind: 'unreachable'; readonly why: 'timeout' | 'connection' }
);

export interface CollectOptions {
  readonly witnesses: readonly WitnessEndpoint[];
  /** The signed checkpoint to be cosigned. */
  readonly checkpoint: Uint8Array;
  /** The consistency proof from a size below that of the checkpoint; never asked for 0 or for the size itself. */
  readonly proofFrom: (old: bigint) => Promise<readonly Uint8Array[]>;
  /** The size that the witness at an address cosigned last, where it is known: saves one round trip. */
  readonly lastSize?: ReadonlyMap<string, bigint>;
  /** For one exchange with one witness; 10 seconds when absent. */
  readonly timeoutMs?: number;
  /** Without it, addresses must be `https:`. With it, `http:` to this machine is accepted too. */
  readonly allowLoopback?: boolean;
}

const TIMEOUT_MS = 10_000;
/** A few signature lines. */
const MOST_RESPONSE_BYTES = 1 << 16;
/** The witness may move on between two exchanges, when several ask for one log. */
const MOST_EXCHANGES = 4;

/**
 * Asks all witnesses at once. One that fails delays nobody beyond the time limit, and nothing that a witness answers makes it throw.
 * @returns one outcome for every key, in the order given
 * @throws Refusal WITNESS_URL for an address that may not be used, before anything is sent; the codes of `parseCheckpoint`; what `proofFrom` throws
 */
export async function collectCosignatures(options: CollectOptions): Promise<WitnessOutcome[]> {
  const checkpoint = parseCheckpoint(options.checkpoint);
  const byUrl = Map.groupBy(options.witnesses, ({ url }) => url);
  for (const url of byUrl.keys()) checkUrl(url, options.allowLoopback === true);
  const answers = new Map(await Promise.all([...byUrl.keys()].map(async (url) => [url, await ask(url, checkpoint, options)] as const)));
  return options.witnesses.map(({ key, url }) => ({ key, url, ...outcomeOf(answers.get(url) ?? { kind: 'unreachable', why: 'connection' }, checkpoint, key) }));
}

type Outcome<K extends WitnessOutcome['kind'] = WitnessOutcome['kind']> = WitnessOutcome extends infer O ? O extends { readonly kind: K } ? Omit<O, 'key' | 'url'> : never : never;
type Answer = { readonly kind: 'answered'; readonly body: Uint8Array } | Outcome<'ahead' | 'refused' | 'nonsense' | 'unreachable'>;

async function ask(url: string, checkpoint: Checkpoint, options: CollectOptions): Promise<Answer> {
  const { size } = checkpoint;
  let old = options.lastSize?.get(url) ?? 0n;
  if (old > size) old = 0n;
  for (let exchange = 0; exchange < MOST_EXCHANGES; exchange += 1) {
    const proof = old === 0n || old === size ? [] : await options.proofFrom(old);
    const answer = await post(url, formatAddCheckpoint({ old, proof, checkpoint: checkpoint.note.bytes }), options.timeoutMs ?? TIMEOUT_MS);
    if (answer.kind !== 'conflict') return answer;
    if (answer.size > size) return { kind: 'ahead', size: answer.size };
    if (answer.size === old) return { kind: 'refused', status: 409 };
    old = answer.size;
  }
  return { kind: 'refused', status: 409 };
}

async function post(url: string, body: Uint8Array, timeoutMs: number): Promise<Answer | { readonly kind: 'conflict'; readonly size: bigint }> {
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST', body: new Uint8Array(body), redirect: 'error', signal: AbortSignal.timeout(timeoutMs), headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const answered = await readResponse(response);
    if (answered === undefined) return { kind: 'nonsense', code: 'RESPONSE_TOO_LONG' };
    if (response.status === 200) return { kind: 'answered', body: answered };
    if (response.status !== 409) return { kind: 'refused', status: response.status };
    const size = sizeOf(answered);
    // Older witnesses answer 409 without a size to another root at the same size.
    return size === undefined ? { kind: 'refused', status: 409 } : { kind: 'conflict', size };
  } catch (error) {
    return { kind: 'unreachable', why: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'connection' };
  }
}

/** What becomes of one key: of all lines in the answer only its own counts, and that only when it verifies. */
function outcomeOf(answer: Answer, checkpoint: Checkpoint, key: VerifierKey): Outcome {
  if (answer.kind !== 'answered') return answer;
  try {
    const line = parseCosignatures(checkpoint.note.text, answer.body).find((s) => isBy(s, key));
    if (line === undefined) return { kind: 'nonsense', code: 'RESPONSE_KEY_UNKNOWN' };
    const cosigned = verifyCosignature(checkpoint.note, line, key);
    return cosigned === undefined ? { kind: 'forged' } : { kind: 'cosigned', line: line.line, time: cosigned.time };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'nonsense', code: error.code };
    throw error;
  }
}

function sizeOf(body: Uint8Array): bigint | undefined {
  const text = fromUtf8(body);
  return text?.endsWith('\n') === true ? parseDecimal(text.slice(0, -1)) : undefined;
}

/** Undefined when it is longer than any answer of the protocol. */
async function readResponse(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_RESPONSE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

function checkUrl(url: string, allowLoopback: boolean): void {
  const parsed = URL.parse(url);
  const loopback = parsed !== null && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(parsed.hostname);
  const allowed = parsed !== null && parsed.username === '' && parsed.password === '' && parsed.search === '' && parsed.hash === ''
    && (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && loopback && allowLoopback));
  if (!allowed) refuse('WITNESS_URL', 'the address of a witness is not one that may be used', { object: url }, 'give an https: address without user, query or fragment; http: is for a witness on this machine alone, where the caller allows it');
}
