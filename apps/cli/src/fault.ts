/**
 * Turns what the machine says (missing files, full disks, our own bugs) into an issue: no stack trace, no data.
 * @module
 */
import type { EngineError } from '@weighbridge/engine';
import type { Issue } from '@weighbridge/base';

const SYSTEM: Readonly<Record<string, readonly [string, string, string]>> = {
  ENOENT: ['FILE_MISSING', 'a file or folder does not exist', 'check the path'],
  EACCES: ['FILE_FORBIDDEN', 'a file or folder may not be read or written', 'check its permissions'],
  EPERM: ['FILE_FORBIDDEN', 'a file or folder may not be read or written', 'check its permissions'],
  EROFS: ['FILE_FORBIDDEN', 'the file system is read-only', 'write somewhere else'],
  ENOTDIR: ['NOT_A_FOLDER', 'a folder was expected', 'check the path'],
  EISDIR: ['NOT_A_FILE', 'a file was expected, not a folder', 'check the path'],
  ENOSPC: ['DISK_FULL', 'the disk is full; nothing was half-written', 'free space and run the same command again'],
  EDQUOT: ['DISK_FULL', 'the disk quota is used up; nothing was half-written', 'free space and run the same command again'],
  EMFILE: ['TOO_MANY_FILES', 'too many files are open', 'raise the limit and run the same command again'],
  EADDRINUSE: ['PORT_IN_USE', 'the port is in use', 'name another with --port'],
};

/** An issue for an error that is not a refusal. Code `FAULT` means it is ours. */
export function faultIssue(error: unknown): Issue {
  const code = systemCode(error);
  const known = code === undefined ? undefined : SYSTEM[code];
  if (known) {
    const [issueCode, message, repair] = known;
    return { code: issueCode, severity: 'error', message, place: placeOf(error), repair };
  }
  if (isEngineError(error) && error.code === 'ENGINE_DISK') {
    return { code: 'DISK_FULL', severity: 'error', message: 'the disk is full; nothing was half-written', place: {}, repair: 'free space and run the same command again' };
  }
  const debug = process.env['WEIGHBRIDGE_DEBUG'] === '1';
  const detail = isEngineError(error) ? `${error.message}${debug ? ` (${error.unsafeDetail})` : ''}` : error instanceof Error ? `${error.name}${debug ? `: ${error.stack ?? ''}` : ''}` : 'unknown';
  return {
    code: 'FAULT', severity: 'error', message: `something went wrong in Weighbridge itself (${detail})`, place: {},
    repair: 'report it with the command you ran; WEIGHBRIDGE_DEBUG=1 shows details, which may quote data',
  };
}

/** By name: the engine itself is loaded only by the commands that need it. */
function isEngineError(error: unknown): error is EngineError {
  return error instanceof Error && error.name === 'EngineError';
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function placeOf(error: unknown): Issue['place'] {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? { file: error.path } : {};
}
