/**
 * CSV as published: RFC 4180, UTF-8 without a byte order mark, CRLF line ends, and no cell that a spreadsheet would run.
 * @module
 */

/**
 * One CSV text. Numbers print in full, null is an empty cell. A text that starts with = + - @, a tab or a carriage return gets an
 * apostrophe before it, as spreadsheets would take it for a formula (OWASP, CSV injection).
 * @example writeCsv(['a', 'b'], [['x, y', -1]]) // 'a,b\r\n"x, y",-1\r\n'
 */
export function writeCsv(header: readonly string[], rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return [header, ...rows].map((row) => `${row.map(printField).join(',')}\r\n`).join('');
}

/** A text that no spreadsheet takes for a formula. */
export function guardFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function printField(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const guarded = guardFormula(value);
  return /[",\r\n]/.test(guarded) || guarded !== guarded.trim() ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
