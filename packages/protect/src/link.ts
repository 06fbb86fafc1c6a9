/**
 * Several tables as one system: what they count in common is one cell, and every sum of every table holds in it. Releases
 * and editions that came before are linked in the same way.
 * Source: docs/references.md#langsrud-2024 (linked tables are more relations over the same unknowns).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CellSystem, Relation } from './cell-table.ts';

/** A table with what its cells count. */
export interface LinkedPart {
  readonly system: CellSystem;
  /** The same text for cells that count the same records of the same measure, in whatever table they stand. */
  readonly identityOf: (cell: number) => string;
}

export interface LinkedSystem {
  readonly system: CellSystem;
  /** The cell of the whole for a cell of a part. */
  readonly numberOf: (part: number, cell: number) => number;
}

/**
 * Links tables. A cell is named as the first part that has it names it.
 * @throws Refusal `LINKED_DIFFER` with the cell's address when two tables give one cell two frequencies or values
 */
export function linkSystems(parts: readonly LinkedPart[]): LinkedSystem {
  const numbers = new Map<string, number>();
  const first: { readonly part: CellSystem; readonly cell: number }[] = [];
  const placed = parts.map(({ system, identityOf }) => Int32Array.from({ length: system.size }, (_, cell) => {
    const identity = identityOf(cell);
    const known = numbers.get(identity);
    if (known === undefined) {
      numbers.set(identity, first.length);
      return first.push({ part: system, cell }) - 1;
    }
    const { part, cell: other } = first[known] as { part: CellSystem; cell: number };
    if (part.freq[other] !== system.freq[cell] || (part.value !== undefined && system.value !== undefined && part.value[other] !== system.value[cell])) {
      refuse('LINKED_DIFFER', 'two tables count the same and give different numbers', { object: system.nameOf(cell) }, 'make both from the same edition of the records');
    }
    return known;
  }));
  const seen = new Set<string>();
  const relations: Relation[] = [];
  for (const [p, { system }] of parts.entries()) {
    const at = placed[p] as Int32Array;
    for (const relation of system.relations) {
      const linked: Relation = { total: at[relation.total] as number, parts: relation.parts.map((cell) => at[cell] as number).sort() };
      const name = `${linked.total}=${linked.parts.join()}`;
      if (seen.has(name) || (linked.parts.length === 1 && linked.parts[0] === linked.total)) continue;
      seen.add(name);
      relations.push(linked);
    }
  }
  const magnitude = parts.some(({ system }) => system.value !== undefined);
  return {
    system: {
      size: first.length, relations, freq: Float64Array.from(first, ({ part, cell }) => part.freq[cell] as number),
      ...(magnitude ? { value: Float64Array.from(first, ({ part, cell }) => (part.value ?? part.freq)[cell] as number) } : {}),
      nameOf: (cell) => { const at = first[cell]; return at === undefined ? '' : at.part.nameOf(at.cell); },
    },
    numberOf: (part, cell) => (placed[part] as Int32Array)[cell] as number,
  };
}
