/**
 * The published lists of questions, one table a list: scores with what they rest on, and empty cells where no measurement
 * answers.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { metric as metricOf } from '../metrics.ts';
import type { Proposal, Variant } from '../proposal.ts';
import type { Row } from '../record.ts';
import type { Run } from '../results.ts';
import { variantsOf } from './evidence.ts';
import { FRAMEWORKS } from './frameworks.ts';
import type { Framework } from './frameworks.ts';
import { rowHead } from './matrix-page.ts';
import { page } from './page.ts';
import { NOTHING_ACCESSED, scoreVariant } from './score.ts';
import type { Scored } from './score.ts';
import { citation } from './sources.ts';
import type { SourceText } from './sources.ts';
import { rowText, valueText } from './values.ts';

/** `scores.html`. `sourceText` gives the citation of a key. */
export function scoresPage(run: Run, proposals: readonly Proposal[], sourceText: SourceText): string {
  const variants = variantsOf(run, proposals).map((v) => ({ ...v, scores: scoreVariant(run, v.proposal.id, v.variant.id) }));
  return page('Scores', html`<h1>What published lists of questions ask</h1>
<p class="lead">Three groups of authors wrote down what to ask of a proposal for access. Where a measurement answers, the answer stands here and cites it; where none can, the cell stays empty.</p>
<p>2 meets, 1 partly, 0 does not, by the rule printed below each table. The rules and their thresholds are ours, the questions are the authors’, shortened. Scores are not added up, within a list or across lists. The lists were made for access to phones and messages; proposals for safety are put to the same questions with the same rules. “–” means that a measurement could answer and the proposal has nothing of the kind. Where a rule is about one stolen secret, what the smallest set of parties reads together stands beside the score, since a score of one secret says nothing of several.</p>
${FRAMEWORKS.map((framework) => frameworkTable(framework, variants, sourceText))}`, { wide: true });
}

interface ScoredVariant {
  readonly proposal: Proposal;
  readonly variant: Variant;
  readonly scores: readonly Scored[];
}

function frameworkTable(framework: Framework, variants: readonly ScoredVariant[], sourceText: SourceText): Html {
  return html`<h2 id="${framework.id}">${framework.title}</h2>
<p class="about">Source: ${citation(sourceText(framework.source) ?? framework.source)} (${framework.source})</p>
<div class="scroll long" tabindex="0" role="region" aria-label="${framework.title}"><table class="matrix">
<thead><tr><th scope="col">Proposal</th>${framework.criteria.map((c) => html`<th scope="col">${c.id} ${c.asks}</th>`)}</tr></thead>
<tbody>${variants.map(({ proposal, variant, scores }) => html`<tr>${rowHead(proposal, variant)}${framework.criteria.map((criterion) => {
    const scored = scores.find((s) => s.framework === framework.id && s.criterion === criterion.id);
    return html`<td>${criterion.score === undefined ? html`<span class="empty"></span>` : scoreMark(proposal, scored)}</td>`;
  })}</tr>`)}</tbody>
</table></div>
<details open><summary>How each question was answered</summary><dl class="summary">${framework.criteria.map((c) => html`<div><dt>${c.id} ${c.asks}</dt><dd>${c.rule}${c.metrics.length > 0 ? html`. Rests on: ${c.metrics.map((m) => metricOf(m).title).join('; ')}.` : '.'}</dd></div>`)}</dl></details>`;
}

/** A score that leads to the cell it rests on, with what stands beside it. */
export function scoreMark(proposal: Proposal, scored: Scored | undefined): Html {
  if (scored?.score === undefined) return html`<span class="empty" title="${scored?.why ?? ''}">–${scored?.why === NOTHING_ACCESSED ? html`<span class="beside">${NOTHING_ACCESSED}</span>` : null}</span>`;
  const cited = scored.cites.map((c) => `${metricOf(c.metric).title}: ${valueText(c.value, metricOf(c.metric).unit)}`).join('; ');
  const beside = besideText(scored.beside);
  return html`<a href="${proposal.id}.html#${scored.cites[0]?.cell ?? ''}" title="${cited}"><span class="score score-${scored.score}">${scored.score}</span>${beside === undefined ? null : html`<span class="beside">${beside}</span>`}</a>`;
}

/** "3 parties together: 100 %". */
function besideText(rows: readonly Row[]): string | undefined {
  const [parties, share] = [rows.find((r) => r.metric === 'coalition.least'), rows.find((r) => r.metric === 'exposed.by-coalition')];
  if (parties === undefined) return undefined;
  const who = `${rowText(parties)}${parties.value > 1 ? ' together' : ''}`;
  return share === undefined ? who : `${who}: ${rowText(share)} read`;
}
