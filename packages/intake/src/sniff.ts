/**
 * How a CSV file is written: delimiter and line ends, found in its first bytes. What is found is shown in the report.
 * @module
 */
import type { LineEnd } from './csv-scan.ts';
import { CsvScanner } from './csv-scan.ts';

/** Delimiters that are looked for where none is declared. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/** Line ends: bare CR only where no LF stands outside quotes. */
export function sniffLineEnd(head: Uint8Array): LineEnd {
  let quoted = false;
  let returns = 0;
  for (const byte of head) {
    if (byte === 34) quoted = !quoted;
    else if (!quoted && byte === 10) return 'lf';
    else if (!quoted && byte === 13) returns++;
  }
  return returns > 0 ? 'cr' : 'lf';
}

/**
 * The delimiter whose header has most of the expected columns; among equals the one that gives the first records
 * one width, then the first of comma, semicolon, tab, bar.
 */
export function sniffDelimiter(head: Uint8Array, lineEnd: LineEnd, headerLine: number, expected: readonly string[]): string {
  const scores = DELIMITERS.map((delimiter) => {
    let even = 0;
    let ragged = 0;
    const scanner = new CsvScanner({
      delimiter, lineEnd, headerLine,
      onFault: (fault) => {
        if (fault.code === 'RAGGED') ragged++;
      },
      onRecord: (record) => {
        if (record.fields > 1) even++;
      },
    });
    scanner.push(head);
    if (scanner.header === undefined) scanner.end();
    const names = new Set(scanner.header?.map((h) => h.trim()));
    return { delimiter, matched: expected.filter((name) => names.has(name)).length, regular: even - ragged };
  });
  scores.sort((a, b) => b.matched - a.matched || b.regular - a.regular || DELIMITERS.indexOf(a.delimiter) - DELIMITERS.indexOf(b.delimiter));
  return scores[0]?.delimiter ?? ',';
}
