/**
 * What everybody may know about a table: its basis, notes, breaks and provenance, from definitions and submissions.
 * @module
 */
import type { Basis, ChartMeta, CodelistSource, Dimension, Finding, SeriesBreak, SubmissionSource, TableMeta } from '@weighbridge/base';
import { conditionFields } from '@weighbridge/instrument';
import type { Collection, Condition, FieldTest, Instrument, MeasureDefinition, TableSpec } from '@weighbridge/instrument';
import { monthOf, periodCode } from './calendar.ts';
import { baseField, coveredPeriod } from './coverage.ts';
import type { DimensionPlan } from './dimension.ts';
import { derivedOf, fieldOf } from './fields.ts';
import type { InstrumentData } from './instrument-data.ts';

/** Everything that the description of a table is made from. */
export interface MetaInput {
  readonly collection: Collection;
  readonly data: InstrumentData;
  readonly spec: TableSpec;
  readonly measure: MeasureDefinition;
  readonly plans: readonly DimensionPlan[];
  readonly dimensions: readonly Dimension[];
  readonly findings: readonly Finding[];
}

/** The table without its numbers. */
export function tableMeta(input: MetaInput): TableMeta {
  const { collection, data, spec, measure, dimensions, findings } = input;
  const { definition } = data.instrument;
  const table = spec.definition;
  const unit = measure.unit ?? definition.unit;
  const sources = data.sources.current.map(({ source }) => (definition.sensitivity.level === 'public' ? source : withoutCounts(source)));
  return {
    id: table.id, title: table.title, collection: collection.definition.id, instrument: definition.id, answers: table.answers,
    measure: { id: measure.id, label: measure.label, unit, kind: measure.sum !== undefined ? 'sum' : measure.distinct !== undefined ? 'distinct' : 'count' },
    dimensions, basis: basisOf(input, unit.many), synthetic: sources.some((s) => s.synthetic),
    chart: table.chart ? chartMeta(table.chart) : null,
    derive: table.derive.map((d) => ({ kind: d.kind, over: d.over })),
    provenance: {
      specSha384: spec.file.sha384, specText: spec.file.text, specFile: spec.file.path,
      submissions: sources, codelists: codelistsUsed(input),
    },
    findings,
  };
}

/** A submission as a release of confidential returns may name it: nothing that was counted, and no hash that a guess could be held against. */
function withoutCounts(source: SubmissionSource): SubmissionSource {
  const { instrument, agency, round, edition, manifest, synthetic, editionLabel } = source;
  const repairs = source.repairs.map(({ text }) => ({ text }));
  return { instrument, agency, round, edition, manifest, synthetic, repairs, ...(editionLabel === undefined ? {} : { editionLabel }) };
}

function chartMeta(chart: NonNullable<TableSpec['definition']['chart']>): ChartMeta {
  return {
    kind: chart.kind, x: chart.x, at: chart.at, value: chart.value,
    ...(chart.series === undefined ? {} : { series: chart.series }), ...(chart.facet === undefined ? {} : { facet: chart.facet }),
  };
}

function basisOf({ collection, data, spec, plans }: MetaInput, unit: string): Basis {
  const { definition } = data.instrument;
  const editions = [...new Set(data.sources.current.map((s) => s.source.editionLabel).filter((e) => e !== undefined))];
  const breaks = definition.breaks.map((b) => breakOf(data, plans, b));
  const hidden = breaks.filter((b) => !plans.some((p) => p.field === b.field));
  return {
    unit, coverage: definition.coverage, period: coveredPeriod(collection, data.sources.current),
    edition: editions.length === 1 && editions[0] !== collection.definition.edition ? `${collection.definition.edition}; source: ${editions[0] ?? ''}` : collection.definition.edition,
    notes: [
      ...restriction(data.instrument, spec.definition.where), ...definition.notes, ...spec.definition.notes,
      ...hidden.map((b) => `The series breaks at ${b.at} (${fieldLabel(data.instrument, b.field)}): ${b.why}.`),
    ],
    breaks,
  };
}

/** A break of a field, told for the period that the table shows it in. */
function breakOf(data: InstrumentData, plans: readonly DimensionPlan[], point: SeriesBreak): SeriesBreak {
  if (plans.some((p) => p.field === point.field)) return { field: point.field, at: point.at, why: point.why };
  const shown = plans.find((p) => p.grain !== null && baseField(data, p.field) === baseField(data, point.field));
  const month = monthOf(point.at);
  return shown?.grain && month !== null ? { field: shown.field, at: periodCode(shown.grain, month), why: point.why } : { field: point.field, at: point.at, why: point.why };
}

/** `where` in words, so that no number is read as more than it counts. */
function restriction(instrument: Instrument, where: Condition): string[] {
  const parts = Object.entries(where).map(([field, test]) => {
    const full: FieldTest = typeof test === 'string' ? { in: [test] } : Array.isArray(test) ? { in: test } : test;
    return `${field === 'anyField' ? 'any text' : fieldLabel(instrument, field)} ${testWords(instrument, field, full)}`;
  });
  return parts.length === 0 ? [] : [`Counts only records with: ${parts.join('; ')}.`];
}

function testWords(instrument: Instrument, field: string, test: FieldTest): string {
  const labels = (codes: readonly string[]): string => codes.map((c) => codeLabel(instrument, field, c)).join(' or ');
  const words = [
    test.in && `is ${labels(test.in)}`, test.notIn && `is not ${labels(test.notIn)}`,
    test.under && `is ${labels(test.under)} or below`, test.level !== undefined && `at level ${test.level}`,
    test.blank !== undefined && (test.blank ? 'is missing' : 'is given'),
    test.min !== undefined && `is ${test.min} or more`, test.max !== undefined && `is ${test.max} or less`,
    test.notBefore !== undefined && `is not before ${fieldLabel(instrument, test.notBefore)}`,
    test.notAfter !== undefined && `is not after ${fieldLabel(instrument, test.notAfter)}`,
    test.contains !== undefined && `contains "${test.contains}"`,
  ];
  return words.filter((w) => typeof w === 'string').join(' and ');
}

function codeLabel(instrument: Instrument, field: string, code: string): string {
  const codelist = instrument.codelists.get(fieldOf(instrument.definition, field)?.codelist ?? '');
  const label = codelist?.entries.find((e) => e.code === code)?.label ?? code;
  return label === code ? `"${code}"` : `"${label}" (${code})`;
}

function fieldLabel(instrument: Instrument, field: string): string {
  return fieldOf(instrument.definition, field)?.title ?? derivedOf(instrument.definition, field)?.title ?? { agency: 'Agency', round: 'Round' }[field] ?? field;
}

/** Code lists behind the dimensions, the filter and the lookups that the table uses. */
function codelistsUsed({ data, spec, plans }: MetaInput): CodelistSource[] {
  const { definition, codelists } = data.instrument;
  const ids = new Set<string>();
  const visit = (name: string): void => {
    const derived = derivedOf(definition, name);
    const id = fieldOf(definition, name)?.codelist ?? derived?.lookup?.codelist;
    if (id !== undefined) ids.add(id);
    const below = [derived?.part?.of, derived?.lookup?.key, derived?.bands?.of, derived?.fold?.of, ...(derived?.cases?.of ?? []).flatMap((c) => conditionFields(c.when))];
    for (const field of below) if (field !== undefined && field !== name) visit(field);
  };
  for (const name of [...plans.map((p) => p.field), ...conditionFields(spec.definition.where)]) visit(name);
  return [...ids].sort().flatMap((id): CodelistSource[] => {
    const codelist = codelists.get(id);
    return codelist ? [{ id, title: codelist.definition.title, edition: codelist.definition.edition, sha384: codelist.sha384 }] : [];
  });
}
