/**
 * What a cell counts, in one canonical form, so that the same records of the same measure are known again in every
 * table: as a cell, as a margin under a filter, or as a table that holds the code fixed.
 * @module
 */
import { canonicalJson } from '@weighbridge/base';
import type { ProtectionRequest } from '@weighbridge/base/confidential';
import type { Collection, FieldTest, Instrument, MeasureDefinition, TableDefinition } from '@weighbridge/instrument';
import type { DimensionPlan } from './dimension.ts';

/** How the table asks to be protected, with the identity of its cells. */
export function protectionRequest(
  collection: Collection, instrument: Instrument, table: TableDefinition, measure: MeasureDefinition, plans: readonly DimensionPlan[],
): ProtectionRequest {
  const { sensitivity } = instrument.definition;
  const held: [string, string][] = [];
  const fixed: [string, unknown][] = [];
  for (const [field, test] of Object.entries(table.where)) {
    const full: FieldTest = typeof test === 'string' ? { in: [test] } : Array.isArray(test) ? { in: test } : test;
    // A record has one code of such a field, so a cell's code says all that the test says.
    const replaceable = field !== 'anyField' && instrument.definition.fields.find((f) => f.name === field)?.split === undefined;
    (replaceable ? held : fixed).push([field, replaceable ? canonicalJson(sorted(full)) : sorted(full)] as [string, string]);
  }
  const universe = canonicalJson({
    collection: collection.definition.id, instrument: instrument.definition.id,
    measure: measure.sum !== undefined ? { sum: measure.sum } : measure.distinct !== undefined ? { distinct: measure.distinct } : { count: 'records' },
    where: Object.fromEntries(fixed),
  });
  return {
    ...(sensitivity.level === 'public' ? { method: 'public', reason: sensitivity.reason } : { method: table.protection.method }),
    threshold: table.protection.threshold, universe, records: canonicalJson([collection.definition.id, instrument.definition.id]), held: Object.fromEntries(held),
    identities: plans.map((plan) => ({ name: identityName(plan), marginTest: marginTest(plan) })),
  };
}

/** Records rolled up to a level are others than those whose own code stands there. */
function identityName(plan: DimensionPlan): string {
  if (plan.rollUp.size > 0) return `${plan.field}@${plan.by.level ?? ''}`;
  return plan.split === undefined ? plan.field : `${plan.field}[]`;
}

/** What the margin covers when it does not cover every record. */
function marginTest(plan: DimensionPlan): string | null {
  if (plan.keep) return canonicalJson(sorted({ in: plan.keep }));
  return plan.drop.size > 0 ? canonicalJson({ level: plan.by.level ?? plan.by.levels ?? [] }) : null;
}

function sorted(test: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every((x) => typeof x === 'string');
  return Object.fromEntries(Object.entries(test).map(([k, v]) => [k, isTexts(v) ? [...new Set(v)].sort() : v]));
}
