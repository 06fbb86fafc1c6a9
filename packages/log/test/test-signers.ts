/**
 * Signers with fixed keys for the tests: the same key for the same label on every run. Test keys only: their seeds are public.
 * @module
 */
import { createHash, createPrivateKey } from 'node:crypto';
import { p384 } from '@noble/curves/nist.js';
import { loadSigner } from '../src/keys.ts';
import type { NoteSigner } from '../src/signed-note.ts';
import type { KeyKind } from '../src/verifier-key.ts';

/** A signer of the kind under the name, with the key that the label stands for. */
export function testSigner(kind: KeyKind, name: string, label = `${kind} ${name}`): NoteSigner {
  return loadSigner(kind === 'p384-cosigner' ? p384Pem(label) : ed25519Pem(label), kind, name);
}

/** PKCS #8 before the 32 bytes of an Ed25519 seed (RFC 8410 §7). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function ed25519Pem(label: string): string {
  const der = Buffer.concat([ED25519_PKCS8, createHash('sha256').update(label).digest()]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function p384Pem(label: string): string {
  // A hash is below the order for all but one label in 2^190.
  const secret = createHash('sha384').update(label).digest();
  const point = p384.getPublicKey(secret, false);
  const part = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-384', d: part(secret), x: part(point.subarray(1, 49)), y: part(point.subarray(49)) };
  return createPrivateKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** Calls and returns the code of the refusal; anything but a refusal is a failure. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Error && error.name === 'Refusal' && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
  return 'accepted';
}

/** The worked example of the P-384 line: policy and checkpoint of a tree whose one entry is the 5 bytes `hello`. */
export const WORKED_POLICY = `log log.example.test/a+7d402702+ARda6MbQHPCXSUBnxieLZ0HlN4krNkQEeXDCUovV6VdA
witness P nzism.log.example.test+9bfb8885+/2VjZHNhLXAzODQtc2hhMzg0ADB2MBAGByqGSM49AgEGBSuBBAAiA2IABK1w9ihdGdaiK7z3wigEpfuAGkfVnQ87cU89ngeTd8uebsl4RO+hnyh4yWomQbn2XbMohMh6M1dJ2YPPXFvakjLT5Qh5/dZJyqcmEIWwj6R4XUVX1KHlXqmMXWqlc38qmg==
quorum P
`;
export const WORKED_CHECKPOINT = `log.example.test/a
1
iipcm3aIJ95alVLDigRMZpWcaPbS8htSYK9U0vh9uCc=

— log.example.test/a fUAnAiwc+hNiziaFAw3kjGOM2rQQuJh/9/PZsg1JTROQJKKBb1IILJqj6Xgzxtpa8x5XsrXQnYiDPOXmv7IbdcYjBw4=
— nzism.log.example.test m/uIhQAAAABpJIEAMGUCMQDisDBnHna+c0zPa2bydBgupr36MOLWdIQYP0ZxS+TEanrG6gqOQsMUPG72jkU4PNQCMBBpB/xRb1xGdimYe65TOkdC6eUv5GG57H0Q4FgZOnA5mQcjuwGLYABXV921hdeIPA==
`;
