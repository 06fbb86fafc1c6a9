/**
 * Confidential tables for the tests: additive over every dimension, made from counts of the finest cells.
 * @module
 */
import { sha384 } from '@weighbridge/base';
import type { CellKey, Dimension, MeasureMeta, Quantity, TableMeta } from '@weighbridge/base';
import { confidential, confidentialTable, count } from '@weighbridge/base/confidential';
import type { ConfidentialTable, ProtectionRequest } from '@weighbridge/base/confidential';
import { protectTables } from '../src/index.ts';
import type { ProtectedTable } from '../src/index.ts';

export interface TableSettings {
  readonly id?: string;
  readonly method?: ProtectionRequest['method'];
  readonly threshold?: number;
  readonly measure?: MeasureMeta['kind'];
  readonly universe?: string;
  readonly held?: Readonly<Record<string, string>>;
  readonly reason?: string;
  /** Names of the returns that the records are of; default: none. */
  readonly returns?: readonly string[];
  /** Value of a cell from its records; default: the records. */
  readonly value?: (records: number) => Quantity;
}

export const KEY = new Uint8Array(32).fill(7);

/** One table protected by itself. */
export async function protectOne(table: ConfidentialTable, key: Uint8Array = KEY): Promise<ProtectedTable> {
  const { tables: [made] } = await protectTables([table], key);
  if (made === undefined) throw new TypeError('protectOne: expected one table');
  return made;
}

/** Dimensions `a`, `b`, … with the codes given, all with margins. */
export function dimensionsOf(codes: readonly (readonly string[])[]): Dimension[] {
  return codes.map((list, i): Dimension => ({
    field: String.fromCharCode(97 + i), label: `Dimension ${i}`, kind: 'category', total: 'Total', levelsShown: false,
    codes: list.map((code) => ({ code, label: code })),
  }));
}

/** All addresses, margins last. */
export function addresses(dimensions: readonly Dimension[]): CellKey[] {
  let keys: (string | null)[][] = [[]];
  for (const d of dimensions) keys = keys.flatMap((key) => [...d.codes.map((c) => c.code), ...(d.total === null ? [] : [null])].map((c) => [...key, c]));
  return keys;
}

/** A table from the counts of its finest cells, in the order of addresses without margins. */
export function tableOf(dimensions: readonly Dimension[], finest: readonly number[], settings: TableSettings = {}): ConfidentialTable {
  const inner = addresses(dimensions).filter((key) => key.every((c) => c !== null));
  const sum = (key: CellKey): number => inner.reduce((s, k, i) => s + (key.every((c, d) => c === null || c === k[d]) ? (finest[i] ?? 0) : 0), 0);
  const cells = addresses(dimensions).map((key) => ({ key, records: count(sum(key)), value: confidential(settings.value?.(sum(key)) ?? { lo: sum(key), hi: sum(key), states: {} }) }));
  return confidentialTable(metaOf(dimensions, settings.measure ?? 'count', settings.id ?? 't', settings.returns), cells, {
    method: settings.method ?? 'suppress', threshold: settings.threshold ?? 6, universe: settings.universe ?? 'u',
    ...(settings.held ? { held: settings.held } : {}), ...(settings.reason === undefined ? {} : { reason: settings.reason }),
  });
}

function metaOf(dimensions: readonly Dimension[], kind: MeasureMeta['kind'], id: string, returns: readonly string[] = []): TableMeta {
  return {
    id, title: 'T', collection: 'c', instrument: 'i', answers: [],
    measure: { id: 'm', label: 'M', kind, unit: { id: 'u', one: 'unit', many: 'units' } },
    dimensions, synthetic: true, chart: null, derive: [], findings: [],
    basis: { unit: 'units', coverage: 'all', period: { from: '2023-01-01', to: '2023-12-31' }, edition: '1', notes: [], breaks: [] },
    provenance: {
      specSha384: sha384(''), specText: '', specFile: 't.yaml', codelists: [],
      submissions: returns.map((name) => ({ instrument: 'i', agency: 'x', round: '1', edition: 1, original: sha384(name), manifest: sha384(name), rows: 1, repairs: [], synthetic: true })),
    },
  };
}
