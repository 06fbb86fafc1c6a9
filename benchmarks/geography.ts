/**
 * The largest published case: three dimensions, one of them a geography of five levels, 823 × 18 × 10 = 148,140 addresses, from the
 * records of case S4, whose values are unsafe by the p %-rule. Read in place.
 * @module
 */
import { tabulateRecords } from '@weighbridge/protect';
import type { CellRow, ProtectionSpec, RecordRow } from '@weighbridge/protect';
import { readColumns } from '../packages/protect/test/gate/case-files.ts';

/** Addresses of the full crossing: what percentages of secondary cells are counted of. */
export const ADDRESSES = 148_140;

/** The cells of the table with the largest contributions to each, and how they are to be protected. */
export async function geography(): Promise<{ readonly rows: readonly CellRow[]; readonly spec: ProtectionSpec }> {
  const records = readColumns('synthetic/S4.records.csv.gz');
  const [district, region, zone, area, size, form] = ['district', 'region', 'zone', 'area', 'size', 'form'].map((name) => records.text(name)) as [string[], string[], string[], string[], string[], string[]];
  const value = records.number('value');
  const below = new Map<string, Set<string>>();
  const add = (total: string, part: string): void => { below.set(total, (below.get(total) ?? new Set()).add(part)); };
  for (const i of value.keys()) {
    add('Total', area[i] ?? '');
    add(area[i] ?? '', zone[i] ?? '');
    add(zone[i] ?? '', region[i] ?? '');
    add(region[i] ?? '', district[i] ?? '');
  }
  const spec: ProtectionSpec = {
    dimensions: [{ column: 'geography', sums: [...below].map(([total, parts]) => ({ total, parts: [...parts] })) }, { column: 'size', total: 'Total' }, { column: 'form', total: 'Total' }],
    rules: { pPercent: { p: 10 } }, method: 'boxes', cost: 'cells', marksTold: false,
  };
  function* rows(): Generator<RecordRow> {
    for (const i of value.keys()) yield { key: [district[i] ?? '', size[i] ?? '', form[i] ?? ''], value: value[i] ?? 0 };
  }
  return { rows: await tabulateRecords(rows(), spec), spec };
}
