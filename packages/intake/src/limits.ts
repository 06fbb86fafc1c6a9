/**
 * Bounds that keep a hostile or broken file from taking the machine: every one is far above honest extracts.
 * @module
 */

/** Bytes of one field. Longer is a lost quote or not a table. */
export const MAX_FIELD_BYTES = 1 << 20;
/** Bytes of one record; below the engine's own limit of 2,000,000. */
export const MAX_RECORD_BYTES = 1_900_000;
/** Columns of a table. */
export const MAX_COLUMNS = 16_384;
/** A gzip file may unpack to this many bytes in all … */
export const MAX_UNPACKED_BYTES = 64 * 2 ** 30;
/** … and, once past {@link RATIO_FREE_BYTES}, to this many times its size. */
export const MAX_RATIO = 250;
export const RATIO_FREE_BYTES = 16 << 20;
/** A workbook: parts, bytes of all parts unpacked, bytes of its shared texts. */
export const MAX_WORKBOOK_PARTS = 10_000;
export const MAX_WORKBOOK_BYTES = 4 * 2 ** 30;
export const MAX_SHARED_STRINGS_BYTES = 512 << 20;
/** A JSON document that is read whole; larger data come as NDJSON. */
export const MAX_JSON_BYTES = 256 << 20;
/** Bytes read to find encoding, line ends and delimiter. */
export const SNIFF_BYTES = 1 << 16;
