/**
 * What a release is made from, and what making it gives.
 * Only releasable types stand here: there is no way to hand this package a true count.
 * @module
 */
import type { KeyObject } from 'node:crypto';
import type { Sha384 } from '@weighbridge/base';
import type { ProtectedTable, SeriesRevision } from '@weighbridge/protect';

/** The collection as a release tells it to its readers. */
export interface CollectionFacts {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly purpose: string;
  readonly legalBasis: string;
  readonly residency: string;
  readonly publisher: string;
  readonly licence: string;
  readonly edition: string;
  /** True when every record is generated: every page, chart and file then says so. */
  readonly synthetic: boolean;
  readonly questions: readonly { readonly id: string; readonly text: string; readonly source: string }[];
  readonly agencies: readonly { readonly id: string; readonly title: string }[];
  readonly rounds: readonly {
    readonly id: string; readonly title?: string | undefined; readonly from: string; readonly to: string;
  }[];
}

/** A definition file as its author wrote it; the release carries it. */
export interface DefinitionText {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** A total published elsewhere that a table must meet, or be shown to miss. */
export interface Control {
  readonly id: string;
  readonly table: string;
  /** Dimension field → code; fields left out are at their margin. */
  readonly at: Readonly<Record<string, string>>;
  readonly equals: number;
  readonly source: string;
  readonly otherwise: 'refuse' | 'show';
}

/** Tables or cells that state the same thing, shown side by side; neither overwrites the other. */
export interface Comparison {
  readonly id: string;
  readonly title: string;
  /** Field along which the sides are compared; absent: one number a side. */
  readonly along?: string | undefined;
  readonly note: string;
  readonly sides: readonly {
    readonly label: string; readonly table: string; readonly at: Readonly<Record<string, string>>;
  }[];
}

/** Everything that {@link buildRelease} reads. */
export interface ReleaseInput {
  readonly collection: CollectionFacts;
  readonly definitions: readonly DefinitionText[];
  readonly tables: readonly ProtectedTable[];
  readonly revisions: readonly SeriesRevision[];
  readonly controls: readonly Control[];
  readonly comparisons: readonly Comparison[];
  /** Ids of the releases made before that the tables were attacked together with, oldest first. */
  readonly earlier?: readonly Sha384[] | undefined;
  /** Ed25519 private key. Without it the release is unsigned and says so when verified. */
  readonly signingKey?: KeyObject | undefined;
}

/** Path in the release folder → content. Texts are UTF-8. */
export type ReleaseFiles = ReadonlyMap<string, Uint8Array | string>;
