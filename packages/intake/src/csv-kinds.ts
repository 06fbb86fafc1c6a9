/**
 * What is said about a fault in the grammar of a CSV file.
 * @module
 */
import type { InstrumentDefinition } from '@weighbridge/instrument';
import type { CsvFault } from './csv-scan.ts';
import type { Kind } from './findings.ts';
import { MAX_FIELD_BYTES, MAX_RECORD_BYTES } from './limits.ts';

/** The kind of a fault. `header` is what the columns may be called in messages, where the header is known. */
export function csvKind(fault: CsvFault, header: readonly string[] | undefined, definition: InstrumentDefinition): Kind {
  if (fault.code === 'RAGGED') {
    const expected = header?.length ?? 0;
    return {
      code: 'RAGGED', severity: 'error',
      message: `expected ${expected} fields, found ${fault.fields}`,
      repair: fault.fields < expected
        ? 'complete the record; if it is the last one, the file may have been cut off: export it again'
        : 'quote the field that holds the delimiter',
    };
  }
  const column = header?.[fault.field];
  return { ...TEXTS[fault.code](definition), code: fault.code, severity: 'error', ...(column === undefined || fault.code === 'BARE_CR' ? {} : { column }) };
}

type Text = { readonly message: string; readonly repair: string };

const TEXTS: Readonly<Record<Exclude<CsvFault['code'], 'RAGGED'>, (definition: InstrumentDefinition) => Text>> = {
  QUOTE_MALFORMED: () => ({ message: 'text follows the closing quote of a field', repair: 'double every quote that belongs to the text, and quote the whole field' }),
  NUL_BYTE: () => ({ message: 'the field holds a NUL byte', repair: 'export the file again; NUL bytes are a sign of damage or of a wrong encoding' }),
  ENCODING: ({ format }) => ({
    message: `the bytes are not ${format.encoding ?? 'UTF-8'}`,
    repair: 'save the file as UTF-8; if it is Windows-1252 or Latin-1 by agreement, the instrument has to say so (format: encoding)',
  }),
  BARE_CR: () => ({ message: 'a carriage return stands inside a record that is not quoted', repair: 'use one kind of line end throughout, and quote texts that hold line ends' }),
  TRUNCATED: () => ({ message: 'the file ends inside a quoted field', repair: 'export the file again if it was cut off; else close the quote that opens on this line' }),
  FIELD_TOO_LONG: () => ({ message: `the field is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, repair: 'look for a quote that opens and is never closed; shorten the text' }),
  RECORD_TOO_LONG: () => ({ message: `the record is longer than ${MAX_RECORD_BYTES} bytes; the file was read up to here`, repair: 'look for a lost line end or a quote that is never closed' }),
};
