/**
 * The full audit of a log in a folder, entries hashed by worker threads: the same result as `auditTree`, sooner.
 * Leaves out: everything that audit.ts leaves out. Node only.
 * @module
 */
import type { Issue } from '@weighbridge/base';
import { AnsweringWorker } from './answering-worker.ts';
import { MAX_ISSUES, RisingAudit, STRETCH_BUNDLES, auditTree, stretchesOf } from './audit.ts';
import type { AuditOptions, AuditResult, Stretch } from './audit.ts';
import { auditOlder } from './audit-older.ts';
import type { AuditTask } from './audit-worker.ts';
import { folderFiles } from './disk.ts';
import type { LogFiles } from './tile-reader.ts';

/** As of `auditTree`, without `onEntry`: entries stay in the worker threads. */
export interface FolderAuditOptions extends Omit<AuditOptions, 'onEntry'> {
  /** Number of worker threads; 2 when absent. 0 audits in this thread. */
  readonly workers?: number;
  /** Whether to compare what the folder keeps of smaller sizes too (TILE_STALE, BUNDLE_STALE); true when absent. */
  readonly older?: boolean;
}

/** Below this many entries a thread takes longer to start than the audit takes. */
const WORTH_WORKERS = 4n * 256n * STRETCH_BUNDLES;

/**
 * Audits the log of the head's size in `folder`. Never throws for what the files say; does throw when a file cannot be read for another reason than absence.
 * Memory does not grow with the number of entries.
 */
export async function auditFolder(folder: string, head: { size: bigint; root: Uint8Array }, options: FolderAuditOptions = {}): Promise<AuditResult> {
  const files = folderFiles(folder);
  const result = await auditHead(folder, files, head, options);
  const room = (options.maxIssues ?? MAX_ISSUES) - result.issues.length;
  if (options.older === false || room <= 0) return result;
  const older: Issue[] = [];
  await auditOlder(folder, files, head.size, (issue) => older.push(issue) < room);
  return { ...result, issues: [...result.issues, ...older, ...(older.length < room ? [] : [stoppedAmongOlder()])] };
}

async function auditHead(folder: string, files: LogFiles, head: { size: bigint; root: Uint8Array }, options: FolderAuditOptions): Promise<AuditResult> {
  const workers = options.workers ?? 2;
  if (workers === 0 || head.size < WORTH_WORKERS) return await auditTree(files, head, options);
  const rising = new RisingAudit(files, head, options);
  const pool = Array.from({ length: workers }, () => new AnsweringWorker<AuditTask, Stretch>('audit-worker', { folder, size: head.size }));
  try {
    // Stretches are taken up in order. Two for each thread are under way, so that none waits and none runs far ahead.
    const underWay: Promise<Stretch>[] = [];
    const todo = stretchesOf(head.size);
    for (;;) {
      while (underWay.length < 2 * workers) {
        const next = todo.next();
        if (next.done === true) break;
        underWay.push(least(pool).ask(next.value));
      }
      const stretch = underWay.shift();
      if (stretch === undefined || rising.stopped) break;
      await rising.add(await stretch);
    }
    return await rising.finish();
  } finally {
    await Promise.all(pool.map((thread) => thread.close()));
  }
}

function stoppedAmongOlder(): Issue {
  return {
    code: 'AUDIT_STOPPED', severity: 'error', place: { object: 'tiles of smaller sizes' }, message: 'the audit stopped among the tiles and bundles of smaller sizes: too much is wrong already',
    repair: 'Repair what is named above from a copy of the log, and audit again.',
  };
}

type AuditThread = AnsweringWorker<AuditTask, Stretch>;

function least(pool: readonly AuditThread[]): AuditThread {
  return pool.reduce((best, thread) => (thread.load < best.load ? thread : best));
}
