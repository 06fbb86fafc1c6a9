import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import type { Collection } from '@weighbridge/instrument';
import { tabulateAll } from '../src/index.ts';
import type { SealedSource } from '../src/index.ts';
import { COLLECTION, PUBLIC, instrument, lines, make, openWorkbench, table } from './workbench.ts';
import type { Workbench } from './workbench.ts';

let bench: Workbench;
let collection: Collection;
let north: SealedSource;
let south: SealedSource;

const DEVICES = instrument('devices', `
fields:
  - { name: offence, title: Offence, type: string, codelist: offences }
  - { name: kind, title: Kind, type: string, constraints: { enum: [phone, tablet, drone] } }
  - { name: locked, title: Locked, type: boolean }
  - { name: seized, title: Seized, type: date }
  - { name: examined, title: Examined, type: date }
  - { name: apps, title: Applications, type: string, split: ";", sensitivity: public }
  - { name: station, title: Station, type: string, sensitivity: public }
  - { name: person, title: Person, type: string, sensitivity: identifier }
  - { name: pages, title: Pages, type: integer }
  - { name: result, title: Result, type: string, constraints: { enum: [failed, full, partial] }, marks: { "-": not-attempted, "": not-recorded } }
derived:
  - { name: year, title: Year seized, part: { of: seized, grain: year } }
  - { name: quarter, title: Quarter seized, part: { of: seized, grain: quarter } }
  - { name: year_june, title: Year to June, part: { of: seized, grain: year-june } }
  - { name: wait, title: Days waited, daysBetween: { from: seized, to: examined, bands: [0, 31, 91] } }
  - { name: length, title: Length, bands: { of: pages, bounds: [1, 10, 100] } }
  - { name: opened, title: Opened, cases: { of: [{ when: { result: [full, partial] }, value: opened }, { when: { result: { blank: true } }, value: no result }], otherwise: failed } }
  - { name: encrypted, title: Encrypted by default, lookup: { codelist: kinds, key: kind, at: seized, attribute: e2ee } }
  - { name: place, title: Station folded, fold: { of: station, how: case-punctuation } }
measures:
  - { id: devices, label: Devices, count: records }
  - { id: pages, label: Pages, sum: pages }
  - { id: people, label: People, distinct: person }
`);

const FILES = {
  'collection.yaml': COLLECTION,
  'instruments/devices.yaml': DEVICES,
  'codelists/offences.yaml': `
id: offences
title: Offences
edition: "1"
source: test
levels: [division, group]
codes:
  - { code: "02", label: Assault }
  - { code: "021", label: Serious assault, parent: "02" }
  - { code: "022", label: Common assault, parent: "02" }
  - { code: "01", label: Homicide }
  - { code: "011", label: Murder, parent: "01" }
  - { code: "16", label: Other }
`,
  'codelists/kinds.yaml': 'id: kinds\ntitle: Kinds\nedition: "1"\nsource: test\nattributes: [e2ee]\nfile: { path: kinds.csv }\n',
  'codelists/kinds.csv': 'code,label,valid_from,valid_to,e2ee\nphone,Phone,,2023-06-30,no\nphone,Phone,2023-07-01,,yes\ntablet,Tablet,,,no\n',
  'tables/by-offence.yaml': table('by-offence', 'devices', 'measure: devices\nby: [{ field: offence }, { field: locked }]'),
  'tables/by-division.yaml': table('by-division', 'devices', 'measure: devices\nby: [{ field: offence, level: division, total: All }]'),
  'tables/by-group.yaml': table('by-group', 'devices', 'measure: devices\nby: [{ field: offence, level: group }]'),
  'tables/by-kind.yaml': table('by-kind', 'devices', 'measure: devices\nby: [{ field: kind, codes: [tablet, phone] }]'),
  'tables/by-quarter.yaml': table('by-quarter', 'devices', 'measure: devices\nby: [{ field: quarter, time: true }]'),
  'tables/by-june.yaml': table('by-june', 'devices', 'measure: devices\nby: [{ field: year_june }]'),
  'tables/by-wait.yaml': table('by-wait', 'devices', 'measure: devices\nby: [{ field: wait }]'),
  'tables/by-length.yaml': table('by-length', 'devices', 'measure: devices\nby: [{ field: length }]'),
  'tables/by-opened.yaml': table('by-opened', 'devices', 'measure: devices\nby: [{ field: opened }]'),
  'tables/by-encrypted.yaml': table('by-encrypted', 'devices', 'measure: devices\nby: [{ field: encrypted }]'),
  'tables/by-place.yaml': table('by-place', 'devices', 'measure: devices\nby: [{ field: place }]'),
  'tables/by-app.yaml': table('by-app', 'devices', 'measure: devices\nby: [{ field: apps }, { field: locked }]'),
  'tables/by-some-apps.yaml': table('by-some-apps', 'devices', 'measure: devices\nby: [{ field: apps, codes: [mail] }]'),
  'tables/by-result.yaml': table('by-result', 'devices', 'measure: devices\nby: [{ field: result }]'),
  'tables/by-agency.yaml': table('by-agency', 'devices', 'measure: devices\nby: [{ field: agency }, { field: round, total: false }]'),
  'tables/pages.yaml': table('pages', 'devices', 'measure: pages\nby: [{ field: kind }]'),
  'tables/people.yaml': table('people', 'devices', 'measure: people\nby: [{ field: kind }]'),
  'tables/opened-phones.yaml': table('opened-phones', 'devices', 'measure: devices\nby: [{ field: locked }]\nwhere: { opened: opened, kind: phone }'),
};

const RECORDS = `SELECT offence, kind, locked, CAST(seized AS DATE) AS seized, CAST(examined AS DATE) AS examined, apps, station, person, CAST(pages AS BIGINT) AS pages, result,
  CASE result WHEN NULL THEN 'x' ELSE 'exact' END AS result__unused,
  CASE WHEN result IS NOT NULL THEN 'exact' WHEN kind = 'tablet' THEN 'not-attempted' ELSE 'not-recorded' END AS result__state, COALESCE(result, '') AS result__text
FROM (VALUES
  ('021', 'phone',  TRUE,  '2023-02-01', '2023-02-01', 'mail;chat', 'North St.',  'p1', 5,    'full'),
  ('021', 'phone',  FALSE, '2023-07-15', '2023-08-15', 'mail; mail', 'NORTH ST',  'p1', 40,   'partial'),
  ('022', 'phone',  TRUE,  '2023-08-15', '2023-07-01', NULL,        'South',      'p2', NULL, NULL),
  ('011', 'tablet', TRUE,  '2023-12-31', NULL,         'chat',      'South',      'p2', 200,  NULL),
  ('02',  'tablet', NULL,  '2023-12-31', '2024-06-30', 'chat',      NULL,         'p3', 7,    'failed'),
  ('16',  NULL,     FALSE, '2023-02-02', '2023-02-03', '',          'south',      NULL, 1,    'full')
) AS t(offence, kind, locked, seized, examined, apps, station, person, pages, result)`;

beforeAll(async () => {
  bench = await openWorkbench();
  collection = await bench.collection(FILES);
  north = await bench.seal(RECORDS);
  south = await bench.seal(`${RECORDS} WHERE offence = '021'`, { agency: 'south', round: '2024' });
});
afterAll(() => bench.close());

const shown = async (id: string, submissions: readonly SealedSource[] = [north]): Promise<string[]> => lines(await make(bench, collection, id, submissions));
const labels = (made: ConfidentialTable, i = 0): string[] => made.meta.dimensions[i]?.codes.map((c) => c.label) ?? [];

describe('dimensions', () => {
  test('codes stand in list order, codes without a record as zero, missing values as a code of their own', async () => {
    expect(await shown('by-offence')).toEqual([
      '02|false = 0', '02|true = 0', '02| = 1', '02|* = 1',
      '021|false = 1', '021|true = 1', '021| = 0', '021|* = 2',
      '022|false = 0', '022|true = 1', '022| = 0', '022|* = 1',
      '01|false = 0', '01|true = 0', '01| = 0', '01|* = 0',
      '011|false = 0', '011|true = 1', '011| = 0', '011|* = 1',
      '16|false = 1', '16|true = 0', '16| = 0', '16|* = 1',
      '|false = 0', '|true = 0', '| = 0', '|* = 0',
      '*|false = 2', '*|true = 3', '*| = 1', '*|* = 6',
    ].map(flip));
    expect(labels(await make(bench, collection, 'by-offence', [north]), 1)).toEqual(['Yes', 'No', 'Not recorded']);
  });

  test('a level rolls codes up to it', async () => {
    expect(await shown('by-division')).toEqual(['02 = 4', '01 = 1', '16 = 1', ' = 0', '* = 6']);
  });

  test('a code above the level stands for itself and says that it is not further defined', async () => {
    const made = await make(bench, collection, 'by-group', [north]);
    expect(lines(made)).toEqual(['021 = 2', '022 = 1', '011 = 1', '16 = 1', '01 = 0', '02 = 1', ' = 0', '* = 6']);
    expect(labels(made)).toEqual(['Serious assault', 'Common assault', 'Murder', 'Other', 'Homicide, not further defined', 'Assault, not further defined', 'Not recorded']);
  });

  test('codes keep only what they name, in their order, and the margin is theirs', async () => {
    expect(await shown('by-kind')).toEqual(['tablet = 2', 'phone = 3', '* = 5']);
  });

  test('quarters between the first and the last stand as zero where every record was returned', async () => {
    const made = await make(bench, collection, 'by-quarter', [north]);
    expect(lines(made)).toEqual(['2023-Q1 = 2', '2023-Q2 = 0', '2023-Q3 = 2', '2023-Q4 = 2', ' = 0', '* = 6']);
    expect(labels(made)).toEqual(['January to March 2023', 'April to June 2023', 'July to September 2023', 'October to December 2023', 'Not recorded']);
    expect(made.meta.dimensions[0]?.kind).toBe('time');
  });

  test('a year to June carries the year of its end', async () => {
    expect(await shown('by-june')).toEqual(['2023 = 2', '2024 = 4', ' = 0', '* = 6']);
  });

  test('days between dates fall into bands; an end before the start and a missing date stay apart', async () => {
    expect(await shown('by-wait')).toEqual(['less than 0 = 1', '0 to 30 = 2', '31 to 90 = 1', '91 and more = 1', 'not known = 1', '* = 6']);
  });

  test('numbers fall into bands', async () => {
    expect(await shown('by-length')).toEqual(['less than 1 = 0', '1 to 9 = 3', '10 to 99 = 1', '100 and more = 1', 'not known = 1', '* = 6']);
  });

  test('the first case that holds gives the value', async () => {
    expect(await shown('by-opened')).toEqual(['opened = 3', 'no result = 2', 'failed = 1', '* = 6']);
  });

  test('a lookup takes the attribute that was valid on the date', async () => {
    expect(await shown('by-encrypted')).toEqual(['no = 3', 'yes = 2', 'unknown = 1', '* = 6']);
  });

  test('folding joins spellings that differ in case and punctuation', async () => {
    expect(await shown('by-place')).toEqual(['north st = 2', 'south = 3', ' = 1', '* = 6']);
  });

  test('a record counts once under each of its values and once in the margin', async () => {
    const made = await make(bench, collection, 'by-app', [north]);
    expect(lines(made).filter((l) => l.includes('|*'))).toEqual(['chat|* = 3', 'mail|* = 2', '|* = 2', '*|* = 6']);
    expect(lines(made)).toContain('mail|false = 1');
    expect(made.meta.dimensions[0]?.notAdditive).toMatch(/more than the total/);
  });

  test('the margin over chosen values counts the records that have one of them', async () => {
    expect(await shown('by-some-apps')).toEqual(['mail = 2', '* = 2']);
  });

  test('different states of a missing value are different codes', async () => {
    const made = await make(bench, collection, 'by-result', [north]);
    expect(lines(made)).toEqual(['failed = 1', 'full = 2', 'partial = 1', '(not-attempted) = 1', ' = 1', '* = 6']);
    expect(labels(made).slice(3)).toEqual(['Not attempted', 'Not recorded']);
  });

  test('an agency that did not submit a round has no number there, not zero', async () => {
    const made = await make(bench, collection, 'by-agency', [north, south]);
    expect(lines(made)).toEqual(['north|2023 = 6', 'north|2024 = null', 'south|2023 = null', 'south|2024 = 2', '*|2023 = 6', '*|2024 = 2']);
    expect(made.meta.findings.map((f) => f.code)).toContain('SUBMISSIONS_MISSING');
    expect(labels(made)).toEqual(['Northern Police', 'Southern Police']);
  });
});

describe('measures', () => {
  test('a sum that met a blank is "at least", with the blank counted', async () => {
    expect(await shown('pages')).toEqual(['phone = 45..null blank:1', 'tablet = 207', 'drone = 0', ' = 1', '* = 253..null blank:1']);
  });

  test('distinct values are counted anew for each margin, missing ones not at all', async () => {
    const made = await make(bench, collection, 'people', [north]);
    expect(lines(made)).toEqual(['phone = 2', 'tablet = 2', 'drone = 0', ' = 0', '* = 3']);
    expect(made.cells.map((c) => c.records)).toEqual([3, 2, 0, 1, 6]);
  });

  test('where keeps only what it names, derived fields included, and the basis says so', async () => {
    const made = await make(bench, collection, 'opened-phones', [north]);
    expect(lines(made)).toEqual(['true = 1', 'false = 1', ' = 0', '* = 2']);
    expect(made.meta.basis.notes[0]).toBe('Counts only records with: Opened is "opened"; Kind is "phone".');
  });

  test('a sum over no record is no number in published figures and zero in a return', async () => {
    const open = await bench.collection({ ...FILES, 'instruments/devices.yaml': DEVICES.replace('{ level: confidential, reason: case records }', PUBLIC) });
    const oneLevel = await bench.seal(`${RECORDS} WHERE offence <> '02'`);
    expect(lines(await make(bench, open, 'pages', [oneLevel]))).toContain('drone = null');
    await expect(make(bench, open, 'pages', [north])).rejects.toMatchObject({ code: 'LEVELS_MIXED' });
  });
});

describe('editions and provenance', () => {
  test('the latest edition of each agency and round counts, and the earlier is told', async () => {
    const corrected = await bench.seal(`${RECORDS} WHERE kind = 'phone'`, { edition: 2 });
    const made = await make(bench, collection, 'by-division', [corrected, north]);
    expect(lines(made)).toEqual(['02 = 3', '01 = 0', '16 = 0', ' = 0', '* = 3']);
    expect(made.meta.findings.map((f) => f.code)).toContain('EARLIER_EDITIONS');
    expect(made.meta.provenance.submissions.map((s) => s.edition)).toEqual([2]);
  });

  test('the basis is whole and the code lists behind the table are named', async () => {
    const { meta } = await make(bench, collection, 'by-division', [north, south]);
    expect(meta.basis).toMatchObject({ unit: 'things', coverage: 'Everything', period: { from: '2023-01-01', to: '2024-12-31' }, edition: 'first' });
    expect(meta.provenance.codelists.map((c) => c.id)).toEqual(['offences']);
    expect(meta.synthetic).toBe(true);
    expect((await make(bench, collection, 'by-encrypted', [north])).meta.provenance.codelists.map((c) => c.id)).toEqual(['kinds']);
  });

  test('all tables of a collection come in order of id and equal the tables made one by one', async () => {
    const all = await tabulateAll({ collection, submissions: [north, south], engine: bench.engine });
    expect(all.map((t) => t.meta.id)).toEqual([...collection.tables.keys()].sort());
    for (const made of all) expect(made).toEqual(await make(bench, collection, made.meta.id, [south, north]));
  });
});

/** Booleans stand yes before no. */
function flip(line: string, i: number, all: string[]): string {
  return i % 4 === 0 ? (all[i + 1] ?? '') : i % 4 === 1 ? (all[i - 1] ?? '') : line;
}
