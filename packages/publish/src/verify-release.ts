/**
 * Checks a release folder offline: hashes, completeness, signature, and that pages and data say the same.
 * Everything that is read back is rendered again from `tables/*.json` and compared byte for byte.
 * Leaves out: whose key signed (unless one is given), and proofs that everybody sees the same log.
 * @module
 */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, isSha384, sha384 } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { readProtectedTable } from '@weighbridge/protect';
import type { ProtectedTable, SeriesRevision } from '@weighbridge/protect';
import { buildRelease } from './build-release.ts';
import { checkLog } from './check-log.ts';
import { folderFiles } from './folder-files.ts';
import type { ReleaseFiles } from './input.ts';
import { FORMAT, MANIFEST, RENDERER, SIGNATURE, releaseId } from './manifest.ts';
import type { ListedFile, Manifest } from './manifest.ts';
import { checkSignature } from './sign.ts';

/** What was checked, in plain words. `holds` is false exactly when an issue is an error. */
export interface VerifyReport {
  readonly holds: boolean;
  /** The release id, or null when the manifest cannot be read. */
  readonly release: string | null;
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  readonly issues: readonly Issue[];
}

export interface VerifyOptions {
  /** Folder of the store's log. */
  readonly log?: string | undefined;
  /** Makes the release again from the sealed submissions. */
  readonly recompute?: (() => Promise<ReleaseFiles>) | undefined;
  /** Verifier key obtained elsewhere: `name+hash+base64`. */
  readonly trustedKey?: string | undefined;
}

/** Code of the issue that leaves a release undecided: neither shown to hold nor proven false. */
export const RENDERER_UNKNOWN = 'RENDERER_UNKNOWN';

interface Findings { readonly proved: string[]; readonly notProved: string[]; readonly issues: Issue[] }

/** Checks the release in `dir`. Never throws for a damaged release: damage is in the report. */
export async function verifyRelease(dir: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const found: Findings = { proved: [], notProved: [], issues: [] };
  const bytes = await readBytes(dir, MANIFEST);
  const manifest = bytes === null ? null : parseManifest(bytes);
  if (bytes === null || manifest === null) {
    const what = bytes === null ? 'is missing or cannot be read' : 'is not the manifest of a release';
    found.issues.push(problem('MANIFEST_UNREADABLE', MANIFEST, `${MANIFEST} ${what}`, 'get the release again from its publisher'));
    return report(null, found);
  }
  await checkFiles(dir, manifest, found);
  await checkSigner(dir, manifest, bytes, options, found);
  await checkRendering(dir, manifest, found);
  await checkRecomputation(dir, manifest, options, found);
  await checkLogged(manifest, bytes, options, found);
  return report(manifest.release, found);
}

function report(release: string | null, found: Findings): VerifyReport {
  return { holds: !found.issues.some((i) => i.severity === 'error'), release, ...found };
}

async function checkFiles(dir: string, manifest: Manifest, found: Findings): Promise<void> {
  const before = found.issues.length;
  if (releaseId(manifest.content) !== manifest.release) {
    found.issues.push(problem('RELEASE_ID', MANIFEST, 'the release id is not the hash of the manifest’s content', 'get the release again from its publisher'));
  }
  const listed = new Map(manifest.files.map((f) => [f.path, f]));
  const present = await folderFiles(dir);
  for (const path of present) {
    if (path === MANIFEST || path === SIGNATURE) continue;
    if (!listed.has(path)) found.issues.push(problem('FILE_EXTRA', path, `${path} is not part of the release`, 'remove the file; do not rely on it'));
  }
  for (const file of manifest.files) {
    if (!present.includes(file.path)) found.issues.push(problem('FILE_MISSING', file.path, `${file.path} is missing`, 'get the release again from its publisher'));
    else await checkFile(dir, file, found);
  }
  if (found.issues.length === before) found.proved.push(`All ${manifest.files.length} files are there, none besides, and each has the SHA-384 that the manifest lists.`);
}

async function checkFile(dir: string, file: ListedFile, found: Findings): Promise<void> {
  const data = await readBytes(dir, file.path);
  if (data === null) {
    found.issues.push(problem('FILE_UNREADABLE', file.path, `${file.path} is not an ordinary file that can be read`, 'get the release again from its publisher'));
  } else if (sha384(data) !== file.sha384) {
    found.issues.push(problem('FILE_CHANGED', file.path, `${file.path} was changed after the release was made`, 'get the release again from its publisher'));
  }
}

async function checkSigner(dir: string, manifest: Manifest, bytes: Uint8Array, options: VerifyOptions, found: Findings): Promise<void> {
  const note = await readBytes(dir, SIGNATURE);
  if (note === null) {
    if (manifest.signer !== null) found.issues.push(problem('FILE_MISSING', SIGNATURE, `${SIGNATURE} is missing, and the manifest says it was signed`, 'get the release again from its publisher'));
    else if (options.trustedKey !== undefined) found.issues.push(problem('NOT_SIGNED', MANIFEST, 'the release is not signed', 'ask the publisher for a signed release'));
    else found.notProved.push('Who made the release: it is not signed. Somebody could have replaced all of it.');
    return;
  }
  const { collection } = manifest.content;
  const facts = { collection: collection.id, edition: collection.edition, release: manifest.release, manifest: sha384(bytes) };
  const check = checkSignature(Buffer.from(note).toString('utf8'), facts, options.trustedKey);
  if (!check.holds) {
    found.issues.push(problem('SIGNATURE_FALSE', SIGNATURE, check.why, 'get the release and the key again from the publisher'));
    return;
  }
  if (check.verifierKey !== manifest.signer) {
    found.issues.push(problem('SIGNATURE_FALSE', SIGNATURE, 'the signature was made with another key than the manifest names', 'get the release again from its publisher'));
    return;
  }
  found.proved.push(`The manifest is signed by the holder of ${check.verifierKey}.`);
  if (options.trustedKey === undefined) found.notProved.push('That this key is the publisher’s: compare it with one that you got from them by another way.');
}

/** Renders the release again from its own data; a difference means that a page or a file says something else than the data. */
async function checkRendering(dir: string, manifest: Manifest, found: Findings): Promise<void> {
  const words = 'That pages, CSV and JSON say what the tables say';
  if (manifest.renderer !== RENDERER) {
    found.notProved.push(`${words}: they were rendered by version ${manifest.renderer}, this is version ${RENDERER}.`);
    found.issues.push(problem(RENDERER_UNKNOWN, MANIFEST, `the pages were rendered by version ${manifest.renderer}, which this version (${RENDERER}) cannot render again: nothing is said about them`, 'verify with the version of Weighbridge that made the release'));
    return;
  }
  let again: ReleaseFiles;
  try {
    again = await renderAgain(dir, manifest);
  } catch (error) {
    const what = error instanceof Refusal ? error.message : 'its data files are not well formed';
    found.issues.push(problem('RENDER_IMPOSSIBLE', MANIFEST, `the release cannot be rendered again: ${what}`, 'get the release again from its publisher'));
    return;
  }
  const before = found.issues.length;
  await compareWith(dir, again, 'RENDER_DIFFERS', 'differs from what the tables give when rendered again', found);
  if (found.issues.length === before) found.proved.push('Every page, CSV, JSON, the Data Package and the manifest come out byte for byte when rendered again from the tables.');
}

async function renderAgain(dir: string, manifest: Manifest): Promise<ReleaseFiles> {
  const { content } = manifest;
  const tables: ProtectedTable[] = [];
  for (const { id } of content.tables) tables.push(readProtectedTable(JSON.parse(await readText(dir, `tables/${id}.json`))));
  const revisions = JSON.parse(await readText(dir, 'revisions.json')) as { revisions: readonly SeriesRevision[] };
  const definitions = [];
  for (const { path } of content.data) {
    if (path.startsWith('definitions/')) definitions.push({ path: path.slice('definitions/'.length), text: await readText(dir, path) });
  }
  return buildRelease({
    collection: content.collection, definitions, tables, revisions: revisions.revisions, controls: content.controls, comparisons: content.comparisons, earlier: content.earlier,
  });
}

async function checkRecomputation(dir: string, manifest: Manifest, options: VerifyOptions, found: Findings): Promise<void> {
  const attacked = manifest.content.tables.some((table) => table.protection.method !== 'public');
  if (options.recompute === undefined) {
    found.notProved.push('That the numbers come from the sealed submissions: no recomputation was asked for, or the submissions are not here.');
    if (attacked) found.notProved.push('That no small number follows from the others: the attack was not run again, since it needs the sealed submissions. Its certificates stand as published.');
    return;
  }
  const before = found.issues.length;
  const again = await options.recompute();
  await compareWith(dir, again, 'RECOMPUTE_DIFFERS', 'differs from what the sealed submissions give when everything is computed again', found);
  if (found.issues.length > before) return;
  found.proved.push('The whole release comes out byte for byte when computed again from the sealed submissions.');
  const { length: earlier } = manifest.content.earlier ?? [];
  const together = earlier === 0 ? '' : `, together with ${earlier === 1 ? 'the release' : `the ${earlier} releases`} made before that the manifest names,`;
  if (attacked) found.proved.push(`The attack on the tables${together} was run again and found no small number that follows from the others.`);
}

async function checkLogged(manifest: Manifest, bytes: Uint8Array, options: VerifyOptions, found: Findings): Promise<void> {
  if (options.log === undefined) {
    found.notProved.push('That the submissions and the release are entered in a log: no log was given.');
    return;
  }
  const { issues, proved } = await checkLog(options.log, sha384(bytes), manifest.content.submissions);
  found.issues.push(...issues);
  found.proved.push(...proved);
  found.notProved.push('That everybody is shown the same log: this version has no signed heads and no witnesses.');
}

/** Compares the folder with files made again. Who signed is left aside: the signature was checked by itself. */
async function compareWith(dir: string, again: ReleaseFiles, code: string, words: string, found: Findings): Promise<void> {
  const present = new Set(await folderFiles(dir));
  for (const [path, data] of again) {
    if (path === SIGNATURE) continue;
    const here = present.has(path) ? await readBytes(dir, path) : null;
    if (here === null) {
      found.issues.push(problem(code, path, `${path} is missing, and comes out when the release is made again`, 'get the release again from its publisher'));
    } else if (!(path === MANIFEST ? unsigned(here) === unsigned(data) : Buffer.from(here).equals(Buffer.from(data)))) {
      found.issues.push(problem(code, path, `${path} ${words}`, 'do not rely on this file; get the release again from its publisher'));
    }
  }
  for (const path of present) {
    if (path !== SIGNATURE && !again.has(path)) found.issues.push(problem(code, path, `${path} does not come out when the release is made again`, 'do not rely on this file'));
  }
}

/** The manifest's text with the signer left out. */
function unsigned(manifest: Uint8Array | string): string {
  return Buffer.from(manifest).toString('utf8').replace(/^ {2}"signer": .*$/m, '');
}

function parseManifest(bytes: Uint8Array): Manifest | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
  return isManifest(value) ? value : null;
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

async function readText(dir: string, path: string): Promise<string> {
  const bytes = await readBytes(dir, path);
  if (bytes === null) throw new SyntaxError(`${path} is missing`);
  return Buffer.from(bytes).toString('utf8');
}

/** The bytes of an ordinary file, or null when it is missing, a link, a folder or unreadable. */
async function readBytes(dir: string, path: string): Promise<Uint8Array | null> {
  const full = join(dir, path);
  try {
    return (await lstat(full)).isFile() ? await readFile(full) : null;
  } catch {
    return null;
  }
}

function problem(code: string, file: string, message: string, repair: string): Issue {
  return { code, severity: 'error', message, place: { file }, repair };
}
