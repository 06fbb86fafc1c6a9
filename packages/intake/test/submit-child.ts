/**
 * Submits one file in a process of its own and says each stage as it begins: for tests that end the process.
 * Arguments: collection folder, store folder, file, and optionally a number n: the process then kills itself right
 * before the n-th file operation of its commit.
 * @module
 */
import fs from 'node:fs';
import { flushCompileCache, syncBuiltinESMExports } from 'node:module';
import { loadCollection } from '@weighbridge/instrument';

const [, , folder = '', storeFolder = '', file = '', killAt = '0'] = process.argv;
let left = -1;

/** Counts a file operation of the commit; the one that was asked for never happens. */
function step(): void {
  if (left > 0 && --left === 0) process.kill(process.pid, 'SIGKILL');
}

async function countOperations(): Promise<void> {
  const handle = await fs.promises.open(file);
  const onHandle = Object.getPrototypeOf(handle) as Record<string, (...args: unknown[]) => unknown>;
  await handle.close();
  const onModule = fs.promises as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [object, names] of [[onModule, ['open', 'rename', 'mkdir', 'rm', 'copyFile']], [onHandle, ['sync', 'writeFile', 'appendFile', 'truncate']]] as const) {
    for (const name of names) {
      const original = object[name];
      if (original === undefined) throw new Error(`submit-child: expected ${name}`);
      object[name] = function counted(this: unknown, ...args: unknown[]): unknown {
        step();
        return original.apply(this, args);
      };
    }
  }
  syncBuiltinESMExports();
}

if (Number(killAt) > 0) await countOperations();
const { openStore, submitFile } = await import('../src/index.ts');
flushCompileCache(); // one that is killed leaves nothing to the next at its end
const { receipt } = await submitFile({
  file, collection: await loadCollection(folder), store: await openStore(storeFolder), agency: 'police', round: '2020', instrument: 'devices',
  onProgress: ({ stage }) => {
    process.stdout.write(`${stage}\n`);
    if (stage === 'commit') left = Number(killAt);
  },
});
process.stdout.write(`receipt ${receipt.index}\n`);
