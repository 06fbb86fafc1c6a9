/**
 * What marks tell: a release that says which withheld cells are unsafe tells whoever knows the threshold something of all of them.
 * @module
 */
import type { PrimaryRules } from './primary.ts';

/**
 * What a reader knows of withheld counts whose marks are told: one that is not unsafe has as many records as the threshold asks for at least; one
 * that is has fewer, if no other rule can have marked it and the threshold is about records.
 * @param hasContributors - the threshold is about contributors, of whom one may have several records
 */
export function toldByMarks(rules: PrimaryRules, hasContributors: boolean): { readonly atMost?: number; readonly atLeast?: number } {
  const { minFrequency } = rules;
  if (minFrequency === undefined) return {};
  const alone = Object.keys(rules).length === 1 && !hasContributors;
  return { atLeast: minFrequency.threshold, ...(alone ? { atMost: minFrequency.threshold - 1 } : {}) };
}
