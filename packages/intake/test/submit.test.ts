import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import { checkTlogProof, fromBase64, open, parseEntry, parsePolicy, parseTlogProof } from '@weighbridge/log';
import { verifyStoreLog } from './store-log.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, submitFile } from '../src/index.ts';
import type { Store, Submitted, SubmitInput } from '../src/index.ts';
import { DEVICES, Fixture, GOOD, HEADER, parquetRows } from './fixture.ts';

let fixture: Fixture;
let store: Store;
beforeEach(async () => {
  fixture = await Fixture.make({ devices: DEVICES, marked: DEVICES.replace('id: devices\n', 'id: marked\n').replace('primaryKey', '  - {name: synthetic, title: Synthetic, type: boolean}\nprimaryKey') });
  store = await openStore(fixture.path('store'));
});
afterEach(() => fixture.dispose());

async function submit(data: string, more: Partial<SubmitInput> = {}): Promise<Submitted> {
  const file = await fixture.write('return.csv', data);
  return submitFile({ file, collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'devices', ...more });
}

async function storeFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(store.folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.startsWith('lock.sqlite')) files[join(entry.parentPath, entry.name)] = await sha384File(join(entry.parentPath, entry.name));
  }
  return files;
}

test('original and sealed records lie under their hashes, the log commits to the manifest that names them, the receipt proves it', async () => {
  const { receipt, manifest, already, report } = await submit(GOOD);
  expect(already).toBe(false);
  expect(report).toMatchObject({ file: 'return.csv', rows: 2, original: sha384(GOOD) });
  expect(await readFile(store.objectPath(manifest.original.sha384), 'utf8')).toBe(GOOD);
  expect(await sha384File(store.objectPath(manifest.sealed.sha384))).toBe(manifest.sealed.sha384);
  const { extra = new Uint8Array() } = parseTlogProof(Buffer.from(receipt.proof));
  expect(checkTlogProof(parsePolicy(await store.policy()), Buffer.from(receipt.proof), extra)).toMatchObject({ index: BigInt(receipt.index) });
  expect(parseEntry(extra)).toMatchObject({ kind: 'submission', agency: 'police', edition: 1, commitment: receipt.commitment });
  const opened = open('weighbridge-submission/1', { commitment: receipt.commitment, opening: fromBase64(receipt.opening) ?? new Uint8Array() });
  expect(JSON.parse(opened)).toEqual(manifest);
  await verifyStoreLog(store);
  expect(await readdir(join(store.folder, 'tmp'))).toEqual([]);
});

test('sealed records are typed, in file order, with their record numbers', async () => {
  await submit(GOOD);
  const [submission] = await store.current();
  expect(await parquetRows(submission?.parquetPath ?? '')).toEqual([
    { _row: 1n, id: 'D1', offence: '01', seized: '2020-03-01', locked: true, days: 10n, note: 'first' },
    { _row: 2n, id: 'D2', offence: '02', seized: '2020-03-02', locked: false, days: null, note: 'second, with a comma' },
  ]);
});

test('the same records seal to the same bytes, read in place or rewritten, from any folder', async () => {
  const records = Array.from({ length: 70_000 }, (_, i) => `D${i},0${1 + (i % 2)},2020-03-0${1 + (i % 9)},${i % 3 === 0},${i % 1000},n${i % 13}`);
  const csv = [HEADER, ...records, ''].join('\n');
  const plain = await submit(csv);
  const other = await openStore(fixture.path('elsewhere/store'));
  const again = await submit(csv, { store: other });
  const rewritten = await submit(csv.replaceAll('\n', '\r').replaceAll(',', ';'), { store: await openStore(fixture.path('third')) });
  const withoutSalts = ({ manifest }: Submitted): unknown => ({ ...manifest, records: null });
  expect(withoutSalts(again)).toEqual(withoutSalts(plain));
  const rows = async (s: Submitted, at: Store): Promise<unknown> => parquetRows(at.objectPath(s.manifest.sealed.sha384), 'count(*), sum(_row), sum(days), count(distinct id), min(note)');
  expect(await rows(rewritten, await openStore(fixture.path('third')))).toEqual(await rows(plain, store));
}, 120_000);

test('the same bytes again give the same receipt and add nothing', async () => {
  const first = await submit(GOOD);
  const before = await storeFiles();
  const second = await submit(GOOD);
  expect(second).toMatchObject({ already: true, receipt: first.receipt, manifest: first.manifest });
  expect(await storeFiles()).toEqual(before);
});

test('other bytes are the next edition; the earlier one stays, byte for byte', async () => {
  const first = await submit(GOOD);
  const second = await submit(GOOD.replace('first', 'corrected'), { editionLabel: 'corrected' });
  expect(second.manifest).toMatchObject({ edition: 2, editionLabel: 'corrected' });
  expect((await store.submissions()).map((s) => s.source.edition)).toEqual([1, 2]);
  expect((await store.current()).map((s) => s.source.edition)).toEqual([2]);
  expect(await readFile(store.objectPath(first.manifest.original.sha384), 'utf8')).toBe(GOOD);
});

test('agencies and rounds have editions of their own', async () => {
  await submit(GOOD);
  expect((await submit(GOOD, { agency: 'customs' })).manifest.edition).toBe(1);
  expect((await store.current()).map((s) => s.source.agency)).toEqual(['customs', 'police']);
});

test('a refused file leaves the store as it was', async () => {
  await submit(GOOD);
  const before = await storeFiles();
  await expect(submit(GOOD.replace(',01,', ',99,'))).rejects.toMatchObject({ code: 'UNKNOWN_CODE' });
  await expect(submit(GOOD.replace('D1', 'X'))).rejects.toMatchObject({ code: 'PATTERN' });
  expect(await storeFiles()).toEqual(before);
});

test.each([
  [{ agency: 'nobody' }, 'AGENCY_UNKNOWN'], [{ round: '1999' }, 'ROUND_UNKNOWN'], [{ instrument: 'none' }, 'INSTRUMENT_UNKNOWN'], [{ file: '/nowhere/x.csv' }, 'FILE_MISSING'],
])('%j is refused by name', async (more, code) => {
  await expect(submit(GOOD, more)).rejects.toMatchObject({ code });
});

test('generated and real records never meet: in a file, or in an instrument', async () => {
  const marked = (...marks: string[]): string => [`${HEADER},synthetic`, ...marks.map((m, i) => `D${i},01,2020-03-01,true,1,x,${m}`), ''].join('\n');
  await expect(submit(marked('true', 'false'), { instrument: 'marked' })).rejects.toMatchObject({ code: 'SYNTHETIC_WITH_REAL' });
  const generated = await submit(marked('true', 'true'), { instrument: 'marked' });
  expect(generated.manifest.synthetic).toBe(true);
  await expect(submit(marked('false'), { instrument: 'marked', agency: 'customs' })).rejects.toMatchObject({ code: 'SYNTHETIC_WITH_REAL' });
  expect((await submit(GOOD)).manifest.synthetic).toBe(false);
  await expect(submit(GOOD, { synthetic: true, agency: 'customs' })).rejects.toMatchObject({ code: 'SYNTHETIC_WITH_REAL' });
});

test('a collection of generated records takes none that are not marked', async () => {
  const collection = await fixture.collection();
  const synthetic = { ...collection, definition: { ...collection.definition, synthetic: true } };
  await expect(submit(GOOD, { collection: synthetic })).rejects.toMatchObject({ code: 'SYNTHETIC_NOT_MARKED' });
  expect((await submit(GOOD, { collection: synthetic, synthetic: true })).manifest.synthetic).toBe(true);
});

describe('a return without records', () => {
  const EMPTY = `${HEADER}\n`;

  test('marks nothing: it is accepted among generated records and among real ones', async () => {
    const collection = await fixture.collection();
    const synthetic = { ...collection, definition: { ...collection.definition, synthetic: true } };
    const first = await submit(EMPTY, { collection: synthetic });
    expect(first.manifest).toMatchObject({ rows: 0, synthetic: true });
    expect((await submit(GOOD, { collection: synthetic, synthetic: true, agency: 'customs' })).manifest.edition).toBe(1);
    expect(await parquetRows((await store.submissions())[0]?.parquetPath ?? '')).toEqual([]);
    const real = await openStore(fixture.path('real'));
    await submit(GOOD, { store: real });
    expect((await submit(EMPTY, { store: real, agency: 'customs' })).manifest).toMatchObject({ rows: 0, synthetic: false });
  });

  test('is told of with a warning, unless the sender says that there is nothing to report', async () => {
    const codes = ({ manifest }: Submitted): unknown => manifest.findings.map((i) => [i.code, i.severity]);
    const unsaid = await submit(EMPTY);
    expect(codes(unsaid)).toEqual([['NO_RECORDS', 'warning']]);
    expect(unsaid.manifest).not.toHaveProperty('nothingToReport');
    const said = await submit(EMPTY, { nothingToReport: true });
    expect(codes(said)).toEqual([['NOTHING_TO_REPORT', 'info']]);
    expect(said).toMatchObject({ already: false, manifest: { nothingToReport: true, edition: 2 } });
    expect(await submit(EMPTY, { nothingToReport: true })).toMatchObject({ already: true });
  });

  test('has no records: a file that has some is refused under that statement', async () => {
    await expect(submit(GOOD, { nothingToReport: true })).rejects.toMatchObject({ code: 'NOT_EMPTY' });
  });
});

test('the rounding key is 32 bytes, made once, for its owner only', async () => {
  const key = await store.roundingKey();
  expect(key).toHaveLength(32);
  expect(await (await openStore(store.folder)).roundingKey()).toEqual(key);
  expect((await stat(join(store.folder, 'keys', 'rounding.key'))).mode & 0o777).toBe(0o600);
  await writeFile(join(store.folder, 'keys', 'rounding.key'), 'short');
  await expect(store.roundingKey()).rejects.toMatchObject({ code: 'ROUNDING_KEY' });
});

test('a damaged or missing manifest is refused with its hash', async () => {
  const { receipt } = await submit(GOOD);
  const path = store.objectPath(receipt.commitment);
  const whole = await readFile(path);
  await writeFile(path, whole.toString('latin1').replace('police', 'polite'), 'latin1');
  await expect(store.submissions()).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  await rm(path);
  await expect(store.current()).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});

test('a store that is a file is refused', async () => {
  await expect(openStore(await fixture.write('file', 'x'))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
});

test('what a dead run left behind is removed by the next; what a live one uses is not', async () => {
  const live = await store.workspace();
  await writeFile(join(live.folder, 'half'), 'x');
  await mkdir(join(store.folder, 'tmp', 'run-dead'));
  await writeFile(join(store.folder, 'tmp', 'run-dead', 'half'), 'x');
  await submit(GOOD);
  expect(await readdir(join(store.folder, 'tmp'))).toEqual([live.folder.split('/').at(-1)]);
  await live.dispose();
  expect(await readdir(join(store.folder, 'tmp'))).toEqual([]);
});

test('runs that start and end at once leave each other’s folders alone', async () => {
  const run = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      const own = await store.workspace();
      await writeFile(join(own.folder, 'half'), 'x');
      expect(await readFile(join(own.folder, 'half'), 'utf8')).toBe('x');
      await own.dispose();
    }
  };
  await Promise.all(Array.from({ length: 8 }, run));
  expect(await readdir(join(store.folder, 'tmp'))).toEqual([]);
});

test('ten submissions at once are ten entries of one whole log', async () => {
  const collection = await fixture.collection();
  const files = await Promise.all(Array.from({ length: 10 }, (_, i) => fixture.write(`r${i}.csv`, GOOD.replace('first', `number ${i}`))));
  const done = await Promise.all(files.map((file) => submitFile({ file, collection, store, agency: 'police', round: '2020', instrument: 'devices' })));
  expect(done.map((d) => d.manifest.edition).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await verifyStoreLog(store);
});
