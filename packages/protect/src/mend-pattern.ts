/**
 * A pattern that the auditor broke, mended: what opens the broken cells most cheaply is withheld besides; where nothing does,
 * every line that they stand in.
 * @module
 */
import type { CellSystem } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { openNearby, surroundingsOf } from './open-nearby.ts';
import { costOf } from './secondary.ts';
import type { SecondaryOptions, Suppression } from './secondary.ts';

/** Withholds more around cells that were broken. Its tables are handed on as proofs. */
export async function mendPattern(system: CellSystem, options: SecondaryOptions, pattern: Suppression, broken: readonly number[]): Promise<Suppression> {
  const { primary, whole, signal } = options;
  const secondary = new Map(pattern.secondary);
  const alternatives = [...pattern.alternatives ?? []];
  const cost = costOf(system, options);
  const around = surroundingsOf(system, options, (cell) => (primary.has(cell) || secondary.has(cell) ? 0 : cost(cell)));
  const left: number[] = [];
  for (const cell of broken) {
    signal?.throwIfAborted();
    const need = primary.get(cell)?.upper ?? 0;
    const move = await openNearby(cell, need || 1, whole && need === 0, around);
    if (move === undefined) left.push(cell);
    else {
      for (const other of move.cells) if (!primary.has(other) && !secondary.has(other)) secondary.set(other, `secondary: protects ${cellName(system, cell)}`);
      alternatives.push(move);
    }
  }
  for (const [cell, reason] of linesOf(system, options, secondary, left)) secondary.set(cell, reason);
  return { secondary, unproved: [], alternatives };
}

/** Every cell of the lines that the cells stand in, but for those that must be printed. */
function* linesOf(system: CellSystem, { primary, zerosPrinted, forced }: SecondaryOptions, secondary: ReadonlyMap<number, string>, broken: readonly number[]): Generator<[number, string]> {
  const wanted = new Set(broken);
  for (const { total, parts } of wanted.size === 0 ? [] : system.relations) {
    const cells = [total, ...parts];
    const cause = cells.find((cell) => wanted.has(cell));
    if (cause === undefined) continue;
    for (const cell of cells) {
      if (primary.has(cell) || secondary.has(cell) || forced?.has(cell) === true || (zerosPrinted && system.freq[cell] === 0)) continue;
      yield [cell, `secondary: protects ${cellName(system, cause)}`];
    }
  }
}
