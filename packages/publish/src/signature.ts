/**
 * What the signature of a release says, and whether it holds: a signed note over the manifest's hash, Ed25519 (RFC 8032).
 * Source: C2SP signed-note; the text also carries the verifier key, so that a folder alone can be checked for damage.
 * Pure; runs in a browser too. Leaves out: whose key it is (only a key obtained elsewhere proves who signed), and signing (sign.ts).
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { parseNote, parseVerifierKey, verifySignature } from '@weighbridge/log';
import type { SignedNote, VerifierKey } from '@weighbridge/log';

const HEADER = 'weighbridge-release-signature/1';

/** What a signature says. */
export interface SignedFacts {
  readonly collection: string;
  readonly edition: string;
  readonly release: Sha384;
  /** Of the bytes of `manifest.json`. */
  readonly manifest: Sha384;
}

/** The outcome of {@link checkSignature}. `verifierKey` is the key named in the note. */
export type SignatureCheck =
  | { readonly holds: true; readonly verifierKey: string }
  | { readonly holds: false; readonly why: string };

/** The text that is signed. */
export function signedText(facts: SignedFacts, verifierKey: string): string {
  return `${HEADER}\ncollection ${facts.collection}\nedition ${JSON.stringify(facts.edition)}\nrelease ${facts.release}\nmanifest ${facts.manifest}\nkey ${verifierKey}\n`;
}

/** Checks a note against the facts of the folder and, when given, against a verifier key obtained elsewhere. */
export function checkSignature(note: Uint8Array, facts: SignedFacts, trustedKey?: string): SignatureCheck {
  const parsed = orUndefined(() => parseNote(note));
  const named = /^key (\S+)$/m.exec(parsed?.text ?? '')?.[1];
  if (parsed === undefined || named === undefined) return { holds: false, why: 'the signature file is not a signed note' };
  if (trustedKey !== undefined && trustedKey !== named) return { holds: false, why: 'the signature was made with another key than the one you trust' };
  if (parsed.text !== signedText(facts, named)) return { holds: false, why: 'the signature is for another manifest' };
  const key = orUndefined(() => parseVerifierKey(named));
  if (key?.kind !== 'ed25519') return { holds: false, why: 'the verifier key in the signature file is malformed' };
  return isSignedBy(parsed, key) ? { holds: true, verifierKey: named } : { holds: false, why: 'the signature does not fit the key' };
}

/** One signature and no more: a release has one signer. */
function isSignedBy(note: SignedNote, key: VerifierKey): boolean {
  const [signature, ...others] = note.signatures;
  return signature !== undefined && others.length === 0 && verifySignature(note, signature, key);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
