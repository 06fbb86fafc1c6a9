/**
 * The result as the page shows it: the verdict of all, then of each thing what was proved, what was not, and what is wrong.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { element } from './element.ts';
import { verdictOf } from './judge.ts';
import type { Outcome, Verdict } from './judge.ts';

const WORDS: Readonly<Record<Verdict, { readonly mark: string; readonly title: string; readonly lead: string }>> = {
  holds: { mark: '✓', title: 'Holds', lead: 'Everything that you chose holds, as far as this page checks. What it does not check is listed below as not proved.' },
  false: { mark: '✕', title: 'Proven false', lead: 'It is proved that something is false: a release was changed, or a log’s operator misbehaved. Do not rely on it.' },
  unusable: { mark: '?', title: 'Cannot be used', lead: 'Nothing was shown, neither that it is true nor that it is false. Below is why, and what you can do about it.' },
};

/** More issues than these are counted, not shown. */
const MOST_SHOWN = 50;

/** Shows the outcomes in the place for them. Returns the heading to go to. */
export function showResult(place: HTMLElement, outcomes: readonly Outcome[]): HTMLElement {
  const verdict = verdictOf(outcomes);
  const { mark, title, lead } = WORDS[verdict];
  const heading = element('h2', { id: 'result-title', tabindex: '-1' }, element('span', { class: 'mark', 'aria-hidden': 'true' }, mark), title);
  place.replaceChildren(
    element('div', { class: `verdict verdict-${verdict}`, id: 'verdict', 'data-verdict': verdict }, heading, element('p', {}, lead)),
    ...outcomes.map(outcomeCard),
  );
  return heading;
}

function outcomeCard(outcome: Outcome): HTMLElement {
  const { subject, verdict, holds, proved, notProved, issues } = outcome;
  return element('article', { class: `outcome outcome-${verdict}`, 'data-verdict': verdict },
    element('h3', {}, subject, ' ', element('strong', { class: `tag tag-${verdict}` }, WORDS[verdict].title)),
    ...(holds === '' ? [] : [element('p', { class: 'holds' }, `Holds: ${holds}`)]),
    ...issuesPart(verdict, issues),
    ...linesPart('What was proved', 'proved', proved),
    ...linesPart('What was not proved', 'not-proved', notProved),
  );
}

function linesPart(title: string, kind: string, lines: readonly string[]): HTMLElement[] {
  if (lines.length === 0) return [];
  return [element('h4', {}, title), element('ul', { class: kind }, ...lines.map((line) => element('li', {}, sentence(line))))];
}

function issuesPart(verdict: Verdict, issues: readonly Issue[]): HTMLElement[] {
  if (issues.length === 0) return [];
  const more = issues.length - MOST_SHOWN;
  return [
    element('h4', {}, verdict === 'false' ? 'What is false' : 'Why it cannot be used'),
    element('ul', { class: 'issues' }, ...issues.slice(0, MOST_SHOWN).map(issueItem)),
    ...(more > 0 ? [element('p', {}, `And ${formatNumber(more)} more of this kind, which are not listed here; the command line lists them all.`)] : []),
  ];
}

function issueItem({ code, message, place, repair, count = 1 }: Issue): HTMLElement {
  const where = [place.file, place.line === undefined ? undefined : `line ${place.line}`, place.key].filter((part) => part !== undefined).join(', ');
  const object = place.object ?? '';
  return element('li', { 'data-code': code },
    element('p', { class: 'message' }, `${sentence(message)}${count > 1 ? ` (${formatNumber(count)} places)` : ''}`),
    element('dl', {},
      ...(where === '' ? [] : [term('Where', where)]),
      ...(object === '' ? [] : [term('What', element('span', { class: 'object' }, object))]),
      term('What to do', sentence(repair)),
      term('Code', element('code', {}, code)),
    ),
  );
}

function term(name: string, value: Node | string): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}

/** Messages are written to follow a code; here each stands by itself. A name at the beginning stays as it is. */
function sentence(text: string): string {
  const first = /^[a-z]+[ ,:]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
