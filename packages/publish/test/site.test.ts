import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { buildRelease } from '../src/index.ts';
import { html } from '../src/html.ts';
import { layOut, keysShown } from '../src/layout.ts';
import { cellAnchor, tableView } from '../src/table-view.ts';
import { codes, dimension, fixtureInput, fixtureTable, fixtureTables } from './fixtures.ts';

/** The part of the DOM used here; the compiler has no DOM library. */
interface Node {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
}

const files = buildRelease(fixtureInput());
const pages = [...files.keys()].filter((p) => p.endsWith('.html'));

function page(path: string, from = files): Node {
  return (parseHTML(String(from.get(path))) as unknown as { document: Node }).document;
}

function all(node: Node, selector: string): readonly Node[] {
  return [...node.querySelectorAll(selector)];
}

/** The path that a link on a page leads to, and its fragment. */
function target(from: string, href: string): { path: string; id: string | null } {
  const url = new URL(href, `file:///${from}`);
  return { path: decodeURIComponent(url.pathname.slice(1)), id: url.hash === '' ? null : decodeURIComponent(url.hash.slice(1)) };
}

test('there is a page for everything', () => {
  expect(pages).toEqual(expect.arrayContaining(['index.html', 'findings.html', 'revisions.html', 'search.html', 'tables/requests.html', 'tables/requests-source.html']));
});

describe.each(pages)('%s', (path) => {
  const document = page(path);

  test('has a language, a title, one h1, one main, and no heading level left out', () => {
    expect(document.querySelector('html')?.getAttribute('lang')).toBe('en-NZ');
    expect(document.querySelector('title')?.textContent).not.toBe('');
    expect([all(document, 'h1').length, all(document, 'main').length]).toEqual([1, 1]);
    const levels = [...String(files.get(path)).matchAll(/<h([1-6])/g)].map((m) => Number(m[1]));
    levels.forEach((level, i) => { expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1); });
  });

  test('every link leads to a file of the release and to an id that it has', () => {
    const links = all(document, 'a[href], link[href]').map((a) => a.getAttribute('href') ?? '');
    expect(links.length).toBeGreaterThan(5);
    for (const href of links) {
      const { path: to, id } = target(path, href);
      expect(files.has(to) || to === 'manifest.json', href).toBe(true);
      if (id !== null) expect(String(files.get(to)).includes(`id="${id}"`), href).toBe(true);
    }
  });

  test('no id stands twice', () => {
    const ids = all(document, '[id]').map((n) => n.getAttribute('id'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has a content security policy, and nothing that it would refuse', () => {
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    expect([policy.includes("default-src 'none'"), policy.includes('unsafe')]).toEqual([true, false]);
    expect(all(document, 'style, [style], script:not([src]), [onclick]').length).toBe(0);
    expect(/(src|href)="(https?:)?\/\//.test(String(files.get(path)))).toBe(false);
  });

  test('says that the data are synthetic', () => {
    expect(document.querySelector('.banner')?.textContent).toContain('None is real');
    expect(document.querySelector('title')?.textContent).toContain('SYNTHETIC');
  });

  test('tables have a caption and headers with a scope, in a region that can be focused', () => {
    for (const table of all(document, 'table')) {
      expect(table.querySelector('caption')?.textContent).not.toBe('');
      expect(all(table, 'th').every((th) => th.getAttribute('scope') !== null)).toBe(true);
    }
    for (const region of all(document, '.scroll')) expect(region.getAttribute('tabindex')).toBe('0');
  });
});

describe('numbers', () => {
  test.each(fixtureTables().map((t) => t.meta.id))('%s: every number of every table links to its row on the source page', (id) => {
    const document = page(`tables/${id}.html`);
    const source = page(`tables/${id}-source.html`);
    const rows = new Map(all(source, '.cells tbody tr').map((r) => [r.getAttribute('id'), r]));
    const cells = all(document, '.numbers tbody td');
    expect(cells.length).toBeGreaterThan(0);
    for (const cell of cells) {
      const link = cell.querySelector('a');
      const text = cell.textContent.trim();
      if (link === null) {
        expect(text).toMatch(/^(–|no cell|not comparable: )/);
        continue;
      }
      const row = rows.get(link.getAttribute('href')?.split('#')[1] ?? '');
      expect(row, text).toBeDefined();
      if (cell.getAttribute('class')?.includes('derived') !== true) expect(row?.querySelector('th')?.textContent.trim()).toBe(text);
    }
  });

  test('zero, a range, "at least", a mark, words and suppression look different and are explained', () => {
    const looks = (id: string): Map<string, string> => new Map(all(page(`tables/${id}.html`), '.numbers td a').map((a) => [a.textContent, a.getAttribute('class') ?? '']));
    const requests = looks('requests');
    expect([...requests].filter(([text]) => !text.includes('%'))).toEqual([
      ['1,234', 'look look-number'], ['249 to 498', 'look look-bounds'], ['at least 800', 'look look-bounds'], ['0', 'look look-zero'], ['not sought', 'look look-state'], ['12*', 'look look-marked'],
    ]);
    const outcome = looks('outcome-by-offence');
    expect([outcome.get('suppressed'), outcome.get('suppressed†')]).toEqual(['look look-suppressed', 'look look-partner']);
    const legend = page('tables/outcome-by-offence.html').querySelector('.legend')?.textContent ?? '';
    expect(legend).toContain('too small to be shown');
    expect(legend).toContain('cannot be worked out from the others');
  });

  test('a change across a break or from a part period is refused in the cell, with the reason', () => {
    const refused = all(page('tables/lock-by-year.html'), '.look-refused').map((n) => n.textContent);
    expect(refused).toContain('not comparable: from 2021 devices are entered on arrival, before on examination');
    expect(refused).toContain('not comparable: 2024 is a part period (January to June only)');
  });

  test('a gap between a parent and its parts is told with its size and never mended', () => {
    const document = page('tables/sentences.html');
    expect(document.querySelector('.findings')?.textContent).toContain('is not the sum of the parts shown below it, in 3 places');
    expect(all(document, '.numbers td').map((n) => n.textContent)).toContain('31,344');
  });
});

describe('large tables', () => {
  const names = Array.from({ length: 90 }, (_, i) => `c${i}=Category ${i}`);
  const three = fixtureTable({
    id: 'large', title: 'Large', method: 'public',
    dimensions: [dimension('a', 'A', codes(...names)), dimension('b', 'B', codes('x', 'y', 'z')), dimension('c', 'C', codes(...names))], value: () => ({ value: 1 }),
  });

  test('the page shows what fits, totals of further dimensions first, and says how much that is', () => {
    const view = tableView(three);
    const layout = layOut(view);
    expect(layout.all).toBe(91 * 4 * 91);
    expect(layout.shown).toBe(keysShown(view, layout).length);
    expect(layout.shown).toBeLessThanOrEqual(6000);
    expect(layout.sections[0]?.heading).toBe('C: Total');
    const built = buildRelease({ ...fixtureInput(), tables: [three], controls: [], comparisons: [] });
    expect(page('tables/large.html', built).querySelector('.inset')?.textContent).toContain('This page shows 5,824 of the table’s 33,124 numbers.');
    expect(String(built.get('tables/large.csv')).split('\r\n').length - 2).toBe(33_124);
  });

  test('a table with one long dimension is cut at the limit and says so', () => {
    const long = tableView(fixtureTable({ id: 'long', title: 'Long', dimensions: [dimension('a', 'A', codes(...Array.from({ length: 50 }, (_, i) => `c${i}`)))], value: () => ({ value: 1 }) }));
    const layout = layOut(long, 20);
    expect([layout.shown, layout.all]).toEqual([20, 51]);
  });
});

describe('texts from outside', () => {
  const evil = '<img src=x onerror=alert(1)>"\'&\u0000\u0007';

  test('are escaped wherever they are printed', () => {
    const table = fixtureTable({
      id: 'evil', title: `T ${evil}`, dimensions: [dimension('kind', `K ${evil}`, [{ code: evil, label: `L ${evil}`, partPeriod: `P ${evil}` }, { code: 'b', label: 'B' }])],
      value: () => ({ value: 1 }), notes: [`N ${evil}`], answers: [`Q ${evil}`], chart: { kind: 'bar', x: 'kind', at: {}, value: 'value' },
    });
    const input = fixtureInput();
    const built = buildRelease({ ...input, collection: { ...input.collection, title: `C ${evil}`, questions: [{ id: `Q ${evil}`, text: evil, source: evil }] }, tables: [table], controls: [], comparisons: [] });
    for (const path of [...built.keys()].filter((p) => /\.(html|svg)$/.test(p))) {
      const text = String(built.get(path));
      expect(['<img', '\u0000', '\u0007'].filter((t) => text.includes(t)), path).toEqual([]);
    }
    expect(String(built.get('assets/search-index.js')).includes('<img')).toBe(false);
  });

  test('html`…` escapes parts and joins lists', () => {
    expect(html`<p title="${'"<'}">${['a', html`<b>${'&'}</b>`, null, 1]}</p>`.markup).toBe('<p title="&quot;&lt;">a<b>&amp;</b>1</p>');
  });

  test('anchors of different addresses differ', () => {
    const keys = [['a', 'b'], ['a.b', null], ['a', null], [null, 'a'], ['_T', null], [null, null], ['a b', 'c'], ['a', 'b c'], ['x'.repeat(80), 'a'], ['x'.repeat(80), 'b']];
    expect(new Set(keys.map(cellAnchor)).size).toBe(keys.length);
  });
});

test('a release of generated and published tables says so, and marks the generated ones', () => {
  const real = fixtureTable({ id: 'real', title: 'Real', synthetic: false, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 1 }) });
  const made = fixtureTable({ id: 'made', title: 'Made', synthetic: true, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 1 }) });
  const built = buildRelease({ ...fixtureInput(), tables: [real, made], controls: [], comparisons: [] });
  expect(page('index.html', built).querySelector('.banner')?.textContent).toContain('Some tables hold synthetic data.');
  expect(all(page('index.html', built), '.tables li').map((li) => li.textContent.includes('Synthetic'))).toEqual([false, true]);
  expect(page('tables/real.html', built).querySelector('.banner')).toBeNull();
  expect(page('tables/made.html', built).querySelector('.banner')?.textContent).toContain('None is real');
});

test('the index of words leads from a word to the tables that hold it, without a script', () => {
  const words = new Map(all(page('search.html'), '.words > div').map((d) => [d.querySelector('dt')?.textContent, all(d, 'a').map((a) => a.getAttribute('href'))]));
  expect(words.get('robbery')).toEqual(['tables/outcome-by-offence.html', 'tables/stopped.html']);
  expect(words.get('the')).toBeUndefined();
});
