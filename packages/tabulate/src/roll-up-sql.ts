/**
 * One table as one SQL text: records grouped to the finest cells once, codes rolled up and split there, margins from
 * GROUPING SETS over the cells. It holds for counts, sums and, since the finest cells keep their values, distinct counts.
 * Portable between DuckDB and ClickHouse but for what `sources.ts` and `instrument-data.ts` name.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import type { DimensionPlan } from './dimension.ts';
import { valuesSql } from './instrument-data.ts';
import { RECORD } from './instrument-data.ts';
import type { Records } from './instrument-data.ts';
import type { MeasurePlan } from './measure-sql.ts';
import { UNIT_COLUMN } from './sources.ts';

/** A dimension with what only the data can say. */
export interface RollUpDimension {
  readonly plan: DimensionPlan;
  /** Does the table have a margin over it? */
  readonly margin: boolean;
  /** For a field with several values in a cell: text of the cell → its codes. */
  readonly parts: readonly (readonly [raw: string, code: string])[] | null;
}

/** Everything that the SQL is made from. */
export interface RollUp {
  readonly records: Records;
  /** SQL condition over a record. */
  readonly where: string;
  readonly dimensions: readonly RollUpDimension[];
  readonly measure: MeasurePlan;
  /** Fields that must have one value in every cell: each comes back as `guard<i>`, 1 where it has several. */
  readonly guards: readonly string[];
  /** Do rows carry `f`, the sum of their records' unit numbers? Confidential tables need it: cells are rounded by it. */
  readonly units: boolean;
}

/**
 * The query. Its rows have, for dimension i, the code `c<i>` and `m<i>` = 1 where it is at its margin; `n` records;
 * the measure's columns; the guards. Rows are in order of margins and codes.
 */
export function rollUpSql(rollUp: RollUp): string {
  const { dimensions } = rollUp;
  const branches = splitChoices(dimensions).map((open) => branchSql(rollUp, open));
  const order = dimensions.flatMap((_, i) => [`m${i}`, `c${i}`]);
  return `WITH cells AS (\n${cellsSql(rollUp)}\n)\nSELECT * FROM (\n${branches.join('\nUNION ALL\n')}\n) AS shown\nORDER BY ${order.join(', ')}`;
}

/** The finest cells: the only part that reads records. */
function cellsSql({ records, where, dimensions, measure, guards, units }: RollUp): string {
  const groups = dimensions.map(({ plan }, i) => `${records.field(plan.field).group} AS g${i}`);
  const extra = measure.extra ? [`${measure.extra(records)} AS x`] : [];
  const guarded = guards.flatMap((f, i) => [`MIN(${records.field(f).group}) AS a${i}`, `MAX(${records.field(f).group}) AS b${i}`]);
  const keys = [...dimensions.map((_, i) => `g${i}`), ...extra.map(() => 'x')];
  const filter = where === 'TRUE' ? '' : `\nWHERE ${where}`;
  return `SELECT ${[...groups, ...extra, 'COUNT(*) AS n', ...(units ? [`SUM(${RECORD}.${sqlName(UNIT_COLUMN)}) AS f`] : []), ...measure.cells, ...guarded].join(', ')}\nFROM (${records.sql}) AS ${RECORD}${filter}\nGROUP BY ${keys.join(', ')}`;
}

/**
 * Each choice says which split dimensions are shown by their values. A record counts once under each of its values but
 * once in the margin, so the margin comes from cells that are not split.
 */
function splitChoices(dimensions: readonly RollUpDimension[]): ReadonlySet<number>[] {
  let choices: Set<number>[] = [new Set()];
  for (const [i, dimension] of dimensions.entries()) {
    if (!dimension.parts) continue;
    const shown = choices.map((c) => new Set([...c, i]));
    choices = dimension.margin ? [...shown, ...choices] : shown;
  }
  return choices;
}

function branchSql({ records, dimensions, measure, guards, units }: RollUp, open: ReadonlySet<number>): string {
  const columns: string[] = [];
  const joins: string[] = [];
  const filters: string[] = [];
  for (const [i, dimension] of dimensions.entries()) {
    const { plan, parts } = dimension;
    const text = records.field(plan.field).text(`g${i}`);
    if (parts && !open.has(i)) {
      if (restricts(plan)) filters.push(`${text} IN (${list(parts.map(([raw]) => raw))})`);
      continue;
    }
    if (parts) joins.push(`JOIN (${valuesSql(parts.length > 0 ? parts : [[NO_TEXT, NO_TEXT]])}) AS p${i}(raw, code) ON p${i}.raw = ${text}`);
    else if (plan.rollUp.size > 0) joins.push(`LEFT JOIN (${valuesSql([...plan.rollUp])}) AS p${i}(raw, code) ON p${i}.raw = ${text}`);
    const code = parts ? `p${i}.code` : plan.rollUp.size > 0 ? `COALESCE(p${i}.code, ${text})` : text;
    columns.push(`${code} AS c${i}`);
    if (plan.keep && !parts) filters.push(`${code} IN (${list(plan.keep)})`);
    if (plan.drop.size > 0 && !parts) filters.push(`${text} NOT IN (${list([...plan.drop])})`);
  }
  const carried = [...measure.carried, 'n', ...(units ? ['f'] : []), ...(measure.extra ? ['x'] : []), ...guards.flatMap((_, i) => [`a${i}`, `b${i}`])];
  const inner = `SELECT ${[...columns, ...carried].join(', ')} FROM cells${joins.map((j) => ` ${j}`).join('')}${filters.length > 0 ? ` WHERE ${filters.join(' AND ')}` : ''}`;
  const shown = dimensions.map((d, i) => ({ i, margin: d.margin && !(d.parts && open.has(i)) })).filter(({ i }) => !dimensions[i]?.parts || open.has(i));
  const outer = [
    ...dimensions.flatMap((_, i) => (shown.some((s) => s.i === i) ? [`c${i}`, `GROUPING(c${i}) AS m${i}`] : [`'' AS c${i}`, `1 AS m${i}`])),
    'CAST(SUM(n) AS BIGINT) AS n', ...(units ? ['CAST(SUM(f) AS VARCHAR) AS f'] : []), ...measure.rollUp(records),
    ...guards.map((_, i) => `CASE WHEN MIN(a${i}) <> MAX(b${i}) THEN 1 ELSE 0 END AS guard${i}`),
  ];
  const sets = groupingSets(shown);
  return `SELECT ${outer.join(', ')}\nFROM (${inner}) AS finest\nGROUP BY GROUPING SETS (${sets.map((s) => `(${s.map((i) => `c${i}`).join(', ')})`).join(', ')})`;
}

/** A text that no cell holds: keeps a join over an empty list valid. */
const NO_TEXT = '\u{10FFFF}';

function restricts(plan: DimensionPlan): boolean {
  return plan.keep !== null || plan.drop.size > 0;
}

function list(texts: readonly string[]): string {
  return texts.length > 0 ? [...new Set(texts)].map(sqlText).join(', ') : sqlText(NO_TEXT);
}

/** All grouping sets, finest first. */
function groupingSets(shown: readonly { readonly i: number; readonly margin: boolean }[]): number[][] {
  let sets: number[][] = [[]];
  for (const { i, margin } of shown) sets = margin ? [...sets.map((s) => [...s, i]), ...sets] : sets.map((s) => [...s, i]);
  return sets;
}
