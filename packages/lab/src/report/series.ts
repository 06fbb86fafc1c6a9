/**
 * The run as a series that others can cite: one row a value, with unit, interval, raw counts, conditions and origin, as
 * CSV, as JSON and as a Data Package (Frictionless, 2.0) that describes the CSV.
 * @module
 */
import { prettyJson, sha384 } from '@weighbridge/base';
import { metric as metricOf } from '../metrics.ts';
import type { Cell } from '../plan.ts';
import type { Proposal } from '../proposal.ts';
import type { Run } from '../results.ts';

/** One value of the series. Empty texts are what does not apply. */
export interface SeriesRow {
  readonly proposal: string;
  readonly variant: string;
  /** Proposal and variant, and the conditions that depend on the cell, as codes: together with the metric they name one value. */
  readonly subject: string;
  readonly circumstances: string;
  readonly family: string;
  readonly kind: string;
  /** Empty where the value does not depend on it. */
  readonly people: number | '';
  readonly padding: string;
  /** Empty for models: nothing was run. */
  readonly epochs: number | '';
  readonly messages: number | '';
  readonly payload_bytes: number | '';
  readonly metric: string;
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  readonly low: number | '';
  readonly high: number | '';
  readonly count: number | '';
  readonly of: number | '';
  readonly method: string;
  readonly note: string;
  readonly seed: number;
  readonly cell: string;
  /** Always: people and messages are generated. */
  readonly synthetic: true;
}

/** A time, with its peer in the same rounds. */
export interface TimesRow extends SeriesRow {
  readonly baseline: number | '';
  readonly ratio: number | '';
}

/** All results of a run as rows. Times are in {@link timesSeries}: they are no results that a seed gives again. */
export function resultSeries(run: Run, proposals: readonly Proposal[]): SeriesRow[] {
  return run.results.flatMap(({ cell, rows }) => rows.map((row) => ({
    ...originOf(cell, proposals), metric: row.metric, title: metricOf(row.metric).title, value: row.value, unit: row.unit,
    low: row.low ?? '' as const, high: row.high ?? '' as const, count: row.count ?? '' as const, of: row.of ?? '' as const, method: row.method, note: row.note ?? '', seed: cell.conditions.seed, cell: cell.id, synthetic: true,
  })));
}

/** Times as rows of the same shape: medians, with the baseline's of the same rounds and the ratio to it. */
export function timesSeries(run: Run, proposals: readonly Proposal[]): TimesRow[] {
  return run.results.flatMap(({ cell }) => (run.times.get(cell.id)?.rows ?? []).map((row) => ({
    ...originOf(cell, proposals), metric: row.metric, title: metricOf(row.metric).title, value: row.p50, unit: row.unit, low: row.low ?? '' as const, high: row.high ?? '' as const,
    count: '' as const, of: row.rounds, method: 'timed', note: row.note ?? '', baseline: row.baseline ?? '' as const, ratio: row.ratio ?? '' as const, seed: cell.conditions.seed, cell: cell.id, synthetic: true,
  })));
}

/** RFC 4180, with a header and LF. */
export function seriesCsv(rows: readonly SeriesRow[], fields: readonly Field[] = RESULT_FIELDS): string {
  return [fields.map((f) => f.name).join(','), ...rows.map((row) => fields.map(({ name }) => quoted(String((row as TimesRow)[name]))).join(','))].join('\n') + '\n';
}

/** The series as JSON, with what it rests on. */
export function seriesJson(run: Run, rows: readonly SeriesRow[]): string {
  return prettyJson({ format: 'weighbridge-lab-series/1', synthetic: true, about: ABOUT, run: run.plan, rows });
}

/** Describes the CSV files. */
export function dataPackage(run: Run, files: readonly { readonly path: string; readonly title: string; readonly text: string; readonly fields: readonly Field[] }[]): string {
  return prettyJson({
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json', name: 'weighbridge-lab', title: 'Proposals for access and safety, measured', description: ABOUT,
    version: `seed-${run.plan.seed}-code-${run.plan.code.slice(0, 12)}`, keywords: ['synthetic', 'end-to-end encryption', 'MLS'],
    resources: files.map(({ path, title, text, fields }) => ({
      name: path.replace(/\.csv$/, ''), path, title, format: 'csv', mediatype: 'text/csv', encoding: 'utf-8', bytes: Buffer.byteLength(text), hash: `sha384:${sha384(text)}`,
      schema: { fields: fields.map(({ name, type, description }) => ({ name, type, description })), missingValues: [''] },
    })),
  });
}

const ABOUT = 'Synthetic people and messages on a real end-to-end encrypted protocol (MLS, RFC 9420), in one process. No figure is about real people.';

/** A column of the CSV files. */
export interface Field {
  readonly name: keyof TimesRow;
  readonly type: string;
  readonly description: string;
}

export const RESULT_FIELDS: readonly Field[] = [
  { name: 'proposal', type: 'string', description: 'proposal' }, { name: 'variant', type: 'string', description: 'variant of the proposal' },
  { name: 'subject', type: 'string', description: 'proposal and variant' }, { name: 'circumstances', type: 'string', description: 'size and padding, where the value depends on them' },
  { name: 'family', type: 'string', description: 'baseline, access or safety' }, { name: 'kind', type: 'string', description: 'measurement, or model: computed from assumptions, not run' },
  { name: 'people', type: 'integer', description: 'people in the conversation, where the value depends on it' }, { name: 'padding', type: 'string', description: 'padding of messages, on or off, where the value depends on it' },
  { name: 'epochs', type: 'integer', description: 'epochs of the conversation' }, { name: 'messages', type: 'integer', description: 'messages in an epoch' },
  { name: 'payload_bytes', type: 'integer', description: 'bytes of text in a message' }, { name: 'metric', type: 'string', description: 'metric' }, { name: 'title', type: 'string', description: 'metric in words' },
  { name: 'value', type: 'number', description: 'value in the unit' }, { name: 'unit', type: 'string', description: 'unit' },
  { name: 'low', type: 'number', description: 'lower end of the 95 % interval, where sampled' }, { name: 'high', type: 'number', description: 'upper end of the 95 % interval, where sampled' },
  { name: 'count', type: 'integer', description: 'raw count of a share' }, { name: 'of', type: 'integer', description: 'what the count is of; rounds of a time' },
  { name: 'method', type: 'string', description: 'counted, sampled, computed, model or timed' }, { name: 'note', type: 'string', description: 'under what the value holds' },
  { name: 'seed', type: 'integer', description: 'seed of the run' }, { name: 'cell', type: 'string', description: 'cell of the run, a file below cells/' }, { name: 'synthetic', type: 'boolean', description: 'true: people and messages are generated' },
];

export const TIME_FIELDS: readonly Field[] = [
  ...RESULT_FIELDS, { name: 'baseline', type: 'number', description: 'the baseline in the same rounds, in the unit' }, { name: 'ratio', type: 'number', description: 'value divided by baseline' },
];

function originOf({ id, proposal, variant, conditions }: Cell, proposals: readonly Proposal[]): Pick<SeriesRow, 'proposal' | 'variant' | 'subject' | 'circumstances' | 'family' | 'kind' | 'people' | 'padding' | 'epochs' | 'messages' | 'payload_bytes'> {
  const found = proposals.find((p) => p.id === proposal);
  if (found === undefined) throw new RangeError('a proposal of the run expected');
  const { family, kind, depends } = found;
  const subject = `${proposal}.${variant}`;
  const ran = <T>(value: T): T | '' => (kind === 'model' ? '' : value);
  return {
    proposal, variant, subject, circumstances: id.slice(subject.length + 1), family, kind, people: depends.size ? conditions.size : '', padding: depends.padding ? conditions.padding : '',
    epochs: ran(conditions.epochs), messages: ran(conditions.messagesPerEpoch), payload_bytes: ran(conditions.payloadBytes),
  };
}

/** The circumstances of a cell in words. */
export function circumstancesText({ depends }: Proposal, { conditions }: Cell): string {
  const size = depends.size ? `${conditions.size} people` : 'any size';
  return depends.padding ? `${size}, ${conditions.padding === 'on' ? 'padded' : 'unpadded'}` : size;
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
