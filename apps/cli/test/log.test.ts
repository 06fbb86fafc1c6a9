/**
 * A store's log from the command line: receipts of submissions and records, verification, events, lawful deletion, evidence.
 */
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, weighbridge } from './command-line.ts';
import type { Finished } from './command-line.ts';

let home: string;
let commitment: string;
const run = (...args: string[]): Promise<Finished> => weighbridge(args, home);
const errorsOf = ({ events }: Finished): unknown[] => events.filter((e) => e['severity'] === 'error').map((e) => e['code']);
const proved = ({ events }: Finished): string[] => events.filter((e) => e['event'] === 'proved').map((e) => String(e['what']));
const kinds = async (store: string): Promise<string[]> => (await run('log', 'list', store)).events.map((e) => (e['entry'] as { kind: string }).kind);

const RECORDS = Array.from({ length: 40 }, (_, i) => `SYN-${i},2023-09-0${1 + (i % 9)},A1,${i % 3 === 0 ? 'solved' : 'unsolved'},true`);

beforeAll(async () => {
  home = await temporaryFolder();
  expect((await run('init', 'trial')).code).toBe(0);
  await writeFile(join(home, 'return.csv'), ['case_id,closed,kind,outcome,synthetic', ...RECORDS, ''].join('\n'));
  const submitted = await run('submit', 'return.csv', '--collection', 'trial', '--store', 'store', '--agency', 'harbour', '--round', '2023-24', '--instrument', 'cases', '--receipt', 'receipt.json');
  expect(submitted.code).toBe(0);
  commitment = (JSON.parse(await readFile(join(home, 'receipt.json'), 'utf8')) as { receipt: { commitment: string } }).receipt.commitment;
  expect((await run('release', 'trial', '--store', 'store', '--out', 'release')).code).toBe(0);
  expect((await run('log', 'policy', 'store', '--out', 'policy')).code).toBe(0);
  expect((await run('log', 'create', 'store-other', '--origin', 'log.example.test/other', '--out', 'policy-other')).code).toBe(0);
}, 120_000);

describe('what is entered', () => {
  test('keys, definitions and code lists before what they judge, the submission, the access, the release', async () => {
    const entered = await kinds('store');
    expect(entered.slice(0, 2)).toEqual(['key', 'key']);
    expect(entered.filter((kind) => kind !== 'definition')).toEqual(['key', 'key', 'submission', 'access', 'key', 'release']);
    expect(entered.indexOf('submission')).toBeGreaterThan(entered.indexOf('definition'));
  });

  test('tells neither how many records there are nor anything of their content', async () => {
    const bundles = await readdir(join(home, 'store', 'log', 'tile', 'entries'), { recursive: true, withFileTypes: true });
    const text = (await Promise.all(bundles.filter((e) => e.isFile()).map((e) => readFile(join(e.parentPath, e.name), 'utf8')))).join('');
    expect(text).not.toMatch(/SYN-|solved|"rows"|\b40\b/);
  });

  test('a witness that the policy gains or loses', async () => {
    const own = await readFile(join(home, 'policy-other'), 'utf8');
    await writeFile(join(home, 'policy-watched'), own.replace('quorum', 'witness outside watch.example.test/w+b3287758+BFKzatTT/kh3Q7VmzkhUfaJTT+z/a71BgZyFCZOltju1\nquorum'));
    expect(errorsOf(await run('log', 'witnesses', 'store-other', '--policy', 'policy-watched'))).toEqual([]);
    expect((await kinds('store-other')).at(-1)).toBe('key');
    expect((await run('log', 'witnesses', 'store-other', '--policy', 'policy-other')).code).toBe(0);
    const keys = (await run('log', 'list', 'store-other')).events.map((e) => e['entry'] as { change?: string; purpose?: string });
    expect(keys.slice(-2).map(({ change, purpose }) => [change, purpose])).toEqual([['added', 'witness'], ['retired', 'witness']]);
  });

  test('an authorisation and a disclosure under it; a follow-up of nothing is refused', async () => {
    await writeFile(join(home, 'warrant.json'), '{"synthetic":true,"order":"SYN-W-1"}');
    const event = (...more: string[]): Promise<Finished> => run('log', 'record', 'store', '--agency', 'harbour', '--details', 'warrant.json', ...more);
    const issued = await event('--kind', 'authorisation', '--event', 'issued');
    const index = String(issued.events.at(-1)?.['index']);
    expect((await event('--kind', 'disclosure', '--event', 'disclosed', '--follows', index)).code).toBe(0);
    expect(errorsOf(await event('--kind', 'disclosure', '--event', 'disclosed', '--follows', '999'))).toEqual(['ENTRY_INDEX']);
    expect((await kinds('store')).slice(-2)).toEqual(['authorisation', 'disclosure']);
    expect(errorsOf(await run('verify', 'store/log', '--policy', 'policy'))).toEqual([]);
  });
});

describe('a release with its log', () => {
  test('is borne out by it: signatures, every entry, every submission and definition', async () => {
    const held = await run('verify', 'release', '--log', 'store/log', '--policy', 'policy', '--store', 'store');
    expect([held.code, held.stderr]).toEqual([0, '']);
    const lines = proved(held).join('\n');
    for (const words of ['signed by its key and cosigned by p384', 'under SHA-256 and under SHA-384', 'every submission that it rests on (1) is in it', 'Every definition of the release', 'byte for byte when computed again']) expect(lines).toContain(words);
  });

  test('and a log that is changed, empty, unsigned or of another owner is refused with exit 3, by its own code', async () => {
    const bend = async (name: string, change: (folder: string) => Promise<void>): Promise<[number | null, unknown]> => {
      await cp(join(home, 'store', 'log'), join(home, name), { recursive: true });
      await change(join(home, name));
      const finished = await run('verify', 'release', '--log', name, '--policy', 'policy');
      return [finished.code, errorsOf(finished)[0]];
    };
    const flip = async (path: string, at: number): Promise<void> => {
      const bytes = await readFile(path);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(path, bytes);
    };
    const size = Number((await readFile(join(home, 'store', 'log', 'checkpoint'), 'utf8')).split('\n')[1]);
    expect(await bend('log-entry', (folder) => flip(join(folder, 'tile', 'entries', '000.p', String(size)), 60))).toEqual([3, 'ENTRY_FALSE']);
    expect(await bend('log-cut', async (folder) => {
      const tile = join(folder, 'tile', '0', '000.p', String(size));
      await writeFile(tile, (await readFile(tile)).subarray(0, -1));
    })).toEqual([3, 'TILE_LENGTH']);
    expect((await bend('log-empty', async (folder) => { await rm(folder, { recursive: true }); await mkdir(folder); }))).toEqual([3, 'LOG_MISSING']);
    expect(await bend('log-crlf', async (folder) => { await writeFile(join(folder, 'checkpoint'), (await readFile(join(folder, 'checkpoint'), 'utf8')).replaceAll('\n', '\r\n')); })).toEqual([3, 'NOTE_CRLF']);
    expect(await bend('log-unsigned', async (folder) => { await writeFile(join(folder, 'checkpoint'), (await readFile(join(folder, 'checkpoint'), 'utf8')).replace(/\n\n[^]*/, '\n')); })).toEqual([3, 'NOTE_UNSIGNED']);
    expect(errorsOf(await run('verify', 'release', '--log', 'store/log', '--policy', 'policy-other'))).toEqual(['CHECKPOINT_OTHER_ORIGIN']);
  }, 180_000);

  test('a log that does not know the release leaves it undecided: exit 3', async () => {
    const other = await run('verify', 'release', '--log', 'store-other/log', '--policy', 'policy-other');
    expect([other.code, errorsOf(other)[0]]).toEqual([3, 'RELEASE_NOT_LOGGED']);
  });
});

describe('receipts', () => {
  test('of a submission: what was submitted, in which log; a changed one is refused', async () => {
    const held = await run('verify', 'receipt.json', '--policy', 'policy');
    expect([held.code, proved(held).length]).toEqual([0, 3]);
    const text = await readFile(join(home, 'receipt.json'), 'utf8');
    for (const [name, change, code] of [
      ['opening', (t: string) => t.replace(/"opening": "(.)/, (_, c: string) => `"opening": "${c === 'A' ? 'B' : 'A'}`), 'OPENING_FALSE'],
      ['index', (t: string) => t.replace(/index \d+/, 'index 0'), 'PROOF_FALSE'], ['words', (t: string) => t.replace('"rows": 40', '"rows": 4'), 'RECEIPT_FALSE'],
      ['form', () => '{"receipt":{"receipt":"weighbridge-receipt/2"}}', 'RECEIPT_FORM'],
    ] as const) {
      await writeFile(join(home, `receipt-${name}.json`), change(text));
      const refused = await run('verify', `receipt-${name}.json`, '--policy', 'policy');
      expect([name, refused.code, errorsOf(refused)]).toEqual([name, 3, [code]]);
    }
    expect((await run('verify', 'receipt.json')).code).toBe(2); // without a policy there is nobody to believe
  });

  test('of one record: proved from two files alone, entered in the log, no other record shown', async () => {
    const before = await kinds('store');
    const made = await run('receipt', 'store', '--submission', commitment, '--record', '7', '--why', 'a synthetic question', '--out', 'record');
    expect([made.code, made.stderr]).toEqual([0, '']);
    const receipt = await readFile(join(home, 'record'));
    expect(receipt.length).toBeLessThan(2048);
    expect(receipt.toString()).toContain('SYN-6');
    expect(receipt.toString().match(/SYN-/g)).toHaveLength(1);
    expect(await kinds('store')).toEqual([...before, 'access']);
    const held = await run('verify', 'record', '--policy', 'policy');
    expect([held.code, proved(held).at(-1)?.includes('record is number 7 of the return of harbour')]).toEqual([0, true]);
    await writeFile(join(home, 'record-other'), receipt.toString().replace('"SYN-6"', '"SYN-9"'));
    await cp(join(home, 'record.proof'), join(home, 'record-other.proof'));
    expect(errorsOf(await run('verify', 'record-other', '--policy', 'policy'))).toEqual(['RECEIPT_FALSE']);
    expect(errorsOf(await run('receipt', 'store', '--submission', commitment, '--record', '41', '--why', 'x', '--out', 'none'))).toEqual(['RECORD_INDEX']);
  });
});

describe('a lawful deletion', () => {
  test('destroys bytes, records and salts; the log still verifies, releases say so, a new return can be made without the record', async () => {
    await cp(join(home, 'store'), join(home, 'store-deletes'), { recursive: true });
    expect((await run('log', 'adopt', 'store-deletes')).code).toBe(0);
    const objects = (await readdir(join(home, 'store-deletes', 'objects'))).length;
    const deleted = await run('delete', 'store-deletes', '--submission', commitment, '--grounds', 'synthetic grounds', '--yes');
    expect([deleted.code, deleted.stderr]).toEqual([0, '']);
    expect((await readdir(join(home, 'store-deletes', 'objects'))).length).toBe(objects + 1 - 5); // manifest, original, records, salts, hashes go; the grounds stay
    const held = await run('verify', 'release', '--log', 'store-deletes/log', '--policy', 'policy');
    expect([held.code, held.events.some((e) => e['event'] === 'not-proved' && String(e['what']).includes('deleted under law'))]).toEqual([0, true]);
    expect(errorsOf(await run('verify', 'release', '--store', 'store-deletes'))).toEqual(['SUBMISSION_DELETED']);
    expect(deleted.events.filter((e) => e['event'] === 'issue').map((e) => e['code'])).toEqual(['RELEASES_REST_ON_IT']);
    expect(errorsOf(await run('release', 'trial', '--store', 'store-deletes', '--out', 'none'))).toEqual(['NOTHING_TO_RELEASE']);
    expect(errorsOf(await run('receipt', 'store-deletes', '--submission', commitment, '--record', '1', '--why', 'x', '--out', 'none'))).toEqual(['SUBMISSION_UNKNOWN']);
    await writeFile(join(home, 'without.csv'), ['case_id,closed,kind,outcome,synthetic', ...RECORDS.slice(1), ''].join('\n'));
    expect((await run('submit', 'without.csv', '--collection', 'trial', '--store', 'store-deletes', '--agency', 'harbour', '--round', '2023-24', '--instrument', 'cases')).code).toBe(0);
    const list = (await run('log', 'list', 'store-deletes')).events.map((e) => e['entry'] as { kind: string; edition?: number }).filter((e) => e.kind === 'submission');
    expect(list.map((e) => e.edition)).toEqual([1, 2]);
  }, 180_000);

  test('needs to be told that it cannot be undone', async () => {
    expect((await run('delete', 'store', '--submission', commitment, '--grounds', 'x')).code).toBe(2);
  });
});

describe('a store that was copied', () => {
  test('reads, warns that the access is not in the log, and writes nothing until it is adopted', async () => {
    await cp(join(home, 'store'), join(home, 'store-copy'), { recursive: true });
    const held = await run('verify', 'release', '--store', 'store-copy');
    expect([held.code, held.events.filter((e) => e['event'] === 'issue').map((e) => e['code'])]).toEqual([0, ['ACCESS_NOT_LOGGED']]);
    expect(errorsOf(await run('release', 'trial', '--store', 'store-copy', '--out', 'release-copy'))).toEqual(['LOG_CELL_COPIED']);
  });

  test('evidence that two copies went on apart is proven misbehaviour: exit 4', async () => {
    for (const copy of ['fork-a', 'fork-b']) {
      await cp(join(home, 'store'), join(home, copy), { recursive: true });
      expect((await run('log', 'adopt', copy)).code).toBe(0);
      await writeFile(join(home, `${copy}.txt`), copy);
      expect((await run('log', 'record', copy, '--kind', 'authorisation', '--agency', 'harbour', '--event', 'issued', '--details', `${copy}.txt`)).code).toBe(0);
    }
    const witness = (log: string): Promise<Finished> => run('witness', '--state', 'witness', '--name', 'witness.example.test/w', '--policy', 'policy', '--cosign', `${log}/log`, '--evidence', 'evidence');
    expect((await witness('fork-a')).code).toBe(0);
    const split = await witness('fork-b');
    expect([split.code, errorsOf(split)]).toEqual([4, ['LOG_EQUIVOCATION']]);
    const [file = ''] = await readdir(join(home, 'evidence'));
    const judged = await run('verify', `evidence/${file}`, '--policy', 'policy');
    expect([judged.code, errorsOf(judged)]).toEqual([4, ['EQUIVOCATION_PROVED']]);
    // An agency needs no witness: its receipt from one copy, held against the other, is evidence as well.
    expect((await run('log', 'receipt', 'fork-a', '--index', String((await kinds('fork-a')).length - 1), '--out', 'from-a.proof')).code).toBe(0);
    expect(proved(await run('verify', 'from-a.proof', '--policy', 'policy', '--log', 'fork-a/log')).at(-1)).toContain('goes on from the head');
    const against = await run('verify', 'from-a.proof', '--policy', 'policy', '--log', 'fork-b/log', '--keep', 'from-receipt');
    expect([against.code, errorsOf(against)]).toEqual([4, ['EQUIVOCATION_PROVED']]);
    expect((await run('verify', 'from-receipt', '--policy', 'policy')).code).toBe(4);
    expect(errorsOf(await run('verify', 'from-a.proof', '--policy', 'policy', '--log', 'store/log'))).toEqual(['LOG_OLDER']);
    const withRelease = await run('verify', 'release', '--log', 'store/log', '--policy', 'policy', '--evidence', `evidence/${file}`);
    expect([withRelease.code, errorsOf(withRelease)]).toEqual([4, ['EQUIVOCATION_PROVED']]);
    expect(errorsOf(await run('verify', `evidence/${file}`, '--policy', 'policy-other'))).toEqual(['EVIDENCE_KEY_UNKNOWN']);
  }, 180_000);
});

test('a synthetic log of any size verifies, and a folder that is not empty is left alone', async () => {
  for (const entries of ['0', '1', '257']) {
    expect((await run('log', 'synthetic', `made-${entries}`, '--entries', entries)).code).toBe(0);
    expect((await run('log', 'audit', `made-${entries}/log`, '--policy', `made-${entries}/policy`)).events.at(-1)).toMatchObject({ event: 'whole', size: Number(entries) });
  }
  expect(errorsOf(await run('log', 'synthetic', 'made-0', '--entries', '1'))).toEqual(['LOG_EXISTS']);
});
