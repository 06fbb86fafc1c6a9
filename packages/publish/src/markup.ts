/**
 * What another room needs to write pages that look like a release's: the template and the style sheet, nothing of releases.
 * @module
 */
export { escapeText, html, trustedMarkup } from './html.ts';
export type { Html, HtmlPart } from './html.ts';
export { STYLE } from './site/style.ts';
