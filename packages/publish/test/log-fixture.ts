/**
 * Logs made for tests: in memory of one test's folder, with the entries that a release needs.
 * @module
 */
import { join } from 'node:path';
import type { SubmissionSource } from '@weighbridge/base';
import { sha384 } from '@weighbridge/base';
import { parsePolicy, verifyLog } from '@weighbridge/log';
import type { LogEvent, VerifiedLog } from '@weighbridge/log';
import { folderFiles, logPolicy, openEventLog } from '@weighbridge/log/node';
import type { Manifest } from '../src/index.ts';

/** The entry of a submission. */
export function submissionEvent(source: SubmissionSource, collection: string): LogEvent {
  const { instrument, agency, round, edition, synthetic, manifest } = source;
  return { kind: 'submission', collection, instrument, agency, round, edition, synthetic, definition: sha384(instrument), normaliser: 'test/1', commitment: manifest, records: sha384('records') };
}

/** The entries of a release's definitions. */
export function definitionEvents({ content }: Manifest): LogEvent[] {
  return content.data.filter(({ path }) => path.startsWith('definitions/') && !path.startsWith('definitions/inputs/'))
    .map(({ path, sha384: hash }): LogEvent => ({ kind: 'definition', collection: content.collection.id, what: 'definition', path: path.slice('definitions/'.length), sha384: hash }));
}

/** Makes a log with the events below `folder`, and gives what verifies it under its own policy. */
export async function logWith(folder: string, events: readonly LogEvent[]): Promise<() => Promise<VerifiedLog>> {
  const places = { log: join(folder, 'log'), keys: join(folder, 'keys'), state: join(folder, 'state') };
  const log = await openEventLog(places);
  if (events.length > 0) await log.append(events);
  await log.close();
  const policy = parsePolicy(await logPolicy(places));
  return () => verifyLog(folderFiles(places.log), { policy });
}
