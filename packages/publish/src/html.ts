/**
 * HTML written as tagged templates: whatever is put in is escaped, unless it is HTML already.
 * Leaves out: scripts and styles inside a page (the content security policy refuses both).
 * @module
 */

declare const kind: unique symbol;

/** Markup that is safe to print. Only this module makes it. */
export interface Html {
  readonly [kind]: 'html';
  readonly markup: string;
}

/** What may stand in a template: texts are escaped, lists are joined, nothing prints nothing. */
export type HtmlPart = Html | string | number | null | undefined | false | readonly HtmlPart[];

/**
 * Markup from a template; every part that is not {@link Html} is escaped for text and for quoted attributes.
 * @example html`<p title="${'"'}">${'<b>'}</p>`.markup // '<p title="&quot;">&lt;b&gt;</p>'
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = strings[0] ?? '';
  parts.forEach((part, i) => {
    markup += print(part) + (strings[i + 1] ?? '');
  });
  return { markup } as Html;
}

/** Markup made elsewhere in this package (a chart's SVG): the caller vouches that its texts were escaped. */
export function trustedMarkup(markup: string): Html {
  return { markup } as Html;
}

/** A text escaped for HTML text, quoted attributes and XML. Characters that XML forbids become U+FFFD. */
export function escapeText(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A text without the characters that XML 1.0 §2.2 forbids: each becomes U+FFFD. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

function print(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  if (isList(part)) return part.map(print).join('');
  return part.markup;
}

function isList(part: Html | readonly HtmlPart[]): part is readonly HtmlPart[] {
  return Array.isArray(part);
}
