/**
 * Fields of comma-separated files: what separates them, and what a number is.
 * @module
 */
import { refuse } from '@weighbridge/base';

const SEPARATORS = [['\t', 'tabs'], [';', 'semicolons']] as const;

/** @throws Refusal `CSV` naming what separates the fields of a header, where that is not the comma */
export function assertCommas(header: string, file: string): void {
  if (header.includes(',')) return;
  const found = SEPARATORS.find(([separator]) => header.includes(separator));
  if (found !== undefined) refuse('CSV', `the fields are separated by ${found[1]}`, { file, line: 1 }, `separate the fields by commas instead of ${found[1]}, and write numbers with a point before decimals`);
}

/** The number that a field says in decimals, an exponent allowed; NaN for anything else, as hexadecimal digits. */
export function numberIn(field: string): number {
  const text = field.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
