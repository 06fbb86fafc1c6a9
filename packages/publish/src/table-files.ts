/**
 * A table as data: JSON that holds all of it, and tidy CSV with one row a cell.
 * @module
 */
import { VALUE_STATES, prettyJson } from '@weighbridge/base';
import type { Dimension, Quantity } from '@weighbridge/base';
import type { ProtectedTable, ReleasedCell } from '@weighbridge/protect';
import { writeCsv } from './csv.ts';
import { labelOf, printCell, unitAt } from './table-view.ts';

/** Code of a margin in CSV files; SDMX uses the same for totals. */
export const MARGIN_CODE = '_T';

/** A column of a tidy CSV, with what Table Schema needs to know. */
export interface TidyColumn {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly enum?: readonly string[];
}

/** Columns that every tidy CSV has after its dimensions. */
const MEASURE_COLUMNS: readonly TidyColumn[] = [
  { name: 'value', type: 'number', title: 'Value', description: 'The number, when it is a single one; empty otherwise', required: false },
  { name: 'value_low', type: 'number', title: 'Lower bound', description: 'Lower bound of the value; equal to it when it is a single number', required: false },
  { name: 'value_high', type: 'number', title: 'Upper bound', description: 'Upper bound of the value; empty when it has none', required: false },
  { name: 'shown', type: 'string', title: 'As shown', description: 'The cell as printed on the page', required: true },
  {
    name: 'status', type: 'string', title: 'Status', required: true, enum: ['published', 'rounded', 'suppressed', 'secondary'],
    description: 'published: as counted; rounded: moved by the protection method; suppressed: too small to show; secondary: withheld to protect a suppressed number',
  },
  { name: 'states', type: 'string', title: 'States', description: 'How many source values were in each state other than exact, as state:count separated by semicolons', required: false },
  { name: 'unit', type: 'string', title: 'Unit', description: 'What is counted', required: true },
  { name: 'synthetic', type: 'boolean', title: 'Synthetic', description: 'True when the records behind the number were generated', required: true },
];

/** The JSON file of a table: what {@link ProtectedTable} holds, with a format name; one line a cell. */
export function tableJson(table: ProtectedTable): string {
  const cells = table.cells.map(cellJson).join(',\n');
  const member = (value: unknown): string => prettyJson(value).trimEnd();
  return `{\n"cells": [\n${cells}\n],\n"certificate": ${member(table.certificate)},\n"format": "weighbridge-table/2",\n"meta": ${member(table.meta)},\n"protection": ${member(table.protection)}\n}\n`;
}

const STATES_SORTED = [...VALUE_STATES].sort();

/** Canonical JSON of a cell: members in code-unit order, written outright because a table may have 200,000 cells. */
function cellJson(cell: ReleasedCell): string {
  const { value } = cell;
  const states = value === null ? {} : Object.fromEntries(STATES_SORTED.flatMap((s) => (value.states[s] === undefined ? [] : [[s, value.states[s]]])));
  return JSON.stringify({ key: cell.key, status: cell.status, value: value === null ? null : { hi: value.hi, lo: value.lo, states } });
}

/** The tidy CSV of a table, cells in the table's order. */
export function tableCsv(table: ProtectedTable): string {
  const { meta } = table;
  const rows = table.cells.map((cell) => [
    ...meta.dimensions.flatMap((dimension, i) => dimensionFields(dimension, cell.key[i] ?? null)),
    ...measureFields(cell), unitAt(meta, cell.key), meta.synthetic,
  ]);
  return writeCsv(tidyColumns(table).map((c) => c.name), rows);
}

/** The columns of {@link tableCsv}, in order. */
export function tidyColumns(table: ProtectedTable): readonly TidyColumn[] {
  const taken = new Set(MEASURE_COLUMNS.map((c) => c.name));
  return [
    ...table.meta.dimensions.flatMap((dimension) => {
      const base = taken.has(dimension.field) ? `${dimension.field}_code` : dimension.field;
      const columns: TidyColumn[] = [
        { name: base, type: 'string', title: dimension.label, description: `Code of ${dimension.label}; ${MARGIN_CODE} is the total`, required: true },
        { name: `${base}_label`, type: 'string', title: `${dimension.label} (label)`, description: `Label of ${dimension.label}`, required: true },
      ];
      if (dimension.levelsShown) {
        columns.push({ name: `${base}_level`, type: 'string', title: `${dimension.label} (level)`, description: 'Level of the code: numbers of different levels must not be added', required: false });
      }
      if (hasPartPeriods(dimension)) {
        columns.push({ name: `${base}_part_period`, type: 'string', title: `${dimension.label} (part period)`, description: 'What part of the period the source covers; empty when all of it', required: false });
      }
      return columns;
    }),
    ...MEASURE_COLUMNS,
  ];
}

/** `state:count` pairs in the order in which states are listed to people. */
export function statesText(value: Quantity | null): string {
  if (value === null) return '';
  return VALUE_STATES.flatMap((s) => ((value.states[s] ?? 0) > 0 ? [`${s}:${value.states[s] ?? 0}`] : [])).join(';');
}

function dimensionFields(dimension: Dimension, code: string | null): readonly string[] {
  const known = dimension.codes.find((c) => c.code === code);
  return [
    code ?? MARGIN_CODE,
    labelOf(dimension, code),
    ...(dimension.levelsShown ? [known?.level ?? ''] : []),
    ...(hasPartPeriods(dimension) ? [known?.partPeriod ?? ''] : []),
  ];
}

function measureFields(cell: ReleasedCell): readonly (string | number | null)[] {
  const lo = cell.value?.lo ?? null;
  const hi = cell.value?.hi ?? null;
  return [lo !== null && lo === hi ? lo : null, lo, hi, printCell(cell).text, cell.status, statesText(cell.value)];
}

function hasPartPeriods(dimension: Dimension): boolean {
  return dimension.codes.some((c) => c.partPeriod !== undefined);
}
