/**
 * `npm start`: builds, runs the main job for the encryption collection on labelled synthetic extracts, and serves
 * the site it made. Everything it writes is under `.weighbridge/`.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const HOME = join(ROOT, '.weighbridge');

const { values } = parseArgs({ options: { port: { type: 'string' }, 'no-serve': { type: 'boolean' } } });

function step(title: string, args: readonly string[]): void {
  process.stderr.write(`\n── ${title}\n`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: ROOT });
  if (status !== 0) process.exit(status ?? 1);
}

const command = join(ROOT, 'apps', 'cli', 'bin', 'weighbridge.js');
const release = join(HOME, 'release');
step('1 of 3  building', [join(ROOT, 'scripts', 'build.ts')]);
step('2 of 3  SYNTHETIC extracts → sealed → tabulated → protected → released', [command, 'run', 'collections/encryption', '--store', join(HOME, 'store'), '--out', release]);
process.stderr.write(`\nThe site is in ${join(release, 'index.html')}\n`);
if (values['no-serve'] !== true) step('3 of 3  serving', [command, 'serve', '--release', release, ...(values.port === undefined ? [] : ['--port', values.port])]);
