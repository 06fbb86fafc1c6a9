/**
 * The demonstration release in a real browser, opened from its folder. Tests are skipped, aloud, where there is none.
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { buildRelease, writeRelease } from '../src/index.ts';
import { fixtureInput } from './fixtures.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** True when there is a browser. */
export const browserPresent = existsSync(CHROMIUM);
/** A page of every kind; the long table has tests of its own. */
export const PAGES = [
  'index.html', 'findings.html', 'revisions.html', 'submissions.html', 'search.html', 'tables/requests.html', 'tables/requests-source.html', 'tables/outcome-by-offence.html',
  'tables/lock-by-year.html', 'tables/figures.html',
] as const;
export const SIZES = [['desktop', 1200], ['phone', 360]] as const;

if (!browserPresent) {
  process.stderr.write(`\n!!! SKIPPED: the site was NOT tested in a browser, for there is none at ${CHROMIUM}. Install chromium or set CHROMIUM. !!!\n\n`);
}

/** A browser with the release in a folder of its own. */
export interface OpenSite {
  /** Opens a page from its folder; whatever the console complains about is collected. Close it with `page.context().close()`. */
  open(path: string, width: number, javaScriptEnabled?: boolean): Promise<{ readonly page: Page; readonly complaints: readonly string[] }>;
  close(): Promise<void>;
}

export async function openSite(): Promise<OpenSite> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  await writeRelease(buildRelease(fixtureInput()), join(folder, 'release'));
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    open: async (path, width, javaScriptEnabled = true) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, javaScriptEnabled });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (m) => complaints.push(m.text()));
      page.on('pageerror', (e) => complaints.push(e.message));
      page.on('requestfailed', (r) => complaints.push(r.url()));
      await page.goto(pathToFileURL(join(folder, 'release', path)).href);
      return { page, complaints };
    },
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
