/**
 * The list of references (docs/references.md) as pages cite it: the text under a key, with its addresses as links.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';

/** The citation of a key of docs/references.md, or undefined. */
export type SourceText = (key: string) => string | undefined;

/** The text under each key: its first paragraph, as it is written. */
export function readCitations(markdown: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const section of markdown.split(/^### /m).slice(1)) {
    const [key = '', ...lines] = section.split('\n');
    found.set(key.trim(), lines.join('\n').trim().split('\n\n')[0]?.replaceAll('\n', ' ') ?? '');
  }
  return found;
}

/** A citation with its web addresses as links. Links into this repository lose their address: a report stands by itself. */
export function citation(text: string): Html {
  const plain = text.replaceAll(/\[([^\]]+)\]\((?!https:)[^)]*\)/g, '$1').replaceAll('`', '');
  return html`${plain.split(/(<https:[^>]+>|\[[^\]]+\]\(https:[^)]+\))/).map((part) => {
    const named = /^\[([^\]]+)\]\((https:[^)]+)\)$/.exec(part);
    if (named) return html`<a href="${named[2]}">${named[1]}</a>`;
    const address = /^<(https:[^>]+)>$/.exec(part)?.[1];
    return address === undefined ? part : html`<a href="${address}">${address}</a>`;
  })}`;
}

/** A short link to a source in the list of the same page. */
export function sourceLink(key: string): Html {
  return html`<a class="source-key" href="#source-${key}">${key}</a>`;
}

/** Sources of a page, each once, where {@link sourceLink} leads to. */
export function sourceList(keys: readonly string[], sourceText: SourceText): Html {
  return html`<ul>${[...new Set(keys)].map((key) => html`<li id="source-${key}">${citation(sourceText(key) ?? key)} <span class="about">(${key})</span></li>`)}</ul>`;
}
