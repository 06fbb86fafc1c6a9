/**
 * The laws of adding, checked before any record is read: levels of a hierarchy are not mixed, overlapping aggregates
 * are not added, a measure is not added over what it does not add over, a stock is not added over time, and no table
 * stands over what may not be released.
 * @module
 */
import { codesAtLevel, codesUnder } from './codelist.ts';
import type { Codelist, Instrument } from './collection.ts';
import { releaseObstacles } from './releasable.ts';
import type { ByDefinition, FieldDefinition, FieldTest, MeasureDefinition, TableDefinition } from './schema.ts';

/** Why something may not be added. */
export interface Obstacle {
  readonly code: 'LEVELS_MIXED' | 'OVERLAPPING_AGGREGATE' | 'MEASURE_DOES_NOT_ADD' | 'STOCK_OVER_TIME' | 'FIELD_NOT_RELEASABLE';
  readonly why: string;
  readonly repair: string;
}

/** A broken law with the key path in the table's file. */
export interface LawIssue {
  readonly code: Obstacle['code'];
  readonly severity: 'error';
  readonly message: string;
  readonly repair: string;
  readonly path: readonly PropertyKey[];
}

/** All laws that a table breaks; empty when it keeps them. The table's references must resolve. */
export function checkLaws(table: TableDefinition, instrument: Instrument): LawIssue[] {
  const measure = instrument.definition.measures.find((m) => m.id === table.measure);
  if (!measure) return [];
  const issues: LawIssue[] = [];
  const report = (obstacle: Obstacle | null, path: readonly PropertyKey[]): void => {
    if (obstacle) issues.push({ code: obstacle.code, severity: 'error', message: obstacle.why, repair: obstacle.repair, path });
  };
  for (const [i, by] of table.by.entries()) {
    if (typeof by.total === 'string') report(marginObstacle(instrument, measure, table, by), ['by', i, 'total']);
    report(shownObstacle(instrument, table, by), ['by', i]);
  }
  for (const { why, repair, path } of releaseObstacles(table, instrument)) report({ code: 'FIELD_NOT_RELEASABLE', why, repair }, path);
  const shown = new Set(table.by.map((b) => b.field));
  for (const field of instrument.definition.fields) {
    if (!shown.has(field.name)) report(collapseObstacle(instrument, measure, table, field.name), ['where']);
  }
  for (const field of ['agency', 'round', ...instrument.definition.derived.map((d) => d.name)]) {
    if (!shown.has(field)) report(notOverObstacle(instrument, measure, table, field), ['where']);
  }
  return issues;
}

/**
 * Why a dimension can have no margin, or null when it can: what `by.total` defaults from.
 * A field with several values per record has a margin that counts records once, so it is no obstacle here.
 */
export function marginObstacle(instrument: Instrument, measure: MeasureDefinition, table: TableDefinition, by: ByDefinition): Obstacle | null {
  const pinned = pinnedByWhere(table, by.field);
  if (by.levels) return mixed(instrument, by.field, by.levels);
  if (measure.kind === 'stock' && by.time) return { code: 'STOCK_OVER_TIME', why: `"${measure.id}" is a stock: its numbers at different dates must not be added over "${by.field}"`, repair: 'set total: false' };
  const codelist = codelistOf(instrument, by.field);
  const field = fieldOf(instrument, by.field);
  if (codelist && field?.holds === 'mixed' && by.level === undefined && !pinned.level) {
    const levels = levelsOf(codelist, by.codes ?? pinned.codes);
    if (levels.length !== 1) return mixed(instrument, by.field, levels);
  }
  const overlap = codelist && overlapAmong(codelist, by.codes ?? pinned.codes ?? (by.level === undefined ? undefined : codesAtLevel(codelist, by.level)), pinned.excluded, field?.open);
  if (overlap) return overlapping(by.field, overlap);
  return notOver(instrument, measure, by.field);
}

/** Codes shown side by side without a margin are fine at any level, but one row must not swallow another by roll-up. */
function shownObstacle(instrument: Instrument, table: TableDefinition, by: ByDefinition): Obstacle | null {
  const field = fieldOf(instrument, by.field);
  const codelist = codelistOf(instrument, by.field);
  const several = codelist && field?.holds === 'mixed' && by.level === undefined && !by.levels && !by.codes && !pinnedByWhere(table, by.field).level && !pinnedByWhere(table, by.field).codes;
  return several ? mixed(instrument, by.field, codelist.definition.levels) : null;
}

/** Why a field that a table does not show cannot be added over, or null. */
export function collapseObstacle(instrument: Instrument, measure: MeasureDefinition, table: TableDefinition, fieldName: string): Obstacle | null {
  const pinned = pinnedByWhere(table, fieldName);
  const field = fieldOf(instrument, fieldName);
  const codelist = codelistOf(instrument, fieldName);
  if (codelist && field?.holds === 'mixed' && !pinned.level) {
    const levels = levelsOf(codelist, pinned.codes);
    if (levels.length !== 1) return mixed(instrument, fieldName, levels);
  }
  const overlap = codelist && overlapAmong(codelist, pinned.codes, pinned.excluded, field?.open);
  if (overlap) return overlapping(fieldName, overlap);
  return notOverObstacle(instrument, measure, table, fieldName);
}

function notOverObstacle(instrument: Instrument, measure: MeasureDefinition, table: TableDefinition, field: string): Obstacle | null {
  return pinnedByWhere(table, field).codes?.length === 1 ? null : notOver(instrument, measure, field);
}

/** A measure that never adds needs one record a cell: every field of the key shown or fixed (any field, without a key). */
function notOver(instrument: Instrument, measure: MeasureDefinition, field: string): Obstacle | null {
  const key = instrument.definition.primaryKey;
  const separates = key.length === 0 || key.includes(field);
  const reason = measure.notOver.find((n) => n.field === field)?.why ?? (measure.adds || !separates ? undefined : 'the measure does not add');
  return reason === undefined ? null : {
    code: 'MEASURE_DOES_NOT_ADD', why: `"${measure.id}" must not be added over "${field}": ${reason}`,
    repair: `show "${field}" under "by" without a total, or fix it at one value under "where"`,
  };
}

function mixed(instrument: Instrument, field: string, levels: readonly string[]): Obstacle {
  const names = levels.length > 0 ? levels : (codelistOf(instrument, field)?.definition.levels ?? []);
  return {
    code: 'LEVELS_MIXED', why: `"${field}" holds ${names.length > 1 ? `the levels ${names.join(', ')}` : 'several levels'} side by side: adding them counts the same thing more than once`,
    repair: `fix one level: under "by" with "level", or under "where" with { level: … } (${names.join(', ')})`,
  };
}

function overlapping(field: string, overlap: readonly [string, string]): Obstacle {
  return {
    code: 'OVERLAPPING_AGGREGATE', why: `"${overlap[0]}" in "${field}" overlaps ${overlap[1] === '*' ? 'the other codes' : `"${overlap[1]}"`}: adding both counts the same thing twice`,
    repair: `leave "${overlap[0]}" out under "where" with { notIn: ["${overlap[0]}"] }, or show "${field}" without a total`,
  };
}

/** What `where` fixes about a field. `codes` undefined: nothing. */
function pinnedByWhere(table: TableDefinition, field: string): { codes?: readonly string[]; level: boolean; excluded: ReadonlySet<string> } {
  const test = table.where[field];
  if (test === undefined) return { level: false, excluded: new Set() };
  if (typeof test === 'string') return { codes: [test], level: false, excluded: new Set() };
  if (Array.isArray(test)) return { codes: test, level: false, excluded: new Set() };
  const full: FieldTest = test;
  return { ...(full.in ? { codes: full.in } : {}), level: full.level !== undefined, excluded: new Set(full.notIn ?? []) };
}

function fieldOf(instrument: Instrument, name: string): FieldDefinition | undefined {
  return instrument.definition.fields.find((f) => f.name === name);
}

function codelistOf(instrument: Instrument, name: string): Codelist | undefined {
  const id = fieldOf(instrument, name)?.codelist;
  return id === undefined ? undefined : instrument.codelists.get(id);
}

function levelsOf(codelist: Codelist, codes: readonly string[] | undefined): string[] {
  if (!codes) return [...codelist.definition.levels];
  return [...new Set(codes.map((code) => codelist.entries.find((e) => e.code === code)?.level ?? 'no level'))];
}

/** The first code among those shown that overlaps another of them; parents count as overlapping when declared. */
function overlapAmong(codelist: Codelist, codes: readonly string[] | undefined, excluded: ReadonlySet<string>, open = false): [string, string] | null {
  const others = open && codes === undefined; // an open list: the data may hold codes that stand in no list
  const present = new Set((codes ?? codelist.entries.map((e) => e.code)).filter((c) => !excluded.has(c)));
  for (const entry of codelist.entries) {
    if (!present.has(entry.code)) continue;
    for (const other of entry.overlaps) {
      if (other === '*' ? others || present.size > 1 : present.has(other) || codesUnder(codelist, other).some((c) => c !== entry.code && present.has(c))) return [entry.code, other];
    }
  }
  return null;
}
