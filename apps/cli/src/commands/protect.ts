import { Refusal, canonicalJson } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command, OptionSpec } from '../command.ts';
import { assertOutputs, outputsOf, writeConfidential } from '../output-files.ts';
import type { Reporter } from '../reporter.ts';
import type { CertificateSummary, ProtectionSpec } from '@weighbridge/protect';
import { readUtf8 } from '../utf8-file.ts';

/** Cells told one by one. */
export const MOST_TOLD = 100;

/** The option of every command that takes cells or records. */
export const MICRODATA: OptionSpec = { help: 'CELLS.csv holds records, one row each (dimensions, optionally value and contributor): tabulate them first' };

/** `weighbridge protect`: a list of cells, protected by a specification and attacked before it is written: what stays derivable where counts are changed is said of each cell. */
export const protect: Command = {
  name: 'protect',
  summary: 'protects a list of cells by a specification, and attacks it first',
  positionals: ['CELLS.csv'],
  options: {
    spec: { value: 'SPEC.json', help: 'dimensions, rules, method', required: true },
    out: { value: 'OUT.csv', help: 'the cells with their status and what may be published (confidential: the truth stands beside it)', required: true },
    public: { value: 'PUBLIC.csv', help: 'write what may be published, and nothing of the truth; not where a reader can derive too much' },
    microdata: MICRODATA,
    certificate: { value: 'C.json', help: 'write what the attacker could derive of each unsafe cell, and from which printed cells (confidential)' },
  },
  exits: '3 the cells or the specification were refused, or cannot be protected, 4 counts were changed and a reader can derive some of them all the same: OUT.csv says which',
  async run(args, reporter) {
    const { protectCells } = await import('@weighbridge/protect');
    const { protectedCsv, publicCsv } = await import('../cells-file.ts');
    const { readCellsOrRecords } = await import('../records-file.ts');
    const [out, published, certificate] = [args.required('out'), args.text('public'), args.text('certificate')];
    await assertOutputs(outputsOf([['out', out], ['public', published], ['certificate', certificate]]), [args.positional(0), args.required('spec')]);
    const spec = await readSpec(args.required('spec'));
    const rows = await readCellsOrRecords(args, spec, reporter);
    const made = await protectCells(rows, spec, { onProgress: progressOf(reporter), intervals: certificate !== undefined, combinations: certificate !== undefined });
    await writeConfidential(out, protectedCsv(rows, made, spec));
    if (certificate !== undefined) await writeConfidential(certificate, `${canonicalJson(made.certificate)}\n`);
    if (published !== undefined && made.broken.length === 0) await writeFileDurably(published, publicCsv(made, spec));
    for (const cell of made.broken.slice(0, MOST_TOLD)) reporter.issue({ code: 'DERIVABLE', severity: 'error', message: cell, place: {}, repair: 'withhold cells instead, merge codes, or leave a total out: the method has one answer for a seed' });
    if (published !== undefined && made.broken.length > 0) reporter.issue({ code: 'PUBLIC_NOT_WRITTEN', severity: 'warning', message: 'a reader of what was to be published could derive counts that the rules protect', place: { file: published }, repair: 'mend what DERIVABLE names, and protect again' });
    const { summary } = made.certificate;
    if ((summary.undecided ?? 0) > 0) reporter.issue({ code: 'UNDECIDED', severity: 'warning', message: `${summary.undecided ?? 0} unsafe cells were not attacked to the end: the table is too large`, place: {}, repair: 'split the table, and protect its parts' });
    if (summary.drawsOf !== undefined && summary.drawsOf !== 'records') reporter.issue({ code: 'DRAWS_OF_CELLS', severity: 'warning', message: 'draws are made of addresses: the same people may be changed otherwise in another table', place: {}, repair: ADDITIVE.includes(spec.method) ? REPAIR_OF_ADDITIVE : 'give records with the column contributor (--microdata), or cells with the column draw' });
    reporter.say('protected', protectedLine(summary, spec), { ...summary });
    return made.broken.length === 0 ? 0 : 4;
  },
};

/** Methods by which sums hold, and the change of a count depends on its whole table. */
const ADDITIVE: readonly ProtectionSpec['method'][] = ['controlled-rounding', 'small-count-rounding'];
const REPAIR_OF_ADDITIVE = 'release one table; or choose cell-key or random rounding and give records with the column contributor (--microdata), or cells with the column draw';

/** What was done and what the attack found, for people. */
function protectedLine({ cells, withheld, primary, breaches, undecided = 0, mended = 0, drawsOf }: CertificateSummary, { method }: ProtectionSpec): string {
  const attacked = breaches > 0 ? `${breaches} can be derived all the same` : undecided === 0 ? 'the attacker derived none too closely' : `the attacker derived none too closely, and ${undecided} were not attacked to the end`;
  if (drawsOf === undefined) return `${withheld} of ${cells} cells withheld, ${primary} of them unsafe in themselves; ${attacked}${mended === 0 ? '' : `, after more was withheld in ${mended} ${mended === 1 ? 'round' : 'rounds'}`}`;
  const alike = ADDITIVE.includes(method) ? 'the change of a count depends on its whole table' : drawsOf === 'records' ? 'the same people are changed alike in every table' : `draws are made of addresses: the same people are changed alike only in tables of the same ${drawsOf === 'cells' ? 'addresses' : 'finest cells'}`;
  return `${cells} counts changed, ${primary} of them unsafe in themselves; ${attacked}; ${alike}`;
}

/** Reads a specification file. @throws Refusal `FILE_MISSING`, `NOT_UTF8`, `SPEC` with the file's name */
export async function readSpec(file: string): Promise<ProtectionSpec> {
  const { readProtectionSpec } = await import('@weighbridge/protect');
  const text = await readUtf8(file).catch((cause: unknown) => {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal([{ code: 'FILE_MISSING', severity: 'error', message: 'the specification cannot be read', place: { file }, repair: 'check the name and the folder' }], { cause });
  });
  return readProtectionSpec(text);
}

/** Progress in steps of a hundred, where there are more: an event a cell would drown a pipe. */
export function progressOf(reporter: Reporter): (stage: string, done: number, of: number) => void {
  return (stage, done, of) => {
    if (of <= 100 || done % 100 === 0 || done === of) reporter.progress({ stage, done, total: of });
  };
}
