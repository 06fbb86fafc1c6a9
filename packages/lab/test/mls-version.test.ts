/** The MLS library must be the pinned one: another version and another wire format are refused with what was expected and found. */
import { readFileSync } from 'node:fs';
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { expect, test } from 'vitest';
import { decodeMlsMessage, encodeMlsMessage } from '../src/mls/internals.ts';
import { assertLibrary } from '../src/mls/version.ts';
import type { LibraryInstallation } from '../src/mls/version.ts';

const PIN = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { dependencies: Record<string, string> }).dependencies['ts-mls'] ?? '';

test('the installed library is the pinned one, and writes the pinned wire format, every time', () => {
  expect(PIN).toMatch(/^\d+\.\d+\.\d+$/);
  expect(assertLibrary()).toMatchObject({ name: 'ts-mls', version: PIN });
  expect(assertLibrary()).toEqual(assertLibrary());
});

test.each([
  ['1.6.3', {}], ['2.0.0', {}], ['of no number', {}],
])('a manifest that says version %s is refused, with both versions and a repair', (installed) => {
  const issue = refusal({ installed });
  expect(issue.message).toContain(`version ${PIN} expected`);
  expect(issue.message).toContain(`version ${installed} installed`);
});

test('a pin that was raised without installing is refused', () => {
  expect(refusal({ pinned: '1.6.5' }).message).toContain(`version 1.6.5 expected, as packages/lab/package.json pins it, version ${PIN} installed`);
});

test.each<[string, LibraryInstallation, string]>([
  ['writes another padding byte at the end', { encode: (message) => Buffer.concat([encodeMlsMessage(message), Buffer.alloc(1)]) }, 'written again as 282 other bytes'],
  ['writes another protocol version', { encode: (message) => withByte(encodeMlsMessage(message), 1, 2) }, 'written again as 281 other bytes'],
  ['writes a bit less in one signature', { encode: (message) => withByte(encodeMlsMessage(message), 280, 0) }, 'written again as 281 other bytes'],
  ['reads one byte less', { decode: (bytes, offset) => readShort(decodeMlsMessage(bytes, offset)) }, '280 bytes read'],
  ['reads nothing', { decode: () => undefined }, 'it cannot be read'],
  ['throws when it reads', { decode: () => { throw new TypeError('another format'); } }, 'it cannot be read'],
  ['reads every message as the same one', { decode: (bytes) => first(bytes) }, 'read as another mls_key_package'],
  ['reads and writes lengths of another kind alike, so that only reading ours fails', shiftedCodec(), 'it cannot be read'],
])('a library that %s is refused, with what was expected and found', (_, codec, found) => {
  const issue = refusal(codec);
  expect(issue.message).toMatch(/a synthetic mls_(key_package of 281|private_message of 158) bytes expected/);
  expect(issue.message).toContain(found);
});

/** The only issue of the refusal; it always names the library and how to mend it. */
function refusal(found: LibraryInstallation): Issue {
  try {
    assertLibrary(found);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [issue, ...more] = error.issues;
    expect(more).toEqual([]);
    expect(issue).toMatchObject({ code: 'LAB_LIBRARY_CHANGED', severity: 'error', place: { object: 'ts-mls' } });
    expect(issue?.repair).toMatch(/npm ci.*test vectors.*pin/);
    if (issue !== undefined) return issue;
  }
  throw new Error('the library was accepted');
}

type Decoded = ReturnType<typeof decodeMlsMessage>;

function readShort(decoded: Decoded): Decoded {
  return decoded === undefined ? undefined : [decoded[0], decoded[1] - 1];
}

let seen: Decoded;

/** The first message read, for every message. */
function first(bytes: Uint8Array): Decoded {
  seen ??= decodeMlsMessage(bytes, 0);
  return seen === undefined ? undefined : [seen[0], bytes.length];
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? value : byte));
}

/** A codec at peace with itself whose wire format has two bytes more before every message. */
function shiftedCodec(): LibraryInstallation {
  return {
    encode: (message) => Buffer.concat([Buffer.alloc(2), encodeMlsMessage(message)]),
    decode: (bytes) => { const inner = decodeMlsMessage(bytes.subarray(2), 0); return inner === undefined ? undefined : [inner[0], inner[1] + 2]; },
  };
}
