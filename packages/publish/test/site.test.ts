import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { buildRelease } from '../src/index.ts';
import { html } from '../src/html.ts';
import { layOut, keysShown } from '../src/layout.ts';
import { isOfTable } from '../src/site/revisions-page.ts';
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
  expect(pages).toEqual(expect.arrayContaining(['index.html', 'findings.html', 'revisions.html', 'search.html', 'submissions.html', 'tables/requests.html', 'tables/requests-source.html']));
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
    const cells = all(document, '.numbers tbody td.num');
    expect(cells.length).toBeGreaterThan(0);
    for (const cell of cells) {
      const link = cell.querySelector('a');
      const text = cell.textContent.trim();
      if (link === null) {
        expect(text).toMatch(/^(–|no cell)/);
        continue;
      }
      if (text.startsWith('not comparable: ')) {
        expect(document.querySelector(`[id="${link.getAttribute('href')?.slice(1) ?? ''}"]`)?.textContent).toMatch(/No change is computed/);
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

describe('where a number comes from', () => {
  const cellsOf = (id: string, row: string): readonly string[] => all(all(page(`tables/${id}-source.html`), '.cells tbody tr').find((r) => r.getAttribute('id') === row) ?? page('index.html'), 'td').map((td) => td.textContent);

  test('every row leads up to the submissions of its table, a row of one agency to those of that agency', () => {
    expect(cellsOf('by-agency', 'cell-1._T').at(-1)).toBe('all 2 submissions');
    expect(cellsOf('by-agency', 'cell-1.north').at(-1)).toBe('Northern district (invented), First half of 2024');
    expect(cellsOf('requests', 'cell-apple').at(-1)).toBe('all 2 submissions');
  });

  test.each(fixtureTables().map((t) => t.meta.id))('%s: its submissions lead to the page of all submissions, and from there back', (id) => {
    const up = all(page(`tables/${id}-source.html`), 'table a[href^="../submissions.html#"]').map((a) => a.getAttribute('href')?.split('#')[1] ?? '');
    expect(new Set(up).size).toBe(2);
    for (const anchor of up) {
      const html = String(files.get('submissions.html'));
      const section = html.slice(html.lastIndexOf('<h2', html.indexOf(`id="${anchor}"`)), html.indexOf(`id="${anchor}"`));
      expect(section).toContain(`href="tables/${id}-source.html"`);
    }
  });

  test('every submission of the release stands once, with both hashes', () => {
    const { submissions } = (JSON.parse(String(files.get('manifest.json'))) as { content: { submissions: readonly { original: string; manifest: string }[] } }).content;
    const text = String(files.get('submissions.html'));
    expect(submissions.length).toBeGreaterThan(5);
    for (const { original, manifest } of submissions) expect([original, manifest].map((hash) => text.split(hash).length - 1)).toEqual([1, 1]);
  });

  test('a share and a change name the numbers they were made from, and link to them', () => {
    const source = page('tables/lock-by-year-source.html');
    const row = all(source, '.cells tbody tr').find((r) => r.getAttribute('id') === 'cell-2020.locked');
    const link = (to: string): string => row?.querySelector(`a[href="#${to}"]`)?.textContent ?? '';
    const number = (id: string): string => all(source, '.cells tbody tr').find((r) => r.getAttribute('id') === id)?.querySelector('th')?.textContent ?? '';
    expect(link('cell-2019.locked')).toBe(number('cell-2019.locked'));
    expect(link('cell-2020._T')).toBe(number('cell-2020._T'));
    const shown = all(page('tables/lock-by-year.html'), '.derived a[href$="#cell-2020.locked"]').map((a) => a.textContent);
    expect(shown).toHaveLength(2);
    for (const text of shown) expect(row?.textContent).toContain(text);
  });
});

describe('figures of different units', () => {
  const document = page('tables/figures.html');

  test('stand with their unit beside each number, on the page, on the source page and in the CSV', () => {
    expect(all(document, '.numbers tbody tr').map((r) => all(r, 'td').map((td) => td.textContent))).toEqual([['60,000', 'users'], ['64', 'percent of devices'], ['198,400,000', 'NZD']]);
    expect(all(page('tables/figures-source.html'), '.cells tbody tr').map((r) => r.querySelector('td')?.textContent)).toEqual(['users', 'percent of devices', 'NZD']);
    expect(String(files.get('tables/figures.csv')).split('\r\n').slice(1, 4).map((line) => line.split(',').at(-2))).toEqual(['users', 'percent of devices', 'NZD']);
  });

  test('are said once not to add', () => {
    expect(document.querySelector('main')?.textContent.match(/must not be added/g)).toHaveLength(1);
    expect(page('tables/sentences.html').querySelector('main')?.textContent.match(/Do not add|must not be added/g)).toHaveLength(1);
  });
});

describe('revisions', () => {
  const rows = (path: string, id: string): readonly (readonly string[])[] => all(page(path).querySelector(`[aria-labelledby="${id}"]`) ?? page('index.html'), 'tbody tr').map((r) => all(r, 'th, td').map((c) => c.textContent));

  test('a table shows those of its own values, by their labels, and leads to all of the series', () => {
    expect(rows('tables/requests.html', 'revisions-caption')).toEqual([
      ['Provider: Meta; year: 2020', '2021', '35.8', '2022', '20.1', 'changed'], ['Provider: Snap; year: 2019', '2021', '1*', '2022', 'not in this edition', 'dropped'],
    ]);
    expect(page('tables/requests.html').querySelector('main')?.textContent).toContain('All revisions of the series (3)');
    expect(page('tables/lock-by-year.html').querySelector('#revisions')).toBeNull();
  });

  test('a table that shows no field of the key has none under its own name', () => {
    const meta = fixtureTables().find((t) => t.meta.id === 'sentences')?.meta;
    const revision = fixtureInput().revisions[0];
    expect(meta !== undefined && revision !== undefined && isOfTable(meta, { ...revision, key: { country: 'nz' } })).toBe(false);
  });

  test('the page of revisions shows all of them, by return', () => {
    expect(rows('revisions.html', 'revisions-0')).toHaveLength(3);
    expect(rows('revisions.html', 'revisions-1')).toEqual([['Loss to scams, 2023 (NZD)', '1', 'not in this edition', '2', '198,400,000', 'added']]);
  });
});

test('the legend explains what stands on the page, by what stands there', () => {
  const legend = (id: string): readonly string[] => all(page(`tables/${id}.html`), '.legend dt').map((dt) => dt.textContent);
  expect(legend('requests')).toEqual(['0', '249 to 498', '12*', 'not sought', '–']);
  expect(legend('lock-by-year')).toEqual(['–', 'not comparable']);
  expect(legend('by-agency')).toEqual(['0']);
  expect(legend('figures')).toEqual([]);
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
