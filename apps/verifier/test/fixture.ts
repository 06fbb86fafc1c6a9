/**
 * A made-up release with its log, policy, receipts and evidence, in a folder of its own. All of it is invented.
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import type { Sha384, SubmissionSource } from '@weighbridge/base';
import { checkpointText, commit, formatEquivocation, formatNote, formatRecordReceipt, recordsCommitment, signNote, submissionReceipt, toHex } from '@weighbridge/log';
import type { Commitment, LogEvent } from '@weighbridge/log';
import { RECORD_HEADER, RecordTreeWriter, generateKey, logPolicy, openEventLog, proveRecord } from '@weighbridge/log/node';
import { buildRelease, verifierKeyOf, writeRelease } from '@weighbridge/publish';
import type { Manifest } from '@weighbridge/publish';
import { KEY, fixtureInput } from '../../../packages/publish/test/fixtures.ts';
import { definitionEvents, submissionEvent } from '../../../packages/publish/test/log-fixture.ts';

const ORIGIN = 'log.verifier.invalid';

/** The paths of everything that was made, below one folder. */
export interface Fixture {
  readonly release: string;
  readonly log: string;
  readonly policy: string;
  /** The same with a witness that has not cosigned. */
  readonly strictPolicy: string;
  /** Of a log of its own, of the same name. */
  readonly otherPolicy: string;
  readonly publisherKey: string;
  readonly otherKey: string;
  readonly receipt: string;
  /** With `.proof` beside it. */
  readonly recordReceipt: string;
  readonly evidence: string;
  /** Two signed heads that can both be true. */
  readonly noEvidence: string;
}

/** Makes everything in `folder`. */
export async function makeFixture(folder: string): Promise<Fixture> {
  const at = (name: string): string => join(folder, name);
  const paths: Fixture = {
    release: at('release'), log: at('log'), policy: at('policy'), strictPolicy: at('strict-policy'), otherPolicy: at('other-policy'), publisherKey: verifierKeyOf(KEY, 'demo'), otherKey: generateKey('ed25519', 'demo').signer.verifierKey.text,
    receipt: at('receipt.json'), recordReceipt: at('record-receipt'), evidence: at('evidence'), noEvidence: at('no-evidence'),
  };
  const files = buildRelease({ ...fixtureInput(), tables: fixtureInput().tables.filter((t) => ['requests', 'sentences'].includes(t.meta.id)), signingKey: KEY });
  await writeRelease(files, paths.release);
  const text = String(files.get('manifest.json'));
  const places = { log: paths.log, keys: at('keys'), state: at('state') };
  const log = await openEventLog(places, { origin: ORIGIN, now: () => 1_767_225_600n });
  const own = await ownSubmission(folder);
  const manifest = JSON.parse(text) as Manifest;
  const before = [...definitionEvents(manifest), ...manifest.content.submissions.map((source) => submissionEvent(source, manifest.content.collection.id))];
  const first = 2 + definitionEvents(manifest).length;
  const logged = await log.append([
    ...before, { kind: 'release', collection: manifest.content.collection.id, manifest: sha384(text), submissions: manifest.content.submissions.map((_, i) => first + i) }, own.event,
  ]);
  const last = logged.at(-1);
  if (last === undefined) throw new Error('expected the entries that were logged');
  await writeFile(paths.receipt, JSON.stringify(submissionReceipt(last.index, own.committed, last.receipt)));
  await writeFile(paths.recordReceipt, await own.recordReceipt());
  await writeFile(`${paths.recordReceipt}.proof`, last.receipt);
  const policy = await logPolicy(places);
  await writeFile(paths.policy, policy);
  const witness = generateKey('ed25519-cosigner', 'witness.invalid').signer.verifierKey.text;
  await writeFile(paths.strictPolicy, policy.replace('quorum p384', `witness W ${witness}\ngroup both all p384 W\nquorum both`));
  await writeFile(paths.otherPolicy, await logPolicy({ log: at('other/log'), keys: at('other/keys'), state: at('other/state') }, { origin: ORIGIN }));
  const signed = (size: bigint, root: string): Buffer => {
    const head = checkpointText(ORIGIN, size, createHash('sha256').update(root).digest());
    return Buffer.from(formatNote(head, [signNote(head, log.signers.log)]));
  };
  const logs = [log.signers.log.verifierKey.text];
  await writeFile(paths.evidence, formatEquivocation({ logs, first: signed(7n, 'one'), second: signed(7n, 'other'), contradiction: { kind: 'same-size' } }));
  await writeFile(paths.noEvidence, formatEquivocation({ logs, first: signed(7n, 'one'), second: signed(7n, 'one'), contradiction: { kind: 'same-size' } }));
  await log.close();
  return paths;
}

/** A submission of five records that can be opened. */
async function ownSubmission(folder: string): Promise<{ event: LogEvent; committed: Commitment; recordReceipt: () => Promise<Uint8Array> }> {
  await mkdir(join(folder, 'records'), { recursive: true });
  const files = { salts: join(folder, 'records', 'salts'), hashes: join(folder, 'records', 'hashes') };
  const writer = new RecordTreeWriter(files);
  const contents = Array.from({ length: 5 }, (_, i) => `${RECORD_HEADER}{"invented":${i}}`);
  for (const content of contents) writer.add(content);
  const { root, count } = await writer.finish();
  const committed = commit('weighbridge-submission/1', JSON.stringify({ original: { file: 'invented.csv', sha384: sha384('invented'), bytes: 12_345 }, rows: 5 }));
  const source: SubmissionSource = { instrument: 'devices', agency: 'north', round: '2025', edition: 1, synthetic: true, manifest: committed.commitment, original: sha384('invented'), rows: 5, repairs: [] };
  return {
    event: { ...submissionEvent(source, 'demo'), records: recordsCommitment(toHex(root) as Sha384, count) } as LogEvent, committed,
    recordReceipt: async () => formatRecordReceipt(await proveRecord(files, { submission: committed.commitment, index: 3n, content: Buffer.from(contents[3] ?? '') })),
  };
}

/** Changes one bit in the middle of a file. */
export async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
