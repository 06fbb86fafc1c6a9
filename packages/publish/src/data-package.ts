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

/** The text of `datapackage.json`. `csvs` holds the CSV text of each table by id. */
export function dataPackage(
  collection: CollectionFacts, release: string, tables: readonly ProtectedTable[], csvs: ReadonlyMap<string, string>,
): string {
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
    resources: tables.map((table) => resource(table, csvs.get(table.meta.id) ?? '')),
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
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    bytes: Buffer.byteLength(csv, 'utf8'),
    hash: `sha384:${sha384(csv)}`,
    synthetic: meta.synthetic,
    dialect: { header: true, delimiter: ',', lineTerminator: '\r\n', quoteChar: '"', doubleQuote: true },
    sources: sourcesOf([table]),
    schema: {
      $schema: 'https://datapackage.org/profiles/2.0/tableschema.json',
      fields: columns.map((c) => ({
        name: c.name, type: c.type, title: c.title, description: c.description,
        constraints: { required: c.required, ...(c.enum === undefined ? {} : { enum: c.enum }) },
      })),
      missingValues: [''],
      primaryKey: keys,
    },
  };
}

function isKey(table: ProtectedTable, column: TidyColumn): boolean {
  return table.meta.dimensions.some((d) => column.name === d.field || column.name === `${d.field}_code`);
}

/** A licence given as an address becomes its `path`; anything else its `title` and, where it looks like one, its `name`. */
function licenceOf(licence: string): Record<string, string> {
  if (/^https?:\/\//.test(licence)) return { path: licence };
  return /^[A-Za-z0-9.+-]+$/.test(licence) ? { name: licence, title: licence } : { name: licence.replace(/[^A-Za-z0-9._-]+/g, '-'), title: licence };
}

function sourcesOf(tables: readonly ProtectedTable[]): readonly { readonly title: string; readonly version: string }[] {
  const sources = new Map<string, { title: string; version: string }>();
  for (const { meta } of tables) {
    for (const s of meta.provenance.submissions) {
      const synthetic = s.synthetic ? ' (synthetic)' : '';
      const title = `${s.instrument}, ${s.agency}, ${s.round}, edition ${s.editionLabel ?? s.edition}${synthetic}; SHA-384 ${s.original}`;
      sources.set(title, { title, version: String(s.edition) });
    }
  }
  return [...sources.values()].sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
}
