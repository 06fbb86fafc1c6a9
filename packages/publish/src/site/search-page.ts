/**
 * Search by word: an A to Z index that needs no script, and the data of a small script that filters as one types.
 * The data are a script too, not a file to fetch, so that search works from a folder.
 * @module
 */
import { canonicalJson } from '@weighbridge/base';
import { html } from '../html.ts';
import { anchorText } from '../table-view.ts';
import { renderPage } from './page.ts';
import type { SiteContext } from './page.ts';

/** A page and the texts by which it is found. */
interface Entry {
  readonly title: string;
  readonly href: string;
  readonly texts: readonly string[];
}

/** Words too common to lead anywhere. */
const STOP = new Set(['about', 'after', 'and', 'are', 'because', 'before', 'between', 'could', 'but', 'for', 'from', 'has', 'have', 'into', 'its', 'not', 'nor', 'off', 'one', 'only', 'other', 'out', 'than', 'that', 'the', 'their', 'them', 'then', 'they', 'this', 'was', 'were', 'which', 'who', 'with', 'without', 'all', 'any', 'been', 'being', 'does', 'each', 'made', 'more', 'most', 'such', 'there', 'these', 'those', 'through', 'under', 'where', 'while', 'you', 'your', 'nec', 'non']);
/** A word on more pages than this share of them tells nothing. */
const MOST_PAGES = 40;

/** `search.html`. */
export function searchPage(context: SiteContext): string {
  const entries = entriesOf(context);
  const words = wordIndex(entries);
  const letters = [...Map.groupBy(words, ([word]) => firstLetter(word))];
  const main = html`<h1>Search</h1>
<form id="search-form" class="search" role="search" hidden>
<label for="search-box">Words in titles, categories, notes and questions</label>
<input id="search-box" type="search" autocomplete="off" spellcheck="false">
</form>
<p id="search-status" role="status" class="search-status"></p>
<ol id="search-results" class="search-results"></ol>
<div id="word-index">
<h2>Words from A to Z</h2>
${letters.length === 0 ? html`<p>There is nothing to search.</p>` : html`<nav aria-label="Letters"><ul class="letters">${letters.map(([letter]) => html`<li><a href="#letter-${anchorText(letter)}">${letter}</a></li>`)}</ul></nav>
${letters.map(([letter, group]) => html`<details class="letter"><summary><h3>${letter}</h3> <span class="about">${group.length} ${group.length === 1 ? 'word' : 'words'}</span></summary>
<dl class="words" id="letter-${anchorText(letter)}">${group.map(([word, found]) => html`
<div><dt>${word}</dt><dd><ul>${found.map((e) => html`<li><a href="${e.href}">${e.title}</a></li>`)}</ul></dd></div>`)}
</dl>
</details>
`)}`}</div>`;
  return renderPage(context, {
    title: 'Search', root: '', main, breadcrumbs: [{ text: 'Tables', href: 'index.html' }], scripts: ['assets/search-index.js', 'assets/search.js'],
  });
}

/** `assets/search-index.js`: the entries as a script. */
export function searchIndexScript(context: SiteContext): string {
  return `window.weighbridgeSearch = ${canonicalJson(entriesOf(context)).replaceAll('<', '\\u003c')};\n`;
}

function entriesOf(context: SiteContext): readonly Entry[] {
  const { questions } = context.content.collection;
  const tables = context.views.map(({ meta }): Entry => ({
    title: meta.title,
    href: `tables/${meta.id}.html`,
    texts: unique([
      meta.id, ...meta.answers, ...meta.provenance.codelists.map((c) => c.title), meta.measure.label, meta.basis.unit, meta.basis.coverage,
      ...meta.answers.map((id) => questions.find((q) => q.id === id)).flatMap((q) => (q === undefined ? [] : [q.text, q.source])),
      ...meta.dimensions.flatMap((d) => [d.label, ...d.codes.map((c) => c.label)]),
      ...meta.basis.notes, ...meta.basis.breaks.map((b) => b.why),
    ]),
  }));
  const comparisons = context.content.comparisons.map((c): Entry => ({ title: c.title, href: `findings.html#${c.id}`, texts: unique([c.note, ...c.sides.map((s) => s.label)]) }));
  return [...tables, ...comparisons];
}

/** Words with the pages that hold them, by folded word. */
function wordIndex(entries: readonly Entry[]): readonly (readonly [string, readonly Entry[]])[] {
  const found = new Map<string, Set<Entry>>();
  for (const entry of entries) {
    for (const word of [entry.title, ...entry.texts].flatMap(wordsOf)) {
      const pages = found.get(word);
      if (pages === undefined) found.set(word, new Set([entry]));
      else pages.add(entry);
    }
  }
  const limit = Math.max(MOST_PAGES, 1);
  return [...found]
    .filter(([, pages]) => pages.size <= limit)
    .map(([word, pages]) => [word, [...pages]] as const)
    .sort(([a], [b]) => compare(fold(a), fold(b)) || compare(a, b));
}

function wordsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{M}\p{N}’'-]*/gu) ?? [];
  return words.map((w) => w.replace(/[’'-]+$/u, '').replace(/[’']s$/u, '')).filter((w) => w.length > 2 && !STOP.has(w));
}

function firstLetter(word: string): string {
  return Array.from(fold(word))[0]?.toUpperCase() ?? '';
}

/** The word without marks on its letters: ā sorts with a. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

