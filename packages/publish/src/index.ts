export { buildRelease } from './build-release.ts';
export type {
  CollectionFacts, Comparison, Control, DefinitionText, ReleaseFiles, ReleaseInput,
} from './input.ts';
export type { ComparedCell, ComparedRow, ComparisonResult } from './comparisons.ts';
export type { ControlOutcome, ControlResult } from './controls.ts';
export type { ReleaseFinding } from './findings.ts';
export { FORMAT, MANIFEST, SIGNATURE } from './manifest.ts';
export type { ListedFile, ListedTable, Manifest, ReleaseContent } from './manifest.ts';
export { verifierKeyOf } from './sign.ts';
export { UNDECIDED, demandHolds } from './check-folder.ts';
export type { VerifyReport } from './check-folder.ts';
export { verifyRelease } from './verify-release.ts';
export type { VerifyOptions } from './verify-release.ts';
export { writeRelease } from './write-release.ts';
