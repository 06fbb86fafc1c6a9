import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command } from '../command.ts';
import { progressOf, readSpec } from './protect.ts';

/** `weighbridge audit`: what an informed reader can derive of the cells that a protected list withholds. */
export const audit: Command = {
  name: 'audit',
  summary: 'attacks a protected list of cells, with all that was released before',
  positionals: ['OUT.csv'],
  options: {
    spec: { value: 'SPEC.json', help: 'the specification that it was protected by', required: true },
    earlier: { value: 'DIR', help: 'lists released before from the same records, as protect wrote them' },
    certificate: { value: 'C.json', help: 'write what can be derived of each unsafe cell (confidential)' },
  },
  exits: '4 a withheld cell can be derived more closely than the rules allow',
  async run(args, reporter) {
    const { auditCells } = await import('@weighbridge/protect');
    const { readReleasedCells } = await import('../cells-file.ts');
    const spec = await readSpec(args.required('spec'));
    const rows = await readReleasedCells(args.positional(0), spec);
    const folder = args.text('earlier');
    const earlier = folder === undefined ? [] : await Promise.all((await readdir(folder)).filter((name) => name.endsWith('.csv')).sort().map((name) => readReleasedCells(join(folder, name), spec)));
    const { certificate, broken } = await auditCells(rows, spec, earlier, { onProgress: progressOf(reporter) });
    const file = args.text('certificate');
    if (file !== undefined) await writeFileDurably(file, `${canonicalJson(certificate)}\n`);
    for (const cell of broken.slice(0, 100)) reporter.issue({ code: 'DERIVABLE', severity: 'error', message: cell, place: {}, repair: 'withhold more, or protect the list again' });
    const { summary } = certificate;
    reporter.say('audited', `${summary.withheld} cells withheld, ${summary.primary} unsafe in themselves, ${broken.length} of those derivable`, { ...summary });
    return broken.length === 0 ? 0 : 4;
  },
};
