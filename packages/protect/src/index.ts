export type { CellStatus, ProtectedTable, ProtectionStatement, ReleasedCell, SeriesRevision } from './released.ts';
