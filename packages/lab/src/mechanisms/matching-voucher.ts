/**
 * Matching on the sender's device with a threshold, after the design that Apple published in 2021 and withdrew in 2022:
 * every picture goes with a voucher, and vouchers open to the service only when enough of one account's pictures matched.
 *
 * Each account has a secret polynomial of degree t − 1 (Shamir 1979). A voucher of a matching picture holds one of its
 * points, sealed under a key that the listed hash gives; any other voucher is of the same size and opens to nobody. As in
 * that design a voucher names a row of the list's table, a random one where nothing matched, so that the service need not
 * try every listed picture on every voucher. The inner part, what the service may see of a picture, is under the account's key, the polynomial at zero.
 * Left out: blinding of the list by private set intersection, so that the device could read the list here.
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { MATCH_DISTANCE, hammingDistance } from '../pdq/pdq-hash.ts';
import type { SeededRandom } from '../random.ts';
import { SCALAR_BYTES, randomScalar } from './threshold-group.ts';
import { evaluate, interpolate } from './threshold-sharing.ts';

const POINT_BYTES = 4 + SCALAR_BYTES;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ROW_BYTES = 1;
const OUTER_BYTES = ROW_BYTES + NONCE_BYTES + POINT_BYTES + TAG_BYTES;

/** What a voucher adds to a picture, beside what the service may see of it. */
export const VOUCHER_BYTES = OUTER_BYTES + NONCE_BYTES + TAG_BYTES;

/** The part on the device of one account. */
export class MatchingDevice {
  readonly #list: readonly Uint8Array[];
  readonly #coefficients: readonly bigint[];
  readonly #random: SeededRandom;

  constructor(list: readonly Uint8Array[], threshold: number, random: SeededRandom) {
    this.#list = list;
    this.#coefficients = Array.from({ length: threshold }, () => randomScalar((n) => random.bytes(n)));
    this.#random = random;
  }

  /** The voucher of a picture with this hash; `preview` is what opens with it. */
  voucher(hash: Uint8Array, preview: Uint8Array): Uint8Array {
    const listed = this.#list.find((h) => hammingDistance(h, hash) <= MATCH_DISTANCE);
    const place = 1 + this.#random.below(2 ** 31);
    const point = listed === undefined ? this.#random.bytes(POINT_BYTES) : pointBytes(place, evaluate(this.#coefficients, place));
    const { row, key } = tableEntry(listed ?? this.#random.bytes(32));
    return Buffer.concat([row, sealed(key, point, this.#random), sealed(accountKey(this.#coefficients[0] ?? 0n), preview, this.#random)]);
  }
}

/** The part of the service. */
export class MatchingService {
  readonly #table = new Map<number, KeyObject[]>();
  readonly #threshold: number;
  readonly #accounts = new Map<string, { readonly points: Map<number, bigint>; readonly matched: Uint8Array[] }>();

  constructor(list: readonly Uint8Array[], threshold: number) {
    this.#threshold = threshold;
    for (const { row, key } of list.map(tableEntry)) this.#table.set(row[0] as number, [...(this.#table.get(row[0] as number) ?? []), key]);
  }

  /** Takes in a voucher with a picture of an account. */
  take(account: string, voucher: Uint8Array): void {
    const outer = voucher.subarray(0, OUTER_BYTES);
    const keys = this.#table.get(outer[0] as number) ?? [];
    const point = keys.map((key) => opened(key, outer.subarray(ROW_BYTES))).find((p) => p !== undefined);
    if (point === undefined) return;
    const seen = this.#accounts.get(account) ?? { points: new Map<number, bigint>(), matched: [] };
    seen.points.set(point.readUInt32BE(0), BigInt(`0x${point.subarray(4).toString('hex')}`));
    seen.matched.push(voucher.subarray(OUTER_BYTES));
    this.#accounts.set(account, seen);
  }

  /** Previews of an account's matching pictures: none below the threshold. */
  open(account: string): Uint8Array[] {
    const seen = this.#accounts.get(account);
    if (seen === undefined) return [];
    const points = new Map([...seen.points].slice(0, this.#threshold));
    const key = accountKey(interpolate(points));
    return seen.matched.map((inner) => opened(key, inner)).filter((p) => p !== undefined);
  }
}

function pointBytes(place: number, value: bigint): Uint8Array {
  const bytes = Buffer.alloc(POINT_BYTES);
  bytes.writeUInt32BE(place);
  bytes.write(value.toString(16).padStart(2 * SCALAR_BYTES, '0'), 4, 'hex');
  return bytes;
}

/** Where a hash stands in the list's table, and the key that it gives. */
function tableEntry(hash: Uint8Array): { readonly row: Uint8Array; readonly key: KeyObject } {
  const digest = createHash('sha512').update('lab listed hash').update(hash).digest();
  return { row: digest.subarray(32, 32 + ROW_BYTES), key: createSecretKey(digest.subarray(0, 32)) };
}

function accountKey(secret: bigint): KeyObject {
  return createSecretKey(createHash('sha256').update(`lab account ${secret.toString(16)}`).digest());
}

/** Nonce, AES-256-GCM ciphertext, tag. */
function sealed(key: KeyObject, text: Uint8Array, random: SeededRandom): Buffer {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function opened(key: KeyObject, bytes: Uint8Array): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
