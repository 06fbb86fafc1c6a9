/**
 * From a store to a release: tabulate, protect together with what was released before, publish. The command line wires the rooms
 * here and holds no rules.
 * @module
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProvenFalse, refuse, refuseOnErrors } from '@weighbridge/base';
import type { Issue, Sha384 } from '@weighbridge/base';
import { openEngine } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection } from '@weighbridge/instrument';
import { definitionsNotIn, objectHolds } from '@weighbridge/intake';
import type { Access, SealedSubmission, Store } from '@weighbridge/intake';
import type { LogEvent } from '@weighbridge/log';
import { protectTables, releaseRevisions } from '@weighbridge/protect';
import type { EarlierRelease, SeriesRevision } from '@weighbridge/protect';
import { MANIFEST, buildRelease, writeRelease } from '@weighbridge/publish';
import type { CollectionFacts, Manifest, ReleaseFiles } from '@weighbridge/publish';
import { seriesRevisions, tabulateAll } from '@weighbridge/tabulate';
import { countAgain, hasInputs, isProtected, keptRelease, named, releasedBefore } from './released-before.ts';
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
 * and logs it. What the store released of the collection before is held against it; a release that was made before from the same
 * definitions and returns comes out as it was, whatever was released since.
 * @throws Refusal `NOTHING_TO_RELEASE` when no instrument has a submission; `RELEASED_MEANWHILE` when another release was logged while this one
 *   was made; and what the rooms refuse
 */
export async function makeRelease(request: ReleaseRequest): Promise<MadeRelease> {
  const { collection, store, out, reporter } = request;
  const submissions = (await store.counting()).filter((s) => s.manifest.collection === collection.definition.id);
  await openRecords(store, { purpose: 'release', for: `a release of ${collection.definition.id}` }, submissions, reporter);
  const logged = await releasedBefore(store, collection.definition.id);
  const { files, withoutData, tables } = await withEngine(store, async (engine) => {
    const work = await ReleaseWork.count({ collection, store, submissions, engine, reporter });
    return { withoutData: work.withoutData, tables: work.tables.length, files: await work.filesOf(logged) };
  });
  reporter.progress({ stage: 'writing the release' });
  await writeRelease(files, out);
  const id = readManifest(textOf(files.get(MANIFEST))).release;
  await keepAndLog(store, collection, id, files, logged);
  const heard = new Set(submissions.map((s) => s.source.agency));
  const silent = collection.definition.agencies.map((a) => a.id).filter((a) => !heard.has(a));
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
 * Builds the release in `dir` again from its own definitions, from the sealed submissions that its manifest names, and from the
 * releases made before that it names.
 * @throws Refusal `SUBMISSION_MISSING` or `EARLIER_RELEASE_MISSING` when the store lacks one of them
 */
export async function recomputeRelease(dir: string, store: Store, reporter: Reporter): Promise<ReleaseFiles> {
  const manifest = readManifest(await readFile(join(dir, MANIFEST), 'utf8'));
  const definitions = join(dir, 'definitions');
  const collection = await loadCollection(definitions, { inputRoot: join(definitions, 'inputs') });
  const { submissions, missing } = await submissionsOf(manifest, store);
  await openRecords(store, { purpose: 'recompute', for: `release ${manifest.release}` }, submissions, reporter);
  await checkObjects(store, submissions);
  if (missing > 0) refuseDeleted(manifest, await store.deleted());
  refuseMissing(missing, manifest);
  const earlier = named(await releasedBefore(store, collection.definition.id), manifest.content.earlier ?? []);
  return withEngine(store, async (engine) => (await ReleaseWork.count({ collection, store, submissions, engine, reporter })).filesAfter(earlier));
}

interface WorkInput {
  readonly collection: Collection;
  readonly store: Store;
  readonly submissions: readonly SealedSubmission[];
  readonly engine: Engine;
  readonly reporter: Reporter;
}

/** One release: counted once, and protected together with releases made before, as often as it takes to find out which. */
class ReleaseWork {
  readonly withoutData: readonly string[];
  readonly tables: Awaited<ReturnType<typeof tabulateAll>>;
  readonly #input: WorkInput;
  readonly #revisions: readonly SeriesRevision[];
  readonly #counted = new Map<Sha384, EarlierRelease>();

  private constructor(input: WorkInput, withoutData: readonly string[], tables: Awaited<ReturnType<typeof tabulateAll>>, revisions: readonly SeriesRevision[]) {
    this.#input = input;
    this.withoutData = withoutData;
    this.tables = tables;
    this.#revisions = revisions;
  }

  static async count(input: WorkInput): Promise<ReleaseWork> {
    const { collection, submissions, engine, reporter } = input;
    const specs = [...collection.tables.values()];
    const withoutData = specs.filter((t) => !submissions.some((s) => s.source.instrument === t.definition.instrument)).map((t) => t.definition.id);
    if (withoutData.length === specs.length) refuse('NOTHING_TO_RELEASE', 'no instrument that a table counts has a submission', { object: collection.definition.id }, 'submit at least one extract first');
    const tables = await tabulateAll({
      collection, engine, submissions,
      tables: specs.filter((t) => !withoutData.includes(t.definition.id)),
      onTable: (table, done, total) => { reporter.progress({ stage: `table ${table}`, done, total }); },
    });
    const revisions = [];
    for (const instrument of collection.instruments.values()) {
      if (!instrument.definition.series) continue;
      const editions = submissions.filter((s) => s.source.instrument === instrument.definition.id);
      revisions.push(...releaseRevisions(await seriesRevisions({ instrument, submissions: editions, engine })));
    }
    return new ReleaseWork(input, withoutData, tables, revisions);
  }

  /**
   * The release after those that were made: one of them, where these definitions and returns gave it before, and a new one otherwise.
   * A release that would come out otherwise than before, by another version, say, is a new one: both can be read together.
   */
  async filesOf(logged: readonly Manifest[]): Promise<ReleaseFiles> {
    const returns = new Set(this.tables.flatMap(({ meta }) => meta.provenance.submissions.map(({ manifest }) => manifest as string)));
    for (const before of logged.filter((manifest) => hasInputs(manifest, this.#input.collection, returns)).toReversed()) {
      const files = await this.filesAfter(named(logged, before.content.earlier ?? []));
      if (readManifest(textOf(files.get(MANIFEST))).release === before.release) return files;
    }
    return this.filesAfter(this.tables.some(({ protection }) => protection.method !== 'public') ? logged.filter(isProtected) : []);
  }

  /** The release protected together with those given, oldest first. */
  async filesAfter(before: readonly Manifest[]): Promise<ReleaseFiles> {
    const { collection, store, reporter } = this.#input;
    const { definition } = collection;
    const earlier: EarlierRelease[] = [];
    for (const manifest of before) earlier.push(await this.#countAgain(manifest));
    const { tables } = await protectTables(this.tables, await store.roundingKey(), {
      earlier, onProgress: (stage, done, total) => { reporter.progress({ stage, done, total }); },
    });
    reporter.progress({ stage: 'rendering the site' });
    return buildRelease({
      collection: factsOf(collection), definitions: collection.files, tables,
      revisions: this.#revisions,
      controls: definition.controls.filter((c) => !this.withoutData.includes(c.table)),
      comparisons: definition.comparisons.filter((c) => !c.sides.some((side) => this.withoutData.includes(side.table))),
      earlier: before.map(({ release }) => release),
      signingKey: await store.signingKey(),
    });
  }

  async #countAgain(manifest: Manifest): Promise<EarlierRelease> {
    const { store, engine, reporter } = this.#input;
    const { submissions, missing } = await submissionsOf(manifest, store);
    if (missing > 0) refuseDeleted(manifest, await store.deleted());
    refuseMissing(missing, manifest);
    const counted = this.#counted.get(manifest.release) ?? await countAgain(manifest, store, submissions, engine, reporter);
    this.#counted.set(manifest.release, counted);
    return counted;
  }
}

async function withEngine<T>(store: Store, work: (engine: Engine) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'weighbridge-release-'));
  const engine = await openEngine({ scratch, allow: [join(store.folder, 'objects')] });
  try {
    return await work(engine);
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * The store keeps every release it made, and its log says that it was made. Making it again adds nothing.
 * @param logged - releases that it was held against, or could have been
 */
async function keepAndLog(store: Store, collection: Collection, id: string, files: ReleaseFiles, logged: readonly Manifest[]): Promise<void> {
  const { id: name } = collection.definition;
  await writeRelease(files, keptRelease(store, name, id));
  const text = textOf(files.get(MANIFEST));
  await store.transact(async (transaction) => {
    const now = await releasedBefore(store, name);
    if (now.some(({ release }) => release !== id && logged.every((before) => before.release !== release))) {
      refuse('RELEASED_MEANWHILE', 'another release was logged while this one was made, and this one was not held against it', { object: name }, 'do not publish what was written; release again');
    }
    const manifest = await transaction.keepText(text);
    if (transaction.entries.some((entry) => entry.kind === 'release' && entry.manifest === manifest)) return;
    const rests = new Set(readManifest(text).content.submissions.map((s) => s.manifest));
    const submissions = transaction.submissions.filter(({ source }) => rests.has(source.manifest)).map(({ index }) => index);
    const { signer } = readManifest(text);
    const known = transaction.entries.some((entry) => entry.kind === 'key' && entry.purpose === 'release' && entry.key === signer);
    const keys: LogEvent[] = signer === null || known ? [] : [{ kind: 'key', change: 'added', purpose: 'release', key: signer }];
    const definitions = collection.files.map(({ path, sha384 }): LogEvent => ({ kind: 'definition', collection: name, what: 'definition', path, sha384 }));
    await transaction.record([...keys, ...definitionsNotIn(transaction.entries, definitions), { kind: 'release', collection: name, manifest, submissions }]);
  });
}

/** Every access to confidential records is entered in the log before it happens. A copy of a store has no log to enter it in. */
async function openRecords(store: Store, access: Access, submissions: readonly SealedSubmission[], reporter: Reporter): Promise<void> {
  if (submissions.length === 0 || (await store.access(access, submissions))) return;
  reporter.issue({ code: 'ACCESS_NOT_LOGGED', severity: 'warning', message: 'the store is a copy: that its records were opened is not in the log', place: {}, repair: 'work in the store itself, or tell its owner' });
}

/** The log and the receipts commit to the bytes that were sent and to the sealed records: both must still be those bytes. */
async function checkObjects(store: Store, submissions: readonly SealedSubmission[]): Promise<void> {
  const issues: Issue[] = [];
  for (const { source, manifest } of submissions) {
    for (const [what, hash] of [['original bytes', manifest.original.sha384], ['sealed records', manifest.sealed.sha384]] as const) {
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

/** The submissions that a release names, with their earlier editions, whose changes are listed in it; and how many the store lacks. */
async function submissionsOf({ content }: Manifest, store: Store): Promise<{ readonly submissions: SealedSubmission[]; readonly missing: number }> {
  const all = (await store.submissions()).filter((s) => s.manifest.collection === content.collection.id);
  const returns = new Map(content.submissions.map((s) => [returnOf(s), s]));
  const submissions = all.filter((s) => s.source.edition <= (returns.get(returnOf(s.source))?.edition ?? 0));
  return { submissions, missing: [...returns.values()].filter((n) => !submissions.some((s) => s.source.manifest === n.manifest)).length };
}

/** What was deleted under law can be counted no more: neither to make the release again, nor to see what follows from it and another one together. */
function refuseDeleted({ content, release }: Manifest, deleted: ReadonlyMap<string, number>): void {
  const gone = content.submissions.flatMap((s) => (deleted.has(s.manifest) ? [deleted.get(s.manifest)] : []));
  if (gone.length === 0) return;
  refuse('SUBMISSION_DELETED', `a release rests on ${gone.length} of its submissions that were deleted under law (entry ${gone.join(', ')} of the log): it cannot be counted again, and no later release can be held against it`,
    { object: release }, 'the release stands as it was published, and its log still verifies; release what comes after from a new store, under a new collection edition');
}

function refuseMissing(missing: number, { content }: Manifest): void {
  if (missing > 0) refuse('SUBMISSION_MISSING', `the store lacks ${missing} of the ${content.submissions.length} submissions that the release names`, { file: 'manifest.json' }, 'verify against the store that the release was made from');
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
