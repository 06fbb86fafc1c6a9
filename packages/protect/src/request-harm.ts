/**
 * The harm that a list adds: what somebody derives with it of unsafe cells, and did not without it. It is held against each
 * reader apart: everyone, and each contributor.
 * @module
 */
import type { ReaderAttack } from './audit-cells.ts';
import type { ContributorAttack } from './contributor-attack.ts';
import type { ReaderKnowledge } from './knowledge.ts';

/** What was derived, and from what. */
export interface Derived {
  readonly reader: ReaderKnowledge;
  readonly attack: ReaderAttack;
}

/** What of it is compared. */
export interface Findings {
  readonly reader: Pick<ReaderKnowledge, 'identityOf' | 'nameOf'>;
  readonly attack: Pick<ReaderAttack, 'broken'> & { readonly insiders?: Pick<ContributorAttack, 'findings'> };
}

/** How closely: 1 more closely than the rules allow, 2 exactly. */
type Closeness = 1 | 2;

/** The reader who is in no cell; contributors are numbers. */
const EVERYONE = -1;

/** Cells that somebody derives now and did not before, or not so closely, with how. */
export function harmOf(now: Findings, before: Findings): Map<number, string> {
  const was = new Map([...closenessOf(before)].map(([cell, readers]) => [before.reader.identityOf(cell), readers]));
  const harm = new Map<number, string>();
  for (const [cell, readers] of closenessOf(now)) {
    const known = was.get(now.reader.identityOf(cell));
    const worse = [...readers].find(([who, close]) => close > Math.max(known?.get(who) ?? 0, known?.get(EVERYONE) ?? 0));
    if (worse === undefined) continue;
    harm.set(cell, `${now.reader.nameOf(cell)}: ${worse[0] === EVERYONE ? now.attack.broken.get(cell) ?? '' : `can be derived by contributor ${worse[0]}`}`);
  }
  return harm;
}

/** Cell → reader → how closely they derive it. */
function closenessOf({ attack }: Findings): ReadonlyMap<number, ReadonlyMap<number, Closeness>> {
  const found = new Map<number, Map<number, Closeness>>();
  for (const { cell, contributor, how } of attack.insiders?.findings ?? []) {
    const readers = found.get(cell) ?? new Map<number, Closeness>();
    found.set(cell, readers.set(contributor, how === 'exact' ? 2 : 1));
  }
  for (const [cell, how] of attack.broken) if (!found.has(cell)) found.set(cell, new Map([[EVERYONE, how.startsWith('can be derived exactly') ? 2 : 1]]));
  return found;
}
