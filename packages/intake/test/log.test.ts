/** What submissions leave in the log, receipts of single records, and lawful deletion. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import { parseEntry, parseRecordReceipt, parseTlogProof, recordsCommitment, rootOfRecordReceipt, toHex } from '@weighbridge/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteSubmission, openStore, recordReceipt, submitFile } from '../src/index.ts';
import type { Store, SubmitInput, Submitted } from '../src/index.ts';
import { Fixture, HEADER } from './fixture.ts';
import { verifyStoreLog } from './store-log.ts';

let fixture: Fixture;
let store: Store;
beforeEach(async () => {
  fixture = await Fixture.make();
  store = await openStore(fixture.path('store'));
});
afterEach(() => fixture.dispose());

let files = 0;
async function submit(text: string, more: Partial<SubmitInput> = {}): Promise<Submitted> {
  const file = await fixture.write(`return-${files++}.csv`, text);
  return submitFile({ file, collection: await fixture.collection(), store, agency: 'police', round: '2020', instrument: 'devices', ...more });
}
const HARD = [
  HEADER, 'D1,01,2020-03-01,true,1,"a ""quoted"" note, with a \\ and a / and\ttab"', 'D2,02,2020-03-02,false,,"two\nlines, é, 😀, <&>"', 'D3,01,2020-03-03,true,3,', '',
].join('\n');

describe('records one by one', () => {
  test('every record of a return is proved by itself; its content is pinned to the byte', async () => {
    const { receipt, manifest } = await submit(HARD);
    const contents: string[] = [];
    for (let record = 1; record <= 3; record++) {
      const proved = await recordReceipt(store, receipt.commitment, record, 'a test');
      const parsed = parseRecordReceipt(proved.receipt);
      const entry = parseEntry(parseTlogProof(Buffer.from(proved.proof)).extra ?? new Uint8Array());
      const root = toHex(rootOfRecordReceipt(parsed) ?? new Uint8Array());
      expect(root).toBe(manifest.records?.root);
      expect(entry).toMatchObject({ kind: 'submission', commitment: receipt.commitment, records: recordsCommitment(root as Sha384, 3) });
      contents.push(Buffer.from(parsed.content).toString());
    }
    // Bytes, not values: another version of the engine that wrote JSON otherwise could prove no earlier record.
    expect(contents).toEqual([
      'weighbridge-record/1\n{"_row":"1","id":"D1","offence":"01","seized":"2020-03-01","locked":"true","days":"1","note":"a \\"quoted\\" note, with a \\\\ and a / and\\ttab"}',
      'weighbridge-record/1\n{"_row":"2","id":"D2","offence":"02","seized":"2020-03-02","locked":"false","days":null,"note":"two\\nlines, é, 😀, <&>"}',
      'weighbridge-record/1\n{"_row":"3","id":"D3","offence":"01","seized":"2020-03-03","locked":"true","days":"3","note":null}',
    ]);
  });

  test('each receipt is an access in the log, entered before the record is opened', async () => {
    const { receipt } = await submit(HARD);
    await rm(store.objectPath((await store.submissions())[0]?.manifest.sealed.sha384 ?? receipt.commitment));
    await expect(recordReceipt(store, receipt.commitment, 1, 'a test')).rejects.toThrow();
    expect((await store.log()).at(-1)).toMatchObject({ kind: 'access', purpose: 'record-receipt', submissions: [receipt.index] });
  });

  test('a return without records has no tree and no receipt', async () => {
    const { receipt, manifest } = await submit(`${HEADER}\n`, { nothingToReport: true });
    expect(manifest.records).toBeNull();
    await expect(recordReceipt(store, receipt.commitment, 1, 'a test')).rejects.toMatchObject({ code: 'RECORD_INDEX' });
    const [first] = (await store.log()).flatMap((entry) => (entry.kind === 'submission' ? [entry.records] : []));
    await submit(`${HEADER}\n`, { nothingToReport: true, agency: 'customs' });
    const second = (await store.log()).at(-1);
    expect(second?.kind === 'submission' && second.records !== first).toBe(true); // nobody tells from the log that a return was empty
    await expect(recordReceipt(store, sha384('other'), 1, 'a test')).rejects.toMatchObject({ code: 'SUBMISSION_UNKNOWN' });
  });

  test('equal records have different commitments, and the same return in two stores too', async () => {
    const elsewhere = await openStore(fixture.path('elsewhere'));
    const [one, other] = [await submit(HARD), await submit(HARD, { store: elsewhere })];
    expect(one.receipt.commitment).not.toBe(other.receipt.commitment);
    expect(one.manifest.records?.root).not.toBe(other.manifest.records?.root);
    expect(one.manifest.sealed).toEqual(other.manifest.sealed);
  });
});

describe('definitions', () => {
  test('are entered before what they judge, once, and again when they changed', async () => {
    await submit(HARD);
    const first = (await store.log()).filter((entry) => entry.kind === 'definition');
    expect(first.map((entry) => entry.what)).toContain('codelist');
    await submit(HARD, { agency: 'customs' });
    expect((await store.log()).filter((entry) => entry.kind === 'definition')).toEqual(first);
    const path = join(fixture.folder, 'instruments', 'devices.yaml');
    await writeFile(path, `${await readFile(path, 'utf8')}\n# another edition\n`);
    await submit(HARD, { collection: await loadCollection(fixture.folder), agency: 'customs' });
    const changed = (await store.log()).filter((entry) => entry.kind === 'definition').slice(first.length);
    expect(changed).toMatchObject([{ what: 'definition', path: 'instruments/devices.yaml' }]);
    expect((await store.log()).at(-1)).toMatchObject({ kind: 'submission', edition: 2 });
    await verifyStoreLog(store);
  });
});

describe('a lawful deletion', () => {
  const candidate = (n: number): string => `${HEADER}\nD1,01,2020-03-01,true,${n},x\n`;

  /** Names and contents of everything that is left, as one text. */
  async function everything(): Promise<string> {
    const entries = (await readdir(store.folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
    return (await Promise.all(entries.map(async (e) => `${e.name}\n${(await readFile(join(e.parentPath, e.name))).toString('latin1')}`))).join('\n');
  }
  /** Candidates that somebody finds who has all that is left, and knows every value but one. */
  async function guessed(sealed: readonly string[]): Promise<number[]> {
    const left = await everything();
    return Array.from({ length: 400 }, (_, n) => n).filter((n) => {
      const record = `weighbridge-record/1\n{"_row":"1","id":"D1","offence":"01","seized":"2020-03-01","locked":"true","days":"${n}","note":"x"}`;
      return [sha384(candidate(n)), sha384(record), ...sealed].some((hash) => left.includes(hash) || left.includes(Buffer.from(hash, 'hex').toString('latin1')));
    });
  }

  test('leaves nothing by which the content could be read or guessed, and the log whole', async () => {
    const { receipt, manifest } = await submit(candidate(123));
    expect(await guessed([])).toEqual([123]); // the store names objects by their hash: before, a guess is confirmed
    await deleteSubmission(store, receipt.commitment, 'grounds');
    expect(await guessed([manifest.sealed.sha384])).toEqual([]);
    expect(await store.submissions()).toEqual([]);
    expect((await store.log()).at(-1)).toMatchObject({ kind: 'deletion', submission: receipt.index });
    await verifyStoreLog(store);
    await expect(deleteSubmission(store, receipt.commitment, 'grounds')).rejects.toMatchObject({ code: 'SUBMISSION_UNKNOWN' });
    expect((await submit(candidate(123))).manifest.edition).toBe(2);
  });

  test('of the latest edition does not bring back the one that it corrected', async () => {
    await submit(candidate(1));
    const { receipt } = await submit(candidate(2));
    expect((await store.counting()).map(({ source }) => source.edition)).toEqual([1, 2]);
    await deleteSubmission(store, receipt.commitment, 'grounds');
    expect([await store.counting(), await store.current(), (await store.submissions()).length]).toEqual([[], [], 1]);
    await submit(candidate(3));
    expect((await store.current()).map(({ source }) => source.edition)).toEqual([3]);
  });

  test('cut off after its entry, is finished when the store is next written', async () => {
    const { receipt, manifest } = await submit(candidate(1));
    await store.transact(({ record }) => record([{ kind: 'deletion', submission: receipt.index, commitment: sha384('grounds') }]));
    expect(await store.submissions()).toEqual([]);
    const kept = await readdir(join(store.folder, 'objects'));
    expect(kept).toContain(manifest.original.sha384);
    await submit(candidate(2), { agency: 'customs' });
    const left = await readdir(join(store.folder, 'objects'));
    for (const hash of [receipt.commitment, manifest.original.sha384, manifest.sealed.sha384, manifest.records?.salts]) expect(left).not.toContain(hash);
  });

  test('leaves the same bytes of another submission alone', async () => {
    const [one, other] = [await submit(candidate(7)), await submit(candidate(7), { agency: 'customs' })];
    await deleteSubmission(store, one.receipt.commitment, 'grounds');
    expect(await readFile(store.objectPath(other.manifest.original.sha384), 'utf8')).toBe(candidate(7));
    await recordReceipt(store, other.receipt.commitment, 1, 'a test');
  });
});

test('a store of the earlier log format is refused, and left as it is', async () => {
  await writeFile(join(store.logFolder, 'entries.ndjson'), '{}\n');
  await expect(submit(HARD)).rejects.toMatchObject({ code: 'LOG_OLD_FORMAT' });
  expect(await readFile(join(store.logFolder, 'entries.ndjson'), 'utf8')).toBe('{}\n');
});
