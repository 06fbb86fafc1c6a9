/**
 * What later editions of published series changed, as data.
 * @module
 */
import { canonicalJson, prettyJson } from '@weighbridge/base';
import type { SeriesRevision } from '@weighbridge/protect';
import { writeCsv } from './csv.ts';

/** The revisions in an order that does not depend on how they were found. */
export function sortRevisions(revisions: readonly SeriesRevision[]): readonly SeriesRevision[] {
  const keyed = revisions.map((r) => [canonicalJson([r.instrument, r.toEdition, r.fromEdition, r.key, r.change]), r] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, r]) => r);
}

export function revisionsJson(revisions: readonly SeriesRevision[]): string {
  return prettyJson({ format: 'weighbridge-revisions/1', revisions });
}

export function revisionsCsv(revisions: readonly SeriesRevision[]): string {
  return writeCsv(
    ['instrument', 'key', 'from_edition', 'to_edition', 'change', 'before', 'after'],
    revisions.map((r) => [r.instrument, revisionKeyText(r), r.fromEdition, r.toEdition, r.change, r.before, r.after]),
  );
}

/** "year: 2019; provider: Facebook", fields sorted. */
export function revisionKeyText(revision: SeriesRevision): string {
  return Object.keys(revision.key).sort().map((field) => `${field}: ${revision.key[field] ?? ''}`).join('; ');
}
