/**
 * Releases made one after the other from one store: a later one does not tell what an earlier one kept, nor what came in between.
 */
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, weighbridge } from './command-line.ts';
import type { Finished } from './command-line.ts';

let home: string;

interface MadeManifest { readonly release: string; readonly content: { readonly earlier?: readonly string[] } }

const run = (...args: string[]): Promise<Finished> => weighbridge(args, home);
const release = (store: string, out: string): Promise<Finished> => run('release', 'trial', '--store', store, '--out', out);
const manifestOf = async (out: string): Promise<MadeManifest> => JSON.parse(await readFile(join(home, out, 'manifest.json'), 'utf8')) as MadeManifest;
const codesOf = ({ events }: Finished): unknown[] => events.filter((e) => e['severity'] === 'error').map((e) => e['code']);

/** Outcomes and the total as a release prints them; null where one is withheld. */
async function printed(out: string): Promise<Record<string, number | null>> {
  const { cells } = JSON.parse(await readFile(join(home, out, 'tables', 'cases-by-kind.json'), 'utf8')) as { cells: { key: [string | null]; value: { lo: number } | null }[] };
  return Object.fromEntries(cells.flatMap(({ key: [code], value }) => (value?.lo === 0 ? [] : [[code ?? 'Total', value?.lo ?? null]])));
}

/** Submits the return of an agency: so many cases of each outcome. */
async function submit(store: string, agency: string, outcomes: Readonly<Record<string, number>>): Promise<void> {
  const rows = Object.entries(outcomes).flatMap(([outcome, n]) => Array.from({ length: n }, (_, i) => `SYN-${agency}-${outcome}-${i},2023-09-0${1 + (i % 9)},A1,${outcome},true`));
  await writeFile(join(home, 'return.csv'), ['case_id,closed,kind,outcome,synthetic', ...rows, ''].join('\n'));
  const { code } = await run('submit', 'return.csv', '--collection', 'trial', '--store', store, '--agency', agency, '--round', '2023-24', '--instrument', 'cases');
  expect(code).toBe(0);
}

/** A copy of the store that goes on as a store of its own: its log says so. */
async function adoptedCopy(copy: string): Promise<void> {
  await cp(join(home, 'store'), join(home, copy), { recursive: true });
  expect((await run('log', 'adopt', copy)).code).toBe(0);
}

/** The entries of a store's log: their kinds. */
async function logged(store: string): Promise<string[]> {
  return (await run('log', 'list', store)).events.map((e) => (e['entry'] as { kind: string }).kind);
}

async function bytesOf(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(join(home, folder), { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
  const pairs = await Promise.all(entries.map(async (e): Promise<[string, string]> => [join(e.parentPath, e.name).slice(join(home, folder).length), await readFile(join(e.parentPath, e.name), 'base64')]));
  return Object.fromEntries(pairs.toSorted(([x], [y]) => (x < y ? -1 : 1)));
}

beforeAll(async () => {
  home = await temporaryFolder();
  expect((await run('init', 'trial')).code).toBe(0);
  const spec = join(home, 'trial', 'tables', 'cases-by-kind.yaml');
  const text = await readFile(spec, 'utf8');
  await writeFile(spec, `${text.slice(0, text.indexOf('by:'))}by:\n  - { field: outcome }\nprotection: { method: suppress, threshold: 6 }\n`);
  await submit('store', 'harbour', { solved: 60, unsolved: 40 });
  expect((await release('store', 'first')).code).toBe(0);
  await adoptedCopy('store-then');
  await submit('store', 'harbour', { solved: 60, unsolved: 41 });
  const second = await release('store', 'second');
  expect(second.stderr).toBe('');
  expect(second.code).toBe(0);
}, 120_000);

describe('a second release, one record later', () => {
  test('the first prints the numbers, the second withholds those that the record changed, and says what it was held against', async () => {
    expect(await printed('first')).toEqual({ solved: 60, unsolved: 40, Total: 100 });
    expect(await printed('second')).toEqual({ solved: 60, unsolved: null, Total: null });
    const [first, second] = [await manifestOf('first'), await manifestOf('second')];
    expect([first.content.earlier, second.content.earlier]).toEqual([undefined, [first.release]]);
    expect(await readFile(join(home, 'second', 'tables', 'cases-by-kind.html'), 'utf8')).toContain('with the release made before');
  });

  test('made without the first, the second prints them: a store that never made the first one', async () => {
    await submit('store-alone', 'harbour', { solved: 60, unsolved: 41 });
    expect((await release('store-alone', 'alone')).code).toBe(0);
    expect(await printed('alone')).toEqual({ solved: 60, unsolved: 41, Total: 101 });
  });

  test('verify --store holds for both: the later one does not disturb the earlier one', async () => {
    for (const out of ['first', 'second']) {
      const held = await run('verify', out, '--store', 'store', '--log', join('store', 'log'));
      expect(held.stderr).toBe('');
      expect(held.code).toBe(0);
      const attack = held.events.find((e) => e['event'] === 'proved' && String(e['what']).startsWith('The attack'));
      expect(String(attack?.['what']).includes('the release made before')).toBe(out === 'second');
    }
  });

  test('released again, each gives the same bytes, and the log grows by the access alone', async () => {
    const before = await logged('store');
    expect((await release('store', 'again')).code).toBe(0);
    expect(await bytesOf('again')).toEqual(await bytesOf('second'));
    expect(await logged('store')).toEqual([...before, 'access']);
    expect((await release('store-then', 'first-again')).code).toBe(0);
    expect(await bytesOf('first-again')).toEqual(await bytesOf('first'));
  });

  test('other definitions over the same returns are another release, held against both', async () => {
    await cp(join(home, 'trial'), join(home, 'renamed'), { recursive: true });
    const path = join(home, 'renamed', 'tables', 'cases-by-kind.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace('Cases closed, by kind and outcome', 'Cases closed, by outcome'));
    await adoptedCopy('store-renamed');
    expect((await run('release', 'renamed', '--store', 'store-renamed', '--out', 'third')).code).toBe(0);
    expect((await manifestOf('third')).content.earlier).toEqual([(await manifestOf('first')).release, (await manifestOf('second')).release]);
    expect(await printed('third')).toEqual(await printed('second'));
    // The second one again, now that a third one was made.
    expect((await release('store-renamed', 'second-again')).code).toBe(0);
    expect(await bytesOf('second-again')).toEqual(await bytesOf('second'));
  });
});

describe('a store that lost a release', () => {
  test.each([
    ['EARLIER_RELEASE_MISSING', (folder: string) => rm(folder, { recursive: true })],
    ['EARLIER_RELEASE_DAMAGED', async (folder: string) => {
      const path = join(folder, 'tables', 'cases-by-kind.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"lo":40', '"lo":46'));
    }],
  ])('%s: a later release is refused, and so is verifying one, without a value', async (expected, damage) => {
    const store = `store-${expected}`;
    await adoptedCopy(store);
    const first = await manifestOf('first');
    await damage(join(home, store, 'state', 'releases', 'trial', first.release.slice(0, 16)));
    await submit(store, 'harbour', { solved: 70, unsolved: 50 });
    for (const finished of [await release(store, `out-${expected}`), await run('verify', 'second', '--store', store)]) {
      expect([finished.code, codesOf(finished)]).toEqual([3, [expected]]);
      expect(JSON.stringify(finished.events.filter((e) => e['event'] === 'issue'))).not.toMatch(/\b(40|46|50|70|120)\b/);
    }
    // The first release needs no other.
    if (expected === 'EARLIER_RELEASE_MISSING') expect((await run('verify', 'first', '--store', store)).code).toBe(0);
  });
});
