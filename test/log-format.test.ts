/** The worked example of docs/log-format.md: every byte of it is computed again, and every kind of entry is described. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkTlogProof, encodeBundle, open, openSha384Checkpoint, parseEntry, parsePolicy, recordsCommitment, SHA256_TREE, SHA384_TREE, toHex, verifyLog } from '@weighbridge/log';
import { expect, test } from 'vitest';
import { sha384 } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';

const PAGE = readFileSync(resolve(import.meta.dirname, '..', 'docs', 'log-format.md'), 'utf8');

/** A block of the page by its name. */
function block(name: string): string {
  const found = new RegExp(`^\`\`\`(?:text|hex|hexdump) ${name}\\n([^]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`expected a block ${name}`);
  return found;
}
const hex = (name: string): string => block(name).replaceAll(/\s/g, '');
const line = (name: string): Uint8Array => Buffer.from(block(name).replace(/\n$/, ''));
const entries = [line('entry-0'), line('entry-1')];
const dump = Buffer.from(block('bundle').split('\n').map((row) => row.slice(8, 56).replaceAll(' ', '')).join(''), 'hex');

test('entries are canonical and commit to what the page shows', () => {
  const [key, submission] = entries.map((entry) => parseEntry(entry));
  expect(key).toMatchObject({ kind: 'key', change: 'added', key: parsePolicy(block('policy')).logs[0]?.key.text });
  const opening = Buffer.from(hex('opening'), 'hex');
  expect(sha384(opening)).toBe(hex('commitment'));
  expect(open('weighbridge-submission/1', { commitment: sha384(opening), opening })).toBe('{"example":true}');
  const commitment = Buffer.from(sha384(Buffer.concat([Buffer.from(hex('record-salt'), 'hex'), line('record')])), 'hex');
  expect(toHex(SHA384_TREE.leaf(commitment))).toBe(hex('record-root'));
  expect(recordsCommitment(hex('record-root') as Sha384, 1)).toBe(hex('records'));
  expect(submission).toMatchObject({ kind: 'submission', commitment: hex('commitment'), records: hex('records') });
});

test('the tile and the bundle are those of the entries, and the log of these files verifies', async () => {
  expect(toHex(Buffer.concat(entries.map((entry) => SHA256_TREE.leaf(entry))))).toBe(hex('tile'));
  expect(dump).toEqual(Buffer.from(encodeBundle(entries)));
  const files = new Map<string, Uint8Array>([
    ['checkpoint', Buffer.from(block('checkpoint'))], ['checkpoint-sha384', Buffer.from(block('checkpoint-sha384'))],
    ['tile/0/000.p/2', Buffer.from(hex('tile'), 'hex')], [join('tile', 'entries', '000.p', '2'), dump],
  ]);
  const log = await verifyLog({ read: (path) => Promise.resolve(files.get(path) ?? null) }, { policy: parsePolicy(block('policy')) });
  expect(log.proved.join(' ')).toContain('under SHA-256 and under SHA-384');
  const p384 = parsePolicy(block('policy')).witnesses.get('p384')?.key;
  if (p384 === undefined) throw new Error('expected the P-384 key');
  const root = SHA384_TREE.node(SHA384_TREE.leaf(entries[0] ?? dump), SHA384_TREE.leaf(entries[1] ?? dump));
  expect(toHex(openSha384Checkpoint(Buffer.from(block('checkpoint-sha384')), log.head.origin, p384).root)).toBe(toHex(root));
});

test('the receipt proves entry 1, and no other', () => {
  const policy = parsePolicy(block('policy'));
  expect(checkTlogProof(policy, Buffer.from(block('receipt')), entries[1] ?? dump).index).toBe(1n);
  expect(() => checkTlogProof(policy, Buffer.from(block('receipt')), entries[0] ?? dump)).toThrow('PROOF_FALSE');
});

test('every kind of entry and every member of it stands in the table', () => {
  const source = readFileSync(resolve(import.meta.dirname, '..', 'packages', 'log', 'src', 'entry.ts'), 'utf8');
  const shapes = /const SHAPES[^]*?^};/m.exec(source)?.[0] ?? '';
  const kinds = [...shapes.matchAll(/^ {2}(\w+): \{/gm)].map((m) => m[1] ?? '');
  expect(kinds.length).toBe(9);
  for (const kind of kinds) {
    const row = PAGE.split('\n').find((text) => text.startsWith('|') && text.split('|')[1]?.includes(`\`${kind}\``)) ?? '';
    const members = [...(new RegExp(`^ {2}${kind}: \\{([^]*?)\\}`, 'm').exec(shapes)?.[1] ?? '').matchAll(/'?(\w+)\??'?: \w/g)].map((m) => m[1] ?? '');
    expect(members.length, kind).toBeGreaterThan(0);
    for (const member of members) expect(row, kind).toContain(`\`${member}\``);
  }
});
