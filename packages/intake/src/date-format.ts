/**
 * Date formats of instruments (%Y %y %m %d %H %M %S %b %B %a and literals) as a pattern that decides and the engine's
 * own format that converts. The engine's parser alone is too lenient: it would take 1/1/20091 for a date.
 * @module
 */
import { refuse } from '@weighbridge/base';

const PARTS: Readonly<Record<string, string>> = {
  Y: '[0-9]{4}', y: '[0-9]{2}', m: '[0-9]{1,2}', d: '[0-9]{1,2}', H: '[0-9]{1,2}', M: '[0-9]{2}', S: '[0-9]{2}',
  b: '[A-Za-z]{3}', B: '[A-Za-z]{3,9}', a: '[A-Za-z]{3}', '%': '%',
};

/** The whole-text pattern (RE2) of a date format. @throws Refusal `DATE_FORMAT` for a part we do not know */
export function datePattern(format: string, field: string): string {
  let pattern = '';
  for (let i = 0; i < format.length; i++) {
    const c = format[i] ?? '';
    if (c !== '%') {
      pattern += c.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
      continue;
    }
    const part = PARTS[format[++i] ?? ''];
    if (part === undefined) {
      refuse('DATE_FORMAT', `the format of ${field} has a part that is not known: %${format[i] ?? ''}`, { key: `fields.${field}.format` }, `use ${Object.keys(PARTS).map((p) => `%${p}`).join(' ')}`);
    }
    pattern += part;
  }
  return pattern;
}

/** What the default (no format) of each kind of date looks like. */
export const ISO_DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
export const ISO_MONTH = '[0-9]{4}-(0[1-9]|1[0-2])';
export const YEAR = '[0-9]{4}';
/** Spreadsheets and Parquet give dates in ISO form whatever the instrument's text format is. */
export const ISO_DATE_OR_TIME = `${ISO_DATE}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?)?`;
