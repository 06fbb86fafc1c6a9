import { access, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, UsageError, sha384 } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { sampleCollection } from '../src/index.ts';
import type { SampleProgress } from '../src/index.ts';
import { smallCollection, temporaryFolder } from './small-collection.ts';

const SEED = 20231106;

async function make(options: { seed?: number; rows?: number } = {}): Promise<Map<string, string>> {
  const collection = await loadCollection(await smallCollection());
  const files = await sampleCollection(collection, { out: await temporaryFolder(), seed: options.seed ?? SEED, rows: options.rows ?? 600 });
  return new Map(await Promise.all(files.map(async (f): Promise<[string, string]> => [f.file.split('/').at(-1) ?? '', await readFile(f.file, 'utf8')])));
}

function records(text: string): Record<string, string>[] {
  return parse(text, { columns: true });
}

test('one file per agency and round, named after them, with the rows of their weights', async () => {
  const files = await make();
  expect([...files].map(([name, text]) => [name, records(text).length])).toEqual([
    ['visits--north--r1.csv', 200], ['visits--north--r2.csv', 200], ['visits--south--r1.csv', 100], ['visits--south--r2.csv', 100],
  ]);
});

test('the same seed gives the same bytes, another seed other bytes', async () => {
  expect(await make()).toEqual(await make());
  expect(await make({ seed: 1 })).not.toEqual(await make());
});

test('the bytes of a seed are those that were first published', async () => {
  const files = await make();
  expect(files.size).toBe(4);
  // A change here breaks the promise of the generator: raise GENERATOR in sample-collection.ts and say so in CHANGELOG.md.
  expect(sha384([...files].map(([name, text]) => `${name}\n${text}`).join('')).slice(0, 32)).toMatchInlineSnapshot(`"22efa83d5078f752240a7614825de795"`);
});

test('asking for more rows keeps the records before, but for a run cut short at the end', async () => {
  const [fewer] = await make({ rows: 600 }).then((m) => [m.get('visits--north--r1.csv') ?? '']);
  const [more] = await make({ rows: 6000 }).then((m) => [m.get('visits--north--r1.csv') ?? '']);
  const lines = (fewer ?? '').split('\n').slice(0, -5);
  expect(lines.length).toBeGreaterThan(190);
  expect((more ?? '').split('\n').slice(0, lines.length)).toEqual(lines);
});

test('every record says that it is synthetic, and so does the folder', async () => {
  const collection = await loadCollection(await smallCollection());
  const out = await temporaryFolder();
  const files = await sampleCollection(collection, { out, seed: SEED, rows: 100 });
  for (const { file } of files) expect(new Set(records(await readFile(file, 'utf8')).map((r) => r['synthetic']))).toEqual(new Set(['true']));
  expect(await readFile(join(out, 'SYNTHETIC.txt'), 'utf8')).toContain('SYNTHETIC DATA');
});

test('pseudonyms begin with SYN and never repeat over agencies and rounds', async () => {
  const ids = [...(await make({ rows: 3000 })).values()].flatMap((text) => records(text).map((r) => r['visit'] ?? ''));
  expect(ids.length).toBe(3000);
  expect(ids.every((id) => /^SYN-V-[0-9a-f]{16}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(3000);
});

test('a run has as many records as it states, held values stay and codes do not repeat in it', async () => {
  for (const text of (await make({ rows: 900 })).values()) {
    const runs = Map.groupBy(records(text), (r) => r['family']);
    expect(runs.size).toBeGreaterThan(10);
    for (const run of runs.values()) {
      expect(run.map((r) => r['members'])).toEqual(run.map(() => String(run.length)));
      expect(new Set(run.map((r) => r['kind'])).size).toBe(run.length);
      expect(new Set(run.map((r) => r['spent'] === '')).size).toBe(1);
    }
  }
});

test('dates stay in the round, lags count from their date, and a date after the round is blank', async () => {
  const rows = [...(await make({ rows: 3000 }))].filter(([name]) => name.endsWith('--r1.csv')).flatMap(([, text]) => records(text));
  expect(rows.every((r) => (r['came'] ?? '') >= '2020-01-01' && (r['came'] ?? '') <= '2020-12-31')).toBe(true);
  expect(rows.every((r) => r['left_on'] === '' || ((r['left_on'] ?? '') >= (r['came'] ?? '') && (r['left_on'] ?? '') <= '2020-12-31'))).toBe(true);
  expect(rows.some((r) => r['left_on'] === '')).toBe(true);
});

test('progress ends at the total', async () => {
  const collection = await loadCollection(await smallCollection());
  const seen: SampleProgress[] = [];
  await sampleCollection(collection, { out: await temporaryFolder(), seed: SEED, rows: 400, onProgress: (p) => seen.push(p) });
  expect(seen.at(-1)).toMatchObject({ instrument: 'visits', agency: 'south', round: 'r2', rows: 400, total: 400 });
});

test.each([[-1, 100], [1.5, 100], [1, 0], [1, 2e9]])('seed %d with %d rows is refused as usage', async (seed, rows) => {
  const collection = await loadCollection(await smallCollection());
  await expect(sampleCollection(collection, { out: await temporaryFolder(), seed, rows })).rejects.toBeInstanceOf(UsageError);
});

test('a folder that cannot be made is refused, and nothing is left behind', async () => {
  const collection = await loadCollection(await smallCollection());
  const parent = await temporaryFolder();
  await writeFile(join(parent, 'taken'), '');
  const failure: unknown = await sampleCollection(collection, { out: join(parent, 'taken'), seed: SEED, rows: 10 }).catch((e: unknown) => e);
  expect(failure).toBeInstanceOf(Refusal);
  expect((failure as Refusal).code).toBe('SAMPLE_WRITE');
  expect(await readdir(parent)).toEqual(['taken']);
});

test('a failure in the middle leaves no extract', async () => {
  const collection = await loadCollection(await smallCollection());
  const out = await temporaryFolder();
  const stop = sampleCollection(collection, { out, seed: SEED, rows: 400, onProgress: (p) => { if (p.agency === 'south') throw new Error('stop'); } });
  await expect(stop).rejects.toThrow('stop');
  expect(await readdir(out)).toEqual(['SYNTHETIC.txt']);
  await access(out);
});
