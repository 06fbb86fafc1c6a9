export { NO_LOG, checkFolder, demandHolds } from './check-folder.ts';
export type { CheckFolderOptions, ReleaseFolder, VerifyReport } from './check-folder.ts';
export { MANIFEST } from './manifest.ts';
