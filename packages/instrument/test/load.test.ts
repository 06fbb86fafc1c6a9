import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { loadCollection, loadInstrument, loadNeighbours, loadRound } from '@weighbridge/instrument';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AREAS, COLLECTION, INSTRUMENT, OFFENCES, TABLE, makeCollection } from './make-collection.ts';

async function issuesOf(files: Readonly<Record<string, string>>): Promise<readonly Issue[]> {
  const folder = await makeCollection(files);
  return loadCollection(folder).then(() => [], (error: unknown) => {
    if (error instanceof Refusal) return error.issues;
    throw error;
  });
}

test('a collection without mistakes loads, with its files sorted and hashed', async () => {
  const collection = await loadCollection(await makeCollection());
  expect(collection.files.map((f) => f.path)).toEqual(['codelists/areas.yaml', 'codelists/offences.yaml', 'collection.yaml', 'instruments/cases.yaml', 'tables/by-offence.yaml']);
  expect(collection.codelists.get('offences')?.entries.map((e) => [e.code, e.level])).toEqual([['01', 'division'], ['011', 'group'], ['012', 'group'], ['02', 'division']]);
});

test('an instrument loads alone, with the code lists beside it', async () => {
  const folder = await makeCollection();
  const instrument = await loadInstrument(join(folder, 'instruments', 'cases.yaml'));
  expect([...instrument.codelists.keys()].toSorted()).toEqual(['areas', 'offences']);
});

describe('a mistake points to file, line and key', () => {
  const at = (text: string, needle: string): number => text.split('\n').findIndex((l) => l.includes(needle)) + 1;

  test('a misspelt key', async () => {
    const text = INSTRUMENT.replace('coverage:', 'coverages:');
    const issues = await issuesOf({ 'instruments/cases.yaml': text });
    expect(issues).toContainEqual(expect.objectContaining({ code: 'DEFINITION', place: { file: 'instruments/cases.yaml', line: at(text, 'coverages:'), key: 'coverages' } }));
  });

  test('a code that YAML reads as a number', async () => {
    const text = OFFENCES.replace('code: "02"', 'code: 02');
    const [issue] = await issuesOf({ 'codelists/offences.yaml': text });
    expect(issue).toMatchObject({ code: 'DEFINITION', place: { file: 'codelists/offences.yaml', line: at(text, 'code: 02'), key: 'codes[3].code' } });
    expect(issue?.repair).toContain('in quotes');
  });

  test('broken YAML', async () => {
    const [issue] = await issuesOf({ 'tables/by-offence.yaml': 'id: by-offence\ntitle: "a\\q"\n' });
    expect(issue).toMatchObject({ code: 'YAML_SYNTAX', place: { file: 'tables/by-offence.yaml', line: 2 } });
  });

  test('a table over a field that does not exist', async () => {
    const text = TABLE.replace('field: offence', 'field: offense');
    expect(await issuesOf({ 'tables/by-offence.yaml': text })).toContainEqual(expect.objectContaining({
      code: 'REFERENCE', place: { file: 'tables/by-offence.yaml', line: at(text, 'offense'), key: 'by[0].field' },
    }));
  });

  test('a parent that is not in the code list', async () => {
    const [issue] = await issuesOf({ 'codelists/offences.yaml': OFFENCES.replace('A two, parent: "01"', 'A two, parent: "09"') });
    expect(issue).toMatchObject({ code: 'CODELIST_PARENT' });
  });

  test('every mistake of every file at once', async () => {
    const issues = await issuesOf({ 'instruments/cases.yaml': `${INSTRUMENT}colour: red\n`, 'collection.yaml': COLLECTION });
    expect(issues.length).toBe(1);
    const two = await issuesOf({ 'tables/by-offence.yaml': `${TABLE}colour: red\nshape: round\n` });
    expect(two.map((i) => i.place.key)).toEqual(['colour', 'shape']);
  });

  test('a folder that is no collection', async () => {
    await expect(loadCollection('/nowhere')).rejects.toMatchObject({ code: 'COLLECTION_MISSING' });
  });
});

describe('the laws of adding refuse', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['mixed levels that a table collapses', 'LEVELS_MIXED', TABLE.replace('  - { field: offence, level: division }\n', '')],
    ['mixed levels side by side', 'LEVELS_MIXED', TABLE.replace(', level: division', '')],
    ['a margin over several levels shown', 'LEVELS_MIXED', TABLE.replace('level: division', 'levels: [division, group], total: Total')],
    ['an overlapping aggregate among what is added', 'OVERLAPPING_AGGREGATE', TABLE.replace('where: { area: { notIn: [LL] } }\n', '')],
    ['a measure added over what it does not add over', 'MEASURE_DOES_NOT_ADD', TABLE.replace(', total: false', ', total: All')],
    ['a measure collapsed over what it does not add over', 'MEASURE_DOES_NOT_ADD', TABLE.replace('  - { field: recipient, total: false }\n', '')],
    ['a stock added over time', 'STOCK_OVER_TIME', TABLE.replace('measure: cases', 'measure: held').replace('field: recipient, total: false', 'field: year, time: true, total: All')],
    ['a table over an identifier', 'FIELD_NOT_RELEASABLE', TABLE.replace('field: recipient', 'field: person')],
  ];
  test.each(cases)('%s', async (_title, code, table) => {
    const issues = await issuesOf({ 'tables/by-offence.yaml': table });
    expect(issues.map((i) => i.code)).toContain(code);
    expect(issues[0]?.place.file).toBe('tables/by-offence.yaml');
  });

  test('nothing when one code is fixed, or the overlapping pair is not both present', async () => {
    expect(await issuesOf({ 'tables/by-offence.yaml': TABLE.replace('{ notIn: [LL] }', '[BB, LL]') })).toEqual([]);
    expect(await issuesOf({ 'tables/by-offence.yaml': TABLE.replace('  - { field: recipient, total: false }\n', '').replace('where: {', 'where: { recipient: police,') })).toEqual([]);
  });

  test('the refusal names the levels', async () => {
    const [issue] = await issuesOf({ 'tables/by-offence.yaml': TABLE.replace('  - { field: offence, level: division }\n', '') });
    expect(issue?.message).toContain('division, group');
  });
});

describe('a table of confidential records is refused over', () => {
  const MORE = `  - { name: born, title: Born, type: date, sensitivity: identifier }
  - { name: told, title: What was told, type: string, sensitivity: free-text }
  - { name: town, title: Town, type: string }
  - { name: towns, title: Towns, type: string, codelist: areas, open: true }
  - { name: day, title: Day, type: date }
derived:
  - { name: born_year, title: Year of birth, part: { of: born, grain: year } }
  - { name: born_days, title: Age in days, daysBetween: { from: born, to: day, bands: [0, 9] } }
  - { name: looked, title: Looked up, lookup: { codelist: areas, key: person, attribute: kind } }
  - { name: bounds, title: Bounds, bands: { of: n, bounds: [1] } }
  - { name: google, title: Google, cases: { of: [{ when: { told: { contains: google } }, value: named }], otherwise: other } }
  - { name: again, title: Again, cases: { of: [{ when: { google: named }, value: named }], otherwise: other } }
  - { name: anywhere, title: Anywhere, cases: { of: [{ when: { anyField: { contains: google } }, value: named }], otherwise: other } }
  - { name: folded, title: Folded, fold: { of: town, how: trim } }
  - { name: days, title: Days, daysBetween: { from: day, to: day, bands: [0, 9] } }
`;
  const CASES = INSTRUMENT.replace('derived:\n', MORE);
  const AREA = AREAS.replace('codes:\n  - { code: AA, label: Aa }', 'attributes: [kind]\nfile: { path: areas.csv }\n').replace(/ {2}- .*\n/g, '');
  const files = (table: string, instrument = CASES): Record<string, string> => ({
    'instruments/cases.yaml': instrument, 'tables/by-offence.yaml': table, 'codelists/areas.yaml': AREA, 'codelists/areas.csv': 'code,label,kind\nAA,Aa,x\nLL,League,y\n',
  });
  const by = (field: string): string => TABLE.replace('field: recipient', `field: ${field}`).replace('measure: cases', 'measure: held');
  const where = (test: string): string => TABLE.replace('where: { ', `where: { ${test}, `);

  test.each(['person', 'told', 'born', 'born_year', 'born_days', 'looked', 'google', 'again', 'anywhere', 'town', 'towns', 'n', 'day', 'folded'])('the dimension %s', async (field) => {
    const text = by(field);
    const line = text.split('\n').findIndex((l) => l.includes(`field: ${field}`)) + 1;
    expect(await issuesOf(files(text))).toEqual([expect.objectContaining({ code: 'FIELD_NOT_RELEASABLE', place: { file: 'tables/by-offence.yaml', line, key: 'by[1].field', object: 'by-offence' } })]);
  });

  test.each(['person: c1', 'told: { contains: google }', 'born: { min: 2000-01-01 }', 'day: { notBefore: born }', 'again: named', 'anyField: { contains: google }'])('records chosen by %s', async (test) => {
    const issues = await issuesOf(files(where(test)));
    expect(issues.map((i) => [i.code, i.place.file, i.place.key])).toEqual([['FIELD_NOT_RELEASABLE', 'tables/by-offence.yaml', `where.${test.split(':')[0]}`]]);
  });

  test.each(['month', 'year', 'bounds', 'days', 'area'])('but not over %s, whose codes come from definitions', async (field) => {
    expect(await issuesOf(files(by(field)))).toEqual([]);
  });

  test('public records may be chosen by free text, which is no dimension even so', async () => {
    const open = CASES.replace('level: confidential', 'level: public');
    expect(await issuesOf(files(where('anyField: { contains: google }, told: { contains: google }'), open))).toEqual([]);
    expect(await issuesOf(files(by('town'), open))).toEqual([]);
    expect((await issuesOf(files(by('again'), open))).map((i) => i.code)).toEqual(['FIELD_NOT_RELEASABLE']);
  });
});

describe('beside an instrument stand', () => {
  test('the rounds of its collection, by name', async () => {
    const file = join(await makeCollection(), 'instruments', 'cases.yaml');
    expect(await loadRound(file, 'r1')).toMatchObject({ id: 'r1', from: '2020-07-01', to: '2021-06-30' });
    await expect(loadRound(file, 'r9')).rejects.toMatchObject({ code: 'ROUND_UNKNOWN', issues: [{ place: { file: 'collection.yaml', key: 'rounds' }, repair: 'use one of r1' }] });
    await expect(loadRound('/nowhere/instruments/cases.yaml', 'r1')).rejects.toMatchObject({ code: 'COLLECTION_MISSING' });
  });

  test('the other instruments, but for those that cannot be read', async () => {
    const folder = await makeCollection({ 'instruments/other.yaml': INSTRUMENT.replace('id: cases', 'id: other'), 'instruments/broken.yaml': 'id: [',
      'instruments/pattern.yaml': `${INSTRUMENT.replace('id: cases', 'id: pattern')}format: { unpivot: { columns: "(", name: recipient, value: n } }\n`, 'instruments/note.txt': 'x' });
    expect((await loadNeighbours(join(folder, 'instruments', 'cases.yaml'))).map((i) => i.id)).toEqual(['other']);
    expect(await loadNeighbours('/nowhere/instruments/cases.yaml')).toEqual([]);
  });
});
