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
  /** Stands for the set of records behind the cell, whatever the cell is called: equal sets round alike. */
  readonly group?: string;
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
  /** Collection and instrument: with a cell's `group` it names a set of records in every table. */
  readonly records?: string;
  /** Constraint name → canonical test that `where` sets. A cell that names a code under the same name replaces it. */
  readonly held?: Readonly<Record<string, string>>;
  /** For each dimension, in order, its name in cell identities; see {@link DimensionIdentity}. */
  readonly identities?: readonly DimensionIdentity[];
}

/**
 * How a dimension enters the identity of a cell, so that the same group of records has one identity in every table:
 * a code as `name = code`, the margin as nothing, or as `marginTest` when the margin covers only some of the records.
 */
export interface DimensionIdentity {
  readonly name: string;
  readonly marginTest: string | null;
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

/** A value of a series that differs between two successive editions: confidential unless the series is public. */
export interface ConfidentialRevision {
  readonly key: Readonly<Record<string, string>>;
  readonly fromEdition: string;
  readonly toEdition: string;
  readonly change: 'changed' | 'dropped' | 'added';
  /** The value as printed in each edition; null where the edition has none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What changed between the editions of a series: never leaves unless `publicReason` says why it may. */
export interface ConfidentialRevisions {
  readonly [kind]: 'confidential revisions';
  readonly instrument: string;
  /** Why the series is public already; null when it is not. */
  readonly publicReason: string | null;
  readonly revisions: readonly ConfidentialRevision[];
}

/** Makes confidential revisions; used by `tabulate` alone. */
export function confidentialRevisions(
  instrument: string,
  publicReason: string | null,
  revisions: readonly ConfidentialRevision[],
): ConfidentialRevisions {
  return { instrument, publicReason, revisions } as unknown as ConfidentialRevisions;
}
