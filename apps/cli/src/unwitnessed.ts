/**
 * Whether the head that a store shows has the cosignatures that its own policy asks for.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { Store } from '@weighbridge/intake';

/** A warning when receipts that are given now do not meet the store's policy yet; undefined when they do. */
export async function unwitnessed(store: Store): Promise<Issue | undefined> {
  const { checkPolicy, parsePolicy } = await import('@weighbridge/log');
  const { CHECKPOINT, folderFiles } = await import('@weighbridge/log/node');
  const checkpoint = await folderFiles(store.logFolder).read(CHECKPOINT);
  try {
    if (checkpoint !== null) checkPolicy(parsePolicy(await store.policy()), checkpoint);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'QUORUM_SHORT') throw error;
    return {
      code: 'WITNESS_MISSING', severity: 'warning', place: { file: CHECKPOINT }, message: `what was written is in the log, but its head lacks cosignatures that the policy asks for: ${error.issues[0]?.message ?? ''}`,
      repair: 'when the witnesses answer again: `weighbridge log cosign STORE`, then `weighbridge log receipt STORE --index N` for a receipt that the policy accepts',
    };
  }
}
