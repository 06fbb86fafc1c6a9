/**
 * Every variant of a run put to every criterion: a score that cites the rows it rests on, or the reason why there is none.
 * @module
 */
import type { MetricId } from '../metrics.ts';
import type { Row } from '../record.ts';
import type { Run } from '../results.ts';
import { evidenceOf } from './evidence.ts';
import { FRAMEWORKS, nothingAccessed } from './frameworks.ts';
import type { Criterion, Reading, Score } from './frameworks.ts';

/** One answer. `score` absent: no measurement answers (`metrics` of the criterion empty), or none was recorded here. */
export interface Scored {
  readonly framework: string;
  readonly criterion: string;
  readonly score?: Score;
  /** What it rests on: metric, value and cell. */
  readonly cites: readonly { readonly metric: MetricId; readonly value: number; readonly cell: string }[];
  /** What stands beside it and does not decide it. */
  readonly beside: readonly Row[];
  readonly why: string;
}

/** Why a question about an access has no answer where no access gives anything. */
export const NOTHING_ACCESSED = 'nothing is accessed';

/** Why a model has no scores. */
export const MODEL = 'a model: what was not run is not scored';

/** Scores of one variant, in the order of the lists. */
export function scoreVariant(run: Run, proposal: string, variant: string): Scored[] {
  return FRAMEWORKS.flatMap((framework) => framework.criteria.map((criterion) => ({ framework: framework.id, criterion: criterion.id, ...judge(run, proposal, variant, criterion) })));
}

function judge(run: Run, proposal: string, variant: string, criterion: Criterion): Pick<Scored, 'cites' | 'beside' | 'why'> & { readonly score?: Score } {
  if (criterion.score === undefined) return { cites: [], beside: [], why: criterion.rule };
  if (criterion.metrics.some((metric) => evidenceOf(run, proposal, variant, metric)?.row.method === 'model')) return { cites: [], beside: [], why: MODEL };
  const reading: Reading = {
    value: (metric) => evidenceOf(run, proposal, variant, metric)?.row.value,
    baseline: (metric) => evidenceOf(run, 'baseline', 'mls', metric)?.row.value,
  };
  const score = criterion.score(reading);
  if (score === undefined) {
    const nothing = criterion.ofAccess === true && nothingAccessed(reading);
    return { cites: [], beside: [], why: nothing ? NOTHING_ACCESSED : 'not measurable here: the proposal has nothing of the kind, or the lab does not run it' };
  }
  const cites = criterion.metrics.flatMap((metric) => {
    const found = evidenceOf(run, proposal, variant, metric);
    return found ? [{ metric, value: found.row.value, cell: found.cell.cell.id }] : [];
  });
  return { score, cites, beside: (criterion.beside ?? []).flatMap((metric) => evidenceOf(run, proposal, variant, metric)?.row ?? []), why: criterion.rule };
}
