/**
 * A measure as SQL: what is aggregated to the finest cells, what is rolled up from them, and how a row is read back.
 * Sums are integers or decimals and come back as decimal text. Leaves out: averages and rates, which are no SQL's work.
 * @module
 */
import { VALUE_STATES, exactly, refuse } from '@weighbridge/base';
import type { Quantity, ValueState } from '@weighbridge/base';
import { sqlName, sqlText } from '@weighbridge/engine';
import type { SqlRow } from '@weighbridge/engine';
import type { InstrumentDefinition, MeasureDefinition } from '@weighbridge/instrument';
import { fieldOf, hasStates } from './fields.ts';
import { RECORD } from './instrument-data.ts';
import type { Records } from './instrument-data.ts';

/** A measure planned for one table. */
export interface MeasurePlan {
  /** What records are grouped by besides the dimensions, under the alias `x`; null when nothing. */
  readonly extra: ((records: Records) => string) | null;
  /** Aggregates over records, with their aliases. */
  readonly cells: readonly string[];
  /** Columns of the finest cells that the roll-up reads. */
  readonly carried: readonly string[];
  /** Aggregates over the finest cells, with their aliases. */
  readonly rollUp: (records: Records) => readonly string[];
  /** The value of a rolled-up row with `records` records. */
  readonly read: (row: SqlRow, records: number) => Quantity;
}

/** The sealed columns that a measure reads besides fields. */
export function measureColumns(instrument: InstrumentDefinition, measure: MeasureDefinition): string[] {
  if (measure.sum === undefined) return [];
  const field = fieldOf(instrument, measure.sum);
  return field && hasStates(field) ? ['__lo', '__hi', '__state'].map((suffix) => field.name + suffix) : [measure.sum];
}

/**
 * @param emptySum - a sum over no record: 0 where every record there is was returned, null where figures are
 *   published and an absent one is not known to be zero
 */
export function planMeasure(instrument: InstrumentDefinition, measure: MeasureDefinition, emptySum: 0 | null): MeasurePlan {
  if (measure.distinct !== undefined) return distinctPlan(measure.distinct, instrument);
  const field = measure.sum === undefined ? undefined : fieldOf(instrument, measure.sum);
  if (measure.sum === undefined) {
    return { extra: null, cells: [], carried: [], rollUp: () => [], read: (_, records) => exactly(records) };
  }
  if (!field) return refuse('REFERENCE', `measure "${measure.id}" sums a field that is not defined`, { object: measure.id }, 'mend the measure');
  return hasStates(field) ? statedSumPlan(field.name, emptySum) : plainSumPlan(field.name, emptySum);
}

/** Distinct values are counted anew for each grouping: they cannot be rolled up, but their finest groups can be read again. */
function distinctPlan(name: string, instrument: InstrumentDefinition): MeasurePlan {
  const field = fieldOf(instrument, name);
  const nullable = field !== undefined && !hasStates(field);
  return {
    extra: (records) => records.field(name).group,
    cells: [], carried: [],
    rollUp: (records) => [`COUNT(DISTINCT ${nullable ? 'x' : `NULLIF(${records.field(name).text('x')}, '')`}) AS v`],
    read: (row) => exactly(Number(row['v'])),
  };
}

function plainSumPlan(name: string, emptySum: 0 | null): MeasurePlan {
  const value = `${RECORD}.${sqlName(name)}`;
  return {
    extra: null,
    cells: [`SUM(${value}) AS lo`, `COUNT(${value}) AS k`],
    carried: ['lo', 'k'],
    rollUp: () => ['CAST(SUM(lo) AS VARCHAR) AS lo', 'CAST(SUM(k) AS BIGINT) AS k'],
    read: (row, records) => {
      if (records === 0) return { lo: emptySum, hi: emptySum, states: {} };
      const numbers = Number(row['k']);
      const lo = numbers === 0 ? null : readSum(row['lo'], name);
      return numbers === records ? { lo, hi: lo, states: {} } : { lo, hi: null, states: { blank: records - numbers } };
    },
  };
}

function statedSumPlan(name: string, emptySum: 0 | null): MeasurePlan {
  const column = (suffix: string): string => `${RECORD}.${sqlName(name + suffix)}`;
  const states = VALUE_STATES.filter((s) => s !== 'exact');
  return {
    extra: () => `COALESCE(${column('__state')}, 'blank')`,
    cells: [`SUM(${column('__lo')}) AS lo`, `SUM(${column('__hi')}) AS hi`, `COUNT(${column('__lo')}) AS klo`, `COUNT(${column('__hi')}) AS khi`],
    carried: ['lo', 'hi', 'klo', 'khi'],
    rollUp: () => [
      'CAST(SUM(lo) AS VARCHAR) AS lo', 'CAST(SUM(hi) AS VARCHAR) AS hi', 'CAST(SUM(klo) AS BIGINT) AS klo', 'CAST(SUM(khi) AS BIGINT) AS khi',
      ...states.map((s, i) => `CAST(SUM(CASE WHEN x = ${sqlText(s)} THEN n ELSE 0 END) AS BIGINT) AS s${i}`),
    ],
    read: (row, records) => {
      if (records === 0) return { lo: emptySum, hi: emptySum, states: {} };
      const met = states.map((s, i): [ValueState, number] => [s, Number(row[`s${i}`])]).filter(([, n]) => n > 0);
      const lo = Number(row['klo']) === 0 ? null : readSum(row['lo'], name);
      // A value without an upper bound, or that is no number, leaves the sum without one.
      const hi = lo === null || Number(row['khi']) < records ? null : readSum(row['hi'], name);
      return { lo, hi, states: Object.fromEntries(met) };
    },
  };
}

/** A sum's decimal text as a number. @throws Refusal `SUM_TOO_LARGE` beyond what a double holds without gaps between integers */
function readSum(text: SqlRow[string] | undefined, field: string): number {
  const n = Number(text);
  if (!Number.isFinite(n) || Math.abs(n) > Number.MAX_SAFE_INTEGER) {
    refuse('SUM_TOO_LARGE', `a sum of "${field}" is larger than can be shown exactly`, { column: field }, 'declare the field in a larger unit');
  }
  return n;
}
