/**
 * What changed between the editions of a published series, made releasable.
 * Leaves out: series that are not public, which would need protection edition by edition.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { ConfidentialRevisions } from '@weighbridge/base/confidential';
import type { SeriesRevision } from './released.ts';

/**
 * The revisions of a public series, in their order.
 * @throws Refusal `REVISIONS_NOT_PUBLIC` when the instrument does not say why its records are public.
 */
export function releaseRevisions(revisions: ConfidentialRevisions): readonly SeriesRevision[] {
  if (revisions.publicReason === null || revisions.publicReason.trim() === '') {
    refuse(
      'REVISIONS_NOT_PUBLIC', 'only series whose source is public already may show what their editions changed',
      { object: revisions.instrument }, 'leave the revisions out, or state under "sensitivity" why the series is public',
    );
  }
  return revisions.revisions.map((r): SeriesRevision => ({
    instrument: revisions.instrument, key: { ...r.key }, fromEdition: r.fromEdition, toEdition: r.toEdition,
    change: r.change, before: r.before, after: r.after,
  }));
}
