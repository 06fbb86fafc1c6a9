/**
 * The run's series as a collection of Weighbridge: `weighbridge run` seals it, tabulates it and makes a release of it, so that a
 * report cites the lab's figures as it cites any other, down to the receipt. One table a metric, with the metric's own unit.
 * @module
 */
import { METRICS, isMetricId } from '../metrics.ts';
import type { MetricId } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import type { Run } from '../results.ts';
import { circumstancesText } from './series.ts';
import type { SeriesRow } from './series.ts';

/** A file of the collection, by its path below the collection's folder. */
export interface CollectionFile {
  readonly path: string;
  readonly text: string;
}

/** The series that the collection reads, below its `inputRoot`: the report's folder, which the collection's folder stands in. */
export const SERIES_FILE = 'series.csv';

/** Collection, instrument, code lists and tables of a run's results. Times are left out: no seed gives them again. */
export function seriesCollection(run: Run, rows: readonly SeriesRow[], proposals: readonly Proposal[]): CollectionFile[] {
  const found = new Set(rows.map((row) => row.metric));
  const metrics = Object.keys(METRICS).filter((id) => found.has(id)).filter(isMetricId);
  return [
    { path: 'collection.yaml', text: collectionYaml(run) },
    { path: 'instruments/measurements.yaml', text: instrumentYaml(metrics) },
    { path: 'codelists/subjects.yaml', text: codelistYaml('subjects', 'Proposals and their variants', subjectCodes(rows, proposals)) },
    { path: 'codelists/circumstances.yaml', text: codelistYaml('circumstances', 'People in the conversation, and padding', circumstanceCodes(run, rows, proposals)) },
    ...metrics.map((id) => ({ path: `tables/${tableId(id)}.yaml`, text: tableYaml(id) })),
  ];
}

function collectionYaml({ plan, times }: Run): string {
  const days = [...times.values()].map((t) => t.on).toSorted();
  return `# Written by the lab's report, beside the series that it reads.
weighbridge: 1
id: lab
title: Proposals for access and safety, measured
summary: >-
  What published proposals for access and for safety give and cost on a real end-to-end encrypted protocol, with synthetic people
  and messages. No figure is about real people.
purpose: To weigh access and safety proposals by the same measurements.
legalBasis: None is needed; there are no records of people.
residency: Made on the machine of whoever runs the lab.
publisher: The lab of Weighbridge
licence: CC-BY-4.0
edition: ${quoted(`seed ${plan.seed}, code ${plan.code.slice(0, 12)}, ${plan.library}`)}
synthetic: true
inputRoot: ".."
agencies:
  - { id: lab, title: The lab (synthetic people and messages) }
rounds:
  - { id: run, title: ${quoted(`One run, seed ${plan.seed}`)}, from: ${quoted(days[0] ?? '')}, to: ${quoted(days.at(-1) ?? '')} }
inputs:
  - { file: ${SERIES_FILE}, instrument: measurements, agency: lab, round: run }
`;
}

function instrumentYaml(metrics: readonly MetricId[]): string {
  const units = [...new Set(metrics.map((id) => METRICS[id].unit))];
  const notOver = '[{ field: subject, why: proposals are alternatives }, { field: circumstances, why: each run stands for itself }, { field: metric, why: metrics have units of their own }]';
  const texts = [
    ['proposal', 'Proposal'], ['variant', 'Variant'], ['family', 'Family'], ['kind', 'Measurement or model'], ['title', 'Metric in words'], ['unit', 'Unit'], ['method', 'How it came about'],
  ];
  return `id: measurements
title: What the lab measured
description: One value of one proposal under one set of conditions, with its unit, interval and raw counts.
record: One value of one metric
unit: { id: value, one: value, many: values }
sensitivity: { level: public, reason: People and messages are synthetic }
coverage: Every cell of the run that has this metric; a metric that a proposal cannot have is left out, and is not zero
primaryKey: [cell, metric]
fields:
  - { name: subject, title: Proposal and variant, type: string, codelist: subjects, required: true }
  - { name: circumstances, title: People and padding, type: string, codelist: circumstances, required: true }
  - { name: metric, title: Metric, type: string, required: true }
  - { name: value, title: Value, type: number, required: true, sensitivity: public }
${texts.map(([name, title]) => `  - { name: ${name}, title: ${title}, type: string, required: true }`).join('\n')}
  - { name: padding, title: Padding, type: string }
  - { name: seed, title: Seed, type: integer, required: true }
${[['people', 'People'], ['epochs', 'Epochs'], ['messages', 'Messages in an epoch'], ['payload_bytes', 'Bytes of text in a message']].map(([name, title]) => `  - { name: ${name}, title: ${title}, type: integer }`).join('\n')}
${[['low', 'Lower end of the 95 % interval'], ['high', 'Upper end of the 95 % interval']].map(([name, title]) => `  - { name: ${name}, title: ${title}, description: Text as it was written, type: string }`).join('\n')}
${[['count', 'Raw count'], ['of', 'What the count is of']].map(([name, title]) => `  - { name: ${name}, title: ${title}, type: integer }`).join('\n')}
  - { name: note, title: Under what the value holds, type: string }
  - { name: cell, title: Cell of the run, type: string, required: true }
  - { name: synthetic, title: Generated, type: boolean, required: true }
measures:
${units.map((unit) => `  - { id: ${idOf(unit)}, label: ${quoted(capital(unit))}, unit: { id: ${idOf(unit)}, one: ${quoted(unit)}, many: ${quoted(unit)} }, sum: value, notOver: ${notOver} }`).join('\n')}
notes:
  - Synthetic people and messages on a real protocol; conditions stand with each value.
  - A release keeps six decimals; series.csv has all of them.
  - Models are computed from stated assumptions and were not run.
`;
}

function codelistYaml(id: string, title: string, codes: readonly (readonly [code: string, label: string])[]): string {
  return `id: ${id}
title: ${title}
edition: "1"
source: The lab's list of proposals
codes:
${codes.map(([code, label]) => `  - { code: ${quoted(code)}, label: ${quoted(label)} }`).join('\n')}
`;
}

function tableYaml(id: MetricId): string {
  const { title, unit, means } = METRICS[id];
  return `id: ${tableId(id)}
title: ${quoted(`${title} (${unit})`)}
instrument: measurements
measure: ${idOf(unit)}
by:
  - { field: subject, allCodes: false, total: false }
  - { field: circumstances, allCodes: false, total: false }
where:
  metric: ${quoted(id)}
notes:
  - ${quoted(`${capital(means)}.`)}
`;
}

function subjectCodes(rows: readonly SeriesRow[], proposals: readonly Proposal[]): (readonly [string, string])[] {
  const used = new Set(rows.map((row) => row.subject));
  return proposals.flatMap((p) => p.variants.map((v) => [`${p.id}.${v.id}`, `${p.title}: ${v.title}${p.kind === 'model' ? ' (model)' : ''}`] as const)).filter(([code]) => used.has(code));
}

function circumstanceCodes({ results }: Run, rows: readonly SeriesRow[], proposals: readonly Proposal[]): (readonly [string, string])[] {
  const codeOf = new Map(rows.map((row) => [row.cell, row.circumstances]));
  const found = new Map(results.flatMap(({ cell }) => {
    const [proposal, code] = [proposals.find((p) => p.id === cell.proposal), codeOf.get(cell.id)];
    return proposal === undefined || code === undefined ? [] : [[code, circumstancesText(proposal, cell)] as const];
  }));
  // What depends on neither stands first.
  return [...found].toSorted(([a], [b]) => Number(b.startsWith('any')) - Number(a.startsWith('any')));
}

function tableId(id: MetricId): string {
  return id.replaceAll('.', '-');
}

function idOf(unit: string): string {
  return unit.replaceAll(' ', '-');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** YAML takes JSON's double-quoted text as it is. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
