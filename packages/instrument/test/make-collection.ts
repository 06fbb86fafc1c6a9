import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

export const COLLECTION = `weighbridge: 1
id: trial
title: Trial
summary: A trial
purpose: To test
legalBasis: None
residency: NZ
publisher: Nobody
licence: CC-BY-4.0
edition: "1"
synthetic: true
agencies: [{ id: north, title: North }]
rounds: [{ id: r1, from: 2020-07-01, to: 2021-06-30 }]
`;

export const OFFENCES = `id: offences
title: Offences
edition: "1"
source: invented
levels: [division, group]
codes:
  - { code: "01", label: A }
  - { code: "011", label: A one, parent: "01" }
  - { code: "012", label: A two, parent: "01" }
  - { code: "02", label: B }
`;

export const AREAS = `id: areas
title: Areas
edition: "1"
source: invented
codes:
  - { code: AA, label: Aa }
  - { code: BB, label: Bb }
  - { code: LL, label: League, overlaps: [AA] }
`;

export const INSTRUMENT = `id: cases
title: Cases
description: Cases, one a row
record: one case
unit: { id: case, one: case, many: cases }
sensitivity: { level: confidential, reason: case records }
coverage: all invented agencies
fields:
  - { name: offence, title: Offence, type: string, codelist: offences, holds: mixed }
  - { name: area, title: Area, type: string, codelist: areas }
  - { name: month, title: Month, type: yearmonth }
  - { name: recipient, title: Recipient, type: string, sensitivity: public }
  - { name: person, title: Person, type: string, sensitivity: identifier }
  - { name: n, title: Cases, type: integer }
derived:
  - { name: year, title: Year, part: { of: month, grain: year } }
measures:
  - { id: cases, label: Cases, sum: n, notOver: [{ field: recipient, why: one case may have several recipients }] }
  - { id: held, label: Cases held, sum: n, kind: stock }
`;

export const TABLE = `id: by-offence
title: By offence
instrument: cases
measure: cases
by:
  - { field: offence, level: division }
  - { field: recipient, total: false }
where: { area: { notIn: [LL] } }
`;

const made: string[] = [];
afterAll(async () => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder that is removed after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-instrument-'));
  made.push(folder);
  return folder;
}

/** Writes a small collection to a temporary folder; `files` replace or add definitions. */
export async function makeCollection(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  const all = {
    'collection.yaml': COLLECTION, 'codelists/offences.yaml': OFFENCES, 'codelists/areas.yaml': AREAS,
    'instruments/cases.yaml': INSTRUMENT, 'tables/by-offence.yaml': TABLE, ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
