/**
 * The only way from a confidential table to a releasable one.
 * Methods: as counted (public sources), fixed random rounding to base 3, cell suppression.
 * Leaves out: an attacker's audit over several tables and over earlier releases.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Quantity, ValueState } from '@weighbridge/base';
import type { ConfidentialCell, ConfidentialTable } from '@weighbridge/base/confidential';
import { brandTable } from './protected-brand.ts';
import { assertKey, cellDraw, cellIdentity, groupIdentity } from './cell-draw.ts';
import type { ProtectedTable, ProtectionStatement, ReleasedCell } from './released.ts';
import { roundIntegerToBase3 } from './round-base3.ts';
import { suppressedCells } from './suppress.ts';

/**
 * Protects a table by the method that it asks for.
 *
 * Pure: the same table and key give the same result, whatever else is released. A cell that counts the same records
 * of the same measure in another table rounds the same way. Nothing in the result is computed from a true count
 * except through the method; shares and changes are for later rooms to compute from what is released.
 *
 * @param key - secret of the series, at least 16 bytes; whoever holds it can redo a rounding
 * @throws Refusal `PROTECTION_REASON` when a table is called public without saying why;
 *   `MAGNITUDE_NOT_INTEGER` when rounding to base 3 is asked for sums that are no integers
 * @throws RangeError when the key is too short
 */
export function protectTable(table: ConfidentialTable, key: Uint8Array): ProtectedTable {
  assertKey(key);
  switch (table.protection.method) {
    case 'public':
      return release(table, publicStatement(table), table.cells.map((c) => published(c.key, plain(c.value))));
    case 'round-base-3':
      return release(table, roundingStatement(table), roundedCells(table, key));
    case 'suppress':
      return release(table, SUPPRESSION_STATEMENT, suppressCells(table));
  }
}

const SUPPRESSION_STATEMENT: ProtectionStatement = {
  method: 'suppress',
  statement: 'Small numbers are withheld, and so are others from which they could be worked out by subtraction. Zeros are shown.',
};

function publicStatement(table: ConfidentialTable): ProtectionStatement {
  const reason = table.protection.reason?.trim() ?? '';
  if (reason === '') refuse('PROTECTION_REASON', 'the table is called public without a reason', { object: table.meta.id }, 'state under "sensitivity" why the records are public already');
  return { method: 'public', statement: `Shown as counted, because the source is public already: ${reason}` };
}

function roundingStatement(table: ConfidentialTable): ProtectionStatement {
  const rounded = 'Numbers are rounded at random to multiples of 3, always in the same way for the same number. Totals are rounded on their own, so rows need not add to them.';
  const withheld = table.meta.measure.kind === 'sum' ? ' Sums that rest on few records are withheld, and so are others from which they could be worked out.' : '';
  return { method: 'round-base-3', statement: rounded + withheld };
}

function roundedCells(table: ConfidentialTable, key: Uint8Array): ReleasedCell[] {
  const { meta, protection, cells } = table;
  const fields = meta.dimensions.map((d) => d.field);
  // Rounding hides who is counted, not how much one of them contributes: a sum over few records is withheld.
  const withheld = meta.measure.kind === 'sum' ? suppressedCells(meta.dimensions, cells.map(support(table)), protection.threshold) : new Set<number>();
  return cells.map((cell, i): ReleasedCell => {
    if (withheld.has(i)) return { key: cell.key, status: 'suppressed', value: null };
    const { lo, hi, states } = plain(cell.value);
    if (lo === null && Object.keys(states).length === 0) return published(cell.key, { lo, hi, states });
    for (const n of [lo, hi]) {
      if (n !== null && !Number.isSafeInteger(n)) refuse('MAGNITUDE_NOT_INTEGER', 'rounding to base 3 needs whole numbers and the sums of this table are not', { object: meta.id }, 'set protection.method: suppress');
    }
    const identity = cell.group === undefined ? cellIdentity(protection, fields, cell.key) : groupIdentity(protection, cell.group);
    // One draw for both bounds: rounding is monotone under a fixed draw, so lo never passes hi.
    const draw = cellDraw(key, identity, 'value');
    const value: Quantity = {
      lo: lo === null ? null : roundIntegerToBase3(lo, draw),
      hi: hi === null ? null : roundIntegerToBase3(hi, draw),
      states: mapStates(states, (state, n) => roundIntegerToBase3(n, cellDraw(key, identity, `state:${state}`))),
    };
    return { key: cell.key, status: 'rounded', value };
  });
}

/** Primary and secondary cells carry one mark: told apart, they would narrow what a withheld number can be. */
function suppressCells(table: ConfidentialTable): ReleasedCell[] {
  const { meta, protection, cells } = table;
  const suppressed = suppressedCells(meta.dimensions, cells.map(support(table)), protection.threshold);
  return cells.map((cell, i): ReleasedCell => {
    if (suppressed.has(i)) return { key: cell.key, status: 'suppressed', value: null };
    const { lo, hi, states } = plain(cell.value);
    return published(cell.key, { lo, hi, states: mapStates(states, (_, n) => (n > 0 && n < protection.threshold ? undefined : n)) });
  });
}

/** The records or, for distinct counts, the units behind a cell: whichever are fewer. */
function support(table: ConfidentialTable): (cell: ConfidentialCell) => { key: ConfidentialCell['key']; records: number } {
  const distinct = table.meta.measure.kind === 'distinct';
  return (cell) => ({ key: cell.key, records: distinct ? Math.min(cell.records, cell.value.lo ?? cell.records) : cell.records });
}

function mapStates(states: Quantity['states'], change: (state: ValueState, n: number) => number | undefined): Quantity['states'] {
  const changed = (Object.entries(states) as [ValueState, number][]).map(([state, n]) => [state, change(state, n)] as const);
  return Object.fromEntries(changed.filter(([, n]) => n !== undefined));
}

function published(key: ReleasedCell['key'], value: Quantity): ReleasedCell {
  return { key, status: 'published', value };
}

function plain(value: Quantity): Quantity {
  return { lo: value.lo, hi: value.hi, states: value.states };
}

function release(table: ConfidentialTable, protection: ProtectionStatement, cells: readonly ReleasedCell[]): ProtectedTable {
  return brandTable(table.meta, cells, protection);
}
