/**
 * Predictions written down before the runs (docs/lab/predictions.md), and whether the run bears them out.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { isMetricId, metric as metricOf } from '../metrics.ts';
import type { MetricId } from '../metrics.ts';
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

/** What became of a prediction. `held` undefined: the run has no such value. */
export interface Judged {
  readonly prediction: Prediction;
  readonly values: readonly { readonly cell: string; readonly value: number }[];
  readonly held: boolean | undefined;
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

/** Puts predictions to a run. Shares and counts are compared exactly as they stand; ends of a range are part of it. */
export function judgePredictions(run: Run, predictions: readonly Prediction[]): Judged[] {
  return predictions.map((prediction) => {
    const values = valuesOf(run, prediction);
    const held = values.length === 0 ? undefined : values.every(({ value }) => value >= prediction.low && value <= prediction.high);
    return { prediction, values, held };
  });
}

function valuesOf(run: Run, { proposal, variant, metric, size }: Prediction): { cell: string; value: number }[] {
  const cells = cellsOfVariant(run, proposal, variant).filter((c) => size === undefined || c.cell.conditions.size === size);
  return cells.flatMap(({ cell, rows }) => {
    const value = metricOf(metric).unit === 'ms' ? timeOf(run, cell.id, metric)?.row.p50 : rows.find((r) => r.metric === metric)?.value;
    return value === undefined ? [] : [{ cell: cell.id, value }];
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
