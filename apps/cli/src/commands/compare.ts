import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, canonicalJson } from '@weighbridge/base';
import type { ComparableMethod } from '@weighbridge/protect';
import type { Command } from '../command.ts';
import { assertOutputs, writeConfidential } from '../output-files.ts';
import { MICRODATA, progressOf, readSpec } from './protect.ts';

/** `weighbridge compare`: methods of protection side by side on one table, for whoever has to choose. */
export const compare: Command = {
  name: 'compare',
  summary: 'runs methods of protection on a list of cells: risk left and use lost, side by side (confidential)',
  positionals: ['CELLS.csv'],
  options: {
    spec: { value: 'SPEC.json', help: 'dimensions and rules; parameters and seed where methods have them', required: true },
    out: { value: 'DIR', help: 'write compare.json, compare.csv and compare.svg there (confidential: true errors are in them)' },
    methods: { value: 'A,B,C', help: 'only these methods; default: all' },
    microdata: MICRODATA,
    'audit-cells': { value: 'N', help: 'most unsafe cells that are attacked, drawn when there are more (default: 2000)' },
  },
  exits: '3 the cells or the specification were refused',
  async run(args, reporter) {
    const { compareMethods } = await import('@weighbridge/protect');
    const { readCellsOrRecords } = await import('../records-file.ts');
    const { comparisonCsv, comparisonLines } = await import('../comparison-files.ts');
    const methods = await methodsOf(args.text('methods'));
    const auditCells = args.wholeNumber('audit-cells', 1);
    const out = args.text('out');
    if (out !== undefined) await assertOutputs(['compare.json', 'compare.csv', 'compare.svg'].map((name) => ({ option: 'out', file: join(out, name) })), [args.positional(0), args.required('spec')]);
    const spec = await readSpec(args.required('spec'));
    const rows = await readCellsOrRecords(args, spec, reporter);
    const comparison = await compareMethods(rows, spec, methods, { onProgress: progressOf(reporter), ...(auditCells === undefined ? {} : { auditCells }) });
    if (out !== undefined) {
      const { comparisonChart } = await import('../comparison-chart.ts');
      await mkdir(out, { recursive: true });
      await writeConfidential(join(out, 'compare.json'), `${canonicalJson(comparison)}\n`);
      await writeConfidential(join(out, 'compare.csv'), comparisonCsv(comparison));
      await writeConfidential(join(out, 'compare.svg'), comparisonChart(comparison));
    }
    const { methods: compared, ...facts } = comparison;
    const { heading, lines, notes } = comparisonLines(comparison);
    reporter.say('comparison', heading.join('\n'), facts);
    for (const [method, line] of lines) reporter.say('method', line, { ...method });
    reporter.say('compared', notes.join('\n'), { methods: compared.length, ran: compared.filter(({ ran }) => ran).length });
    return 0;
  },
};

async function methodsOf(text: string | undefined): Promise<readonly ComparableMethod[]> {
  const { COMPARABLE_METHODS } = await import('@weighbridge/protect');
  if (text === undefined) return COMPARABLE_METHODS;
  const asked = [...new Set(text.split(',').map((name) => name.trim()))];
  return asked.map((name) => {
    const known = COMPARABLE_METHODS.find((method) => method === name);
    if (known === undefined) throw new UsageError(`--methods knows no "${name}"; known are ${COMPARABLE_METHODS.join(', ')}`);
    return known;
  });
}
