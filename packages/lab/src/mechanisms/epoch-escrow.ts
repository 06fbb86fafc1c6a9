/**
 * Escrow of one key per epoch: the client that begins an epoch seals the two secrets that open all its application
 * messages (RFC 9420 §9: encryption secret and sender data secret) to a master key, with HPKE (RFC 9180).
 * @module
 */
import { EpochReader } from '../mls/open.ts';
import type { Member } from '../mls/member.ts';
import { open, seal } from '../mls/suite.ts';
import type { Opened, View } from '../access.ts';
import type { WireMessage } from '../world.ts';

const INFO = 'lab epoch escrow';

/** The post of one epoch: 64 bytes of secrets and 48 of HPKE. `ekm`: 32 bytes of chance. */
export function sealEpoch(committer: Member, masterPublicKey: Uint8Array, ekm: Uint8Array): Promise<Uint8Array> {
  const { encryptionSecret, senderDataSecret } = committer.epochSecrets();
  return seal(masterPublicKey, Buffer.concat([encryptionSecret, senderDataSecret]), INFO, ekm);
}

/** The secrets in a post, undefined when the key does not fit. */
export function openPost(masterPrivateKey: Uint8Array, post: Uint8Array): Promise<Uint8Array | undefined> {
  return open(masterPrivateKey, post, INFO);
}

/** Opens every message of the epochs whose secrets are given. */
export async function readEpochs(secrets: ReadonlyMap<number, Uint8Array>, view: View): Promise<Opened> {
  const epochs = await Promise.all([...secrets].map(([epoch, secret]) => readOnce(epoch, secret, view)));
  return new Map(epochs.flatMap((opened) => [...opened]));
}

/** What was opened with a secret before: many sets of parties come to the same secrets of the same wire. */
const before = new WeakMap<View, Map<string, Promise<Opened>>>();

function readOnce(epoch: number, secret: Uint8Array, view: View): Promise<Opened> {
  const known = before.get(view) ?? new Map<string, Promise<Opened>>();
  before.set(view, known);
  const key = `${epoch} ${Buffer.from(secret).toString('hex')}`;
  const opened = known.get(key) ?? readEpoch(epoch, secret, view);
  known.set(key, opened);
  return opened;
}

async function readEpoch(epoch: number, secret: Uint8Array, view: View): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  const reader = await EpochReader.of({ encryptionSecret: secret.subarray(0, 32), senderDataSecret: secret.subarray(32) }, view.leaves);
  for (const message of view.wire.filter((m: WireMessage) => m.epoch === epoch && m.kind === 'application')) {
    const text = await reader.open(message.bytes);
    if (text !== undefined) opened.set(message.index, text.plaintext);
  }
  return opened;
}
