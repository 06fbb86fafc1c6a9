/**
 * Hiding commitments: C = SHA-384(salt ‖ content), with 32 fresh random bytes as salt and content that begins with a line naming
 * its type and version. Kept together as an opening; whoever has only C learns nothing, however few contents are possible.
 * Destroying the opening makes C meaningless for ever, and the log that holds C stays as it is.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { concatBytes, fromUtf8, toHex, utf8 } from './bytes.ts';
import { sha384 } from './crypto.ts';
import { SALT_BYTES } from './record-header.ts';

export { SALT_BYTES };

/** A commitment and what opens it. `opening` is salt ‖ content: its SHA-384 is the commitment. */
export interface Commitment {
  readonly commitment: Sha384;
  readonly opening: Uint8Array;
}

/**
 * Commits to a text, or to bytes as they are.
 * @param type - names the kind of content and its version, `weighbridge-submission/1`
 */
export function commit(type: string, content: string | Uint8Array): Commitment {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const opening = concatBytes(salt, utf8(`${type}\n`), typeof content === 'string' ? utf8(content) : content);
  return { commitment: toHex(sha384(opening)) as Sha384, opening };
}

/**
 * The text of an opening.
 * @throws Refusal `OPENING_FALSE` when it is not the opening of the commitment; `OPENING_TYPE` when its content is of another type
 */
export function open(type: string, { commitment, opening }: Commitment): string {
  if (toHex(sha384(opening)) !== commitment) refuse('OPENING_FALSE', 'the salt and content are not those that were committed to', { object: commitment }, 'get the receipt or the object again from whoever has it whole');
  const content = fromUtf8(opening.subarray(SALT_BYTES)) ?? '';
  if (!content.startsWith(`${type}\n`)) refuse('OPENING_TYPE', `what was committed to is not of the type ${type}`, { object: commitment }, 'use the version of Weighbridge that wrote it, or a later one');
  return content.slice(type.length + 1);
}
