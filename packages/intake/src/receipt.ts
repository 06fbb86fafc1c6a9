/**
 * The receipt that an agency keeps. Its shape belongs to the log, for whoever verifies it has no store.
 * @module
 */
export { submissionReceipt } from '@weighbridge/log';
export type { SubmissionReceipt } from '@weighbridge/log';
