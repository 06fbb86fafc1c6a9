import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { loadInstrument } from '@weighbridge/instrument';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCollection } from './make-collection.ts';

/** An instrument with three fields, of which the last takes bands. */
function instrument(json: string, more = ''): string {
  return `id: counts
title: Counts
description: Invented counts
record: one count
unit: { id: case, one: case, many: cases }
sensitivity: { level: public, reason: invented for tests }
coverage: nobody
${more}format:
  records: rows
  json: ${json}
fields:
  - { name: period, title: Period, type: string }
  - { name: kind, source: Kind, title: Kind, type: string }
  - { name: n, title: Cases, type: integer, bounds: [band] }
measures:
  - { id: cases, label: Cases, sum: n }
`;
}

async function issuesOf(text: string): Promise<readonly Issue[]> {
  const folder = await makeCollection({ 'instruments/counts.yaml': text });
  return loadInstrument(join(folder, 'instruments/counts.yaml')).then(() => [], (error: unknown) => {
    if (error instanceof Refusal) return error.issues;
    throw error;
  });
}

describe('format: json is accepted with', () => {
  test.each<[string, string, string?]>([
    ['declared columns', '{ columns: [period, Kind, n] }'],
    ['declared columns in another order, some ignored', '{ columns: [n, other, Kind, period] }', 'extraColumns: ignore\n'],
    ['columns named in the document', '{ columns: meta.names }'],
    ['columns named in the first record', '{ header: true }'],
    ['lists and bands over declared columns', '{ columns: [period, Kind, low, high], lists: { period: periods, Kind: kinds }, bands: { n: { low: low, high: high } } }'],
    ['lists and bands over objects', '{ lists: { Kind: kinds }, bands: { n: { low: low, high: high } } }'],
    ['a list behind a bound', '{ lists: { low: lows }, bands: { n: { low: low, high: high } } }'],
  ])('%s', async (_, json, more) => {
    expect(await issuesOf(instrument(json, more))).toEqual([]);
  });
});

describe('format: json is refused at its key with', () => {
  test.each<[string, string, string[]]>([
    ['columns and a header', '{ columns: [period, Kind, n], header: true }', ['DEFINITION format.json']],
    ['header: false', '{ header: false }', ['DEFINITION format.json.header']],
    ['no column at all', '{ columns: [] }', ['DEFINITION format.json.columns']],
    ['a bound missing', '{ bands: { n: { low: low } } }', ['DEFINITION format.json.bands.n.high']],
    ['an unknown key', '{ row: rows }', ['DEFINITION format.json.row']],
    ['a column twice', '{ columns: [period, Kind, n, n] }', ['VALUE format.json.columns[3]']],
    ['a column that is no field', '{ columns: [period, Kind, n, surname] }', ['VALUE format.json.columns[3]']],
    ['a field that is no column', '{ columns: [period, n] }', ['VALUE fields[1]']],
    ['a field by its name where its source is another', '{ columns: [period, kind, n] }', ['VALUE fields[1]', 'VALUE format.json.columns[1]']],
    ['a list for no field', '{ columns: names, lists: { perod: periods } }', ['VALUE format.json.lists.perod']],
    ['a band for no field', '{ bands: { m: { low: low, high: high } } }', ['VALUE format.json.bands.m']],
    ['a band for a field that takes none', '{ bands: { period: { low: low, high: high } } }', ['VALUE format.json.bands.period']],
    ['both bounds in one column', '{ bands: { n: { low: low, high: low } } }', ['VALUE format.json.bands.n.high']],
    ['a band named as its bound', '{ bands: { n: { low: n, high: high } } }', ['VALUE format.json.bands.n']],
    ['a bound that is no column', '{ columns: [period, Kind, low], bands: { n: { low: low, high: high } } }', ['VALUE format.json.bands.n.high']],
  ])('%s', async (_, json, expected) => {
    expect((await issuesOf(instrument(json))).map((i) => `${i.code} ${i.place.key ?? ''}`).sort()).toEqual(expected);
  });
});
