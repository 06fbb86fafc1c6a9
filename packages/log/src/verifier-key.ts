/**
 * Verifier keys: a public key with the name of its holder, in one line of text: `name+hex8(key id)+base64(type ‖ key)`.
 * Source: C2SP signed-note 1.0.0 (verifier keys) and tlog-cosignature 1.0.1; type 0xff for P-384 is ours (docs/log-format.md).
 * A key that could make two verifiers disagree is refused here, once, so that nothing later need look at it again.
 * Leaves out: ECDSA (0x02), RFC 6962 (0x05) and ML-DSA-44 (0x06), which no policy of ours may name.
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p384 } from '@noble/curves/nist.js';
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';
import { sha256 } from './crypto.ts';
import { P384_SPKI_BYTES, p384PointOf } from './p384-spki.ts';

/** What a key signs: a note (0x01), a cosignature with Ed25519 (0x04) or with ECDSA on P-384 and SHA-384 (0xff). */
export type KeyKind = 'ed25519' | 'ed25519-cosigner' | 'p384-cosigner';

/** A public key that passed every check of {@link parseVerifierKey}. */
export interface VerifierKey {
  readonly name: string;
  readonly kind: KeyKind;
  /** 4 bytes; a hint, not a commitment: keys with the same id are easily made. */
  readonly id: Uint8Array;
  /** 32 bytes for Ed25519; the DER of a SubjectPublicKeyInfo, 120 bytes, for P-384. */
  readonly key: Uint8Array;
  readonly text: string;
}

/** Bytes before the key in the material that is hashed into the key id. */
const MATERIAL: Readonly<Record<KeyKind, Uint8Array>> = {
  'ed25519': Uint8Array.of(0x01),
  'ed25519-cosigner': Uint8Array.of(0x04),
  'p384-cosigner': concatBytes(Uint8Array.of(0xff), utf8('ecdsa-p384-sha384'), Uint8Array.of(0x00)),
};
const KINDS = Object.keys(MATERIAL) as KeyKind[];

/** More than the 1,752 characters of an ML-DSA-44 key, which is to be refused for its kind and not for its length. */
const LONGEST_KEY = 4096;
const LONGEST_NAME = 512;

/**
 * Reads a verifier key.
 * @throws Refusal KEY_FORM (not three parts, other length), KEY_NAME, KEY_BASE64, KEY_KIND (a type we do not use), KEY_ID (the id is not that
 * of the key), KEY_WEAK (Ed25519: not canonical, of low order or with a part of low order; P-384: not a point of the curve)
 */
export function parseVerifierKey(text: string, place: Place = {}): VerifierKey {
  // The base64 may itself hold '+', the name and the id may not: split at the first two only.
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  if (text.length > LONGEST_KEY || first < 0 || second < 0) {
    refuse('KEY_FORM', 'a verifier key is name+8 hexadecimal digits+base64', place, 'copy the whole line that the key holder published');
  }
  const name = text.slice(0, first);
  const id = fromHex(text.slice(first + 1, second));
  checkName(name, place);
  if (id?.length !== 4) refuse('KEY_FORM', 'a key id is 8 lower-case hexadecimal digits', place, 'copy the whole line that the key holder published');
  const material = fromBase64(text.slice(second + 1));
  if (material === undefined) {
    refuse('KEY_BASE64', 'the key is not canonical base64 with padding', place, 'copy the whole line that the key holder published');
  }
  const kind = kindOf(material, place);
  const key = formatVerifierKey(name, kind, material.slice(MATERIAL[kind].length), place);
  if (!equalBytes(key.id, id)) {
    refuse('KEY_ID', 'the key id is not that of this name and key', place, 'copy the whole line that the key holder published; the name belongs to the key');
  }
  return key;
}

/** The verifier key of a name and a public key, with the checks of {@link parseVerifierKey} (KEY_NAME, KEY_FORM, KEY_WEAK). */
export function formatVerifierKey(name: string, kind: KeyKind, key: Uint8Array, place: Place = {}): VerifierKey {
  checkName(name, place);
  checkKey(kind, key, place);
  const material = concatBytes(MATERIAL[kind], key);
  const id = Uint8Array.from(sha256(concatBytes(utf8(name), Uint8Array.of(0x0a), material)).subarray(0, 4));
  return { name, kind, id, key, text: `${name}+${toHex(id)}+${toBase64(material)}` };
}

/** C2SP signed-note, "Format": a key name is not empty and holds neither Unicode spaces nor '+'; a control character cannot stand in a note at all. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= LONGEST_NAME && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** True when the key is one that may be registered: nothing about it lets two verifiers decide differently. */
export function isSoundKey(kind: KeyKind, key: Uint8Array): boolean {
  try {
    if (kind === 'p384-cosigner') {
      const encoded = p384PointOf(key);
      if (encoded === undefined) return false;
      p384.Point.fromBytes(encoded).assertValidity();
      return true;
    }
    // RFC 8032 §5.1.3, without its lenience: y below p, and no sign for x = 0.
    const point = ed25519.Point.fromBytes(key, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

function checkName(name: string, place: Place): void {
  if (isKeyName(name)) return;
  refuse('KEY_NAME', `a key name has 1 to ${LONGEST_NAME} characters, none of them a space, a control character or '+'`, place, 'use a host name with a path, such as log.example.test/a');
}

function checkKey(kind: KeyKind, key: Uint8Array, place: Place): void {
  const length = kind === 'p384-cosigner' ? P384_SPKI_BYTES : 32;
  if (key.length !== length) refuse('KEY_FORM', `a key of kind ${kind} has ${length} bytes, not ${key.length}`, place, 'copy the whole line that the key holder published');
  if (isSoundKey(kind, key)) return;
  const why = kind === 'p384-cosigner'
    ? 'the key is not the DER of an uncompressed point of P-384'
    : 'the key is not canonical, or has a part of low order: verifiers would disagree about its signatures';
  refuse('KEY_WEAK', why, place, 'ask the key holder for a key made by a standard tool');
}

/** Types that C2SP assigns and that are not used here, by their first byte. */
const OTHER_TYPES: Readonly<Record<number, string>> = { 0x02: 'ECDSA', 0x05: 'an RFC 6962 log', 0x06: 'ML-DSA-44' };

function kindOf(material: Uint8Array, place: Place): KeyKind {
  const [type] = material;
  if (type === undefined) refuse('KEY_FORM', 'the key is empty', place, 'copy the whole line that the key holder published');
  const kind = KINDS.find((k) => equalBytes(material.subarray(0, MATERIAL[k].length), MATERIAL[k]));
  if (kind !== undefined) return kind;
  const what = OTHER_TYPES[type] ?? `type 0x${toHex(Uint8Array.of(type))}`;
  return refuse('KEY_KIND', `a key of ${what} is not used here`, place, 'use an Ed25519 key (0x01, 0x04) or the P-384 key (0xff ecdsa-p384-sha384)');
}
