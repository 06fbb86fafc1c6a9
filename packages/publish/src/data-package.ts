/**
 * The release as a Data Package, version 2 (datapackage.org): one resource a table, with a Table Schema.
 * Leaves out: dates of creation, as a release has no clock.
 * @module
 */
import { prettyJson, sha384 } from '@weighbridge/base';
import type { ProtectedTable } from '@weighbridge/protect';
import type { CollectionFacts } from './input.ts';
import { tidyColumns } from './table-files.ts';
import type { TidyColumn } from './table-files.ts';

const PROFILE = 'https://datapackage.org/profiles/2.0/datapackage.json';
const SCHEMA = 'https://datapackage.org/profiles/2.0/tableschema.json';
/** Underscores cannot stand in a table's id, so no table takes this name. */
const REVISIONS = 'revisions_of_series';

/** The CSV texts that the package describes: of each table by id, and of the revisions where there are any. */
export interface PackagedTexts {
  readonly tables: ReadonlyMap<string, string>;
  readonly revisions: string | null;
}

/** The text of `datapackage.json`. A package must hold a resource: one without a table describes the list of revisions. */
export function dataPackage(collection: CollectionFacts, release: string, tables: readonly ProtectedTable[], texts: PackagedTexts): string {
  return prettyJson({
    $schema: PROFILE,
    name: collection.id,
    id: `urn:sha384:${release}`,
    title: collection.title,
    description: collection.summary,
    version: collection.edition,
    synthetic: collection.synthetic || tables.some((t) => t.meta.synthetic),
    licenses: [licenceOf(collection.licence)],
    contributors: [{ title: collection.publisher, roles: ['publisher'] }],
    sources: sourcesOf(tables),
    resources: [
      ...tables.map((table) => resource(table, texts.tables.get(table.meta.id) ?? '')),
      ...(texts.revisions === null ? [] : [revisionsResource(texts.revisions)]),
    ],
  });
}

function resource(table: ProtectedTable, csv: string): unknown {
  const { meta } = table;
  const columns = tidyColumns(table);
  const keys = columns.filter((c) => isKey(table, c)).map((c) => c.name);
  return {
    name: meta.id,
    path: `tables/${meta.id}.csv`,
    type: 'table',
    title: meta.title,
    description: `${meta.measure.label} (${meta.basis.unit}). Coverage: ${meta.basis.coverage}. Period: ${meta.basis.period.from} to ${meta.basis.period.to}. `
      + `Edition: ${meta.basis.edition}. ${table.protection.statement} A text that would start with = + - @ has an apostrophe before it.`,
    ...fileFacts(csv),
    synthetic: meta.synthetic,
    sources: sourcesOf([table]),
    schema: {
      $schema: SCHEMA,
      fields: columns.map((c) => ({
        name: c.name, type: c.type, title: c.title, description: c.description,
        constraints: { required: c.required, ...(c.enum === undefined ? {} : { enum: c.enum }) },
      })),
      missingValues: [''],
      primaryKey: keys,
    },
  };
}

/** The list of what later editions of published series changed. */
function revisionsResource(csv: string): unknown {
  const text = (name: string, title: string, description: string): unknown => ({ name, type: 'string', title, description, constraints: { required: true } });
  return {
    name: REVISIONS,
    path: 'revisions.csv',
    type: 'table',
    title: 'Revisions',
    description: 'Values of published series that a later edition changed, dropped or added. A text that would start with = + - @ has an apostrophe before it.',
    ...fileFacts(csv),
    schema: {
      $schema: SCHEMA,
      fields: [
        text('instrument', 'Return', 'The return that holds the series'),
        text('key', 'Value of', 'Fields that name the value, as field: code'),
        text('from_edition', 'Earlier edition', 'The edition that came before'),
        text('to_edition', 'Later edition', 'The edition that changed the value'),
        { name: 'change', type: 'string', title: 'Change', description: 'What the later edition did to the value', constraints: { required: true, enum: ['changed', 'dropped', 'added'] } },
        { name: 'before', type: 'string', title: 'Earlier value', description: 'As printed in the earlier edition; empty when it was blank or not there', constraints: { required: false } },
        { name: 'after', type: 'string', title: 'Later value', description: 'As printed in the later edition; empty when it is blank or not there', constraints: { required: false } },
      ],
      missingValues: [''],
    },
  };
}

function fileFacts(csv: string): Record<string, unknown> {
  return {
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    bytes: Buffer.byteLength(csv, 'utf8'),
    hash: `sha384:${sha384(csv)}`,
    dialect: { header: true, delimiter: ',', lineTerminator: '\r\n', quoteChar: '"', doubleQuote: true },
  };
}

function isKey(table: ProtectedTable, column: TidyColumn): boolean {
  return table.meta.dimensions.some((d) => column.name === d.field || column.name === `${d.field}_code`);
}

/** A licence given as an address becomes its `path`; anything else its `title`, and its `name` as far as a name may hold it. */
function licenceOf(licence: string): Record<string, string> {
  if (/^https?:\/\//.test(licence)) return { path: licence };
  return { name: licence.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '') || 'unnamed', title: licence };
}

function sourcesOf(tables: readonly ProtectedTable[]): readonly { readonly title: string; readonly version: string }[] {
  const sources = new Map<string, { title: string; version: string }>();
  for (const { meta } of tables) {
    for (const s of meta.provenance.submissions) {
      const synthetic = s.synthetic ? ' (synthetic)' : '';
      const title = `${s.instrument}, ${s.agency}, ${s.round}, edition ${s.editionLabel ?? s.edition}${synthetic}; ${s.original === undefined ? `commitment ${s.manifest}` : `SHA-384 ${s.original}`}`;
      sources.set(title, { title, version: String(s.edition) });
    }
  }
  return [...sources.values()].sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
}
