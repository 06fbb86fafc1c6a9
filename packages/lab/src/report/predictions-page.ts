/**
 * What was predicted before the runs, beside what came out.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { metric as metricOf } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import { page } from './page.ts';
import type { Judged } from './predictions.ts';
import { valueText } from './values.ts';

/** `predictions.html`. */
export function predictionsPage(judged: readonly Judged[], proposals: readonly Proposal[]): string {
  const [held, failed, open] = [judged.filter((j) => j.held === true), judged.filter((j) => j.held === false), judged.filter((j) => j.held === undefined)];
  return page('Predictions', html`<h1>What was predicted, and what came out</h1>
<p class="lead">${held.length} of ${held.length + failed.length} predictions held. ${failed.length} did not; they stay as they were written.${open.length > 0 ? ` ${open.length} ask for what this run does not hold.` : ''}</p>
<p>They were written down before the proposals were run, with a reason each. A prediction for every size holds when every size that was run is within it.</p>
${predictionTable(judged, proposals)}`, { wide: true });
}

/** Predictions as a table. */
export function predictionTable(judged: readonly Judged[], proposals: readonly Proposal[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Predictions"><table>
<thead><tr><th scope="col">Proposal</th><th scope="col">Quantity</th><th scope="col">People</th><th scope="col">Predicted</th><th scope="col">Came out</th><th scope="col">Held</th><th scope="col">Because</th></tr></thead>
<tbody>${judged.map(({ prediction: p, values, held }) => {
    const proposal = proposals.find((x) => x.id === p.proposal);
    const variant = proposal?.variants.find((v) => v.id === p.variant);
    return html`<tr><th scope="row"><a href="${p.proposal}.html">${proposal?.title ?? p.proposal}</a>${(proposal?.variants.length ?? 0) > 1 ? html`<br>${variant?.title ?? p.variant}` : null}</th><td>${metricOf(p.metric).title}</td><td>${p.size ?? 'any'}</td><td>${p.predicted}</td><td>${rangeText(values.map((v) => v.value), metricOf(p.metric).unit)}</td><td class="held">${held === undefined ? 'not in this run' : held ? 'yes' : html`<strong>no</strong>`}</td><td>${p.because}</td></tr>`;
  })}</tbody></table></div>`;
}

function rangeText(values: readonly number[], unit: string): string {
  if (values.length === 0) return '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? valueText(low, unit) : `${valueText(low, unit)} to ${valueText(high, unit)}`;
}
