/**
 * Looks a release and its submissions up in a log: are they entered, and is the log's chain unbroken?
 * Leaves out: whether this log is the one that everybody else sees. That takes signed heads and witnesses.
 * @module
 */
import { stat } from 'node:fs/promises';
import { refuse } from '@weighbridge/base';
import { readLog, verifyLog } from '@weighbridge/log';
import type { Issue, Sha384, SubmissionSource } from '@weighbridge/base';

/** What the log shows. `issues` is empty when it bears the release out. */
export interface LogCheck {
  readonly issues: readonly Issue[];
  readonly proved: readonly string[];
}

/**
 * Checks the log in `folder` against a release.
 * @param manifest - SHA-384 of the release's `manifest.json`
 * @throws Refusal LOG_MISSING when the folder does not exist
 * @returns issues LOG_* (the log is damaged), LOG_EMPTY, SUBMISSION_NOT_LOGGED, RELEASE_NOT_LOGGED
 */
export async function checkLog(folder: string, manifest: Sha384, submissions: readonly SubmissionSource[]): Promise<LogCheck> {
  if (!(await stat(folder).then((s) => s.isDirectory(), () => false))) refuse('LOG_MISSING', 'there is no log in that folder', { file: folder }, 'name the folder of the log, such as store/log');
  const damage = (await verifyLog(folder)).filter((issue) => issue.severity === 'error');
  if (damage.length > 0) return { issues: damage, proved: [] };
  const entered = new Set<string>();
  for await (const entry of readLog(folder)) entered.add(`${entry.kind} ${entry.manifest}`);
  if (entered.size === 0) return { issues: [problem('LOG_EMPTY', 'log', 'the log holds no entry', 'name the folder of the log, such as store/log')], proved: [] };
  const missing = submissions.filter((s) => !entered.has(`submission ${s.manifest}`));
  const issues = missing.map((s) => problem('SUBMISSION_NOT_LOGGED', s.manifest, `the submission of ${s.agency} for ${s.instrument}, ${s.round}, edition ${s.edition} is not in the log`, 'ask the agency for its receipt and the operator for the whole log'));
  if (!entered.has(`release ${manifest}`)) issues.push(problem('RELEASE_NOT_LOGGED', manifest, 'the release is not in the log', 'ask the publisher which release was logged'));
  const proved = issues.length > 0 ? [] : [`All ${submissions.length} submissions and the release are entered in the log, and its ${entered.size} entries form one unbroken chain.`];
  return { issues, proved };
}

function problem(code: string, object: string, message: string, repair: string): Issue {
  return { code, severity: 'error', message, place: { object }, repair };
}
