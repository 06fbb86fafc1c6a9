import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha384, sha384Json } from '@weighbridge/base';
import type { SubmissionSource } from '@weighbridge/base';
import { parseVerifierKey } from '@weighbridge/log';
import type { LogEvent } from '@weighbridge/log';
import { checkLog } from '../src/check-log.ts';
import { definitionEvents, logWith, submissionEvent } from './log-fixture.ts';
import { readProtectedTable } from '@weighbridge/protect';
import { buildRelease, verifierKeyOf, verifyRelease, writeRelease } from '../src/index.ts';
import type { Manifest, VerifyReport } from '../src/index.ts';
import { KEY, fixtureInput } from './fixtures.ts';

let root: string;
let whole: string;
/** A part of the demonstration: each damage is verified by itself. */
const input = { ...fixtureInput(), tables: fixtureInput().tables.filter((t) => ['requests', 'sentences'].includes(t.meta.id)) };
const files = buildRelease({ ...input, signingKey: KEY });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'verify-'));
  whole = join(root, 'whole');
  await writeRelease(files, whole);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A copy of the release, damaged, then verified. */
async function afterDamage(name: string, damage: (dir: string) => Promise<unknown>): Promise<VerifyReport> {
  const dir = join(root, name.replace(/\W+/g, '-'));
  await cp(whole, dir, { recursive: true });
  await damage(dir);
  return verifyRelease(dir);
}

async function changeByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

describe('a sound release', () => {
  test('holds, and says what was and what was not proved', async () => {
    const report = await verifyRelease(whole);
    expect(report.issues).toEqual([]);
    expect([report.holds, report.proved.length, report.notProved.length]).toEqual([true, 3, 3]);
  });

  test('with the publisher’s key and a recomputation, more is proved', async () => {
    const report = await verifyRelease(whole, { trustedKey: verifierKeyOf(KEY, 'demo'), recompute: () => Promise.resolve(buildRelease(input)) });
    expect([report.holds, report.proved.length, report.notProved.length]).toEqual([true, 4, 1]);
  });

  const manifest = JSON.parse(String(files.get('manifest.json'))) as Manifest;
  const hash = sha384(String(files.get('manifest.json')));
  const { content: { submissions, collection: { id } } } = manifest;
  /** Definitions, then submissions, are entered first: a log begins with the entries of its two keys. */
  const before = (sources: readonly SubmissionSource[]): LogEvent[] => [...definitionEvents(manifest), ...sources.map((source) => submissionEvent(source, id))];
  const released = (sources: readonly SubmissionSource[], count = sources.length): LogEvent => {
    const first = 2 + definitionEvents(manifest).length;
    return { kind: 'release', collection: id, manifest: hash, submissions: Array.from({ length: count }, (_, i) => first + i) };
  };

  test('a log that holds every submission, every definition and the release bears it out', async () => {
    const report = await verifyRelease(whole, { log: await logWith(join(root, 'log-whole'), [...before(submissions), released(submissions)]) });
    expect(report.issues).toEqual([]);
    expect(report.proved.filter((line) => line.includes('log'))).toHaveLength(4);
    expect(report.notProved.at(-1)).toContain('everybody is shown the same log');
  });

  test('a log without a submission, without the release, without definitions or without anything does not', async () => {
    const codes = async (name: string, events: readonly LogEvent[]): Promise<string[]> => [...new Set((await verifyRelease(whole, { log: await logWith(join(root, name), events) })).issues.map((i) => i.code))];
    expect(await codes('log-less', [...before(submissions.slice(1)), released(submissions.slice(1))])).toEqual(['SUBMISSION_NOT_LOGGED']);
    expect(await codes('log-no-release', before(submissions))).toEqual(['RELEASE_NOT_LOGGED']);
    expect(await codes('log-no-definitions', [...submissions.map((s) => submissionEvent(s, id)), { kind: 'release', collection: id, manifest: hash, submissions: submissions.map((_, i) => 2 + i) }])).toEqual(['DEFINITION_NOT_LOGGED']);
    expect(await codes('log-empty', [])).toEqual(['RELEASE_NOT_LOGGED', 'SUBMISSION_NOT_LOGGED', 'DEFINITION_NOT_LOGGED']);
  });

  test('an entry that rests the release on fewer submissions than the release names contradicts it', async () => {
    const report = await verifyRelease(whole, { log: await logWith(join(root, 'log-contradicts'), [...before(submissions), released(submissions, submissions.length - 1)]) });
    expect(report.issues.map((i) => i.code)).toEqual(['RELEASE_ENTRY_DIFFERS']); // another key signed this log: it convicts nobody
  });

  test('the same entry under the key that signed the release is a contradiction, which is proved', async () => {
    const log = await (await logWith(join(root, 'log-same-key'), [...before(submissions), released(submissions, submissions.length - 1)]))();
    const { issues } = await checkLog({ ...log, key: parseVerifierKey(manifest.signer ?? '') }, hash, manifest);
    expect(issues.map((i) => i.code)).toEqual(['RELEASE_CONTRADICTED']);
  });

  test('a log that nobody signed whom the reader named proves nothing of the release', async () => {
    const log = await (await logWith(join(root, 'log-nobody'), [...before(submissions), released(submissions)]))();
    const { issues, proved, notProved } = await checkLog({ ...log, key: undefined }, hash, manifest);
    expect([issues, proved, notProved.length]).toEqual([[], [], 2]);
  });

  test('a submission that was deleted since is said not to be recomputable, and the log still bears the release out', async () => {
    const log = await logWith(join(root, 'log-deleted'), [...before(submissions), released(submissions), { kind: 'deletion', submission: 2 + definitionEvents(manifest).length, commitment: sha384('grounds') }]);
    const report = await verifyRelease(whole, { log });
    expect([report.holds, report.notProved.filter((line) => line.includes('deleted under law')).length]).toEqual([true, 1]);
  });

  test('unsigned releases hold too, with the doubt stated', async () => {
    const dir = join(root, 'unsigned');
    await writeRelease(buildRelease(input), dir);
    const report = await verifyRelease(dir);
    expect(report.holds).toBe(true);
    expect(report.notProved[0]).toContain('not signed');
    expect((await verifyRelease(dir, { trustedKey: verifierKeyOf(KEY, 'demo') })).issues.map((i) => i.code)).toEqual(['NOT_SIGNED']);
  });
});

describe('the attack on protected tables', () => {
  const guarded = { ...fixtureInput(), tables: fixtureInput().tables.filter((t) => ['requests', 'sentences', 'outcome-by-offence'].includes(t.meta.id)) };
  const attackWords = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('attack'));

  test('is proved where everything is computed again, and not proved where it is not', async () => {
    const dir = join(root, 'guarded');
    await writeRelease(buildRelease(guarded), dir);
    const read = await verifyRelease(dir);
    expect([read.holds, attackWords(read.proved).length, attackWords(read.notProved).length]).toEqual([true, 0, 1]);
    const again = await verifyRelease(dir, { recompute: () => Promise.resolve(buildRelease(guarded)) });
    expect([again.holds, attackWords(again.proved).length, attackWords(again.notProved).length]).toEqual([true, 1, 0]);
  });

  test('over releases made before is said on the page and when it was run again; ids that are none make no manifest', async () => {
    const dir = join(root, 'after-others');
    const tables = guarded.tables.map((table) => readProtectedTable(JSON.parse(JSON.stringify({ ...table, certificate: { ...table.certificate, earlierReleases: 2 } }))));
    const after = { ...guarded, tables, earlier: [sha384('first'), sha384('second')] };
    await writeRelease(buildRelease(after), dir);
    expect(await readFile(join(dir, 'tables', 'outcome-by-offence.html'), 'utf8')).toContain('and with the 2 releases made before, by a reader');
    const again = await verifyRelease(dir, { recompute: () => Promise.resolve(buildRelease(after)) });
    expect([again.holds, attackWords(again.proved).map((line) => line.includes('the 2 releases made before'))]).toEqual([true, [true]]);
    const without = await verifyRelease(dir, { recompute: () => Promise.resolve(buildRelease({ ...after, earlier: [] })) });
    expect(without.holds).toBe(false);
    await writeFile(join(dir, 'manifest.json'), (await readFile(join(dir, 'manifest.json'), 'utf8')).replace(sha384('first'), 'first'));
    expect((await verifyRelease(dir)).issues.map((i) => i.code)).toEqual(['MANIFEST_UNREADABLE']);
  });

  test('a withheld number printed by hand, in a release made to fit it, is found when everything is computed again', async () => {
    const dir = join(root, 'printed-by-hand');
    const tables = guarded.tables.map((table) => {
      const cells = table.cells.map((cell) => (cell.status === 'secondary' ? { ...cell, status: 'published', value: { lo: 12, hi: 12, states: {} } } : cell));
      const withheld = cells.filter((cell) => cell.value === null).length;
      return readProtectedTable(JSON.parse(JSON.stringify({ ...table, cells, certificate: { ...table.certificate, withheld } })));
    });
    await writeRelease(buildRelease({ ...guarded, tables }), dir);
    const read = await verifyRelease(dir);
    expect([read.holds, attackWords(read.notProved).length]).toEqual([true, 1]);
    const again = await verifyRelease(dir, { recompute: () => Promise.resolve(buildRelease(guarded)) });
    expect([again.holds, attackWords(again.proved).length]).toEqual([false, 0]);
    expect(again.issues.filter((i) => i.code === 'RECOMPUTE_DIFFERS').map((i) => i.place.file)).toContain('tables/outcome-by-offence.json');
  });
});

describe('damage', () => {
  test('there are files to damage', () => {
    expect(files.size).toBeGreaterThan(20);
  });

  test.each([...files.keys()])('one changed bit in %s is reported with the name of the file', async (path) => {
    const report = await afterDamage(`bit ${path}`, (dir) => changeByte(join(dir, path)));
    expect(report.holds).toBe(false);
    expect(report.issues.some((i) => i.place.file === path)).toBe(true);
  });

  test('a missing and an extra file are reported by name', async () => {
    const gone = await afterDamage('gone', (dir) => unlink(join(dir, 'tables/requests.csv')));
    expect(gone.issues.find((i) => i.code === 'FILE_MISSING')?.place.file).toBe('tables/requests.csv');
    const more = await afterDamage('more', (dir) => writeFile(join(dir, 'tables/more.html'), ''));
    expect(more.issues.find((i) => i.code === 'FILE_EXTRA')?.place.file).toBe('tables/more.html');
  });

  test('a missing signature is reported when the manifest names a signer', async () => {
    expect((await afterDamage('no sig', (dir) => unlink(join(dir, 'manifest.sig')))).issues.map((i) => i.code)).toEqual(['FILE_MISSING']);
  });

  test('a missing or foreign manifest is a report, not an exception', async () => {
    for (const text of [null, '', '{', '[]', '{"format":"other"}', '{"format":"weighbridge-release/1","release":"x"}']) {
      const report = await afterDamage(`manifest ${String(text)}`, (dir) => (text === null ? unlink(join(dir, 'manifest.json')) : writeFile(join(dir, 'manifest.json'), text)));
      expect(report.issues.map((i) => i.code)).toEqual(['MANIFEST_UNREADABLE']);
    }
  });

  test('a link in place of a file is not followed', async () => {
    const report = await afterDamage('link', async (dir) => {
      await unlink(join(dir, 'index.html'));
      await symlink(join(whole, 'index.html'), join(dir, 'index.html'));
    });
    expect(report.issues.find((i) => i.code === 'FILE_UNREADABLE')?.place.file).toBe('index.html');
  });

  test('a manifest that lists a path outside the folder is refused', async () => {
    const report = await afterDamage('outside', async (dir) => {
      const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
      manifest.files.push({ path: '../secret' });
      await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
    });
    expect(report.issues.map((i) => i.code)).toEqual(['MANIFEST_UNREADABLE']);
  });
});

describe('a forger who mends the hashes', () => {
  /** Changes one file and everything that a forger without the key can make fit again. */
  async function forge(dir: string, path: string, from: string, to: string): Promise<void> {
    const text = (await readFile(join(dir, path), 'utf8')).replace(from, to);
    await writeFile(join(dir, path), text);
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as { release: string; content: { data: { path: string; sha384: string }[] }; files: { path: string; sha384: string }[] };
    for (const f of [...manifest.files, ...manifest.content.data]) if (f.path === path) f.sha384 = sha384(text);
    manifest.release = sha384Json(manifest.content);
    await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest, null, 2));
  }

  test('is found by the signature', async () => {
    const report = await afterDamage('forged page', (dir) => forge(dir, 'tables/requests.html', '1,234', '1,235'));
    expect(report.issues.map((i) => i.code)).toContain('SIGNATURE_FALSE');
  });

  test('is found by rendering again, without any signature', async () => {
    const report = await afterDamage('forged csv', (dir) => forge(dir, 'tables/requests.csv', '1234,1234,1234', '1235,1235,1235'));
    expect(report.issues.filter((i) => i.code === 'RENDER_DIFFERS').map((i) => i.place.file)).toContain('tables/requests.csv');
  });

  test('another key does not pass for the publisher’s', async () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const report = await verifyRelease(whole, { trustedKey: verifierKeyOf(other, 'demo') });
    expect(report.issues.map((i) => i.code)).toEqual(['SIGNATURE_FALSE']);
  });

  test('numbers that the submissions do not give are found by recomputing', async () => {
    const other = [...input.tables].reverse();
    const report = await verifyRelease(whole, { recompute: () => Promise.resolve(buildRelease({ ...input, tables: other, revisions: [] })) });
    expect(report.holds).toBe(false);
    expect(report.issues.every((i) => i.code === 'RECOMPUTE_DIFFERS')).toBe(true);
    expect(report.issues.map((i) => i.place.file)).toContain('revisions.json');
  });
});
