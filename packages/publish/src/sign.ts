/**
 * The signature of a release: a signed note over the manifest's hash, Ed25519 (RFC 8032).
 * Source: C2SP signed-note; the text also carries the verifier key, so that a folder alone can be checked for damage.
 * Leaves out: whose key it is. Only a key obtained elsewhere proves who signed.
 * @module
 */
import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';

const HEADER = 'weighbridge-release-signature/1';
const ED25519 = 1;

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

/** The verifier key of a private or public key: `name+hash+base64`, as in C2SP signed-note. @throws Refusal SIGNING_KEY_KIND */
export function verifierKeyOf(key: KeyObject, name: string): string {
  if (key.asymmetricKeyType !== 'ed25519') {
    refuse('SIGNING_KEY_KIND', `expected an Ed25519 key, got ${key.asymmetricKeyType ?? key.type}`, { object: 'signing key' }, 'make a key with `openssl genpkey -algorithm ed25519`');
  }
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const raw = Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url');
  const body = Buffer.concat([Buffer.from([ED25519]), raw]);
  return `${name}+${keyHash(name, body).toString('hex')}+${body.toString('base64')}`;
}

/** The text of `manifest.sig`. The same key and facts give the same text. */
export function signRelease(facts: SignedFacts, key: KeyObject, name: string): string {
  const verifierKey = verifierKeyOf(key, name);
  const text = noteText(facts, verifierKey);
  const signature = sign(null, Buffer.from(text, 'utf8'), key);
  const hash = Buffer.from(verifierKey.split('+')[1] ?? '', 'hex');
  return `${text}\n— ${name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
}

/** Checks a note against the facts of the folder and, when given, against a verifier key obtained elsewhere. */
export function checkSignature(note: string, facts: SignedFacts, trustedKey?: string): SignatureCheck {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const verifierKey = /^key (\S+)$/m.exec(text)?.[1];
  const line = /^— (\S+) ([A-Za-z0-9+/=]+)\n$/.exec(note.slice(end + 2));
  if (end < 0 || verifierKey === undefined || line === null) return { holds: false, why: 'the signature file is not a signed note' };
  if (trustedKey !== undefined && trustedKey !== verifierKey) return { holds: false, why: 'the signature was made with another key than the one you trust' };
  if (text !== noteText(facts, verifierKey)) return { holds: false, why: 'the signature is for another manifest' };
  const parsed = parseVerifierKey(verifierKey);
  if (parsed === null || parsed.name !== line[1]) return { holds: false, why: 'the verifier key in the signature file is malformed' };
  const blob = Buffer.from(line[2] ?? '', 'base64');
  const sound = blob.length === 68 && blob.toString('base64') === line[2] && blob.subarray(0, 4).equals(parsed.hash)
    && verify(null, Buffer.from(text, 'utf8'), parsed.key, blob.subarray(4));
  return sound ? { holds: true, verifierKey } : { holds: false, why: 'the signature does not fit the key' };
}

function noteText(facts: SignedFacts, verifierKey: string): string {
  return `${HEADER}\ncollection ${facts.collection}\nedition ${JSON.stringify(facts.edition)}\nrelease ${facts.release}\nmanifest ${facts.manifest}\nkey ${verifierKey}\n`;
}

function parseVerifierKey(text: string): { name: string; hash: Buffer; key: KeyObject } | null {
  const [name, hashText, ...rest] = text.split('+');
  const body = Buffer.from(rest.join('+'), 'base64');
  if (name === undefined || hashText === undefined || body.length !== 33 || body[0] !== ED25519) return null;
  const hash = keyHash(name, body);
  if (hash.toString('hex') !== hashText) return null;
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: body.subarray(1).toString('base64url') } });
  return { name, hash, key };
}

/** C2SP signed-note: the first four bytes of SHA-256 over name, line feed, algorithm and key. */
function keyHash(name: string, body: Buffer): Buffer {
  return createHash('sha256').update(name).update('\n').update(body).digest().subarray(0, 4);
}
