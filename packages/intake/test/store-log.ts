/**
 * Verifies a store's log whole, under the store's own policy.
 * @module
 */
import { parsePolicy, verifyLog } from '@weighbridge/log';
import type { VerifiedLog } from '@weighbridge/log';
import { folderFiles } from '@weighbridge/log/node';
import type { Store } from '../src/index.ts';

/** @throws Refusal when anything in the log is not as its head says */
export async function verifyStoreLog(store: Store): Promise<VerifiedLog> {
  return verifyLog(folderFiles(store.logFolder), { policy: parsePolicy(await store.policy()) });
}
