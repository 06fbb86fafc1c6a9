/**
 * The verifier in a real browser, opened from a file without any server. Tests are skipped, aloud, where there is no browser.
 * @module
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** True when there is a browser. */
export const browserPresent = existsSync(CHROMIUM);

if (!browserPresent) {
  process.stderr.write(`\n!!! SKIPPED: the verifier was NOT tested in a browser, for there is none at ${CHROMIUM}. Install chromium or set CHROMIUM. !!!\n\n`);
}

export type Verdict = 'holds' | 'false' | 'unusable';

/** What the reader chooses. */
export interface Chosen {
  readonly release?: string;
  readonly log?: string;
  readonly policy?: string;
  /** Written into the text instead of chosen. */
  readonly pastedPolicy?: string;
  readonly held?: readonly string[];
  readonly key?: string;
}

/** What the page shows. */
export interface Shown {
  readonly verdict: Verdict;
  readonly subjects: readonly (readonly [subject: string, verdict: Verdict])[];
  readonly holds: readonly string[];
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  readonly codes: readonly string[];
  readonly text: string;
}

/** A page, with every address that it asked for other than its own, and whatever the console complained about. */
export interface OpenPage {
  readonly page: Page;
  readonly asked: readonly string[];
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

export interface Verifier {
  open(width?: number, before?: string): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Writes the page to a file and starts a browser. */
export async function openVerifier(html: string, file: string): Promise<Verifier> {
  await writeFile(file, html);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const address = pathToFileURL(file).href;
  return {
    open: async (width = 1280, before) => {
      const context = await browser.newContext({ viewport: { width, height: 900 } });
      if (before !== undefined) await context.addInitScript(before);
      const page = await context.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      // The page's icon stands in the page; its worker is made of the page's own script.
      context.on('request', (r) => { if (r.url() !== address && !/^(data:|blob:)/.test(r.url())) asked.push(r.url()); });
      page.on('websocket', (s) => { asked.push(s.url()); });
      page.on('console', (m) => { complaints.push(m.text()); });
      page.on('pageerror', (e) => { complaints.push(e.message); });
      await page.goto(address);
      return { page, asked, complaints, close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/** Chooses, presses the button, and reads the result. */
export async function verifyIn(page: Page, chosen: Chosen): Promise<Shown> {
  await page.getByRole('button', { name: 'Clear' }).click();
  if (chosen.release !== undefined) await page.setInputFiles('#release', chosen.release);
  if (chosen.log !== undefined) await page.setInputFiles('#log', chosen.log);
  if (chosen.policy !== undefined) await page.setInputFiles('#policy', chosen.policy);
  if (chosen.pastedPolicy !== undefined) await page.fill('#policy-text', chosen.pastedPolicy);
  if (chosen.held !== undefined) await page.setInputFiles('#held', [...chosen.held]);
  if (chosen.key !== undefined) {
    await page.evaluate('document.querySelector("details").open = true');
    await page.fill('#key', chosen.key);
  }
  await page.getByRole('button', { name: 'Verify' }).click();
  return readResult(page);
}

/** Waits for the result and reads it. */
export async function readResult(page: Page): Promise<Shown> {
  await page.waitForSelector('#verdict', { timeout: 120_000 });
  return page.evaluate<Shown>(`(() => {
    const all = (selector) => [...document.querySelectorAll('#result ' + selector)];
    const texts = (selector) => all(selector).map((e) => e.textContent);
    return {
      verdict: document.querySelector('#verdict').dataset.verdict,
      subjects: all('.outcome').map((e) => [e.querySelector('h3').firstChild.textContent, e.dataset.verdict]),
      holds: texts('.holds'), proved: texts('.proved li'), notProved: texts('.not-proved li'), codes: all('[data-code]').map((e) => e.dataset.code),
      text: document.querySelector('#result').innerText,
    };
  })()`);
}
