import type { Command } from '../command.ts';
import { intakeProgress, sayReport } from '../intake-report.ts';

/** `weighbridge check`: the same checks as on submission, offline, writing nothing but what was asked for. */
export const check: Command = {
  name: 'check',
  summary: 'checks an extract offline: every issue, no cap',
  positionals: ['FILE'],
  options: {
    instrument: { value: 'I.yaml', help: 'the instrument that the file answers', required: true },
    issues: { value: 'OUT.ndjson', help: 'write every issue, one a line' },
    annotate: { value: 'OUT.xlsx', help: 'write a workbook with the issues marked' },
  },
  exits: '3 the file was refused',
  async run(args, reporter) {
    const { checkFile } = await import('@weighbridge/intake');
    const { loadInstrument } = await import('@weighbridge/instrument');
    const instrument = await loadInstrument(args.required('instrument'));
    const issuesFile = args.text('issues');
    const annotate = args.text('annotate');
    const report = await checkFile(args.positional(0), instrument, {
      ...(issuesFile === undefined ? {} : { issuesFile }), ...(annotate === undefined ? {} : { annotate }),
      onProgress: intakeProgress(reporter),
    });
    sayReport(report, reporter);
    return report.accepted ? 0 : 3;
  },
};
