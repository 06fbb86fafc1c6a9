/**
 * What is said when input is refused or flagged: an issue has a code, a place and a repair.
 * An issue never holds a confidential value: it gives the address of the value instead.
 * @module
 */

/** Where something is. Every part is optional; give all that is known. Rows and lines count from 1. */
export interface Place {
  /** File name as the user gave it (never an absolute path of the machine that checks). */
  readonly file?: string;
  /** Line in the file, counting from 1. */
  readonly line?: number;
  /** Data record, counting from 1 after the header. */
  readonly row?: number;
  /** Column name, as the instrument names it. */
  readonly column?: string;
  /** Path of a key in a definition, such as `fields[2].type`. */
  readonly key?: string;
  /** Identifier of a table, release, submission or other object. */
  readonly object?: string;
}

/** `error` refuses the input; `warning` must be looked at; `info` is worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** One thing found in an input. `message` says what was expected and what was found (masked where sensitive). */
export interface Issue {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
  /** What the person can do about it. */
  readonly repair: string;
  /** How many places the issue stands for, when it is a summary; 1 when absent. */
  readonly count?: number;
}

/**
 * Thrown when an input cannot be accepted: exit code 3 on the command line.
 * `issues` is never empty; `code` is the first issue's code.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly issues: readonly Issue[];

  constructor(issues: readonly [Issue, ...Issue[]], options?: ErrorOptions) {
    super(`${issues[0].code}: ${issues[0].message}`, options);
    this.code = issues[0].code;
    this.issues = issues;
  }
}

/** Thrown when a command was called wrongly: exit code 2. `message` names the argument and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

/** Thrown when what was to be verified is proven false: exit code 4. */
export class ProvenFalse extends Error {
  override readonly name = 'ProvenFalse';
  readonly code = 'PROVEN_FALSE';
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues[0]?.message ?? 'what was to be verified is false');
    this.issues = issues;
  }
}

/** Throws a {@link Refusal} with a single error issue. */
export function refuse(code: string, message: string, place: Place, repair: string, options?: ErrorOptions): never {
  throw new Refusal([{ code, severity: 'error', message, place, repair }], options);
}

/** Throws a {@link Refusal} when any of the issues is an error; returns otherwise. */
export function refuseOnErrors(issues: readonly Issue[]): void {
  const errors = issues.filter((i) => i.severity === 'error');
  const [first, ...rest] = errors;
  if (first) throw new Refusal([first, ...rest]);
}

/** One line for a person: `file:line column code: message. repair`. */
export function formatIssue(issue: Issue): string {
  const { place } = issue;
  const where = [
    place.file === undefined ? undefined : place.line === undefined ? place.file : `${place.file}:${place.line}`,
    place.row === undefined ? undefined : `row ${place.row}`,
    place.column === undefined ? undefined : `column ${place.column}`,
    place.key === undefined ? undefined : `key ${place.key}`,
    place.object,
  ].filter((s) => s !== undefined);
  const times = issue.count !== undefined && issue.count > 1 ? ` (${issue.count} places)` : '';
  return `${issue.severity} ${issue.code} at ${where.join(', ') || 'input'}: ${issue.message}${times}. Repair: ${issue.repair}`;
}
