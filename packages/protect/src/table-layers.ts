/**
 * Confidential tables as cells with sums between them, so that the engine and the attacker can work on all of them at once.
 * Source: docs/references.md#langsrud-2024 (linked tables are more relations over the same unknowns).
 * Leaves out: what a reader knows where codes do not add (a part is not more than its whole; a whole is not more than all
 * its parts), and that a distinct count is not more than the records behind it.
 * @module
 */
import { canonicalJson } from '@weighbridge/base';
import type { CellKey, Dimension, ValueState } from '@weighbridge/base';
import type { ConfidentialCell, ConfidentialTable } from '@weighbridge/base/confidential';
import { cellIdentity, groupIdentity } from './cell-draw.ts';
import type { DrawPart } from './cell-draw.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { linkSystems } from './link.ts';
import type { ProtectedTable } from './released.ts';

/** One count for every cell of a table. */
export interface Layer {
  readonly table: ConfidentialTable;
  /** Position of the table among those protected together; -1 when it was released before. */
  readonly at: number;
  /** Place of its release in the series, oldest first. */
  readonly release: number;
  /** The table as it was released before; none for those that are protected now. */
  readonly released?: ProtectedTable;
  readonly part: DrawPart;
  /** False for the numbers behind sums: they are printed nowhere, and decide what is withheld. */
  readonly shown: boolean;
  readonly system: CellSystem;
}

/** Layers as one system: what they count in common is one cell. */
export interface LinkedLayers {
  readonly system: CellSystem;
  readonly layers: readonly Layer[];
  /** The cell of the whole for a cell of a layer. */
  readonly numberOf: (layer: number, cell: number) => number;
  /** Cells that are zero because a margin counts what one of its codes counts: a reader may know it. */
  readonly empty: readonly number[];
}

/** States of values that are no numbers: they add nothing to a sum. */
const NO_NUMBER: ReadonlySet<ValueState> = new Set(['blank', 'not-applicable', 'not-published', 'not-recorded', 'not-sought', 'not-attempted', 'suppressed', 'earlier-period']);

/**
 * The counts of a table that protection has to look at: records or units; for sums the numbers behind each, and in any
 * table the values in each state.
 */
export function layersOf(table: ConfidentialTable, at: number, { release, released }: Pick<Layer, 'release' | 'released'> = { release: 0 }): Layer[] {
  const { kind } = table.meta.measure;
  const states = [...new Set(table.cells.flatMap((cell) => Object.keys(cell.value.states) as ValueState[]))].sort();
  const layer = (part: DrawPart, shown: boolean, count: (cell: ConfidentialCell) => number): Layer => (
    { table, at, release, ...(released === undefined ? {} : { released }), part, shown, system: systemOf(table, Float64Array.from(table.cells, count)) }
  );
  return [
    layer('value', kind !== 'sum', kind === 'count' ? (cell) => cell.records : kind === 'distinct' ? units : numbers),
    ...states.map((state) => layer(`state:${state}`, true, (cell) => cell.value.states[state] ?? 0)),
  ];
}

/** The records or the units behind a cell: whichever are fewer. */
function units(cell: ConfidentialCell): number {
  return Math.min(cell.records, cell.value.lo ?? cell.records);
}

/** Records that gave a sum a number. */
function numbers(cell: ConfidentialCell): number {
  const without = (Object.entries(cell.value.states) as [ValueState, number][]).reduce((sum, [state, n]) => sum + (NO_NUMBER.has(state) ? n : 0), 0);
  return Math.max(0, cell.records - without);
}

/**
 * Links layers: cells are one where tables of a release call them alike, and where they count the same set of records by the
 * same measure. A sum that two instruments' measures of different names have in common is found by its name alone.
 * @param stayed - cells of several releases that are called alike are one when they also have the same count: the reader knows what stayed
 *   as it was
 * @throws Refusal `LINKED_DIFFER` when two tables of a release count the same and differ
 */
export function linkLayers(layers: readonly Layer[], stayed: boolean): LinkedLayers {
  const several = stayed && layers.some(({ release }) => release !== layers[0]?.release);
  const names = layers.map((layer) => layer.table.cells.map((_, cell) => namesOf(layer, cell, several)));
  const rootOf = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    for (let up = rootOf.get(at); up !== undefined && up !== at; up = rootOf.get(at)) at = up;
    rootOf.set(name, at);
    return at;
  };
  for (const [name, ...others] of names.flat()) for (const other of others) rootOf.set(root(other), root(name));
  const { system, numberOf } = linkSystems(layers.map((layer, l) => ({ system: layer.system, identityOf: (cell) => root(names[l]?.[cell]?.[0] ?? '') })));
  // A margin that is one of its own codes says no more than that the other codes are empty.
  const itself = system.relations.filter(({ total, parts }) => parts.includes(total));
  return {
    system: { ...system, relations: system.relations.filter(({ total, parts }) => new Set(parts).add(total).size === parts.length + 1) },
    layers, numberOf, empty: itself.flatMap(({ total, parts }) => Array.from(parts).filter((part) => part !== total)),
  };
}

/**
 * For each table how many others share cells with it, directly or through others: by the names of cells alone, which the
 * definitions give, so that the number tells nothing about the records.
 */
export function linkedTables(layers: readonly Layer[], tables: number): number[] {
  const parent = Array.from({ length: tables }, (_, i) => i);
  const root = (table: number): number => (parent[table] === table ? table : root(parent[table] as number));
  const first = new Map<string, number>();
  for (const layer of layers) {
    for (const cell of layer.table.cells.keys()) {
      const name = calledOf(layer, cell);
      const other = first.get(name);
      if (other === undefined) first.set(name, layer.at);
      else parent[root(layer.at)] = root(other);
    }
  }
  return parent.map((_, table) => parent.filter((__, other) => other !== table && root(other) === root(table)).length);
}

/** What a cell is called by its codes, in every release. */
export function calledOf({ table, part }: Layer, cell: number): string {
  const { protection, meta, cells } = table;
  return `${part} ${cellIdentity(protection, meta.dimensions.map((d) => d.field), (cells[cell] as ConfidentialCell).key)}`;
}

/** What a cell's number counts: by its codes in a release, and with its count in several; and by the set of records where it is known. */
function namesOf(layer: Layer, cell: number, several: boolean): [string, ...string[]] {
  const { table: { protection, meta, cells }, part, system, release } = layer;
  const { group } = cells[cell] as ConfidentialCell;
  const called = calledOf(layer, cell);
  const byCodes: [string, ...string[]] = [`${release} ${called}`, ...(several ? [`= ${system.freq[cell] as number} ${called}`] : [])];
  if (group === undefined) return byCodes;
  const measure = meta.measure.kind === 'count' ? 'records' : `${meta.measure.kind} ${meta.measure.id}`;
  // Equal sets have equal counts; the count keeps two sets apart whose texts should ever meet.
  return [...byCodes, canonicalJson([part, measure, system.freq[cell], groupIdentity(protection, group)])];
}

/** A table's cells with the sums that hold between them. */
function systemOf({ meta, cells }: ConfidentialTable, freq: Float64Array): CellSystem {
  const at = new Map(cells.map((cell, i) => [JSON.stringify(cell.key), i]));
  const relations = meta.dimensions.flatMap((dimension, d) => relationsAlong(dimension, d, cells, at, freq));
  const nameOf = (cell: number): string => `${meta.id}: ${(cells[cell] as ConfidentialCell).key.map((code, d) => code ?? meta.dimensions[d]?.total ?? '').join(' | ')}`;
  return { size: cells.length, freq, relations, nameOf };
}

/**
 * The sums along one dimension: the margin of its codes and, where levels are shown together, each parent of its children.
 * A sum that the true counts do not keep is none. Where codes must not be added a reader may still know that they do add
 * (each unit stands under one of them), so there the margin counts as a sum when it is one on every line.
 */
function relationsAlong(dimension: Dimension, d: number, cells: readonly ConfidentialCell[], at: ReadonlyMap<string, number>, freq: Float64Array): Relation[] {
  const children = Map.groupBy(dimension.codes, (c) => c.parent);
  const found: Relation[] = [];
  const along = (total: string | null, parts: readonly string[]): { readonly holding: Relation[]; readonly broken: boolean } => {
    const holding: Relation[] = [];
    let broken = false;
    for (const [cell, { key }] of cells.entries()) {
      if (key[d] !== total) continue;
      const numbersOfParts = parts.map((code) => at.get(JSON.stringify(withCode(key, d, code)))).filter((c) => c !== undefined);
      if (numbersOfParts.length === 0) continue;
      const sum = numbersOfParts.reduce((s, part) => s + (freq[part] as number), 0);
      if (sum === freq[cell]) holding.push({ total: cell, parts: Int32Array.from(numbersOfParts) });
      else broken = true;
    }
    return { holding, broken };
  };
  if (dimension.total !== null) {
    const tops = dimension.levelsShown ? (children.get(undefined) ?? []) : dimension.codes;
    const margin = along(null, tops.map((c) => c.code));
    if (dimension.notAdditive === undefined || !margin.broken) found.push(...margin.holding);
  }
  for (const [parent, codes] of children) if (parent !== undefined) found.push(...along(parent, codes.map((c) => c.code)).holding);
  return found;
}

function withCode(key: CellKey, d: number, code: string): CellKey {
  return key.map((c, i) => (i === d ? code : c));
}
