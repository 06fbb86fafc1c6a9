/**
 * The matrix: every variant of every proposal against what was measured, small bars for the sizes of the conversation.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { metric as metricOf } from '../metrics.ts';
import type { MetricId } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import type { CellResult, Run } from '../results.ts';
import { REFERENCE_SIZE, cellsOfVariant, referenceCell, timeOf, variantsOf } from './evidence.ts';
import { page } from './page.ts';
import { bars, intervalText, valueText } from './values.ts';

/** A column: a metric, and what fills a bar: the whole of a share, or the greatest value of the column. */
interface Column {
  readonly metric: MetricId;
  readonly short: string;
  readonly full?: number;
}

/** What a member of the group looks for first. Every other metric stands on the proposals' pages. */
const COLUMNS: readonly Column[] = [
  { metric: 'reach.past', short: 'Target’s earlier messages read', full: 1 },
  { metric: 'reach.future', short: 'Target’s later messages read', full: 1 },
  { metric: 'reach.reported', short: 'Abuse that reaches the desk', full: 1 },
  { metric: 'exposed.others-by-access', short: 'Others’ messages read with one access', full: 1 },
  { metric: 'exposed.by-standing-key', short: 'Messages behind the worst standing key', full: 1 },
  { metric: 'coalition.least', short: 'Fewest parties that read without an order' },
  { metric: 'exposed.people', short: 'Uninvolved people exposed' },
  { metric: 'secrecy.past-messages', short: 'Earlier messages opened by a theft', full: 1 },
  { metric: 'evasion.share', short: 'Evading messages that pass', full: 1 },
  { metric: 'noticed.clients', short: 'Honest clients that notice', full: 1 },
  { metric: 'audit.unlogged-access', short: 'Access without a log entry succeeds', full: 1 },
  { metric: 'errors.false-positive', short: 'False alarms per million' },
  { metric: 'wire.message-ratio', short: 'Message size against baseline' },
  { metric: 'time.send', short: 'Time to send against baseline' },
  { metric: 'trust.standing-keys', short: 'Keys to be kept secret for ever' },
];

const FAMILIES: readonly { readonly id: Proposal['family']; readonly title: string }[] = [
  { id: 'baseline', title: 'Baseline' }, { id: 'access', title: 'Proposals for access' }, { id: 'safety', title: 'Proposals for safety' },
];

/** `index.html`. */
export function matrixPage(run: Run, proposals: readonly Proposal[]): string {
  const variants = variantsOf(run, proposals);
  const sizes = run.plan.sizes.map(String).join(', ');
  const reference = run.plan.sizes.toSorted((a, b) => Math.abs(a - REFERENCE_SIZE) - Math.abs(b - REFERENCE_SIZE))[0] ?? REFERENCE_SIZE;
  const fulls = new Map(COLUMNS.map((column) => [column.metric, column.full ?? Math.max(1, ...variants.flatMap(({ proposal, variant }) => cellsOfVariant(run, proposal.id, variant.id).map((c) => valueIn(run, c, column.metric) ?? 0)))]));
  const body = html`<h1>Proposals for access and for safety, measured</h1>
<p class="lead">Each row is one published proposal, run inside the same encrypted conversation. Each column is one question, put to every proposal alike.</p>
<p>A number is for ${reference} people, with padding; a star marks what was sampled and has an interval.${run.plan.sizes.length > 1 ? html` The small bars are for conversations of ${sizes} people; a dashed bar was not run.` : null} Share bars are filled up to their percentage, other bars up to the greatest value of their column. A dot means that the question does not arise or was not measured; the proposal’s page says which. <strong>Model</strong> marks what was computed from assumptions and not run. No column counts more than another, and nothing is added up.</p>
${run.plan.proposals.length < proposals.length ? html`<p class="inset"><strong>This run holds ${run.plan.proposals.length} of ${proposals.length} proposals.</strong></p>` : null}
<div class="scroll" tabindex="0" role="region" aria-label="Matrix"><table class="matrix">
<thead><tr><th scope="col">Proposal</th>${COLUMNS.map((c) => html`<th scope="col" title="${metricOf(c.metric).means}">${c.short}</th>`)}</tr></thead>
<tbody>${FAMILIES.map((family) => html`${variants.some((v) => v.proposal.family === family.id) ? html`<tr class="family"><th scope="rowgroup" colspan="${COLUMNS.length + 1}">${family.title}</th></tr>` : null}${variants.filter((v) => v.proposal.family === family.id).map((v) => rowOf(run, v.proposal, v.variant, fulls))}`)}</tbody>
</table></div>
<p>Next: <a href="scores.html">the published lists of questions</a>, <a href="predictions.html">what was predicted before the run</a>, <a href="about.html">conditions, versions, and the figures as data</a>.</p>`;
  return page('Matrix', body, { wide: true });
}

function rowOf(run: Run, proposal: Proposal, variant: Proposal['variants'][number], fulls: ReadonlyMap<MetricId, number>): Html {
  const name = html`<th scope="row"><a href="${proposal.id}.html">${proposal.title}</a>${proposal.kind === 'model' ? html` <span class="tag tag-plain">model</span>` : null}${proposal.variants.length > 1 ? html`<span class="variant">${variant.title}</span>` : null}</th>`;
  return html`<tr>${name}${COLUMNS.map((column) => cellOf(run, proposal, variant, column.metric, fulls.get(column.metric) ?? 1))}</tr>`;
}

function cellOf(run: Run, proposal: Proposal, variant: Proposal['variants'][number], metric: MetricId, full: number): Html {
  const reference = referenceCell(run, proposal.id, variant.id);
  const text = reference && textIn(run, reference, metric);
  if (reference === undefined || text === undefined) return html`<td class="empty"><span title="not measured, or does not arise">·</span></td>`;
  const multiples = proposal.depends.size && run.plan.sizes.length > 1 ? barsOf(run, proposal, variant, metric, full) : null;
  return html`<td><a href="${proposal.id}.html#${reference.cell.id}">${text}${multiples}</a></td>`;
}

function barsOf(run: Run, proposal: Proposal, variant: Proposal['variants'][number], metric: MetricId, full: number): Html {
  const cells = cellsOfVariant(run, proposal.id, variant.id).filter((c) => c.cell.conditions.padding === 'on');
  return bars(run.plan.sizes.map((size) => {
    const cell = cells.find((c) => c.cell.conditions.size === size);
    const text = cell && textIn(run, cell, metric);
    return { label: `${size} people: ${text ?? 'not run'}`, value: cell && valueIn(run, cell, metric) };
  }), full);
}

function valueIn(run: Run, cell: CellResult, metric: MetricId): number | undefined {
  return metricOf(metric).unit === 'ms' ? timeOf(run, cell.cell.id, metric)?.row.ratio : cell.rows.find((r) => r.metric === metric)?.value;
}

function textIn(run: Run, cell: CellResult, metric: MetricId): string | undefined {
  if (metricOf(metric).unit === 'ms') {
    const ratio = timeOf(run, cell.cell.id, metric)?.row.ratio;
    return ratio === undefined ? undefined : valueText(ratio, 'ratio');
  }
  const row = cell.rows.find((r) => r.metric === metric);
  if (row === undefined) return undefined;
  const interval = intervalText(row);
  return `${valueText(row.value, row.unit === 'per million' ? '' : row.unit)}${interval === '' ? '' : '*'}`.trim();
}
