import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal, sha384, sha384Json } from '@weighbridge/base';
import { readProtectedTable } from '@weighbridge/protect';
import { buildRelease } from '../src/index.ts';
import type { Manifest, ReleaseFiles } from '../src/index.ts';
import { KEY, codes, dimension, fixtureInput, fixtureTable, fixtureTables } from './fixtures.ts';

const files = buildRelease(fixtureInput(KEY));
const unsigned = buildRelease(fixtureInput());
const manifest = JSON.parse(String(files.get('manifest.json'))) as Manifest;

function hashOf(built: ReleaseFiles): string {
  return sha384Json([...built].map(([path, data]) => [path, String(data)]));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
  return 'no refusal';
}

describe('same bytes', () => {
  test('the same input gives the same files, twice in one process', () => {
    expect(hashOf(buildRelease(fixtureInput(KEY)))).toBe(hashOf(files));
  });

  test.each([['de_DE.UTF-8', 'Pacific/Auckland'], ['C', 'America/New_York'], ['tr_TR.UTF-8', 'Asia/Kathmandu']])('the same files under locale %s and time zone %s', (locale, zone) => {
    const script = join(import.meta.dirname, 'build-in-locale.ts');
    const output = execFileSync(process.execPath, [script], { encoding: 'utf8', env: { ...process.env, LC_ALL: locale, LANG: locale, LANGUAGE: locale, TZ: zone } });
    expect(output).toBe(hashOf(unsigned));
  });

  test('tables given as copies are the same release; tables in another order are another one', () => {
    const again = buildRelease({ ...fixtureInput(KEY), tables: fixtureTables() });
    expect(hashOf(again)).toBe(hashOf(files));
    const turned = buildRelease({ ...fixtureInput(KEY), tables: [...fixtureTables()].reverse() });
    expect(hashOf(turned)).not.toBe(hashOf(files));
  });
});

describe('manifest', () => {
  test('lists every other file with its hash and size, sorted', () => {
    const paths = [...files.keys()].filter((p) => p !== 'manifest.json' && p !== 'manifest.sig');
    expect(manifest.files.map((f) => f.path)).toEqual([...paths].sort());
    for (const f of manifest.files) {
      const data = String(files.get(f.path));
      expect([f.sha384, f.bytes]).toEqual([sha384(data), Buffer.byteLength(data)]);
    }
  });

  test('the release id is the hash of the content, and does not depend on who signs', () => {
    expect(sha384Json(manifest.content)).toBe(manifest.release);
    const other = JSON.parse(String(unsigned.get('manifest.json'))) as Manifest;
    expect(other.release).toBe(manifest.release);
    expect([other.signer, manifest.signer !== null]).toEqual([null, true]);
  });

  test('names the releases made before that the tables were attacked with, oldest first, and nothing where there are none', () => {
    const ids = [sha384('b'), sha384('a')];
    const after = JSON.parse(String(buildRelease({ ...fixtureInput(), earlier: ids }).get('manifest.json'))) as Manifest;
    expect(after.content.earlier).toEqual(ids);
    expect(after.release).not.toBe(manifest.release);
    expect(hashOf(buildRelease({ ...fixtureInput(KEY), earlier: [] }))).toBe(hashOf(files));
    expect(manifest.content).not.toHaveProperty('earlier');
  });

  test('every table has a complete basis, a protection statement and its submissions by hash', () => {
    expect(manifest.content.tables.length).toBe(fixtureTables().length);
    const known = new Set(manifest.content.submissions.map((s) => s.manifest));
    for (const t of manifest.content.tables) {
      expect(Object.values({ ...t.basis, notes: 'x', breaks: 'x' }).every((v) => v !== '')).toBe(true);
      expect(t.protection.statement).not.toBe('');
      expect(t.certificate).toMatchObject({ method: t.protection.method, cells: t.cells, withheld: t.withheld, breaches: 0 });
      expect(t.submissions.every((s) => known.has(s))).toBe(true);
    }
  });

  test('no path is absolute, and none leaves the folder', () => {
    expect([...files.keys()].filter((p) => p.startsWith('/') || p.split('/').includes('..') || p.includes('\\'))).toEqual([]);
  });
});

describe('what is refused', () => {
  test('a look-alike of a protected table is a TypeError', () => {
    const copy = { ...fixtureTables()[0] } as ReturnType<typeof fixtureTable>;
    expect(() => buildRelease({ ...fixtureInput(), tables: [copy] })).toThrow(TypeError);
  });

  test('a table without a certificate, or with one of an attack that found something, is a TypeError', () => {
    const table = fixtureTable({ id: 'a', title: 'A', method: 'suppress', breaches: 1, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 9 }) });
    expect(() => buildRelease({ ...fixtureInput(), tables: [table] })).toThrow(TypeError);
    const { meta, cells, protection } = table;
    expect(codeOf(() => readProtectedTable({ meta, cells, protection }))).toBe('RELEASED_TABLE_MALFORMED');
    expect(() => buildRelease({ ...fixtureInput(), tables: [{ meta, cells, protection } as unknown as typeof table] })).toThrow(TypeError);
  });

  test.each(['../x.yaml', '/etc/x', 'a//b', 'a\\b', 'C:/x', ''])('DEFINITION_PATH: %j', (path) => {
    expect(codeOf(() => buildRelease({ ...fixtureInput(), definitions: [{ path, text: '' }] }))).toBe('DEFINITION_PATH');
  });

  test('TABLE_ID: two tables whose pages would share a name', () => {
    const named = (id: string): ReturnType<typeof fixtureTable> => fixtureTable({ id, title: id, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 1 }) });
    const bare = { ...fixtureInput(), controls: [], comparisons: [] };
    expect(codeOf(() => buildRelease({ ...bare, tables: [named('a'), named('a')] }))).toBe('TABLE_ID');
    expect(codeOf(() => buildRelease({ ...bare, tables: [named('a'), named('a-source')] }))).toBe('TABLE_ID');
  });
});

test('SYNTHETIC_MIXED: a table of generated records cannot pass for one of real records, nor be mixed with them', () => {
  const table = fixtureTable({ id: 'a', title: 'A', synthetic: true, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 1 }) });
  const [first, ...rest] = table.meta.provenance.submissions;
  const bare = { ...fixtureInput(), controls: [], comparisons: [] };
  const published = (meta: unknown): string => codeOf(() => buildRelease({ ...bare, tables: [readProtectedTable({ meta, cells: table.cells, protection: table.protection, certificate: table.certificate })] }));
  expect(published({ ...table.meta, synthetic: false })).toBe('SYNTHETIC_MIXED');
  expect(published({ ...table.meta, provenance: { ...table.meta.provenance, submissions: [{ ...first, synthetic: false }, ...rest] } })).toBe('SYNTHETIC_MIXED');
  expect(published(table.meta)).toBe('no refusal');
});

test('a release without tables is still a release', () => {
  const empty = buildRelease({ ...fixtureInput(), tables: [], controls: [], comparisons: [], revisions: [] });
  expect(String(empty.get('index.html'))).toContain('This release holds no table.');
});
