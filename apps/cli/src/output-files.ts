/**
 * Files that a command writes: never over what it reads, and confidential ones for their owner alone.
 * @module
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';

const OWNER_ALONE = 0o600;

/** Writes a file that only its owner may read. */
export async function writeConfidential(path: string, data: string): Promise<void> {
  await writeFileDurably(path, data, OWNER_ALONE);
}

/** A file that an option names. */
export interface NamedOutput {
  readonly option: string;
  readonly file: string;
}

/** The outputs that were asked for. */
export function outputsOf(options: readonly (readonly [option: string, file: string | undefined])[]): NamedOutput[] {
  return options.flatMap(([option, file]) => (file === undefined ? [] : [{ option, file }]));
}

/**
 * Looks at names alone, before anything is read. Links are followed.
 * @param inputs - files and folders; a folder stands for the files in it and in its folders
 * @throws Refusal `OUT_IS_INPUT` where an output is a file that is read, `OUT_TWICE` where two outputs are one file
 */
export async function assertOutputs(outputs: readonly NamedOutput[], inputs: readonly (string | undefined)[]): Promise<void> {
  const read = new Set<string>();
  for (const input of inputs) if (input !== undefined) for (const file of await filesAt(input)) read.add(file);
  const written = new Map<string, string>();
  for (const { option, file } of outputs) {
    const identity = await identityOf(file);
    if (read.has(identity)) refuse('OUT_IS_INPUT', `--${option} names a file that is read`, { file }, 'give the output another name');
    const other = written.get(identity);
    if (other !== undefined) refuse('OUT_TWICE', `--${option} and --${other} name one file`, { file }, 'give each output a name of its own');
    written.set(identity, option);
  }
}

/** Files by their identity: one file, or those in a folder and in its folders. None where there is nothing yet. */
async function filesAt(path: string, depth = 2): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [await identityOf(path)];
  if (depth === 0) return [];
  const names = await readdir(path).catch((): string[] => []);
  return (await Promise.all(names.map((name) => filesAt(join(path, name), depth - 1)))).flat();
}

/** The same for all names of a file that there is; the name in its real folder for one that is still to be made. */
async function identityOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found !== undefined) return `${found.dev} ${found.ino}`;
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}
