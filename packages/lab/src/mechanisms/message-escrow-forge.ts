/**
 * The forging of a Clipper field by trials (Blaze 1994): what a sender does who has a device that says whether it would accept a field,
 * and cannot look into it. No part of the mechanism: its lines are not counted with it.
 *
 * Four trials run side by side, and only the three rounds that decide about the checksum are computed. The one who sends such a field,
 * and the receivers, check it with the mechanism itself. Source: docs/references.md#blaze-1994.
 * @module
 */
import type { MessageKey } from '../mls/member.ts';
import { setMessage, sha256Lanes } from '../sha256-lanes.ts';
import { FIELD, checksumOf } from './message-escrow-clipper.ts';

const lanes = sha256Lanes();
const LANES = 4;
const HALF = FIELD / 2;
/** Words of a half; of the last one only the first byte is in use. */
const WORDS = 5;
const LAST = 0xff000000;
/** Where a half begins in the block that is hashed, behind the key; its last word also holds the round and the padding's first byte. */
const AT = 4;
const PADDING = 0x80_00;

/**
 * Counts up from a field drawn by chance until one passes the check for this message's key. Under a cipher over the whole field, fields
 * that differ in a bit are as good as drawn anew. `trials`: fields tried, this one included.
 */
export function forgeField(familyKey: Uint8Array, key: MessageKey, start: Uint8Array): { readonly field: Uint8Array; readonly trials: number } {
  const [high, low] = checksumOf(key);
  const [left, right] = [inLanes(start.subarray(0, HALF)), inLanes(start.subarray(HALF))];
  const [one, other] = [new Int32Array(LANES * WORDS), new Int32Array(LANES * WORDS)];
  setMessage(lanes, Buffer.concat([familyKey, new Uint8Array(HALF + 1)]));
  const first = left[0] ?? 0;
  for (let trials = 0; ; trials += LANES) {
    one.set(left);
    other.set(right);
    for (let lane = 0; lane < LANES; lane += 1) one[lane] = first + trials + lane;
    undo(one, other, 3);
    undo(other, one, 2);
    undo(one, other, 1);
    // The left half, here in `other`, is from now on the right half of the plain field, which ends with the checksum.
    for (let lane = 0; lane < LANES; lane += 1) {
      if (((other[3 * LANES + lane] ?? 0) & 255) !== high || (other[4 * LANES + lane] ?? 0) >>> 24 !== low) continue;
      const field = Buffer.from(start);
      field.writeInt32BE((first + trials + lane) | 0);
      return { field, trials: trials + lane + 1 };
    }
  }
}

/** One round backwards in all lanes, but that the halves do not change places: the right one is masked by the left. */
function undo(left: Int32Array, right: Int32Array, round: number): void {
  const { block, digest, hash } = lanes;
  const last = (WORDS - 1) * LANES;
  block.set(left, AT * LANES);
  for (let i = last; i < WORDS * LANES; i += 1) block[AT * LANES + i] = (left[i] ?? 0) | (round << 16) | PADDING;
  hash();
  for (let i = 0; i < last; i += 1) right[i] = (right[i] ?? 0) ^ (digest[i] ?? 0);
  for (let i = last; i < WORDS * LANES; i += 1) right[i] = (right[i] ?? 0) ^ ((digest[i] ?? 0) & LAST);
}

/** The words of a half, each in all lanes. */
function inLanes(half: Uint8Array): Int32Array {
  const padded = Buffer.alloc(WORDS * 4);
  padded.set(half);
  return Int32Array.from({ length: WORDS * LANES }, (_, i) => padded.readInt32BE((i >> 2) * 4));
}
