/**
 * Columns that nothing uses: told, or refused where the name is nearly one that means something. A misspelt `contributors` would
 * protect less than was meant, and say nothing.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';

/** Names that mean something beside dimensions; those with # are numbered from 1. */
const MEANINGS = {
  cells: ['freq', 'value', 'contributors', 'requested', 'draw', 'largest#', 'waived#'],
  records: ['value', 'contributor'],
  list: ['freq', 'value', 'contributors', 'requested', 'largest#', 'waived#', 'status', 'published', 'reason'],
} as const satisfies Record<string, readonly string[]>;

/** What a file holds: cells to protect, records, or a list that was protected. */
export type FileOf = keyof typeof MEANINGS;

/** Letters from which a name may be two strokes off: `day` is not `draw`, and `state` not `status`. */
const LONG = 7;

/** Whether a column that is no dimension means something in such a file. */
export function isMeant(name: string, of: FileOf): boolean {
  return MEANINGS[of].some((meaning) => meaning === name.replace(/(?<=^(?:largest|waived))[1-9]\d*$/, '#'));
}

/**
 * Tells of each column that is neither a dimension nor means anything.
 * @throws Refusal `COLUMN_MISSPELT` with file and column where the name is nearly one that does
 */
export function tellUnused(file: string, header: readonly string[], dimensions: readonly string[], of: FileOf, tell: (issue: Issue) => void): void {
  for (const name of header) {
    if (dimensions.includes(name) || isMeant(name, of)) continue;
    assertSpelt(file, name, of);
    tell({ code: 'COLUMN_UNUSED', severity: 'warning', message: `nothing uses the column “${name}”`, place: { file, line: 1, column: name }, repair: 'leave the column out, or name it in the dimensions of the specification' });
  }
}

/** @throws Refusal `COLUMN_MISSPELT` where a name is nearly one that means something in such a file */
export function assertSpelt(file: string, name: string, of: FileOf): void {
  const digits = /\d+$/.exec(name)?.[0] ?? '';
  for (const meaning of MEANINGS[of]) {
    const stem = meaning.replace('#', '');
    const meant = stem === meaning ? meaning : `${stem}${String(Number(digits) || 1)}`;
    if (strokesBetween(name.toLowerCase(), meant) > (stem.length < LONG ? 1 : 2)) continue;
    refuse('COLUMN_MISSPELT', `nothing uses the column “${name}”, and its name is nearly “${meant}”`, { file, line: 1, column: name }, `name it “${meant}” if that is what it holds; otherwise give it another name, or leave it out`);
  }
}

/** Letters put in, left out, changed, or swapped with the next one, that make one name of the other. */
function strokesBetween(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((last[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same, i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity);
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
