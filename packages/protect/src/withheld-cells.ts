/**
 * Which cells of all tables of a release have to be withheld: counts that are printed, and sums by the numbers behind them.
 * Cells of earlier releases stand among them; what was printed of those is known, and only cells printed now can be withheld.
 * Leaves out: what `protect-tables.ts` leaves out.
 * @module
 */
import { componentsOf } from './attacker.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { learnEarlier, tiedToNow, withDifferences } from './earlier-releases.ts';
import type { Difference, PrintedBefore } from './earlier-releases.ts';
import type { PrimaryCell } from './primary.ts';
import { roundedPart } from './protect-table.ts';
import { attackShown } from './shown-attack.ts';
import { ShownCells } from './shown-cells.ts';
import { withholdUntilOpen } from './shown-mend.ts';
import { suppressTable } from './suppress-table.ts';
import { linkLayers } from './table-layers.ts';
import type { Layer, LinkedLayers } from './table-layers.ts';

export interface WithholdingOptions {
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Layers as one system, with what came or went between releases. */
export interface WholeLayers extends LinkedLayers {
  readonly differences: readonly Difference[];
  /** Counts and differences that must stay open. */
  readonly small: readonly number[];
  /** True where releases made before are among the layers. */
  readonly hasEarlier: boolean;
}

export interface WithheldCounts {
  /** Whether the tables of a layer's method withhold the cell. */
  readonly isWithheld: (cell: number, layer: Layer) => boolean;
  readonly knownBefore: number;
  readonly programs: number;
}

export interface WithheldSums {
  readonly withheld: ReadonlySet<number>;
  readonly knownBefore: number;
  readonly programs: number;
}

/**
 * @param stayed - the reader knows which cells stayed as they were between releases. Nobody tells, but who looks at a correction of a
 *   few records guesses it
 * @throws Refusal `LINKED_DIFFER` when two tables of a release count the same and differ
 */
export function linkWhole(layers: readonly Layer[], stayed = true): WholeLayers {
  const linked = linkLayers(layers, stayed);
  const threshold = new Float64Array(linked.system.size);
  for (const [l, { table, system: own }] of layers.entries()) {
    for (let at = 0; at < own.size; at++) {
      const cell = linked.numberOf(l, at);
      threshold[cell] = Math.max(threshold[cell] as number, table.protection.threshold);
    }
  }
  const hasEarlier = layers.some(({ released }) => released !== undefined);
  const { system, differences } = hasEarlier ? withDifferences(linked, threshold) : { system: linked.system, differences: [] };
  const isSmall = (cell: number): boolean => (system.freq[cell] as number) > 0 && (system.freq[cell] as number) < (threshold[cell] as number);
  const small = [...Array.from(threshold.keys()).filter(isSmall), ...differences.filter((d) => d.small).map(({ cell }) => cell)];
  const tied = hasEarlier ? tiedToNow(linked, system) : undefined;
  return { ...linked, system, differences, hasEarlier, small: tied === undefined ? small : small.filter((cell) => tied.has(cell)) };
}

/**
 * Sums that rest on few numbers, and others from which they would follow: by the numbers behind them. What nothing can keep from readers
 * who know what stayed is kept from those who do not.
 * @throws Refusal `CANNOT_PROTECT` when nothing keeps it from those either, and it does not follow from earlier releases alone
 */
export async function withheldSums(whole: WholeLayers, key: Uint8Array, options: WithholdingOptions): Promise<WithheldSums> {
  const first = await withheldSumsOf(whole, { small: whole.small, withheldNow: new Set(), isLast: !whole.hasEarlier }, key, options);
  if (first.hopeless.size === 0) return { ...first, knownBefore: 0 };
  const { whole: other, placeOf } = withoutStaying(whole);
  const among = (cells: ReadonlySet<number>): Set<number> => new Set(Array.from(other.system.freq.keys()).filter((cell) => cells.has(placeOf(cell))));
  const asked = among(first.hopeless);
  const second = await withheldSumsOf(other, { small: other.small.filter((cell) => asked.has(cell)), withheldNow: among(first.withheld), isLast: true }, key, options);
  return { withheld: first.withheld.union(new Set([...second.withheld].map(placeOf))), programs: first.programs + second.programs, knownBefore: second.hopeless.size };
}

interface SumsAsked {
  readonly small: readonly number[];
  readonly withheldNow: ReadonlySet<number>;
  /** Refuse what nothing can keep back. */
  readonly isLast: boolean;
}

/** One reader's sums. `hopeless` are those that nothing withheld now can help, for the last reader those that follow from earlier releases alone. */
async function withheldSumsOf(whole: WholeLayers, { small, withheldNow, isLast }: SumsAsked, key: Uint8Array, options: WithholdingOptions): Promise<Pick<WithheldSums, 'withheld' | 'programs'> & { readonly hopeless: ReadonlySet<number> }> {
  const { system } = whole;
  const before = learnEarlier(readerBefore(whole), whole, key);
  // A sum can be anything: only what was printed is known of it.
  const reader = new ShownCells(system);
  for (let cell = 0; cell < system.size; cell++) {
    if (before.printed.has(cell)) reader.know(cell, system.freq[cell] as number, system.freq[cell] as number);
    else reader.letFall(cell);
  }
  const known = await knownBefore(whole, small, reader, options);
  // A count that is 1 at least can follow from others where a sum does not: then nothing is asked for.
  const follows = await followingWhatever(whole, system.relations, small.filter((cell) => !known.has(cell)), before, options);
  const hopeless = isLast ? known : known.union(follows.sums);
  const asked = small.filter((cell) => !hopeless.has(cell) && (follows.sums.has(cell) || !follows.counts.has(cell)));
  const start = new Set([...fixedCells(whole, before), ...withheldNow, ...small]).difference(before.printed).difference(new Set(asked));
  const { withheld, programs } = await suppressSmall(system, system.relations, asked, 'sums', { ...options, printed: before.printed, start });
  return { withheld: new Set([...withheld, ...start, ...small]), programs, hopeless };
}

/**
 * Counts: first what tables that print them withhold, then whatever the attack on all that is printed asks for. What nothing can keep from
 * readers who know what stayed is kept from those who do not.
 * @throws Refusal `CANNOT_PROTECT` when nothing keeps it from those either, and it does not follow from earlier releases alone
 */
export async function withheldCounts(whole: WholeLayers, key: Uint8Array, options: WithholdingOptions): Promise<WithheldCounts> {
  const { system, small } = whole;
  const cells = readerBefore(whole);
  const before = learnEarlier(cells, whole, key);
  showAll(cells, whole, key);
  const hopeless = await hopelessCounts(whole, key, options);
  const asCounted = countedCells(whole, cells, before);
  const printing = system.relations.filter(({ total, parts }) => asCounted(total) && parts.every(asCounted));
  const unsafe = small.filter((cell) => asCounted(cell) && !hopeless.has(cell));
  const { counts: follows } = await followingWhatever(whole, printing, unsafe, before, options);
  const asked = unsafe.filter((cell) => !follows.has(cell));
  const start = new Set([...fixedCells(whole, before), ...small].filter(asCounted)).difference(before.printed).difference(new Set(asked));
  const first = await suppressSmall(system, printing, asked, 'counts', { ...options, printed: before.printed, start });
  for (const cell of [...first.withheld, ...start, ...small]) if (cells.isExact(cell)) cells.hide(cell);
  for (const cell of before.gone) if (cells.isPrintable(cell)) cells.withhold(cell);
  const readers: Reader[] = [{ cells, small: small.filter((cell) => !hopeless.has(cell)), placeOf: (cell) => cell }];
  let knownToAll = 0;
  if (hopeless.size > 0) {
    const { whole: other, placeOf } = withoutStaying(whole);
    const reader = readerBefore(other);
    learnEarlier(reader, other, key);
    const hard = other.small.filter((cell) => hopeless.has(placeOf(cell)));
    const known = await knownBefore(other, hard, reader, options);
    knownToAll = known.size;
    showAll(reader, other, key);
    readers.push({ cells: reader, small: hard.filter((cell) => !known.has(cell)), placeOf });
  }
  const programs = await withholdFromAll(readers, options);
  return {
    isWithheld: (cell, { table }) => (table.protection.method === 'suppress' ? cells.isHidden(cell) : cells.isGone(cell)),
    programs: first.programs + programs, knownBefore: knownToAll,
  };
}

/** Small counts that readers who know what stayed have though everything is withheld now. */
async function hopelessCounts(whole: WholeLayers, key: Uint8Array, { signal }: WithholdingOptions): Promise<ReadonlySet<number>> {
  if (!whole.hasEarlier) return new Set();
  const cells = readerBefore(whole);
  learnEarlier(cells, whole, key);
  showAll(cells, whole, key);
  for (let cell = 0; cell < whole.system.size; cell++) if (cells.isPrintable(cell) && (whole.system.freq[cell] as number) > 0) cells.withhold(cell);
  return new Set((await attackShown(cells, whole.small, signal)).exact);
}

/** The same layers for readers who do not know what stayed, with the place of each of their cells among those of readers who do. */
function withoutStaying(whole: WholeLayers): { readonly whole: WholeLayers; readonly placeOf: (cell: number) => number } {
  const other = linkWhole(whole.layers, false);
  const place = new Map(whole.layers.flatMap((layer, l) => Array.from({ length: layer.system.size }, (_, at) => [other.numberOf(l, at), whole.numberOf(l, at)] as const)));
  const pairs = new Map(whole.differences.map(({ cell, between }) => [between.join(), cell]));
  for (const { cell, between } of other.differences) {
    const same = pairs.get(between.map((of) => place.get(of)).join());
    if (same !== undefined) place.set(cell, same);
  }
  return { whole: other, placeOf: (cell) => place.get(cell) ?? -1 };
}

interface Reader {
  readonly cells: ShownCells;
  readonly small: readonly number[];
  /** The place of a cell among those of the first reader. */
  readonly placeOf: (cell: number) => number;
}

/** Withholds until no reader finds a small count; what is withheld from one is withheld from all. */
async function withholdFromAll(readers: readonly Reader[], { onProgress, signal }: WithholdingOptions): Promise<number> {
  const [first] = readers;
  let programs = 0;
  let [withheld, before] = [0, -1];
  while (withheld !== before) {
    before = withheld;
    for (const { cells, small, placeOf } of readers) {
      if (first === undefined) continue;
      const all = Array.from({ length: cells.system.size }, (_, cell) => cell).filter((cell) => cells.isPrintable(cell));
      for (const cell of all) {
        if (first.cells.isHidden(placeOf(cell))) cells.hide(cell);
        if (first.cells.isGone(placeOf(cell))) cells.withhold(cell);
      }
      programs += await withholdUntilOpen(cells, small, {
        ...(onProgress === undefined ? {} : { onProgress: (round: number) => { onProgress('attacking all tables together, round', round + 1, round + 1); } }), ...(signal === undefined ? {} : { signal }),
      });
      for (const cell of all) if (cells.isGone(cell)) first.cells.withhold(placeOf(cell));
      withheld = all.filter((cell) => cells.isGone(cell)).length;
    }
    if (readers.length === 1) break;
  }
  return programs;
}

/** What the tables that are protected now would print. */
function showAll(cells: ShownCells, { layers, numberOf, empty }: WholeLayers, key: Uint8Array): void {
  for (const [l, layer] of layers.entries()) if (layer.released === undefined) show(cells, layer, (at) => numberOf(l, at), key);
  for (const cell of empty) cells.showExactly(cell);
}

/** What a table that is protected now would print. */
function show(cells: ShownCells, { table, part }: Layer, numberOf: (at: number) => number, key: Uint8Array): void {
  for (const [at, cell] of table.cells.entries()) {
    // Where no number can be, as for a round without a return, everybody sees that nothing was counted.
    if (table.protection.method === 'suppress' || (part === 'value' && cell.value.lo === null)) cells.showExactly(numberOf(at));
    else cells.showRounded(numberOf(at), roundedPart(table, cell, part, key));
  }
}

/** A reader before this release: sums are known, and that differences may lie below 0. */
function readerBefore({ system, differences, empty, hasEarlier }: WholeLayers): ShownCells {
  const cells = new ShownCells(system);
  for (const { cell, mayFall } of differences) if (mayFall) cells.letFall(cell);
  if (hasEarlier) for (const cell of empty) cells.know(cell, 0, 0);
  return cells;
}

/** Small cells that follow from earlier releases alone. */
async function knownBefore({ hasEarlier }: WholeLayers, small: readonly number[], reader: ShownCells, { signal }: WithholdingOptions): Promise<ReadonlySet<number>> {
  return new Set(hasEarlier ? (await attackShown(reader, small, signal)).exact : []);
}

/** Cells that nobody decides about: withheld before, or not printed by anybody. */
function fixedCells({ system, differences }: WholeLayers, { withheld }: PrintedBefore): number[] {
  return [...withheld, ...differences.map(({ cell }) => cell)].filter((cell) => (system.freq[cell] as number) > 0);
}

/** Cells that some table prints as counted, now or before, or would if they were not withheld; and differences between such. */
function countedCells({ differences }: WholeLayers, cells: ShownCells, { printed, withheld }: PrintedBefore): (cell: number) => boolean {
  const counted = (cell: number): boolean => cells.isExact(cell) || printed.has(cell) || withheld.has(cell);
  const between = new Map(differences.map((d) => [d.cell, d.between.every(counted)]));
  return (cell) => between.get(cell) ?? counted(cell);
}

/**
 * Unsafe cells that follow even when all that can be withheld is: as counts that are 1 at least, and as sums of anything. The search
 * for cells to withhold could not help them; the attack that comes after it knows less of differences, and decides.
 */
async function followingWhatever({ system, hasEarlier }: WholeLayers, relations: readonly Relation[], unsafe: readonly number[], { printed }: PrintedBefore, { signal }: WithholdingOptions): Promise<{ readonly counts: ReadonlySet<number>; readonly sums: ReadonlySet<number> }> {
  if (!hasEarlier) return { counts: new Set(), sums: new Set() };
  const [counts, sums] = [new ShownCells({ ...system, relations }), new ShownCells({ ...system, relations })];
  for (let cell = 0; cell < system.size; cell++) {
    const count = system.freq[cell] as number;
    const isFixed = count === 0 || printed.has(cell);
    if (!isFixed) sums.letFall(cell);
    for (const cells of isFixed ? [counts, sums] : []) cells.know(cell, count, count);
    if (!isFixed) counts.know(cell, 1, Infinity);
  }
  const atLeastOne = new Set((await attackShown(counts, unsafe, signal)).exact);
  return { counts: atLeastOne, sums: new Set((await attackShown(sums, [...atLeastOne], signal)).exact) };
}

interface SuppressSmallOptions extends WithholdingOptions {
  /** Printed before. */
  readonly printed: ReadonlySet<number>;
  /** Withheld in any case. */
  readonly start: ReadonlySet<number>;
}

/** Small cells and those that protect them, one part of the whole at a time. */
async function suppressSmall(system: CellSystem, relations: readonly Relation[], small: readonly number[], what: string, { printed, start, onProgress, signal }: SuppressSmallOptions): Promise<{ withheld: ReadonlySet<number>; programs: number }> {
  const withheld = new Set(small);
  let programs = 0;
  const components = componentsOf(Array.from({ length: system.size }, (_, cell) => cell), relations).filter(({ cells }) => cells.some((cell) => withheld.has(cell)));
  for (const [i, { cells, relations: own }] of components.entries()) {
    onProgress?.(`withholding ${what}`, i, components.length);
    if (own.length === 0) continue;
    const at = new Map(cells.map((cell, n) => [cell, n]));
    const among = (all: ReadonlySet<number>): Set<number> => new Set(cells.flatMap((cell, n) => (all.has(cell) ? [n] : [])));
    const part: CellSystem = {
      size: cells.length, freq: Float64Array.from(cells, (cell) => system.freq[cell] as number), nameOf: (cell) => system.nameOf(cells[cell] as number),
      relations: own.map(({ total, parts }) => ({ total: at.get(total) as number, parts: parts.map((p) => at.get(p) as number) })),
    };
    const primary = new Map<number, PrimaryCell>(cells.flatMap((cell, n) => (withheld.has(cell) ? [[n, { reason: 'primary: few contributors', upper: 0 }]] : [])));
    const { secondary, programs: solved } = await suppressTable(part, {
      rules: { minFrequency: { threshold: 2, zeros: 'published' } }, primary, method: 'optimisation', intervals: false, forced: among(printed), start: among(start), ...(signal === undefined ? {} : { signal }),
    });
    for (const cell of secondary.keys()) withheld.add(cells[cell] as number);
    programs += solved;
  }
  return { withheld, programs };
}
