/**
 * From a store to a release: tabulate, protect, publish. The command line wires the rooms here and holds no rules.
 * @module
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProvenFalse, refuse, refuseOnErrors } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { openEngine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import { objectHolds } from '@weighbridge/intake';
import type { SealedSubmission, Store } from '@weighbridge/intake';
import { protectTables, releaseRevisions } from '@weighbridge/protect';
import { MANIFEST, buildRelease, writeRelease } from '@weighbridge/publish';
import type { CollectionFacts, Manifest, ReleaseFiles } from '@weighbridge/publish';
import { seriesRevisions, tabulateAll } from '@weighbridge/tabulate';
import type { Reporter } from './reporter.ts';

/** What making a release gives back to the command. */
export interface MadeRelease {
  readonly id: string;
  readonly tables: number;
  readonly files: number;
  readonly submissions: number;
  /** Tables left out because nobody has submitted to their instrument. */
  readonly withoutData: readonly string[];
  /** Agencies of the collection that have submitted nothing. */
  readonly silent: readonly string[];
}

export interface ReleaseRequest {
  readonly collection: Collection;
  readonly store: Store;
  readonly out: string;
  readonly reporter: Reporter;
}

/**
 * Makes a release of everything the store holds for the collection, writes it to `out`, keeps a copy in the store
 * and logs it. @throws Refusal `NOTHING_TO_RELEASE` when no instrument has a submission, and what the rooms refuse.
 */
export async function makeRelease(request: ReleaseRequest): Promise<MadeRelease> {
  const submissions = await submissionsTo(request.collection, request.store);
  const { files, withoutData, tables } = await build(request.collection, request.store, submissions, request.reporter);
  request.reporter.progress({ stage: 'writing the release' });
  await writeRelease(files, request.out);
  const id = readManifest(textOf(files.get(MANIFEST))).release;
  await keepAndLog(request.store, request.collection.definition.id, id, files);
  const heard = new Set(submissions.map((s) => s.source.agency));
  const silent = request.collection.definition.agencies.map((a) => a.id).filter((a) => !heard.has(a));
  return { id, tables, files: files.size, submissions: submissions.length, withoutData, silent };
}

/** Says what was made and where its site is. */
export function sayRelease(made: MadeRelease, out: string, reporter: Reporter): void {
  if (made.silent.length > 0) {
    reporter.issue({ code: 'AGENCY_WITHOUT_RETURN', severity: 'warning', message: `no return at all came from ${made.silent.join(', ')}: every table covers the other agencies only`, place: { key: 'agencies' }, repair: 'ask them for their returns, or say under coverage why there are none' });
  }
  if (made.withoutData.length > 0) {
    reporter.issue({ code: 'TABLE_WITHOUT_DATA', severity: 'warning', message: `${made.withoutData.length} tables were left out: nobody has submitted to their instrument (${made.withoutData.join(', ')})`, place: {}, repair: 'submit to the instrument and release again; checks against these tables were left out with them' });
  }
  const site = join(out, 'index.html');
  reporter.say('released', `released ${made.tables} tables from ${made.submissions} submissions; site: ${site}`, { release: made.id, tables: made.tables, files: made.files, submissions: made.submissions, site });
}

/**
 * Builds the release in `dir` again from its own definitions and from the sealed submissions that its manifest names.
 * @throws Refusal `SUBMISSION_MISSING` when the store lacks one of them
 */
export async function recomputeRelease(dir: string, store: Store, reporter: Reporter): Promise<ReleaseFiles> {
  const manifest = readManifest(await readFile(join(dir, MANIFEST), 'utf8'));
  const definitions = join(dir, 'definitions');
  const collection = await loadCollection(definitions, { inputRoot: join(definitions, 'inputs') });
  const all = await submissionsTo(collection, store);
  const named = new Map(manifest.content.submissions.map((s) => [returnOf(s), s]));
  // Earlier editions of the returns that the release names are part of it: their changes are listed.
  const submissions = all.filter((s) => s.source.edition <= (named.get(returnOf(s.source))?.edition ?? 0));
  const missing = [...named.values()].filter((n) => !submissions.some((s) => s.source.manifest === n.manifest)).length;
  await checkObjects(store, submissions);
  if (missing > 0) refuse('SUBMISSION_MISSING', `the store lacks ${missing} of the ${named.size} submissions that the release names`, { file: 'manifest.json' }, 'verify against the store that the release was made from');
  return (await build(collection, store, submissions, reporter)).files;
}

async function build(
  collection: Collection, store: Store, submissions: readonly SealedSubmission[], reporter: Reporter,
): Promise<{ files: ReleaseFiles; withoutData: string[]; tables: number }> {
  const tables = [...collection.tables.values()];
  const withoutData = tables.filter((t) => !submissions.some((s) => s.source.instrument === t.definition.instrument)).map((t) => t.definition.id);
  if (withoutData.length === tables.length) refuse('NOTHING_TO_RELEASE', 'no instrument that a table counts has a submission', { object: collection.definition.id }, 'submit at least one extract first');
  const scratch = await mkdtemp(join(tmpdir(), 'weighbridge-release-'));
  const engine = await openEngine({ scratch, allow: [join(store.folder, 'objects')] });
  try {
    const key = await store.roundingKey();
    const confidential = await tabulateAll({
      collection, engine, submissions,
      tables: tables.filter((t) => !withoutData.includes(t.definition.id)),
      onTable: (table, done, total) => { reporter.progress({ stage: `table ${table}`, done, total }); },
    });
    const revisions = [];
    for (const instrument of collection.instruments.values()) {
      if (!instrument.definition.series) continue;
      const editions = submissions.filter((s) => s.source.instrument === instrument.definition.id);
      revisions.push(...releaseRevisions(await seriesRevisions({ instrument, submissions: editions, engine })));
    }
    const { tables: releasable } = await protectTables(confidential, key, {
      onProgress: (stage, done, total) => { reporter.progress({ stage, done, total }); },
    });
    reporter.progress({ stage: 'rendering the site' });
    const files = buildRelease({
      collection: factsOf(collection), definitions: collection.files, tables: releasable,
      revisions,
      controls: collection.definition.controls.filter((c) => !withoutData.includes(c.table)),
      comparisons: collection.definition.comparisons.filter((c) => !c.sides.some((side) => withoutData.includes(side.table))),
      signingKey: await store.signingKey(),
    });
    return { files, withoutData, tables: confidential.length };
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The store keeps every release it made, and its log says that it was made. Making it again adds nothing. */
async function keepAndLog(store: Store, collection: string, id: string, files: ReleaseFiles): Promise<void> {
  await writeRelease(files, join(store.folder, 'state', 'releases', collection, id.slice(0, 16)));
  const text = textOf(files.get(MANIFEST));
  await store.transact(async (transaction) => {
    const manifest = await transaction.keepText(text);
    return transaction.receiptOf(manifest) ?? transaction.record({ kind: 'release', manifest });
  });
}

/** The log and the receipts commit to the bytes that were sent and to the sealed records: both must still be those bytes. */
async function checkObjects(store: Store, submissions: readonly SealedSubmission[]): Promise<void> {
  const issues: Issue[] = [];
  for (const { source, manifest } of submissions) {
    for (const [what, hash] of [['original bytes', source.original], ['sealed records', manifest.sealed.sha384]] as const) {
      if (await objectHolds(store.objectPath(hash), hash)) continue;
      const missing = await stat(store.objectPath(hash)).then(() => false, () => true);
      issues.push({
        code: missing ? 'OBJECT_MISSING' : 'OBJECT_DAMAGED', severity: 'error', place: { object: hash }, repair: 'restore the object from a copy of the store',
        message: `the ${what} of ${source.agency} for ${source.instrument}, ${source.round}, edition ${source.edition} ${missing ? 'are not in the store' : 'are not the bytes that the log commits to'}`,
      });
    }
  }
  if (issues.some((issue) => issue.code === 'OBJECT_DAMAGED')) throw new ProvenFalse(issues);
  refuseOnErrors(issues);
}

async function submissionsTo(collection: Collection, store: Store): Promise<SealedSubmission[]> {
  return (await store.submissions()).filter((s) => s.manifest.collection === collection.definition.id);
}

function textOf(data: Uint8Array | string | undefined): string {
  return typeof data === 'string' ? data : Buffer.from(data ?? '').toString('utf8');
}

function readManifest(text: string): Manifest {
  return JSON.parse(text) as Manifest;
}

/** The return that an edition belongs to. */
function returnOf(source: { readonly instrument: string; readonly agency: string; readonly round: string }): string {
  return JSON.stringify([source.instrument, source.agency, source.round]);
}

/** What a release tells about its collection: nothing of inputs and samples. */
function factsOf({ definition }: Collection): CollectionFacts {
  const { id, title, summary, purpose, legalBasis, residency, publisher, licence, edition, synthetic, questions, agencies, rounds } = definition;
  return { id, title, summary, purpose, legalBasis, residency, publisher, licence, edition, synthetic, questions, agencies, rounds };
}
