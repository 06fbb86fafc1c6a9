/**
 * How what is committed to of a record begins: its salt, and the line that names its kind. Pure; leaves out what is hashed (record-receipt.ts).
 * @module
 */

/** Bytes of a salt. */
export const SALT_BYTES = 32;

/** First line of what is committed to. It keeps a record from passing as any other thing that is committed to. */
export const RECORD_HEADER = 'weighbridge-record/1\n';

const HEADER_BYTES = new TextEncoder().encode(RECORD_HEADER);

/** True when the bytes start with {@link RECORD_HEADER}. */
export function startsAsRecord(content: Uint8Array): boolean {
  return HEADER_BYTES.every((byte, i) => content[i] === byte);
}
