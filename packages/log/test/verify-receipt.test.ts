import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha384 } from '@weighbridge/base';
import { toBase64, utf8 } from '../src/bytes.ts';
import { commit } from '../src/commitment.ts';
import { logPolicy, openEventLog } from '../src/event-log.ts';
import { parsePolicy } from '../src/policy.ts';
import type { Policy } from '../src/policy.ts';
import { recordsCommitment } from '../src/records-commitment.ts';
import { submissionReceipt } from '../src/submission-receipt.ts';
import { kindOfFile, verifyProof, verifySubmissionReceipt } from '../src/verify-receipt.ts';
import { codeOf } from './test-signers.ts';

let folder: string;
let policy: Policy;
/** Receipts of submissions whose manifests are the texts given. */
const receipts = new Map<string, string>();
let proof = '';

const WHOLE = JSON.stringify({ original: { file: 'synthetic.csv', sha384: sha384('synthetic'), bytes: 1234 } });
const MANIFESTS = [WHOLE, 'null', '{}', '[]', '{"original":null}', '{"original":{"bytes":"1","sha384":1}}', 'not JSON'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-receipt-'));
  const places = { log: join(folder, 'log'), keys: join(folder, 'keys'), state: join(folder, 'state') };
  const log = await openEventLog(places, { origin: 'receipts.invalid' });
  for (const manifest of MANIFESTS) {
    const committed = commit('weighbridge-submission/1', manifest);
    const [logged] = await log.append([{
      kind: 'submission', collection: 'c', instrument: 'i', agency: 'a', round: 'r', edition: 1, synthetic: true, definition: sha384('d'), normaliser: 'n/1',
      commitment: committed.commitment, records: recordsCommitment(sha384('root'), 2),
    }]);
    receipts.set(manifest, JSON.stringify(submissionReceipt(logged?.index ?? -1, committed, logged?.receipt ?? '')));
    proof = logged?.receipt ?? '';
  }
  policy = parsePolicy(await logPolicy(places));
  await log.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const receiptOf = (manifest: string): string => receipts.get(manifest) ?? expect.unreachable('no receipt was made');
const refused = (text: string): string => codeOf(() => verifySubmissionReceipt(utf8(text), policy));

describe('the receipt of a submission', () => {
  test('proves its entry, whose return it is, and which file was sent', () => {
    const { proved, holds } = verifySubmissionReceipt(utf8(receiptOf(WHOLE)), policy);
    expect(proved).toHaveLength(3);
    expect(proved[2]).toBe(`What was submitted is a file of 1,234 bytes with the SHA-384 ${sha384('synthetic')}.`);
    expect(holds).toMatch(/^submission [0-9a-f]{96}$/);
  });

  test('is read from the event that `submit` prints, too', () => {
    expect(verifySubmissionReceipt(utf8(`{"event":"sealed","receipt":${receiptOf(WHOLE)}}`), policy).proved).toHaveLength(3);
  });

  test.each(MANIFESTS.slice(1))('that opens to %s is refused as no receipt, and nothing breaks', (manifest) => {
    expect(refused(receiptOf(manifest))).toBe('RECEIPT_FORM');
  });

  test.each(['', 'null', '[]', '{"receipt":null}', '{"receipt":"weighbridge-receipt/1"}', '{"receipt":"weighbridge-receipt/2"}'])('written as %s is refused as no receipt', (text) => {
    expect(refused(text)).toBe('RECEIPT_FORM');
  });

  test('with the opening of another submission is false', () => {
    const other = JSON.parse(receiptOf('{}')) as { opening: string };
    expect(refused(JSON.stringify({ ...(JSON.parse(receiptOf(WHOLE)) as object), opening: other.opening }))).toBe('OPENING_FALSE');
    expect(refused(JSON.stringify({ ...(JSON.parse(receiptOf(WHOLE)) as object), opening: toBase64(utf8('short')) }))).toBe('OPENING_FALSE');
  });
});

test('a bare proof proves its entry, and one without the entry is refused', () => {
  expect(verifyProof(utf8(proof), policy).holds).toBe(`entry ${MANIFESTS.length + 1}`);
  expect(codeOf(() => verifyProof(utf8(proof.replace(/^extra .*\n/m, '')), policy))).toBe('PROOF_EXTRA');
});

test.each([
  ['weighbridge-equivocation/1\n', 'evidence'], ['weighbridge-record-receipt/1\n', 'record'], ['c2sp.org/tlog-proof@v1\n', 'proof'], ['{"receipt": "weighbridge-receipt/2"}', 'submission'],
  ['', undefined], ['log x', undefined],
])('%j is a file of the kind %s', (text, kind) => {
  expect(kindOfFile(utf8(text))).toBe(kind);
});

test('the receipt of a record is one whatever bytes its record has', () => {
  expect(kindOfFile(Uint8Array.of(...utf8('weighbridge-record-receipt/1\n'), 0xff, 0x00))).toBe('record');
});
