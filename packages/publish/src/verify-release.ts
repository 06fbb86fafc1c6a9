/**
 * Checks a release folder offline: hashes, completeness, signature, and that pages and data say the same.
 * Everything that is read back is rendered again from `tables/*.json` and compared byte for byte.
 * Leaves out: whose key signed (unless one is given), and proofs that everybody sees the same log.
 * @module
 */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import { readProtectedTable } from '@weighbridge/protect';
import type { ProtectedTable, SeriesRevision } from '@weighbridge/protect';
import { buildRelease } from './build-release.ts';
import {
  NOT_RENDERED, RENDERER_UNKNOWN, checkFiles, checkLogged, checkSigner, noFindings, notRecomputed, openManifest, problem, reportOf, textOf, wasAttacked,
} from './check-folder.ts';
import type { CheckFolderOptions, Findings, ReleaseFolder, VerifyReport } from './check-folder.ts';
import { folderFiles } from './folder-files.ts';
import type { ReleaseFiles } from './input.ts';
import { MANIFEST, RENDERER, SIGNATURE } from './manifest.ts';
import type { Manifest } from './manifest.ts';

export interface VerifyOptions extends CheckFolderOptions {
  /** Makes the release again from the sealed submissions. */
  readonly recompute?: (() => Promise<ReleaseFiles>) | undefined;
}

/** Checks the release in `dir`. Never throws for a damaged release: damage is in the report. */
export async function verifyRelease(dir: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const folder: ReleaseFolder = { list: () => folderFiles(dir), read: (path) => readBytes(dir, path) };
  const found = noFindings();
  const opened = await openManifest(folder, found);
  if (opened === null) return reportOf(null, found);
  const { manifest } = opened;
  await checkFiles(folder, manifest, found);
  await checkSigner(folder, opened, options.trustedKey, found);
  await checkRendering(dir, manifest, found);
  await checkRecomputation(dir, manifest, options, found);
  await checkLogged(opened, options.log, found);
  return reportOf(manifest.release, found);
}

/** Renders the release again from its own data; a difference means that a page or a file says something else than the data. */
async function checkRendering(dir: string, manifest: Manifest, found: Findings): Promise<void> {
  if (manifest.renderer !== RENDERER) {
    found.notProved.push(`${NOT_RENDERED}: they were rendered by version ${manifest.renderer}, this is version ${RENDERER}.`);
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
  if (options.recompute === undefined) {
    notRecomputed(manifest, found);
    return;
  }
  const before = found.issues.length;
  const again = await options.recompute();
  await compareWith(dir, again, 'RECOMPUTE_DIFFERS', 'differs from what the sealed submissions give when everything is computed again', found);
  if (found.issues.length > before) return;
  found.proved.push('The whole release comes out byte for byte when computed again from the sealed submissions.');
  const { length: earlier } = manifest.content.earlier ?? [];
  const together = earlier === 0 ? '' : `, together with ${earlier === 1 ? 'the release' : `the ${earlier} releases`} made before that the manifest names,`;
  if (wasAttacked(manifest)) found.proved.push(`The attack on the tables${together} was run again and found no small number that follows from the others.`);
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

async function readText(dir: string, path: string): Promise<string> {
  const bytes = await readBytes(dir, path);
  if (bytes === null) throw new SyntaxError(`${path} is missing`);
  return textOf(bytes);
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
