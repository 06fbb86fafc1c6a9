import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProvenFalse, Refusal } from '@weighbridge/base';
import { checkFolder, demandHolds } from '../src/check.ts';
import type { ReleaseFolder, VerifyReport } from '../src/check.ts';
import { buildRelease } from '../src/index.ts';
import { KEY, fixtureInput } from './fixtures.ts';

const files = buildRelease({ ...fixtureInput(), tables: fixtureInput().tables.filter((t) => ['requests', 'sentences'].includes(t.meta.id)), signingKey: KEY });

/** A folder in memory, with changes: `undefined` removes a file. */
function folderOf(changes: Readonly<Record<string, string | undefined>> = {}): ReleaseFolder {
  const held = new Map<string, string | Uint8Array>(files);
  for (const [path, data] of Object.entries(changes)) {
    if (data === undefined) held.delete(path);
    else held.set(path, data);
  }
  return {
    list: () => Promise.resolve([...held.keys()].sort()),
    read: (path) => {
      const data = held.get(path);
      return Promise.resolve(data === undefined ? null : new Uint8Array(Buffer.from(data)));
    },
  };
}

/** What asking for a sound release comes to. */
function ending(report: VerifyReport): string {
  try {
    return demandHolds(report, 'folder').length === 96 ? 'holds' : 'no id';
  } catch (error) {
    return error instanceof ProvenFalse ? `false ${[...new Set(error.issues.map((i) => i.code))].join(' ')}` : error instanceof Refusal ? `refused ${error.code}` : 'fault';
  }
}

describe('a release in a folder that is only listed and read', () => {
  test('holds, and says that nothing was rendered and nothing computed again, nor looked up in a log', async () => {
    const report = await checkFolder(folderOf());
    expect(report.proved).toHaveLength(2);
    expect(report.notProved.map((line) => /rendered again|sealed submissions:|no log was given|key is the publisher/.exec(line)?.[0])).toEqual([
      'key is the publisher', 'rendered again', 'sealed submissions:', 'no log was given',
    ]);
    expect(ending(report)).toBe('holds');
  });

  test.each<readonly [string, Readonly<Record<string, string | undefined>>, string]>([
    ['changed', { 'tables/requests.csv': 'x' }, 'false FILE_CHANGED'], ['short of a file', { 'tables/requests.csv': undefined }, 'false FILE_MISSING'], ['with a file too many', { 'x.html': '' }, 'false FILE_EXTRA'],
    ['without its signature', { 'manifest.sig': undefined }, 'false FILE_MISSING'], ['with a signature that is none', { 'manifest.sig': 'x' }, 'false SIGNATURE_FALSE'],
    ['without a manifest', { 'manifest.json': undefined }, 'refused NOT_A_RELEASE'], ['with a manifest that is none', { 'manifest.json': '{}' }, 'refused NOT_A_RELEASE'],
    ['with a byte order mark before the manifest', { 'manifest.json': `\u{feff}${String(files.get('manifest.json'))}` }, 'refused NOT_A_RELEASE'],
  ])('%s does not hold', async (_, changes, end) => {
    expect(ending(await checkFolder(folderOf(changes)))).toBe(end);
  });
});

test('what the entry point for browsers imports in this package is free of Node and of the renderer', () => {
  const seen = new Set<string>();
  const foreign = new Set<string>();
  const walk = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, name = ''] of readFileSync(path, 'utf8').replaceAll(/^(import|export) type [^;]*;/gm, '').matchAll(/^(?:import|export) [^;]*from '([^']+)';/gm)) {
      if (name.startsWith('.')) walk(resolve(dirname(path), name));
      else foreign.add(name);
    }
  };
  walk(join(import.meta.dirname, '..', 'src', 'check.ts'));
  expect(seen.size).toBeGreaterThan(3);
  expect([...foreign].sort()).toEqual(['@weighbridge/base', '@weighbridge/log']);
});
