/**
 * What differs between the variants of a proposal, and what does not: one text when all agree, else a small list.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import type { Proposal, Variant } from '../proposal.ts';

/** The text of every variant; `missing` where a variant has none. */
export function byVariant({ variants }: Proposal, textOf: (variant: Variant) => string | undefined, missing = 'not recorded'): Html {
  const texts = variants.map((variant) => ({ variant, text: textOf(variant) ?? missing }));
  const [first] = texts;
  if (first !== undefined && texts.every((t) => t.text === first.text)) return html`${first.text}`;
  return html`<ul class="by-variant">${texts.map(({ variant, text }) => html`<li>${variant.title}: <strong>${text}</strong></li>`)}</ul>`;
}
