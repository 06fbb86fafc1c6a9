/**
 * The frame of every page of the lab's report: says on each that people and messages are synthetic.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';

/** One page as a file's text. `wide` pages hold a table of many columns: they print in landscape. */
export function page(title: string, body: Html, { wide = false }: { wide?: boolean } = {}): string {
  return html`<!doctype html>
<html lang="en-NZ">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'">
<title>${title} – the lab</title>
<link rel="stylesheet" href="style.css">
</head>
<body${wide ? html` class="wide"` : null}>
<a class="skip-link" href="#main">Skip to the content</a>
<header class="header"><div class="width header-inner"><p class="header-name"><a href="index.html">Weighbridge: the lab</a></p><nav aria-label="Pages"><ul class="header-nav"><li><a href="index.html">Matrix</a></li><li><a href="scores.html">Scores</a></li><li><a href="predictions.html">Predictions</a></li><li><a href="about.html">Conditions and data</a></li></ul></nav></div></header>
<div class="banner"><div class="width"><p><span class="tag tag-synthetic">synthetic</span> Synthetic people and messages on a real end-to-end encrypted protocol. No figure here is about real people.</p></div></div>
<main id="main" class="width">
${body}
</main>
<footer class="footer"><div class="width"><p>Measured by the lab of Weighbridge, which speaks for no side and ships no access mechanism. The same seed gives the same results; times differ from machine to machine.</p></div></footer>
</body>
</html>
`.markup;
}
