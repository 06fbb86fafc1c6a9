/**
 * Every variant of a run put to every criterion: a score that cites the rows it rests on, or the reason why there is none.
 * @module
 */
import type { MetricId } from '../metrics.ts';
import type { Run } from '../results.ts';
import { evidenceOf } from './evidence.ts';
import { FRAMEWORKS } from './frameworks.ts';
import type { Criterion, Score } from './frameworks.ts';

/** One answer. `score` absent: no measurement answers (`metrics` of the criterion empty), or none was recorded here. */
export interface Scored {
  readonly framework: string;
  readonly criterion: string;
  readonly score?: Score;
  /** What it rests on: metric, value and cell. */
  readonly cites: readonly { readonly metric: MetricId; readonly value: number; readonly cell: string }[];
  readonly why: string;
}

/** Scores of one variant, in the order of the lists. */
export function scoreVariant(run: Run, proposal: string, variant: string): Scored[] {
  return FRAMEWORKS.flatMap((framework) => framework.criteria.map((criterion) => ({ framework: framework.id, criterion: criterion.id, ...judge(run, proposal, variant, criterion) })));
}

function judge(run: Run, proposal: string, variant: string, criterion: Criterion): Pick<Scored, 'cites' | 'why'> & { readonly score?: Score } {
  if (criterion.score === undefined) return { cites: [], why: criterion.rule };
  const score = criterion.score({
    value: (metric) => evidenceOf(run, proposal, variant, metric)?.row.value,
    baseline: (metric) => evidenceOf(run, 'baseline', 'mls', metric)?.row.value,
  });
  if (score === undefined) return { cites: [], why: 'not measurable here: the proposal has nothing of the kind, or the lab does not run it' };
  const cites = criterion.metrics.flatMap((metric) => {
    const found = evidenceOf(run, proposal, variant, metric);
    return found ? [{ metric, value: found.row.value, cell: found.cell.cell.id }] : [];
  });
  return { score, cites, why: criterion.rule };
}
