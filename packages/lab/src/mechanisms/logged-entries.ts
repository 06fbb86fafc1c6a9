/**
 * Entries of the log of orders, each signed by whoever makes it: an order (committed, not disclosed), a custodian's release,
 * a list of active warrants. Anybody reads who did what and when; the content of an order stays in its opening.
 * Sources: docs/references.md#frankle-2018, #kroll-2018. The commitment is the log package's: SHA-384 of salt, type and content.
 * @module
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson, refuse, sha384 } from '@weighbridge/base';
import { open } from '@weighbridge/log';
import type { Order } from '../access.ts';
import type { Chance } from './threshold-group.ts';

/** An order takes one of the numbers 1 to the limit of its term: two orders of one number cannot both be carried out. */
export interface OrderEntry {
  readonly kind: 'order';
  readonly by: string;
  readonly term: number;
  readonly number: number;
  readonly commitment: string;
}

/** A custodian says, before it gives anything, which order it gives partial decryptions for, and for how many sealed texts. */
export interface ReleaseEntry {
  readonly kind: 'release';
  readonly by: string;
  readonly term: number;
  /** Place of the order in the log. */
  readonly order: number;
  readonly texts: number;
}

/** The warrants in force from here on: how many, and the Merkle root of their tags. */
export interface WarrantsEntry {
  readonly kind: 'warrants';
  readonly by: string;
  readonly term: number;
  readonly count: number;
  readonly root: string;
}

export type Entry = OrderEntry | ReleaseEntry | WarrantsEntry;

/** A key that signs entries under a name. */
export interface Signer {
  readonly name: string;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Public keys by name: who is enrolled. */
export type Enrolled = ReadonlyMap<string, Uint8Array>;

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const TYPE = 'weighbridge-lab-order/1';

/** An Ed25519 key from the experiment's chance. */
export function signer(name: string, chance: Chance): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, chance(32)]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { name, publicKey: new Uint8Array(spki.subarray(SPKI.length)), sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** The bytes of an entry as they stand in the log: canonical JSON with the signature. */
export function signEntry(entry: Entry, by: Signer): Uint8Array {
  const signature = Buffer.from(by.sign(Buffer.from(canonicalJson({ ...entry })))).toString('base64');
  return Buffer.from(canonicalJson({ ...entry, signature }));
}

/** @throws Refusal LAB_ENTRY when the bytes are no entry signed by somebody enrolled under the name that it states */
export function readEntry(bytes: Uint8Array, enrolled: Enrolled): Entry {
  try {
    const { signature, ...entry } = JSON.parse(Buffer.from(bytes).toString()) as Entry & { signature: string };
    const key = enrolled.get(entry.by);
    if (key !== undefined) {
      const spki = createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' });
      if (verify(null, Buffer.from(canonicalJson({ ...entry })), spki, Buffer.from(signature, 'base64'))) return entry;
    }
  } catch {
    // Refused below: what is wrong with the bytes does not matter.
  }
  return refuse('LAB_ENTRY', 'an entry signed by somebody enrolled expected', {}, 'enter it again, signed with an enrolled key');
}

/** Commits to an order: the commitment goes to the log, the opening to the custodians. */
export function commitOrder(order: Order, chance: Chance): { readonly commitment: string; readonly opening: Uint8Array } {
  const opening = Buffer.concat([chance(32), Buffer.from(`${TYPE}\n${canonicalJson({ ...order })}`)]);
  return { commitment: sha384(opening), opening };
}

/** The order behind a commitment. @throws Refusal with the codes of the log's `open` when it is not its opening */
export function openOrder(commitment: string, opening: Uint8Array): Order {
  return JSON.parse(open(TYPE, { commitment: sha384Of(commitment), opening })) as Order;
}

function sha384Of(text: string): ReturnType<typeof sha384> {
  return text as ReturnType<typeof sha384>;
}
