/**
 * Records for the benchmarks: synthetic exhibit devices of 12 columns, the same bytes of content for the same row count.
 * No random numbers: each column is a fixed arithmetic function of the row number, so any engine can make them again.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sqlText } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';

/** Names of the columns, in file order. */
export const COLUMNS = [
  'exhibit', 'case_number', 'offence', 'district', 'kind', 'make', 'lock_state', 'outcome', 'encryption', 'seized', 'reported', 'pages',
] as const;

const DIVISIONS = 16;
const GROUPS = 8;
const DISTRICTS = Array.from({ length: 24 }, (_, i) => `district-${String(i + 1).padStart(2, '0')}`);
const pick = (values: readonly string[], salt: number): string => `list_element([${values.map(sqlText).join(', ')}], CAST(1 + ${mix(salt)} % ${values.length} AS INTEGER))`;
/** A well-spread number from 0 to 2^31 for row `i`: two rounds of a multiplicative generator. */
const mix = (salt: number): string => `(((i * 2654435761 + ${salt} * 40503) % 4294967296 * 69069 + ${salt}) % 4294967296 // 1024)`;

/** A query that makes `rows` records, about 1% of them with a missing value here and there. */
export function recordsQuery(rows: number): string {
  const columns = [
    `'E' || lpad(CAST(i AS VARCHAR), 9, '0') AS exhibit`,
    `'C' || lpad(CAST(i // 3 AS VARCHAR), 9, '0') AS case_number`,
    `lpad(CAST(1 + ${mix(1)} % ${DIVISIONS} AS VARCHAR), 2, '0') || CAST(1 + ${mix(2)} % ${GROUPS} AS VARCHAR) AS offence`,
    `'district-' || lpad(CAST(1 + ${mix(3)} % ${DISTRICTS.length} AS VARCHAR), 2, '0') AS district`,
    `${pick(['phone', 'phone', 'phone', 'tablet', 'computer', 'storage', 'vehicle', 'other'], 4)} AS kind`,
    `${pick(['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'], 5)} AS make`,
    `${pick(['locked', 'locked', 'unlocked', 'none'], 6)} AS lock_state`,
    `CASE WHEN ${mix(12)} % 100 = 0 THEN NULL ELSE ${pick(['not-attempted', 'failed', 'partial', 'full', 'full'], 7)} END AS outcome`,
    `${pick(['full-disk', 'file-based', 'application', 'none', 'unknown'], 8)} AS encryption`,
    `DATE '2019-01-01' + CAST(${mix(9)} % 1826 AS INTEGER) AS seized`,
    `CASE WHEN ${mix(13)} % 100 = 0 THEN NULL ELSE DATE '2019-01-01' + CAST(${mix(9)} % 1826 + ${mix(10)} % 400 AS INTEGER) END AS reported`,
    `CAST(${mix(11)} % 2000 AS BIGINT) AS pages`,
  ];
  return `SELECT ${columns.join(', ')} FROM range(${rows}) AS t(i)`;
}

/** Writes the records as Parquet. */
export async function writeParquet(engine: Engine, rows: number, path: string): Promise<void> {
  await engine.run(`COPY (SELECT *, CAST(row_number() OVER () AS BIGINT) AS _row FROM (${recordsQuery(rows)})) TO ${sqlText(path)} (FORMAT parquet)`, 'making benchmark records');
}

/** Writes the records as an agency would send them: CSV with a header, ISO dates, blanks for missing values. */
export async function writeCsv(engine: Engine, rows: number, path: string): Promise<void> {
  await engine.run(`COPY (${recordsQuery(rows)}) TO ${sqlText(path)} (FORMAT csv, HEADER true)`, 'making benchmark records');
}

const TABLES: Readonly<Record<string, string>> = {
  'a-offence-year-lock': 'measure: devices\nby: [{ field: offence, level: division }, { field: year }, { field: lock_state }]',
  'b-kind-outcome-encryption': 'measure: devices\nby: [{ field: kind }, { field: outcome }, { field: encryption }]',
  'c-district-quarter': 'measure: devices\nby: [{ field: district }, { field: quarter, time: true }]',
  'd-wait-outcome': 'measure: devices\nby: [{ field: wait }, { field: outcome }]',
  'e-pages': 'measure: pages\nby: [{ field: kind }, { field: make }, { field: year }]',
  'f-offences-locked-phones': 'measure: devices\nby: [{ field: offence }, { field: outcome }]\nwhere: { kind: phone, lock_state: locked }',
};

/** Writes a collection whose instrument describes the records; returns its folder. */
export async function writeCollection(folder: string): Promise<string> {
  const codes = Array.from({ length: DIVISIONS }, (_, d) => String(d + 1).padStart(2, '0'))
    .flatMap((division) => [`${division},Division ${division},,division`, ...Array.from({ length: GROUPS }, (_, g) => `${division}${g + 1},Group ${division}${g + 1},${division},group`)]);
  const list = (values: readonly string[]): string => `constraints: { enum: [${values.join(', ')}] }`;
  const files: Record<string, string> = {
    'collection.yaml': 'weighbridge: 1\nid: bench\ntitle: Benchmark\nsummary: Synthetic records\npurpose: Measuring speed\nlegalBasis: None\nresidency: Here\npublisher: Nobody\nlicence: Apache-2.0\nedition: "1"\nsynthetic: true\nagencies: [{ id: agency, title: Agency }]\nrounds: [{ id: all, from: "2019-01-01", to: "2023-12-31" }]\n',
    'codelists/offences.yaml': 'id: offences\ntitle: Offences\nedition: "1"\nsource: made for the benchmark\nlevels: [division, group]\nfile: { path: offences.csv }\n',
    'codelists/offences.csv': `code,label,parent,level\n${codes.join('\n')}\n`,
    'instruments/devices.yaml': `id: devices
title: Exhibit devices
description: Synthetic records for benchmarks
record: One exhibit device
unit: { id: device, one: device, many: devices }
sensitivity: { level: confidential, reason: stands for case records }
coverage: Synthetic
fields:
  - { name: exhibit, title: Exhibit, type: string, required: true, sensitivity: identifier, constraints: { pattern: "E[0-9]{9}" } }
  - { name: case_number, title: Case, type: string, required: true, sensitivity: identifier }
  - { name: offence, title: Offence, type: string, codelist: offences, holds: group, required: true }
  - { name: district, title: District, type: string, required: true, ${list(DISTRICTS)} }
  - { name: kind, title: Kind, type: string, required: true, ${list(['phone', 'tablet', 'computer', 'storage', 'vehicle', 'other'])} }
  - { name: make, title: Make, type: string, required: true, ${list(['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'])} }
  - { name: lock_state, title: Lock state, type: string, required: true, ${list(['locked', 'unlocked', 'none'])} }
  - { name: outcome, title: Outcome, type: string, ${list(['not-attempted', 'failed', 'partial', 'full'])} }
  - { name: encryption, title: Encryption, type: string, required: true, ${list(['full-disk', 'file-based', 'application', 'none', 'unknown'])} }
  - { name: seized, title: Seized, type: date, required: true }
  - { name: reported, title: Reported, type: date }
  - { name: pages, title: Pages, type: integer, required: true, constraints: { minimum: 0, maximum: 100000 } }
derived:
  - { name: year, title: Year seized, part: { of: seized, grain: year } }
  - { name: quarter, title: Quarter seized, part: { of: seized, grain: quarter } }
  - { name: wait, title: Days to report, daysBetween: { from: seized, to: reported, bands: [0, 31, 91, 181] } }
rules:
  - { id: dates, then: { reported: { notBefore: seized } }, message: reported before it was seized, repair: mend the dates }
measures:
  - { id: devices, label: Devices, count: records }
  - { id: pages, label: Pages, sum: pages }
`,
    ...Object.fromEntries(Object.entries(TABLES).map(([id, body]) => [`tables/${id}.yaml`, `id: ${id}\ntitle: ${id}\ninstrument: devices\n${body}\n`])),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
