import { afterEach, describe, expect, test } from 'vitest';
import { likelyOriginal } from '../src/validate.ts';
import { openStore, submitFile } from '../src/index.ts';
import { brief, fieldInstrument, Fixture, parquetRows, told } from './fixture.ts';

const open: Fixture[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((f) => f.dispose()));
});

async function fixtureWith(field: string, more = ''): Promise<Fixture> {
  const fixture = await Fixture.make({ one: fieldInstrument(field, more) });
  open.push(fixture);
  return fixture;
}

/** Seals one column of values, each with its number `n`, and gives the sealed rows. */
async function sealed(field: string, values: readonly string[], columns: string, more = ''): Promise<unknown[][]> {
  const fixture = await fixtureWith(field, more);
  const csv = ['n,v', ...values.map((v, i) => `${i},"${v.replaceAll('"', '""')}"`), ''].join('\n');
  const store = await openStore(fixture.path('store'));
  await submitFile({ file: await fixture.write('data.csv', csv), collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'one' });
  const [submission] = await store.current();
  const rows = await parquetRows(submission?.parquetPath ?? '', columns);
  return rows.map((row) => Object.values(row).map((v) => (typeof v === 'bigint' ? Number(v) : v)));
}

async function refused(field: string, values: readonly string[], more = ''): Promise<string[]> {
  const fixture = await fixtureWith(field, more);
  return told(await fixture.check(['n,v', ...values.map((v, i) => `${i},"${v.replaceAll('"', '""')}"`), ''].join('\n'), 'data.csv', {}, 'one'));
}

describe('a grammar accepts', () => {
  test.each<[string, string, string[], unknown[]]>([
    ['integers', 'type: integer', ['0', '-5', '+7', '007', ' 12 ', ''], [0, -5, 7, 7, 12, null]],
    ['integers with thousands', 'type: integer, thousands: ","', ['20,307,216', '12', '999'], [20307216, 12, 999]],
    ['numbers', 'type: number', ['1.5', '-0.25', '.5', '3', '1e3'], ['1.500000', '-0.250000', '0.500000', '3.000000', '1000.000000']],
    ['percentages', 'type: percent', ['2.7%', '65%', '83.00', '0%'], ['2.7000', '65.0000', '83.0000', '0.0000']],
    ['true and false', 'type: boolean', ['true', 'FALSE', 'yes', 'No', '1', '0', ''], [true, false, true, false, true, false, null]],
    ['ISO dates', 'type: date', ['2020-02-29', ''], ['2020-02-29', null]],
    ['day first', "type: date, format: '%d/%m/%Y'", ['1/07/2014', '31/12/2009'], ['2014-07-01', '2009-12-31']],
    ['several formats', "type: date, format: ['%m/%d/%Y - %H:%M', '%a, %Y-%m-%d']", ['07/01/2020 - 13:05', 'Mon, 2020-01-27'], ['2020-07-01', '2020-01-27']],
    ['months', "type: yearmonth, format: '%b-%y'", ['Oct-14', 'Jul-23'], ['2014-10', '2023-07']],
    ['years', 'type: year', ['2014'], [2014]],
    ['codes as texts', 'type: string', ['01', '0131', '1e5', 'NaN'], ['01', '0131', '1e5', 'NaN']],
  ])('%s', async (_, definition, values, expected) => {
    const rows = await sealed(`{name: v, title: V, ${definition}}`, values, 'v');
    expect(rows.map(([v]) => (v instanceof Date ? v.toISOString().slice(0, 10) : v))).toEqual(expected);
  });
});

describe('a grammar refuses, and coerces nothing', () => {
  test.each<[string, string, string[], string]>([
    ['1* as an integer', 'type: integer', ['1*'], 'NOT_AN_INTEGER v r1 l2 x1'],
    ['1.5, 1e3, 1_000 and 0x10 as integers', 'type: integer', ['1.5', '1e3', '1_000', '0x10'], 'NOT_AN_INTEGER v r1 l2 x4'],
    ['thousands that were not declared or are misplaced', 'type: integer, thousands: ","', ['1,23', '1234,567'], 'NOT_AN_INTEGER v r1 l2 x2'],
    ['an integer of 30 digits', 'type: integer', ['9'.repeat(30)], 'NOT_AN_INTEGER v r1 l2 x1'],
    ['inf, nan and - as numbers', 'type: number', ['inf', 'nan', '-'], 'NOT_A_NUMBER v r1 l2 x3'],
    ['<1% as a percentage', 'type: percent', ['<1%'], 'NOT_A_PERCENTAGE v r1 l2 x1'],
    ['maybe as a boolean', 'type: boolean', ['maybe'], 'NOT_A_BOOLEAN v r1 l2 x1'],
    ['month first where the day stands first', "type: date, format: '%d/%m/%Y'", ['07/13/2014'], 'IMPOSSIBLE_DATE v r1 l2 x1'],
    ['a date with a tail', "type: date, format: '%d/%m/%y'", ['31/12/2009'], 'NOT_A_DATE v r1 l2 x1'],
    ['Oct-14 as an ISO month', 'type: yearmonth', ['Oct-14'], 'NOT_A_MONTH v r1 l2 x1'],
    ['month 13', 'type: yearmonth', ['2020-13'], 'NOT_A_MONTH v r1 l2 x1'],
    ['Oct-14 as a count', 'type: integer', ['Oct-14'], 'SPREADSHEET_DATE v r1 l2 x1'],
    ['a value that is not permitted', 'type: string, constraints: {enum: [a, b]}', ['c'], 'NOT_PERMITTED v r1 l2 x1'],
    ['a text too long', 'type: string, constraints: {maxLength: 3}', ['abcd'], 'TOO_LONG v r1 l2 x1'],
    ['a value twice', 'type: string, constraints: {unique: true}', ['a', 'b', 'a', '', ''], 'NOT_UNIQUE v r1 l2 x1'],
    ['a code that was not valid then', 'type: string, codelist: offences, validAt: day', ['02'], 'CODE_NOT_VALID v r1 l2 x1'],
  ])('%s', async (_, definition, values, expected) => {
    const more = definition.includes('validAt') ? '  - {name: day, source: n, title: D, type: date, format: "%d"}' : '';
    if (more === '') expect(await refused(`{name: v, title: V, ${definition}}`, values)).toEqual([expected]);
    else {
      const fixture = await fixtureWith(`{name: v, title: V, ${definition}}`, '  - {name: day, title: D, type: date}');
      expect(told(await fixture.check(`n,v,day\n1,${values[0] ?? ''},2014-12-31\n2,02,2015-01-01\n`, 'd.csv', {}, 'one'))).toEqual([expected]);
    }
  });
});

test('zero, blank, marks, bounds, bands and stars stay apart, each with its bounds and its printed text', async () => {
  const rows = await sealed(
    "{name: v, title: V, type: integer, thousands: ',', marks: {'-': not-published, 'N/A': not-applicable}, bounds: [band, less-than, at-least, starred]}",
    ['0', '', '-', 'N/A', '<10', '0-249', '1,000+', '1*', '>5', '>=5', '15,935*'], 'v, v__lo, v__hi, v__state, v__text',
  );
  expect(rows).toEqual([
    [0, 0, 0, 'exact', '0'], [null, null, null, 'blank', null], [null, null, null, 'not-published', '-'], [null, null, null, 'not-applicable', 'N/A'],
    [null, 0, 9, 'less-than', '<10'], [null, 0, 249, 'band', '0-249'], [null, 1000, null, 'at-least', '1,000+'], [1, 1, 1, 'starred', '1*'],
    [null, 6, null, 'at-least', '>5'], [null, 5, null, 'at-least', '>=5'], [15935, 15935, 15935, 'starred', '15,935*'],
  ]);
});

test('a share below one percent is 0 to 1, and a mark that is a number is no number', async () => {
  expect(await sealed("{name: v, title: V, type: percent, bounds: [less-than]}", ['<1%', '2.7%'], 'v, v__lo, v__hi, v__state')).toEqual([
    [null, '0.0000', '1.0000', 'less-than'], ['2.7000', '2.7000', '2.7000', 'exact'],
  ]);
  expect(await sealed("{name: v, title: V, type: integer, marks: {'999': not-recorded, '': not-sought}}", ['999', '', '5'], 'v, v__lo, v__state')).toEqual([
    [null, null, 'not-recorded'], [null, null, 'not-sought'], [5, 5, 'exact'],
  ]);
});

test('an approved repair changes its column only, is counted, and keeps the original', async () => {
  const repair = "{name: v, title: V, type: string, repairs: [{from: Oct-14, to: 10-14, why: made a date by a spreadsheet, approvedBy: A Person, on: 2026-01-05}]}";
  expect(await sealed(repair, ['Oct-14', '20-24'], 'v, v__original')).toEqual([['10-14', 'Oct-14'], ['20-24', '20-24']]);
  const fixture = await fixtureWith(repair);
  const report = await fixture.check('n,v\n1,Oct-14\n2,5-Sep\n3,Oct-14\n', 'd.csv', {}, 'one');
  expect(report.repairs).toEqual([{ field: 'v', from: 'Oct-14', to: '10-14', why: 'made a date by a spreadsheet', approvedBy: 'A Person', on: '2026-01-05', rows: 2 }]);
  expect(report.summary.map(brief)).toEqual(['SPREADSHEET_DATE v r2 l3 x1', 'REPAIRED v x2']);
  expect(report.summary[0]?.message).toContain('“5-Sep”, likely 5-9, in 1');
});

test('each repair of a column has a line of its own, with its reason and its count', async () => {
  const repair = (from: string, to: string, why: string): string => `{from: ${from}, to: ${to}, why: ${why}, approvedBy: A Person, on: 2026-01-05}`;
  const fixture = await fixtureWith(`{name: v, title: V, type: string, repairs: [${repair('Oct-14', '10-14', 'a spreadsheet made it a date')}, ${repair('n/k', "''", 'not known is left blank')}]}`);
  const { summary } = await fixture.check('n,v\n1,Oct-14\n2,n/k\n3,Oct-14\n', 'd.csv', {}, 'one');
  expect(summary.map((i) => [i.code, i.place.column, i.count, i.message])).toEqual([
    ['REPAIRED', 'v', 2, 'an approved repair was applied, “Oct-14” read as “10-14”: a spreadsheet made it a date'],
    ['REPAIRED', 'v', 1, 'an approved repair was applied, “n/k” read as a blank: not known is left blank'],
  ]);
});

describe('an unknown code is told with its list:', () => {
  const list = (codes: number, edition: string, more = ''): string => `id: codes\ntitle: Codes\nedition: "${edition}"\nsource: t\n${more}codes:\n${Array.from({ length: codes }, (_, i) => `  - {code: c${i}, label: C${i}}`).join('\n')}\n`;
  async function message(text: string, more = ''): Promise<string> {
    const fixture = await fixtureWith(`{name: v, title: V, type: string, codelist: codes${more}}`);
    await fixture.write('codelists/codes.yaml', text);
    const { summary } = await fixture.check('n,v\n1,zz\n', 'd.csv', {}, 'one');
    return summary[0]?.message ?? '';
  }

  test('the codes of a short one, its edition in words', async () => {
    expect(await message(list(3, '1'))).toMatch(/^the code is not in the list “Codes” \(edition 1\): expected one of c0, c1, c2;/);
    expect(await message(list(12, 'as of 2020'))).toContain('“Codes” (as of 2020): expected one of c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11');
    expect(await message(list(2, '2.1'), ', open: true')).toContain('“Codes” (edition 2.1): expected one of c0, c1; the list is open');
  });
  test('not those of a long one', async () => {
    expect(await message(list(13, '1'))).toMatch(/^the code is not in the list “Codes” \(edition 1\);/);
  });
  test('those of the level that the field holds', async () => {
    const tree = 'id: codes\ntitle: Codes\nedition: "1"\nsource: t\nlevels: [top, low]\ncodes:\n  - {code: a, label: A}\n  - {code: a1, label: A1, parent: a}\n  - {code: b, label: B}\n';
    expect(await message(tree, ', holds: top')).toContain(': expected one of a, b;');
  });
});

describe('a code is judged by the validity that its list gives, where the date is', () => {
  // The code 02 is valid from 2015-01-01.
  test.each<[string, string[], string[]]>([
    ['year', ['2014', '2015', '2016', ''], ['CODE_NOT_VALID v r1 l2 x1']],
    ['yearmonth', ['2014-12', '2015-01', '2015-02', ''], ['CODE_NOT_VALID v r1 l2 x1']],
    ['date', ['2014-12-31', '2015-01-01', '2016-05-05', ''], ['CODE_NOT_VALID v r1 l2 x1']],
  ])('a %s', async (type, dates, expected) => {
    const fixture = await fixtureWith('{name: v, title: V, type: string, codelist: offences, validAt: day}', `  - {name: day, title: D, type: ${type}}`);
    expect(told(await fixture.check(['n,v,day', ...dates.map((d, i) => `${i},02,${d}`), ''].join('\n'), 'd.csv', {}, 'one'))).toEqual(expected);
  });

  test('a month or year in which it was valid for a day', async () => {
    const fixture = await fixtureWith('{name: v, title: V, type: string, codelist: codes, validAt: day}', '  - {name: day, title: D, type: yearmonth}');
    await fixture.write('codelists/codes.yaml', "id: codes\ntitle: C\nedition: '1'\nsource: t\ncodes:\n  - {code: a, label: A, validFrom: 2015-01-31, validTo: 2015-03-01}\n");
    expect(told(await fixture.check('n,v,day\n1,a,2014-12\n2,a,2015-01\n3,a,2015-03\n4,a,2015-04\n', 'd.csv', {}, 'one'))).toEqual(['CODE_NOT_VALID v r1 l2 x2']);
  });
});

test('a rule about decimals is met by the number, however it is written', async () => {
  const rules = "rules:\n  - {id: half, when: {v: ['1.5']}, then: {n: {min: 5}}, message: M, repair: R}";
  const fixture = await fixtureWith('{name: v, title: V, type: number}', rules);
  expect(told(await fixture.check('n,v\n1,1.5\n2,1.50\n3,1.4\n6,1.5\n', 'd.csv', {}, 'one'))).toEqual(['RULE n r1 l2 x2']);
});

test.each([['Oct-14', '10-14'], ['5-Sep', '5-9'], ['2-Mar', '2-3'], ['Jan-05', '1-5'], ['20-24', undefined], ['Octo-14', undefined]])('%s was likely typed as %s', (text, original) => {
  expect(likelyOriginal(text)).toBe(original);
});

test('approved spellings become their code; those alike are proposed and left', async () => {
  const fixture = await fixtureWith('{name: v, title: V, type: string, spellings: spellings.csv, proposeSpellings: true}');
  await fixture.write('codelists/spellings.csv', 'spelling,code,approved_by,on\nLAPD,Los Angeles Police Dept,A Person,2026-01-05\n');
  const report = await fixture.check('n,v\n1,LAPD\n2,Los Angeles Police Dept\n3,LOS ANGELES POLICE DEPT.\n4,Los Angeles School Police\n', 'd.csv', {}, 'one');
  expect(report.summary.map(brief)).toEqual(['SPELLING_MAPPED v x1', 'SPELLINGS_ALIKE v x1']);
  expect(report.summary[1]?.message).toContain('of 3 spellings, 2 remain');
});

test('an open list takes unknown codes and lists them; a level that does not belong is refused', async () => {
  const fixture = await fixtureWith('{name: v, title: V, type: string, codelist: offences, open: true}');
  const report = await fixture.check('n,v\n1,01\n2,77\n', 'd.csv', {}, 'one');
  expect(report.accepted).toBe(true);
  expect(report.summary.map(brief)).toEqual(['UNKNOWN_CODE v r2 l3 x1']);
  expect(report.summary[0]?.message).toContain('“77” in 1');
  const levels = await fixtureWith('{name: v, title: V, type: string, codelist: tree, holds: division}');
  await levels.write('codelists/tree.yaml', "id: tree\ntitle: Tree\nedition: t\nsource: t\nlevels: [division, group]\ncodes:\n  - {code: '1', label: One}\n  - {code: '11', label: Eleven, parent: '1'}\n");
  expect(told(await levels.check('n,v\n1,1\n2,11\n', 'd.csv', {}, 'one'))).toEqual(['LEVEL_MIXED v r2 l3 x1']);
});

test('several codes in a cell are judged one by one', async () => {
  const fixture = await fixtureWith("{name: v, title: V, type: string, codelist: offences, split: ';'}");
  expect(told(await fixture.check('n,v\n1,01;02\n2,01; 99\n3,\n', 'd.csv', {}, 'one'))).toEqual(['UNKNOWN_CODE v r2 l3 x1']);
});

test('a rule names itself and the columns that its "then" looks at, and a warning does not refuse', async () => {
  const rules = 'rules:\n  - {id: order, severity: warning, when: {n: {min: 2}}, then: {v: {notBefore: w}}, message: it ends before it starts, repair: correct the dates}';
  const fixture = await fixtureWith('{name: v, title: V, type: date}', `  - {name: w, title: W, type: date}\n${rules}`);
  const report = await fixture.check('n,v,w\n1,2020-01-01,2020-01-02\n2,2020-01-01,2020-01-02\n3,,2020-01-02\n', 'd.csv', {}, 'one');
  expect(report.accepted).toBe(true);
  expect(report.summary.map((i) => [brief(i), i.place.key])).toEqual([['RULE v, w r2 l3 x1', 'rules.order']]);
});

test('late records are told with their count and kept', async () => {
  const fixture = await fixtureWith('{name: v, title: V, type: yearmonth}', 'referencePeriod: v');
  const report = await fixture.check('n,v\n1,2019-12\n2,2020-01\n3,2018-05\n4,2021-01\n', 'd.csv', { round: { id: '2020', from: '2020-01-01', to: '2020-12-31' } }, 'one');
  expect(report.accepted).toBe(true);
  expect(report.summary.map(brief)).toEqual(['AFTER_ROUND v r4 l5 x1', 'LATE_RECORD v r1 l2 x2']);
});

test('repeated keys that are flagged are counted three ways and stay; a key blank throughout repeats nothing', async () => {
  const fixture = await fixtureWith('{name: v, title: V, type: string}', '  - {name: c, title: C, type: integer}\nprimaryKey: [n, v]\nrepeatedKeys: flag');
  const report = await fixture.check('n,v,c\n1,a,1\n1,a,1\n1,a,2\n2,a,1\n2,b,1\n2,b,3\n,,1\n,,1\n', 'd.csv', {}, 'one');
  expect(report.accepted).toBe(true);
  expect(report.summary[0]).toMatchObject({ code: 'REPEATED_KEY', severity: 'warning', count: 3 });
  expect(report.summary[0]?.message).toContain('2 keys (n, v) occur more than once; 3 records beyond the first, of which 1 are identical throughout');
});

test('wide columns become records, each with the number of the record it stood in', async () => {
  const yaml = fieldInstrument('{name: year, title: Y, type: year}', "  - {name: count, title: C, type: integer, thousands: ','}\nformat: {unpivot: {columns: '^[0-9]{4}$', name: year, value: count}}");
  const fixture = await Fixture.make({ one: yaml });
  open.push(fixture);
  const store = await openStore(fixture.path('store'));
  const file = await fixture.write('d.csv', 'n,2019,2020\n7,"1,000",2\n8,,4\n');
  const { manifest } = await submitFile({ file, collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'one' });
  expect(manifest.rows).toBe(2);
  const rows = await parquetRows((await store.current())[0]?.parquetPath ?? '', '_row, n, year, count');
  expect(rows.map((r) => Object.values(r).map((v) => (v === null ? null : Number(v))))).toEqual([[1, 7, 2019, 1000], [1, 7, 2020, 2], [2, 8, 2019, null], [2, 8, 2020, 4]]);
  expect(told(await fixture.check('n,2019,2020\n7,x,2\n', 'd.csv', {}, 'one'))).toEqual(['NOT_AN_INTEGER count r1 l2 x1']);
});

test('a definition with a date format we do not know is refused by name', async () => {
  const fixture = await fixtureWith("{name: v, title: V, type: date, format: '%Q'}");
  await expect(fixture.check('n,v\n1,2\n', 'd.csv', {}, 'one')).rejects.toMatchObject({ code: 'DATE_FORMAT' });
});
