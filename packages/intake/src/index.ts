export { checkFile } from './check.ts';
export type { CheckOptions, CheckReport } from './check.ts';
export type { SubmissionManifest } from './manifest.ts';
export type { FileFormat, Progress } from './stage.ts';
export { openStore } from './store.ts';
export type { SealedSubmission, Store, StoreTransaction, Workspace } from './store.ts';
export { submitFile } from './submit.ts';
export type { Submitted, SubmitInput } from './submit.ts';
export type { CountedRepair } from './validate.ts';
