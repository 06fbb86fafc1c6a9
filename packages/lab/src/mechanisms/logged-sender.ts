/**
 * Escrow of one key per sender and epoch: every member seals, at the beginning of an epoch, what opens its own messages of that
 * epoch and nobody else's. What opens one member's part says nothing of another's text.
 *
 * The sealed part holds the epoch's sender data secret too, without which a message key cannot be used: it tells which leaf
 * sent which message of the epoch. Receivers and custodians cannot check that what is sealed is right.
 * Source: RFC 9420 §6.3.2 and §9; the design is after the user-specific, short-term secrets of docs/references.md#fetzer-2023.
 * @module
 */
import type { Opened, View } from '../access.ts';
import type { Member } from '../mls/member.ts';
import { SenderReader } from '../mls/open.ts';
import type { Post } from '../world.ts';
import type { Chance, Element } from './threshold-group.ts';
import { SEAL_BYTES, sealTo } from './threshold-seal.ts';

/** One member's sealed secrets of one epoch. */
export interface SealedSender {
  readonly sender: string;
  readonly epoch: number;
  readonly sealed: Uint8Array;
}

const SECRET_BYTES = 64;
/** Bytes of one member's part in a post, beside its name: the seal, and one byte for the length of the name. */
export const SENDER_POST_BYTES = SECRET_BYTES + SEAL_BYTES + 1;

export function senderLabel({ sender, epoch }: { readonly sender: string; readonly epoch: number }): string {
  return `sender ${sender} epoch ${epoch}`;
}

/** What a member posts at the beginning of an epoch. */
export function sealSender(member: Member, epoch: number, key: Element, chance: Chance): SealedSender {
  const { ratchetRoot, senderDataSecret } = member.senderSecrets();
  const of = { sender: member.name, epoch };
  return { ...of, sealed: sealTo(key, senderLabel(of), Buffer.concat([ratchetRoot, senderDataSecret]), chance) };
}

/** The parts of all members, one after another: what the service carries for an epoch. */
export function writePost(parts: readonly Omit<SealedSender, 'epoch'>[]): Uint8Array {
  return Buffer.concat(parts.flatMap(({ sender, sealed }) => [Uint8Array.of(Buffer.byteLength(sender)), Buffer.from(sender), sealed]));
}

/** The parts of posts. A part that is cut short is left out. */
export function readPosts(posts: readonly Post[]): SealedSender[] {
  return posts.flatMap(({ epoch, bytes }) => {
    const parts: SealedSender[] = [];
    for (let at = 0; at < bytes.length;) {
      const name = 1 + (bytes[at] ?? 0);
      const end = at + name + SECRET_BYTES + SEAL_BYTES;
      if (end > bytes.length) break;
      parts.push({ sender: Buffer.from(bytes.subarray(at + 1, at + name)).toString(), epoch, sealed: bytes.subarray(at + name, end) });
      at = end;
    }
    return parts;
  });
}

/** Opens everything that unsealed parts open: every message of the epoch is tried, whoever is said to have sent it. */
export async function readSenders(unsealed: readonly { readonly epoch: number; readonly secret: Uint8Array }[], view: View): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  for (const { epoch, secret } of unsealed) {
    const reader = readerOf(secret);
    for (const message of view.wire.filter((m) => m.epoch === epoch && m.kind === 'application')) {
      const text = await reader.open(message.bytes);
      if (text !== undefined) opened.set(message.index, text.plaintext);
    }
  }
  return opened;
}

/** A reader from the 64 bytes that were sealed. */
export function readerOf(secret: Uint8Array): SenderReader {
  return SenderReader.of({ ratchetRoot: secret.subarray(0, 32), senderDataSecret: secret.subarray(32) });
}
