/**
 * The promise between `tabulate` and `protect`: the same records of the same measure have one rounding, wherever they stand.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CellKey } from '@weighbridge/base';
import type { Collection } from '@weighbridge/instrument';
import { protectTables } from '@weighbridge/protect';
import type { SealedSource } from '@weighbridge/tabulate';
import { COLLECTION, instrument, make, openWorkbench, table } from '../packages/tabulate/test/workbench.ts';
import type { Workbench } from '../packages/tabulate/test/workbench.ts';

const TABLES: Readonly<Record<string, string>> = {
  both: 'measure: devices\nby: [{ field: kind }, { field: year }]',
  turned: 'measure: also\nby: [{ field: year }, { field: kind }]',
  kind: 'measure: devices\nby: [{ field: kind }]',
  filtered: 'measure: devices\nby: [{ field: year }]\nwhere: { kind: phone }',
  'filtered-list': 'measure: devices\nby: [{ field: year }]\nwhere: { kind: { in: [phone] } }',
  chosen: 'measure: devices\nby: [{ field: kind, codes: [phone] }, { field: year }]',
  returns: 'measure: devices\nby: [{ field: kind }, { field: agency }, { field: round }]',
  people: 'measure: people\nby: [{ field: kind }]',
};

let bench: Workbench;
let collection: Collection;
let source: SealedSource;

beforeAll(async () => {
  bench = await openWorkbench();
  collection = await bench.collection({
    'collection.yaml': COLLECTION,
    'instruments/devices.yaml': instrument('devices', `
fields:
  - { name: kind, title: Kind, type: string, constraints: { enum: [phone, tablet] } }
  - { name: seized, title: Seized, type: date }
  - { name: person, title: Person, type: string, sensitivity: identifier }
derived: [{ name: year, title: Year, part: { of: seized, grain: year } }]
measures:
  - { id: devices, label: Devices, count: records }
  - { id: also, label: The same under another name, count: records }
  - { id: people, label: People, distinct: person }
`),
    ...Object.fromEntries(Object.entries(TABLES).map(([id, body]) => [`tables/${id}.yaml`, table(id, 'devices', body)])),
  });
  source = await bench.seal("SELECT CASE WHEN i % 3 = 0 THEN 'tablet' ELSE 'phone' END AS kind, DATE '2020-01-01' + CAST(i * 37 % 1461 AS INTEGER) AS seized, CAST(i AS VARCHAR) AS person FROM range(1000) AS t(i)");
});
afterAll(() => bench.close());

/** Rounded values by address under one key. */
async function rounded(id: string, key: number): Promise<(address: CellKey) => number> {
  const { tables: [made] } = await protectTables([await make(bench, collection, id, [source])], new Uint8Array(32).fill(key));
  if (made === undefined) throw new TypeError('one table');
  const values = new Map(made.cells.map((c) => [JSON.stringify(c.key), c.value?.lo ?? NaN]));
  return (address) => values.get(JSON.stringify(address)) ?? NaN;
}

const YEARS = ['2020', '2021', '2022', '2023', null];

test('the same records round alike as a cell, as a margin, under a filter and under another name of the measure', async () => {
  for (let key = 1; key <= 20; key++) {
    const [both, turned, kind] = [await rounded('both', key), await rounded('turned', key), await rounded('kind', key)];
    const [filtered, list, chosen] = [await rounded('filtered', key), await rounded('filtered-list', key), await rounded('chosen', key)];
    for (const year of YEARS) {
      const phones = both(['phone', year]);
      expect(phones).toBeGreaterThan(0);
      expect([turned([year, 'phone']), filtered([year]), list([year]), chosen(['phone', year])]).toEqual([phones, phones, phones, phones]);
    }
    expect([kind(['phone']), kind([null]), chosen([null, null])]).toEqual([both(['phone', null]), both([null, null]), both(['phone', null])]);
  }
});

test('a set of records has one draw: another unit of the same number rounds alike', async () => {
  for (let key = 1; key <= 20; key++) {
    const [people, kind] = [await rounded('people', key), await rounded('kind', key)];
    expect([people(['phone']), people(['tablet']), people([null])]).toEqual([kind(['phone']), kind(['tablet']), kind([null])]);
  }
});

test('a margin that covers the same records as its only code rounds like it: no second draw can be compared', async () => {
  for (let key = 1; key <= 20; key++) {
    const returns = await rounded('returns', key);
    for (const kind of ['phone', 'tablet', null]) {
      const draws = new Set([returns([kind, 'north', '2023']), returns([kind, null, '2023']), returns([kind, 'north', null]), returns([kind, null, null])]);
      expect(draws.size).toBe(1);
    }
    expect(returns(['phone', null, null])).toBe((await rounded('kind', key))(['phone']));
  }
});
