/**
 * Releases that the store made before: which of them a new one has to be held against, and what was counted for each.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, refuse, sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import type { Engine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import type { SealedSubmission, Store } from '@weighbridge/intake';
import { readProtectedTable } from '@weighbridge/protect';
import type { EarlierRelease } from '@weighbridge/protect';
import type { Manifest } from '@weighbridge/publish';
import { tabulateAll } from '@weighbridge/tabulate';
import type { Reporter } from './reporter.ts';

/** Where the store keeps a release that it made. */
export function keptRelease(store: Store, collection: string, id: string): string {
  return join(store.folder, 'state', 'releases', collection, id.slice(0, 16));
}

/** Manifests of the releases that the store made of a collection, each content once, in the order of the log. */
export async function releasedBefore(store: Store, collection: string): Promise<Manifest[]> {
  const manifests = (await store.releases()).map((text) => JSON.parse(text) as Manifest).filter(({ content }) => content.collection.id === collection);
  return [...new Map(manifests.map((manifest) => [manifest.release, manifest])).values()];
}

/** True for a release of which something could be worked out: not all of its tables were public already. */
export function isProtected({ content }: Manifest): boolean {
  return content.tables.some(({ protection }) => protection.method !== 'public');
}

/**
 * True when a release was made from these definitions and these returns: made again it must be what it was, whatever was released
 * since.
 * @param submissions - manifest hashes of the returns that the tables rest on
 */
export function hasInputs({ content }: Manifest, collection: Collection, submissions: ReadonlySet<string>): boolean {
  const definitions = new Map(content.data.flatMap(({ path, sha384: hash }) => (path.startsWith('definitions/') ? [[path.slice('definitions/'.length), hash]] : [])));
  return definitions.size === collection.files.length && collection.files.every(({ path, text }) => definitions.get(path) === sha384(text))
    && content.submissions.length === submissions.size && content.submissions.every(({ manifest }) => submissions.has(manifest));
}

/**
 * The releases with the ids given.
 * @throws Refusal `EARLIER_RELEASE_MISSING` when the store did not make one of them
 */
export function named(logged: readonly Manifest[], ids: readonly Sha384[]): Manifest[] {
  return ids.map((id) => logged.find(({ release }) => release === id) ?? missing(id));
}

/**
 * What was counted for a release, made again from its own definitions and returns, beside what was released of it; public tables
 * are left aside.
 * @param submissions - those that the release names, with their earlier editions
 * @throws Refusal `EARLIER_RELEASE_MISSING` or `EARLIER_RELEASE_DAMAGED` when the store no longer has its files; `EARLIER_RELEASE_REFUSED` when
 *   this version takes its definitions or its returns no more
 */
export async function countAgain({ content, release }: Manifest, store: Store, submissions: readonly SealedSubmission[], engine: Engine, reporter: Reporter): Promise<EarlierRelease> {
  const folder = keptRelease(store, content.collection.id, release);
  const texts = new Map<string, string>();
  for (const { path, sha384: hash } of content.data) {
    if (!path.startsWith('definitions/') && !/^tables\/.*\.json$/.test(path)) continue;
    const text = await readFile(join(folder, path), 'utf8').catch(() => missing(release, path));
    if (sha384(text) !== hash) refuse('EARLIER_RELEASE_DAMAGED', 'a file of a release made before is not the one that was released', { object: release, file: path }, 'restore the store’s state folder from a copy');
    texts.set(path, text);
  }
  const released = content.tables.filter(({ protection }) => protection.method !== 'public').map(({ id }) => id);
  try {
    const definitions = join(folder, 'definitions');
    const collection = await loadCollection(definitions, { inputRoot: join(definitions, 'inputs') });
    const counted = await tabulateAll({
      collection, engine, submissions, tables: [...collection.tables.values()].filter(({ definition }) => released.includes(definition.id)),
      onTable: (table, done, total) => { reporter.progress({ stage: `table ${table} of a release made before`, done, total }); },
    });
    return { tables: counted.map((table) => ({ counted: table, released: readProtectedTable(JSON.parse(texts.get(`tables/${table.meta.id}.json`) ?? 'null')) })) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal([{
      code: 'EARLIER_RELEASE_REFUSED', severity: 'error', message: `a release made before cannot be counted again: ${error.code}`, place: { ...error.issues[0]?.place, object: release },
      repair: 'use the version of Weighbridge that made it, or begin a store of its own for releases of another kind',
    }], { cause: error });
  }
}

function missing(release: string, file?: string): never {
  return refuse('EARLIER_RELEASE_MISSING', 'a release made before is not in the store: without it nobody can say what follows from both', { object: release, ...(file === undefined ? {} : { file }) },
    'restore the store’s state folder from a copy, or use the store that made the release');
}
