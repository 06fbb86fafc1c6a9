/**
 * The only way from confidential tables to releasable ones: all tables of a release together, with a certificate that an
 * attack on all of them, and on what was released before, found nothing.
 * Methods: as counted (public sources), fixed random rounding to base 3, cell suppression.
 *
 * What the certificate says: for a reader who has every number printed in any of the tables or in the earlier releases given,
 * every sum that holds between the cells of each, which cells of different tables count the same, which cells stayed as they were
 * since an earlier release, how far rounding moves, and that counts are whole and not negative, no count from 1 to the
 * threshold - 1 can be only what it is, and no difference of that size between two releases of a cell; and no sum over so few
 * numbers follows from other sums. What follows from the earlier releases alone is left aside. What the attack takes for proof
 * stands in `shown-attack.ts` and `audit.ts`.
 * Leaves out: a reader who is in the data, dominance of one contributor in a sum, what the choice of withheld cells itself may
 * tell, and what `table-layers.ts` and `earlier-releases.ts` leave out.
 * @module
 */
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import { assertKey } from './cell-draw.ts';
import { earlierLayers } from './earlier-releases.ts';
import type { EarlierRelease } from './earlier-releases.ts';
import { assertProtectable, releaseTable } from './protect-table.ts';
import type { ProtectedTable, ReleaseCertificate, TableCertificate } from './released.ts';
import { layersOf, linkedTables } from './table-layers.ts';
import type { Layer } from './table-layers.ts';
import { linkWhole, withheldCounts, withheldSums } from './withheld-cells.ts';

/** Version of what a certificate vouches for: raised when the attack learns more. */
export const ATTACK = 'weighbridge-attack/1';

export interface ProtectTablesOptions {
  /**
   * Releases of the series that were made before, oldest first: what they printed stays known. They are held against the key too:
   * it must be the one that they were rounded with.
   */
  readonly earlier?: readonly EarlierRelease[];
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Protects the tables of a release together, each by the method that it asks for.
 *
 * Deterministic: the same tables and key give the same result. A cell that counts the same records of the same measure
 * rounds the same way in every table and every release. What is withheld depends on all tables given: a cell that one
 * suppressed table withholds is withheld in all of them, and one that an earlier release withheld and that stayed as it was is
 * withheld again. Earlier releases that have nothing in common with the tables change nothing but the certificate. Nothing in the result is computed from a true count except
 * through the method.
 *
 * @param key - secret of the series, at least 16 bytes; whoever holds it can redo a rounding
 * @throws Refusal `PROTECTION_REASON` when a table is called public without saying why; `MAGNITUDE_NOT_INTEGER` when
 *   rounding to base 3 is asked for sums that are no integers; `CANNOT_PROTECT` with the addresses of counts that follow
 *   whatever is withheld; `LINKED_DIFFER` when two tables count the same and differ; `EARLIER_DIFFERS` as {@link earlierLayers}
 * @throws RangeError when the key is too short; DOMException `AbortError` when the signal says so
 */
export async function protectTables(tables: readonly ConfidentialTable[], key: Uint8Array, options: ProtectTablesOptions = {}): Promise<{ readonly tables: readonly ProtectedTable[]; readonly certificate: ReleaseCertificate }> {
  assertKey(key);
  for (const table of tables) assertProtectable(table);
  // In order of id: the order in which tables are given leaves no trace.
  const ordered = tables.map((table, at) => ({ table, at })).sort((a, b) => (a.table.meta.id < b.table.meta.id ? -1 : 1));
  const { earlier = [] } = options;
  const layers = ordered.flatMap(({ table, at }) => (table.protection.method === 'public' ? [] : layersOf(table, at, { release: earlier.length })));
  const all = [...layers, ...earlierLayers(earlier)];
  const behind = linkWhole(all.filter((layer) => !layer.shown));
  const shown = linkWhole(all.filter((layer) => layer.shown));
  const sums = await withheldSums(behind, key, options);
  const counts = await withheldCounts(shown, key, options);
  const withheld = new Map<Layer, (cell: number) => boolean>([
    ...behind.layers.map((layer, l) => [layer, (cell: number) => sums.withheld.has(behind.numberOf(l, cell))] as const),
    ...shown.layers.map((layer, l) => [layer, (cell: number) => counts.isWithheld(shown.numberOf(l, cell), layer)] as const),
  ]);
  const linked = linkedTables(layers, tables.length);
  const made = tables.map((table, at) => {
    const own = new Map(layers.filter((layer) => layer.at === at).map((layer) => [layer.part, withheld.get(layer) as (cell: number) => boolean]));
    return releaseTable(table, key, (part, cell) => own.get(part)?.(cell) ?? false, {
      engine: ATTACK, linkedTables: linked[at] as number, ...(earlier.length === 0 || table.protection.method === 'public' ? {} : { earlierReleases: earlier.length }),
    });
  });
  return {
    tables: made,
    certificate: { engine: ATTACK, programs: sums.programs + counts.programs, knownBefore: sums.knownBefore + counts.knownBefore, tables: made.map(({ meta, certificate }): TableCertificate & { readonly id: string } => ({ id: meta.id, ...certificate })) },
  };
}
