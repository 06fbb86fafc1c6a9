/**
 * Tables of true values from sealed records: counts, sums and distinct counts over any dimensions, with their margins,
 * basis and provenance. Leaves out: protection; a result may only go to `protect`.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import type { Dimension, DimensionCode } from '@weighbridge/base';
import { confidential, confidentialTable, count } from '@weighbridge/base/confidential';
import type { ConfidentialCell, ConfidentialTable } from '@weighbridge/base/confidential';
import type { Engine, SqlRow } from '@weighbridge/engine';
import type { Collection, MeasureDefinition, TableSpec } from '@weighbridge/instrument';
import { partPeriod } from './calendar.ts';
import { coveredMonths, coveredPeriod } from './coverage.ts';
import { addingConflicts, checkReleasable, checkRows, checkValidity, guardFields, marginLabel } from './data-laws.ts';
import type { AddingConflict, LawContext } from './data-laws.ts';
import { planDimension, shownCodes } from './dimension.ts';
import type { DimensionPlan } from './dimension.ts';
import { tableFindings } from './findings.ts';
import { protectionRequest } from './identity.ts';
import { InstrumentData, RECORD } from './instrument-data.ts';
import type { Records } from './instrument-data.ts';
import { measureColumns, planMeasure } from './measure-sql.ts';
import type { MeasurePlan } from './measure-sql.ts';
import { rollUpSql } from './roll-up-sql.ts';
import { UNIT_COLUMN, currentSources } from './sources.ts';
import type { SealedSource } from './sources.ts';
import { tableMeta } from './table-meta.ts';

export interface TabulateInput {
  /** Checked; every reference in it resolves. */
  readonly collection: Collection;
  readonly table: TableSpec;
  /** Sealed submissions; those of other instruments and earlier editions are left aside. */
  readonly submissions: readonly SealedSource[];
  /** Must be allowed to read every `parquetPath`. */
  readonly engine: Engine;
}

export interface TabulateAllInput extends Omit<TabulateInput, 'table'> {
  /** Default: every table of the collection, in order of id. */
  readonly tables?: readonly TableSpec[];
  /** Called before each table, for progress. */
  readonly onTable?: (id: string, index: number, of: number) => void;
}

/**
 * One table of true values: confidential.
 *
 * Deterministic: the same definitions and submissions give the same cells in the same order on any machine, with any
 * number of threads. Cells stand for every combination of codes and margins; a combination without records is 0, or,
 * for sums of published figures and for rounds that an agency did not submit, no number.
 *
 * @throws Refusal when the table would say something false: `NO_SUBMISSIONS`, `SYNTHETIC_MIXED`, `LEVELS_MIXED`,
 *   `OVERLAPPING_AGGREGATE`, `MEASURE_DOES_NOT_ADD`, `STOCK_OVER_TIME`, `CODE_NOT_VALID_AT_DATE`,
 *   `FIELD_NOT_RELEASABLE`, `TABLE_TOO_LARGE`, `SUM_TOO_LARGE`
 * @throws EngineError when the records cannot be read
 */
export async function tabulate(input: TabulateInput): Promise<ConfidentialTable> {
  const [table] = await tabulateAll({ ...input, tables: [input.table] });
  if (!table) throw new TypeError('tabulate: expected one table');
  return table;
}

/** Tables made at once: while the records are read for one, the other is planned and put together. */
const ABREAST = 2;

/** Several tables, in the order given; what they ask of the same records is asked once. Refuses as {@link tabulate} does. */
export async function tabulateAll(input: TabulateAllInput): Promise<ConfidentialTable[]> {
  const tables = input.tables ?? [...input.collection.tables.values()].sort((a, b) => (a.definition.id < b.definition.id ? -1 : 1));
  const opened = new Map<string, InstrumentData>();
  const made: Promise<ConfidentialTable>[] = [];
  const start = async (spec: TableSpec): Promise<ConfidentialTable> => {
    const id = spec.definition.instrument;
    const instrument = input.collection.instruments.get(id);
    if (!instrument) refuse('REFERENCE', `instrument "${id}" is not defined`, { file: spec.file.path, key: 'instrument' }, 'name an instrument of the collection');
    const data = opened.get(id) ?? new InstrumentData(instrument, currentSources(id, input.submissions), input.engine);
    opened.set(id, data);
    return inFile(spec, () => new TableBuild(input.collection, spec, data).build());
  };
  try {
    for (const [i, spec] of tables.entries()) {
      await made[i - ABREAST];
      input.onTable?.(spec.definition.id, i, tables.length);
      const table = start(spec);
      table.catch(() => undefined);
      made.push(table);
    }
    const all: ConfidentialTable[] = [];
    // In order, so that of several refusals the first table's is told.
    for (const table of made) all.push(await table);
    return all;
  } finally {
    // Nothing may still read records when the caller goes on.
    await Promise.allSettled(made);
  }
}

/** Adds the table's file to what is refused, so that a person knows what to mend. */
async function inFile<T>(spec: TableSpec, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [first, ...rest] = error.issues.map((issue) => ({ ...issue, place: { file: spec.file.path, ...issue.place } }));
    throw first ? new Refusal([first, ...rest], { cause: error }) : error;
  }
}

class TableBuild {
  readonly #collection: Collection;
  readonly #spec: TableSpec;
  readonly #data: InstrumentData;
  readonly #measure: MeasureDefinition;
  readonly #plans: readonly DimensionPlan[];
  readonly #laws: LawContext;

  constructor(collection: Collection, spec: TableSpec, data: InstrumentData) {
    const table = spec.definition;
    const measure = data.instrument.definition.measures.find((m) => m.id === table.measure);
    if (!measure) refuse('REFERENCE', `measure "${table.measure}" is not defined`, { object: table.id, key: 'measure' }, 'name a measure of the instrument');
    checkReleasable(data, table);
    const sources = data.sources.current;
    const context = { collection, instrument: data.instrument, sources, period: coveredPeriod(collection, sources) };
    this.#collection = collection;
    this.#spec = spec;
    this.#data = data;
    this.#measure = measure;
    this.#plans = table.by.map((by) => planDimension(context, by));
    this.#laws = { data, table, measure, plans: this.#plans };
  }

  async build(): Promise<ConfidentialTable> {
    const { definition } = this.#data.instrument;
    this.#checkSize(this.#plans.map((p) => p.keep?.length ?? (p.showAll ? p.known.length : 1)));
    await checkValidity(this.#data);
    const conflicts = await addingConflicts(this.#laws);
    const margins = this.#plans.map((plan) => marginLabel(this.#laws, plan, conflicts.get(plan.field)));
    // A return holds every record there is, so none is zero; a published table may be silent about what it leaves out.
    const measure = planMeasure(definition, this.#measure, definition.sensitivity.level === 'public' ? null : 0);
    const rows = await this.#rows(measure, margins);
    const codes = this.#plans.map((plan, i) => shownCodes(plan, new Set(rows.filter((r) => Number(r[`m${i}`]) === 0).map((r) => String(r[`c${i}`]))), this.#fills(plan)));
    this.#checkSize(codes.map((c, i) => c.length + (margins[i] === null ? 0 : 1)));
    const dimensions: Dimension[] = [];
    for (const [i, plan] of this.#plans.entries()) dimensions.push(await this.#dimension(plan, codes[i] ?? [], margins[i] ?? null, conflicts.get(plan.field)));
    const cells = cellsOf(dimensions, rows, measure, (key) => this.#submitted(key));
    const findings = await tableFindings(this.#collection, this.#data, this.#plans, dimensions);
    const meta = tableMeta({ collection: this.#collection, data: this.#data, spec: this.#spec, measure: this.#measure, plans: this.#plans, dimensions, findings });
    return confidentialTable(meta, cells, protectionRequest(this.#collection, this.#data.instrument, this.#spec.definition, this.#measure, this.#plans));
  }

  async #rows(measure: MeasurePlan, margins: readonly (string | null)[]): Promise<SqlRow[]> {
    const { table } = this.#laws;
    const guards = guardFields(this.#laws, margins);
    const { distinct } = this.#measure;
    const fields = [...this.#plans.map((p) => p.field), ...this.#data.conditionNeeds(table.where), ...guards, ...(distinct === undefined ? [] : [distinct])];
    const units = this.#data.instrument.definition.sensitivity.level === 'confidential';
    const records = await this.#data.records(fields, [...measureColumns(this.#data.instrument.definition, this.#measure), ...(units ? [UNIT_COLUMN] : [])]);
    const where = this.#data.condition(table.where);
    const dimensions = [];
    for (const [i, plan] of this.#plans.entries()) {
      dimensions.push({ plan, margin: margins[i] !== null, parts: plan.split === undefined ? null : await this.#parts(plan, plan.split, records) });
    }
    const rows = await this.#data.rows(rollUpSql({ records, where, dimensions, measure, guards, units }), `tabulating ${table.id}`);
    // Over no records the grand total comes back as a row of NULLs: it says nothing.
    const held = rows.filter((row) => row['n'] !== null);
    checkRows(this.#laws, guards, held);
    return held;
  }

  /** Texts of a field with several values in a cell, each with its codes; asked of the whole data once. */
  async #parts(plan: DimensionPlan, separator: string, records: Records): Promise<(readonly [string, string])[]> {
    const { group, text } = records.field(plan.field);
    const raws = await this.#data.once(`parts ${plan.field}`, async () => {
      const rows = await this.#data.rows(`SELECT ${text('g')} AS raw FROM (SELECT DISTINCT ${group} AS g FROM (${records.sql}) AS ${RECORD}) AS texts ORDER BY raw`, 'reading values');
      // A blank and the empty text are both missing: one text.
      return [...new Set(rows.map((row) => String(row['raw'])))];
    });
    return raws.flatMap((raw) => {
      const values = raw.split(separator).map((v) => (plan.own?.trim === false ? v : v.trim())).filter((v) => v !== '');
      const codes = new Set((values.length === 0 ? [''] : values).map((v) => plan.rollUp.get(v) ?? v));
      return [...codes].filter((code) => (plan.keep?.includes(code) ?? true) && !plan.drop.has(code)).map((code) => [raw, code] as const);
    });
  }

  /** Periods without a record between others are shown as zero where every record there is was returned. */
  #fills(plan: DimensionPlan): boolean {
    return plan.by.allCodes ?? this.#data.instrument.definition.sensitivity.level === 'confidential';
  }

  async #dimension(plan: DimensionPlan, codes: readonly DimensionCode[], total: string | null, conflict: AddingConflict | undefined): Promise<Dimension> {
    const covered = await coveredMonths(this.#collection, this.#data, plan);
    const notAdditive = this.#notAdditive(plan, conflict);
    return {
      field: plan.field, label: plan.label, kind: plan.kind, total, levelsShown: plan.by.levels !== undefined,
      codes: codes.map((code) => {
        const part = covered && plan.grain !== null ? partPeriod(plan.grain, code.code, covered) : undefined;
        return part === undefined ? code : { ...code, partPeriod: part };
      }),
      ...(notAdditive === undefined ? {} : { notAdditive }),
    };
  }

  #notAdditive(plan: DimensionPlan, conflict: AddingConflict | undefined): string | undefined {
    if (plan.by.levels) return 'Parents stand beside their children as reported, so adding the rows counts the same thing more than once.';
    if (plan.split !== undefined) return 'One record may stand under several of these, so they add to more than the total, which counts each record once.';
    if (conflict) return `${conflict.why}.`;
    const declared = this.#measure.notOver.find((n) => n.field === plan.field);
    if (declared) return `The numbers must not be added: ${declared.why}.`;
    if (this.#measure.distinct !== undefined) return 'One and the same may stand under several of these; the total counts it once.';
    if (!this.#measure.adds) return 'This measure does not add.';
    return this.#measure.kind === 'stock' && (plan.kind === 'time' || plan.field === 'round') ? 'These are numbers at different dates, which must not be added.' : undefined;
  }

  /** False for an agency and round of which no submission was received. */
  #submitted(key: readonly (string | null)[]): boolean {
    const at = (field: string): string | null => key[this.#plans.findIndex((p) => p.field === field)] ?? null;
    const [agency, round] = [at('agency'), at('round')];
    return this.#data.sources.current.some(({ source }) => (agency === null || source.agency === agency) && (round === null || source.round === round));
  }

  #checkSize(lengths: readonly number[]): void {
    const { table } = this.#laws;
    if (lengths.reduce((a, b) => a * b, 1) > table.maxCells) {
      refuse('TABLE_TOO_LARGE', `the table would have more than ${table.maxCells} cells`, { object: table.id, key: 'maxCells' }, 'take a dimension out, show a higher level or fewer codes, or raise maxCells');
    }
  }
}

/** Every combination of codes and margins, in display order, margins last. */
function cellsOf(dimensions: readonly Dimension[], rows: readonly SqlRow[], measure: MeasurePlan, submitted: (key: readonly (string | null)[]) => boolean): ConfidentialCell[] {
  const byKey = new Map(rows.map((row) => [JSON.stringify(dimensions.map((_, i) => (Number(row[`m${i}`]) === 1 ? null : row[`c${i}`]))), row]));
  let keys: (string | null)[][] = [[]];
  for (const { codes, total } of dimensions) {
    const positions = [...codes.map((c) => c.code), ...(total === null ? [] : [null])];
    keys = keys.flatMap((key) => positions.map((p) => [...key, p]));
  }
  return keys.map((key): ConfidentialCell => {
    const row = byKey.get(JSON.stringify(key));
    const records = Number(row?.['n'] ?? 0);
    const none = records === 0 && !submitted(key) ? { lo: null, hi: null, states: {} } : null;
    const group = row?.['f'];
    return { key, records: count(records), value: confidential(none ?? measure.read(row ?? NO_ROW, records)), ...(group === undefined ? {} : { group: String(group) }) };
  });
}

const NO_ROW: SqlRow = { v: 0 };
