/**
 * Releasable types: what may leave. Only this package makes them; `publish` and `report` accept nothing else.
 * @module
 */
import type { CellKey, Quantity, TableMeta } from '@weighbridge/base';

declare const kind: unique symbol;

/**
 * `published`: as counted. `rounded`: moved by the protection method. `suppressed`: too small to show.
 * `secondary`: withheld so that a suppressed cell cannot be worked out by subtraction.
 */
export type CellStatus = 'published' | 'rounded' | 'suppressed' | 'secondary';

/** A cell that may be shown. `value` is null exactly when the status is suppressed or secondary. */
export interface ReleasedCell {
  readonly key: CellKey;
  readonly status: CellStatus;
  readonly value: Quantity | null;
}

/** How a table was protected, in words for the reader. Holds no parameter that would help an attacker. */
export interface ProtectionStatement {
  readonly method: 'public' | 'round-base-3' | 'suppress';
  readonly statement: string;
}

/**
 * What an attack on the whole release found on one table. It holds nothing that narrows what a withheld or rounded number
 * can be: no number of unsafe cells, no intervals, and not the work that the attack took, which grows with them.
 */
export interface TableCertificate {
  /** Version of the attack. */
  readonly engine: string;
  readonly method: ProtectionStatement['method'];
  readonly cells: number;
  readonly withheld: number;
  /** Other tables of the release that count some of the same and were attacked together with this one. */
  readonly linkedTables: number;
  /** Releases made before whose tables were attacked together with this one; left out where there are none. */
  readonly earlierReleases?: number;
  /** Small numbers that the attack could work out; only tables with 0 are published. */
  readonly breaches: number;
}

/** The certificates of a release, with the work behind them: for the analyst, not for publication. */
export interface ReleaseCertificate {
  readonly engine: string;
  readonly tables: readonly (TableCertificate & { readonly id: string })[];
  /** Small numbers and small differences that follow from earlier releases alone: nothing withheld now can help them. Not published. */
  readonly knownBefore: number;
  /** Linear programs solved. Grows with the number of small counts: not published. */
  readonly programs: number;
}

/** A table that may leave. The brand exists at run time too: see {@link isProtectedTable}. */
export interface ProtectedTable {
  readonly [kind]: 'protected table';
  readonly meta: TableMeta;
  readonly cells: readonly ReleasedCell[];
  readonly protection: ProtectionStatement;
  readonly certificate: TableCertificate;
}

/** One value of a published series that a later edition changed, dropped or added. Only public series have these. */
export interface SeriesRevision {
  readonly instrument: string;
  readonly key: Readonly<Record<string, string>>;
  readonly fromEdition: string;
  readonly toEdition: string;
  readonly change: 'changed' | 'dropped' | 'added';
  /** The value as printed in each edition; null where the edition has none. */
  readonly before: string | null;
  readonly after: string | null;
}
