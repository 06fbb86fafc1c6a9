/**
 * Lawful deletion: a submission's bytes, records and salts are destroyed, and the log says that they were.
 * What stays is the entry with its commitment, which nobody can open or guess any more; every proof in the log stays valid.
 * Leaves out: copies elsewhere. Backups, and what a disk keeps of blocks that were freed, are the owner's to destroy.
 * @module
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { syncFolder } from '@weighbridge/base/node';
import { commit } from '@weighbridge/log';
import type { LogEntry } from '@weighbridge/log';
import { readManifest } from './manifest.ts';
import type { SubmissionManifest } from './manifest.ts';
import type { SealedSubmission, Store } from './store.ts';

/** The entry that says that a submission was deleted. */
export interface Deleted {
  readonly index: number;
  readonly receipt: string;
  readonly source: SealedSubmission['source'];
  /** Submissions that stay and have the same bytes: theirs are not destroyed. */
  readonly sameBytes: readonly SealedSubmission['source'][];
  /** Releases in the log that rest on it: they can be counted no more. */
  readonly releases: number;
}

/**
 * Deletes a submission. The log is written first: what a deletion that was cut off left behind goes when the store is next written.
 * @param grounds - kept in the store behind the entry's commitment
 * @throws Refusal `SUBMISSION_UNKNOWN`
 */
export async function deleteSubmission(store: Store, commitment: Sha384, grounds: string): Promise<Deleted> {
  const about = commit('weighbridge-deletion/1', grounds);
  const done = await store.transact(async ({ submissions, entries, keepOpening, record }) => {
    const submission = submissions.find(({ source }) => source.manifest === commitment)
      ?? refuse('SUBMISSION_UNKNOWN', 'the store has no such submission, or it was deleted before', { object: commitment }, 'name a submission by the commitment that its receipt shows');
    await keepOpening(about);
    const [logged] = await record([{ kind: 'deletion', submission: submission.index, commitment: about.commitment }]);
    const { sha384 } = submission.manifest.original;
    return logged && {
      ...logged, source: submission.source,
      sameBytes: submissions.filter((other) => other !== submission && other.manifest.original.sha384 === sha384).map(({ source }) => source),
      releases: entries.filter((entry) => entry.kind === 'release' && entry.submissions.includes(submission.index)).length,
    };
  });
  await store.transact(() => Promise.resolve()); // opening the store destroys what its log says is deleted
  return done ?? refuse('LOG_UNACKNOWLEDGED', 'the log gave no receipt', {}, 'look at the log: `weighbridge log list`');
}

/**
 * Destroys what the log says is deleted and is still there, but for objects that a submission which stays has too.
 * The manifest goes last: it names the others.
 */
export async function destroyDeleted(store: Pick<Store, 'folder' | 'objectPath'>, entries: readonly LogEntry[], live: readonly SealedSubmission[]): Promise<void> {
  const kept = new Set(live.flatMap(({ manifest }) => objectsOf(manifest)));
  for (const deletion of entries) {
    const entry = deletion.kind === 'deletion' ? entries[deletion.submission] : undefined;
    if (entry?.kind !== 'submission') continue;
    const opening = await readFile(store.objectPath(entry.commitment)).catch(() => undefined);
    if (opening === undefined) continue;
    for (const hash of objectsOf(readManifest(opening, entry.commitment))) if (!kept.has(hash)) await rm(store.objectPath(hash), { force: true });
    await syncFolder(join(store.folder, 'objects'));
    await rm(store.objectPath(entry.commitment));
    await syncFolder(join(store.folder, 'objects'));
  }
}

/** Everything that shows what was submitted, but for the manifest itself. */
function objectsOf({ original, sealed, records }: SubmissionManifest): Sha384[] {
  return [original.sha384, sealed.sha384, ...(records ? [records.salts, records.hashes] : [])];
}
