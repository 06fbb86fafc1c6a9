import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Collection } from '@weighbridge/instrument';
import { tabulate } from '../src/index.ts';
import type { SealedSource } from '../src/index.ts';
import { COLLECTION, instrument, lines, make, openWorkbench, table } from './workbench.ts';
import type { Workbench } from './workbench.ts';

let bench: Workbench;
let collection: Collection;

const VISITS = instrument('devices', `
referencePeriod: came
fields:
  - { name: person, title: Person, type: string, sensitivity: identifier }
  - { name: kind, title: Kind, type: string, codelist: kinds, holds: kind }
  - { name: area, title: Area, type: string, codelist: kinds }
  - { name: colour, title: Colour, type: string, constraints: { enum: [red, blue] } }
  - { name: came, title: Came, type: date, required: true }
  - { name: age, title: Age, type: integer }
  - { name: result, title: Result, type: string, constraints: { enum: [good] }, marks: { "-": not-attempted, "": not-recorded } }
derived:
  - { name: quarter, title: Quarter, part: { of: came, grain: quarter } }
  - { name: ages, title: Ages, bands: { of: age, bounds: [1, 10] } }
  - { name: waits, title: Waits, daysBetween: { from: came, to: came, bands: [0, 10] } }
  - { name: sort, title: Sort, lookup: { codelist: kinds, key: kind, attribute: sort } }
measures:
  - { id: devices, label: Devices, count: records }
`);

const FIELDS = ['kind', 'colour', 'quarter', 'ages', 'waits', 'sort', 'result', 'area'];

const FILES = {
  'collection.yaml': COLLECTION,
  'instruments/devices.yaml': VISITS,
  'codelists/kinds.yaml': 'id: kinds\ntitle: Kinds\nedition: "1"\nsource: test\nlevels: [group, kind]\nattributes: [sort]\nfile: { path: kinds.csv }\n',
  'codelists/kinds.csv': 'code,label,parent,level,sort\nA,Online,,group,\nA1,Chat,A,kind,quick\nA2,Mail,A,kind,slow\nB,Offline,,group,\n',
  ...Object.fromEntries(FIELDS.map((f) => [`tables/${f}.yaml`, table(f, 'devices', `measure: devices\nby: [{ field: ${f}, allCodes: false }]`)])),
  'tables/area-kind.yaml': table('area-kind', 'devices', 'measure: devices\nby: [{ field: area, level: kind }]'),
};

const COLUMNS = 'person, kind, area, colour, CAST(came AS DATE) AS came, CAST(age AS BIGINT) AS age, result, \'not-recorded\' AS result__state, \'\' AS result__text';
const query = (rows: string): string => `SELECT ${COLUMNS} FROM (VALUES ${rows}) AS t(person, kind, area, colour, came, age, result)`;
let full: SealedSource;
let sparse: SealedSource;

beforeAll(async () => {
  bench = await openWorkbench();
  collection = await bench.collection(FILES);
  full = await bench.seal(query("('p1', 'A1', 'A', 'red', '2023-02-01', 0, 'good'), ('p2', 'A2', 'A1', 'blue', '2023-12-01', 5, NULL), ('p3', NULL, NULL, NULL, '2023-08-01', NULL, NULL), ('p4', 'A1', 'A2', 'red', '2023-05-01', 12, NULL)"));
  sparse = await bench.seal(query("('p1', 'A1', 'A1', 'red', '2023-08-01', 5, 'good')"));
});
afterAll(() => bench.close());

describe('over confidential records the codes shown do not depend on which records there are', () => {
  test.each([...FIELDS.filter((f) => f !== 'area'), 'area-kind'])('%s', async (id) => {
    const [many, one] = [await make(bench, collection, id, [full]), await make(bench, collection, id, [sparse])];
    expect(one.meta.dimensions).toEqual(many.meta.dimensions);
    expect(one.cells.map((c) => c.key)).toEqual(many.cells.map((c) => c.key));
  });

  test('a value that may be missing has its row, each state its own, also without a record', async () => {
    expect(lines(await make(bench, collection, 'colour', [sparse]))).toEqual(['red = 1', 'blue = 0', ' = 0', '* = 1']);
    expect(lines(await make(bench, collection, 'result', [sparse]))).toEqual(['good = 1', '(not-attempted) = 0', ' = 0', '* = 1']);
    expect(lines(await make(bench, collection, 'sort', [sparse]))).toEqual(['quick = 1', 'slow = 0', 'unknown = 0', '* = 1']);
  });

  test('all periods of the rounds submitted stand, none is said to be covered in part', async () => {
    const made = await make(bench, collection, 'quarter', [sparse]);
    expect(lines(made)).toEqual(['2023-Q1 = 0', '2023-Q2 = 0', '2023-Q3 = 1', '2023-Q4 = 0', '* = 1']);
    expect(made.meta.dimensions[0]?.codes.every((c) => c.partPeriod === undefined)).toBe(true);
  });
});

test('a field that holds one level shows no row of another', async () => {
  expect(lines(await make(bench, collection, 'kind', [sparse]))).toEqual(['A1 = 1', 'A2 = 0', ' = 0', '* = 1']);
});

describe('a table that the definitions let pass is refused before records are read', () => {
  test.each([
    ['an identifier in "where"', { where: { person: 'p1' } }, 'where.person'],
    ['any text field in "where"', { where: { anyField: { contains: 'p1' } } }, 'where.anyField'],
    ['an identifier as dimension', { by: [{ field: 'person', time: false }] }, 'by[0].field'],
    ['a number as dimension', { by: [{ field: 'age', time: false }] }, 'by[0].field'],
    ['a day as dimension', { by: [{ field: 'came', time: false }] }, 'by[0].field'],
  ])('%s', async (_title, changed, key) => {
    const spec = collection.tables.get('kind');
    if (!spec) throw new Error('no table');
    const made = tabulate({ collection, table: { ...spec, definition: { ...spec.definition, ...changed } }, submissions: [full], engine: bench.engine });
    await expect(made).rejects.toMatchObject({ code: 'FIELD_NOT_RELEASABLE', issues: [{ place: { key } }] });
  });
});
