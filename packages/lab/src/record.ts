/**
 * What a cell reports: rows of results, which the same seed gives again, and rows of times, which it does not.
 * @module
 */
import { clopperPearson } from './intervals.ts';
import { metric } from './metrics.ts';
import type { MetricId } from './metrics.ts';

/** How a value came about. Counted: every case of the run was looked at. Sampled: drawn cases, with an interval. */
export type Method = 'counted' | 'sampled' | 'computed' | 'model';

export interface Row {
  readonly metric: MetricId;
  readonly value: number;
  readonly unit: string;
  readonly method: Method;
  /** Raw counts of a share. */
  readonly count?: number;
  readonly of?: number;
  /** 95 % interval (Clopper and Pearson 1934), for what was sampled. */
  readonly low?: number;
  readonly high?: number;
  /** Under what this value holds, where the cell's conditions do not say it. */
  readonly note?: string;
}

/** How one attacker of a proposal's table fared: tries that succeeded, of all, and what a success is. */
export interface AttackRow {
  /** Name of the attacker in the proposal's table. */
  readonly attacker: string;
  readonly count: number;
  readonly of: number;
  /** What was counted: "messages opened". */
  readonly what: string;
}

/** A time with its peer of the same run: median of rounds taken in turns, with the order statistics around it. */
export interface TimeRow {
  readonly metric: MetricId;
  readonly unit: 'ms';
  readonly p50: number;
  /** 95 % interval of the median, from the order statistics; absent with fewer than six rounds. */
  readonly low?: number;
  readonly high?: number;
  readonly rounds: number;
  /** Median of the baseline in the same rounds, and the ratio to it; absent where there is no baseline. */
  readonly baseline?: number;
  readonly ratio?: number;
  readonly note?: string;
}

/** Takes down what a cell finds. One value for a metric; a second is a fault of the proposal's file. */
export class Recorder {
  readonly #rows = new Map<MetricId, Row>();
  readonly #times = new Map<MetricId, TimeRow>();
  readonly #attacks = new Map<string, AttackRow>();
  readonly #findings: string[] = [];

  /** `count` of `of` cases, as a share. `sampled` adds the interval; `of` 0 is refused: nothing was looked at. */
  share(id: MetricId, count: number, of: number, { method = 'counted', note }: { method?: Method; note?: string } = {}): void {
    if (!(of > 0) || count < 0 || count > of) throw new RangeError(`${id}: a count of a whole that is not empty expected`);
    const interval = method === 'sampled' ? clopperPearson(count, of) : {};
    this.#put(this.#rows, { metric: id, value: count / of, unit: metric(id).unit, method, count, of, ...interval, ...(note === undefined ? {} : { note }) });
  }

  /** A rate per million of `of` cases looked at. */
  perMillion(id: MetricId, count: number, of: number, { method = 'sampled', note }: { method?: Method; note?: string } = {}): void {
    if (!(of > 0)) throw new RangeError(`${id}: a whole that is not empty expected`);
    const { low, high } = clopperPearson(count, of);
    const million = 1e6;
    this.#put(this.#rows, {
      metric: id, value: (count / of) * million, unit: metric(id).unit, method, count, of,
      ...(method === 'sampled' ? { low: low * million, high: high * million } : {}), ...(note === undefined ? {} : { note }),
    });
  }

  /** A number in the metric's unit. */
  number(id: MetricId, value: number, { method = 'counted', note, low, high }: { method?: Method; note?: string; low?: number; high?: number } = {}): void {
    if (!Number.isFinite(value)) throw new RangeError(`${id}: a finite number expected`);
    this.#put(this.#rows, { metric: id, value, unit: metric(id).unit, method, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }), ...(note === undefined ? {} : { note }) });
  }

  /** What an attacker of the proposal's table achieved, where no metric is measured for that attacker alone. */
  attack(attacker: string, count: number, of: number, what: string): void {
    if (!(of > 0) || count < 0 || count > of) throw new RangeError(`${attacker}: a count of tries expected`);
    if (this.#attacks.has(attacker)) throw new RangeError(`${attacker}: one result for an attacker expected`);
    this.#attacks.set(attacker, { attacker, count, of, what });
  }

  time(row: TimeRow): void {
    this.#put(this.#times, row);
  }

  /** A sentence that a number alone does not tell; shown on the proposal's page. It must not differ between runs. */
  finding(text: string): void {
    this.#findings.push(text);
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  get times(): readonly TimeRow[] {
    return [...this.#times.values()];
  }

  get attacks(): readonly AttackRow[] {
    return [...this.#attacks.values()];
  }

  get findings(): readonly string[] {
    return this.#findings;
  }

  #put<T extends { readonly metric: MetricId }>(rows: Map<MetricId, T>, row: T): void {
    if (rows.has(row.metric)) throw new RangeError(`${row.metric}: one value for a cell expected`);
    rows.set(row.metric, row);
  }
}

/** Runs two actions in turns and compares their times; `subject` alone when there is nothing to compare with. */
export async function timeInTurns(id: MetricId, rounds: number, subject: () => Promise<unknown>, baseline?: () => Promise<unknown>): Promise<TimeRow> {
  const [own, base]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await milliseconds(subject));
    if (baseline !== undefined) base.push(await milliseconds(baseline));
  }
  const { p50, ...interval } = medianInterval(own);
  const peer = base.length > 0 ? medianInterval(base).p50 : undefined;
  return { metric: id, unit: 'ms', p50, ...interval, rounds, ...(peer === undefined ? {} : { baseline: peer, ratio: p50 / peer }) };
}

/** A time of something else that takes `by` times as long. */
export function scaledTime({ low, high, ...row }: TimeRow, by: number, note: string): TimeRow {
  return { ...row, p50: row.p50 * by, ...(low === undefined || high === undefined ? {} : { low: low * by, high: high * by }), note };
}

async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Median with its interval: the order statistics that hold the true median with at least 95 % (exact binomial); none below six values. */
export function medianInterval(values: readonly number[]): { readonly p50: number; readonly low?: number; readonly high?: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const p50 = ((sorted[Math.floor((n - 1) / 2)] ?? NaN) + (sorted[Math.floor(n / 2)] ?? NaN)) / 2;
  // The chance that fewer than `below` of n values lie under the true median, in each tail at most 2.5 %.
  let [below, tail, next] = [0, 0, 0.5 ** n];
  while (tail + next <= 0.025) {
    tail += next;
    next *= (n - below) / (below + 1);
    below += 1;
  }
  const [low, high] = [sorted[below - 1], sorted[n - below]];
  return below === 0 || low === undefined || high === undefined ? { p50 } : { p50, low, high };
}
