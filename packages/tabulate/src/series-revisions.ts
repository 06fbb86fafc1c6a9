/**
 * What successive editions of a published series changed: values that differ, vanish or appear, by key.
 * Values are compared as printed, so "12" and "12*" differ. Leaves out: which of two editions is right.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { confidentialRevisions } from '@weighbridge/base/confidential';
import type { ConfidentialRevision, ConfidentialRevisions } from '@weighbridge/base/confidential';
import { sqlName } from '@weighbridge/engine';
import type { Engine, SqlRow } from '@weighbridge/engine';
import type { FieldDefinition, Instrument } from '@weighbridge/instrument';
import { fieldOf, hasStates } from './fields.ts';
import { editionRuns, parquetSql } from './sources.ts';
import type { SealedSource } from './sources.ts';

/**
 * Compares each edition with the one before it, agency by agency and round by round. Keys that stand several times in
 * an edition are compared in the order of their printed values.
 * @returns confidential; revisions in order of agency, round, edition and key
 * @throws Refusal `NO_SERIES` when the instrument declares none
 */
export async function seriesRevisions(input: {
  readonly instrument: Instrument;
  /** All editions; those of other instruments are left aside. */
  readonly submissions: readonly SealedSource[];
  readonly engine: Engine;
}): Promise<ConfidentialRevisions> {
  const { definition } = input.instrument;
  const { series } = definition;
  if (!series) refuse('NO_SERIES', 'the instrument declares no series', { object: definition.id }, 'declare under "series" which fields are its key and its value');
  const revisions: ConfidentialRevision[] = [];
  for (const run of editionRuns(definition.id, input.submissions)) {
    for (const [i, later] of run.entries()) {
      const earlier = run[i - 1];
      if (!earlier) continue;
      const sql = comparisonSql(input.instrument, series, earlier, later);
      for await (const rows of input.engine.stream(sql, `${definition.id}: comparing editions`)) {
        revisions.push(...rows.map((row) => revision(series.key, row, editionName(earlier), editionName(later), fieldOf(definition, series.value))));
      }
    }
  }
  return confidentialRevisions(definition.id, definition.sensitivity.level === 'public' ? definition.sensitivity.reason : null, revisions);
}

function comparisonSql(instrument: Instrument, series: { readonly key: readonly string[]; readonly value: string }, earlier: SealedSource, later: SealedSource): string {
  const keys = series.key.map((_, i) => `k${i}`);
  const side = (source: SealedSource): string => {
    const columns = series.key.map((name, i) => `${keyText(fieldOf(instrument.definition, name), name)} AS k${i}`);
    const listed = `SELECT ${columns.join(', ')}, ${printed(fieldOf(instrument.definition, series.value), series.value)} AS v FROM ${parquetSql(source.parquetPath)}`;
    return `SELECT ${keys.join(', ')}, v, ROW_NUMBER() OVER (PARTITION BY ${keys.join(', ')} ORDER BY v) AS copy FROM (${listed}) AS printed`;
  };
  const both = [...keys, 'copy'];
  return `SELECT ${both.map((k) => `COALESCE(a.${k}, b.${k}) AS ${k}`).join(', ')}, a.v AS before, b.v AS after, a.copy IS NULL AS added, b.copy IS NULL AS dropped
FROM (${side(earlier)}) AS a FULL OUTER JOIN (${side(later)}) AS b ON ${both.map((k) => `a.${k} = b.${k}`).join(' AND ')}
WHERE a.copy IS NULL OR b.copy IS NULL OR a.v <> b.v
ORDER BY ${both.map((_, i) => String(i + 1)).join(', ')}`;
}

/** A key's text; missing parts compare equal, and a part that is a mark compares by its mark. */
function keyText(field: FieldDefinition | undefined, name: string): string {
  return field && hasStates(field) ? printed(field, name) : `COALESCE(CAST(${sqlName(name)} AS VARCHAR), '')`;
}

function printed(field: FieldDefinition | undefined, name: string): string {
  const value = `CAST(${sqlName(name)} AS VARCHAR)`;
  return field && hasStates(field) ? `COALESCE(${sqlName(`${name}__text`)}, ${value}, '')` : `COALESCE(${value}, '')`;
}

function revision(key: readonly string[], row: SqlRow, fromEdition: string, toEdition: string, value: FieldDefinition | undefined): ConfidentialRevision {
  const shown = (text: string): string => (value && (value.type === 'number' || value.type === 'percent') && !hasStates(value) ? withoutTrailingZeros(text) : text);
  const change = row['added'] === true ? 'added' : row['dropped'] === true ? 'dropped' : 'changed';
  return {
    key: Object.fromEntries(key.map((name, i) => [name, String(row[`k${i}`])])), fromEdition, toEdition, change,
    before: change === 'added' ? null : shown(String(row['before'])), after: change === 'dropped' ? null : shown(String(row['after'])),
  };
}

/** A decimal as its author would write it: the sealed column pads it to its scale. */
function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

function editionName(s: SealedSource): string {
  return s.source.editionLabel ?? `edition ${s.source.edition}`;
}
