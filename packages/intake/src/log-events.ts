/**
 * What a submission enters in the log: itself, and the definitions that judged it where they were not entered before.
 * Nothing here tells how many records there are: an exact total would undo the protection of the same total.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import type { Instrument } from '@weighbridge/instrument';
import { recordsCommitment } from '@weighbridge/log';
import type { LogEntry, LogEvent } from '@weighbridge/log';
import type { SubmissionManifest } from './manifest.ts';
import type { SubmitInput } from './submit.ts';

/** Version of the rules that turn bytes into records. It changes when the same bytes and definition would give other records. */
export const NORMALISER = 'weighbridge-intake/1';

/** The entry of a submission. @param before - index of the entry of the edition before */
export function submissionEvent(manifest: SubmissionManifest, commitment: Sha384, before: number | undefined): LogEvent {
  const { collection, instrument, agency, round, edition, synthetic, instrumentSha384, records, rows } = manifest;
  return {
    kind: 'submission', collection, instrument, agency, round, edition, synthetic, definition: instrumentSha384, normaliser: NORMALISER, commitment,
    records: records === null ? sha384(randomBytes(32)) : recordsCommitment(records.root, rows), ...(before === undefined ? {} : { corrects: before }),
  };
}

/** The instrument's definition and its code lists, as far as the log does not name them yet. */
export function newDefinitions({ collection }: SubmitInput, instrument: Instrument, entries: readonly LogEntry[]): LogEvent[] {
  const definition = { kind: 'definition', collection: collection.definition.id } as const;
  const used: LogEvent[] = [
    { ...definition, what: 'definition', path: instrument.file.path, sha384: instrument.file.sha384 },
    ...[...instrument.codelists.values()].map((list): LogEvent => ({ ...definition, what: 'codelist', path: list.definition.id, sha384: list.sha384 })),
  ];
  return definitionsNotIn(entries, used);
}

/** Those of the events that no entry of the log states already. */
export function definitionsNotIn(entries: readonly LogEntry[], events: readonly LogEvent[]): LogEvent[] {
  const key = (event: LogEvent): string => (event.kind === 'definition' ? JSON.stringify([event.collection, event.path, event.sha384]) : '');
  const latest = new Map(entries.flatMap((entry) => (entry.kind === 'definition' ? [[JSON.stringify([entry.collection, entry.path]), key(entry)]] : [])));
  return events.filter((event) => event.kind === 'definition' && latest.get(JSON.stringify([event.collection, event.path])) !== key(event));
}
