import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildRelease, writeRelease } from '../src/index.ts';
import { fixtureInput } from './fixtures.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const present = existsSync(CHROMIUM);
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PAGES = ['index.html', 'findings.html', 'revisions.html', 'search.html', 'tables/requests.html', 'tables/requests-source.html', 'tables/outcome-by-offence.html', 'tables/lock-by-year.html'];
const SIZES = [['desktop', 1200], ['phone', 360]] as const;

if (!present) {
  process.stderr.write(`\n!!! SKIPPED: the site was NOT tested in a browser, for there is none at ${CHROMIUM}. Install chromium or set CHROMIUM. !!!\n\n`);
}

interface AxeResult { readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[] }

let browser: Browser;
let folder: string;
let axe: string;

beforeAll(async () => {
  if (!present) return;
  folder = await mkdtemp(join(tmpdir(), 'site-'));
  await writeRelease(buildRelease(fixtureInput()), join(folder, 'release'));
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

afterAll(async () => {
  if (!present) return;
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a page from its folder; whatever the console complains about is collected. */
async function open(path: string, width: number, javaScriptEnabled = true): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (m) => complaints.push(m.text()));
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('requestfailed', (r) => complaints.push(r.url()));
  await page.goto(pathToFileURL(join(folder, 'release', path)).href);
  return { page, complaints };
}

describe.skipIf(!present)('the site in a browser, from a folder', () => {
  test.each(PAGES.flatMap((path) => SIZES.map(([name, width]) => [path, name, width] as const)))('%s on a %s: no WCAG 2.2 AA violation, no complaint, no sideways scroll', async (path, _, width) => {
    const { page, complaints } = await open(path, width);
    expect(complaints).toEqual([]);
    await page.evaluate(axe);
    const result = await page.evaluate<AxeResult>('axe.run(document, { preload: false, runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } })');
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html} ${n.failureSummary ?? ''}`).slice(0, 3).join(' | ')}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.querySelector(".header")).backgroundColor')).toBe('rgb(18, 67, 109)');
    await page.context().close();
  });

  test('a number leads to its row on the source page, and from there back to its cell', async () => {
    const { page } = await open('tables/requests.html', 1200);
    await page.getByRole('link', { name: '249 to 498' }).first().click();
    expect(await page.locator('tr:target').textContent()).toContain('2 values published as a band');
    await page.locator('tr:target a').click();
    expect(await page.locator('td:target').textContent()).toBe('249 to 498');
    await page.context().close();
  });

  test('search finds by the beginnings of words, from a folder', async () => {
    const { page } = await open('search.html', 1200);
    await page.getByRole('searchbox').fill('robb extort');
    expect(await page.locator('#search-results a').allTextContents()).toEqual(['Outcome of examination, by offence', 'Investigations that stopped because a device could not be examined']);
    expect(await page.getByRole('status').textContent()).toBe('2 pages found.');
    await page.getByRole('searchbox').fill('zzz');
    expect(await page.getByRole('status').textContent()).toBe('Nothing found.');
    await page.context().close();
  });

  test('without a script the index of words is there and the search box is not', async () => {
    const { page } = await open('search.html', 1200, false);
    expect(await page.locator('#search-form').isVisible()).toBe(false);
    expect(await page.locator('.words dt').count()).toBeGreaterThan(50);
    await page.context().close();
  });

  test('the first stop of the Tab key is the link to the content, and it is seen', async () => {
    const { page } = await open('index.html', 1200);
    await page.keyboard.press('Tab');
    const box = await page.locator('.skip-link').boundingBox();
    expect(box !== null && box.x >= 0 && box.y >= 0).toBe(true);
    await page.context().close();
  });

  test('links of numbers are at least 24 pixels high and wide', async () => {
    const { page } = await open('tables/lock-by-year.html', 360);
    const boxes = await page.evaluate<number[]>('[...document.querySelectorAll(".numbers a")].map((a) => a.getBoundingClientRect()).map((b) => Math.min(b.width, b.height))');
    expect(boxes.length).toBeGreaterThan(20);
    expect(Math.min(...boxes)).toBeGreaterThanOrEqual(24);
    await page.context().close();
  });
});
