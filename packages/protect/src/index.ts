export { isProtectedTable } from './protected-brand.ts';
export { protectTable } from './protect-table.ts';
export { readProtectedTable } from './read-protected.ts';
export { releaseRevisions } from './release-revisions.ts';
export type { CellStatus, ProtectedTable, ProtectionStatement, ReleasedCell, SeriesRevision } from './released.ts';
