/**
 * Releases of the series that were made before, as further tables of the same system: what they printed is known whatever is
 * withheld now, and what came or went since is a count like any other.
 * Source: docs/references.md#handbook-sdc (differencing); the same for lists of cells stands in `editions.ts`.
 * Leaves out: differences between cells that are called otherwise and do not count the same set of records, and sums that were
 * corrected while the number of their records stayed.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { ValueState } from '@weighbridge/base';
import type { ConfidentialCell, ConfidentialTable } from '@weighbridge/base/confidential';
import { componentsOf } from './attacker.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { roundedPart } from './protect-table.ts';
import type { ProtectedTable, ReleasedCell } from './released.ts';
import { ROUNDING } from './shown-cells.ts';
import type { ShownCells } from './shown-cells.ts';
import { calledOf, layersOf } from './table-layers.ts';
import type { Layer, LinkedLayers } from './table-layers.ts';

/** A table of an earlier release: what was counted then, and what was made of it. */
export interface EarlierTable {
  readonly counted: ConfidentialTable;
  readonly released: ProtectedTable;
}

export interface EarlierRelease {
  readonly tables: readonly EarlierTable[];
}

/** What came or went between two releases of a cell: a cell of its own, whose count is the size of the difference. */
export interface Difference {
  readonly cell: number;
  /** So small that it must stay open. */
  readonly small: boolean;
  /** False where readers know that nothing was taken away. */
  readonly mayFall: boolean;
  /** The cells that it lies between. */
  readonly between: readonly [number, number];
}

/** What earlier releases did with cells, by their numbers in the whole. */
export interface PrintedBefore {
  /** Printed as counted: known for ever. */
  readonly printed: ReadonlySet<number>;
  /** Withheld where it would have been printed as counted. */
  readonly withheld: ReadonlySet<number>;
  /** Withheld where it would have been printed rounded. */
  readonly gone: ReadonlySet<number>;
}

/**
 * The counts of earlier releases. Public tables are left aside, as among those that are protected now.
 * @param earlier - oldest first
 * @throws Refusal `EARLIER_DIFFERS` with the address when a table was not made from what is given as counted then
 */
export function earlierLayers(earlier: readonly EarlierRelease[]): Layer[] {
  return earlier.flatMap(({ tables }, release) => tables.flatMap(({ counted, released }) => {
    if (counted.protection.method === 'public') return [];
    const fits = counted.protection.method === released.protection.method && counted.cells.length === released.cells.length;
    if (!fits) differs(counted.meta.id);
    for (const [i, cell] of counted.cells.entries()) {
      if (!isMadeFrom(cell, released.cells[i] as ReleasedCell)) differs(`${counted.meta.id}: ${cell.key.map((code, d) => code ?? counted.meta.dimensions[d]?.total ?? '').join(' | ')}`);
    }
    return layersOf(counted, -1, { release, released });
  }));
}

function isMadeFrom({ key, value: { lo } }: ConfidentialCell, released: ReleasedCell): boolean {
  if (JSON.stringify(key) !== JSON.stringify(released.key)) return false;
  const shown = released.value?.lo;
  if (shown === undefined) return true;
  return shown === null || lo === null ? shown === lo : Math.abs(shown - lo) <= (released.status === 'rounded' ? ROUNDING : 0);
}

function differs(object: string): never {
  return refuse('EARLIER_DIFFERS', 'an earlier release was not made from what is given as counted then', { object }, 'give the returns, the definitions and the key that it was made with');
}

/**
 * Tells `cells` what earlier releases printed, and that what they withheld is not zero.
 * @param key - that the rounded tables were made with: where no number of blank values stands, it says whether one was withheld
 */
export function learnEarlier(cells: ShownCells, { layers, numberOf }: LinkedLayers, key: Uint8Array): PrintedBefore {
  const [printed, withheld, gone] = [new Set<number>(), new Set<number>(), new Set<number>()];
  for (const [l, layer] of layers.entries()) {
    if (layer.released === undefined) continue;
    const { table: { protection: { method } }, released, shown, system } = layer;
    for (const [at, cell] of released.cells.entries()) {
      const number = numberOf(l, at);
      const count = system.freq[at] as number;
      const rounded = method === 'round-base-3' && shown ? roundedBefore(layer, at, cell, key) : undefined;
      if (rounded !== undefined && rounded !== 'withheld') cells.know(number, Math.max(0, rounded - ROUNDING), rounded + ROUNDING);
      else if (rounded === undefined && (isPrinted(layer, cell) || (count === 0 && cell.value !== null))) {
        cells.know(number, count, count);
        printed.add(number);
      } else if (count > 0) {
        cells.know(number, 1, Infinity);
        (rounded === undefined ? withheld : gone).add(number);
      }
    }
  }
  return { printed, withheld: withheld.difference(printed), gone: gone.difference(printed) };
}

/** Whether a table that does not round showed the number; a sum shows by being there. */
function isPrinted({ part, shown }: Layer, { value }: ReleasedCell): boolean {
  if (value === null) return false;
  return part === 'value' || !shown || value.states[part.slice('state:'.length) as ValueState] !== undefined;
}

/** What a rounded table showed. A number of blank values that rounds to none is not shown. */
function roundedBefore({ table, part }: Layer, at: number, { value, status }: ReleasedCell, key: Uint8Array): number | 'withheld' | undefined {
  if (value === null) return 'withheld';
  if (part === 'value') return status === 'rounded' ? value.lo ?? undefined : undefined;
  const shown = value.states[part.slice('state:'.length) as ValueState];
  return shown ?? (roundedPart(table, table.cells[at] as ConfidentialCell, part, key) === 0 ? 0 : 'withheld');
}

/**
 * Adds what came or went between releases: a cell wherever two releases have one of the same name and its counts lie less than
 * the threshold apart; and, between one release and the next, where readers can see from the returns named that nothing was taken away,
 * since a count then cannot have fallen. Other differences tell nothing that the counts do not.
 * Where one of the two is zero the difference is the other.
 * @param threshold - for each cell
 */
export function withDifferences({ system, layers, numberOf }: LinkedLayers, threshold: Float64Array): { readonly system: CellSystem; readonly differences: readonly Difference[] } {
  const versions = new Map<string, { readonly cell: number; readonly layer: Layer }[]>();
  for (const [l, layer] of [...layers.entries()].sort(([, a], [, b]) => a.release - b.release)) {
    for (let at = 0; at < layer.system.size; at++) {
      const called = calledOf(layer, at);
      const known = versions.get(called) ?? [];
      if (known.at(-1)?.layer.release !== layer.release) known.push({ cell: numberOf(l, at), layer });
      versions.set(called, known);
    }
  }
  const found = new Map<string, Difference & { readonly count: number; readonly relation: Relation; readonly name: string }>();
  const freq = (cell: number): number => system.freq[cell] as number;
  const compare = (before: { readonly cell: number; readonly layer: Layer }, after: { readonly cell: number; readonly layer: Layer }, next: boolean): void => {
    const [less, more] = freq(before.cell) <= freq(after.cell) ? [before.cell, after.cell] : [after.cell, before.cell];
    if (less === more || freq(less) === 0) return;
    const count = freq(more) - freq(less);
    const small = count > 0 && count < Math.max(threshold[less] as number, threshold[more] as number);
    const onlyRose = more === after.cell && isOnlyAddedTo(before.layer.table, after.layer.table);
    const pair = `${less} ${more}`;
    if (!small && !(next && onlyRose)) return;
    const cell = system.size + found.size;
    const known = found.get(pair);
    if (known !== undefined && (!known.mayFall || !onlyRose)) return;
    found.set(pair, {
      cell: known?.cell ?? cell, small, mayFall: !onlyRose, between: [less, more], count, relation: { total: more, parts: Int32Array.of(less, known?.cell ?? cell) },
      name: `${system.nameOf(after.cell)}: what came or went since a release before`,
    });
  };
  for (const of of versions.values()) for (const [i, before] of of.entries()) for (const [j, after] of of.entries()) if (i < j) compare(before, after, j === i + 1);
  const differences = [...found.values()];
  if (differences.length === 0) return { system, differences };
  const counts = new Float64Array(system.size + differences.length);
  counts.set(system.freq);
  counts.set(differences.map(({ count }) => count), system.size);
  return {
    system: {
      ...system, size: counts.length, freq: counts,
      relations: [...system.relations, ...differences.map(({ relation }) => relation)],
      nameOf: (cell) => (cell < system.size ? system.nameOf(cell) : differences[cell - system.size]?.name ?? ''),
    },
    differences,
  };
}

/** Every return that the one was made from the other was made from as well. */
function isOnlyAddedTo(before: ConfidentialTable, after: ConfidentialTable): boolean {
  const now = new Set(after.meta.provenance.submissions.map(({ manifest }) => manifest));
  return before.meta.provenance.submissions.every(({ manifest }) => now.has(manifest));
}

/** Cells that sums tie to those that are protected now: only about them anything new is told. */
export function tiedToNow({ layers, numberOf }: LinkedLayers, system: CellSystem): ReadonlySet<number> {
  const now = new Set(layers.flatMap((layer, l) => (layer.released === undefined ? Array.from({ length: layer.system.size }, (_, at) => numberOf(l, at)) : [])));
  const all = Array.from({ length: system.size }, (_, cell) => cell);
  return new Set(componentsOf(all, system.relations).flatMap(({ cells }) => (cells.some((cell) => now.has(cell)) ? cells : [])));
}
