/**
 * The house: which room may import which. This table is the authority; an edge that is missing from it fails.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Room → rooms it may import. `base/node` reads and writes files; `base/confidential` names true counts. */
const HOUSE: Readonly<Record<string, readonly string[]>> = {
  'packages/base': [],
  'packages/engine': [],
  'packages/log': ['base', 'base/node'],
  'packages/instrument': ['base'],
  'packages/protect': ['base', 'base/confidential'],
  'packages/sample': ['base', 'base/node', 'instrument'],
  'packages/intake': ['base', 'base/node', 'engine', 'instrument', 'log', 'log/node'],
  'packages/tabulate': ['base', 'base/confidential', 'engine', 'instrument'],
  'packages/lab': ['base', 'base/node', 'log', 'publish/markup'],
  'packages/publish': ['base', 'base/node', 'protect', 'log', 'log/node'],
  'apps/web': ['base', 'publish'],
  'apps/verifier': ['base', 'log', 'publish/check'],
  'apps/cli': ['base', 'base/node', 'engine', 'instrument', 'sample', 'intake', 'log', 'log/node', 'tabulate', 'protect', 'publish', 'web'],
};

/** Names that no file outside `base`, `tabulate` and `protect` may hold. */
const CONFIDENTIAL = ['ConfidentialTable', 'ConfidentialCell', 'ConfidentialRevisions', 'ProtectionRequest', 'confidentialTable'];
const MAY_NAME_CONFIDENTIAL = ['packages/base', 'packages/tabulate', 'packages/protect'];

interface Source {
  readonly room: string;
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
  /** Imports that stand at run time: those of types alone are erased. */
  readonly runtimeImports: readonly string[];
}

function sources(): Source[] {
  return Object.keys(HOUSE).flatMap((room) =>
    readdirSync(join(ROOT, room, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => {
        const path = join(ROOT, room, 'src', name);
        const text = readFileSync(path, 'utf8');
        return { room, path, text, imports: importsOf(text), runtimeImports: importsOf(text.replaceAll(/^(import|export) type [^;]*;/gm, '')) };
      }));
}

function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((f) => f.fileName);
}

const ALL = sources();

function dependencies(room: string): string[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, room, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  return Object.keys(manifest.dependencies ?? {});
}

test('every workspace is a room of the table', () => {
  const rooms = ['packages', 'apps'].flatMap((d) => readdirSync(join(ROOT, d)).map((name) => `${d}/${name}`));
  expect(rooms.toSorted()).toEqual(Object.keys(HOUSE).toSorted());
  expect(ALL.length).toBeGreaterThan(30);
});

describe.each(Object.keys(HOUSE))('%s', (room) => {
  const own = ALL.filter((s) => s.room === room);

  test('imports only the rooms that the table allows', () => {
    const wrong = own.flatMap((s) => s.imports
      .filter((i) => i.startsWith('@weighbridge/'))
      .filter((i) => !(HOUSE[room] ?? []).includes(i.slice('@weighbridge/'.length)))
      .map((i) => `${relative(ROOT, s.path)} → ${i}`));
    expect(wrong).toEqual([]);
  });

  test('declares every package it imports, and nothing it does not', () => {
    const imported = new Set(own.flatMap((s) => s.imports)
      .filter((i) => !i.startsWith('.') && !i.startsWith('node:'))
      .map((i) => i.split('/').slice(0, i.startsWith('@') ? 2 : 1).join('/')));
    expect([...imported].toSorted()).toEqual(dependencies(room).toSorted());
  });

  test('relative imports stay inside the room', () => {
    const wrong = own.flatMap((s) => s.imports
      .filter((i) => i.startsWith('.') && !resolve(dirname(s.path), i).startsWith(join(ROOT, room, 'src')))
      .map((i) => `${relative(ROOT, s.path)} → ${i}`));
    expect(wrong).toEqual([]);
  });

  test('has no import cycle among its files', () => {
    const graph = new Map(own.map((s) => [s.path, s.runtimeImports.filter((i) => i.startsWith('.')).map((i) => resolve(dirname(s.path), i))]));
    expect(findCycle(graph)?.map((p) => relative(ROOT, p))).toBeUndefined();
  });
});

test('base stands on no third-party package, and protect on a solver alone', () => {
  expect(dependencies('packages/base')).toEqual([]);
  expect(dependencies('packages/protect')).toEqual(['@weighbridge/base', 'highs']);
});

test('the rooms form no cycle', () => {
  const graph = new Map(Object.entries(HOUSE).map(([room, to]) => [room, to.map((t) => (t === 'web' ? 'apps/web' : `packages/${t.split('/')[0] ?? ''}`)).filter((t) => t !== room)]));
  expect(findCycle(graph)).toBeUndefined();
});

test('the lab is private, and no room imports it', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'packages/lab', 'package.json'), 'utf8')) as { private?: boolean };
  expect(manifest.private).toBe(true);
  const wrong = ALL.filter((s) => s.room !== 'packages/lab' && s.imports.some((i) => i.startsWith('@weighbridge/lab'))).map((s) => relative(ROOT, s.path));
  expect(wrong).toEqual([]);
});

test('only the isolating module of the lab names its MLS library', () => {
  const wrong = ALL.filter((s) => !s.path.startsWith(join(ROOT, 'packages/lab/src/mls')) && s.imports.some((i) => i.startsWith('ts-mls'))).map((s) => relative(ROOT, s.path));
  expect(wrong).toEqual([]);
});

test('nothing after protect can name a confidential type', () => {
  const wrong = ALL.filter((s) => !MAY_NAME_CONFIDENTIAL.includes(s.room))
    .flatMap((s) => CONFIDENTIAL.filter((name) => new RegExp(`\\b${name}\\b`).test(s.text)).map((name) => `${relative(ROOT, s.path)} names ${name}`));
  expect(wrong).toEqual([]);
});

test('releasable types are made in protect only', () => {
  const wrong = ALL.filter((s) => s.room !== 'packages/protect')
    .filter((s) => /\bas (unknown as )?(readonly )?(ProtectedTable|ReleasedCell)\b/.test(s.text)).map((s) => relative(ROOT, s.path));
  expect(wrong).toEqual([]);
});

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...trail, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}
