/**
 * The only way from confidential tables to releasable ones: all tables of a release together, with a certificate that an
 * attack on all of them found nothing.
 * Methods: as counted (public sources), fixed random rounding to base 3, cell suppression.
 *
 * What the certificate says: for a reader who has every number printed in any of the tables, every sum that holds between
 * the cells of each, which cells of different tables count the same, how far rounding moves, and that counts are whole and
 * not negative, no count from 1 to the threshold - 1 can be only what it is; and no sum over so few numbers follows from
 * other sums. What the attack takes for proof stands in `shown-attack.ts` and `audit.ts`.
 * Leaves out: tables released earlier, a reader who is in the data, dominance of one contributor in a sum, what the choice
 * of withheld cells itself may tell, and what `table-layers.ts` leaves out.
 * @module
 */
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import { componentsOf } from './attacker.ts';
import { assertKey } from './cell-draw.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { assertProtectable, releaseTable, roundedPart } from './protect-table.ts';
import type { PrimaryCell } from './primary.ts';
import type { ProtectedTable, ReleaseCertificate, TableCertificate } from './released.ts';
import { ShownCells } from './shown-cells.ts';
import { withholdUntilOpen } from './shown-mend.ts';
import { suppressTable } from './suppress-table.ts';
import { layersOf, linkLayers, linkedTables } from './table-layers.ts';
import type { Layer, LinkedLayers } from './table-layers.ts';

/** Version of what a certificate vouches for: raised when the attack learns more. */
export const ATTACK = 'weighbridge-attack/1';

export interface ProtectTablesOptions {
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Protects the tables of a release together, each by the method that it asks for.
 *
 * Deterministic: the same tables and key give the same result. A cell that counts the same records of the same measure
 * rounds the same way in every table and every release. What is withheld depends on all tables given: a cell that one
 * suppressed table withholds is withheld in all of them. Nothing in the result is computed from a true count except
 * through the method.
 *
 * @param key - secret of the series, at least 16 bytes; whoever holds it can redo a rounding
 * @throws Refusal `PROTECTION_REASON` when a table is called public without saying why; `MAGNITUDE_NOT_INTEGER` when
 *   rounding to base 3 is asked for sums that are no integers; `CANNOT_PROTECT` with the addresses of counts that follow
 *   whatever is withheld; `LINKED_DIFFER` when two tables count the same and differ
 * @throws RangeError when the key is too short; DOMException `AbortError` when the signal says so
 */
export async function protectTables(tables: readonly ConfidentialTable[], key: Uint8Array, options: ProtectTablesOptions = {}): Promise<{ readonly tables: readonly ProtectedTable[]; readonly certificate: ReleaseCertificate }> {
  assertKey(key);
  for (const table of tables) assertProtectable(table);
  // In order of id: the order in which tables are given leaves no trace.
  const ordered = tables.map((table, at) => ({ table, at })).sort((a, b) => (a.table.meta.id < b.table.meta.id ? -1 : 1));
  const layers = ordered.flatMap(({ table, at }) => (table.protection.method === 'public' ? [] : layersOf(table, at)));
  const behind = linkLayers(layers.filter((layer) => !layer.shown));
  const shown = linkLayers(layers.filter((layer) => layer.shown));
  const sums = await withheldSums(behind, options);
  const { cells, programs } = await withheldCounts(shown, key, options);
  const withheld = new Map<Layer, (cell: number) => boolean>([
    ...behind.layers.map((layer, l) => [layer, (cell: number) => sums.withheld.has(behind.numberOf(l, cell))] as const),
    ...shown.layers.map((layer, l) => [layer, (cell: number) => isWithheld(cells, shown.numberOf(l, cell), layer)] as const),
  ]);
  const linked = linkedTables(layers, tables.length);
  const made = tables.map((table, at) => {
    const own = new Map(layers.filter((layer) => layer.at === at).map((layer) => [layer.part, withheld.get(layer) as (cell: number) => boolean]));
    return releaseTable(table, key, (part, cell) => own.get(part)?.(cell) ?? false, { engine: ATTACK, linkedTables: linked[at] as number });
  });
  return {
    tables: made,
    certificate: { engine: ATTACK, programs: sums.programs + programs, tables: made.map(({ meta, certificate }): TableCertificate & { readonly id: string } => ({ id: meta.id, ...certificate })) },
  };
}

function isWithheld(cells: ShownCells, cell: number, { table }: Layer): boolean {
  return table.protection.method === 'suppress' ? cells.isHidden(cell) : cells.isGone(cell);
}

/** Sums that rest on few numbers, and others from which they would follow: by the numbers behind them. */
async function withheldSums({ system, layers, numberOf }: LinkedLayers, options: ProtectTablesOptions): Promise<{ withheld: ReadonlySet<number>; programs: number }> {
  const threshold = new Float64Array(system.size);
  for (const [l, { table, system: own }] of layers.entries()) {
    for (let cell = 0; cell < own.size; cell++) raise(threshold, numberOf(l, cell), table.protection.threshold);
  }
  const small = Array.from({ length: system.size }, (_, cell) => cell).filter((cell) => isSmall(system, threshold, cell));
  return suppressSmall(system, system.relations, small, 'sums', options);
}

/** Counts: first what tables that print them withhold, then whatever the attack on all that is printed asks for. */
async function withheldCounts({ system, layers, numberOf, empty }: LinkedLayers, key: Uint8Array, options: ProtectTablesOptions): Promise<{ cells: ShownCells; programs: number }> {
  const cells = new ShownCells(system);
  const threshold = new Float64Array(system.size);
  for (const [l, layer] of layers.entries()) {
    const { table, part } = layer;
    for (const [at, cell] of table.cells.entries()) {
      const number = numberOf(l, at);
      raise(threshold, number, table.protection.threshold);
      // Where no number can be, as for a round without a return, everybody sees that nothing was counted.
      if (table.protection.method === 'suppress' || (part === 'value' && cell.value.lo === null)) cells.showExactly(number);
      else cells.showRounded(number, roundedPart(table, cell, part, key));
    }
  }
  for (const cell of empty) cells.showExactly(cell);
  const small = Array.from({ length: system.size }, (_, cell) => cell).filter((cell) => isSmall(system, threshold, cell));
  const printing = system.relations.filter(({ total, parts }) => cells.isExact(total) && parts.every((part) => cells.isExact(part)));
  const first = await suppressSmall(system, printing, small.filter((cell) => cells.isExact(cell)), 'counts', options);
  for (const cell of first.withheld) cells.hide(cell);
  const { onProgress, signal } = options;
  const programs = await withholdUntilOpen(cells, small, {
    ...(onProgress === undefined ? {} : { onProgress: (round: number) => { onProgress('attacking all tables together, round', round + 1, round + 1); } }), ...(signal === undefined ? {} : { signal }),
  });
  return { cells, programs: first.programs + programs };
}

function raise(threshold: Float64Array, cell: number, to: number): void {
  threshold[cell] = Math.max(threshold[cell] as number, to);
}

function isSmall({ freq }: CellSystem, threshold: Float64Array, cell: number): boolean {
  return (freq[cell] as number) > 0 && (freq[cell] as number) < (threshold[cell] as number);
}

/** Small cells and those that protect them, one part of the whole at a time. */
async function suppressSmall(system: CellSystem, relations: readonly Relation[], small: readonly number[], what: string, { onProgress, signal }: ProtectTablesOptions): Promise<{ withheld: ReadonlySet<number>; programs: number }> {
  const withheld = new Set(small);
  let programs = 0;
  const components = componentsOf(Array.from({ length: system.size }, (_, cell) => cell), relations).filter(({ cells }) => cells.some((cell) => withheld.has(cell)));
  for (const [i, { cells, relations: own }] of components.entries()) {
    onProgress?.(`withholding ${what}`, i, components.length);
    if (own.length === 0) continue;
    const at = new Map(cells.map((cell, n) => [cell, n]));
    const part: CellSystem = {
      size: cells.length, freq: Float64Array.from(cells, (cell) => system.freq[cell] as number), nameOf: (cell) => system.nameOf(cells[cell] as number),
      relations: own.map(({ total, parts }) => ({ total: at.get(total) as number, parts: parts.map((p) => at.get(p) as number) })),
    };
    const primary = new Map<number, PrimaryCell>(cells.flatMap((cell, n) => (withheld.has(cell) ? [[n, { reason: 'primary: few contributors', upper: 0 }]] : [])));
    const { secondary, programs: solved } = await suppressTable(part, {
      rules: { minFrequency: { threshold: 2, zeros: 'published' } }, primary, method: 'optimisation', ...(signal === undefined ? {} : { signal }),
    });
    for (const cell of secondary.keys()) withheld.add(cells[cell] as number);
    programs += solved;
  }
  return { withheld, programs };
}
