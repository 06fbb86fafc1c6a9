import { ProvenFalse, refuse, refuseOnErrors } from '@weighbridge/base';
import type { Command } from '../command.ts';

/** `weighbridge verify`: structure, hashes, signature and re-rendering; with a store also the recomputation. */
export const verify: Command = {
  name: 'verify',
  summary: 'checks a release offline; with --store recomputes it from the sealed submissions',
  positionals: ['RELEASE_DIR'],
  options: {
    log: { value: 'DIR', help: 'the log to look the release and its submissions up in' },
    store: { value: 'DIR', help: 'recompute every byte from the sealed submissions of this store' },
  },
  exits: '3 the folder, the log or the store cannot be used for it, 4 what the release says is false',
  async run(args, reporter) {
    const { openStore } = await import('@weighbridge/intake');
    const { RENDERER_UNKNOWN, verifyRelease } = await import('@weighbridge/publish');
    const { recomputeRelease } = await import('../make-release.ts');
    const dir = args.positional(0);
    const log = args.text('log');
    const storeDir = args.text('store');
    const report = await verifyRelease(dir, {
      ...(log === undefined ? {} : { log }),
      ...(storeDir === undefined ? {} : { recompute: async () => recomputeRelease(dir, await openStore(storeDir), reporter) }),
    });
    for (const line of report.proved) reporter.say('proved', `proved      ${line}`, { what: line });
    for (const line of report.notProved) reporter.say('not-proved', `not proved  ${line}`, { what: line });
    if (report.release === null) refuse('NOT_A_RELEASE', 'the folder holds no release that can be read', { file: dir }, 'name a folder that `weighbridge release` wrote');
    const errors = report.issues.filter((issue) => issue.severity === 'error');
    if (errors.length > 0 && errors.every((issue) => issue.code === RENDERER_UNKNOWN)) refuseOnErrors(errors);
    if (!report.holds) throw new ProvenFalse(report.issues);
    reporter.say('holds', `holds: release ${report.release}`, { release: report.release });
    return 0;
  },
};
