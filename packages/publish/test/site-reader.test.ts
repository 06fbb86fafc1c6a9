/**
 * The pages as they are told to those who hear them: the browser's own accessibility tree, on a wide screen and on a phone.
 * @module
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGES, SIZES, browserPresent, openSite } from './in-browser.ts';
import type { OpenSite } from './in-browser.ts';

/** A node that is told, with the nodes told below it. */
interface Told {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  readonly level: number | null;
  readonly url: string | null;
  readonly focusable: boolean;
  readonly below: readonly Told[];
}

let site: OpenSite;

beforeAll(async () => {
  if (browserPresent) site = await openSite();
});

afterAll(async () => {
  if (browserPresent) await site.close();
});

/** The accessibility tree of a page, nodes that are ignored left out. */
async function hear(page: Page): Promise<readonly Told[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((n) => [n.nodeId, n]));
  const told = (id: string): readonly Told[] => {
    const node = byId.get(id);
    if (node === undefined) return [];
    const below = (node.childIds ?? []).flatMap(told);
    if (node.ignored) return below;
    const property = (name: string): unknown => node.properties?.find((p) => p.name === name)?.value.value;
    const level: unknown = property('level');
    const url: unknown = property('url');
    return [{
      role: String(node.role?.value ?? ''), name: String(node.name?.value ?? ''), description: String(node.description?.value ?? ''),
      level: typeof level === 'number' ? level : null, url: typeof url === 'string' ? url : null, focusable: property('focusable') === true, below,
    }];
  };
  return told(nodes[0]?.nodeId ?? '');
}

/** All nodes of a role, in reading order; what stands below a node of `inside` is left out. */
function find(nodes: readonly Told[], role: string, outside = ''): readonly Told[] {
  return nodes.flatMap((n) => (n.role === outside ? [] : [...(n.role === role ? [n] : []), ...find(n.below, role, outside)]));
}

const CASES = PAGES.flatMap((path) => SIZES.map(([name, width]) => [path, name, width] as const));

describe.skipIf(!browserPresent)('as a screen reader tells it', () => {
  test.each(CASES)('%s on a %s', async (path, _, width) => {
    const { page } = await site.open(path, width);
    const tree = await hear(page);
    expect(landmarks(tree)).toEqual([]);
    expect(headings(tree)).toEqual([]);
    expect(links(tree)).toEqual([]);
    for (const table of find(tree, 'table')) expect(tableFaults(table), table.name).toEqual([]);
    expect(await uncoveredCells(page)).toEqual([]);
    const focusable = find(tree, 'region').concat(find(tree, 'searchbox'), find(tree, 'link')).filter((n) => n.focusable && n.name.trim() === '');
    expect(focusable).toEqual([]);
    await page.context().close();
  });

  test('a chart is one image with a title and its largest and smallest number in words', async () => {
    for (const [, width] of SIZES) {
      const { page } = await site.open('tables/outcome-by-offence.html', width);
      const images = find(await hear(page), 'image');
      expect(images.map((i) => i.name)).toEqual(['Outcome of examination, by offence']);
      expect(images[0]?.description).toMatch(/^SYNTHETIC data\. Stacked bar chart of .* Largest: .*\. Smallest: .*\. .*All numbers are in the table\.$/);
      await page.context().close();
    }
  });

  test('a missing share is told with its reason, and a number without its label on a phone', async () => {
    const { page } = await site.open('tables/requests.html', 360);
    const cells = find(await hear(page), 'cell').map((c) => c.name);
    expect(cells).toContain('1,234');
    expect(cells).toContain('– (a part of the base is not a published number)');
    await page.context().close();
  });
});

/** One of each landmark, and no two of a kind with one name. */
function landmarks(tree: readonly Told[]): readonly string[] {
  const once = ['banner', 'main', 'contentinfo'].filter((role) => find(tree, role).length !== 1).map((role) => `${find(tree, role).length} ${role}`);
  const named = ['navigation', 'region'].flatMap((role) => find(tree, role).map((n) => `${role} ${n.name}`));
  return [...once, ...named.filter((n, i) => n.endsWith(' ') || named.indexOf(n) !== i)];
}

/** One heading of level 1, first; no level left out on the way down; none without words. */
function headings(tree: readonly Told[]): readonly string[] {
  const all = find(tree, 'heading');
  return all.filter((h, i) => h.name.trim() === '' || (i === 0 ? h.level !== 1 : h.level === 1 || (h.level ?? 9) > (all[i - 1]?.level ?? 0) + 1)).map((h) => `${h.level ?? 0} ${h.name}`);
}

/** Outside tables a link has words, and two of one name lead to one place. */
function links(tree: readonly Told[]): readonly string[] {
  const all = find(tree, 'link', 'table');
  const byName = Map.groupBy(all, (l) => l.name);
  const vague = all.filter((l) => !/\p{L}/u.test(l.name) || /^(?:here|click|more|read more|this|link|download|CSV|JSON)$/i.test(l.name)).map((l) => l.name);
  return [...vague.filter((name) => !/^[\d,.*†]+$/.test(name)), ...[...byName].filter(([name, of]) => !/^[\d,.*†]+$/.test(name) && new Set(of.map((l) => l.url?.split('#')[0])).size > 1).map(([name]) => name)];
}

/** A table has a name; its rows are one row of headings or more, then rows with one row heading and a cell for every other column. */
function tableFaults(table: Told): readonly string[] {
  const rows = find(table.below, 'row').map((r) => r.below);
  const roles = (row: readonly Told[], role: string): readonly Told[] => row.filter((c) => c.role === role);
  const columns = rows.flatMap((row) => roles(row, 'columnheader'));
  const body = rows.filter((row) => roles(row, 'columnheader').length === 0);
  const width = Math.max(0, ...body.map((row) => row.length));
  return [
    ...(table.name.trim() === '' ? ['no name'] : []), ...(body.length === 0 ? ['no rows'] : []),
    ...columns.filter((c) => c.name.trim() === '').map(() => 'a column heading without words'),
    ...(columns.length < width ? [`${width} columns, ${columns.length} headings`] : []),
    ...body.filter((row) => roles(row, 'rowheader').length !== 1 || roles(row, 'cell').length !== width - 1).map((row) => row.map((c) => `${c.role} ${c.name}`).join(' | ')),
    ...body.flat().filter((c) => c.name.trim() === '').map((c) => `an empty ${c.role}`),
  ];
}

/** Data cells that no row heading or no column heading stands over, by the places that spans give them. */
async function uncoveredCells(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('table')].flatMap((table) => {
    const grid = [];
    [...table.rows].forEach((row, y) => {
      let x = 0;
      for (const cell of row.cells) {
        while (grid[y]?.[x]) x += 1;
        for (let dy = 0; dy < cell.rowSpan; dy += 1) for (let dx = 0; dx < cell.colSpan; dx += 1) (grid[y + dy] ??= [])[x + dx] = cell;
        x += cell.colSpan;
      }
    });
    const isHead = (cell, scopes) => cell?.tagName === 'TH' && scopes.includes(cell.scope);
    return grid.flatMap((row, y) => row.flatMap((cell, x) => {
      if (cell.tagName !== 'TD') return [];
      const column = grid.slice(0, y).some((above) => isHead(above[x], ['col', 'colgroup']));
      return column && row.some((c) => isHead(c, ['row'])) ? [] : [cell.textContent];
    }));
  })`);
}
