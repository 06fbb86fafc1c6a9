import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { buildRelease, writeRelease } from '../src/index.ts';
import { fixtureInput } from './fixtures.ts';

let root: string;
const input = { ...fixtureInput(), tables: fixtureInput().tables.slice(0, 1), controls: [], comparisons: [] };
const files = buildRelease(input);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'write-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
  return 'no refusal';
}

test('a release is written whole, below folders that did not exist, and leaves nothing beside itself', async () => {
  const out = join(root, 'new', 'deep', 'release');
  await writeRelease(files, out);
  for (const [path, data] of files) expect(await readFile(join(out, path), 'utf8')).toBe(String(data));
  expect(await readdir(join(root, 'new', 'deep'))).toEqual(['release']);
});

test('an empty folder is taken', async () => {
  const out = join(root, 'empty');
  await mkdir(out);
  await writeRelease(files, out);
  expect(await readdir(out)).toContain('manifest.json');
});

test('an older release is replaced, with no file of it left', async () => {
  const out = join(root, 'again');
  await writeRelease(buildRelease(fixtureInput()), out);
  await writeRelease(files, out);
  expect((await readdir(join(out, 'tables'))).filter((n) => n.startsWith('requests'))).toEqual([]);
  expect((await readdir(root)).filter((n) => n.includes('tmp'))).toEqual([]);
});

test('OUT_NOT_A_RELEASE: a folder with anything else in it is left alone', async () => {
  const out = join(root, 'mine');
  await mkdir(out);
  await writeFile(join(out, 'thesis.txt'), 'years of work');
  expect(await codeOf(writeRelease(files, out))).toBe('OUT_NOT_A_RELEASE');
  expect(await readdir(out)).toEqual(['thesis.txt']);
});

test('OUT_NOT_A_RELEASE: a manifest.json of somebody else does not make a folder a release', async () => {
  const out = join(root, 'webapp');
  await mkdir(out);
  await writeFile(join(out, 'manifest.json'), '{"name":"app"}');
  expect(await codeOf(writeRelease(files, out))).toBe('OUT_NOT_A_RELEASE');
});

test('OUT_HAS_OTHER_FILES: a release with a note put beside it is not replaced', async () => {
  const out = join(root, 'noted');
  await writeRelease(files, out);
  await writeFile(join(out, 'note.txt'), 'keep me');
  expect(await codeOf(writeRelease(files, out))).toBe('OUT_HAS_OTHER_FILES');
  expect(await readFile(join(out, 'note.txt'), 'utf8')).toBe('keep me');
});

test('OUT_NOT_A_FOLDER: a file in the way is left alone', async () => {
  const out = join(root, 'file');
  await writeFile(out, 'x');
  expect(await codeOf(writeRelease(files, out))).toBe('OUT_NOT_A_FOLDER');
});

test('a write that fails half way leaves neither a release nor a trace', async () => {
  const out = join(root, 'broken');
  const broken = new Map([...files, ['index.html/x', 'a file below a file']]);
  await expect(writeRelease(broken, out)).rejects.toThrow();
  expect((await readdir(root)).filter((n) => n.includes('broken'))).toEqual([]);
});
