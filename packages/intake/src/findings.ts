/**
 * What an intake finds, gathered as it goes: one line of NDJSON for each place on disk, one summary for each kind in
 * memory, so that a million issues cost no more memory than one.
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Issue, Place, Severity } from '@weighbridge/base';

/** What one kind of issue says, wherever it occurs. Holds no value of the data. */
export interface Kind {
  readonly code: string;
  readonly severity: Severity;
  readonly column?: string;
  /** Identifier of the instrument's rule, for rules. */
  readonly rule?: string;
  /** Tells kinds apart that share code, column and severity: each has a summary of its own. */
  readonly part?: string;
  readonly message: string;
  readonly repair: string;
}

/** Gathers issues of one file. */
export class Findings {
  readonly #file: string;
  readonly #path: string;
  readonly #groups = new Map<string, { issue: Issue; count: number }>();
  #cellFaults = false;
  #fd: number | undefined;
  #buffer: string[] = [];

  /** @param file - name shown in places; @param path - where the NDJSON lines go */
  constructor(file: string, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** One issue at one place, written out and counted. */
  add(kind: Kind, place: { readonly row?: number; readonly line?: number }): void {
    this.summarise(kind, 1, place);
    if (kind.severity === 'error' && kind.column !== undefined && place.row !== undefined) this.#cellFaults = true;
    this.#buffer.push(issueLine(kind, place));
    if (this.#buffer.length >= 4096) this.flush();
  }

  /** The issues of a refusal that ended the reading, each at its row and line. */
  addAll(issues: readonly Issue[]): void {
    for (const { code, severity, message, repair, place: { row, line, column } } of issues) {
      this.add({ code, severity, message, repair, ...(column === undefined ? {} : { column }) }, { ...(row === undefined ? {} : { row }), ...(line === undefined ? {} : { line }) });
    }
  }

  /** Counts `count` issues of a kind whose first place is `place`; their lines are written by somebody else. */
  summarise(kind: Kind, count: number, place: Place): void {
    const key = JSON.stringify([kind.code, kind.column ?? null, kind.rule ?? null, kind.severity, kind.part ?? null]);
    const group = this.#groups.get(key);
    if (group) {
      group.count += count;
      return;
    }
    const issue: Issue = {
      code: kind.code, severity: kind.severity, message: kind.message, repair: kind.repair,
      place: { file: this.#file, ...place, ...(kind.column === undefined ? {} : { column: kind.column }), ...(kind.rule === undefined ? {} : { key: `rules.${kind.rule}` }) },
    };
    this.#groups.set(key, { issue, count });
  }

  /** The file of lines when some of them are errors at a cell, written out; undefined when none is. */
  cellFaults(): string | undefined {
    this.flush();
    return this.#cellFaults ? this.#path : undefined;
  }

  /** Writes what is buffered. */
  flush(): void {
    if (this.#buffer.length === 0) return;
    this.#fd ??= openSync(this.#path, 'a');
    writeSync(this.#fd, `${this.#buffer.join('\n')}\n`);
    this.#buffer = [];
  }

  close(): void {
    this.flush();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  get refused(): boolean {
    return [...this.#groups.values()].some((g) => g.issue.severity === 'error');
  }

  /** Errors first, then warnings, then infos; within each in the order of finding. */
  summary(): Issue[] {
    const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
    return [...this.#groups.values()]
      .map(({ issue, count }) => ({ ...issue, count }))
      .sort((a, b) => rank[a.severity] - rank[b.severity]);
  }
}

/** One issue as a line of the issues file, without its newline. */
export function issueLine(kind: Kind, place: { readonly row?: number; readonly line?: number }): string {
  return JSON.stringify({ row: place.row, line: place.line, ...kindMembers(kind) });
}

/** The members of an issue line that are the same wherever the kind occurs. */
export function kindMembers(kind: Kind): Record<string, string | undefined> {
  return { column: kind.column, code: kind.code, rule: kind.rule, severity: kind.severity, message: kind.message, repair: kind.repair };
}
