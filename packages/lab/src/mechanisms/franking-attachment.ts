/**
 * Attachments under message franking: the file is encrypted apart, and the franked message names its key and its hash.
 * `gcm` is AES-256-GCM, which does not commit to its key (docs/references.md#dodis-2018); `committing` puts a commitment
 * to the key before the ciphertext and encrypts under a key derived beside it (#albertini-2022, generic composition).
 * @module
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { hmacSha256 } from '../hmac-sha256.ts';

/** How an attachment is sealed under a key of 32 bytes and a nonce of 12. */
export interface AttachmentScheme {
  /** The key that AES-GCM is given. */
  cipherKey(key: Uint8Array): Uint8Array;
  seal(key: Uint8Array, nonce: Uint8Array, file: Uint8Array): Uint8Array;
  /** Undefined when key, nonce and sealed bytes do not belong together. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

export const gcm: AttachmentScheme = { cipherKey: (key) => key, seal: sealGcm, open: openGcm };

export const committing: AttachmentScheme = {
  cipherKey: (key) => derive(key, 'encrypt'),
  seal: (key, nonce, file) => Buffer.concat([keyCommitment(key), sealGcm(derive(key, 'encrypt'), nonce, file)]),
  open: (key, nonce, sealed) => (keyCommitment(key).equals(sealed.subarray(0, 32)) ? openGcm(derive(key, 'encrypt'), nonce, sealed.subarray(32)) : undefined),
};

/** 32 bytes that only this key gives. */
export function keyCommitment(key: Uint8Array): Buffer {
  return derive(key, 'commit');
}

/** What the franked message says of its attachment: key, nonce, hash of the sealed bytes; 76 bytes. */
export function describe(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  return Buffer.concat([key, nonce, hashOf(sealed)]);
}

/** Opens what a description names, out of the sealed files that the platform stores by their hash. */
export function openDescribed(scheme: AttachmentScheme, description: Uint8Array, store: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const sealed = store.get(Buffer.from(description.subarray(44, 76)).toString('hex'));
  return sealed && scheme.open(description.subarray(0, 32), description.subarray(32, 44), sealed);
}

/**
 * The desk: opens the attachments of reported messages, in the order in which they were sent. A sealed file that several
 * messages name is one file to it, opened with the first description that opens it (`first`), or with `each`.
 */
export function openReported(scheme: AttachmentScheme, descriptions: readonly Uint8Array[], store: ReadonlyMap<string, Uint8Array>, openings: 'first' | 'each'): Uint8Array[] {
  const seen = new Set<string>();
  return descriptions.flatMap((description) => {
    const hash = Buffer.from(description.subarray(44, 76)).toString('hex');
    if (openings === 'first' && seen.has(hash)) return [];
    const file = openDescribed(scheme, description, store);
    if (file === undefined) return [];
    seen.add(hash);
    return [file];
  });
}

export function hashOf(sealed: Uint8Array): Buffer {
  return createHash('sha256').update(sealed).digest();
}

function derive(key: Uint8Array, label: string): Buffer {
  return hmacSha256(key, label);
}

function sealGcm(key: Uint8Array, nonce: Uint8Array, file: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([cipher.update(file), cipher.final(), cipher.getAuthTag()]);
}

function openGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 16) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}
