import { Refusal } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command } from '../command.ts';
import { intakeProgress, sayReport } from '../intake-report.ts';

/** `weighbridge check`: the same checks as on submission, offline, writing nothing but what was asked for. */
export const check: Command = {
  name: 'check',
  summary: 'checks an extract offline: every issue, no cap',
  positionals: ['FILE'],
  options: {
    instrument: { value: 'I.yaml', help: 'the instrument that the file answers', required: true },
    round: { value: 'ROUND', help: 'the round that the file is for: records of other periods are told, as on submission' },
    'nothing-to-report': { help: 'the file has a header and no records, and that is right' },
    issues: { value: 'OUT.ndjson', help: 'write every issue, one a line' },
    annotate: { value: 'OUT.xlsx', help: 'write a workbook with the issues marked' },
  },
  exits: '3 the file was refused',
  async run(args, reporter) {
    const { checkFile } = await import('@weighbridge/intake');
    const { loadInstrument, loadNeighbours, loadRound } = await import('@weighbridge/instrument');
    const definition = args.required('instrument');
    const instrument = await loadInstrument(definition);
    const round = args.text('round');
    const period = round === undefined ? undefined : await loadRound(definition, round);
    const issuesFile = args.text('issues');
    const annotate = args.text('annotate');
    const report = await orIssues(issuesFile, () => checkFile(args.positional(0), instrument, {
      ...(issuesFile === undefined ? {} : { issuesFile }), ...(annotate === undefined ? {} : { annotate }), ...(period === undefined ? {} : { round: period }),
      others: () => loadNeighbours(definition), nothingToReport: args.flag('nothing-to-report'),
      onProgress: intakeProgress(reporter),
    }));
    sayReport(report, reporter);
    return report.accepted ? 0 : 3;
  },
};

/** A file that cannot be read at all is refused at once: its issues go to the file that was asked for all the same. */
async function orIssues<T>(issuesFile: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && issuesFile !== undefined) await writeFileDurably(issuesFile, error.issues.map((issue) => `${JSON.stringify(issue)}\n`).join(''));
    throw error;
  }
}
