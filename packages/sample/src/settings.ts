/**
 * The settings of a generator, one file per instrument: `sample/<instrument>.yaml` in the collection.
 * Every distribution says what it rests on: a published rate (`source`, an anchor of docs/references.md) or an
 * `assumption`, in words. Fields are drawn in the order in which they stand here, so a case may look at earlier ones.
 * @module
 */
import { z } from 'zod';

const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'expected lower-case letters, digits and underscores');
const text = z.string().min(1);
const anchor = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected the anchor of a reference: lower-case letters, digits and hyphens');
const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

const reason = { source: anchor.optional(), assumption: text.optional() };

/** Code → whole-number weight. The empty code is the blank. */
const weights = z.record(z.string(), z.int().nonnegative()).refine((w) => {
  const total = Object.values(w).reduce((a, b) => a + b, 0);
  return total > 0 && total <= 2_097_152;
}, 'expected whole-number weights that add to between 1 and 2097152');

const band = z.strictObject({ from: z.int(), to: z.int(), weight: z.int().positive() })
  .refine((b) => b.from <= b.to && b.to - b.from < 2_097_152, 'expected from ≤ to, less than 2097152 apart');
const bands = z.array(band).min(1);

/** How one value is made: exactly one of these. */
const generator = {
  /** Always this text. */
  value: z.string().optional(),
  choose: weights.optional(),
  /** With `choose`: no code twice among the records of one run of this group field. */
  distinctWithin: name.optional(),
  /** A whole number from a band drawn by weight; `times` multiplies it, for round amounts. */
  integer: z.strictObject({ bands, times: z.int().positive().default(1) }).optional(),
  /**
   * A date within the round (`days` counts from its first day; default: any day of it alike), or some days after (before,
   * when negative) another date field, which may be blank.
   */
  date: z.strictObject({
    within: z.literal('round').optional(),
    from: name.optional(),
    days: bands.optional(),
    /** A date after the end of the round becomes a blank. */
    blankAfterRound: z.boolean().default(false),
  }).refine((d) => (d.within === undefined ? d.from !== undefined && d.days !== undefined : d.from === undefined), 'expected "within: round", or both "from" and "days"').optional(),
  /**
   * A pseudonym `SYN-<prefix>-…`, different in every record. `shared`: so many records in a thousand carry a pseudonym that
   * about `holders` records of the instrument carry, in any agency or round.
   */
  id: z.strictObject({
    prefix: z.string().regex(/^[A-Z]{1,6}$/, 'expected one to six capital letters'),
    shared: z.strictObject({ perThousand: z.int().min(1).max(1000), holders: z.int().min(2) }).optional(),
  }).optional(),
  /** A pseudonym held by a run of consecutive records; `size`: records in a run → weight. */
  group: z.strictObject({ prefix: z.string().regex(/^[A-Z]{1,6}$/), size: weights }).optional(),
  /** Number of records in the run of this group field. */
  sizeOf: name.optional(),
};

const KINDS = ['value', 'choose', 'integer', 'date', 'id', 'group', 'sizeOf'] as const;
export type GeneratorKind = (typeof KINDS)[number];

function kindsOf(node: Readonly<Partial<Record<GeneratorKind, unknown>>>): GeneratorKind[] {
  return KINDS.filter((k) => node[k] !== undefined);
}

/** The one kind of generator that a node of the settings has. */
export function kindOf(node: Readonly<Partial<Record<GeneratorKind, unknown>>>): GeneratorKind {
  const [kind] = kindsOf(node);
  if (kind === undefined) throw new TypeError('kindOf: expected a node that met its schema');
  return kind;
}

const oneKind = (node: Readonly<Partial<Record<GeneratorKind, unknown>>>): boolean => kindsOf(node).length === 1;
const ONE_KIND = `expected exactly one of ${KINDS.join(', ')}`;
const oneReason = (node: { source?: string | undefined; assumption?: string | undefined }): boolean => node.source === undefined || node.assumption === undefined;
const ONE_REASON = 'expected source or assumption, not both';

/** Applies when every named field has (one of) the given codes; `agency` and `round` may be named. */
const caseSchema = z.strictObject({ when: z.record(name, oneOrMore), ...generator, ...reason })
  .refine(oneKind, ONE_KIND).refine(oneReason, ONE_REASON);

const fieldSchema = z.strictObject({
  field: name,
  ...generator,
  ...reason,
  /** Drawn once for each run of this group field and held for its records. */
  heldBy: name.optional(),
  /** The first case that applies replaces the field's own generator. */
  cases: z.array(caseSchema).default([]),
}).refine(oneKind, ONE_KIND).refine(oneReason, ONE_REASON);

const shares = z.strictObject({ weights, ...reason }).refine(oneReason, ONE_REASON);

export const sampleSchema = z.strictObject({
  instrument: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** Records of this instrument for every thousand rows asked for. */
  rowsPerThousand: z.int().positive().max(10_000).default(1000),
  /** Agencies that make this return → share of the records. */
  agencies: shares,
  /** Rounds → share of the records. */
  rounds: shares,
  /** Names that fields may look at and that are not written to the file. */
  hidden: z.array(name).default([]),
  fields: z.array(fieldSchema).min(1),
});

export type SampleSettings = z.infer<typeof sampleSchema>;
export type FieldSettings = z.infer<typeof fieldSchema>;
export type CaseSettings = z.infer<typeof caseSchema>;
export type Band = z.infer<typeof band>;
