/**
 * A small collection on disk, as a steward would have it, and files beside it.
 * @module
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issue } from '@weighbridge/base';
import { openEngine, sqlText } from '@weighbridge/engine';
import type { SqlRow } from '@weighbridge/engine';
import { loadCollection, loadInstrument } from '@weighbridge/instrument';
import type { Collection, Instrument } from '@weighbridge/instrument';
import { checkFile } from '../src/index.ts';
import type { CheckOptions, CheckReport } from '../src/index.ts';

export const DEVICES = `id: devices
title: Devices
description: Made-up devices for tests
record: One device
unit: {id: device, one: device, many: devices}
sensitivity: {level: confidential, reason: invented for tests}
coverage: nobody
fields:
  - {name: id, title: Number, type: string, sensitivity: identifier, required: true, constraints: {pattern: 'D[0-9]+'}}
  - {name: offence, title: Offence, type: string, codelist: offences, required: true}
  - {name: seized, title: Seized, type: date, required: true}
  - {name: locked, title: Locked, type: boolean}
  - {name: days, title: Days, type: integer, constraints: {minimum: 0, maximum: 1000}}
  - {name: note, title: Note, type: string, sensitivity: free-text}
primaryKey: [id]
referencePeriod: seized
measures:
  - {id: devices, label: Devices, count: records}
`;

export const OFFENCES = `id: offences
title: Offences
edition: test
source: invented
codes:
  - {code: '01', label: Homicide}
  - {code: '02', label: Assault, validFrom: 2015-01-01}
`;

const COLLECTION = `weighbridge: 1
id: tests
title: Tests
summary: s
purpose: p
legalBasis: l
residency: r
publisher: p
licence: l
edition: '1'
synthetic: false
agencies: [{id: police, title: Police}, {id: customs, title: Customs}]
rounds: [{id: '2020', from: 2020-01-01, to: 2020-12-31}]
`;

export const HEADER = 'id,offence,seized,locked,days,note';
export const GOOD = [HEADER, 'D1,01,2020-03-01,true,10,first', 'D2,02,2020-03-02,false,,"second, with a comma"', ''].join('\n');

/** A folder with a collection; remove it with `dispose`. */
export class Fixture {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(instruments: Readonly<Record<string, string>> = { devices: DEVICES }, collection = COLLECTION): Promise<Fixture> {
    const folder = await mkdtemp(join(tmpdir(), 'intake-'));
    const fixture = new Fixture(folder);
    await fixture.write('collection.yaml', collection);
    await fixture.write('codelists/offences.yaml', OFFENCES);
    for (const [id, yaml] of Object.entries(instruments)) await fixture.write(`instruments/${id}.yaml`, yaml);
    return fixture;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, data: string | Uint8Array): Promise<string> {
    const path = this.path(name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, data);
    return path;
  }

  async instrument(id = 'devices'): Promise<Instrument> {
    return loadInstrument(this.path(`instruments/${id}.yaml`));
  }

  async collection(): Promise<Collection> {
    return loadCollection(this.folder);
  }

  /** Checks data written to a file of that name. */
  async check(data: string | Uint8Array, name = 'data.csv', options: CheckOptions = {}, id = 'devices'): Promise<CheckReport> {
    return checkFile(await this.write(name, data), await this.instrument(id), options);
  }

  /** Checks data and reads every issue line. */
  async issues(data: string | Uint8Array, name = 'data.csv', id = 'devices'): Promise<{ report: CheckReport; lines: Record<string, unknown>[] }> {
    const issuesFile = this.path('issues.ndjson');
    const report = await this.check(data, name, { issuesFile }, id);
    const text = await readFile(issuesFile, 'utf8');
    return { report, lines: text.split('\n').filter((l) => l !== '').map((l) => JSON.parse(l) as Record<string, unknown>) };
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A one-field public instrument for trying a field's definition. */
export function fieldInstrument(field: string, more = ''): string {
  return `id: one
title: One
description: One field
record: One value
unit: {id: value, one: value, many: values}
sensitivity: {level: public, reason: invented for tests}
coverage: nothing
fields:
  - {name: n, title: N, type: integer}
  - ${field}
${more}
measures:
  - {id: values, label: Values, count: records}
`;
}

/** Rows of a Parquet file. */
export async function parquetRows(path: string, columns = '*'): Promise<SqlRow[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'intake-read-'));
  const engine = await openEngine({ scratch, allow: [path] });
  try {
    return await engine.rows(`SELECT ${columns} FROM read_parquet(${sqlText(path)})`, 'reading a test file');
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** `CODE column xcount` for every error and warning of a report. */
export function told(report: CheckReport): string[] {
  return report.summary.filter((i) => i.severity !== 'info').map(brief);
}

export function brief(issue: Issue): string {
  return [issue.code, issue.place.column, issue.place.row === undefined ? undefined : `r${issue.place.row}`, issue.place.line === undefined ? undefined : `l${issue.place.line}`, `x${issue.count ?? 1}`].filter((s) => s !== undefined).join(' ');
}
