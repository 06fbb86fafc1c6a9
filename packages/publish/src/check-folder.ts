/**
 * The checks of a release that need neither its records nor the renderer: the manifest, every file there with its hash and none besides,
 * the release id, the signature, and the log.
 * Pure over a port that lists and reads files: the command line and the page in a browser run this same code.
 * Leaves out: rendering again and computing again (verify-release.ts). What is not checked is said to be not proved.
 * @module
 */
import { ProvenFalse, isSha384, refuse, refuseOnErrors, sha384 } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { VerifiedLog } from '@weighbridge/log';
import { checkLog } from './check-log.ts';
import { FORMAT, MANIFEST, SIGNATURE, releaseId } from './manifest.ts';
import type { ListedFile, Manifest } from './manifest.ts';
import { checkSignature } from './signature.ts';

/** A folder that holds a release. Paths are relative to it, with forward slashes. */
export interface ReleaseFolder {
  /** Every file in it, in folders of folders too. */
  list(): Promise<readonly string[]>;
  /** The bytes of an ordinary file; null when it is missing, a link, a folder or cannot be read. */
  read(path: string): Promise<Uint8Array | null>;
}

/** What was checked, in plain words. `holds` is false exactly when an issue is an error. */
export interface VerifyReport {
  readonly holds: boolean;
  /** The release id, or null when the manifest cannot be read. */
  readonly release: string | null;
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  readonly issues: readonly Issue[];
}

/** What was found so far. The checks add to it. */
export interface Findings { readonly proved: string[]; readonly notProved: string[]; readonly issues: Issue[] }

export interface CheckFolderOptions {
  /** Verifies the log that the release and its submissions are looked up in. What it refuses is refused. */
  readonly log?: (() => Promise<VerifiedLog>) | undefined;
  /** Verifier key obtained elsewhere: `name+hash+base64`. */
  readonly trustedKey?: string | undefined;
}

export const RENDERER_UNKNOWN = 'RENDERER_UNKNOWN';

/** Codes of the issues that leave a release undecided: neither shown to hold nor proven false. */
export const UNDECIDED: ReadonlySet<string> = new Set([RENDERER_UNKNOWN, 'RELEASE_NOT_LOGGED', 'SUBMISSION_NOT_LOGGED', 'DEFINITION_NOT_LOGGED', 'RELEASE_ENTRY_DIFFERS']);

/** What is not proved when a check was not made. */
export const NOT_RENDERED = 'That pages, CSV and JSON say what the tables say';
export const NO_LOG = 'That the submissions and the release are entered in a log: no log was given.';
const AGAIN = 'get the release again from its publisher';

/** Checks a release without rendering or computing anything again. Never throws for a damaged release: damage is in the report. */
export async function checkFolder(folder: ReleaseFolder, options: CheckFolderOptions = {}): Promise<VerifyReport> {
  const found = noFindings();
  const opened = await openManifest(folder, found);
  if (opened === null) return reportOf(null, found);
  await checkFiles(folder, opened.manifest, found);
  await checkSigner(folder, opened, options.trustedKey, found);
  found.notProved.push(`${NOT_RENDERED}: nothing was rendered again.`);
  notRecomputed(opened.manifest, found);
  await checkLogged(opened, options.log, found);
  return reportOf(opened.manifest.release, found);
}

/**
 * The id of a release that holds by its report.
 * @param name - of the folder, as the reader knows it
 * @throws Refusal NOT_A_RELEASE, or the issues of {@link UNDECIDED} when there are no others; ProvenFalse with every issue
 */
export function demandHolds(report: VerifyReport, name: string): string {
  if (report.release === null) return refuse('NOT_A_RELEASE', 'the folder holds no release that can be read', { file: name }, 'name a folder that `weighbridge release` wrote');
  const errors = report.issues.filter((issue) => issue.severity === 'error');
  if (errors.length > 0 && errors.every((issue) => UNDECIDED.has(issue.code))) refuseOnErrors(errors);
  if (!report.holds) throw new ProvenFalse(report.issues);
  return report.release;
}

export function noFindings(): Findings {
  return { proved: [], notProved: [], issues: [] };
}

export function reportOf(release: string | null, found: Findings): VerifyReport {
  return { holds: !found.issues.some((i) => i.severity === 'error'), release, ...found };
}

/** A manifest and the bytes that it was read from. */
export interface OpenedManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
}

/** Reads the manifest; null, with an issue, when there is none that can be read. */
export async function openManifest(folder: ReleaseFolder, found: Findings): Promise<OpenedManifest | null> {
  const bytes = await folder.read(MANIFEST);
  const manifest = bytes === null ? null : parseManifest(bytes);
  if (bytes !== null && manifest !== null) return { manifest, bytes };
  const what = bytes === null ? 'is missing or cannot be read' : 'is not the manifest of a release';
  found.issues.push(problem('MANIFEST_UNREADABLE', MANIFEST, `${MANIFEST} ${what}`, AGAIN));
  return null;
}

/** Every file that the manifest lists is there with its hash, and none besides. */
export async function checkFiles(folder: ReleaseFolder, manifest: Manifest, found: Findings): Promise<void> {
  const before = found.issues.length;
  if (releaseId(manifest.content) !== manifest.release) {
    found.issues.push(problem('RELEASE_ID', MANIFEST, 'the release id is not the hash of the manifest’s content', AGAIN));
  }
  const listed = new Set(manifest.files.map((f) => f.path));
  const present = await folder.list();
  for (const path of present) {
    if (path === MANIFEST || path === SIGNATURE) continue;
    if (!listed.has(path)) found.issues.push(problem('FILE_EXTRA', path, `${path} is not part of the release`, 'remove the file; do not rely on it'));
  }
  const there = new Set(present);
  for (const file of manifest.files) {
    if (!there.has(file.path)) found.issues.push(problem('FILE_MISSING', file.path, `${file.path} is missing`, AGAIN));
    else await checkFile(folder, file, found);
  }
  if (found.issues.length === before) found.proved.push(`All ${manifest.files.length} files are there, none besides, and each has the SHA-384 that the manifest lists.`);
}

async function checkFile(folder: ReleaseFolder, file: ListedFile, found: Findings): Promise<void> {
  const data = await folder.read(file.path);
  if (data === null) {
    found.issues.push(problem('FILE_UNREADABLE', file.path, `${file.path} is not an ordinary file that can be read`, AGAIN));
  } else if (sha384(data) !== file.sha384) {
    found.issues.push(problem('FILE_CHANGED', file.path, `${file.path} was changed after the release was made`, AGAIN));
  }
}

/** The signature, where there is one. */
export async function checkSigner(folder: ReleaseFolder, { manifest, bytes }: OpenedManifest, trustedKey: string | undefined, found: Findings): Promise<void> {
  const note = await folder.read(SIGNATURE);
  if (note === null) {
    if (manifest.signer !== null) found.issues.push(problem('FILE_MISSING', SIGNATURE, `${SIGNATURE} is missing, and the manifest says it was signed`, AGAIN));
    else if (trustedKey !== undefined) found.issues.push(problem('NOT_SIGNED', MANIFEST, 'the release is not signed', 'ask the publisher for a signed release'));
    else found.notProved.push('Who made the release: it is not signed. Somebody could have replaced all of it.');
    return;
  }
  const { collection } = manifest.content;
  const facts = { collection: collection.id, edition: collection.edition, release: manifest.release, manifest: sha384(bytes) };
  const check = checkSignature(note, facts, trustedKey);
  if (!check.holds) {
    found.issues.push(problem('SIGNATURE_FALSE', SIGNATURE, check.why, 'get the release and the key again from the publisher'));
    return;
  }
  if (check.verifierKey !== manifest.signer) {
    found.issues.push(problem('SIGNATURE_FALSE', SIGNATURE, 'the signature was made with another key than the manifest names', AGAIN));
    return;
  }
  found.proved.push(`The manifest is signed by the holder of ${check.verifierKey}.`);
  if (trustedKey === undefined) found.notProved.push('That this key is the publisher’s: compare it with one that you got from them by another way.');
}

/** True when some table was protected, so that an attack on it was run. */
export function wasAttacked({ content }: Manifest): boolean {
  return content.tables.some((table) => table.protection.method !== 'public');
}

/** What stays open when nothing is computed again. */
export function notRecomputed(manifest: Manifest, found: Findings): void {
  found.notProved.push('That the numbers come from the sealed submissions: no recomputation was asked for, or the submissions are not here.');
  if (wasAttacked(manifest)) found.notProved.push('That no small number follows from the others: the attack was not run again, since it needs the sealed submissions. Its certificates stand as published.');
}

/** The release, its submissions and definitions in the log. */
export async function checkLogged({ manifest, bytes }: OpenedManifest, verifyLog: CheckFolderOptions['log'], found: Findings): Promise<void> {
  if (verifyLog === undefined) {
    found.notProved.push(NO_LOG);
    return;
  }
  const log = await verifyLog();
  const { issues, proved, notProved } = await checkLog(log, sha384(bytes), manifest);
  found.issues.push(...issues);
  found.proved.push(...log.proved, ...proved);
  found.notProved.push(...log.notProved, ...notProved);
}

/** An issue with a file of the release. */
export function problem(code: string, file: string, message: string, repair: string): Issue {
  return { code, severity: 'error', message, place: { file }, repair };
}

function parseManifest(bytes: Uint8Array): Manifest | null {
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes));
  } catch {
    return null;
  }
  return isManifest(value) ? value : null;
}

/** The text of UTF-8 bytes; a byte order mark stays, and is no JSON. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Checks what this module relies on; the rest is checked when the release is rendered again. */
function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || value['format'] !== FORMAT || typeof value['release'] !== 'string' || !isSha384(value['release'])) return false;
  const { content, files, signer, renderer } = value;
  if (!isRecord(content) || !isRecord(content['collection']) || !Array.isArray(files) || typeof renderer !== 'string') return false;
  if (signer !== null && typeof signer !== 'string') return false;
  const { earlier = [] } = content;
  if (!Array.isArray(earlier) || !earlier.every((id) => typeof id === 'string' && isSha384(id))) return false;
  const lists = [content['tables'], content['data'], content['submissions'], content['codelists'], content['controls'], content['comparisons'], content['findings']];
  if (!lists.every((l) => Array.isArray(l) && l.every(isRecord))) return false;
  return files.every((f) => isRecord(f) && isSafePath(f['path']) && typeof f['sha384'] === 'string')
    && (content['data'] as Record<string, unknown>[]).every((f) => isSafePath(f['path']))
    && (content['tables'] as Record<string, unknown>[]).every((t) => typeof t['id'] === 'string' && isSafePath(t['id']) && isRecord(t['protection']));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A path that stays in the folder. */
function isSafePath(path: unknown): path is string {
  return typeof path === 'string' && path !== '' && !path.includes('\\') && !path.includes('\0') && !path.split('/').some((p) => p === '' || p === '.' || p === '..');
}
