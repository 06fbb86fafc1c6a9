/**
 * The matrix: every variant of every proposal against what was measured, small bars for the sizes of the conversation.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { metric as metricOf } from '../metrics.ts';
import type { MetricId } from '../metrics.ts';
import type { Proposal, Variant } from '../proposal.ts';
import type { CellResult, Run } from '../results.ts';
import { REFERENCE_SIZE, cellsOfVariant, referenceCell, timeOf, variantsOf } from './evidence.ts';
import { page } from './page.ts';
import { bars, intervalText, ratioInterval, ratioText, rowText, valueText } from './values.ts';

/** Proposals for which a question does not arise, and why. All that is named must be met; `but` names those for which it does. */
interface Silence {
  readonly families?: readonly Proposal['family'][];
  readonly kind?: Proposal['kind'];
  readonly but?: readonly string[];
  readonly because: string;
}

/** A column: a metric, what more of it means, and what fills a bar: the whole of a share, or the greatest value of the column. */
interface Column {
  readonly metric: MetricId;
  readonly short: string;
  readonly more: string;
  readonly full?: number;
  readonly silent: readonly Silence[];
}

const NO_ORDER: Silence = { families: ['safety'], because: 'no order for messages is answered' };
const NO_DESK: Silence = { families: ['baseline', 'access'], because: 'nothing is reported to a desk' };
const NO_RULE: Silence = { but: ['client-matching', 'sender-warnings', 'behaviour-detection'], because: 'no rule marks messages, pictures or accounts' };
const NO_LOG: Silence = { but: ['logged-custodians', 'arleas-retrospective'], because: 'there is no log of accesses' };
const THE_BASELINE: Silence = { families: ['baseline'], because: 'it is what the others are compared with' };
const NOTHING_SENT: Silence = { kind: 'model', because: 'a model sends nothing that could be weighed or timed' };

/** What a member of the group looks for first. Every other metric stands on the proposals' pages. */
const COLUMNS: readonly Column[] = [
  { metric: 'reach.past', short: 'Target’s earlier messages read', more: 'more is read', full: 1, silent: [NO_ORDER] },
  { metric: 'reach.future', short: 'Target’s later messages read', more: 'more is read', full: 1, silent: [NO_ORDER] },
  { metric: 'reach.reported', short: 'Abuse that reaches the desk', more: 'more arrives', full: 1, silent: [NO_DESK] },
  { metric: 'exposed.others-by-access', short: 'Messages read that the order does not cover', more: 'more is read', full: 1, silent: [NO_ORDER] },
  { metric: 'exposed.people-read', short: 'Other people read with one access', more: 'more people', silent: [{ families: ['baseline'], because: 'nothing is accessed' }, NO_ORDER] },
  { metric: 'exposed.people-in-records', short: 'Other people in records handed over', more: 'more people', silent: [{ families: ['baseline'], because: 'nothing is handed over' }] },
  { metric: 'exposed.people', short: 'People exposed by a report or match who did nothing', more: 'more people', silent: [NO_DESK] },
  { metric: 'exposed.by-standing-key', short: 'Messages behind the worst standing key', more: 'more lies open', full: 1, silent: [] },
  { metric: 'coalition.least', short: 'Fewest parties that read without an order', more: 'more must agree', silent: [] },
  { metric: 'secrecy.past-messages', short: 'Earlier messages opened by a theft', more: 'more lies open', full: 1, silent: [] },
  { metric: 'evasion.share', short: 'Evading messages that pass', more: 'more pass', full: 1, silent: [{ families: ['baseline'], because: 'there is nothing to evade' }] },
  { metric: 'noticed.clients', short: 'Honest clients that notice', more: 'more notice', full: 1, silent: [{ families: ['baseline', 'safety'], because: 'there is no access to notice' }] },
  { metric: 'audit.unlogged-access', short: 'Access without a log entry succeeds', more: 'more succeed', full: 1, silent: [NO_LOG] },
  { metric: 'errors.false-positive', short: 'False alarms', more: 'more marked in error', silent: [NO_RULE] },
  { metric: 'wire.message-ratio', short: 'Message size against baseline', more: 'larger', silent: [THE_BASELINE, NOTHING_SENT] },
  { metric: 'time.send', short: 'Time to send against baseline', more: 'slower', silent: [THE_BASELINE, NOTHING_SENT] },
  { metric: 'trust.standing-keys', short: 'Keys to be kept secret for ever', more: 'more to keep', silent: [] },
];

/** What a rate of false alarms is a rate of. */
const LOOKED_AT: Readonly<Record<string, string>> = { 'client-matching': 'accounts', 'sender-warnings': 'texts', 'behaviour-detection': 'accounts in 14 days' };

const FAMILIES: readonly { readonly id: Proposal['family']; readonly title: string }[] = [
  { id: 'baseline', title: 'Baseline' }, { id: 'access', title: 'Proposals for access' }, { id: 'safety', title: 'Proposals for safety' },
];

/** `index.html`. */
export function matrixPage(run: Run, proposals: readonly Proposal[]): string {
  const variants = variantsOf(run, proposals);
  const sizes = run.plan.sizes.map(String).join(', ');
  const reference = run.plan.sizes.toSorted((a, b) => Math.abs(a - REFERENCE_SIZE) - Math.abs(b - REFERENCE_SIZE))[0] ?? REFERENCE_SIZE;
  const fulls = new Map(COLUMNS.map((column) => [column.metric, column.full ?? Math.max(1, ...variants.flatMap(({ proposal, variant }) => cellsOfVariant(run, proposal.id, variant.id).map((c) => valueIn(run, c, column.metric) ?? 0)))]));
  const several = run.plan.sizes.length > 1;
  return page('Matrix', html`<h1>Proposals for access and for safety, measured</h1>
<p class="lead">Each row is one published proposal, run inside the same encrypted conversation. Each column is one question, put to every proposal alike.</p>
<p>A number is for ${reference} people, with padding, and leads to the run behind it; above 10,000 it is rounded to three figures, counts are exact. Under each head stands what a higher number means; whether that is good depends on who asks. No column counts more than another, and nothing is added up. <strong>Model</strong> marks what was computed from assumptions and not run.</p>
<dl class="legend">${LEGEND.map(([sign, means]) => html`<div><dt>${sign}</dt><dd>${means}</dd></div>`)}${several ? html`<div><dt>small bars</dt><dd>Conversations of ${sizes} people, from left to right; a dashed bar was not run or not measured. Shares are filled up to their percentage, others up to the greatest value of their column.</dd></div>` : null}</dl>
${run.plan.proposals.length < proposals.length ? html`<p class="inset"><strong>This run holds ${run.plan.proposals.length} of ${proposals.length} proposals.</strong></p>` : null}
<div class="scroll long" tabindex="0" role="region" aria-label="Matrix"><table class="matrix dense">
<thead><tr><th scope="col">Proposal</th>${COLUMNS.map((c) => html`<th scope="col" title="${metricOf(c.metric).means}">${c.short}<span class="more">higher: ${c.more}</span></th>`)}</tr></thead>
<tbody>${FAMILIES.map((family) => html`${variants.some((v) => v.proposal.family === family.id) ? html`<tr class="family"><th scope="rowgroup" colspan="${COLUMNS.length + 1}">${family.title}</th></tr>` : null}${variants.filter((v) => v.proposal.family === family.id).map((v) => rowOf(run, v.proposal, v.variant, fulls))}`)}</tbody>
</table></div>
<p>Next: <a href="scores.html">the published lists of questions</a>, <a href="predictions.html">what was predicted before the run</a>, <a href="about.html">conditions, versions, and the figures as data</a>.</p>
<h2 id="does-not-arise">Where a question does not arise</h2>
<dl class="summary">${COLUMNS.filter((c) => c.silent.length > 0).map((c) => html`<div><dt>${c.short}</dt><dd>${c.silent.map((s) => `${whereText(s, proposals)}: ${s.because}`).join('; ')}.</dd></div>`)}</dl>`, { wide: true });
}

const LEGEND: readonly (readonly [string, string])[] = [
  ['*', 'Sampled or timed: the value has an interval, in the run behind it.'],
  ['about 1×', 'The interval of the time, from one end to the other, divided by the baseline’s median, covers 1: this run tells no difference.'],
  ['–', 'The question does not arise for this proposal; why, stands below.'],
  ['·', 'The question arises and was not measured: the proposal’s page says so, under “What could not be measured”.'],
  ['no set', 'Every set of parties, the service included, tried to read without an order, and none did.'],
];

/** Why a question does not arise for a proposal; undefined where it does. */
export function whySilent(proposal: Proposal, metric: MetricId): string | undefined {
  return COLUMNS.find((c) => c.metric === metric)?.silent.find((s) => (s.families?.includes(proposal.family) ?? true) && (s.kind ?? proposal.kind) === proposal.kind && !(s.but?.includes(proposal.id) ?? false))?.because;
}

/** Questions of the matrix that arise for a proposal and were not measured, with the variants concerned when not all are. */
export function unmeasured(run: Run, proposal: Proposal): { readonly title: string; readonly variants: readonly Variant[] }[] {
  return COLUMNS.filter((c) => whySilent(proposal, c.metric) === undefined).flatMap(({ metric, short }) => {
    const without = proposal.variants.filter((v) => textIn(run, proposal, referenceCell(run, proposal.id, v.id), metric) === undefined);
    return without.length === 0 ? [] : [{ title: short, variants: without.length === proposal.variants.length ? [] : without }];
  });
}

/** A value as the matrix and the proposal's page print it. */
export function rowTextOf(proposal: Proposal, row: CellResult['rows'][number]): string {
  return rowText(row, LOOKED_AT[proposal.id]);
}

function whereText({ families, kind, but }: Silence, proposals: readonly Proposal[]): string {
  const named = { baseline: 'the baseline', access: 'proposals for access', safety: 'proposals for safety' };
  const where = [...(families ?? []).map((f) => named[f]), ...(kind === 'model' ? ['models'] : [])].join(' and ') || 'all';
  const except = (but ?? []).map((id) => proposals.find((p) => p.id === id)?.title ?? id);
  return `${where}${except.length > 0 ? ` but “${except.join('”, “')}”` : ''}`;
}

function rowOf(run: Run, proposal: Proposal, variant: Variant, fulls: ReadonlyMap<MetricId, number>): Html {
  return html`<tr>${rowHead(proposal, variant)}${COLUMNS.map((column) => cellOf(run, proposal, variant, column.metric, fulls.get(column.metric) ?? 1))}</tr>`;
}

/** The head of a row for one variant: its proposal's page, and which variant it is where there are several. */
export function rowHead(proposal: Proposal, variant: Variant): Html {
  return html`<th scope="row"><a href="${proposal.id}.html">${proposal.title}</a>${proposal.kind === 'model' ? html` <span class="tag tag-plain">model</span>` : null}${proposal.variants.length > 1 ? html`<span class="variant">${variant.title}</span>` : null}</th>`;
}

function cellOf(run: Run, proposal: Proposal, variant: Variant, metric: MetricId, full: number): Html {
  const reference = referenceCell(run, proposal.id, variant.id);
  const text = textIn(run, proposal, reference, metric);
  if (reference === undefined || text === undefined) {
    const because = whySilent(proposal, metric);
    return html`<td class="empty"><span title="${because === undefined ? 'not measured' : `does not arise: ${because}`}">${because === undefined ? '·' : '–'}</span></td>`;
  }
  const value = valueIn(run, reference, metric);
  const multiples = value !== undefined && !(metric === 'coalition.least' && value === 0) && proposal.depends.size && run.plan.sizes.length > 1 ? barsOf(run, proposal, variant, metric, full) : null;
  const shown = value === undefined ? text : html`<data value="${value}">${text}</data>`;
  return html`<td><a href="${proposal.id}.html#${reference.cell.id}" title="${moreOf(run, reference, metric)}">${shown}${multiples}</a></td>`;
}

function barsOf(run: Run, proposal: Proposal, variant: Variant, metric: MetricId, full: number): Html {
  const cells = cellsOfVariant(run, proposal.id, variant.id).filter((c) => c.cell.conditions.padding === 'on');
  return bars(run.plan.sizes.map((size) => {
    const cell = cells.find((c) => c.cell.conditions.size === size);
    const text = textIn(run, proposal, cell, metric);
    return { label: `${size} people: ${text ?? (cell === undefined ? 'not run' : 'not measured')}`, value: cell && valueIn(run, cell, metric) };
  }), full);
}

function valueIn(run: Run, cell: CellResult, metric: MetricId): number | undefined {
  return metricOf(metric).unit === 'ms' ? timeOf(run, cell.cell.id, metric)?.row.ratio : cell.rows.find((r) => r.metric === metric)?.value;
}

function textIn(run: Run, proposal: Proposal, cell: CellResult | undefined, metric: MetricId): string | undefined {
  if (cell === undefined) return undefined;
  if (metricOf(metric).unit === 'ms') {
    const time = timeOf(run, cell.cell.id, metric)?.row;
    return time && ratioText(time);
  }
  const row = cell.rows.find((r) => r.metric === metric);
  if (row !== undefined) return rowTextOf(proposal, row);
  // Every set was tried, and the search for the smallest that reads came back empty.
  return metric === 'coalition.least' && cell.rows.some((r) => r.metric === 'exposed.below-coalition') ? 'no set' : undefined;
}

/** The interval behind a text, for those who point at it. */
function moreOf(run: Run, cell: CellResult, metric: MetricId): string {
  const time = timeOf(run, cell.cell.id, metric)?.row;
  const interval = time && ratioInterval(time);
  if (interval !== undefined) return `${valueText(interval.low, 'ratio')} to ${valueText(interval.high, 'ratio')}`;
  const row = cell.rows.find((r) => r.metric === metric);
  return row === undefined ? '' : intervalText(row);
}
