/**
 * The definition language: what may stand in a collection's YAML files. Field types and constraints use the words of
 * Frictionless Table Schema v2; unit, keys, states, hierarchy, additivity, repairs and breaks are ours.
 * Objects are strict: a misspelt key is an error with its file and line, never silently ignored.
 * @module
 */
import { z } from 'zod';
import { isCalendarDate } from './calendar-date.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens');
const fieldName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'expected lower-case letters, digits and underscores');
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date written YYYY-MM-DD')
  .refine(isCalendarDate, 'expected a date that exists');
const text = z.string().min(1);
const answers = z.array(text).default([]);

/** One value or a list of values of a field, as text. */
const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

/**
 * A test on one field. All given parts must hold.
 * `notBefore`/`after` name another field; `contains` ignores case.
 */
const fieldTest = z.strictObject({
  in: z.array(z.string()).min(1).optional(),
  notIn: z.array(z.string()).min(1).optional(),
  blank: z.boolean().optional(),
  min: z.union([z.number(), z.string()]).optional(),
  max: z.union([z.number(), z.string()]).optional(),
  notBefore: fieldName.optional(),
  notAfter: fieldName.optional(),
  contains: text.optional(),
  /** Level of the field's code list: keeps records whose code stands at this level (mixed-level data). */
  level: text.optional(),
  /** Codes of the field's code list: keeps records whose code is one of these or stands below one of them. */
  under: z.array(z.string()).min(1).optional(),
});

/** Field name → value, list of values, or test. All must hold. `anyField` tests every text field of the record. */
const condition = z.record(z.string(), z.union([oneOrMore, fieldTest]));

const states = z.enum([
  'starred', 'blank', 'not-applicable', 'not-published', 'not-recorded', 'not-sought', 'not-attempted', 'suppressed',
  'earlier-period',
]);

const unit = z.strictObject({ id, one: text, many: text });

const fieldType = z.enum(['string', 'integer', 'number', 'percent', 'boolean', 'date', 'yearmonth', 'year']);

const codeRow = z.strictObject({
  code: z.string(), label: text, parent: z.string().optional(), level: z.string().optional(),
  /** Codes whose records are counted inside this code as well, without being its children in the data. */
  overlaps: z.array(z.string()).optional(),
  validFrom: isoDate.optional(), validTo: isoDate.optional(),
}).refine((c) => c.validFrom === undefined || c.validTo === undefined || c.validFrom <= c.validTo, {
  path: ['validTo'], message: 'the validity ends before it starts',
});

/** A field of the return. `source` is the header in the file (default: the name). */
export const fieldSchema = z.strictObject({
  name: fieldName,
  source: text.optional(),
  title: text,
  description: text.optional(),
  type: fieldType,
  /** Code list by id; the data hold its codes. */
  codelist: id.optional(),
  /** What levels the data hold: one named level, or `mixed` when parents stand beside their children. */
  holds: text.optional(),
  /** With an open code list, unknown codes are accepted and listed. */
  open: z.boolean().default(false),
  /** How a date is written in the file: %Y %m %d %H %M %b %y and literals; several may be given. Default ISO 8601. */
  format: z.union([text, z.array(text).min(1)]).optional(),
  /** Thousands separator in numbers of the file. */
  thousands: z.enum([',', '.', ' ', "'", '’', '\u2009', '\u202f', '\u00a0'], 'expected a comma, full stop, space, apostrophe, or thin or no-break space').optional(),
  /** Marks that are not numbers or dates, each with its state: {"-": not-published}. The empty string is the blank. */
  marks: z.record(z.string(), states).default({}),
  /** Printed bounds that may stand for a number: "0-249", "<10" or "<1%", "1*". */
  bounds: z.array(z.enum(['band', 'less-than', 'at-least', 'starred'])).default([]),
  required: z.boolean().default(false),
  constraints: z.strictObject({
    minimum: z.union([z.number(), z.string()]).optional(),
    maximum: z.union([z.number(), z.string()]).optional(),
    minLength: z.int().nonnegative().optional(),
    maxLength: z.int().positive().optional(),
    pattern: text.optional(),
    enum: z.array(z.string()).min(1).optional(),
    unique: z.boolean().optional(),
  }).default({}),
  /** `identifier` and `free-text` can never be a dimension of a table; `free-text` is never echoed in an issue. */
  sensitivity: z.enum(['public', 'confidential', 'identifier', 'free-text']).optional(),
  /** Approved repairs of this column only, each counted in the manifest. `when` limits it to exact cell texts. */
  repairs: z.array(z.strictObject({ from: z.string(), to: z.string(), why: text, approvedBy: text, on: isoDate })).default([]),
  /** Approved spellings: file (columns spelling, code, approved_by, on) mapping what agencies write to one code. */
  spellings: text.optional(),
  /** Propose that spellings equal under case and punctuation are one body; a person confirms. */
  proposeSpellings: z.boolean().default(false),
  /** The cell holds several values separated by this text; each record counts once under each of its values. */
  split: z.string().min(1).optional(),
  /** White space around the text is removed before anything else; a cell of white space only is blank. Default true. */
  trim: z.boolean().default(true),
  /** Code-list attribute check: the code must be valid on the date in this field, or on some day of the month or year in it. */
  validAt: fieldName.optional(),
  answers: z.array(text).optional(),
});

/** A field computed from others when a table is made; the definition's edition is part of the release. */
export const derivedSchema = z.strictObject({
  name: fieldName,
  title: text,
  /** Calendar part of a date, yearmonth or year field. `year-june` ends on 30 June. */
  part: z.strictObject({ of: fieldName, grain: z.enum(['year', 'year-june', 'quarter', 'month', 'half']) }).optional(),
  /** Attribute of a code-list entry valid at a date: {codelist: services, key: service, at: granted, attribute: e2ee}. */
  lookup: z.strictObject({ codelist: id, key: fieldName, at: fieldName.optional(), attribute: fieldName, missing: text.default('unknown') }).optional(),
  /** Days between two dates put into bands: [0, 31, 91] gives "0 to 30", "31 to 90", "91 and more"; else "not known". */
  daysBetween: z.strictObject({ from: fieldName, to: fieldName, bands: z.array(z.int()).min(1) }).optional(),
  /** A number put into bands in the same way. */
  bands: z.strictObject({ of: fieldName, bounds: z.array(z.number()).min(1) }).optional(),
  /** The first case whose condition holds gives the value; else `otherwise`. */
  cases: z.strictObject({ of: z.array(z.strictObject({ when: condition, value: text })).min(1), otherwise: text }).optional(),
  /** A text folded for comparison: trimmed, or without case and punctuation. */
  fold: z.strictObject({ of: fieldName, how: z.enum(['none', 'trim', 'case-punctuation']) }).optional(),
}).refine((d) => [d.part, d.lookup, d.daysBetween, d.bands, d.cases, d.fold].filter((x) => x !== undefined).length === 1, {
  message: 'expected exactly one of part, lookup, daysBetween, bands, cases, fold',
});

const rule = z.strictObject({
  id, severity: z.enum(['error', 'warning']).default('error'),
  /** When this holds … */
  when: condition.default({}),
  /** … this must hold too. */
  then: condition,
  message: text, repair: text,
  answers,
});

const measure = z.strictObject({
  id, label: text,
  unit: unit.optional(),
  /** Number of records (default), the sum of a field, or the number of distinct values of a field. */
  count: z.literal('records').optional(),
  sum: fieldName.optional(),
  distinct: fieldName.optional(),
  /** False: never add over any dimension. */
  adds: z.boolean().default(true),
  /** Fields over which the measure must not be added, each with the reason. */
  notOver: z.array(z.strictObject({ field: fieldName, why: text })).default([]),
  /** A stock is a number at a date, a flow a number during a period; a stock must not be added over time. */
  kind: z.enum(['flow', 'stock']).default('flow'),
}).refine((m) => [m.count, m.sum, m.distinct].filter((x) => x !== undefined).length === 1, {
  message: 'expected exactly one of count, sum, distinct',
});

const breakPoint = z.strictObject({ field: fieldName, at: text, why: text });

const jsonFormat = z.strictObject({
  /** Every record is an array: the names of its values in their order, or the path of the list that names them in the document. */
  columns: z.union([z.array(text).min(1), text]).optional(),
  /** Every record is an array, and the first one holds the names. */
  header: z.literal(true).optional(),
  /** Column → path of a list in the document: the column holds places in that list, counting from 0. */
  lists: z.record(text, text).default({}),
  /** New column → the two columns that hold its bounds: read as "0-249", or as one number where both are the same. */
  bands: z.record(text, z.strictObject({ low: text, high: text })).default({}),
}).refine((j) => j.columns === undefined || j.header === undefined, { message: 'expected columns or header, not both' });

export const instrumentSchema = z.strictObject({
  id, title: text, description: text, answers,
  /** What one record is. */
  record: text,
  unit,
  /** `public` needs a reason: the records are published already. */
  sensitivity: z.strictObject({ level: z.enum(['public', 'confidential']), reason: text }),
  coverage: text,
  format: z.strictObject({
    delimiter: z.string().regex(/^[\t -~]$/, 'expected one ASCII character').regex(/^[^"'A-Za-z0-9]$/, 'expected a delimiter that is no letter, digit or quote').optional(),
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1']).optional(),
    sheet: text.optional(),
    headerRow: z.int().positive().default(1),
    /** JSON: path to the array of records, dot separated. */
    records: text.optional(),
    /** JSON beyond objects with a member per column: arrays of values, places in a list, a number given by two bounds. */
    json: jsonFormat.optional(),
    /** Wide to long: every column whose header matches becomes a record. */
    unpivot: z.strictObject({ columns: text, name: fieldName, value: fieldName }).optional(),
  }).prefault({}),
  extraColumns: z.enum(['refuse', 'ignore']).default('refuse'),
  fields: z.array(fieldSchema).min(1),
  derived: z.array(derivedSchema).default([]),
  primaryKey: z.array(fieldName).default([]),
  repeatedKeys: z.enum(['refuse', 'flag']).default('refuse'),
  /** Field that holds when the thing happened: earlier than the round makes the record late, flagged and counted in its own period. */
  referencePeriod: fieldName.optional(),
  rules: z.array(rule).default([]),
  measures: z.array(measure).min(1),
  breaks: z.array(breakPoint).default([]),
  notes: z.array(text).default([]),
  /** Figures published by others: keys under which editions are compared, and the value compared. */
  series: z.strictObject({ key: z.array(fieldName).min(1), value: fieldName }).optional(),
});

const by = z.strictObject({
  field: fieldName,
  /** Show this level of the field's code list. */
  level: text.optional(),
  /** Show several levels as reported, parents beside children; nothing is derived, gaps are shown. */
  levels: z.array(text).min(2).optional(),
  /** Label of the margin, or false for none. Default: "Total" where the measure adds over the field, none where not. */
  total: z.union([text, z.literal(false)]).optional(),
  /** Keep only these codes, in this order. */
  codes: z.array(z.string()).min(1).optional(),
  /** Show every code of the list, also those that no record has (as zero). Default true for closed lists; always so on confidential instruments. */
  allCodes: z.boolean().optional(),
  time: z.boolean().default(false),
  label: text.optional(),
});

const chart = z.strictObject({
  kind: z.enum(['bar', 'stacked-bar', 'line', 'dot']),
  x: fieldName,
  series: fieldName.optional(),
  facet: fieldName.optional(),
  at: z.record(z.string(), z.union([z.string(), z.null()])).default({}),
  value: z.enum(['value', 'share']).default('value'),
});

export const tableSchema = z.strictObject({
  id, title: text, answers, instrument: id, measure: id,
  by: z.array(by).min(1),
  where: condition.default({}),
  notes: z.array(text).default([]),
  chart: chart.optional(),
  derive: z.array(z.strictObject({ kind: z.enum(['share', 'change']), over: fieldName })).default([]),
  protection: z.strictObject({
    method: z.enum(['round-base-3', 'suppress']).default('round-base-3'),
    threshold: z.int().min(2).default(6),
  }).prefault({}),
  /** More than this many cells is refused before counting: a guard against a table nobody can read. */
  maxCells: z.int().positive().default(200_000),
});

export const codelistSchema = z.strictObject({
  id, title: text, edition: text, source: text,
  description: text.optional(),
  /** Names of levels from the top down. A code's level is its `level` column or its depth. */
  levels: z.array(text).default([]),
  /** Codes in this file … */
  codes: z.array(codeRow).optional(),
  /** … or in a CSV beside it, or, with `root: inputs`, below the input root. */
  file: z.strictObject({
    path: text,
    root: z.enum(['collection', 'inputs']).default('collection'),
    columns: z.record(z.enum(['code', 'label', 'parent', 'level', 'validFrom', 'validTo', 'overlaps']), text).optional(),
  }).optional(),
  /** Attribute columns of the CSV that `lookup` may use. */
  attributes: z.array(fieldName).default([]),
  notes: z.array(text).default([]),
}).refine((c) => (c.codes === undefined) !== (c.file === undefined), { message: 'expected exactly one of codes, file' });

const agency = z.strictObject({ id, title: text });
const round = z.strictObject({ id, title: text.optional(), from: isoDate, to: isoDate, due: isoDate.optional() });

const input = z.strictObject({
  file: text, instrument: id, agency: id, round: id,
  /** How the publisher names the edition, and when it was published. */
  edition: text.optional(), published: isoDate.optional(),
});

/** A total published elsewhere that a table must meet, or be shown to miss. */
const control = z.strictObject({
  id, table: id,
  /** Dimension field → code; fields left out are at their margin. */
  at: z.record(z.string(), z.string()).default({}),
  equals: z.number(),
  source: text,
  /** `refuse`: the release stops when it differs. `show`: both figures and the difference are shown. */
  otherwise: z.enum(['refuse', 'show']).default('refuse'),
});

/** Tables or cells that state the same thing: shown side by side with every difference; neither overwrites the other. */
const comparison = z.strictObject({
  id, title: text,
  /** Period or other field along which the sides are compared; absent: one number a side. */
  along: fieldName.optional(),
  sides: z.array(z.strictObject({ label: text, table: id, at: z.record(z.string(), z.string()).default({}) })).min(2),
  note: text,
});

export const collectionSchema = z.strictObject({
  weighbridge: z.literal(1),
  id, title: text, summary: text, purpose: text, legalBasis: text, residency: text,
  publisher: text, licence: text,
  /** Edition of the release this definition makes. */
  edition: text,
  /** True when every record is generated. Real and synthetic records are never mixed in one instrument. */
  synthetic: z.boolean(),
  /** Folder that `inputs` and `root: inputs` are below, relative to the collection. */
  inputRoot: text.default('.'),
  agencies: z.array(agency).min(1),
  rounds: z.array(round).min(1),
  inputs: z.array(input).default([]),
  /** `run` makes these synthetic extracts first, from the settings in `sample/`. */
  sample: z.strictObject({ seed: z.int().nonnegative(), rows: z.int().positive() }).optional(),
  /** The questions and paragraphs that instruments and tables answer. */
  questions: z.array(z.strictObject({ id: text, text, source: text })).default([]),
  controls: z.array(control).default([]),
  comparisons: z.array(comparison).default([]),
});

export type CollectionDefinition = z.infer<typeof collectionSchema>;
export type InstrumentDefinition = z.infer<typeof instrumentSchema>;
export type TableDefinition = z.infer<typeof tableSchema>;
export type CodelistDefinition = z.infer<typeof codelistSchema>;
export type FieldDefinition = z.infer<typeof fieldSchema>;
export type DerivedDefinition = z.infer<typeof derivedSchema>;
export type Condition = z.infer<typeof condition>;
export type FieldTest = z.infer<typeof fieldTest>;
export type RuleDefinition = z.infer<typeof rule>;
export type MeasureDefinition = z.infer<typeof measure>;
export type ByDefinition = z.infer<typeof by>;
export type ControlDefinition = z.infer<typeof control>;
export type ComparisonDefinition = z.infer<typeof comparison>;
export type RoundDefinition = z.infer<typeof round>;
export type InputDefinition = z.infer<typeof input>;
export type JsonFormat = z.infer<typeof jsonFormat>;
