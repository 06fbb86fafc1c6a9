import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGES, SIZES, browserPresent, openSite } from './in-browser.ts';
import type { OpenSite } from './in-browser.ts';

interface AxeResult { readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[] }

let site: OpenSite;
let axe: string;

beforeAll(async () => {
  if (!browserPresent) return;
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  site = await openSite();
});

afterAll(async () => {
  if (browserPresent) await site.close();
});

describe.skipIf(!browserPresent)('the site in a browser, from a folder', () => {
  test.each(PAGES.flatMap((path) => SIZES.map(([name, width]) => [path, name, width] as const)))('%s on a %s: no WCAG 2.2 AA violation, no complaint, no sideways scroll', async (path, _, width) => {
    const { page, complaints } = await site.open(path, width);
    expect(complaints).toEqual([]);
    await page.evaluate(axe);
    const result = await page.evaluate<AxeResult>('axe.run(document, { preload: false, runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } })');
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html} ${n.failureSummary ?? ''}`).slice(0, 3).join(' | ')}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.querySelector(".header")).backgroundColor')).toBe('rgb(18, 67, 109)');
    await page.context().close();
  });

  test('a number leads to its row on the source page, and from there back to its cell', async () => {
    const { page } = await site.open('tables/requests.html', 1200);
    await page.getByRole('link', { name: '249 to 498' }).first().click();
    expect(await page.locator('tr:target').textContent()).toContain('2 values published as a band');
    await page.locator('tr:target th a').click();
    expect(await page.locator('td:target').textContent()).toBe('249 to 498');
    await page.context().close();
  });

  test('a share leads to the row that names what it was made from, and a row to the submissions and on to every table made from them', async () => {
    const { page } = await site.open('tables/lock-by-year.html', 360);
    await page.locator('.derived a[href$="#cell-2020.locked"]').first().click();
    expect(await page.locator('tr:target').textContent()).toMatch(/% from [\d,]+ in 2019.*% of [\d,]+/);
    await page.locator('tr:target').getByRole('link', { name: 'all 2 submissions' }).click();
    await page.getByRole('link', { name: 'Northern district (invented), First half of 2024' }).click();
    expect(await page.locator('tr:target').textContent()).toContain('Northern district (invented), First half of 2024');
    await page.getByRole('link', { name: 'Outcome of examination, by offence' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Where these numbers come from');
    await page.context().close();
  });

  test('a refused change leads to the note that tells why', async () => {
    const { page } = await site.open('tables/lock-by-year.html', 1200);
    await page.getByRole('link', { name: /^not comparable ?: from 2021/ }).first().click();
    expect(await page.locator('li:target').textContent()).toBe('The series breaks at 2021: from 2021 devices are entered on arrival, before on examination. No change is computed across it.');
    await page.context().close();
  });

  test('a long table scrolls below its headings on a wide screen, and a wide one sideways on a phone, both by the keyboard', async () => {
    const long = (await site.open('tables/by-agency.html', 1200)).page;
    const heading = long.getByRole('columnheader', { name: 'Northern district (invented)' });
    const before = await heading.boundingBox();
    await long.locator('.scroll').focus();
    await long.keyboard.press('End');
    await expect.poll(() => long.evaluate<number>('document.querySelector(".scroll").scrollTop'), { timeout: 5000 }).toBeGreaterThan(500);
    expect((await heading.boundingBox())?.y).toBeLessThanOrEqual(before?.y ?? 0);
    expect(await heading.isVisible()).toBe(true);
    await long.context().close();
    const wide = (await site.open('tables/outcome-by-offence.html', 360)).page;
    await wide.locator('.scroll').first().focus();
    await wide.keyboard.press('ArrowRight');
    await expect.poll(() => wide.evaluate<number>('document.querySelector(".scroll").scrollLeft'), { timeout: 5000 }).toBeGreaterThan(0);
    await wide.context().close();
  });

  test('a letter of the index opens its words, without a script', async () => {
    const { page } = await site.open('search.html', 1200, false);
    await page.getByRole('link', { name: 'R', exact: true }).click();
    await expect.poll(() => page.getByText('robbery', { exact: true }).isVisible()).toBe(true);
    await page.context().close();
  });

  test('search finds by the beginnings of words, from a folder', async () => {
    const { page } = await site.open('search.html', 1200);
    await page.getByRole('searchbox').fill('robb extort');
    expect(await page.locator('#search-results a').allTextContents()).toEqual(['Outcome of examination, by offence', 'Investigations that stopped because a device could not be examined']);
    expect(await page.getByRole('status').textContent()).toBe('2 pages found.');
    await page.getByRole('searchbox').fill('zzz');
    expect(await page.getByRole('status').textContent()).toBe('Nothing found.');
    await page.context().close();
  });

  test('without a script the index of words is there and the search box is not', async () => {
    const { page } = await site.open('search.html', 1200, false);
    expect(await page.locator('#search-form').isVisible()).toBe(false);
    expect(await page.locator('.words dt').count()).toBeGreaterThan(50);
    await page.context().close();
  });

  test('the first stop of the Tab key is the link to the content, and it is seen', async () => {
    const { page } = await site.open('index.html', 1200);
    await page.keyboard.press('Tab');
    const box = await page.locator('.skip-link').boundingBox();
    expect(box !== null && box.x >= 0 && box.y >= 0).toBe(true);
    await page.context().close();
  });

  test('links of numbers are at least 24 pixels high and wide', async () => {
    const { page } = await site.open('tables/lock-by-year.html', 360);
    const boxes = await page.evaluate<number[]>('[...document.querySelectorAll(".numbers a")].map((a) => a.getBoundingClientRect()).map((b) => Math.min(b.width, b.height))');
    expect(boxes.length).toBeGreaterThan(20);
    expect(Math.min(...boxes)).toBeGreaterThanOrEqual(24);
    await page.context().close();
  });
});

describe.skipIf(!browserPresent)('on paper', () => {
  test.each(PAGES)('%s: no navigation, no cut region, headings of tables on every sheet', async (path) => {
    const { page } = await site.open(path, 700);
    await page.emulateMedia({ media: 'print' });
    const styles = (selector: string, property: string): Promise<string[]> =>
      page.evaluate<string[]>(`[...document.querySelectorAll('${selector}')].map((e) => getComputedStyle(e).getPropertyValue('${property}'))`);
    expect([...await styles('.header-nav, .breadcrumbs, .skip-link, .screen', 'display')].every((d) => d === 'none')).toBe(true);
    expect([...await styles('.scroll', 'overflow'), ...await styles('.scroll', 'max-height')].every((v) => v === 'visible' || v === 'none')).toBe(true);
    expect((await styles('thead', 'display')).every((d) => d === 'table-header-group')).toBe(true);
    expect((await styles('tr', 'break-inside')).every((b) => b === 'avoid')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await page.context().close();
  });

  test('a chart is drawn once, whole, and no higher than a sheet', async () => {
    const { page } = await site.open('tables/referrals.html', 700);
    await page.emulateMedia({ media: 'print' });
    const boxes = await page.evaluate<number[]>('[...document.querySelectorAll(".chart svg[role=img]")].map((s) => s.getBoundingClientRect().height)');
    expect(boxes.filter((h) => h > 0)).toHaveLength(1);
    expect(Math.max(...boxes)).toBeLessThan((265 / 25.4) * 96);
    expect(await page.evaluate('getComputedStyle(document.querySelector("figure")).breakInside')).toBe('avoid');
    await page.context().close();
  });

  test('a file is named by its address, and every sheet of generated records says so', async () => {
    const { page } = await site.open('tables/requests.html', 700);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.querySelector(".downloads a"), "::after").content')).toContain('requests.csv');
    expect(await page.evaluate('getComputedStyle(document.body).page')).toBe('synthetic');
    await page.context().close();
  });
});
