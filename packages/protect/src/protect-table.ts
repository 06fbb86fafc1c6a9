/**
 * One table as it is released: rounded or as counted, without what is withheld.
 * Leaves out: what has to be withheld; `protect-tables.ts` decides that for all tables together.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Quantity, ValueState } from '@weighbridge/base';
import type { ConfidentialCell, ConfidentialTable } from '@weighbridge/base/confidential';
import { brandTable } from './protected-brand.ts';
import { cellDraw, cellIdentity, groupIdentity } from './cell-draw.ts';
import type { DrawPart } from './cell-draw.ts';
import type { ProtectedTable, ProtectionStatement, ReleasedCell, TableCertificate } from './released.ts';
import { roundIntegerToBase3 } from './round-base3.ts';

/**
 * Refuses what no method can release.
 * @throws Refusal `PROTECTION_REASON`, `MAGNITUDE_NOT_INTEGER`
 */
export function assertProtectable(table: ConfidentialTable): void {
  const { meta, protection, cells } = table;
  if (protection.method === 'public' && (protection.reason?.trim() ?? '') === '') {
    refuse('PROTECTION_REASON', 'the table is called public without a reason', { object: meta.id }, 'state under "sensitivity" why the records are public already');
  }
  if (protection.method !== 'round-base-3') return;
  for (const { value } of cells) {
    for (const n of [value.lo, value.hi]) {
      if (n !== null && !Number.isSafeInteger(n)) refuse('MAGNITUDE_NOT_INTEGER', 'rounding to base 3 needs whole numbers and the sums of this table are not', { object: meta.id }, 'set protection.method: suppress');
    }
  }
}

/**
 * Makes the releasable table.
 * @param isWithheld - whether a part of the cell at a position is withheld
 */
export function releaseTable(table: ConfidentialTable, key: Uint8Array, isWithheld: (part: DrawPart, cell: number) => boolean, certified: Pick<TableCertificate, 'engine' | 'linkedTables' | 'earlierReleases'>): ProtectedTable {
  const { method } = table.protection;
  const cells = table.cells.map((cell, i): ReleasedCell => {
    if (isWithheld('value', i)) return { key: cell.key, status: 'suppressed', value: null };
    const { lo, hi, states } = cell.value;
    if (method === 'public') return { key: cell.key, status: 'published', value: { lo, hi, states } };
    const shown = mapStates(states, (state) => (isWithheld(`state:${state}`, i) ? undefined : method === 'suppress' ? states[state] : roundedState(table, cell, state, key)));
    if (method === 'suppress' || (lo === null && Object.keys(states).length === 0)) return { key: cell.key, status: 'published', value: { lo, hi, states: shown } };
    return { key: cell.key, status: 'rounded', value: { lo: rounded(table, cell, lo, key), hi: rounded(table, cell, hi, key), states: shown } };
  });
  const withheld = cells.filter((cell) => cell.value === null).length;
  return brandTable(table.meta, cells, statementOf(table), { ...certified, method, cells: cells.length, withheld, breaches: 0 });
}

/** What rounding shows of a part of a cell. */
export function roundedPart(table: ConfidentialTable, cell: ConfidentialCell, part: DrawPart, key: Uint8Array): number {
  const n = part === 'value' ? cell.value.lo : cell.value.states[part.slice('state:'.length) as ValueState];
  return n === null || n === undefined ? 0 : roundIntegerToBase3(n, cellDraw(key, identityOf(table, cell), part));
}

/** A number of values that rounds to none is left out, as where there is none. */
function roundedState(table: ConfidentialTable, cell: ConfidentialCell, state: ValueState, key: Uint8Array): number | undefined {
  return roundedPart(table, cell, `state:${state}`, key) || undefined;
}

/** One draw for both bounds: rounding is monotone under a fixed draw, so `lo` never passes `hi`. */
function rounded(table: ConfidentialTable, cell: ConfidentialCell, n: number | null, key: Uint8Array): number | null {
  return n === null ? null : roundIntegerToBase3(n, cellDraw(key, identityOf(table, cell), 'value'));
}

function identityOf({ meta, protection }: ConfidentialTable, { key, group }: ConfidentialCell): string {
  return group === undefined ? cellIdentity(protection, meta.dimensions.map((d) => d.field), key) : groupIdentity(protection, group);
}

function statementOf({ meta, protection }: ConfidentialTable): ProtectionStatement {
  switch (protection.method) {
    case 'public':
      return { method: 'public', statement: `Shown as counted, because the source is public already: ${protection.reason?.trim() ?? ''}` };
    case 'round-base-3': {
      const withheld = meta.measure.kind === 'sum' ? ' Sums that rest on few records are withheld, and so are others from which they could be worked out.' : ' Where a small number would still follow from others, some are withheld.';
      return { method: 'round-base-3', statement: `Numbers are rounded at random to multiples of 3, always in the same way for the same number. Totals are rounded on their own, so rows need not add to them.${withheld}` };
    }
    case 'suppress':
      return { method: 'suppress', statement: 'Small numbers are withheld, and so are others from which they could be worked out by subtraction. Zeros are shown.' };
  }
}

function mapStates(states: Quantity['states'], change: (state: ValueState) => number | undefined): Quantity['states'] {
  const changed = (Object.keys(states) as ValueState[]).map((state) => [state, change(state)] as const);
  return Object.fromEntries(changed.filter(([, n]) => n !== undefined));
}
