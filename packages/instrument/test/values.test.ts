import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { openEngine, sqlText } from '@weighbridge/engine';
import { loadCollection, loadInstrument } from '@weighbridge/instrument';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCalendarDate } from '../src/calendar-date.ts';
import { patternProblem } from '../src/check-pattern.ts';
import { AREAS, COLLECTION, INSTRUMENT, TABLE, makeCollection, temporaryFolder } from './make-collection.ts';

const FIELDS = `  - { name: day, title: Day, type: date }
  - { name: closed_on, title: Closed on, type: date }
  - { name: share, title: Share, type: percent }
  - { name: urgent, title: Urgent, type: boolean }
  - { name: route, title: Route, type: string, constraints: { enum: [post, web] }, marks: { "-": not-published } }
  - { name: areas_told, title: Areas told, type: string, codelist: areas, split: ";" }
  - { name: guessed, title: Guessed area, type: string, codelist: areas, open: true }
  - { name: since, title: Since, type: year }
derived:
  - { name: band, title: Band, bands: { of: n, bounds: [0, 10, 11] } }
  - { name: wait, title: Wait, daysBetween: { from: day, to: closed_on, bands: [0, 31] } }
  - { name: size, title: Size, cases: { of: [{ when: { n: { min: 10 } }, value: large }], otherwise: small } }
`;
const FULL = INSTRUMENT.replace('derived:\n', FIELDS);
const WHERE = '{ area: { notIn: [LL] } }';

/** Laws are looked at after values: other tests' concern. */
const LAWS = new Set(['LEVELS_MIXED', 'OVERLAPPING_AGGREGATE', 'MEASURE_DOES_NOT_ADD', 'STOCK_OVER_TIME', 'FIELD_NOT_RELEASABLE']);

async function issuesOf(files: Readonly<Record<string, string>>): Promise<readonly Issue[]> {
  const folder = await makeCollection({ 'instruments/cases.yaml': FULL, ...files });
  return loadCollection(folder).then(() => [], (error: unknown) => {
    if (error instanceof Refusal) return error.issues.filter((i) => !LAWS.has(i.code));
    throw error;
  });
}

const withField = (field: string): string => FULL.replace('derived:\n', `  - { name: extra, title: Extra, ${field} }\nderived:\n`);
const withDerived = (derived: string): string => FULL.replace('measures:\n', `  - { title: Extra, ${derived} }\nmeasures:\n`);
const withRule = (when: string, then = '{ n: { blank: false } }'): string => `${FULL}rules:\n  - { id: trial, message: No, repair: Mend, when: ${when}, then: ${then} }\n`;
const withWhere = (where: string): string => TABLE.replace(WHERE, where.replace('{', '{ area: { notIn: [LL] },'));

/** One mistake in a text, at the line of `needle` (the last line that has it) and at the key. */
async function expectOne(file: string, text: string, needle: string, key: string, code = 'VALUE'): Promise<void> {
  const line = text.split('\n').findLastIndex((l) => l.includes(needle)) + 1;
  const issues = (await issuesOf({ [file]: text })).map((i) => ({ code: i.code, place: i.place }));
  expect(issues).toEqual([{ code, place: expect.objectContaining({ file, line, key }) as unknown }]);
}
const INSTRUMENT_FILE = 'instruments/cases.yaml';
const TABLE_FILE = 'tables/by-offence.yaml';

describe('a pattern is refused unless JavaScript and RE2 both have it:', () => {
  test.each([
    '(?=a)a', '(?!a)b', '(?<=a)b', '(?<!a)b', '(a)\\1', '\\u{61}', '\\u0061', '(?<a>x)', '(?<a>x)\\k<a>', 'a{1001}', 'a{2,1001}',
    '(a{500}){3}', '((a{11}){10,}b){10}', '[a', '[^]', '[]', '[\\b]', '[[:foo:]', '\\cA', '\\0', '\\p{Script=Greek}', '\\p{Letter}', '(\\p{L}{50}){20}', '(.{1000}){1}(.{1000}).{1000}',
  ])('%s', async (pattern) => {
    expect(patternProblem(pattern)).not.toBeNull();
    await expectOne(INSTRUMENT_FILE, withField(`type: string, constraints: { pattern: '${pattern}' }`), 'extra', 'fields[14].constraints.pattern');
  });

  test('every pattern accepted is one that the engine accepts and matches as JavaScript does', async () => {
    const engine = await openEngine({ scratch: await temporaryFolder(), allow: [] });
    const atom = fc.constantFrom('a', 'b', '.', '\\d', '\\D', '[a-c]', '[^a]', '[\\w-]', '[[:]', '\\.', '\\x61', 'é', '\\p{Lu}', '\\P{N}', '(?:', '(', ')', '|', '^', '$', '\\b', '(?i:', '(?=', '\\1', '\\u{61}', '[', ']', '[\\b]');
    const quantifier = fc.constantFrom('', '', '', '*', '+?', '{2}', '{0,3}', '{33}', '{1000}', '{2,}');
    const pattern = fc.array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 8 }).map((parts) => parts.map((p) => p.join('')).join(''));
    let accepted = 0;
    try {
      await fc.assert(fc.asyncProperty(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '.', 'é'), maxLength: 6 }), async (p, text) => {
        fc.pre(patternProblem(p) === null);
        accepted += 1;
        const [row] = await engine.rows(`SELECT regexp_full_match(${sqlText(text)}, ${sqlText(p)}) AS m`, 'matching');
        if (!p.includes('\\b')) expect(row?.['m']).toBe(new RegExp(`^(?:${p})$`, 'u').test(text));
      }), { seed: 20231106, numRuns: 400, maxSkipsPerRun: 1000 });
    } finally {
      engine.close();
    }
    expect(accepted).toBeGreaterThan(100);
  });

  test.each(['^\\d{4}-H[12]$', "^[A-Za-z0-9-]{4,40}$", '^\\d{4}(-\\d{2}(-\\d{2})?)?$', '(a{10}){100}', '\\p{Lu}{2}', '.{1000}'])('%s is accepted', (pattern) => {
    expect(patternProblem(pattern)).toBeNull();
  });
});

describe('a limit fits its field:', () => {
  test.each([
    ['integer', 'minimum', '"5"'], ['number', 'maximum', 'five'], ['year', 'minimum', '2020-01-01'], ['date', 'minimum', '2024-02-30'], ['date', 'maximum', '20240101'],
    ['date', 'minimum', '5'], ['yearmonth', 'maximum', '2024-13'], ['yearmonth', 'maximum', '2024-01-01'], ['string', 'minimum', 'a'], ['boolean', 'maximum', '"true"'],
  ])('%s, %s: %s is refused', async (type, key, value) => {
    await expectOne(INSTRUMENT_FILE, withField(`type: ${type}, constraints: { ${key}: ${value} }`), 'extra', `fields[14].constraints.${key}`);
  });
  test.each([['minimum: 5, maximum: 4', 'integer', 'maximum'], ['minLength: 5, maxLength: 4', 'string', 'maxLength']])('%s is refused', async (limits, type, key) => {
    await expectOne(INSTRUMENT_FILE, withField(`type: ${type}, constraints: { ${limits} }`), 'extra', `fields[14].constraints.${key}`);
  });
  test.each([['date', '2024-02-29'], ['yearmonth', '2024-02'], ['percent', '0.5'], ['year', '1900']])('%s: %s is accepted', async (type, value) => {
    expect(await issuesOf({ [INSTRUMENT_FILE]: withField(`type: ${type}, constraints: { minimum: ${value} }`) })).toEqual([]);
  });
});

describe('a condition that a record cannot meet, or that the engine cannot compute, is refused:', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['{ recipient: { min: 5 } }', 'recipient.min'], ['{ day: { min: 2024-02-30 } }', 'day.min'], ['{ day: { max: 5 } }', 'day.max'], ['{ n: { min: "5" } }', 'n.min'],
    ['{ urgent: { min: "true" } }', 'urgent.min'], ['{ band: { min: "0" } }', 'band.min'], ['{ day: { notBefore: n } }', 'day.notBefore'], ['{ n: { notAfter: recipient } }', 'n.notAfter'],
    ['{ urgent: { notAfter: urgent } }', 'urgent.notAfter'], ['{ offence: zzz }', 'offence'], ['{ offence: ["01", zzz] }', 'offence[1]'], ['{ offence: { notIn: [zzz] } }', 'offence.notIn[0]'],
    ['{ offence: { under: ["01", "09"] } }', 'offence.under[1]'], ['{ offence: { level: class } }', 'offence.level'], ['{ recipient: { level: division } }', 'recipient.level'],
    ['{ recipient: { under: [x] } }', 'recipient.under'], ['{ guessed: { level: division } }', 'guessed.level'], ['{ areas_told: ZZ }', 'areas_told'], ['{ route: fax }', 'route'],
    ['{ urgent: "yes" }', 'urgent'], ['{ n: many }', 'n'], ['{ n: "05" }', 'n'], ['{ since: "2020.5" }', 'since'], ['{ day: 2024-02-30 }', 'day'], ['{ month: 2024-1 }', 'month'],
    ['{ agency: south }', 'agency'], ['{ round: r9 }', 'round'], ['{ band: 0 to 10 }', 'band'], ['{ wait: 31 to 60 }', 'wait'], ['{ size: middling }', 'size'],
    ['{ share: "0.12345" }', 'share'], ['{ share: "123456" }', 'share'], ['{ year: "20" }', 'year'],
    ['{ anyField: google }', 'anyField'], ['{ anyField: { contains: a, blank: true } }', 'anyField'], ['{ anyField: { min: 5 } }', 'anyField'],
  ];
  test.each(refused)('where: %s', async (where, key) => {
    await expectOne(TABLE_FILE, withWhere(where), 'where:', `where.${key}`);
  });
  const ownFields = refused.filter(([when]) => !/agency|round|band|wait|size|year/.test(when));
  test.each(ownFields.slice(0, 8))('a rule on %s', async (when, key) => {
    await expectOne(INSTRUMENT_FILE, withRule(when), 'trial', `rules[0].when.${key}`);
    await expectOne(INSTRUMENT_FILE, withRule('{}', when), 'trial', `rules[0].then.${key}`);
    await expectOne(INSTRUMENT_FILE, withDerived(`name: extra, cases: { of: [{ when: ${when}, value: a }], otherwise: b }`), 'Extra', `derived[4].cases.of[0].when.${key}`);
  });
  test.each([
    '{ person: anyone, guessed: ZZ, areas_told: AA }', '{ offence: { level: division, under: ["01"], notIn: ["02"] } }', '{ route: [post], urgent: "false" }',
    '{ n: ["5", "-1", "0"], share: "0.5", since: "2020", month: 2024-01, day: 2024-02-29 }', '{ n: { min: 0, max: 5.5 }, day: { min: 2020-01-01, notAfter: closed_on } }',
    '{ agency: north, round: r1 }', '{ band: 0 to 9, wait: not known, size: small, year: "2020" }', '{ band: ["10", 11 and more, less than 0] }', '{ year: { min: "2020" } }', '{ anyField: { contains: google } }',
  ])('but not where: %s', async (where) => {
    expect(await issuesOf({ [TABLE_FILE]: withWhere(where) })).toEqual([]);
  });

  test('an instrument loaded alone knows no agencies, and refuses none', async () => {
    const folder = await makeCollection({ [INSTRUMENT_FILE]: withRule('{ offence: "01" }').replace('{ when: { n: { min: 10 } }, value: large }', '{ when: { agency: south }, value: large }') });
    await expect(loadInstrument(join(folder, 'instruments', 'cases.yaml'))).resolves.toBeDefined();
    await expect(loadCollection(folder)).rejects.toMatchObject({ code: 'VALUE' });
  });
});

describe('a code that a table shows exists:', () => {
  const shown = (field: string, codes: string): string => TABLE.replace('field: recipient, total: false', `field: ${field}, total: false, codes: [${codes}]`).replace('measure: cases', 'measure: held');
  test.each([['area', 'AA, zz'], ['route', 'post, zz'], ['urgent', '"true", "no"'], ['agency', 'north, zz'], ['round', 'r1, zz'], ['n', '"1", zz'], ['size', 'small, zz'], ['wait', '31 and more, zz'], ['areas_told', 'AA, zz']])('%s: %s is refused', async (field, codes) => {
    await expectOne(TABLE_FILE, shown(field, codes), `field: ${field},`, 'by[1].codes[1]');
  });
  test.each([['area', 'AA, ""'], ['route', 'post, (not-published)'], ['guessed', 'AA, zz'], ['person', 'anyone'], ['year', '"2020"']])('%s: %s is accepted', async (field, codes) => {
    expect(await issuesOf({ [TABLE_FILE]: shown(field, codes) })).toEqual([]);
  });
});

describe('dates of definitions are days that exist:', () => {
  test('in rounds, repairs and inputs', async () => {
    await expectOne('collection.yaml', COLLECTION.replace('2020-07-01', '2020-02-30'), 'rounds', 'rounds[0].from', 'DEFINITION');
    await expectOne('collection.yaml', `${COLLECTION}inputs:\n  - { file: a.csv, instrument: cases, agency: north, round: r1, published: 2023-02-29 }\n`, 'a.csv', 'inputs[0].published', 'DEFINITION');
    await expectOne(INSTRUMENT_FILE, withField('type: string, repairs: [{ from: a, to: b, why: c, approvedBy: d, on: 2020-13-01 }]'), 'extra', 'fields[14].repairs[0].on', 'DEFINITION');
  });
  test('in code lists, in order', async () => {
    const dated = (dates: string): string => AREAS.replace('label: Bb', `label: Bb, ${dates}`);
    await expectOne('codelists/areas.yaml', dated('validFrom: 2021-02-29'), 'Bb', 'codes[1].validFrom', 'DEFINITION');
    await expectOne('codelists/areas.yaml', dated('validFrom: 2021-02-02, validTo: 2021-02-01'), 'Bb', 'codes[1].validTo', 'DEFINITION');
    expect(await issuesOf({ 'codelists/areas.yaml': dated('validFrom: 2021-02-01, validTo: 2021-02-01') })).toEqual([]);
  });
  test.each(['2021-02-29,', '2021-02-02,2021-02-01'])('in code lists in CSV: %s is refused', async (dates) => {
    const csv = `code,label,valid_from,valid_to\nAA,Aa,,\nBB,Bb,${dates}\nLL,League,,\n`;
    const [issue] = await issuesOf({ 'codelists/areas.yaml': `${AREAS.split('codes:')[0] ?? ''}file: { path: areas.csv }\n`, 'codelists/areas.csv': csv });
    expect(issue).toMatchObject({ code: 'CODELIST_DATE', place: { file: 'areas.csv', line: 3 } });
  });
  test('in leap years as the calendar has them', () => {
    expect(['2000-02-29', '1900-02-29', '2023-02-29', '2024-02-29', '2024-04-31', '0000-01-01', '2024-00-10'].map(isCalendarDate)).toEqual([true, false, false, true, false, false, false]);
  });
  test('a code is valid at a date, not at a number', async () => {
    await expectOne(INSTRUMENT_FILE, withField('type: string, codelist: areas, validAt: n'), 'extra', 'fields[14].validAt');
  });
});

describe('the form of the file is refused', () => {
  const withFormat = (format: string): string => `${FULL}format: ${format}\n`;
  test.each(['"\\""', '"\\n"', '"\\r"', 'a', '"7"', '§', "\"'\"", '";;"'])('with the delimiter %s', async (delimiter) => {
    const issues = await issuesOf({ [INSTRUMENT_FILE]: withFormat(`{ delimiter: ${delimiter} }`) });
    expect(issues[0]).toMatchObject({ code: 'DEFINITION', place: { file: INSTRUMENT_FILE, key: 'format.delimiter' } });
  });
  test.each(['";"', '"\\t"', '"|"', '","'])('not with the delimiter %s', async (delimiter) => {
    expect(await issuesOf({ [INSTRUMENT_FILE]: withFormat(`{ delimiter: ${delimiter} }`) })).toEqual([]);
  });
  test('with unpivoted columns that are no expression, or go to no field', async () => {
    await expectOne(INSTRUMENT_FILE, withFormat('{ unpivot: { columns: "(", name: recipient, value: n } }'), 'format:', 'format.unpivot.columns');
    await expectOne(INSTRUMENT_FILE, withFormat('{ unpivot: { columns: "^a", name: recipient, value: nn } }'), 'format:', 'format.unpivot.value', 'REFERENCE');
  });
  test('with a thousands separator that is a digit, or the decimal point', async () => {
    await expectOne(INSTRUMENT_FILE, withField('type: integer, thousands: "5"'), 'extra', 'fields[14].thousands', 'DEFINITION');
    await expectOne(INSTRUMENT_FILE, withField('type: number, thousands: "."'), 'extra', 'fields[14].thousands');
    expect(await issuesOf({ [INSTRUMENT_FILE]: withField('type: integer, thousands: "."') })).toEqual([]);
  });
  test.each(['file_row_number', 'n__t', 'n__lo', 'n__hi', 'n__state', 'n__text', 'n__original'])('with a field or derived field named %s', async (name) => {
    await expectOne(INSTRUMENT_FILE, withField('type: string').replace('name: extra', `name: ${name}`), 'Extra', 'fields[14].name');
    await expectOne(INSTRUMENT_FILE, withDerived(`name: ${name}, part: { of: month, grain: year }`), 'Extra', 'derived[4].name');
  });
  test('with a derived field named as what the submission says', async () => {
    await expectOne(INSTRUMENT_FILE, withDerived('name: agency, part: { of: month, grain: year }'), 'Extra', 'derived[4].name', 'REFERENCE');
  });
});

describe('a derived field is refused', () => {
  test.each([
    ['bands that do not rise', 'name: extra, bands: { of: n, bounds: [5, 1] }', 'bands.bounds'],
    ['a bound that stands twice', 'name: extra, bands: { of: n, bounds: [1, 1] }', 'bands.bounds'],
    ['bands of days that do not rise', 'name: extra, daysBetween: { from: day, to: closed_on, bands: [31, 0] }', 'daysBetween.bands'],
    ['bands over a text', 'name: extra, bands: { of: recipient, bounds: [1] }', 'bands.of'],
    ['bands over a derived field', 'name: extra, bands: { of: year, bounds: [1] }', 'bands.of'],
    ['days from a month', 'name: extra, daysBetween: { from: month, to: closed_on, bands: [0] }', 'daysBetween.from'],
    ['days to a derived field', 'name: extra, daysBetween: { from: day, to: year, bands: [0] }', 'daysBetween.to'],
    ['a fold of a day', 'name: extra, fold: { of: day, how: trim }', 'fold.of'],
    ['a fold of a number', 'name: extra, fold: { of: n, how: none }', 'fold.of'],
    ['a part of a number', 'name: extra, part: { of: n, grain: year }', 'part.of'],
    ['a part of the round', 'name: extra, part: { of: round, grain: year }', 'part.of'],
    ['a name that stands twice', 'name: year, part: { of: month, grain: year }', 'name'],
  ])('with %s', async (_what, derived, key) => {
    await expectOne(INSTRUMENT_FILE, withDerived(derived), 'Extra', `derived[4].${key}`);
  });

  const withKind = { 'codelists/areas.yaml': `${AREAS.split('codes:')[0] ?? ''}attributes: [kind]\nfile: { path: areas.csv }\n`, 'codelists/areas.csv': 'code,label,kind\nAA,Aa,x\nBB,Bb,y\nLL,League,\n' };
  const lookUp = (key: string): string => withDerived(`name: extra, lookup: { codelist: areas, key: ${key}, attribute: kind }`);

  test.each(['n', 'day', 'since', 'urgent'])('that looks up %s, which is no text', async (key) => {
    const issues = await issuesOf({ ...withKind, [INSTRUMENT_FILE]: lookUp(key) });
    expect(issues.map((i) => [i.code, i.place.key])).toEqual([['VALUE', 'derived[4].lookup.key']]);
  });
  test.each(['area', 'month', 'size', 'agency'])('but not one that looks up %s', async (key) => {
    expect(await issuesOf({ ...withKind, [INSTRUMENT_FILE]: lookUp(key) })).toEqual([]);
  });
});

describe('a code under "at" is one that the table shows:', () => {
  const BY = `  - { field: offence, level: division }
  - { field: recipient, total: false }
`;
  const tableOf = (by: string, more = ''): string => `${TABLE.replace(BY, by).replace('measure: cases', 'measure: held')}${more}`;
  const DIMENSIONS = '  - { field: offence, level: division }\n  - { field: area, codes: [AA, BB] }\n  - { field: route, total: false }\n  - { field: quarter }\n  - { field: share }\n  - { field: agency }\n  - { field: size }\n';
  const QUARTER = { [INSTRUMENT_FILE]: withDerived('name: quarter, part: { of: day, grain: quarter }').replace('title: Extra, ', 'title: Quarter, ') };
  const wrong: readonly (readonly [string, string])[] = [
    ['offence: "09"', 'offence'], ['offence: "011"', 'offence'], ['area: LL', 'area'], ['area: ZZ', 'area'], ['route: fax', 'route'], ['quarter: 2020-05', 'quarter'],
    ['share: many', 'share'], ['share: "0.5"', 'share'], ['agency: south', 'agency'], ['size: middling', 'size'],
  ];
  const line = (text: string, needle: string): number => text.split('\n').findLastIndex((l) => l.includes(needle)) + 1;
  const at = (codes: string): string => (codes.startsWith('route') ? `{ ${codes} }` : `{ route: post, ${codes} }`);

  // A chart drawn along offences needs no code of them.
  test.each(wrong.filter(([, key]) => key !== 'offence'))('of a chart: %s is refused', async (codes, key) => {
    const text = tableOf(DIMENSIONS, `chart:\n  kind: bar\n  x: offence\n  at: ${at(codes)}\n`);
    expect((await issuesOf({ ...QUARTER, [TABLE_FILE]: text })).map((i) => [i.code, i.place])).toEqual([['VALUE', expect.objectContaining({ file: TABLE_FILE, line: line(text, '  at:'), key: `chart.at.${key}` })]]);
  });

  test.each(wrong)('of a control: %s is refused', async (codes, key) => {
    const text = `${COLLECTION}controls:\n  - { id: c, table: by-offence, equals: 1, source: s, at: ${at(codes)} }\n`;
    expect((await issuesOf({ ...QUARTER, [TABLE_FILE]: tableOf(DIMENSIONS), 'collection.yaml': text })).map((i) => [i.code, i.place])).toEqual([['VALUE', expect.objectContaining({ file: 'collection.yaml', line: line(text, 'id: c'), key: `controls[0].at.${key}` })]]);
  });

  test.each(wrong)('of a comparison: %s is refused', async (codes, key) => {
    const text = `${COLLECTION}comparisons:\n  - id: c\n    title: C\n    note: n\n    sides:\n      - { label: one, table: by-offence, at: { route: web } }\n      - { label: two, table: by-offence, at: ${at(codes)} }\n`;
    expect((await issuesOf({ ...QUARTER, [TABLE_FILE]: tableOf(DIMENSIONS), 'collection.yaml': text })).map((i) => [i.code, i.place])).toEqual([['VALUE', expect.objectContaining({ file: 'collection.yaml', line: line(text, 'label: two'), key: `comparisons[0].sides[1].at.${key}` })]]);
  });

  test.each(['offence: "02"', 'area: BB', 'route: (not-published)', 'quarter: 2020-Q4', 'quarter: ""', 'share: "0.5000"', 'agency: north', 'size: large'])('%s is accepted', async (codes) => {
    const control = `${COLLECTION}controls:\n  - { id: c, table: by-offence, equals: 1, source: s, at: ${at(codes)} }\n`;
    expect(await issuesOf({ ...QUARTER, [TABLE_FILE]: tableOf(DIMENSIONS), 'collection.yaml': control })).toEqual([]);
  });

  test('a dimension without a total needs a code, unless it is drawn or compared along', async () => {
    const [without, drawn] = [tableOf(DIMENSIONS, 'chart: { kind: bar, x: offence }\n'), tableOf(DIMENSIONS, 'chart: { kind: bar, x: route }\n')];
    expect((await issuesOf({ ...QUARTER, [TABLE_FILE]: without })).map((i) => [i.code, i.place.key])).toEqual([['VALUE', 'chart.at']]);
    expect(await issuesOf({ ...QUARTER, [TABLE_FILE]: drawn })).toEqual([]);
    const sides = (along: string): string => `${COLLECTION}comparisons:\n  - { id: c, title: C, note: n, along: ${along}, sides: [{ label: one, table: by-offence }, { label: two, table: by-offence }] }\n`;
    expect(await issuesOf({ ...QUARTER, [TABLE_FILE]: tableOf(DIMENSIONS), 'collection.yaml': sides('route') })).toEqual([]);
    expect((await issuesOf({ ...QUARTER, [TABLE_FILE]: tableOf(DIMENSIONS), 'collection.yaml': sides('month') })).map((i) => [i.code, i.place.key])).toContainEqual(['REFERENCE', 'comparisons[0].along']);
  });
});
