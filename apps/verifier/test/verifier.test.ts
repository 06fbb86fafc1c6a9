import { cp, mkdir, mkdtemp, readFile, readdir, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildVerifier } from '../../../scripts/build-verifier.ts';
import { main } from '../../cli/src/main.ts';
import { flipBit, makeFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { browserPresent, openVerifier, readResult, verifyIn } from './open-verifier.ts';
import type { Chosen, OpenPage, Shown, Verdict, Verifier } from './open-verifier.ts';

let folder: string;
let fixture: Fixture;
let verifier: Verifier;
let opened: OpenPage;

beforeAll(async () => {
  if (!browserPresent) return;
  folder = await mkdtemp(join(tmpdir(), 'verifier-'));
  fixture = await makeFixture(folder);
  verifier = await openVerifier(await buildVerifier(), join(folder, 'verifier.html'));
  opened = await verifier.open();
});

afterAll(async () => {
  if (!browserPresent) return;
  await verifier.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the command line says of the same files. */
interface Said { readonly verdict: Verdict | 'usage'; readonly codes: readonly string[]; readonly proved: readonly string[] }

const EXITS: Readonly<Record<number, Verdict | 'usage'>> = { 0: 'holds', 2: 'usage', 3: 'unusable', 4: 'false' };

async function commandLine(chosen: Chosen): Promise<Said> {
  const subject = chosen.release ?? chosen.held?.[0] ?? chosen.log ?? '';
  const named = Object.entries({ log: chosen.release === undefined ? undefined : chosen.log, policy: chosen.policy, key: chosen.key });
  const { code, events } = await runMain(['verify', subject, ...named.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))]);
  return {
    verdict: EXITS[code] ?? expect.unreachable(`exit code ${code}`),
    codes: events.filter(({ event }) => event === 'issue').map((e) => String(e['code'])),
    proved: events.filter(({ event }) => event === 'proved').map((e) => String(e['what'])),
  };
}

/** The command itself, in this process; in a pipe its standard output is one event a line. */
async function runMain(argv: readonly string[]): Promise<{ code: number; events: readonly Readonly<Record<string, unknown>>[] }> {
  const write = process.stdout.write.bind(process.stdout);
  let out = '';
  process.stdout.write = (text: string | Uint8Array): boolean => {
    out += String(text);
    return true;
  };
  try {
    const code = await main(argv);
    return { code, events: out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>) };
  } finally {
    process.stdout.write = write;
  }
}

/** Only the command line renders again; only the page tells that a release rests on a log that it shows apart. */
const ofCommandLine = ({ codes }: Said): string[] => [...new Set(codes)].filter((code) => !code.startsWith('RENDER_')).sort();
const ofPage = ({ codes }: Shown): string[] => [...new Set(codes)].filter((code) => code !== 'LOG_UNUSABLE').sort();

/** A copy of a part of the fixture, damaged. */
async function damaged(part: 'release' | 'log', name: string, damage: (dir: string) => Promise<unknown>): Promise<string> {
  const dir = join(folder, name, part);
  await cp(fixture[part], dir, { recursive: true });
  await damage(dir);
  return dir;
}

async function onlyFileIn(dir: string): Promise<string> {
  const [name = ''] = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  return name;
}

type Case = readonly [name: string, verdict: Verdict, codes: readonly string[], choose: () => Promise<Chosen> | Chosen];

const whole = (): Chosen => ({ release: fixture.release, log: fixture.log, policy: fixture.policy });

/** Everything that both can be asked. */
const CASES: readonly Case[] = [
  ['a release with its log and its policy', 'holds', [], whole],
  ['the same with the publisher’s key', 'holds', [], () => ({ ...whole(), key: fixture.publisherKey })],
  ['the same with another key', 'false', ['SIGNATURE_FALSE'], () => ({ ...whole(), key: fixture.otherKey })],
  ['the same with something that is no key', 'unusable', ['KEY_FORM'], () => ({ ...whole(), key: fixture.publisherKey.replace(/\+[0-9a-f]/, '+x') })],
  ['a log with its policy', 'holds', [], () => ({ log: fixture.log, policy: fixture.policy })],
  ['one flipped bit in a tile', 'unusable', ['ENTRY_FALSE', 'LOG_ROOT'], async () => ({ ...whole(), log: await damaged('log', 'tile', async (dir) => { await flipBit(await onlyFileIn(join(dir, 'tile', '0'))); }) })],
  ['one flipped bit in a bundle of entries', 'unusable', ['ENTRY_FALSE', 'LOG_ROOT_384'], async () => ({ ...whole(), log: await damaged('log', 'bundle', async (dir) => { await flipBit(await onlyFileIn(join(dir, 'tile', 'entries'))); }) })],
  ['a tile that is gone', 'unusable', ['TILE_MISSING'], async () => ({ ...whole(), log: await damaged('log', 'gone', async (dir) => { await rm(join(dir, 'tile', '0'), { recursive: true }); }) })],
  ['a tile one byte short', 'unusable', ['TILE_LENGTH'], async () => ({ ...whole(), log: await damaged('log', 'short', async (dir) => { await truncate(await onlyFileIn(join(dir, 'tile', '0')), 31); }) })],
  ['a checkpoint with a changed bit', 'unusable', ['CHECKPOINT_OTHER_ORIGIN'], async () => ({ ...whole(), log: await damaged('log', 'head', async (dir) => {
    const bytes = await readFile(join(dir, 'checkpoint'));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(join(dir, 'checkpoint'), bytes);
  }) })],
  ['a folder that is no log', 'unusable', ['LOG_MISSING'], () => ({ ...whole(), log: fixture.release })],
  ['a changed file of the release', 'false', ['FILE_CHANGED'], async () => ({ ...whole(), release: await damaged('release', 'changed', (dir) => flipBit(join(dir, 'tables', 'requests.csv'))) })],
  ['a file that is missing', 'false', ['FILE_MISSING'], async () => ({ ...whole(), release: await damaged('release', 'missing', (dir) => unlink(join(dir, 'tables', 'requests.csv'))) })],
  ['a file too many', 'false', ['FILE_EXTRA'], async () => ({ ...whole(), release: await damaged('release', 'extra', (dir) => writeFile(join(dir, 'more.html'), '')) })],
  ['a folder that is no release', 'unusable', ['NOT_A_RELEASE'], async () => ({ ...whole(), release: await damaged('release', 'none', (dir) => unlink(join(dir, 'manifest.json'))) })],
  ['a release that was made again with other words, and is in no log', 'false', ['RELEASE_ID', 'RELEASE_NOT_LOGGED', 'SIGNATURE_FALSE'], async () => ({ ...whole(), release: await damaged('release', 'words', async (dir) => {
    const manifest = join(dir, 'manifest.json');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"edition": "', '"edition": "x'));
  }) })],
  ['the policy of another log', 'unusable', ['NOTE_KEY_UNKNOWN'], () => ({ ...whole(), policy: fixture.otherPolicy })],
  ['a missing quorum', 'unusable', ['QUORUM_SHORT'], () => ({ ...whole(), policy: fixture.strictPolicy })],
  ['a policy that is none', 'unusable', ['POLICY_LINE'], () => ({ ...whole(), policy: fixture.receipt })],
  ['the receipt of a submission', 'holds', [], () => ({ held: [fixture.receipt], policy: fixture.policy })],
  ['the receipt of a submission under the policy of another log', 'unusable', ['NOTE_KEY_UNKNOWN'], () => ({ held: [fixture.receipt], policy: fixture.otherPolicy })],
  ['a changed receipt of a submission', 'unusable', ['OPENING_FALSE'], async () => {
    const changed = join(folder, 'changed-receipt.json');
    const receipt = JSON.parse(await readFile(fixture.receipt, 'utf8')) as { opening: string };
    await writeFile(changed, JSON.stringify({ ...receipt, opening: `${receipt.opening.startsWith('A') ? 'B' : 'A'}${receipt.opening.slice(1)}` }));
    return { held: [changed], policy: fixture.policy };
  }],
  ['the receipt of a record with its proof', 'holds', [], () => ({ held: [fixture.recordReceipt, `${fixture.recordReceipt}.proof`], policy: fixture.policy })],
  ['the receipt of a changed record', 'unusable', ['RECEIPT_FALSE'], async () => {
    const changed = join(folder, 'changed-record');
    await writeFile(changed, (await readFile(fixture.recordReceipt, 'utf8')).replace('"invented":3', '"invented":4'));
    await cp(`${fixture.recordReceipt}.proof`, `${changed}.proof`);
    return { held: [changed, `${changed}.proof`], policy: fixture.policy };
  }],
  ['the receipt of a record without its proof', 'unusable', ['FILE_MISSING'], async () => {
    await cp(fixture.recordReceipt, join(folder, 'alone'));
    return { held: [join(folder, 'alone')], policy: fixture.policy };
  }],
  ['a proof by itself', 'holds', [], () => ({ held: [`${fixture.recordReceipt}.proof`], policy: fixture.policy })],
  ['evidence that the log showed two heads', 'false', ['EQUIVOCATION_PROVED'], () => ({ held: [fixture.evidence], policy: fixture.policy })],
  ['evidence against another log', 'unusable', ['EVIDENCE_KEY_UNKNOWN'], () => ({ held: [fixture.evidence], policy: fixture.otherPolicy })],
  ['evidence that proves nothing', 'unusable', ['EVIDENCE_HARMLESS'], () => ({ held: [fixture.noEvidence], policy: fixture.policy })],
  ['a file that is nothing of the kind', 'unusable', ['NOTHING_TO_VERIFY'], () => ({ held: [join(fixture.release, 'index.html')], policy: fixture.policy })],
];

describe.skipIf(!browserPresent)('the verifier in a browser, from a file', () => {
  test.each(CASES)('%s: %s, as the command line says', async (_, verdict, codes, choose) => {
    const chosen = await choose();
    const [shown, said] = [await verifyIn(opened.page, chosen), await commandLine(chosen)];
    expect([shown.verdict, ofPage(shown)]).toEqual([verdict, [...codes].sort()]);
    expect([said.verdict, ofCommandLine(said)]).toEqual([verdict, [...codes].sort()]);
    if (verdict === 'holds') expect([...shown.proved].sort()).toEqual(said.proved.filter((line) => !line.includes('rendered again')).sort());
    expect(shown.holds.length > 0).toBe(verdict === 'holds' || shown.subjects.some(([, one]) => one === 'holds'));
  });

  test.each<readonly [string, readonly string[], () => Chosen]>([
    ['nothing chosen', ['NOTHING_CHOSEN'], () => ({})],
    ['only a policy', ['NOTHING_TO_VERIFY'], () => ({ policy: fixture.policy })],
    ['a release without a log', ['LOG_NOT_CHOSEN'], () => ({ release: fixture.release, policy: fixture.policy })],
    ['a release alone', ['POLICY_MISSING'], () => ({ release: fixture.release })],
    ['a release and its log without a policy', ['POLICY_MISSING'], () => ({ release: fixture.release, log: fixture.log })],
    ['a log without a policy', ['POLICY_MISSING'], () => ({ log: fixture.log })],
    ['a receipt without a policy', ['POLICY_MISSING'], () => ({ held: [fixture.receipt] })],
    ['evidence without a policy', ['POLICY_MISSING'], () => ({ held: [fixture.evidence] })],
    ['the whole beside a receipt that is none', ['NOTHING_TO_VERIFY'], () => ({ ...whole(), held: [fixture.policy] })],
  ])('%s never holds', async (_, codes, choose) => {
    const shown = await verifyIn(opened.page, choose());
    expect([shown.verdict, ofPage(shown)]).toEqual(['unusable', codes]);
  });

  test('an empty folder never holds', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty, { recursive: true });
    expect((await verifyIn(opened.page, { release: empty })).codes).toEqual(['NOTHING_CHOSEN']);
    expect((await verifyIn(opened.page, { ...whole(), log: empty })).codes).toEqual(['LOG_NOT_CHOSEN']);
  });

  test('a changed release is proven false without a policy too', async () => {
    const release = await damaged('release', 'changed-alone', (dir) => flipBit(join(dir, 'tables', 'requests.json')));
    expect((await verifyIn(opened.page, { release })).verdict).toBe('false');
  });

  test('a file that changes after it was chosen cannot be used, and is not called false', async () => {
    const release = await damaged('release', 'moving', () => Promise.resolve());
    const { page } = opened;
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.setInputFiles('#release', release);
    await page.setInputFiles('#log', fixture.log);
    await page.setInputFiles('#policy', fixture.policy);
    await rm(release, { recursive: true });
    await page.getByRole('button', { name: 'Verify' }).click();
    const { verdict, codes } = await readResult(page);
    expect([verdict, codes]).toEqual(['unusable', ['FILE_UNREADABLE']]);
  });

  test('a pasted policy is believed as a file is, and one cut short is not', async () => {
    const policy = await readFile(fixture.policy, 'utf8');
    expect((await verifyIn(opened.page, { log: fixture.log, pastedPolicy: policy })).verdict).toBe('holds');
    expect((await verifyIn(opened.page, { log: fixture.log, pastedPolicy: policy.slice(0, -1) })).codes).toEqual(['POLICY_LINE']);
  });

  test('several things at once: each has its verdict, and the worst is that of all', async () => {
    const shown = await verifyIn(opened.page, { ...whole(), held: [fixture.receipt, fixture.recordReceipt, `${fixture.recordReceipt}.proof`, fixture.evidence] });
    expect(shown.subjects.map(([, verdict]) => verdict)).toEqual(['holds', 'holds', 'holds', 'holds', 'false']);
    expect(shown.verdict).toBe('false');
  });

  test('folders and files that are dropped anywhere on the page are told apart by what is in them', async () => {
    const { page, close } = await verifier.open();
    const mouse = await page.context().newCDPSession(page);
    const drop = async (path: string): Promise<void> => {
      const data = { items: [], files: [path], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await mouse.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    };
    for (const [path, id, words] of [
      [fixture.release, '#release-chosen', /^Chosen: release, \d+ files$/], [fixture.log, '#log-chosen', /^Chosen: log, \d+ files$/], [fixture.policy, '#policy-chosen', /^Chosen: policy$/],
      [fixture.receipt, '#held-chosen', /^Chosen: receipt.json$/], [fixture.recordReceipt, '#held-chosen', /^Chosen: receipt.json, record-receipt$/], [join(folder, 'records'), '#status', /^records: the folder holds neither/],
    ] as const) {
      await drop(path);
      await expect.poll(() => page.locator(id).textContent(), { timeout: 10_000 }).toMatch(words);
    }
    await drop(`${fixture.recordReceipt}.proof`);
    await expect.poll(() => page.locator('#held-chosen').textContent(), { timeout: 10_000 }).toContain('.proof');
    await page.getByRole('button', { name: 'Verify' }).click();
    const { verdict, subjects } = await readResult(page);
    expect([verdict, subjects.length]).toEqual(['holds', 4]);
    await close();
  });

  test('a result goes when the choice changes', async () => {
    await verifyIn(opened.page, whole());
    await opened.page.setInputFiles('#policy', fixture.otherPolicy);
    expect(await opened.page.locator('#result').isVisible()).toBe(false);
  });

  test('says what it does not do: pages are not made again and numbers are not computed again', async () => {
    const { notProved, text } = await verifyIn(opened.page, whole());
    expect(notProved.join('\n')).toContain('nothing was rendered again');
    expect(notProved.join('\n')).toContain('no recomputation was asked for');
    expect(text).toContain('What was not proved');
  });

  test('markup in names is text', async () => {
    const named = join(folder, '<img src=x onerror=alert(1)>.txt');
    await writeFile(named, 'nothing');
    const shown = await verifyIn(opened.page, { held: [named], policy: fixture.policy });
    expect(shown.subjects[0]?.[0]).toBe('The file “<img src=x onerror=alert(1)>.txt”');
    expect(await opened.page.locator('#result img').count()).toBe(0);
  });

  test('after all of this nothing was asked for, nothing is stored, and the console is empty', async () => {
    expect(opened.asked).toEqual([]);
    expect(opened.complaints).toEqual([]);
    expect(await opened.page.evaluate('[localStorage.length, sessionStorage.length, document.cookie, performance.getEntriesByType("resource").length]')).toEqual([0, 0, '', 0]);
  });

  test('the page may not connect anywhere, even when told to', async () => {
    const { page, close } = await verifier.open();
    const refused = page.evaluate('new Promise((resolve) => { document.addEventListener("securitypolicyviolation", (e) => resolve(e.effectiveDirective)); fetch("http://127.0.0.1:9/").catch(() => undefined); })');
    expect(await refused).toBe('connect-src');
    expect(await page.evaluate('new Promise((resolve) => { document.addEventListener("securitypolicyviolation", (e) => resolve(e.effectiveDirective)); document.body.append(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/x.png" })); })')).toBe('img-src');
    await close();
  });

  test.each([['without workers', 'delete globalThis.Worker;'], ['where a worker does not start', 'globalThis.Worker = class { constructor() { setTimeout(() => this.onerror(new Event("error", { cancelable: true })), 5); } postMessage() {} terminate() {} };']])('%s the page verifies by itself', async (_, before) => {
    const { page, close } = await verifier.open(1280, before);
    expect((await verifyIn(page, whole())).verdict).toBe('holds');
    expect((await verifyIn(page, { ...whole(), policy: fixture.otherPolicy })).codes).toEqual(['NOTE_KEY_UNKNOWN', 'LOG_UNUSABLE']);
    await close();
  });

  test('without scripts the page says that nothing was verified', async () => {
    const html = await readFile(join(folder, 'verifier.html'), 'utf8');
    expect(html).toMatch(/<form id="form" hidden>/);
    expect(html).toMatch(/nothing was verified<\/strong>/);
  });
});

interface AxeResult { readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[] }

describe.skipIf(!browserPresent)('for every reader', () => {
  const states: readonly (readonly [string, () => Chosen | undefined])[] = [
    ['at the start', () => undefined], ['holds', whole], ['proven false', () => ({ held: [fixture.evidence, fixture.receipt], policy: fixture.policy })], ['cannot be used', () => ({ ...whole(), policy: fixture.strictPolicy })],
  ];

  test.each(states.flatMap(([name, choose]) => [1280, 360].map((width) => [name, width, choose] as const)))('%s, %i pixels wide: no WCAG 2.2 AA violation and no sideways scroll', async (_, width, choose) => {
    const { page, close } = await verifier.open(width);
    const chosen = choose();
    if (chosen !== undefined) await verifyIn(page, chosen);
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResult>('axe.run(document, { preload: false, runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } })');
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html} ${n.failureSummary ?? ''}`).slice(0, 3).join(' | ')}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await close();
  });

  test('has a language and a title, and the keyboard reaches everything in the order of the page', async () => {
    const { page, close } = await verifier.open();
    expect(await page.evaluate('[document.documentElement.lang, document.title]')).toEqual(['en-NZ', 'Verify a release, a log or a receipt – Weighbridge']);
    const reached: string[] = [];
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate<string>('document.activeElement.id || document.activeElement.className || document.activeElement.tagName'));
    }
    expect(reached).toEqual(['skip-link', 'release', 'log', 'policy', 'policy-text', 'held', 'SUMMARY', 'verify', 'button button-quiet']);
    await close();
  });

  test('the result is told to screen readers and gets the focus', async () => {
    const { page, close } = await verifier.open();
    await verifyIn(page, whole());
    expect(await page.getByRole('status').textContent()).toBe('Done: Holds.');
    expect(await page.evaluate('document.activeElement.id')).toBe('result-title');
    await close();
  });
});
