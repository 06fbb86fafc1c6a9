/**
 * A collection as the rest of the house uses it: definitions checked, code lists read, texts kept for the release.
 * @module
 */
import type { Sha384 } from '@weighbridge/base';
import type {
  CodelistDefinition, CollectionDefinition, InstrumentDefinition, TableDefinition,
} from './schema.ts';

/** One entry of a code list; a code may have several, each valid for a span of dates. */
export interface CodeEntry {
  readonly code: string;
  readonly label: string;
  readonly parent: string | null;
  readonly level: string | null;
  /** ISO dates, inclusive; null is open. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly overlaps: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** A code list with its entries in file order. */
export interface Codelist {
  readonly definition: CodelistDefinition;
  readonly entries: readonly CodeEntry[];
  /** Hash of the definition and of the entries' bytes: the edition a release names. */
  readonly sha384: Sha384;
  /** The publisher's own file, when the list was read from below the input root; carried by releases as `inputs/…`. */
  readonly input: DefinitionFile | null;
}

/** A definition file kept as its author wrote it. */
export interface DefinitionFile {
  /** Path relative to the collection, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly sha384: Sha384;
}

/** One approved spelling of a field. */
export interface Spelling {
  readonly spelling: string;
  readonly code: string;
  readonly approvedBy: string;
  readonly on: string;
}

/** An instrument with the code lists and spellings it uses. */
export interface Instrument {
  readonly definition: InstrumentDefinition;
  readonly codelists: ReadonlyMap<string, Codelist>;
  /** Field name → approved spellings. */
  readonly spellings: ReadonlyMap<string, readonly Spelling[]>;
  readonly file: DefinitionFile;
}

/** A table spec with its file. */
export interface TableSpec {
  readonly definition: TableDefinition;
  readonly file: DefinitionFile;
}

/** A checked collection. Every reference in it resolves. */
export interface Collection {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Absolute path that inputs are below. */
  readonly inputRoot: string;
  readonly definition: CollectionDefinition;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly tables: ReadonlyMap<string, TableSpec>;
  readonly codelists: ReadonlyMap<string, Codelist>;
  /** Every definition file, sorted by path: what the release carries. */
  readonly files: readonly DefinitionFile[];
}
