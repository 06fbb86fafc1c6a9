/**
 * JSON with one spelling per value, so that equal values have equal bytes and equal hashes.
 * Source: RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, ECMAScript number
 * format, no white space. Leaves out: NaN, infinities, lone surrogates and undefined members are refused.
 * @module
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The canonical text of a JSON value. Members that are `undefined` are left out, as JSON.stringify does.
 * @throws TypeError for a number that is not finite, a lone surrogate, or anything that is not JSON.
 * @example canonicalJson({ b: 1, a: [true] }) // '{"a":[true],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonicalJson: expected a finite number');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('canonicalJson: expected well-formed Unicode');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`canonicalJson: expected JSON, got ${typeof value}`);
}

/** Indented JSON with the same member order as {@link canonicalJson}, ending in a newline: for files people read. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}
