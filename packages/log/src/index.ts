export { NO_ENTRY, entryLine } from './entry.ts';
export type { LineFault, LogEntry, LogPosition, LoggedEntry } from './entry.ts';
export { openLog, readLog, verifyLog } from './log.ts';
export type { Log } from './log.ts';
export { openSigner, verifyReceipt } from './receipt.ts';
export type { Receipt, Signer } from './receipt.ts';
