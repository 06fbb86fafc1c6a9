/** The log of a store: made, opened, read, adopted; its clock and its keys. */
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha384 } from '@weighbridge/base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderDisk, folderFiles } from '../src/disk.ts';
import { encodeEntry, parseEntry } from '../src/entry.ts';
import type { LogEvent } from '../src/entry.ts';
import { adoptLog, logPolicy, openEventLog, publicLogKey, readLog, setLogPolicy } from '../src/event-log.ts';
import type { EventLog, LogPlaces } from '../src/event-log.ts';
import { generateKey } from '../src/keys.ts';
import { parsePolicy } from '../src/policy.ts';
import { verifyLog } from '../src/verify-log.ts';

let root: string;
let places: LogPlaces;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'event-log-'));
  places = placesIn('store');
});
afterEach(() => rm(root, { recursive: true, force: true }));

function placesIn(name: string): LogPlaces {
  return { log: join(root, name, 'log'), keys: join(root, name, 'keys'), state: join(root, name, 'state') };
}
const EVENT: LogEvent = { kind: 'authorisation', agency: 'harbour', event: 'issued', commitment: sha384('synthetic') };
async function withLog<T>(work: (log: EventLog) => Promise<T>, at = places, options: Parameters<typeof openEventLog>[1] = {}): Promise<T> {
  const log = await openEventLog(at, options);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
const verify = async (): ReturnType<typeof verifyLog> => verifyLog(folderFiles(places.log), { policy: parsePolicy(await logPolicy(places)) });

test('begins with its two keys, grows, and is read with its public key alone', async () => {
  await withLog((log) => log.append([EVENT, EVENT]));
  const key = await publicLogKey(places.keys);
  if (key === undefined) throw new Error('expected a key');
  expect((await readLog(places.log, key)).map(({ kind }) => kind)).toEqual(['key', 'key', 'authorisation', 'authorisation']);
  await verify();
  expect(await readLog(join(root, 'nowhere'), key)).toEqual([]);
});

describe('the clock', () => {
  test('of a machine that was set back does not set the log back', async () => {
    await withLog((log) => log.append([EVENT]), places, { now: () => 1_800_000_000n });
    await withLog((log) => log.append([EVENT]), places, { now: () => 1_700_000_000n });
    const times = await withLog((log) => Promise.resolve(log.entries.map(({ time }) => time)));
    expect(times.at(-1)).toBe('2027-01-15T08:00:00Z');
    await verify();
  });

  test('an entry that somebody with the keys dated back is named when the log is verified', async () => {
    await withLog(async (log) => {
      await log.append([EVENT]);
      await log.sequencer.append(encodeEntry(EVENT, 1_000_000_000n));
    });
    await expect(verify()).rejects.toMatchObject({ code: 'ENTRY_BACKDATED', issues: [{ place: { object: 'entry 3' } }] });
  });
});

describe('what was lost or restored', () => {
  test('the keys: the log is refused, and no other is made in its place', async () => {
    await withLog((log) => log.append([EVENT]));
    await rm(places.keys, { recursive: true });
    await expect(openEventLog(places)).rejects.toMatchObject({ code: 'LOG_KEY_MISSING' });
  });

  test('the cell: refused while a checkpoint is there', async () => {
    await withLog((log) => log.append([EVENT]));
    await rm(join(places.state, 'log-cell.sqlite'));
    await expect(openEventLog(places)).rejects.toMatchObject({ code: 'LOG_CELL_MISSING' });
  });

  test('a whole store put back from a backup: refused until it is adopted, and then the log says so', async () => {
    await withLog((log) => log.append([EVENT]));
    await cp(join(root, 'store'), join(root, 'backup'), { recursive: true });
    await withLog((log) => log.append([EVENT]));
    await rename(join(root, 'store'), join(root, 'newer'));
    await cp(join(root, 'backup'), join(root, 'store'), { recursive: true });
    await expect(openEventLog(places)).rejects.toMatchObject({ code: 'LOG_CELL_COPIED' });
    expect((await adoptLog(places)).index).toBe(3);
    expect(await withLog((log) => Promise.resolve(log.entries.at(-1)))).toMatchObject({ kind: 'adoption', size: 3 });
  });

  test('an older cell and folder written over the present ones in place: refused, though number and birth of the file are the same', async () => {
    await withLog((log) => log.append([EVENT]));
    const cell = join(places.state, 'log-cell.sqlite');
    const [older, seal] = [await readFile(cell), await readFile(`${cell}.seal`)];
    await cp(places.log, join(root, 'log-then'), { recursive: true });
    await withLog((log) => log.append([EVENT]));
    for (const withSeal of [false, true]) {
      await writeFile(cell, older); // as `cp` does it
      if (withSeal) await writeFile(`${cell}.seal`, seal);
      await rm(places.log, { recursive: true });
      await cp(join(root, 'log-then'), places.log, { recursive: true });
      await expect(openEventLog(places)).rejects.toMatchObject({ code: 'LOG_CELL_COPIED' });
    }
  });

  test('a cell whose keys and log are not there, unmounted, say: no other log is made over it', async () => {
    await withLog((log) => log.append([EVENT]));
    await rm(places.keys, { recursive: true });
    await rm(places.log, { recursive: true });
    await expect(openEventLog(places)).rejects.toMatchObject({ code: 'LOG_KEY_MISSING' });
  });

  test('a log whose making was cut off before anything was published is made anew; after, it is finished', async () => {
    await withLog((log) => Promise.resolve(log));
    const names = (await readdir(places.keys)).filter((name) => /^log(-p384)?\.(key|origin)$/.test(name));
    expect(names).toHaveLength(3);
    for (const name of names) await rename(join(places.keys, name), join(places.keys, `${name}.new`));
    expect(await withLog((log) => Promise.resolve(log.entries.length))).toBe(2);
    const early = placesIn('early');
    await cp(places.keys, early.keys, { recursive: true });
    for (const name of names) await rename(join(early.keys, name), join(early.keys, `${name}.new`));
    expect(await withLog((log) => Promise.resolve(log.sequencer.origin), early)).not.toBe((await readFile(join(places.keys, 'log.origin'), 'utf8')).trim());
  });
});

test('an outside witness that the quorum does not need does not show that everybody sees the same log', async () => {
  await withLog((log) => log.append([EVENT]));
  const own = await logPolicy(places);
  const outsider = generateKey('ed25519-cosigner', 'witness.example.test/w').signer.verifierKey.text;
  const said = async (policy: string): Promise<boolean> => (await verifyLog(folderFiles(places.log), { policy: parsePolicy(policy) })).notProved.some((line) => line.includes('everybody is shown the same log'));
  expect(await said(own.replace('quorum', `witness outsider ${outsider}\nquorum`))).toBe(true);
  expect(await said(own.replace('quorum p384', `witness outsider ${outsider}\ngroup either any p384 outsider\nquorum either`))).toBe(true);
});

test('a policy of another log, and one that can never be met, are refused when they are set', async () => {
  const other = generateKey('ed25519', 'log.example.test/other').signer.verifierKey.text;
  await expect(setLogPolicy(places, `log ${other}\nquorum none\n`)).rejects.toMatchObject({ code: 'POLICY_OTHER_LOG' });
  await expect(setLogPolicy(places, (await logPolicy(places)).replace('quorum p384', 'group g 2 p384\nquorum g'))).rejects.toMatchObject({ code: 'POLICY_NEVER_MET' });
  const own = await logPolicy(places);
  await setLogPolicy(places, own);
  expect(await logPolicy(places)).toBe(own);
});

describe('entries', () => {
  const text = new TextDecoder().decode(encodeEntry(EVENT, 1_800_000_000n));
  test.each([
    ['spaces', text.replace('{', '{ '), 'ENTRY_FORM'], ['another order', text.replace(/^\{("agency":"harbour"),(.*)\}$/, '{$2,$1}'), 'ENTRY_FORM'],
    ['another version', text.replace('entry/1', 'entry/2'), 'ENTRY_VERSION'], ['an unknown kind', text.replace('"authorisation"', '"other"'), 'ENTRY_FORM'],
    ['a member too many', text.replace('"kind"', '"extra":1,"kind"'), 'ENTRY_FORM'], ['a member too few', text.replace('"agency":"harbour",', ''), 'ENTRY_FORM'],
    ['a name of Object', text.replace('"authorisation"', '"toString"'), 'ENTRY_FORM'], ['another time', text.replace('00Z', '00.5Z'), 'ENTRY_FORM'],
    ['a short commitment', text.replace(/"commitment":"../, '"commitment":"'), 'ENTRY_FORM'], ['nothing', '', 'ENTRY_FORM'], ['an array', '[]', 'ENTRY_FORM'],
    ['no UTF-8', '\udcff', 'ENTRY_FORM'], ['free text for a word', text.replace('"issued"', '"to Mr Smith"'), 'ENTRY_FORM'], ['a list for a word', text.replace('"issued"', '["issued"]'), 'ENTRY_FORM'],
    ['an object for its kind', text.replace('"authorisation"', '{"toString":1}'), 'ENTRY_FORM'], ['a moment that is none', text.replace('2027-01-15', '2027-13-15'), 'ENTRY_FORM'],
  ])('with %s are refused', (_, changed, code) => {
    expect(() => parseEntry(Buffer.from(changed))).toThrow(code);
  });

  test('are read as they were written', () => {
    expect(parseEntry(Buffer.from(text))).toEqual({ ...EVENT, entry: 'weighbridge-entry/1', time: '2027-01-15T08:00:00Z' });
  });
});

test('a file that is a link to nowhere or a folder is no file of the log', async () => {
  await writeFile(join(root, 'file'), 'x');
  const files = folderFiles(root);
  expect([await files.read('file/below'), await files.read('.'), await files.read('none')]).toEqual([null, null, null]);
  expect(await folderDisk(root).list('none')).toEqual([]);
});
