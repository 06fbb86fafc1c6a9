/**
 * A check's report as a command says it.
 * @module
 */
import type { CheckReport } from '@weighbridge/intake';
import type { Reporter } from './reporter.ts';

/** Passes intake's progress on to a reporter. */
export function intakeProgress(reporter: Reporter): (p: { stage: string; rows?: number; bytes?: number; totalBytes?: number }) => void {
  return (p) => {
    const done = p.bytes ?? p.rows;
    reporter.progress({ stage: p.stage, ...(done === undefined ? {} : { done }), ...(p.bytes === undefined || p.totalBytes === undefined ? {} : { total: p.totalBytes }) });
  };
}

/** Says the summary issues, then the verdict. */
export function sayReport(report: CheckReport, reporter: Reporter): void {
  for (const issue of report.summary) reporter.issue(issue);
  const { format } = report;
  const kind = [format.kind, format.encoding, format.compressed ? 'gzip' : ''].filter((t) => t !== '').join(', ');
  const synthetic = report.synthetic ? ' SYNTHETIC' : '';
  reporter.say(
    report.accepted ? 'accepted' : 'refused',
    `${report.accepted ? 'accepted' : 'REFUSED'}: ${report.file},${synthetic} ${report.rows.toLocaleString('en-NZ')} records (${kind})`,
    { file: report.file, rows: report.rows, bytes: report.bytes, original: report.original, format, synthetic: report.synthetic, repairs: report.repairs },
  );
}
