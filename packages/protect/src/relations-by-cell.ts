import type { Relation } from './cell-table.ts';

/** For each cell the numbers of the relations that it stands in, ascending. */
export function relationsByCell(relations: readonly Relation[], size: number): number[][] {
  const of: number[][] = Array.from({ length: size }, () => []);
  for (const [r, { total, parts }] of relations.entries()) {
    (of[total] as number[]).push(r);
    for (let i = 0; i < parts.length; i++) (of[parts[i] as number] as number[]).push(r);
  }
  return of;
}
