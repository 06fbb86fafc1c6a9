/**
 * The manifest: what a release says, and the hash of every file it is made of.
 * `content` names every data file and definition by hash; its hash is the release id, which the pages carry. `files` then
 * lists every file, pages included. So a page can name its release, and no file can change unseen.
 * @module
 */
import { canonicalJson, prettyJson, sha384, sha384Json } from '@weighbridge/base';
import type { Basis, CodelistSource, Sha384, SubmissionSource } from '@weighbridge/base';
import type { ProtectedTable, ProtectionStatement, TableCertificate } from '@weighbridge/protect';
import type { ComparisonResult } from './comparisons.ts';
import type { ControlResult } from './controls.ts';
import type { ReleaseFinding } from './findings.ts';
import type { CollectionFacts } from './input.ts';

export const FORMAT = 'weighbridge-release/1';
/** Version of the code that renders pages; pages of another version may differ in their bytes. */
export const RENDERER = '0.3.0';
export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.sig';

/** A file of the release. */
export interface ListedFile {
  readonly path: string;
  readonly sha384: Sha384;
  readonly bytes: number;
}

/** A table as the manifest tells it. */
export interface ListedTable {
  readonly id: string;
  readonly title: string;
  readonly cells: number;
  readonly withheld: number;
  readonly synthetic: boolean;
  readonly basis: Basis;
  readonly spec: { readonly file: string; readonly sha384: Sha384 };
  /** Manifest hashes of the submissions, sorted. */
  readonly submissions: readonly Sha384[];
  readonly codelists: readonly string[];
  readonly protection: ProtectionStatement;
  readonly certificate: TableCertificate;
}

/** Everything the release id stands for. */
export interface ReleaseContent {
  readonly format: typeof FORMAT;
  readonly collection: CollectionFacts;
  readonly tables: readonly ListedTable[];
  readonly submissions: readonly SubmissionSource[];
  readonly codelists: readonly CodelistSource[];
  readonly findings: readonly ReleaseFinding[];
  readonly controls: readonly ControlResult[];
  readonly comparisons: readonly ComparisonResult[];
  /** Releases made before that the tables were attacked together with, oldest first; left out where there are none. */
  readonly earlier?: readonly Sha384[];
  /** Tables as JSON and CSV, definitions, revisions. */
  readonly data: readonly ListedFile[];
}

export interface Manifest {
  readonly format: typeof FORMAT;
  /** SHA-384 of the canonical JSON of `content`. */
  readonly release: Sha384;
  readonly renderer: string;
  /** Verifier key of the signature in `manifest.sig`, or null when the release is not signed. */
  readonly signer: string | null;
  readonly content: ReleaseContent;
  /** Every file of the folder but the manifest and its signature, sorted by path. */
  readonly files: readonly ListedFile[];
}

/** The id of a release. */
export function releaseId(content: unknown): Sha384 {
  return sha384Json(content);
}

/** The bytes of `manifest.json`: canonical members, indented. */
export function manifestText(manifest: Manifest): string {
  return prettyJson(manifest);
}

/** Lists files by path (code units). */
export function listFiles(files: Iterable<readonly [string, Uint8Array | string]>): readonly ListedFile[] {
  return [...files]
    .map(([path, data]) => ({ path, sha384: sha384(data), bytes: typeof data === 'string' ? Buffer.byteLength(data, 'utf8') : data.byteLength }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A table as listed. */
export function listTable(table: ProtectedTable): ListedTable {
  const { meta } = table;
  return {
    id: meta.id, title: meta.title, cells: table.cells.length, withheld: table.cells.filter((c) => c.value === null).length, synthetic: meta.synthetic,
    basis: meta.basis, spec: { file: meta.provenance.specFile, sha384: meta.provenance.specSha384 },
    submissions: meta.provenance.submissions.map((s) => s.manifest).sort(), codelists: meta.provenance.codelists.map((c) => c.id).sort(),
    protection: table.protection, certificate: table.certificate,
  };
}

/** Every submission that some table was made from, once, by instrument, agency, round and edition. */
export function allSubmissions(tables: readonly ProtectedTable[]): readonly SubmissionSource[] {
  return uniqueSorted(tables.flatMap((t) => t.meta.provenance.submissions), (s) => canonicalJson([s.instrument, s.agency, s.round, String(s.edition).padStart(9, '0'), s.manifest, s]));
}

/** Every code list edition that some table used, once, by id. */
export function allCodelists(tables: readonly ProtectedTable[]): readonly CodelistSource[] {
  return uniqueSorted(tables.flatMap((t) => t.meta.provenance.codelists), (c) => canonicalJson([c.id, c.sha384, c]));
}

function uniqueSorted<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const byKey = new Map(items.map((item) => [key(item), item]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}
