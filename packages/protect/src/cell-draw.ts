/**
 * The draw of a cell: a keyed hash of what the cell counts, so that the same cell rounds the same way in every table
 * and every release. Source: RFC 2104 (HMAC) over SHA-256.
 * A cell that knows its set of records is drawn for by that set; one that does not, by its codes ({@link cellIdentity}).
 * Leaves out: sums of seeds drawn for each unit, which differ from a sum of numbers only in who could redo them.
 * @module
 */
import { canonicalJson, hmacSha256 } from '@weighbridge/base';
import type { CellKey } from '@weighbridge/base';
import type { ProtectionRequest } from '@weighbridge/base/confidential';
import { drawFromBytes } from './units.ts';
import type { UnitDraw } from './units.ts';

/** Shortest key accepted, in bytes. */
const MIN_KEY_BYTES = 16;

/** What is drawn for: the value with its bounds, or the number of values in a state. */
export type DrawPart = 'value' | `state:${string}`;

/** @throws RangeError when the key is shorter than 16 bytes. */
export function assertKey(key: Uint8Array): void {
  if (key.length < MIN_KEY_BYTES) throw new RangeError(`key: expected at least ${MIN_KEY_BYTES} bytes, got ${key.length}`);
}

/** The draw of one part of a cell: deterministic in key, identity and part. */
export function cellDraw(key: Uint8Array, identity: string, part: DrawPart): UnitDraw {
  return drawFromBytes(hmacSha256(key, `weighbridge cell 1\n${part}\n${identity}`));
}

/**
 * One canonical text for the group of records that a cell counts: the universe, what the table holds fixed, and the
 * cell's codes by dimension name. Order of dimensions and margins leave no trace.
 */
export function cellIdentity(request: ProtectionRequest, fields: readonly string[], key: CellKey): string {
  const tests = new Map(Object.entries(request.held ?? {}));
  for (const [i, field] of fields.entries()) {
    const identity = request.identities?.[i] ?? { name: field, marginTest: null };
    const code = key[i] ?? null;
    if (code !== null) tests.set(identity.name, canonicalJson({ in: [code] }));
    else if (identity.marginTest !== null) tests.set(identity.name, both(tests.get(identity.name), identity.marginTest));
  }
  return canonicalJson({ universe: request.universe, tests: Object.fromEntries(tests) });
}

/**
 * The text for a set of records, whatever tables call it: a margin over one agency, a year and its only round, or an
 * indicator that describes the same people under another name all round alike, so no second draw can be compared.
 */
export function groupIdentity(request: ProtectionRequest, group: string): string {
  return canonicalJson({ records: request.records ?? request.universe, group });
}

function both(held: string | undefined, margin: string): string {
  return held === undefined || held === margin ? margin : `${held} and ${margin}`;
}
