import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TableSpec } from '@weighbridge/instrument';
import { sha384 } from '@weighbridge/base';
import { openEngine } from '@weighbridge/engine';
import { join } from 'node:path';
import { tabulate } from '../src/index.ts';
import { COLLECTION, instrument, lines, make, openWorkbench, table } from './workbench.ts';
import type { Workbench } from './workbench.ts';

/**
 * A second tabulation in plain TypeScript, over records in memory and without any of the package's code: each record is
 * given its codes for each dimension, and each cell is made by reading all records again.
 */
interface Case {
  readonly offence: string | null;
  readonly kind: string | null;
  readonly seized: string | null;
  readonly apps: readonly string[];
  readonly pages: number | null;
  readonly person: string | null;
}

const PARENT: Readonly<Record<string, string>> = { '021': '02', '022': '02', '011': '01' };
const OFFENCES = ['02', '021', '022', '01', '011', '16'];
const KINDS = ['phone', 'tablet', 'drone'];

interface OracleDimension {
  readonly by: string;
  /** The codes of a record; several for a field with several values. */
  readonly codesOf: (c: Case) => readonly string[];
  readonly closed: readonly string[];
  /** Codes besides that stand whether a record has them or not. */
  readonly always: readonly string[];
}

const DIMENSIONS: readonly OracleDimension[] = [
  { by: '{ field: offence }', codesOf: (c) => [c.offence ?? ''], closed: OFFENCES, always: [''] },
  { by: '{ field: offence, level: division }', codesOf: (c) => [PARENT[c.offence ?? ''] ?? c.offence ?? ''], closed: ['02', '01', '16'], always: [''] },
  { by: '{ field: kind, total: All kinds }', codesOf: (c) => [c.kind ?? ''], closed: KINDS, always: [''] },
  { by: '{ field: kind, codes: [tablet, phone] }', codesOf: (c) => [c.kind ?? ''], closed: ['tablet', 'phone'], always: [] },
  { by: '{ field: kind, total: false }', codesOf: (c) => [c.kind ?? ''], closed: KINDS, always: [''] },
  { by: '{ field: year, allCodes: false }', codesOf: (c) => [c.seized?.slice(0, 4) ?? ''], closed: [], always: ['2023', ''] },
  { by: '{ field: quarter, allCodes: false }', codesOf: (c) => [c.seized ? `${c.seized.slice(0, 4)}-Q${Math.ceil(Number(c.seized.slice(5, 7)) / 3)}` : ''], closed: [], always: ['2023-Q1', '2023-Q2', '2023-Q3', '2023-Q4', ''] },
  { by: '{ field: apps }', codesOf: (c) => (c.apps.length > 0 ? [...new Set(c.apps)] : ['']), closed: [], always: [''] },
  { by: '{ field: length }', codesOf: (c) => [c.pages === null ? 'not known' : c.pages < 1 ? 'less than 1' : c.pages < 10 ? '1 to 9' : '10 and more'], closed: ['1 to 9', '10 and more'], always: ['less than 1', 'not known'] },
  { by: '{ field: big }', codesOf: (c) => [c.kind === 'phone' && (c.pages ?? 0) >= 50 ? 'big phone' : c.seized === null ? 'undated' : 'other'], closed: ['big phone', 'undated', 'other'], always: [] },
];

function oracle(cases: readonly Case[], dimensions: readonly OracleDimension[], measure: string): string[] {
  const keeps = dimensions.map((d) => (d.by.includes('codes:') ? d.closed : null));
  const kept = cases.filter((c) => dimensions.every((d, i) => keeps[i] === null || d.codesOf(c).some((code) => keeps[i]?.includes(code))));
  const codes = dimensions.map((d, i) => {
    const present = [...new Set([...d.always, ...kept.flatMap((c) => d.codesOf(c))])].filter((code) => !d.closed.includes(code));
    const last = (code: string): number => (code === '' ? 2 : code === 'not known' ? 1 : code === 'less than 1' ? -1 : 0);
    const others = keeps[i] ? [] : present.sort((a, b) => last(a) - last(b) || (a < b ? -1 : 1));
    return [...others.filter((o) => last(o) < 0), ...d.closed, ...others.filter((o) => last(o) >= 0)];
  });
  let keys: (string | null)[][] = [[]];
  dimensions.forEach((d, i) => { keys = keys.flatMap((key) => [...(codes[i] ?? []), ...(d.by.includes('total: false') ? [] : [null])].map((code) => [...key, code])); });
  return keys.map((key) => {
    const members = kept.filter((c) => key.every((code, i) => code === null || dimensions[i]?.codesOf(c).includes(code)));
    return `${key.map((k) => k ?? '*').join('|')} = ${valueOf(members, measure)}`;
  });
}

function valueOf(members: readonly Case[], measure: string): string {
  if (measure === 'devices') return String(members.length);
  if (measure === 'people') return String(new Set(members.map((c) => c.person).filter((p) => p !== null)).size);
  const numbers = members.map((c) => c.pages).filter((p) => p !== null);
  const blanks = members.length - numbers.length;
  const sum = numbers.reduce((a, b) => a + b, 0);
  if (blanks === 0) return String(sum);
  return numbers.length === 0 ? `null blank:${blanks}` : `${sum}..null blank:${blanks}`;
}

let bench: Workbench;
beforeAll(async () => { bench = await openWorkbench(); });
afterAll(() => bench.close());

const DEFINITIONS = {
  'collection.yaml': COLLECTION,
  'codelists/offences.yaml': `id: offences\ntitle: Offences\nedition: "1"\nsource: test\nlevels: [division, group]\ncodes:\n${OFFENCES.map((c) => `  - { code: "${c}", label: Offence ${c}${PARENT[c] ? `, parent: "${PARENT[c]}"` : ''} }`).join('\n')}\n`,
  'instruments/devices.yaml': instrument('devices', `
fields:
  - { name: offence, title: Offence, type: string, codelist: offences }
  - { name: kind, title: Kind, type: string, constraints: { enum: [phone, tablet, drone] } }
  - { name: seized, title: Seized, type: date }
  - { name: apps, title: Applications, type: string, split: ";", sensitivity: public }
  - { name: pages, title: Pages, type: integer }
  - { name: person, title: Person, type: string, sensitivity: identifier }
derived:
  - { name: year, title: Year, part: { of: seized, grain: year } }
  - { name: quarter, title: Quarter, part: { of: seized, grain: quarter } }
  - { name: length, title: Length, bands: { of: pages, bounds: [1, 10] } }
  - { name: big, title: Big, cases: { of: [{ when: { kind: phone, pages: { min: 50 } }, value: big phone }, { when: { seized: { blank: true } }, value: undated }], otherwise: other } }
measures:
  - { id: devices, label: Devices, count: records }
  - { id: pages, label: Pages, sum: pages }
  - { id: people, label: People, distinct: person }
`),
};

const aCase: fc.Arbitrary<Case> = fc.record({
  offence: fc.constantFrom(...OFFENCES, null), kind: fc.constantFrom(...KINDS, null),
  seized: fc.constantFrom('2021-12-31', '2022-01-01', '2023-06-30', '2023-07-01', null),
  apps: fc.array(fc.constantFrom('mail', 'chat', 'maps'), { maxLength: 3 }),
  pages: fc.constantFrom(0, 1, 9, 10, 49, 50, 51, null), person: fc.constantFrom('p1', 'p2', 'p3', null),
});

const sqlText = (v: string | number | null): string => (v === null ? 'NULL' : typeof v === 'number' ? String(v) : `'${v}'`);

function sealQuery(cases: readonly Case[]): string {
  const rows = cases.map((c) => `(${[c.offence, c.kind, c.seized, c.apps.length > 0 ? c.apps.join('; ') : null, c.pages, c.person].map(sqlText).join(', ')})`);
  const values = rows.length > 0 ? `FROM (VALUES ${rows.join(', ')})` : 'FROM (VALUES (NULL, NULL, NULL, NULL, NULL, NULL)) ';
  return `SELECT CAST(offence AS VARCHAR) AS offence, CAST(kind AS VARCHAR) AS kind, CAST(seized AS DATE) AS seized, CAST(apps AS VARCHAR) AS apps, CAST(pages AS BIGINT) AS pages, CAST(person AS VARCHAR) AS person
    ${values} AS t(offence, kind, seized, apps, pages, person)${rows.length > 0 ? '' : ' WHERE FALSE'}`;
}

const subset = fc.shuffledSubarray(DIMENSIONS.map((_, i) => i), { minLength: 1, maxLength: 3 })
  .filter((chosen) => new Set(chosen.map((i) => /field: (\w+)/.exec(DIMENSIONS[i]?.by ?? '')?.[1])).size === chosen.length);

test('every cell of every table equals the one counted in plain TypeScript', async () => {
  let tables = 0;
  await fc.assert(fc.asyncProperty(fc.array(aCase, { maxLength: 60 }), subset, fc.constantFrom('devices', 'pages', 'people'), async (cases, chosen, measure) => {
    const dimensions = chosen.map((i) => DIMENSIONS[i]).filter((d) => d !== undefined);
    const collection = await bench.collection({ ...DEFINITIONS, 'tables/t.yaml': table('t', 'devices', `measure: ${measure}\nby: [${dimensions.map((d) => d.by).join(', ')}]`) });
    const source = await bench.seal(sealQuery(cases));
    expect(lines(await make(bench, collection, 't', [source]))).toEqual(oracle(cases, dimensions, measure));
    tables += 1;
  }), { seed: 20231106, numRuns: 80 });
  expect(tables).toBe(80);
});

test('the same cells come out with 1, 2 and 4 threads, and from records cut into several submissions', async () => {
  const cases = fc.sample(aCase, { seed: 20231106, numRuns: 5000 });
  const collection = await bench.collection({ ...DEFINITIONS, 'tables/t.yaml': table('t', 'devices', 'measure: pages\nby: [{ field: offence }, { field: apps }, { field: year }]') });
  const whole = await bench.seal(sealQuery(cases));
  const parts = [await bench.seal(sealQuery(cases.slice(0, 1700))), await bench.seal(sealQuery(cases.slice(1700)), { agency: 'south' })];
  const spec: TableSpec | undefined = collection.tables.get('t');
  if (!spec) throw new Error('no table');
  const made: string[] = [];
  for (const threads of [1, 2, 4]) {
    const engine = await openEngine({ scratch: join(bench.folder, `threads-${threads}`), allow: [bench.folder], threads });
    made.push(sha384(JSON.stringify(await tabulate({ collection, table: spec, submissions: [whole], engine }))));
    expect(lines(await tabulate({ collection, table: spec, submissions: parts, engine }))).toEqual(lines(await make(bench, collection, 't', [whole])));
    engine.close();
  }
  expect(new Set(made).size).toBe(1);
});
