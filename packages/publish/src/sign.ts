/**
 * Signs a release, with a private key of Node's. What is signed, and its checking, stand in signature.ts.
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import { formatNote, signNote } from '@weighbridge/log';
import type { NoteSigner } from '@weighbridge/log';
import { loadSigner } from '@weighbridge/log/node';
import { signedText } from './signature.ts';
import type { SignedFacts } from './signature.ts';

/** The verifier key of a private key: `name+hash+base64`, as in C2SP signed-note. @throws Refusal SIGNING_KEY_KIND */
export function verifierKeyOf(key: KeyObject, name: string): string {
  return signerOf(key, name).verifierKey.text;
}

/** The text of `manifest.sig`. The same key and facts give the same text. @throws Refusal SIGNING_KEY_KIND */
export function signRelease(facts: SignedFacts, key: KeyObject, name: string): string {
  const signer = signerOf(key, name);
  const text = signedText(facts, signer.verifierKey.text);
  return formatNote(text, [signNote(text, signer)]);
}

function signerOf(key: KeyObject, name: string): NoteSigner {
  if (key.asymmetricKeyType !== 'ed25519') {
    refuse('SIGNING_KEY_KIND', `expected an Ed25519 key, got ${key.asymmetricKeyType ?? key.type}`, { object: 'signing key' }, 'make a key with `openssl genpkey -algorithm ed25519`');
  }
  return loadSigner(key.export({ type: 'pkcs8', format: 'pem' }).toString(), 'ed25519', name);
}
