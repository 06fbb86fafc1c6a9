/**
 * What time the data cover: the months that records hold, the spans that rounds declare, records that came late.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import type { Collection } from '@weighbridge/instrument';
import { intersectMonths, monthOf, monthsWithin } from './calendar.ts';
import type { MonthSpan } from './calendar.ts';
import type { DimensionPlan } from './dimension.ts';
import { derivedOf, fieldOf } from './fields.ts';
import { RECORD } from './instrument-data.ts';
import type { InstrumentData } from './instrument-data.ts';
import type { SealedSource } from './sources.ts';

/** First and last day of the rounds that the sources were submitted for. */
export function coveredPeriod(collection: Collection, sources: readonly SealedSource[]): { from: string; to: string } {
  const rounds = roundsOf(collection, sources);
  return {
    from: rounds.map((r) => r.from).sort()[0] ?? '0001-01-01',
    to: rounds.map((r) => r.to).sort().at(-1) ?? '9999-12-31',
  };
}

/**
 * Months that the source covers along a time dimension; null when nothing can be said.
 * From the data, for public records: first to last month that any record of the instrument holds, when no month between
 * is empty (with gaps, an empty month at an end may be chance). From the rounds, for the field that holds when things
 * happened.
 */
export async function coveredMonths(collection: Collection, data: InstrumentData, plan: DimensionPlan): Promise<MonthSpan[] | null> {
  if (plan.grain === null) return null;
  const base = baseField(data, plan.field);
  const own = fieldOf(data.instrument.definition, base);
  // The first and the last month that confidential records hold would tell of single records.
  const isPublic = data.instrument.definition.sensitivity.level === 'public';
  const finer = isPublic && plan.field !== base && (own?.type === 'date' || own?.type === 'yearmonth');
  const held = finer ? await heldMonths(data, base) : null;
  const { referencePeriod } = data.instrument.definition;
  const declared = referencePeriod !== undefined && baseField(data, referencePeriod) === base ? monthsWithin(roundsOf(collection, data.sources.current)) : null;
  if (held && declared) return intersectMonths(held, declared);
  return held ?? declared;
}

/** How many records happened before the round that they were submitted for; null when the instrument does not say when they happened. */
export async function lateRecords(collection: Collection, data: InstrumentData): Promise<number | null> {
  const { referencePeriod } = data.instrument.definition;
  if (referencePeriod === undefined) return null;
  const base = baseField(data, referencePeriod);
  const type = fieldOf(data.instrument.definition, base)?.type;
  if (type !== 'date' && type !== 'yearmonth' && type !== 'year') return null;
  return data.once('late records', async () => {
    const before = data.sources.current.map(({ source }) => {
      const from = collection.definition.rounds.find((r) => r.id === source.round)?.from ?? '0001-01-01';
      const bound = type === 'date' ? `CAST('${from}' AS DATE)` : type === 'yearmonth' ? `'${from.slice(0, 7)}'` : String(Number(from.slice(0, 4)));
      return `(${RECORD}."agency" = ${sqlText(source.agency)} AND ${RECORD}."round" = ${sqlText(source.round)} AND ${RECORD}.${sqlName(base)} < ${bound})`;
    });
    const records = await data.records([base]);
    const rows = await data.rows(`SELECT COUNT(*) AS n FROM (${records.sql}) AS ${RECORD} WHERE ${before.join(' OR ')}`, 'counting late records');
    return Number(rows[0]?.['n'] ?? 0);
  });
}

/** The field of the return that a calendar part is a part of, or the field itself. */
export function baseField(data: InstrumentData, field: string): string {
  return derivedOf(data.instrument.definition, field)?.part?.of ?? field;
}

async function heldMonths(data: InstrumentData, field: string): Promise<MonthSpan[] | null> {
  return data.once(`months ${field}`, async () => {
    const records = await data.records([field]);
    const value = `${RECORD}.${sqlName(field)}`;
    const isDate = fieldOf(data.instrument.definition, field)?.type === 'date';
    const month = isDate ? `EXTRACT(YEAR FROM ${value}) * 100 + EXTRACT(MONTH FROM ${value})` : value;
    const rows = await data.rows(`SELECT DISTINCT ${month} AS m FROM (${records.sql}) AS ${RECORD} WHERE ${value} IS NOT NULL`, 'reading the months covered');
    const months = rows.map((row) => monthOf(String(row['m']).replace(/^(\d{4})(\d{2})$/, '$1-$2'))).filter((m) => m !== null).sort((a, b) => a - b);
    const [first, last] = [months[0], months.at(-1)];
    if (first === undefined || last === undefined || last - first + 1 !== months.length) return null;
    return [{ first, last }];
  });
}

function roundsOf(collection: Collection, sources: readonly SealedSource[]): { from: string; to: string }[] {
  const used = new Set(sources.map((s) => s.source.round));
  return collection.definition.rounds.filter((r) => used.has(r.id));
}
