/**
 * A made-up release that shows every kind of cell, chart and finding. All of its numbers are invented.
 * @module
 */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { sha384 } from '@weighbridge/base';
import type { ChartMeta, DeriveMeta, Dimension, DimensionCode, Quantity, SeriesBreak, TableMeta } from '@weighbridge/base';
import { readProtectedTable } from '@weighbridge/protect';
import type { CellStatus, ProtectedTable, SeriesRevision } from '@weighbridge/protect';
import type { ReleaseInput } from '../src/index.ts';

type Key = readonly (string | null)[];
export interface FixtureCell { readonly status?: CellStatus; readonly value: Quantity | number | null }

interface FixtureTable {
  readonly id: string;
  readonly title: string;
  readonly dimensions: readonly Dimension[];
  readonly value: (key: Key) => FixtureCell | null;
  readonly measure?: string;
  readonly unit?: readonly [string, string];
  readonly instrument?: string;
  readonly answers?: readonly string[];
  readonly chart?: ChartMeta;
  readonly derive?: readonly DeriveMeta[];
  readonly breaks?: readonly SeriesBreak[];
  readonly notes?: readonly string[];
  readonly synthetic?: boolean;
  readonly method?: 'public' | 'round-base-3' | 'suppress';
  readonly linkedTables?: number;
  readonly earlierReleases?: number;
  readonly breaches?: number;
}

const STATEMENTS = {
  public: 'The source is published already; its numbers stand as they were published.',
  'round-base-3': 'Every number is rounded up or down at random to a multiple of 3; totals are rounded by themselves.',
  suppress: 'Numbers below a threshold are suppressed, with others beside them so that they cannot be worked out by subtraction.',
} as const;

/** Codes that are their own labels, or `code=label` pairs. */
export function codes(...texts: readonly string[]): DimensionCode[] {
  return texts.map((t) => {
    const [code = t, label = t] = t.split('=');
    return { code, label };
  });
}

export function dimension(field: string, label: string, list: readonly DimensionCode[], more: Partial<Dimension> = {}): Dimension {
  return { field, label, kind: 'category', codes: list, total: 'Total', levelsShown: false, ...more };
}

/** A protected table made by the reader that `verify` uses too. */
export function fixtureTable(t: FixtureTable): ProtectedTable {
  const instrument = t.instrument ?? 'devices';
  const synthetic = t.synthetic ?? true;
  const specText = `id: ${t.id}\ntitle: ${t.title}\ninstrument: ${instrument}\nby:\n${t.dimensions.map((d) => `  - field: ${d.field}\n`).join('')}`;
  const [one, many] = t.unit ?? ['exhibit device', 'exhibit devices'];
  const meta: TableMeta = {
    id: t.id, title: t.title, collection: 'demo', instrument, answers: t.answers ?? [],
    measure: { id: 'number', label: t.measure ?? 'Number of devices', unit: { id: 'unit', one, many }, kind: 'count' },
    dimensions: t.dimensions,
    basis: {
      unit: many, coverage: 'All districts of an invented police service', period: { from: '2018-01-01', to: '2024-06-30' },
      edition: '2024-1', notes: t.notes ?? [], breaks: t.breaks ?? [],
    },
    synthetic, chart: t.chart ?? null, derive: t.derive ?? [],
    provenance: {
      specSha384: sha384(specText), specText, specFile: `tables/${t.id}.yaml`,
      submissions: ['north', 'south'].map((agency) => ({
        instrument, agency, round: '2024', edition: 1, original: sha384(`${instrument} ${agency}`), manifest: sha384(`manifest ${instrument} ${agency}`),
        rows: 12_345, repairs: agency === 'north' ? [{ text: 'age: “Oct-14” read as “10-14” (approved 2024-02-01)', records: 12 }] : [], synthetic,
      })),
      codelists: [{ id: 'lock-state', title: 'State of the lock on receipt', edition: '2024', sha384: sha384('lock-state') }],
    },
    findings: [],
  };
  const cells = keysOf(t.dimensions).flatMap((key) => {
    const cell = t.value(key);
    if (cell === null) return [];
    const value = typeof cell.value === 'number' ? { lo: cell.value, hi: cell.value, states: {} } : cell.value;
    const status = cell.status ?? (value === null ? 'suppressed' : t.method === 'round-base-3' ? 'rounded' : 'published');
    return [{ key, status, value }];
  });
  const method = t.method ?? 'public';
  const certificate = {
    engine: 'weighbridge-attack/1', method, cells: cells.length, withheld: cells.filter((c) => c.value === null).length,
    linkedTables: method === 'public' ? 0 : (t.linkedTables ?? 0), ...(t.earlierReleases === undefined ? {} : { earlierReleases: t.earlierReleases }), breaches: t.breaches ?? 0,
  };
  return readProtectedTable(JSON.parse(JSON.stringify({ meta, cells, protection: { method, statement: STATEMENTS[method] }, certificate })));
}

/** A number that depends on the words only, from 0 to `below` - 1. */
export function drawn(words: string, below: number): number {
  return Number.parseInt(sha384(words).slice(0, 8), 16) % below;
}

function keysOf(dimensions: readonly Dimension[]): readonly Key[] {
  let keys: Key[] = [[]];
  for (const d of dimensions) keys = keys.flatMap((k) => [...d.codes.map((c): string | null => c.code), ...(d.total === null ? [] : [null])].map((c) => [...k, c]));
  return keys;
}

/** Sums a leaf function over the margins of a key. */
export function summed(dimensions: readonly Dimension[], key: Key, leaf: (codes: readonly string[]) => number): number {
  const at = key.indexOf(null);
  if (at < 0) return leaf(key as readonly string[]);
  return (dimensions[at]?.codes ?? []).reduce((sum, c) => sum + summed(dimensions, key.map((k, i) => (i === at ? c.code : k)), leaf), 0);
}

const YEARS: readonly DimensionCode[] = [
  ...codes('2018', '2019', '2020', '2021', '2022', '2023'), { code: '2024', label: '2024', partPeriod: 'January to June only' },
];
const year = dimension('year', 'Year received', YEARS, { kind: 'time' });
const lock = dimension('lock', 'Lock state on receipt', codes('locked=Locked', 'unlocked=Unlocked', 'unknown=Not recorded'));
const offence = dimension('offence', 'Offence', codes(
  '01=Homicide and related offences', '02=Acts intended to cause injury', '03=Sexual assault and related offences',
  '06=Robbery, extortion and related offences', '07=Unlawful entry with intent, burglary, break and enter', '10=Illicit drug offences',
  '13=Public order offences', '15=Offences against justice procedures, government security and government operations',
));
const outcome = dimension('outcome', 'Outcome of examination', codes('not-attempted=Not attempted', 'failed=Attempted and failed', 'partial=Partial', 'full=Full access'));

function lockByYear(): ProtectedTable {
  const dimensions = [year, lock];
  const base: Record<string, number> = { locked: 420, unlocked: 610, unknown: 60 };
  const leaf = ([y = '', l = '']: readonly string[]): number => {
    const growth = l === 'locked' ? 1 + (Number(y) - 2018) * 0.22 : 1 - (Number(y) - 2018) * 0.05;
    return 3 * Math.round(((base[l] ?? 0) * growth * (y === '2024' ? 0.5 : 1) + drawn(y + l, 40)) / 3);
  };
  return fixtureTable({
    id: 'lock-by-year', title: 'Devices received, by state of the lock', dimensions, method: 'round-base-3', answers: ['p33a', 'fig4'],
    value: (key) => ({ value: summed(dimensions, key, leaf) }),
    chart: { kind: 'line', x: 'year', series: 'lock', at: {}, value: 'value' },
    derive: [{ kind: 'change', over: 'year' }, { kind: 'share', over: 'lock' }],
    breaks: [{ field: 'year', at: '2021', why: 'from 2021 devices are entered on arrival, before on examination' }],
    notes: ['A device is counted once, in the year in which it was received.'],
  });
}

function outcomeByOffence(): ProtectedTable {
  const dimensions = [offence, outcome];
  const leaf = ([o = '', r = '']: readonly string[]): number => drawn(`${o} ${r}`, 180) + (o === '13' ? 0 : 40);
  return fixtureTable({
    id: 'outcome-by-offence', title: 'Outcome of examination, by offence', dimensions, method: 'suppress', answers: ['p33a'], linkedTables: 1,
    value: (key) => {
      if (key[0] === '06' && key[1] === 'partial') return { value: null };
      if (key[0] === '06' && key[1] === 'failed') return { status: 'secondary', value: null };
      if (key[0] === '13' && key[1] === 'full') return { value: 0 };
      return { value: summed(dimensions, key, leaf) };
    },
    chart: { kind: 'stacked-bar', x: 'offence', series: 'outcome', at: {}, value: 'share' },
    derive: [{ kind: 'share', over: 'outcome' }],
  });
}

function stoppedThreeWays(): ProtectedTable {
  const sex = dimension('made', 'Kind of device', codes('phone=Phone', 'tablet=Tablet', 'computer=Computer', 'storage=Storage'));
  const dimensions = [offence, year, sex];
  const leaf = (k: readonly string[]): number => drawn(k.join(' '), 24);
  return fixtureTable({
    id: 'stopped', title: 'Investigations that stopped because a device could not be examined', dimensions, method: 'suppress', answers: ['p33b'],
    measure: 'Number of investigations', unit: ['investigation', 'investigations'],
    value: (key) => {
      const n = summed(dimensions, key, leaf);
      return n > 0 && n < 4 && !key.includes(null) ? { value: null } : { value: n };
    },
    chart: { kind: 'stacked-bar', x: 'year', series: 'made', at: { offence: null }, value: 'value' },
  });
}

function convictions(): ProtectedTable {
  const sentence = dimension('sentence', 'Most serious sentence', [
    { code: '100', label: 'Imprisonment', level: 'group' },
    { code: '200', label: 'Community sentences', level: 'group' },
    { code: '09', label: 'Intensive supervision', parent: '200', level: 'sentence' },
    { code: '10', label: 'Community detention', parent: '200', level: 'sentence' },
    { code: '13', label: 'Community work', parent: '200', level: 'sentence' },
    { code: '16', label: 'Monetary penalties', level: 'group' },
  ], { levelsShown: true, total: null });
  const years = dimension('year', 'Year', codes('2012', '2013', '2014'), { kind: 'time', total: null });
  const n: Record<string, number> = { 100: 8365, 200: 31344, '09': 3105, 10: 4201, 13: 21011, 16: 25324 };
  return fixtureTable({
    id: 'sentences', title: 'Adult-ethnicity counts, by most serious sentence', dimensions: [sentence, years], synthetic: true,
    measure: 'Adult-ethnicity counts', unit: ['adult-ethnicity count', 'adult-ethnicity counts'], instrument: 'convictions',
    value: ([s, y]) => {
      const shift = Number(y) - 2014;
      if (s === '200' && y === '2012') return { value: 3105 + 4201 + 21011 - 3 * 37 };
      return { value: (n[s ?? ''] ?? 0) + shift * 37 };
    },
    chart: { kind: 'bar', x: 'sentence', at: { year: '2014' }, value: 'value' },
    derive: [{ kind: 'change', over: 'year' }],
  });
}

function providers(): ProtectedTable {
  const provider = dimension('provider', 'Provider', codes('apple=Apple', 'google=Google', 'meta=Meta', 'micro=Microsoft', 'snap=Snap', 'small=Other providers, taken together'));
  const values: Record<string, FixtureCell> = {
    apple: { value: 1234 }, google: { value: { lo: 249, hi: 498, states: { band: 2 } } }, meta: { value: { lo: 800, hi: null, states: { blank: 1 } } },
    micro: { value: { lo: 0, hi: 0, states: {} } }, snap: { value: { lo: null, hi: null, states: { 'not-sought': 1 } } }, small: { value: { lo: 12, hi: 12, states: { starred: 1 } } },
  };
  return fixtureTable({
    id: 'requests', title: 'Requests reported by providers', dimensions: [{ ...provider, total: null }], instrument: 'requests', answers: ['p9', 'other question'],
    measure: 'Number of requests', unit: ['request', 'requests'], value: ([p]) => values[p ?? ''] ?? null,
    chart: { kind: 'bar', x: 'provider', at: {}, value: 'value' }, derive: [{ kind: 'share', over: 'provider' }],
  });
}

function referralsByMonth(): ProtectedTable {
  const months = Array.from({ length: 30 }, (_, i) => `${2022 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`);
  const month = dimension('month', 'Month', codes(...months), { kind: 'time' });
  const kind = dimension('service', 'Service', codes(...['Social network A', 'Social network B', 'Messenger with end-to-end encryption', 'Messenger without', 'File store', 'Search', 'Game platform', 'Hosting', 'Mail'].map((s, i) => `s${i}=${s}`)));
  const dimensions = [month, kind];
  return fixtureTable({
    id: 'referrals', title: 'Referrals of objectionable material, by service', dimensions, instrument: 'referrals', answers: ['fig5'], method: 'round-base-3',
    measure: 'Number of referrals', unit: ['referral', 'referrals'],
    value: (key) => ({ value: 3 * summed(dimensions, key, ([m = '', s = '']) => drawn(m + s, 30) + (s === 's0' ? 60 : 0)) }),
    chart: { kind: 'line', x: 'month', series: 'service', at: {}, value: 'value' },
  });
}

function benefits(): ProtectedTable {
  const topic = dimension('topic', 'What encryption protected', codes('pay=Payments', 'mail=Private messages', 'health=Health records', 'work=Work from home'));
  const group = dimension('group', 'Group', codes('young=Aged 15 to 34', 'old=Aged 65 and over'));
  const dimensions = [topic, group];
  return fixtureTable({
    id: 'benefits', title: 'What people say that encryption protected', dimensions, instrument: 'benefits', answers: ['p1'], synthetic: true,
    measure: 'Number of people', unit: ['person', 'people'], value: (key) => ({ value: summed(dimensions, key, (k) => 300 + drawn(k.join(), 900)) }),
    chart: { kind: 'dot', x: 'topic', series: 'group', at: {}, value: 'value' },
  });
}

function figures(): ProtectedTable {
  const figure = dimension('figure', 'Figure', [
    { code: 'users', label: 'Users of a service, World, 2020 (about)', unit: 'users' }, { code: 'share', label: 'Devices locked on receipt, 2019', unit: 'percent of devices' },
    { code: 'loss', label: 'Loss to scams, 2023', unit: 'NZD' },
  ], { total: null, notAdditive: 'The numbers must not be added: each figure has its own unit and basis.' });
  const values: Record<string, number> = { users: 60_000, share: 64, loss: 198_400_000 };
  return fixtureTable({
    id: 'figures', title: 'Figures published by others', dimensions: [figure], instrument: 'series', measure: 'Value as published', unit: ['unit of the figure', 'the unit of each figure'],
    value: ([f]) => ({ value: values[f ?? ''] ?? 0 }),
  });
}

function byAgency(): ProtectedTable {
  const agency = dimension('agency', 'Agency', codes('north=Northern district (invented)', 'south=Southern district (invented)'));
  const serial = dimension('serial', 'Serial', codes(...Array.from({ length: 120 }, (_, i) => `${i + 1}`)));
  return fixtureTable({
    id: 'by-agency', title: 'Devices received, by serial and agency', dimensions: [serial, agency], method: 'round-base-3', answers: ['fig4'],
    value: (key) => ({ value: 3 * summed([serial, agency], key, (k) => drawn(k.join(), 9)) }),
  });
}

/** Every table of the demonstration. */
export function fixtureTables(): readonly ProtectedTable[] {
  return [lockByYear(), outcomeByOffence(), stoppedThreeWays(), convictions(), providers(), referralsByMonth(), benefits(), figures(), byAgency()];
}

const revisions: readonly SeriesRevision[] = [
  { instrument: 'requests', key: { provider: 'meta', year: '2020' }, fromEdition: '2021', toEdition: '2022', change: 'changed', before: '35.8', after: '20.1' },
  { instrument: 'requests', key: { provider: 'snap', year: '2019' }, fromEdition: '2021', toEdition: '2022', change: 'dropped', before: '1*', after: null },
  { instrument: 'requests', key: { provider: 'closed', year: '2019' }, fromEdition: '2021', toEdition: '2022', change: 'dropped', before: '12345', after: null },
  { instrument: 'series', key: { figure: 'loss' }, fromEdition: '1', toEdition: '2', change: 'added', before: null, after: '198400000' },
];

/** The demonstration as input of a release. */
export function fixtureInput(signingKey?: KeyObject): ReleaseInput {
  return {
    collection: {
      id: 'demo', title: 'Encryption and investigations: a demonstration', summary: 'What encryption does for people’s security, and what it does to investigations and public safety.',
      purpose: 'To show how figures are made, protected and traced.', legalBasis: 'None needed: no real record is used.', residency: 'Nowhere: the records are generated.',
      publisher: 'A made-up secretariat', licence: 'CC-BY-4.0', edition: '2024-1', synthetic: true,
      questions: [
        { id: 'p1', text: 'What does encryption give people and the economy?', source: 'Report, paragraphs 1 to 4' },
        { id: 'p9', text: 'What do providers report about requests?', source: 'Report, paragraphs 9 to 16' },
        { id: 'p33a', text: 'How many devices could not be examined, and for which offences?', source: 'Report, paragraph 33 a' },
        { id: 'p33b', text: 'How many investigations stopped?', source: 'Report, paragraph 33 b' },
        { id: 'fig4', text: 'How many devices arrive locked?', source: 'Report, Figure 4' },
        { id: 'fig5', text: 'Who refers objectionable material?', source: 'Report, Figure 5' },
      ],
      agencies: [{ id: 'north', title: 'Northern district (invented)' }, { id: 'south', title: 'Southern district (invented)' }],
      rounds: [{ id: '2024', title: 'First half of 2024', from: '2024-01-01', to: '2024-06-30' }],
    },
    definitions: [{ path: 'collection.yaml', text: 'weighbridge: 1\nid: demo\n' }, { path: 'tables/lock-by-year.yaml', text: 'id: lock-by-year\n' }],
    tables: fixtureTables(),
    revisions,
    controls: [
      { id: 'apple', table: 'requests', at: { provider: 'apple' }, equals: 1234, source: 'Apple, transparency report 2024', otherwise: 'refuse' },
      { id: 'google', table: 'requests', at: { provider: 'google' }, equals: 600, source: 'Google, transparency report 2024', otherwise: 'show' },
    ],
    comparisons: [
      {
        id: 'prison', title: 'Imprisonment against monetary penalties', along: 'year', note: 'Two selections set side by side; neither overwrites the other.',
        sides: [{ label: 'Imprisonment', table: 'sentences', at: { sentence: '100' } }, { label: 'Monetary penalties', table: 'sentences', at: { sentence: '16' } }],
      },
    ],
    signingKey,
  };
}

/** A key of this run: releases are compared within a run only. */
export const KEY = generateKeyPairSync('ed25519').privateKey;
