import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { loadCollection } from '@weighbridge/instrument';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COLLECTION, instrument, make, openWorkbench, table } from './workbench.ts';
import type { Workbench } from './workbench.ts';

let bench: Workbench;

beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

test('an attribute “unit” of a code list says what the numbers under each code count; a code without one has the unit of the table', async () => {
  const collection = await bench.collection({
    'collection.yaml': COLLECTION,
    'instruments/devices.yaml': instrument('devices', `
fields:
  - { name: figure, title: Figure, type: string, codelist: figures, required: true }
measures:
  - { id: devices, label: Devices, count: records }
`),
    'codelists/figures.yaml': 'id: figures\ntitle: Figures\nedition: "1"\nsource: test\nattributes: [unit]\nfile: { path: figures.csv }\n',
    'codelists/figures.csv': 'code,label,unit\na,A,percent\nb,B,\n',
    'tables/by-figure.yaml': table('by-figure', 'devices', 'measure: devices\nby: [{ field: figure }]'),
  });
  const made = await make(bench, collection, 'by-figure', [await bench.seal("SELECT * FROM (VALUES ('a'), ('b')) AS t(figure)")]);
  expect(made.meta.dimensions[0]?.codes).toEqual([{ code: 'a', label: 'A', unit: 'percent' }, { code: 'b', label: 'B' }]);
});

test('the units of the figures published by others are those of the newest edition of the series', async () => {
  const folder = resolve(import.meta.dirname, '../../../collections/encryption');
  const listed = (await loadCollection(folder)).codelists.get('figures')?.entries ?? [];
  const rows: Record<string, string>[] = parse(await readFile(join(folder, 'series', 'published-figures-2.csv')), { columns: true });
  expect(rows.length).toBeGreaterThan(40);
  expect(Object.fromEntries(listed.map((e) => [e.code, e.attributes['unit']]))).toEqual(Object.fromEntries(rows.map((r) => [r['figure'], r['figure_unit']])));
});
