/**
 * A proposal's own page: what it does, what it claims, what was measured, what could not be.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import { METRICS, metric as metricOf } from '../metrics.ts';
import type { MetricGroup, MetricId } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import type { Row, TimeRow } from '../record.ts';
import type { CellResult, Run } from '../results.ts';
import { byVariant } from './by-variant.ts';
import { cellsOfVariant, evidenceOf, referenceCell, timeOf } from './evidence.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { rowTextOf, unmeasured } from './matrix-page.ts';
import { page } from './page.ts';
import type { Judged } from './predictions.ts';
import { outcomesText, predictionTable } from './predictions-page.ts';
import { scoreVariant } from './score.ts';
import { scoreMark } from './scores-page.ts';
import { circumstancesText } from './series.ts';
import { sourceLink, sourceList } from './sources.ts';
import type { SourceText } from './sources.ts';
import { countOf, countsText, coversOne, fullText, intervalText, rangeText, ratioInterval, ratioText, valueText } from './values.ts';

const GROUPS: Readonly<Record<MetricGroup, string>> = {
  reach: 'Reach', specificity: 'Specificity', secrecy: 'Secrecy after a theft', evasion: 'Evasion', detectability: 'Detectability', audit: 'Audit', errors: 'Errors',
  quality: 'Quality of service', cost: 'Cost', trust: 'Code and trust added',
};

/** `<proposal>.html`. `sourceText` gives the citation of a key. */
export function proposalPage(run: Run, proposal: Proposal, judged: readonly Judged[], sourceText: SourceText): string {
  const cells = proposal.variants.flatMap((v) => cellsOfVariant(run, proposal.id, v.id));
  const own = judged.filter((j) => j.prediction.proposal === proposal.id);
  const sources = [...proposal.sources, ...proposal.claims.map((c) => c.source), ...proposal.comparators.map((c) => c.source)];
  return page(proposal.title, html`<h1><span class="overline">${{ baseline: 'Baseline', access: 'Proposal for access', safety: 'Proposal for safety' }[proposal.family]}</span>${proposal.title}${proposal.kind === 'model' ? html` <span class="tag tag-warning">model, not measurement</span>` : null}</h1>
<h2 id="does">What it does</h2>${proposal.does.map((p) => html`<p>${p}</p>`)}
<h2 id="claims">What is claimed of it</h2>${claims(run, proposal)}
<h2 id="attackers">Who attacks it</h2>${attackers(run, proposal)}
<h2 id="measured">${proposal.kind === 'model' ? 'What was computed' : 'What was measured'}</h2><p>${MEASURED}</p>${proposal.variants.map((v) => html`${proposal.variants.length > 1 ? html`<h3>${v.title}</h3>` : null}${measured(run, proposal, v.id)}${findings(run, proposal, v.id)}`)}
${proposal.comparators.length > 0 ? html`<h2 id="published">Published figures beside ours</h2>${comparators(run, proposal)}` : null}
<h2 id="could-not">What could not be measured</h2><ul>${proposal.couldNot.map((t) => html`<li>${t}</li>`)}${dots(run, proposal)}</ul>
${own.length > 0 ? html`<h2 id="predictions">What was predicted</h2><p>${outcomesText(own)}</p>${predictionTable(own, [proposal], { outcome: true, proposal: false })}` : null}
<h2 id="scores">Published questions</h2><p>2 meets, 1 partly, 0 does not, by the rule beside it; see <a href="scores.html">all scores</a>.</p>${scores(run, proposal)}
<h2 id="cells">Runs behind the numbers</h2>${cells.map((c) => cellDetails(run, proposal, c))}
<h2 id="sources">Sources</h2>${sourceList(sources, sourceText)}`, { wide: cells.length / proposal.variants.length > 4 });
}

const MEASURED = 'A star marks what was sampled and has an interval, in the run below. Values above 10,000 are rounded to three figures; the runs have them exactly. In brackets behind a time stands its ratio to the baseline in the same rounds; “about 1×” means that the interval of the ratio covers 1.';

function claims(run: Run, proposal: Proposal): Html {
  if (proposal.claims.length === 0) return html`<p>Nothing beyond what the protocol says of itself.</p>`;
  return html`<ul class="statements">${proposal.claims.map((claim) => html`<li>${claim.text} <span class="source-of">Source: ${sourceLink(claim.source)}</span>${claim.metrics.length === 0 ? html`<span class="about">No measurement here answers this.</span>` : html`<div class="answers">${claim.metrics.map((m) => html`<div>${metricOf(m).title}: ${byVariant(proposal, (v) => shortValue(run, proposal, v.id, m))}</div>`)}</div>`}</li>`)}</ul>`;
}

/** A metric in the cell that stands for a variant: a result with its interval, or a time with its ratio. */
function shortValue(run: Run, proposal: Proposal, variant: string, id: MetricId): string | undefined {
  const found = evidenceOf(run, proposal.id, variant, id);
  if (found !== undefined) return found.row.unit === 'per million' ? rowTextOf(proposal, found.row) : fullText(found.row);
  const cell = referenceCell(run, proposal.id, variant);
  const time = cell && timeOf(run, cell.cell.id, id)?.row;
  return time && timeText(time);
}

function attackers(run: Run, proposal: Proposal): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Attackers"><table class="stacked">
<thead><tr><th scope="col">Attacker</th><th scope="col">Holds</th><th scope="col">Tries</th><th scope="col">How it went</th></tr></thead>
<tbody>${proposal.attackers.map((a) => html`<tr><th scope="row">${a.name}</th><td data-label="Holds"><div>${a.holds}</div></td><td data-label="Tries"><div>${a.tries}</div></td><td data-label="How it went"><div>${outcome(run, proposal, a)}</div></td></tr>`)}</tbody></table></div>`;
}

/** How an attacker fared: the metric measured for it, or the result that the run recorded. */
function outcome(run: Run, proposal: Proposal, { name, metric }: Proposal['attackers'][number]): Html {
  if (metric !== undefined) return html`${metricOf(metric).title}: ${byVariant(proposal, (v) => shortValue(run, proposal, v.id, metric))}`;
  return byVariant(proposal, (v) => {
    const own = referenceCell(run, proposal.id, v.id)?.attacks.find((a) => a.attacker === name);
    return own && `${countsText(own)} ${own.what}`;
  }, proposal.kind === 'model' ? 'a model: not tried' : 'not recorded');
}

/** The dots of the matrix, in a sentence. */
function dots(run: Run, proposal: Proposal): Html | null {
  const found = unmeasured(run, proposal);
  if (found.length === 0) return null;
  const texts = found.map(({ title, variants }) => `“${title}”${variants.length === 0 ? '' : ` (${variants.map((v) => v.title).join('; ')})`}`);
  return html`<li id="dots">${found.length === 1 ? 'One question of the matrix arises' : `${found.length} questions of the matrix arise`} and ${found.length === 1 ? 'was' : 'were'} not ${proposal.kind === 'model' ? 'computed' : 'measured'}, and ${found.length === 1 ? 'has a dot' : 'have dots'} there: ${texts.join(', ')}.</li>`;
}

/** Metrics by cells: one column for each size and padding. */
function measured(run: Run, proposal: Proposal, variant: string): Html {
  const cells = cellsOfVariant(run, proposal.id, variant);
  const ids = (Object.keys(METRICS) as MetricId[]).filter((id) => cells.some((c) => textOf(run, proposal, c, id) !== undefined));
  const groups = (Object.keys(GROUPS) as MetricGroup[]).map((g) => ({ g, ids: ids.filter((id) => metricOf(id).group === g) })).filter(({ ids: own }) => own.length > 0);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Measured"><table class="numbers">
<thead><tr><th scope="col">Quantity</th>${cells.map((c) => html`<th scope="col" class="num"><a href="#${c.cell.id}">${circumstancesText(proposal, c.cell)}</a></th>`)}</tr></thead>
<tbody>${groups.map(({ g, ids: own }) => html`<tr><th scope="rowgroup" colspan="${cells.length + 1}"><strong>${GROUPS[g]}</strong></th></tr>${own.map((id) => html`<tr><th scope="row" title="${metricOf(id).means}">${metricOf(id).title}</th>${cells.map((c) => html`<td class="num">${textOf(run, proposal, c, id) ?? '·'}</td>`)}</tr>`)}`)}</tbody></table></div>`;
}

function textOf(run: Run, proposal: Proposal, { cell, rows }: CellResult, id: MetricId): string | undefined {
  const row = rows.find((r) => r.metric === id);
  if (row !== undefined) return rowTextOf(proposal, row);
  const time = timeOf(run, cell.id, id)?.row;
  return time && timeText(time);
}

function timeText(time: TimeRow): string {
  const ratio = ratioText(time);
  return `${valueText(time.p50, 'ms')}${ratio === undefined ? '' : ` (${ratio})`}`;
}

function findings(run: Run, proposal: Proposal, variant: string): Html | null {
  const texts = [...new Set(cellsOfVariant(run, proposal.id, variant).flatMap((c) => c.findings))];
  return texts.length === 0 ? null : html`<ul class="statements">${texts.map((t) => html`<li>${t}</li>`)}</ul>`;
}

function comparators(run: Run, proposal: Proposal): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Published figures"><table class="stacked">
<thead><tr><th scope="col">Quantity</th><th scope="col">Published</th><th scope="col">Here</th><th scope="col">What differs</th></tr></thead>
<tbody>${proposal.comparators.map((c) => html`<tr><th scope="row">${metricOf(c.metric).title}</th><td data-label="Published"><div>${c.says} (${sourceLink(c.source)})</div></td><td data-label="Here"><div>${byVariant(proposal, (v) => shortValue(run, proposal, v.id, c.metric))}</div></td><td data-label="What differs"><div>${c.differs}</div></td></tr>`)}</tbody></table></div>`;
}

function scores(run: Run, proposal: Proposal): Html {
  const scored = proposal.variants.map((v) => ({ v, all: scoreVariant(run, proposal.id, v.id) }));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Published questions"><table>
<thead><tr><th scope="col">Question</th>${scored.map(({ v }) => html`<th scope="col">${proposal.variants.length > 1 ? v.title : 'Answer'}</th>`)}<th scope="col">Why</th></tr></thead>
<tbody>${FRAMEWORKS.map((f) => html`<tr><th scope="rowgroup" colspan="${scored.length + 2}"><strong>${f.title}</strong></th></tr>${f.criteria.map((c) => html`<tr><th scope="row">${c.id} ${c.asks}</th>${scored.map(({ all }) => html`<td>${c.score === undefined ? '' : scoreMark(proposal, all.find((s) => s.framework === f.id && s.criterion === c.id))}</td>`)}<td class="about">${c.rule}</td></tr>`)}`)}</tbody></table></div>`;
}

/** Everything about one run of one variant: conditions, versions, machine, and every row with raw counts. */
function cellDetails(run: Run, proposal: Proposal, result: CellResult): Html {
  const { cell } = result;
  const times = run.times.get(cell.id);
  const c = cell.conditions;
  const ran = proposal.kind === 'model' ? 'Computed, not run' : `Seed ${c.seed}; ${c.size} people; ${c.epochs} epochs of ${c.messagesPerEpoch} messages with ${c.payloadBytes} bytes of text; padding ${c.padding}; ${run.plan.library}`;
  return html`<details id="${cell.id}"><summary>${proposal.variants.find((v) => v.id === cell.variant)?.title ?? cell.variant}, ${circumstancesText(proposal, cell)}</summary>
<p class="cell-conditions">${ran}; code ${run.plan.code.slice(0, 12)}${times ? html`; ${times.seconds} s on ${times.machine.processor}, ${countOf(times.machine.cores, 'core', 'cores')}, Node ${times.machine.node}` : null}. <a href="cells/${cell.id}.json">Results as they were written</a>${times ? html`, <a href="times/${cell.id}.json">times</a>` : null}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Rows of ${cell.id}"><table>
<thead><tr><th scope="col">Quantity</th><th scope="col" class="num">Value</th><th scope="col" class="num">Counts</th><th scope="col" class="num">95 % interval</th><th scope="col">How</th><th scope="col">Note</th></tr></thead>
<tbody>${result.rows.map(resultRow)}${(times?.rows ?? []).map(timedRow)}</tbody></table></div></details>`;
}

function resultRow(row: Row): Html {
  return html`<tr><th scope="row">${metricOf(row.metric).title}</th><td class="num"><data value="${row.value}">${valueText(row.value, row.unit, { exact: true })}</data></td><td class="num">${countsText(row)}</td><td class="num">${intervalText(row, { exact: true })}</td><td>${row.method}</td><td>${row.note ?? ''}</td></tr>`;
}

function timedRow(row: TimeRow): Html {
  const interval = ratioInterval(row);
  const range = interval === undefined ? '' : `; with the ends of the interval over the baseline’s median ${rangeText(interval.low, interval.high, 'ratio')}${coversOne(interval) ? ', which covers 1' : ''}`;
  const ratio = row.ratio === undefined ? '' : `baseline ${valueText(row.baseline ?? 0, 'ms')}, ratio ${valueText(row.ratio, 'ratio')}${range}`;
  return html`<tr><th scope="row">${metricOf(row.metric).title}</th><td class="num"><data value="${row.p50}">${valueText(row.p50, 'ms')}</data></td><td class="num">${countOf(row.rounds, 'round', 'rounds')}</td><td class="num">${intervalText(row)}</td><td>timed</td><td>${[ratio, row.note ?? ''].filter((t) => t !== '').join('; ')}</td></tr>`;
}
