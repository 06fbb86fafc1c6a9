/** A collection of one instrument in a temporary folder, for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const COLLECTION = `weighbridge: 1
id: small
title: Small
summary: For tests
purpose: Tests
legalBasis: None
residency: Here
publisher: Tests
licence: CC0-1.0
edition: "1"
synthetic: true
agencies:
  - { id: north, title: North (invented) }
  - { id: south, title: South (invented) }
rounds:
  - { id: r1, from: "2020-01-01", to: "2020-12-31" }
  - { id: r2, from: "2021-01-01", to: "2021-12-31" }
`;

export const INSTRUMENT = `id: visits
title: Visits
description: For tests
record: One visit
unit: { id: visit, one: visit, many: visits }
sensitivity: { level: confidential, reason: Tests }
coverage: All
primaryKey: [visit]
fields:
  - { name: visit, title: Visit, type: string, required: true, sensitivity: identifier }
  - { name: family, title: Family, type: string, required: true, sensitivity: identifier }
  - { name: members, title: Members, type: integer, required: true }
  - { name: kind, title: Kind, type: string, codelist: kinds, required: true }
  - { name: came, title: Came, type: date, required: true }
  - { name: left_on, title: Left, type: date }
  - { name: spent, title: Spent, type: integer }
  - { name: synthetic, title: Synthetic, type: boolean, required: true }
measures:
  - { id: visits, label: Visits, count: records }
`;

export const SETTINGS = `instrument: visits
agencies:
  weights: { north: 2, south: 1 }
  assumption: Tests
rounds:
  weights: { r1: 1, r2: 1 }
  assumption: Tests
hidden: [mood]
fields:
  - field: visit
    id: { prefix: V }
  - field: family
    group: { prefix: F, size: { "1": 1, "3": 2 } }
    assumption: Tests
  - field: members
    sizeOf: family
  - field: mood
    choose: { good: 3, bad: 1 }
    assumption: Tests
    heldBy: family
  - field: kind
    choose: { walk: 1, swim: 1, read: 2 }
    distinctWithin: family
    source: some-study
  - field: came
    date: { within: round }
  - field: left_on
    date: { from: came, days: [{ from: 0, to: 9, weight: 3 }, { from: 10, to: 400, weight: 1 }], blankAfterRound: true }
    assumption: Tests
  - field: spent
    integer: { times: 5, bands: [{ from: 0, to: 20, weight: 1 }] }
    assumption: Tests
    cases:
      - when: { mood: bad }
        value: ""
  - field: synthetic
    value: "true"
`;

export const KINDS = `id: kinds
title: Kinds
edition: "1"
source: Tests
codes:
  - { code: walk, label: Walk }
  - { code: swim, label: Swim }
  - { code: read, label: Read }
`;

const made: string[] = [];
afterAll(async () => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-sample-'));
  made.push(folder);
  return folder;
}

/** Writes the collection with some texts replaced and gives its folder. */
export async function smallCollection(replaced: { readonly settings?: string | null; readonly instrument?: string } = {}): Promise<string> {
  const folder = await temporaryFolder();
  const files: Record<string, string | null> = {
    'collection.yaml': COLLECTION, 'instruments/visits.yaml': replaced.instrument ?? INSTRUMENT, 'codelists/kinds.yaml': KINDS,
    'sample/visits.yaml': replaced.settings === undefined ? SETTINGS : replaced.settings,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    if (text !== null) await writeFile(join(folder, name), text);
  }
  return folder;
}
