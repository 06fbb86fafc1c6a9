/**
 * Logs, policies and evidence as files named on the command line.
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ProvenFalse, UsageError, refuse } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Policy, VerifiedLog } from '@weighbridge/log';
import type { Reporter } from './reporter.ts';

/** Reads a policy. @throws Refusal POLICY_* */
export async function readPolicy(path: string): Promise<Policy> {
  const { parsePolicy } = await import('@weighbridge/log');
  return parsePolicy(await readBytes(path), { file: basename(path) });
}

/** The policy that an argument names. @throws UsageError when it is missing: without keys to believe nothing of the kind can be verified */
export async function neededPolicy(path: string | undefined, what: string): Promise<Policy> {
  if (path === undefined) throw new UsageError(`--policy FILE is missing: ${what} proves something only to who names the keys to believe`);
  return readPolicy(path);
}

/** Verifies the log in a folder: every entry, every tile, and with a policy who signed. @throws Refusal */
export async function verifyLogFolder(folder: string, policy: Policy | undefined, reporter: Reporter): Promise<VerifiedLog> {
  if (!(await isLogFolder(folder))) {
    const inner = await isLogFolder(join(folder, 'log'));
    refuse('LOG_MISSING', inner ? 'the folder is a store, not a log' : 'there is no log in that folder: it has no checkpoint', { file: folder }, inner ? 'name the folder `log` in it' : 'name the folder of the log, such as store/log');
  }
  const { verifyLog } = await import('@weighbridge/log');
  const { auditFolder, folderFiles } = await import('@weighbridge/log/node');
  return verifyLog(folderFiles(folder), {
    policy, audit: (head, options) => auditFolder(folder, head, options),
    onProgress: (done, total) => { reporter.progress({ stage: 'auditing the log', done: Number(done), total: Number(total) }); },
  });
}

/**
 * Checks evidence that a log showed two heads that cannot both be true.
 * @throws ProvenFalse when it is that; Refusal EVIDENCE_* when it proves nothing
 */
export async function checkEvidence(path: string, policy: Policy, reporter: Reporter): Promise<never> {
  const { verifyEvidence } = await import('@weighbridge/log');
  const { proved, issue } = verifyEvidence(await readBytes(path), policy, { file: basename(path) });
  for (const line of proved) reporter.say('proved', `proved      ${line}`, { what: line });
  throw new ProvenFalse([issue]);
}

/**
 * Holds a receipt's head against a log.
 * @param keep - file that evidence is written to
 * @throws ProvenFalse when the log does not go on from it; Refusal LOG_OLDER
 */
export async function holdAgainstLog(checkpoint: Uint8Array, folder: string, policy: Policy, keep: string | undefined, reporter: Reporter): Promise<void> {
  const { holdAgainst, verifyEvidence } = await import('@weighbridge/log');
  const { folderFiles } = await import('@weighbridge/log/node');
  const { head } = await verifyLogFolder(folder, policy, reporter);
  const held = await holdAgainst(checkpoint, { head, files: folderFiles(folder) }, policy);
  if ('proved' in held) {
    reporter.say('proved', `proved      ${held.proved}`, { what: held.proved });
    return;
  }
  if (keep !== undefined) await writeFileDurably(keep, held.evidence);
  throw new ProvenFalse([verifyEvidence(held.evidence, policy, keep === undefined ? {} : { file: basename(keep) }).issue]);
}

/** More than any policy, receipt, proof or evidence has. */
const LARGEST = 32 << 20;

/** The bytes of a file. @throws Refusal FILE_MISSING, FILE_TOO_LARGE */
export async function readBytes(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) refuse('FILE_MISSING', 'that is no ordinary file', { file: path }, 'check the path');
  if (found !== undefined && found.size > LARGEST) refuse('FILE_TOO_LARGE', `no policy, receipt or evidence has more than ${LARGEST} bytes`, { file: path }, 'name the file that was meant');
  return readFile(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return refuse('FILE_MISSING', 'there is no such file', { file: path }, 'check the path');
    throw error;
  });
}

/** True for a folder that holds a log: it has a checkpoint and no release. */
export async function isLogFolder(folder: string): Promise<boolean> {
  const there = (name: string): Promise<boolean> => stat(join(folder, name)).then((found) => found.isFile(), () => false);
  return (await there('checkpoint')) && !(await there('manifest.json'));
}
