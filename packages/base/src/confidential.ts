/**
 * Confidential types: true counts. Only `tabulate` makes them and only `protect` turns them into releasable ones;
 * the architecture test keeps every other room from importing this module.
 * @module
 */
import type { CellKey, TableMeta } from './table.ts';
import type { Quantity } from './value.ts';

declare const kind: unique symbol;

/** True number of records or units behind a cell: confidential; must not pass beyond `protect`. */
export type Count = number & { readonly [kind]: 'count' };

/** Checks a true count at the boundary. @throws RangeError unless a non-negative safe integer. */
export function count(n: number): Count {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('count: expected a non-negative integer');
  return n as Count;
}

/** A true value: confidential. */
export interface ConfidentialCell {
  readonly key: CellKey;
  /** Records behind the cell. */
  readonly records: Count;
  /** The measure's true value. */
  readonly value: Quantity & { readonly [kind]: 'confidential' };
}

/** Marks a quantity as confidential; used by `tabulate` alone. */
export function confidential(q: Quantity): ConfidentialCell['value'] {
  return q as ConfidentialCell['value'];
}

/** What the protector has to know and the public does not. */
export interface ProtectionRequest {
  /** `public`: the source is published already, with the reason; the rest protect. */
  readonly method: 'public' | 'round-base-3' | 'suppress';
  readonly reason?: string;
  /** Counts from 1 to threshold - 1 are unsafe under `suppress`. Kept out of the release. */
  readonly threshold: number;
  /** Identity of the measure and of what the table holds fixed: with the key it names a cell in every table. */
  readonly universe: string;
}

/** A table of true values: never leaves. */
export interface ConfidentialTable {
  readonly [kind]: 'confidential table';
  readonly meta: TableMeta;
  readonly cells: readonly ConfidentialCell[];
  readonly protection: ProtectionRequest;
}

/** Makes a confidential table; used by `tabulate` alone. */
export function confidentialTable(
  meta: TableMeta,
  cells: readonly ConfidentialCell[],
  protection: ProtectionRequest,
): ConfidentialTable {
  return { meta, cells, protection } as unknown as ConfidentialTable;
}
