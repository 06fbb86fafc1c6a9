/**
 * What the run says of one proposal in one variant: the value of a metric where it is asked for, and the cell it is from.
 * @module
 */
import type { MetricId } from '../metrics.ts';
import type { Proposal } from '../proposal.ts';
import type { Row, TimeRow } from '../record.ts';
import type { CellResult, CellTimes, Run } from '../results.ts';

/** A value with its origin. */
export interface Evidence {
  readonly cell: CellResult;
  readonly row: Row;
}

/** Size at which a proposal is judged when a single number must stand for it. */
export const REFERENCE_SIZE = 10;

/** Cells of one variant, in the order of the run. */
export function cellsOfVariant(run: Run, proposal: string, variant: string): CellResult[] {
  return run.results.filter((r) => r.cell.proposal === proposal && r.cell.variant === variant);
}

/** The cell that stands for a variant: ten people, padded; else the nearest size that was run. */
export function referenceCell(run: Run, proposal: string, variant: string): CellResult | undefined {
  const cells = cellsOfVariant(run, proposal, variant);
  const distance = (c: CellResult): number => Math.abs(c.cell.conditions.size - REFERENCE_SIZE) * 2 + (c.cell.conditions.padding === 'on' ? 0 : 1);
  return cells.toSorted((a, b) => distance(a) - distance(b))[0];
}

/** A metric in the cell that stands for the variant. */
export function evidenceOf(run: Run, proposal: string, variant: string, metric: MetricId): Evidence | undefined {
  const cell = referenceCell(run, proposal, variant);
  const row = cell?.rows.find((r) => r.metric === metric);
  return cell && row && { cell, row };
}

/** The time of a metric in a cell. */
export function timeOf(run: Run, cell: string, metric: MetricId): { readonly times: CellTimes; readonly row: TimeRow } | undefined {
  const times = run.times.get(cell);
  const row = times?.rows.find((r) => r.metric === metric);
  return times && row && { times, row };
}

/** Every variant of every proposal of a run, in order. */
export function variantsOf(run: Run, proposals: readonly Proposal[]): { readonly proposal: Proposal; readonly variant: Proposal['variants'][number] }[] {
  return proposals.filter((p) => run.plan.proposals.includes(p.id)).flatMap((proposal) => proposal.variants.map((variant) => ({ proposal, variant })));
}
