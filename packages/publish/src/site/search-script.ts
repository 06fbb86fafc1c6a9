/**
 * The script of the search page. It reads `window.weighbridgeSearch`; without it the index of words stays as it is.
 * @module
 */

/** `assets/search.js`. Old syntax on purpose: it runs in any browser, from a folder. */
export const SEARCH_SCRIPT = `(function () {
  'use strict';
  var entries = window.weighbridgeSearch;
  var form = document.getElementById('search-form');
  var box = document.getElementById('search-box');
  var status = document.getElementById('search-status');
  var results = document.getElementById('search-results');
  var index = document.getElementById('word-index');
  if (!entries || !form || !box) return;

  function fold(text) {
    return text.toLowerCase().normalize('NFD').replace(/[\\u0300-\\u036f]/g, '');
  }

  var folded = entries.map(function (entry) {
    return { entry: entry, title: ' ' + fold(entry.title), texts: entry.texts.map(function (t) { return ' ' + fold(t); }) };
  });

  /* A term is found where a word starts with it. */
  function has(text, term) {
    var at = text.indexOf(term);
    while (at > 0) {
      if (!/[a-z0-9]/.test(text.charAt(at - 1))) return true;
      at = text.indexOf(term, at + 1);
    }
    return false;
  }

  function search(terms) {
    return folded.map(function (f) {
      var score = 0;
      var shown = [];
      for (var i = 0; i < terms.length; i += 1) {
        var inTitle = has(f.title, terms[i]);
        var hits = f.texts.map(function (t, n) { return has(t, terms[i]) ? n : -1; }).filter(function (n) { return n >= 0; });
        if (!inTitle && hits.length === 0) return null;
        score += inTitle ? 10 : 1;
        hits.forEach(function (n) { if (shown.indexOf(n) < 0) shown.push(n); });
      }
      return { entry: f.entry, score: score, shown: shown };
    }).filter(function (f) { return f !== null; }).sort(function (a, b) { return b.score - a.score; });
  }

  function show() {
    var terms = fold(box.value).split(/[^a-z0-9]+/).filter(function (t) { return t !== ''; });
    results.textContent = '';
    index.hidden = terms.length > 0;
    if (terms.length === 0) {
      status.textContent = '';
      return;
    }
    var found = search(terms);
    status.textContent = found.length === 0 ? 'Nothing found.' : found.length === 1 ? '1 page found.' : found.length + ' pages found.';
    found.forEach(function (f) {
      var item = document.createElement('li');
      var link = document.createElement('a');
      link.href = f.entry.href;
      link.textContent = f.entry.title;
      item.appendChild(link);
      if (f.shown.length > 0) {
        var hint = document.createElement('span');
        hint.className = 'about';
        var some = f.shown.slice(0, 4).map(function (n) { return f.entry.texts[n]; }).join(' · ');
        hint.textContent = some + (f.shown.length > 4 ? ' · and ' + (f.shown.length - 4) + ' more' : '');
        item.appendChild(hint);
      }
      results.appendChild(item);
    });
  }

  form.hidden = false;
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  box.addEventListener('input', show);
  show();
}());
`;
