/**
 * Verifies what a reader chose, by the functions that the command line uses, and says for each thing what was proved, what was not and
 * what is false. Nothing holds unless it was shown to: whatever is missing, unreadable or unknown comes out as "cannot be used".
 * Leaves out: rendering pages again and computing numbers again, which the command line does.
 * @module
 */
import { ProvenFalse, Refusal, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { kindOfFile, parsePolicy, parseVerifierKey, verifyEvidence, verifyLog, verifyProof, verifyRecordReceipt, verifySubmissionReceipt } from '@weighbridge/log';
import type { LogFiles, Policy, ProvedFile, VerifiedLog } from '@weighbridge/log';
import { NO_LOG, checkFolder, demandHolds } from '@weighbridge/publish/check';
import type { ReleaseFolder } from '@weighbridge/publish/check';
import { bytesOf } from './choice.ts';
import type { Choice, ChosenFile, ChosenFolder } from './choice.ts';

/** `false` only where misbehaviour or a changed release is proved; `unusable` shows nothing either way. */
export type Verdict = 'holds' | 'false' | 'unusable';

/** What came out for one thing that was chosen. Plain data: it passes between threads. */
export interface Outcome {
  readonly subject: string;
  readonly verdict: Verdict;
  /** What holds, in a few words; '' when nothing does. */
  readonly holds: string;
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  /** Never empty unless it holds or rests on another thing that cannot be used, which `notProved` then says. */
  readonly issues: readonly Issue[];
}

export interface Progress {
  readonly stage: string;
  readonly done: number;
  /** 0 when it is not known. */
  readonly total: number;
}

/** Verifies everything that was chosen. Never throws: what goes wrong is in the outcomes, of which there is at least one. */
export async function judge(choice: Choice, onProgress: (progress: Progress) => void = () => undefined): Promise<readonly Outcome[]> {
  const { release, log, held } = choice;
  if (release === undefined && log === undefined && held.length === 0) return [await outcomeOf('Your choice', () => refuseNothing(choice))];
  const policy = await readPolicy(choice.policy);
  if (policy !== undefined && 'verdict' in policy) return [policy];
  const outcomes: Outcome[] = [];
  let verified: VerifiedLog | undefined;
  if (log !== undefined) {
    outcomes.push(await outcomeOf(`The log, folder “${log.name}”`, async (says) => {
      verified = await verifyChosenLog(log, policy, says, onProgress);
      return `${verified.head.origin}, ${verified.head.size} entries`;
    }));
  }
  if (release !== undefined) outcomes.push(await outcomeOf(`The release, folder “${release.name}”`, (says) => verifyChosenRelease(release, choice, policy, verified, says, onProgress)));
  for (const file of await alone(held)) outcomes.push(await outcomeOf(`The file “${file.path}”`, (says) => verifyHeld(file, held, policy, says)));
  return outcomes;
}

/** The whole of several outcomes: false when one is, usable when all are. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  if (outcomes.some(({ verdict }) => verdict === 'false')) return 'false';
  return outcomes.length > 0 && outcomes.every(({ verdict }) => verdict === 'holds') ? 'holds' : 'unusable';
}

/** What is said on the way, kept when the work ends in a refusal. */
interface Says { readonly proved: string[]; readonly notProved: string[] }

/** Runs the work and turns how it ends into an outcome. */
async function outcomeOf(subject: string, work: (says: Says) => Promise<string> | string): Promise<Outcome> {
  const says: Says = { proved: [], notProved: [] };
  try {
    return { subject, verdict: 'holds', holds: await work(says), ...says, issues: [] };
  } catch (error) {
    const verdict = error instanceof ProvenFalse ? 'false' : 'unusable';
    return { subject, verdict, holds: '', ...says, issues: error instanceof ProvenFalse || error instanceof Refusal ? error.issues : [fault()] };
  }
}

function refuseNothing({ policy }: Choice): never {
  if (policy !== undefined) refuse('NOTHING_TO_VERIFY', 'only a policy was chosen: it says whom to believe, and there is nothing to hold against it', { file: policy.path }, 'choose a release, a log, a receipt or evidence');
  return refuse('NOTHING_CHOSEN', 'nothing was chosen, or the folder is empty: nothing was verified', {}, 'choose a release, a log, a receipt or evidence, and the policy');
}

/** The policy; the outcome that ends everything when it is none; undefined when none was chosen. */
async function readPolicy(file: ChosenFile | undefined): Promise<Policy | Outcome | undefined> {
  if (file === undefined) return undefined;
  let policy: Policy | undefined;
  const outcome = await outcomeOf('The policy', async () => {
    policy = parsePolicy(await bytesOf(file), { file: file.path });
    return '';
  });
  return policy ?? outcome;
}

/** Without a policy whatever was found is worth nothing to the reader: anybody could have made all of it. */
function demandPolicy(policy: Policy | undefined): asserts policy is Policy {
  if (policy === undefined) refuse('POLICY_MISSING', 'no policy was given: nobody is believed, and somebody could have made up everything that you chose', {}, 'get the policy from somebody you trust, and choose it or paste it');
}

async function verifyChosenLog(log: ChosenFolder, policy: Policy | undefined, says: Says, onProgress: (progress: Progress) => void): Promise<VerifiedLog> {
  const verified = await verifyLog(filesOf(log), { policy, onProgress: (done, total) => { onProgress({ stage: 'Checking every entry of the log', done: Number(done), total: Number(total) }); } });
  says.proved.push(...verified.proved);
  says.notProved.push(...verified.notProved);
  demandPolicy(policy);
  return verified;
}

async function verifyChosenRelease(
  release: ChosenFolder, { key, log }: Choice, policy: Policy | undefined, verified: VerifiedLog | undefined, says: Says, onProgress: (progress: Progress) => void,
): Promise<string> {
  // A slip of the pen is no proof that the release is another's.
  if (key !== '') parseVerifierKey(key, { key: 'the publisher’s key' });
  const report = await checkFolder(releaseFolder(release, onProgress), {
    ...(key === '' ? {} : { trustedKey: key }),
    ...(verified === undefined ? {} : { log: () => {
      onProgress({ stage: 'Looking the release up in the log', done: 0, total: 0 });
      // What is proved of the log itself stands with the log.
      return Promise.resolve({ ...verified, proved: [], notProved: [] });
    } }),
  });
  says.proved.push(...report.proved);
  says.notProved.push(...report.notProved.map((line) => (line === NO_LOG && log !== undefined ? LOG_UNUSABLE : line)));
  const id = demandHolds(report, release.name);
  demandPolicy(policy);
  if (log === undefined) refuse('LOG_NOT_CHOSEN', 'no log was chosen: the release agrees with itself, but somebody could have replaced all of it', { object: id }, 'choose the folder of the log too');
  if (verified === undefined) throw new Refusal([restsOnLog(id)]);
  return `release ${id}`;
}

const LOG_UNUSABLE = 'That the submissions and the release are entered in the log: the log cannot be used.';

function restsOnLog(id: string): Issue {
  return { code: 'LOG_UNUSABLE', severity: 'error', message: 'the log cannot be used, for the reason given with it: whether the release is in it is open', place: { object: id }, repair: 'get a log that can be used, and verify again' };
}

/** Without the proofs that lie beside a record's receipt: the two are verified together. */
async function alone(held: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
  const kept: ChosenFile[] = [];
  for (const file of held) {
    const receipt = held.find(({ path }) => `${path}.proof` === file.path);
    const isBeside = receipt !== undefined && kindOfFile(await bytesOf(receipt).catch(() => new Uint8Array())) === 'record';
    if (!isBeside) kept.push(file);
  }
  return kept;
}

async function verifyHeld(file: ChosenFile, held: readonly ChosenFile[], policy: Policy | undefined, says: Says): Promise<string> {
  const bytes = await bytesOf(file);
  const place = { file: file.path };
  const kind = kindOfFile(bytes);
  if (kind === undefined) return refuse('NOTHING_TO_VERIFY', 'the file is no receipt and no evidence', place, 'choose a receipt, a proof or evidence, as it was written');
  demandPolicy(policy);
  if (kind === 'evidence') {
    const { proved, issue } = verifyEvidence(bytes, policy, place);
    says.proved.push(...proved);
    throw new ProvenFalse([issue]);
  }
  const found: ProvedFile = kind === 'submission' ? verifySubmissionReceipt(bytes, policy, place)
    : kind === 'proof' ? verifyProof(bytes, policy, place)
      : verifyRecordReceipt(bytes, await proofBeside(file, held), policy, place, { file: `${file.path}.proof` });
  says.proved.push(...found.proved);
  return found.holds;
}

async function proofBeside({ path }: ChosenFile, held: readonly ChosenFile[]): Promise<Uint8Array> {
  const proof = held.find((file) => file.path === `${path}.proof`);
  if (proof === undefined) return refuse('FILE_MISSING', 'the log’s proof was not chosen with the receipt of the record', { file: `${path}.proof` }, 'choose both files');
  return bytesOf(proof);
}

function filesOf({ files }: ChosenFolder): LogFiles {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    read: async (path) => {
      const file = byPath.get(path);
      return file === undefined ? null : bytesOf(file);
    },
  };
}

function releaseFolder(folder: ChosenFolder, onProgress: (progress: Progress) => void): ReleaseFolder {
  const files = filesOf(folder);
  let done = 0;
  return {
    list: () => Promise.resolve(folder.files.map(({ path }) => path).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))),
    read: async (path) => {
      onProgress({ stage: 'Checking the files of the release', done: Math.min(++done, folder.files.length), total: folder.files.length });
      return files.read(path);
    },
  };
}

/** A fault of the page itself: what failed is not shown, for it may quote what was read. */
function fault(): Issue {
  return { code: 'FAULT', severity: 'error', message: 'the page failed while it verified this: nothing was shown', place: {}, repair: 'try another browser or the command line, and tell the makers' };
}
