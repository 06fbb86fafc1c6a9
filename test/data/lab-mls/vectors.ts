/**
 * What the checks of the MLS vectors share: reading a file, comparing and counting, and damaging a vector in one place.
 * The files are those of mlswg/mls-implementations, read in place from ../shared/vectors/mls and never copied.
 * @module
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { getCiphersuiteFromId, getCiphersuiteImpl } from '../../../packages/lab/src/mls/internals.ts';
import type { CiphersuiteId, CiphersuiteImpl, Decoder, Encoder, GroupContext } from '../../../packages/lab/src/mls/internals.ts';

/** The folder of the vectors, beside the repository. */
export const FOLDER = fileURLToPath(new URL('../../../../shared/vectors/mls', import.meta.url));

/** Names of the files that are there, without `.json.gz`; none when the folder is absent. */
export function vectorFiles(): readonly string[] {
  return existsSync(FOLDER) ? readdirSync(FOLDER).map((name) => name.replace(/\.json\.gz$/, '')).sort() : [];
}

/** What is done with the vectors of one file. */
export interface VectorCheck {
  readonly file: string;
  /** What is held, as the title of the test says it. */
  readonly claim: string;
  /** Vectors in the file. */
  readonly vectors: number;
  /** Comparisons made over all of them: a check left out makes it smaller. */
  readonly comparisons: number;
  /** Runs every vector of the file. @throws when one does not hold */
  readonly runAll: (tally: Tally, only?: readonly unknown[]) => Promise<number>;
  /** Runs one suite after the other in tests of their own, where a file takes long. Every suite must have the same share of both counts. */
  readonly bySuite?: boolean;
  /** Which vectors are damaged, place by place. */
  readonly damaged: (vectors: readonly unknown[]) => readonly unknown[];
  /** How: by default a bit is turned; at the ends, where any bit of a structure may stand for another structure as good. */
  readonly damage?: 'bits' | 'ends';
  /** Places where damage is not seen, with the reason; of a place that `damage` reaches it must be seen nowhere else. */
  readonly blind?: Readonly<Record<string, string>>;
}

/** Makes a check of a file of vectors of type V. The format is described by test-vectors.md of the same repository. */
export function vectorCheck<V>(check: Omit<VectorCheck, 'runAll' | 'damaged'> & {
  readonly run: (vector: V, tally: Tally) => Promise<void>;
  readonly damaged: (vectors: readonly V[]) => readonly V[];
}): VectorCheck {
  const { run, damaged, ...rest } = check;
  return {
    ...rest,
    damaged: (vectors) => damaged(vectors as readonly V[]),
    async runAll(tally, only) {
      const vectors = (only ?? readVectors(check.file)) as readonly V[];
      for (const [index, vector] of vectors.entries()) {
        await run(vector, tally).catch((cause: unknown) => { throw new Error(`${check.file} ${index}: ${String(cause)}`, { cause }); });
      }
      return vectors.length;
    },
  };
}

/** The vectors of a file as parsed JSON. */
export function readVectors(file: string): readonly unknown[] {
  return JSON.parse(gunzipSync(readFileSync(join(FOLDER, `${file}.json.gz`))).toString('utf8')) as unknown[];
}

/** Compares, and counts how often. Every method throws when the comparison fails. */
export class Tally {
  count = 0;

  /** Bytes against the hexadecimal text of a vector. */
  bytes(what: string, actual: Uint8Array, expected: string): void {
    this.equal(what, Buffer.from(actual).toString('hex'), expected);
  }

  equal(what: string, actual: unknown, expected: unknown): void {
    this.count++;
    if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(actual)}`);
  }

  holds(what: string, actual: boolean): void {
    this.equal(what, actual, true);
  }

  /** Decodes the whole text, and encodes it to the same text again. @returns the value */
  whole<T>(what: string, text: string, decode: Decoder<T>, encode?: Encoder<T>): T {
    const input = hex(text);
    const result = decode(input, 0);
    if (result === undefined) throw new Error(`${what}: cannot be decoded`);
    this.equal(`${what}: bytes read`, result[1], input.length);
    if (encode !== undefined) this.bytes(`${what}: encoded again`, encode(result[0]), text);
    return result[0];
  }
}

/** Bytes of a hexadecimal text. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

const suites = new Map<number, Promise<CiphersuiteImpl>>();

/** The library's suite of that number. */
export function suiteOf(id: number): Promise<CiphersuiteImpl> {
  const made = suites.get(id) ?? getCiphersuiteImpl(getCiphersuiteFromId(id as CiphersuiteId));
  suites.set(id, made);
  return made;
}

/** The context that the vectors describe: version 1.0, no extensions. */
export function groupContext(cs: CiphersuiteImpl, of: { readonly groupId: string; readonly epoch: number; readonly treeHash: string; readonly transcriptHash: string }): GroupContext {
  return {
    version: 'mls10', cipherSuite: cs.name, groupId: hex(of.groupId), epoch: BigInt(of.epoch), treeHash: hex(of.treeHash),
    confirmedTranscriptHash: hex(of.transcriptHash), extensions: [],
  };
}

/** The library finds an external pre-shared key under the base64 of its identifier. */
export function base64(text: string): string {
  return Buffer.from(text, 'hex').toString('base64');
}

/** The value that is there. @throws when the library answered with nothing */
export function some<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`${what}: nothing`);
  return value;
}

/** The suites of RFC 9420, by number. */
export const ALL_SUITES = [1, 2, 3, 4, 5, 6, 7];

/** The first vector of each of the suites, of those that `select` leaves. */
export function ofSuites<V extends { readonly cipher_suite: number }>(suites: readonly number[], select: (vectors: readonly V[]) => readonly V[] = (all) => all): (vectors: readonly V[]) => readonly V[] {
  return (vectors) => {
    const selected = select(vectors);
    return suites.map((suite) => some(`vector of suite ${suite}`, selected.find((v) => v.cipher_suite === suite)));
  };
}

/** A vector with one place changed. */
export interface Damaged {
  /** Keys to the place, array positions written as `*`. */
  readonly place: string;
  readonly vector: unknown;
}

/**
 * Copies of a vector, each with one place changed: a bit of the first, the middle and the last byte of a hexadecimal text (or, at the ends, its
 * last byte cut off and a byte put after it), a number plus one, another suite. `null` stays. Only the first and last element of an array are changed.
 */
export function damagedCopies(vector: unknown, damage: 'bits' | 'ends' = 'bits'): Damaged[] {
  return changes(vector, damage).map(({ keys, value }) => ({
    place: keys.map((key) => (typeof key === 'number' ? '*' : key)).join('.'),
    vector: withValue(vector, keys, value),
  }));
}

interface Change {
  readonly keys: readonly (string | number)[];
  readonly value: unknown;
}

function changes(value: unknown, damage: 'bits' | 'ends', keys: readonly (string | number)[] = []): Change[] {
  if (Array.isArray(value)) {
    return [...new Set([0, value.length - 1])].filter((i) => i >= 0).flatMap((i) => changes(value[i], damage, [...keys, i]));
  }
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => changes(inner, damage, [...keys, key]));
  if (typeof value === 'number') return [{ keys, value: keys.at(-1) === 'cipher_suite' ? otherHash(value) : value + 1 }];
  if (typeof value === 'string') return (damage === 'ends' ? [value.slice(0, -2), `${value}00`] : otherTexts(value)).map((text) => ({ keys, value: text }));
  return [];
}

/** A suite with another hash function. */
function otherHash(suite: number): number {
  return suite <= 3 ? 4 : suite <= 6 ? 7 : 1;
}

/** The bit turned is one that no key of X25519 or X448 fixes, which are cleared or set at the ends (RFC 7748 §5). */
function otherTexts(text: string): string[] {
  if (text === '') return ['00'];
  if (!/^([0-9a-f]{2})+$/.test(text)) return [`${text}.`];
  const length = text.length / 2;
  return [...new Set([0, length >> 1, length - 1])].map((at) => {
    const bytes = hex(text);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    return Buffer.from(bytes).toString('hex');
  });
}

function withValue(vector: unknown, keys: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  const copy = structuredClone(vector) as Record<string | number, unknown>;
  copy[key] = withValue(copy[key], rest, value);
  return copy;
}
