/**
 * What the reader is told about the data behind a table. Counts of records stand only where the source is public.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { Dimension, Finding } from '@weighbridge/base';
import type { Collection } from '@weighbridge/instrument';
import { lateRecords } from './coverage.ts';
import { unlistedCodes } from './dimension.ts';
import type { DimensionPlan } from './dimension.ts';
import type { InstrumentData } from './instrument-data.ts';

/** All findings of a table, in a fixed order. */
export async function tableFindings(
  collection: Collection, data: InstrumentData, plans: readonly DimensionPlan[], dimensions: readonly Dimension[],
): Promise<Finding[]> {
  const isPublic = data.instrument.definition.sensitivity.level === 'public';
  /** The number of records where it may be said, else that there are some. */
  const some = (n: number, one: string, many: string): string => (!isPublic ? `Some ${many}` : n === 1 ? `1 ${one}` : `${formatNumber(n)} ${many}`);
  const late = (await lateRecords(collection, data)) ?? 0;
  return [
    ...repeatedKeys(data, some),
    ...(late > 0 ? [warning('LATE_RECORDS', `${some(late, 'record belongs', 'records belong')} to a time before the round that reported them; each is counted in its own period.`)] : []),
    ...repairs(data),
    ...(data.sources.superseded > 0 ? [info('EARLIER_EDITIONS', 'Submissions were corrected: the latest edition of each counts, and the earlier ones are kept.')] : []),
    ...missingSubmissions(data),
    ...plans.flatMap((plan, i) => unlisted(plan, dimensions[i])),
  ];
}

function repeatedKeys(data: InstrumentData, some: (n: number, one: string, many: string) => string): Finding[] {
  const repeated = data.sources.current.reduce((sum, s) => sum + (s.repeatedKeys ?? 0), 0);
  if (repeated === 0) return [];
  return [warning('REPEATED_KEYS', `${some(repeated, 'key stands', 'keys stand')} more than once in the records; nothing was removed, and every record is counted.`)];
}

function repairs(data: InstrumentData): Finding[] {
  const repaired = data.sources.current.some((s) => s.source.repairs.length > 0);
  return repaired ? [info('COLUMN_REPAIRS', 'Approved repairs of single columns were applied; each stands with its submission under the sources.')] : [];
}

/** An agency that submitted one round and not another leaves a hole that no zero may fill. */
function missingSubmissions(data: InstrumentData): Finding[] {
  const sources = data.sources.current.map((s) => s.source);
  const agencies = [...new Set(sources.map((s) => s.agency))];
  const rounds = [...new Set(sources.map((s) => s.round))].sort();
  const missing = agencies.flatMap((agency) => rounds.filter((round) => !sources.some((s) => s.agency === agency && s.round === round)).map((round) => `${agency} ${round}`));
  return missing.length === 0 ? [] : [info('SUBMISSIONS_MISSING', `No submission stands behind: ${missing.join(', ')}.`)];
}

function unlisted(plan: DimensionPlan, dimension: Dimension | undefined): Finding[] {
  const codes = unlistedCodes(plan, dimension?.codes ?? []);
  return codes.length === 0 ? [] : [info('UNLISTED_CODES', `${plan.label} has ${codes.length === 1 ? 'a code that its code list does not hold' : `${codes.length} codes that their code list does not hold`}; they are shown as reported.`)];
}

function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message };
}

function info(code: string, message: string): Finding {
  return { code, severity: 'info', message };
}
