/**
 * Receipts: signed notes that an entry stands in the log. Ed25519 (RFC 8032) over canonical JSON.
 * Leaves out: inclusion proofs and cosignatures; a receipt binds the operator, it does not replace the log.
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, refuse, sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import { entryLine } from './entry.ts';
import type { LogPosition, LoggedEntry } from './entry.ts';

/** Proof, signed with the store's key, that an entry is in the log at its index. */
export interface Receipt {
  readonly receipt: 1;
  readonly entry: LoggedEntry;
  /** SHA-384 of the entry's line. */
  readonly hash: Sha384;
  /** SHA-384 of the public key's DER form (SubjectPublicKeyInfo). */
  readonly key: Sha384;
  /** Base64 of the Ed25519 signature over the canonical JSON of the other members. */
  readonly signature: string;
}

/** Signs with the store's key. The same position always gets the same receipt: Ed25519 has no random part. */
export interface Signer {
  /** Public key, PEM. */
  readonly publicKey: string;
  /** The key itself, for signing releases. */
  readonly privateKey: KeyObject;
  sign(position: LogPosition): Receipt;
}

/**
 * Opens the key of a folder (`log.key`, PKCS #8 PEM, readable by its owner only; `log.pub` beside it),
 * making it on first use. Whoever calls holds the store's lock.
 * @throws Refusal `LOG_KEY` when the file is not an Ed25519 private key
 */
export async function openSigner(folder: string): Promise<Signer> {
  const path = join(folder, 'log.key');
  const found = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  const pem = found ?? generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  if (found === undefined) await writeFileDurably(path, pem, 0o600);
  const key = privateKey(pem);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const published = await readFile(join(folder, 'log.pub'), 'utf8').catch(() => undefined);
  if (published !== publicKey) await writeFileDurably(join(folder, 'log.pub'), publicKey);
  const id = keyId(createPublicKey(key));
  return {
    publicKey,
    privateKey: key,
    sign: ({ entry, hash }) => {
      const note = { receipt: 1 as const, entry, hash, key: id };
      return { ...note, signature: sign(null, Buffer.from(canonicalJson(note)), key).toString('base64') };
    },
  };
}

/**
 * True when the receipt was signed with the private half of `publicKey` (PEM) and its parts agree.
 * Never throws for a bad receipt or key: those are simply not verified.
 */
export function verifyReceipt(receipt: Receipt, publicKey: string): boolean {
  try {
    const key = createPublicKey(publicKey);
    const { signature, ...note } = receipt;
    if (key.asymmetricKeyType !== 'ed25519' || note.key !== keyId(key)) return false;
    if (sha384(entryLine(receipt.entry)) !== receipt.hash) return false;
    return verify(null, Buffer.from(canonicalJson(note)), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

function keyId(key: KeyObject): Sha384 {
  return sha384(key.export({ type: 'spki', format: 'der' }));
}

function privateKey(pem: string): KeyObject {
  const repair = 'put the key file back from its backup; without it earlier receipts stay valid but no new ones can be signed with that key';
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // refused below without the cause: it may quote the key
  }
  return refuse('LOG_KEY', 'the file is not an Ed25519 private key in PKCS #8 PEM', { file: 'log.key' }, repair);
}
