/**
 * Message franking: the sender commits to the text with a key that travels inside the encrypted message, the platform tags
 * the commitment with who sent it to whom and when, and a recipient who reports opens the commitment to the desk.
 * Sources: docs/references.md#grubbs-2017, #dodis-2018. The desk shares the platform's tag key, as in the published design.
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from '../hmac-sha256.ts';
import type { SeededRandom } from '../random.ts';
import type { Hooks } from '../world.ts';

/** Bytes of a franking key. Fixed: a key of another length could be another key's equal under HMAC. */
export const FRANKING_KEY_BYTES = 32;

/** What the platform knows of a message that it carries. */
export interface FrankingContext {
  readonly sender: string;
  readonly recipient: string;
  /** The platform's clock; in the lab, the place on the wire. */
  readonly time: number;
}

/** What a recipient hands to the desk for one message, and nothing else. */
export interface FrankedReport {
  readonly key: Uint8Array;
  readonly text: Uint8Array;
  readonly commitment: Uint8Array;
  readonly context: FrankingContext;
  readonly tag: Uint8Array;
}

/** Sender: what is encrypted, key before text. */
export function encloseKey(key: Uint8Array, text: Uint8Array): Uint8Array {
  return Buffer.concat([key, text]);
}

/** Recipient and desk: key and text out of what was encrypted. */
export function partsOf(enclosed: Uint8Array): { readonly key: Uint8Array; readonly text: Uint8Array } {
  return { key: enclosed.subarray(0, FRANKING_KEY_BYTES), text: enclosed.subarray(FRANKING_KEY_BYTES) };
}

/** HMAC-SHA-256(key, text): hides the text from who lacks the key, and opens to one pair of key and text only. */
export function commitTo(key: Uint8Array, text: Uint8Array): Uint8Array {
  return hmacSha256(key, text);
}

/** Recipient: a reason to refuse a message whose commitment does not open, or nothing. */
export function refuseUnopened(enclosed: Uint8Array, commitment: Uint8Array): string | undefined {
  const { key, text } = partsOf(enclosed);
  return opens(key, text, commitment) ? undefined : 'the commitment does not open';
}

/** Platform: a MAC over the commitment and the context, each field with its length, so that no two contexts share bytes. */
export function tagOf(tagKey: Uint8Array, commitment: Uint8Array, { sender, recipient, time }: FrankingContext): Uint8Array {
  return hmacSha256(tagKey, ...[commitment, Buffer.from(sender), Buffer.from(recipient), timeBytes(time)].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  }));
}

/** Desk: recomputes the commitment and the tag. A report that it takes as genuine was sent so; whether it is abusive, people judge. */
export function judge(tagKey: Uint8Array, report: FrankedReport): 'genuine' | 'commitment' | 'tag' {
  if (!opens(report.key, report.text, report.commitment)) return 'commitment';
  return equal(tagOf(tagKey, report.commitment, report.context), report.tag) ? 'genuine' : 'tag';
}

/** Client and platform in a conversation: 32 bytes of commitment in the clear part, time and tag (40 bytes) from the platform. */
export function frankingHooks(tagKey: Uint8Array, random: SeededRandom): Hooks & Required<Pick<Hooks, 'enclose' | 'accompany' | 'stamp' | 'check'>> {
  return {
    enclose: ({ plaintext }) => Promise.resolve(encloseKey(random.bytes(FRANKING_KEY_BYTES), plaintext)),
    accompany({ plaintext }) {
      const { key, text } = partsOf(plaintext);
      return Promise.resolve(commitTo(key, text));
    },
    stamp: ({ index, sender, receiver, authenticatedData }) => Promise.resolve(Buffer.concat([timeBytes(index), tagOf(tagKey, authenticatedData, { sender, recipient: receiver, time: index })])),
    check: ({ plaintext, authenticatedData }) => Promise.resolve(refuseUnopened(plaintext, authenticatedData)),
  };
}

/** The platform's stamp as it arrives: time and tag. */
export function stampParts(stamp: Uint8Array): { readonly time: number; readonly tag: Uint8Array } {
  return { time: Number(Buffer.from(stamp).readBigUInt64BE(0)), tag: stamp.subarray(8) };
}

function opens(key: Uint8Array, text: Uint8Array, commitment: Uint8Array): boolean {
  return key.length === FRANKING_KEY_BYTES && equal(commitTo(key, text), commitment);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function timeBytes(time: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(time));
  return bytes;
}
