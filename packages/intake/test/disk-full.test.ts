import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { verifyStoreLog } from './store-log.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFile, openStore, submitFile } from '../src/index.ts';
import { Fixture, GOOD, HEADER } from './fixture.ts';

/** A small disk needs the right to mount one. Where it is missing the tests are reported as skipped, by name. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && (spawnSync('unshare', ['-m', 'true']).status === 0);

let fixture: Fixture;
let file: string;
beforeAll(async () => {
  fixture = await Fixture.make();
  const records = Array.from({ length: 40_000 }, (_, i) => `D${i},01,2020-03-01,true,${i % 1000},note ${(i * 7919) % 100_003}`);
  file = await fixture.write('return.csv', [HEADER, ...records, ''].join('\n'));
});
afterAll(() => fixture.dispose());

async function onDiskOf<T>(kibibytes: number, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = fixture.path(`disk-${kibibytes}`);
  await mkdir(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder]);
  expect(mounted.status).toBe(0);
  try {
    return await work(folder);
  } finally {
    spawnSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

test.skipIf(!canMount).each([600, 1200, 1800, 2000, 2400, 2800, 3200, 3600, 4200, 9000])(
  'on a disk of %i KiB a submission is complete, or refused as DISK_FULL with the earlier one whole', async (kibibytes) => {
    await onDiskOf(kibibytes, async (folder) => {
      const collection = await fixture.collection();
      const store = await openStore(join(folder, 'store'));
      const small = await fixture.write('small.csv', GOOD);
      const first = await submitFile({ file: small, collection, store, agency: 'police', round: '2020', instrument: 'devices' });
      const second = await submitFile({ file, collection, store, agency: 'police', round: '2020', instrument: 'devices' }).catch((error: unknown) => error);
      if (second instanceof Error) {
        expect(second).toBeInstanceOf(Refusal);
        expect(second).toMatchObject({ code: 'DISK_FULL' });
      }
      expect((await store.submissions()).map((s) => s.manifest.edition)).toEqual(second instanceof Error ? [1] : [1, 2]);
      expect(await readFile(store.objectPath(first.manifest.original.sha384), 'utf8')).toBe(GOOD);
      for (const name of await readdir(join(store.folder, 'objects'))) expect(await sha384File(join(store.folder, 'objects', name))).toBe(name);
      await verifyStoreLog(store);
      expect(await readdir(join(store.folder, 'tmp'))).toEqual([]);
    });
  }, 60_000);

test.skipIf(!canMount)('a check whose temporary folder is full is refused as DISK_FULL', async () => {
  await onDiskOf(256, async (folder) => {
    const gz = await fixture.write('return.csv.gz', spawnSync('gzip', ['-c', file], { maxBuffer: 64 << 20 }).stdout);
    await expect(checkFile(gz, await fixture.instrument(), { scratch: folder })).rejects.toMatchObject({ code: 'DISK_FULL' });
  });
});
