import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import type { Arguments, Command } from '../command.ts';
import type { Reporter } from '../reporter.ts';
import { checkEvidence, holdAgainstLog, isLogFolder, neededPolicy, readBytes, readPolicy, verifyLogFolder } from '../verify-log-folder.ts';
import { kindOfFile, verifyProof, verifyRecordReceipt, verifySubmissionReceipt } from '../verify-receipt.ts';

/** `weighbridge verify`: a release with its log and its recomputation; or a log, a receipt, or evidence against a log. */
export const verify: Command = {
  name: 'verify',
  summary: 'checks a release offline, with its log and its records where they are; or a log, a receipt or evidence',
  positionals: ['RELEASE_DIR'],
  options: {
    log: { value: 'DIR', help: 'verify every entry of this log; look the release and its submissions up in it, or hold the receipt against it' },
    policy: { value: 'FILE', help: 'whom to believe: keys of the log and of its witnesses, and how many must have signed' },
    store: { value: 'DIR', help: 'recompute every byte from the sealed submissions of this store' },
    key: { value: 'VKEY', help: 'the publisher’s verifier key, got from them by another way' },
    evidence: { value: 'FILE', help: 'evidence that the log showed two different heads' },
    keep: { value: 'OUT', help: 'where the log does not go on from a receipt: write the evidence here' },
  },
  exits: '3 the release, the log, the receipt or the store cannot be used or does not show it, 4 what is said is proven false',
  async run(args, reporter) {
    const subject = args.positional(0);
    const evidence = args.text('evidence');
    // First: nothing else that a log shows counts for much once it is known to show two things.
    if (evidence !== undefined) await checkEvidence(evidence, await neededPolicy(args.text('policy'), 'evidence'), reporter);
    const found = await stat(subject).catch(() => undefined);
    if (found === undefined) return refuse('FILE_MISSING', 'there is nothing at that path', { file: subject }, 'name a release’s folder, a log’s folder, a receipt or evidence');
    if (found.isFile()) await verifyFile(subject, args, reporter);
    else if (await isLogFolder(subject)) await verifyLogAlone(subject, args, reporter);
    else await verifyReleaseFolder(subject, args, reporter);
    return 0;
  },
};

async function verifyFile(path: string, args: Arguments, reporter: Reporter): Promise<void> {
  const kind = await kindOfFile(await readBytes(path));
  if (kind === undefined) refuse('NOTHING_TO_VERIFY', 'the file is no receipt and no evidence', { file: path }, 'name a release’s folder, a log’s folder, a receipt or evidence');
  const policy = await neededPolicy(args.text('policy'), kind === 'evidence' ? 'evidence' : 'a receipt');
  if (kind === 'evidence') await checkEvidence(path, policy, reporter);
  else {
    const verifyIt = { submission: verifySubmissionReceipt, record: verifyRecordReceipt, proof: verifyProof }[kind];
    const checkpoint = await verifyIt(path, policy, reporter);
    const log = args.text('log');
    if (log !== undefined) await holdAgainstLog(checkpoint, log, policy, args.text('keep'), reporter);
  }
}

async function verifyLogAlone(folder: string, args: Arguments, reporter: Reporter): Promise<void> {
  const log = await verifyLogFolder(folder, await neededPolicy(args.text('policy'), 'a log'), reporter);
  tell(log, reporter);
  reporter.say('holds', `holds: log ${log.head.origin}, ${log.head.size} entries`, { origin: log.head.origin, size: Number(log.head.size) });
}

async function verifyReleaseFolder(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  if (await isLogFolder(join(dir, 'log'))) refuse('NOT_A_RELEASE', 'the folder is a store, not a release', { file: dir }, 'name the release’s folder; the store’s log is the folder `log` in it');
  const { openStore } = await import('@weighbridge/intake');
  const { demandHolds, verifyRelease } = await import('@weighbridge/publish');
  const { recomputeRelease } = await import('../make-release.ts');
  const [log, policyFile, storeDir, trustedKey] = [args.text('log'), args.text('policy'), args.text('store'), args.text('key')];
  const policy = policyFile === undefined ? undefined : await readPolicy(policyFile);
  // A slip of the pen is no proof that the release is another's.
  if (trustedKey !== undefined) (await import('@weighbridge/log')).parseVerifierKey(trustedKey, { key: '--key' });
  const report = await verifyRelease(dir, {
    trustedKey,
    ...(log === undefined ? {} : { log: () => verifyLogFolder(log, policy, reporter) }),
    ...(storeDir === undefined ? {} : { recompute: async () => recomputeRelease(dir, await openStore(storeDir, { existing: true }), reporter) }),
  });
  tell(report, reporter);
  const release = demandHolds(report, dir);
  reporter.say('holds', `holds: release ${release}`, { release });
}

function tell({ proved, notProved }: { readonly proved: readonly string[]; readonly notProved: readonly string[] }, reporter: Reporter): void {
  for (const line of proved) reporter.say('proved', `proved      ${line}`, { what: line });
  for (const line of notProved) reporter.say('not-proved', `not proved  ${line}`, { what: line });
}
