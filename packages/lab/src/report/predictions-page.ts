/**
 * What was predicted before the runs, beside what came out: first what did not hold.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { metric as metricOf } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import { page } from './page.ts';
import { outcomesOf } from './predictions.ts';
import type { Judged, JudgedValue, Outcome, Prediction } from './predictions.ts';
import { countOf, intervalText, rangeText, valueText } from './values.ts';

/** Name of the copy of docs/lab/predictions.md that stands beside the pages. */
export const PREDICTIONS_FILE = 'predictions.txt';

const GROUPS: readonly { readonly outcome: Outcome; readonly id: string; readonly title: string; readonly about: string }[] = [
  { outcome: 'failed', id: 'failed', title: 'Did not hold', about: 'A value came out that is outside what was predicted, with the whole of its interval where it was sampled. “Because” is the reason that was written down with the prediction; it did not carry. Under what came out stands the condition that was noted with it, where there is one.' },
  { outcome: 'not decided', id: 'not-decided', title: 'Not decided', about: 'The value rests on samples, and its 95 % interval crosses a limit that was predicted: so many cases cannot tell. A run that looks at more of them could.' },
  { outcome: 'held', id: 'held', title: 'Held', about: 'Every value of every size that was run is within what was predicted, with the whole of its interval where it was sampled.' },
  { outcome: 'not in this run', id: 'not-in-this-run', title: 'Not in this run', about: 'They ask for a size or a quantity that this run does not hold.' },
];

/** `predictions.html`. */
export function predictionsPage(judged: readonly Judged[], proposals: readonly Proposal[]): string {
  return page('Predictions', html`<h1>What was predicted, and what came out</h1>
<p class="lead">${outcomesText(judged)} All stay as they were written.</p>
<p>They were written down, with a reason each, before the lab ran any proposal but per-epoch escrow: that one was used to try the harness out, and has no predictions for that reason where its numbers had been seen. The file is <a href="${PREDICTIONS_FILE}">docs/lab/predictions.md</a>. A prediction for any size is put to every size that was run. What was counted is compared as it stands; what was sampled, with its 95 % interval.</p>
${GROUPS.map(({ outcome, id, title, about }) => {
    const group = judged.filter((j) => j.outcome === outcome);
    return group.length === 0 ? null : html`<h2 id="${id}">${title}: ${group.length}</h2><p>${about}</p>${predictionTable(group, proposals, { outcome: false })}`;
  })}`, { wide: true });
}

/** Outcomes in a sentence: "53 held, 6 failed, 2 are not decided." */
export function outcomesText(judged: readonly Judged[]): string {
  const { held, failed, undecided, absent } = outcomesOf(judged);
  return `Of ${countOf(judged.length, 'prediction', 'predictions')} ${held} held, ${failed} failed, ${undecided} ${undecided === 1 ? 'is' : 'are'} not decided.${absent > 0 ? ` ${absent} ${absent === 1 ? 'asks' : 'ask'} for what this run does not hold.` : ''}`;
}

/** Predictions as a table, in the order of their outcomes. */
export function predictionTable(judged: readonly Judged[], proposals: readonly Proposal[], show: { readonly outcome: boolean; readonly proposal?: boolean }): Html {
  const sorted = GROUPS.flatMap(({ outcome }) => judged.filter((j) => j.outcome === outcome));
  const heads = [show.proposal === false ? 'Quantity' : 'Proposal', ...(show.proposal === false ? [] : ['Quantity']), 'People', 'Predicted', 'Came out', ...(show.outcome ? ['Outcome'] : []), 'Because'];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Predictions"><table class="predictions stacked">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${sorted.map((j) => predictionRow(j, proposals.find((x) => x.id === j.prediction.proposal), show))}</tbody></table></div>`;
}

function predictionRow({ prediction: p, values, outcome }: Judged, proposal: Proposal | undefined, show: { readonly outcome: boolean; readonly proposal?: boolean }): Html {
  const variant = (proposal?.variants.length ?? 0) > 1 ? proposal?.variants.find((v) => v.id === p.variant)?.title ?? p.variant : undefined;
  const { title, unit } = metricOf(p.metric);
  const name = show.proposal === false
    ? html`<th scope="row">${title}${variant === undefined ? null : html`<span class="variant">${variant}</span>`}</th>`
    : html`<th scope="row"><a href="${p.proposal}.html#predictions">${proposal?.title ?? p.proposal}</a>${variant === undefined ? null : html`<span class="variant">${variant}</span>`}</th>${cell('Quantity', title)}`;
  const notes = outcome === 'failed' ? [...new Set(values.flatMap((v) => v.note ?? []))] : [];
  return html`<tr>${name}${cell('People', p.size === undefined ? 'any' : String(p.size))}${cell('Predicted', predictedText(p))}${cell('Came out', html`${values.length === 0 ? 'nothing' : cameOut(values, unit)}${notes.map((note) => html`<span class="about note">${note}</span>`)}`)}${show.outcome ? cell('Outcome', outcome === 'failed' ? html`<strong>did not hold</strong>` : outcome) : null}${cell('Because', p.because)}</tr>`;
}

function cell(label: string, content: Html | string): Html {
  return html`<td data-label="${label}"><div>${content}</div></td>`;
}

/** What was predicted, in the unit in which the result is printed; exactly as written otherwise. */
export function predictedText({ metric, low, high }: Pick<Prediction, 'metric' | 'low' | 'high'>): string {
  const text = (value: number): string => valueText(value, metricOf(metric).unit, { exact: true });
  if (low === high) return text(low);
  if (high === Infinity) return `at least ${text(low)}`;
  return low === -Infinity ? `at most ${text(high)}` : rangeText(low, high, metricOf(metric).unit, { exact: true });
}

/** Values that came out: one when all runs agree, else one for each padding or each size, else one a run. */
function cameOut(values: readonly JudgedValue[], unit: string): string {
  const text = (v: JudgedValue): string => {
    const interval = v.low === v.high ? '' : intervalText({ ...v, unit });
    return `${valueText(v.value, unit)}${interval === '' ? '' : ` (${interval})`}`;
  };
  const people = ({ size }: JudgedValue): string => countOf(size, 'person', 'people');
  const padding = (v: JudgedValue): string => (v.padding === 'on' ? 'padded' : 'unpadded');
  for (const name of [() => '', padding, people]) {
    const texts = new Map<string, Set<string>>();
    for (const v of values) texts.set(name(v), (texts.get(name(v)) ?? new Set()).add(text(v)));
    if ([...texts.values()].every((t) => t.size === 1)) return [...texts].map(([label, [only]]) => (label === '' ? only ?? '' : `${label}: ${only ?? ''}`)).join('; ');
  }
  return values.map((v) => `${people(v)}, ${padding(v)}: ${text(v)}`).join('; ');
}
