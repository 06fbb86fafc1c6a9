/**
 * Predictions written down before the runs (docs/lab/predictions.md), and whether the run bears them out.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { isMetricId, metric as metricOf } from '../metrics.ts';
import type { MetricId } from '../metrics.ts';
import type { Padding } from '../mls/member.ts';
import type { Run } from '../results.ts';
import { cellsOfVariant, timeOf } from './evidence.ts';

export interface Prediction {
  readonly proposal: string;
  readonly variant: string;
  readonly metric: MetricId;
  /** Size of the group it is made for; undefined for every size. */
  readonly size: number | undefined;
  /** As written. */
  readonly predicted: string;
  readonly low: number;
  readonly high: number;
  readonly because: string;
  readonly line: number;
}

/**
 * What became of a prediction. `held`: every value, with the whole of its interval where it has one, is within what was
 * predicted. `failed`: one value is outside, with the whole of its interval. `not decided`: neither, since an interval
 * crosses a limit. `not in this run`: there is no such value.
 */
export type Outcome = 'held' | 'failed' | 'not decided' | 'not in this run';

/** A value that a prediction is put to, with its interval where it was sampled. */
export interface JudgedValue {
  readonly cell: string;
  readonly size: number;
  readonly padding: Padding;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly note?: string;
}

export interface Judged {
  readonly prediction: Prediction;
  readonly values: readonly JudgedValue[];
  readonly outcome: Outcome;
}

/** How many predictions came to each outcome. */
export function outcomesOf(judged: readonly Judged[]): { readonly held: number; readonly failed: number; readonly undecided: number; readonly absent: number } {
  const count = (outcome: Outcome): number => judged.filter((j) => j.outcome === outcome).length;
  return { held: count('held'), failed: count('failed'), undecided: count('not decided'), absent: count('not in this run') };
}

const HEADER = ['proposal', 'variant', 'metric', 'N', 'predicted', 'because'];

/** Reads the tables of the file. @throws Refusal LAB_PREDICTION with the line, when one cannot be read. */
export function readPredictions(markdown: string, file = 'docs/lab/predictions.md'): Prediction[] {
  return markdown.split('\n').flatMap((text, i) => {
    if (!text.startsWith('|')) return [];
    const cells = text.split('|').slice(1, -1).map((c) => c.trim());
    if (cells.join() === HEADER.join() || cells.every((c) => /^-+$/.test(c))) return [];
    return [readLine(cells, file, i + 1)];
  });
}

/** Puts predictions to a run. What was counted is compared exactly as it stands; ends of a range are part of it. */
export function judgePredictions(run: Run, predictions: readonly Prediction[]): Judged[] {
  return predictions.map((prediction) => {
    const values = valuesOf(run, prediction);
    return { prediction, values, outcome: outcomeOf(prediction, values) };
  });
}

function outcomeOf({ low, high }: Prediction, values: readonly JudgedValue[]): Outcome {
  if (values.length === 0) return 'not in this run';
  const ends = values.map((v) => ({ low: v.low ?? v.value, high: v.high ?? v.value }));
  if (ends.some((e) => e.high < low || e.low > high)) return 'failed';
  return ends.every((e) => e.low >= low && e.high <= high) ? 'held' : 'not decided';
}

function valuesOf(run: Run, { proposal, variant, metric, size }: Prediction): JudgedValue[] {
  const cells = cellsOfVariant(run, proposal, variant).filter((c) => size === undefined || c.cell.conditions.size === size);
  return cells.flatMap(({ cell, rows }) => {
    const time = metricOf(metric).unit === 'ms' ? timeOf(run, cell.id, metric)?.row : undefined;
    const row = time === undefined ? rows.find((r) => r.metric === metric) : { ...time, value: time.p50 };
    if (row === undefined) return [];
    const { value, low, high, note } = row;
    return [{ cell: cell.id, size: cell.conditions.size, padding: cell.conditions.padding, value, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }), ...(note === undefined ? {} : { note }) }];
  });
}

function readLine(cells: readonly string[], file: string, line: number): Prediction {
  const [proposal, variant, metric, n, predicted, because] = cells;
  const range = rangeOf(predicted ?? '');
  if (proposal === undefined || variant === undefined || metric === undefined || !isMetricId(metric) || range === undefined || because === undefined || !/^(any|\d+)$/.test(n ?? '')) {
    return refuse('LAB_PREDICTION', 'a prediction with proposal, variant, a metric of the lab, N, a number or a range, and a reason expected', { file, line }, `write: ${HEADER.join(' | ')}, with "a", "a to b", "at least a" or "at most b"`);
  }
  return { proposal, variant, metric, size: n === 'any' ? undefined : Number(n), predicted: predicted ?? '', ...range, because, line };
}

function rangeOf(text: string): { low: number; high: number } | undefined {
  const number = '(-?\\d+(?:\\.\\d+)?)';
  const one = new RegExp(`^${number}$`).exec(text);
  if (one) return { low: Number(one[1]), high: Number(one[1]) };
  const two = new RegExp(`^${number} to ${number}$`).exec(text);
  if (two) return { low: Number(two[1]), high: Number(two[2]) };
  const least = new RegExp(`^at least ${number}$`).exec(text);
  if (least) return { low: Number(least[1]), high: Infinity };
  const most = new RegExp(`^at most ${number}$`).exec(text);
  if (most) return { low: -Infinity, high: Number(most[1]) };
  return undefined;
}
