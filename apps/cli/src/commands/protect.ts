import { readFile } from 'node:fs/promises';
import { Refusal, canonicalJson } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command, OptionSpec } from '../command.ts';
import type { Reporter } from '../reporter.ts';
import type { ProtectionSpec } from '@weighbridge/protect';

/** The option of every command that takes cells or records. */
export const MICRODATA: OptionSpec = { help: 'CELLS.csv holds records, one row each (dimensions, optionally value and contributor): tabulate them first' };

/** `weighbridge protect`: a list of cells, protected by a specification and attacked before it is written. */
export const protect: Command = {
  name: 'protect',
  summary: 'protects a list of cells by a specification, and attacks it first',
  positionals: ['CELLS.csv'],
  options: {
    spec: { value: 'SPEC.json', help: 'dimensions, rules, method', required: true },
    out: { value: 'OUT.csv', help: 'the cells with their status and what may be published (confidential: the truth stands beside it)', required: true },
    microdata: MICRODATA,
    certificate: { value: 'C.json', help: 'write what the attacker could derive of each unsafe cell, and from which printed cells (confidential)' },
  },
  exits: '3 the cells or the specification were refused, or cannot be protected',
  async run(args, reporter) {
    const { protectCells } = await import('@weighbridge/protect');
    const { protectedCsv } = await import('../cells-file.ts');
    const { readCellsOrRecords } = await import('../records-file.ts');
    const spec = await readSpec(args.required('spec'));
    const rows = await readCellsOrRecords(args, spec, reporter);
    const certificate = args.text('certificate');
    const made = await protectCells(rows, spec, { onProgress: progressOf(reporter), intervals: certificate !== undefined, combinations: certificate !== undefined });
    await writeFileDurably(args.required('out'), protectedCsv(rows, made, spec));
    if (certificate !== undefined) await writeFileDurably(certificate, `${canonicalJson(made.certificate)}\n`);
    const { summary } = made.certificate;
    reporter.say('protected', `${summary.withheld} of ${summary.cells} cells withheld, ${summary.primary} of them unsafe in themselves; the attacker derived none too closely`, { ...summary });
    return 0;
  },
};

/** Reads a specification file. @throws Refusal `FILE_MISSING`, `SPEC` with the file's name */
export async function readSpec(file: string): Promise<ProtectionSpec> {
  const { readProtectionSpec } = await import('@weighbridge/protect');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Refusal([{ code: 'FILE_MISSING', severity: 'error', message: 'the specification cannot be read', place: { file }, repair: 'check the name and the folder' }], { cause });
  });
  return readProtectionSpec(text);
}

/** Progress in steps of a hundred: an event a cell would drown a pipe. */
export function progressOf(reporter: Reporter): (stage: string, done: number, of: number) => void {
  return (stage, done, of) => {
    if (done % 100 === 0 || done === of) reporter.progress({ stage, done, total: of });
  };
}
