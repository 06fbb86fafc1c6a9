/**
 * Whether the MLS library that is installed is the one that the measurements were made with: its version, and the bytes it writes.
 * A library of another wire format gives other sizes on the wire, and other results, without an error; so it is refused first.
 * The two messages are synthetic: counting bytes in place of keys, signatures and ciphertexts, laid out by hand after RFC 9420 [rfc9420].
 * They show that the format stands, not that the library is right: that is for the working group's test vectors.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { refuse } from '@weighbridge/base';
import { decodeMlsMessage, encodeMlsMessage } from './internals.ts';

/** What is compared; each part is read from the installation when it is not given. */
export interface LibraryInstallation {
  /** Version that the lab's manifest pins. */
  readonly pinned?: string;
  /** Version in the manifest of the package that is installed. */
  readonly installed?: string;
  readonly decode?: typeof decodeMlsMessage;
  readonly encode?: typeof encodeMlsMessage;
}

/** The library that was found to be the expected one. */
export interface CheckedLibrary {
  readonly name: string;
  readonly version: string;
  /** SHA-256 in hexadecimal of the bytes that it wrote for the synthetic messages. */
  readonly wireFormat: string;
}

const NAME = 'ts-mls';
const REPAIR = 'run npm ci; to move to another version of the library, run the test vectors of the MLS working group against it and raise the pin in packages/lab/package.json';

/**
 * Holds the installed library to the pinned version and to the pinned wire format. Reads two manifests; gives the same answer on every run.
 * @throws Refusal `LAB_LIBRARY_CHANGED`, saying what was expected and what was found
 */
export function assertLibrary(found: LibraryInstallation = {}): CheckedLibrary {
  const version = assertVersion(found.pinned ?? pinnedVersion(), found.installed ?? installedVersion());
  const decode = found.decode ?? decodeMlsMessage;
  const encode = found.encode ?? encodeMlsMessage;
  const written = SYNTHETIC.map((message) => rewritten(message, decode, encode));
  const wireFormat = createHash('sha256').update(Buffer.concat(written)).digest('hex');
  if (wireFormat !== WIRE_FORMAT) changed(`the synthetic messages with SHA-256 ${WIRE_FORMAT} expected`, `bytes with ${wireFormat} written`);
  return { name: NAME, version, wireFormat };
}

function assertVersion(pinned: string, installed: string): string {
  if (installed !== pinned) changed(`version ${pinned} expected, as packages/lab/package.json pins it`, `version ${installed} installed`);
  return installed;
}

function pinnedVersion(): string {
  const { dependencies } = manifest(new URL('../../package.json', import.meta.url)) as { dependencies?: Readonly<Record<string, string>> };
  return dependencies?.[NAME] ?? 'of no number';
}

/** The library's manifest is not among its exports: it stands two folders above the entry point, `dist/src/index.js`. */
function installedVersion(): string {
  const entry = createRequire(import.meta.url).resolve(NAME);
  const { version } = manifest(`${entry.slice(0, entry.lastIndexOf('dist'))}package.json`) as { version?: string };
  return version ?? 'of no number';
}

function manifest(path: string | URL): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The message read and written again. @throws Refusal when it is not read whole, not as what it is, or not written to the same bytes */
function rewritten({ bytes, kind, field }: SyntheticMessage, decode: typeof decodeMlsMessage, encode: typeof encodeMlsMessage): Uint8Array {
  const expected = `a synthetic ${kind} of ${bytes.length} bytes expected`;
  const [message, read] = decodeOrNothing(bytes, decode) ?? changed(expected, 'it cannot be read');
  if (read !== bytes.length) changed(expected, `${read} bytes read`);
  if (message.wireformat !== kind || !field(message)) changed(expected, `read as another ${message.wireformat}`);
  const again = Buffer.from(encode(message));
  if (!again.equals(bytes)) changed(expected, `written again as ${again.length} other bytes`);
  return again;
}

function decodeOrNothing(bytes: Uint8Array, decode: typeof decodeMlsMessage): ReturnType<typeof decodeMlsMessage> {
  try {
    return decode(bytes, 0);
  } catch {
    return undefined;
  }
}

function changed(expected: string, foundInstead: string): never {
  refuse('LAB_LIBRARY_CHANGED', `the MLS library is not the one the lab was built on: ${expected}, ${foundInstead}`, { object: NAME }, REPAIR);
}

type Message = Parameters<typeof encodeMlsMessage>[0];

interface SyntheticMessage {
  readonly kind: Message['wireformat'];
  readonly bytes: Buffer;
  /** Whether a field far inside the message was read as what it is. */
  readonly field: (message: Message) => boolean;
}

const ORIGIN = Buffer.from('synthetic');

/** RFC 9420 §6, §7.2, §10 and §6.3, field by field. */
const SYNTHETIC: readonly SyntheticMessage[] = [
  {
    kind: 'mls_key_package',
    bytes: Buffer.concat([
      fixed('0001 0005'), // MLS 1.0, mls_key_package
      fixed('0001 0001'), vector(counting(32, 0)), // MLS 1.0, suite 1, init_key
      vector(counting(32, 32)), vector(counting(32, 64)), // encryption_key, signature_key
      fixed('0001'), vector(ORIGIN), // basic credential
      fixed('02 0001 02 0001 00 00 02 0001'), // capabilities: version 1.0, suite 1, no extensions, no proposals, basic credentials
      fixed('01 0000000000000001 0000010000000000'), // from a key package, with its lifetime
      fixed('00'), vector(counting(64, 96)), // extensions and signature of the leaf
      fixed('00'), vector(counting(64, 160)), // extensions and signature of the key package
    ]),
    field: (message) => message.wireformat === 'mls_key_package' && message.keyPackage.leafNode.lifetime.notAfter === 2n ** 40n,
  },
  {
    kind: 'mls_private_message',
    bytes: Buffer.concat([
      fixed('0001 0002'), vector(ORIGIN), // MLS 1.0, mls_private_message, group_id
      fixed('0000000200000005 01'), // epoch, application data
      vector(counting(70, 0)), vector(counting(28, 70)), vector(counting(33, 100)), // authenticated_data, encrypted_sender_data, ciphertext
    ]),
    field: (message) => message.wireformat === 'mls_private_message' && message.privateMessage.epoch === 2n ** 33n + 5n,
  },
];

/** SHA-256 of both messages, one after the other. */
const WIRE_FORMAT = '3ab8f22291153f2ba8b705999d8efda73e379d59b0f7d29f8fc77bcd6ffb0384';

function fixed(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** A vector of variable size: its length in one byte up to 63, in two up to 16,383 (§2.1.2). */
function vector(content: Uint8Array): Buffer {
  const length = content.length < 64 ? [content.length] : [0x40 | (content.length >> 8), content.length & 0xff];
  return Buffer.concat([Buffer.from(length), content]);
}

function counting(length: number, from: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => from + i);
}
