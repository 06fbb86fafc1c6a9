/**
 * Private keys: made, kept as PKCS #8 in PEM, and turned into signers. Only Node has them; the browser only verifies.
 * Source: RFC 5208 and RFC 8410 for the encoding, node:crypto for everything else.
 * Leaves out: passwords on keys, hardware keys. Where the file lies and who may read it is for the operator (docs/log-format.md).
 * @module
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import type { NoteSigner } from './signed-note.ts';
import { formatVerifierKey } from './verifier-key.ts';
import type { KeyKind } from './verifier-key.ts';

/** A new key of a kind under a name (KEY_NAME). `privatePem` is secret: whoever holds it signs as this name. */
export function generateKey(kind: KeyKind, name: string): { privatePem: string; signer: NoteSigner } {
  const { privateKey } = kind === 'p384-cosigner'
    ? generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    : generateKeyPairSync('ed25519');
  const privatePem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { privatePem, signer: signerOf(privateKey, kind, name, {}) };
}

/**
 * The signer of a private key in PEM (PKCS #8, no password). No message quotes the PEM.
 * @throws Refusal SIGNING_KEY_FORM (not such a PEM), SIGNING_KEY_KIND (a key of another algorithm or curve than the kind has), KEY_NAME
 */
export function loadSigner(pem: string, kind: KeyKind, name: string, place: Place = {}): NoteSigner {
  const key = readPem(pem, place);
  const fits = kind === 'p384-cosigner'
    ? key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
    : key.asymmetricKeyType === 'ed25519';
  if (!fits) refuse('SIGNING_KEY_KIND', `the private key is not one of kind ${kind}`, place, 'give the private key that was made for this kind');
  return signerOf(key, kind, name, place);
}

function readPem(pem: string, place: Place): KeyObject {
  try {
    // Node reads other encodings too, and asks for passwords; one spelling is enough.
    if (/^-----BEGIN PRIVATE KEY-----\r?\n/.test(pem)) return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // Refused below without the cause: what OpenSSL says may hold parts of the key.
  }
  return refuse('SIGNING_KEY_FORM', 'not a private key in PEM (PKCS #8, without password)', place, 'give the file that starts with BEGIN PRIVATE KEY');
}

function signerOf(privateKey: KeyObject, kind: KeyKind, name: string, place: Place): NoteSigner {
  const verifierKey = formatVerifierKey(name, kind, publicBytes(privateKey, kind), place);
  // Node gives ECDSA as DER, which is what the P-384 line holds.
  const algorithm = kind === 'p384-cosigner' ? 'sha384' : null;
  return { verifierKey, sign: (message) => new Uint8Array(sign(algorithm, message, privateKey)) };
}

function publicBytes(privateKey: KeyObject, kind: KeyKind): Uint8Array {
  const spki = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  return kind === 'p384-cosigner' ? spki : spki.slice(-32);
}
