import { Ajv } from 'ajv';
import { parse } from 'csv-parse/sync';
import { sha384 } from '@weighbridge/base';
import { describe, expect, test } from 'vitest';
import { buildRelease } from '../src/index.ts';
import type { ReleaseFiles } from '../src/index.ts';
import { DATA_PACKAGE_RULES } from './data-package-rules.ts';
import { fixtureInput, fixtureTables } from './fixtures.ts';

interface Field { readonly name: string; readonly type: string; readonly constraints: { readonly required: boolean; readonly enum?: readonly string[] } }
interface Resource {
  readonly name: string; readonly path: string; readonly bytes: number; readonly hash: string; readonly synthetic?: boolean;
  readonly schema: { readonly fields: readonly Field[]; readonly primaryKey?: readonly string[] };
}
interface Descriptor { readonly synthetic: boolean; readonly licenses: readonly Record<string, string>[]; readonly resources: readonly Resource[] }

const follows = new Ajv({ allErrors: true, strictSchema: true, strictTypes: false }).compile(DATA_PACKAGE_RULES);

function descriptorOf(files: ReleaseFiles): Descriptor {
  return JSON.parse(String(files.get('datapackage.json'))) as Descriptor;
}

const input = fixtureInput();
const files = buildRelease(input);
const descriptor = descriptorOf(files);

describe('datapackage.json follows Data Package 2.0', () => {
  test('in a release of every kind of table, with revisions', () => {
    expect([follows(descriptor), follows.errors]).toEqual([true, null]);
    expect(descriptor.resources.map((r) => r.name)).toEqual([...fixtureTables().map((t) => t.meta.id), 'revisions_of_series']);
  });

  test('in a release without a table: a package must hold one resource', () => {
    const empty = descriptorOf(buildRelease({ ...input, tables: [], revisions: [], controls: [], comparisons: [] }));
    expect([follows(empty), follows.errors]).toEqual([true, null]);
    expect(empty.resources.map((r) => r.path)).toEqual(['revisions.csv']);
  });

  test.each([
    ['CC-BY-4.0', { name: 'CC-BY-4.0', title: 'CC-BY-4.0' }], ['GPL-3.0+', { name: 'GPL-3.0', title: 'GPL-3.0+' }],
    ['The origin states no licence.', { name: 'The-origin-states-no-licence.', title: 'The origin states no licence.' }],
    ['—', { name: 'unnamed', title: '—' }], ['https://example.org/licence', { path: 'https://example.org/licence' }],
  ])('with the licence %j', (licence, want) => {
    const made = descriptorOf(buildRelease({ ...input, collection: { ...input.collection, licence } }));
    expect([follows(made), follows.errors]).toEqual([true, null]);
    expect(made.licenses).toEqual([want]);
  });

  test('the rules refuse a resource without a path, an unsafe path and an unknown member', () => {
    const [first] = descriptor.resources;
    for (const bad of [{ ...first, path: undefined }, { ...first, path: '../x.csv' }, { ...first, path: '/x.csv' }, { ...first, colour: 'red' }]) {
      expect(follows({ ...descriptor, resources: [bad] })).toBe(false);
    }
  });
});

describe('every resource is what it says', () => {
  test.each(descriptor.resources.map((r) => [r.name, r] as const))('%s: the file, its size, its hash, its columns, their types and its keys', (_, resource) => {
    const csv = String(files.get(resource.path));
    expect([resource.bytes, resource.hash]).toEqual([Buffer.byteLength(csv), `sha384:${sha384(csv)}`]);
    const { fields, primaryKey } = resource.schema;
    const [header, ...rows]: string[][] = parse(csv);
    expect(header).toEqual(fields.map((f) => f.name));
    expect(rows.length).toBeGreaterThan(0);
    fields.forEach((field, i) => {
      const column = rows.map((row) => row[i] ?? '');
      const given = column.filter((v) => v !== '');
      if (field.constraints.required) expect(given.length, field.name).toBe(column.length);
      if (field.constraints.enum !== undefined) expect(given.every((v) => field.constraints.enum?.includes(v)), field.name).toBe(true);
      if (field.type === 'number') expect(given.every((v) => Number.isFinite(Number(v))), field.name).toBe(true);
      if (field.type === 'boolean') expect(given.every((v) => v === 'true' || v === 'false'), field.name).toBe(true);
    });
    if (primaryKey !== undefined) {
      const keys = rows.map((row) => JSON.stringify(primaryKey.map((name) => row[fields.findIndex((f) => f.name === name)])));
      expect(new Set(keys).size).toBe(rows.length);
    }
  });

  test('synthetic data say so, in the package and in every table', () => {
    expect(descriptor.synthetic).toBe(true);
    expect(descriptor.resources.filter((r) => r.path.startsWith('tables/')).every((r) => r.synthetic === true)).toBe(true);
  });
});
