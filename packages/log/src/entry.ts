/**
 * What stands in the log: small canonical records that commit to what happened and carry no data.
 * An entry is the canonical JSON (RFC 8785) of one event, in UTF-8, described with a worked example in docs/log-format.md.
 * What may be confidential or guessed stands behind a commitment, SHA-384(salt ‖ content) with a salt of its own (commitment.ts).
 * @module
 */
import { canonicalJson, isSha384, refuse } from '@weighbridge/base';
import type { Place, Sha384 } from '@weighbridge/base';
import { fromUtf8, utf8 } from './bytes.ts';

/** The version of the entry format. A reader refuses a version it does not know. */
export const ENTRY_FORMAT = 'weighbridge-entry/1';

/** An agency's return, or its next edition. `commitment` is to the submission's manifest, which names the bytes sent. */
export interface SubmissionEntry {
  readonly kind: 'submission';
  readonly collection: string;
  readonly instrument: string;
  readonly agency: string;
  readonly round: string;
  readonly edition: number;
  readonly synthetic: boolean;
  /** SHA-384 of the definition that judged the records. */
  readonly definition: Sha384;
  /** Version of the rules that turned the bytes into records. */
  readonly normaliser: string;
  readonly commitment: Sha384;
  /** Commitment to the root of the tree of records and their number (record-receipt.ts). */
  readonly records: Sha384;
  /** Index of the entry of the edition before. */
  readonly corrects?: number;
}

/** A definition file or a code list that is used from now on. Public: its plain hash. */
export interface DefinitionEntry {
  readonly kind: 'definition';
  readonly collection: string;
  readonly what: 'definition' | 'codelist';
  readonly path: string;
  readonly sha384: Sha384;
}

/** A release. Public: the plain hash of its manifest. */
export interface ReleaseEntry {
  readonly kind: 'release';
  readonly collection: string;
  readonly manifest: Sha384;
  /** Indexes of the entries of the submissions it rests on, rising. */
  readonly submissions: readonly number[];
}

/** Confidential records were opened. `commitment` is to who did it and for what. */
export interface AccessEntry {
  readonly kind: 'access';
  readonly purpose: 'release' | 'recompute' | 'record-receipt' | 'deletion' | 'other';
  readonly submissions: readonly number[];
  readonly commitment: Sha384;
}

/** An authorisation (a warrant, order or notice), what became of it, or a disclosure under one. `commitment` is to the event. */
export interface AuthorisationEntry {
  readonly kind: 'authorisation' | 'disclosure';
  readonly agency: string;
  readonly event: string;
  readonly commitment: Sha384;
  /** Index of the entry that this one follows up. */
  readonly follows?: number;
}

/** A submission's content and salts were destroyed under law. `commitment` is to the grounds. */
export interface DeletionEntry {
  readonly kind: 'deletion';
  readonly submission: number;
  readonly commitment: Sha384;
}

/** A key begins to be used, or is used no more. */
export interface KeyEntry {
  readonly kind: 'key';
  readonly change: 'added' | 'retired';
  readonly purpose: 'log' | 'cosigner' | 'release' | 'witness' | 'pseudonym';
  /** Verifier key, or its equivalent in text. */
  readonly key: string;
}

/** The log goes on from a cell that was moved or restored; an overseer will ask why. */
export interface AdoptionEntry {
  readonly kind: 'adoption';
  /** Entries of the log when its cell was adopted. */
  readonly size: number;
}

export type LogEvent =
  | SubmissionEntry | DefinitionEntry | ReleaseEntry | AccessEntry | AuthorisationEntry | DeletionEntry | KeyEntry | AdoptionEntry;

/** An event as the log holds it: with its moment. */
export type LogEntry = LogEvent & {
  readonly entry: typeof ENTRY_FORMAT;
  /** UTC, to the second: `2026-03-01T09:30:00Z`. */
  readonly time: string;
};

/** The bytes of an entry. @param seconds - POSIX time */
export function encodeEntry(event: LogEvent, seconds: bigint): Uint8Array {
  const time = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
  const entry: LogEntry = { ...event, entry: ENTRY_FORMAT, time };
  const fault = faultOf({ ...entry });
  if (fault !== undefined) throw new TypeError(`encodeEntry: ${fault}`);
  return utf8(canonicalJson(entry));
}

/**
 * Reads an entry.
 * @throws Refusal `ENTRY_FORM` when the bytes are not the canonical form of an entry, `ENTRY_VERSION` for another version of the format
 */
export function parseEntry(bytes: Uint8Array, place: Place = {}): LogEntry {
  const text = fromUtf8(bytes);
  let value: unknown;
  try {
    value = text === undefined ? undefined : JSON.parse(text);
    if (canonicalJson(value) !== text) value = undefined;
  } catch {
    value = undefined; // the parser's message quotes the text; the place is enough
  }
  const repair = 'the entry stands in the log as it is; read the log with the version of Weighbridge that wrote it, or a later one';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('ENTRY_FORM', 'the entry is not canonical JSON of an object', place, repair);
  const entry = value as Record<string, unknown>;
  if (entry['entry'] !== ENTRY_FORMAT) return refuse('ENTRY_VERSION', `the entry is not of the format ${ENTRY_FORMAT}`, place, repair);
  const fault = faultOf(entry);
  if (fault !== undefined) return refuse('ENTRY_FORM', fault, place, repair);
  return entry as unknown as LogEntry;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 400;
const hash: Check = (value) => typeof value === 'string' && isSha384(value);
/** One word of a fixed list or an identifier: free text does not belong into a public log. */
const word: Check = (value) => typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value);
const index: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const indexes: Check = (value) => Array.isArray(value) && value.every((item, i) => index(item) && (i === 0 || Number(item) > Number(value[i - 1])));
const flag: Check = (value) => typeof value === 'boolean';
const oneOf = (...words: readonly string[]): Check => (value) => typeof value === 'string' && words.includes(value);
const moment: Check = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value));

/** Members of each kind; one behind `?` may be left out. */
const SHAPES: Readonly<Record<LogEvent['kind'], Readonly<Record<string, Check>>>> = {
  submission: {
    collection: text, instrument: text, agency: text, round: text, edition: index, synthetic: flag, definition: hash, normaliser: text, commitment: hash,
    records: hash, 'corrects?': index,
  },
  definition: { collection: text, what: oneOf('definition', 'codelist'), path: text, sha384: hash },
  release: { collection: text, manifest: hash, submissions: indexes },
  access: { purpose: oneOf('release', 'recompute', 'record-receipt', 'deletion', 'other'), submissions: indexes, commitment: hash },
  authorisation: { agency: word, event: word, commitment: hash, 'follows?': index },
  disclosure: { agency: word, event: word, commitment: hash, 'follows?': index },
  deletion: { submission: index, commitment: hash },
  key: { change: oneOf('added', 'retired'), purpose: oneOf('log', 'cosigner', 'release', 'witness', 'pseudonym'), key: text },
  adoption: { size: index },
};

/** What is wrong with the members of an entry; undefined when nothing is. Never quotes a value. */
function faultOf(entry: Readonly<Record<string, unknown>>): string | undefined {
  const { kind } = entry;
  const shape = typeof kind === 'string' && Object.hasOwn(SHAPES, kind) ? SHAPES[kind as LogEvent['kind']] : undefined;
  if (shape === undefined) return 'the entry is of a kind that this version does not know';
  if (!moment(entry['time'])) return 'the entry has no time in the form 2026-03-01T09:30:00Z';
  const known = new Set(['entry', 'kind', 'time']);
  for (const [member, check] of Object.entries(shape)) {
    const name = member.replace('?', '');
    known.add(name);
    if (entry[name] === undefined ? name === member : !check(entry[name])) return `the entry's member ${name} is missing or not of its form`;
  }
  return Object.keys(entry).every((name) => known.has(name)) ? undefined : 'the entry has a member that its kind does not have';
}
