/**
 * The run-time brand of protected tables: only tables that this package made or re-read carry it.
 * Not exported from the package.
 * @module
 */
import type { TableMeta } from '@weighbridge/base';
import type { ProtectedTable, ProtectionStatement, ReleasedCell, TableCertificate } from './released.ts';

const branded = new WeakSet();

/** Makes a protected table, frozen so that a brand cannot be carried over to other cells. */
export function brandTable(meta: TableMeta, cells: readonly ReleasedCell[], protection: ProtectionStatement, certificate: TableCertificate): ProtectedTable {
  const table = Object.freeze({ meta, cells: Object.freeze([...cells]), protection: Object.freeze({ ...protection }), certificate: Object.freeze({ ...certificate }) }) as unknown as ProtectedTable;
  branded.add(table);
  return table;
}

/** True for a table that {@link brandTable} made in this process; a copy or a look-alike is not one. */
export function isProtectedTable(value: unknown): value is ProtectedTable {
  return typeof value === 'object' && value !== null && branded.has(value);
}
