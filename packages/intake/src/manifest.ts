/**
 * The manifest of a submission: everything that is known about it except its records. A salted commitment to it stands in the log;
 * it lies in the store as the commitment's opening. It holds no clock time.
 * @module
 */
import { canonicalJson, isSha384, refuse } from '@weighbridge/base';
import type { Issue, Sha384 } from '@weighbridge/base';
import { commit, open } from '@weighbridge/log';
import type { Commitment } from '@weighbridge/log';
import type { FileFormat } from './stage.ts';
import type { CountedRepair } from './validate.ts';

export interface SubmissionManifest {
  readonly weighbridge: 1;
  readonly kind: 'submission';
  readonly collection: string;
  readonly instrument: string;
  /** Hash of the instrument's definition file that judged the records. */
  readonly instrumentSha384: Sha384;
  readonly agency: string;
  readonly round: string;
  /** Counts from 1 for each instrument, agency and round. */
  readonly edition: number;
  /** How the publisher names the edition, and when it was published. */
  readonly editionLabel?: string;
  readonly published?: string;
  /** The sender said that there was nothing to report. */
  readonly nothingToReport?: true;
  readonly original: { readonly file: string; readonly bytes: number; readonly sha384: Sha384 };
  readonly sealed: { readonly bytes: number; readonly sha384: Sha384 };
  /** Code lists used, by id: hash of each edition. */
  readonly codelists: Readonly<Record<string, Sha384>>;
  readonly rows: number;
  readonly format: FileFormat;
  readonly repairs: readonly CountedRepair[];
  /** Warnings and infos of the check. */
  readonly findings: readonly Issue[];
  readonly synthetic: boolean;
  /** The salted tree of its records: root and the two objects that proofs are made from. Null for a return without records. */
  readonly records: RecordsTree | null;
}

/** What a record receipt is made from. */
export interface RecordsTree {
  readonly root: Sha384;
  /** SHA-384 of the file of salts; destroyed with the records when a law asks for it. */
  readonly salts: Sha384;
  readonly hashes: Sha384;
}

const TYPE = 'weighbridge-submission/1';

/** Commits to a manifest. */
export function commitManifest(manifest: SubmissionManifest): Commitment {
  return commit(TYPE, canonicalJson(manifest));
}

/** Reads a manifest from its opening. @throws Refusal `MANIFEST` for an object of another kind or version; `OPENING_FALSE` */
export function readManifest(opening: Uint8Array, hash: Sha384): SubmissionManifest {
  const value = parse(open(TYPE, { commitment: hash, opening }));
  const known = value?.['weighbridge'] === 1 && value['kind'] === 'submission' && isSha384(String((value['original'] as { sha384?: unknown } | undefined)?.sha384));
  if (!known) refuse('MANIFEST', 'the object is not a submission’s manifest of this version', { object: hash }, 'use the version of Weighbridge that wrote the store, or a later one');
  return value as unknown as SubmissionManifest;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
