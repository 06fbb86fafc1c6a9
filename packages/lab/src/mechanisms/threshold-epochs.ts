/**
 * Escrow of one key per epoch with custodians: what the client seals and what a custodian gives. The secrets of an epoch are
 * those of epoch-escrow.ts, and so is the reading of messages with them.
 * @module
 */
import type { Member } from '../mls/member.ts';
import type { Chance } from './threshold-group.ts';
import { sealTo } from './threshold-seal.ts';
import type { SharedKey } from './threshold-sharing.ts';

/** What the post of an epoch is sealed for. */
export function epochLabel(epoch: number): string {
  return `epoch ${epoch}`;
}

/** The post of an epoch: its two secrets, 64 bytes, sealed to the custodians' key. */
export function sealEpochToCustodians(committer: Member, epoch: number, key: SharedKey, chance: Chance): Uint8Array {
  const { encryptionSecret, senderDataSecret } = committer.epochSecrets();
  return sealTo(key.publicKey, epochLabel(epoch), Buffer.concat([encryptionSecret, senderDataSecret]), chance);
}
