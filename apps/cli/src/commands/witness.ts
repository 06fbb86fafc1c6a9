import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvenFalse, UsageError } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { VerifierKey } from '@weighbridge/log';
import type { OpenedWitness, Witness } from '@weighbridge/log/node';
import type { Arguments, Command } from '../command.ts';
import type { Reporter } from '../reporter.ts';

/** `weighbridge witness`: follows logs, cosigns what is consistent, keeps proof of what is not. */
export const witness: Command = {
  name: 'witness',
  summary: 'follows transparency logs, cosigns their heads and keeps proof when one says two things',
  positionals: [],
  options: {
    state: { value: 'DIR', help: 'keys and state of this witness; made at the first start, never to be restored from a copy', required: true },
    name: { value: 'NAME', help: 'key name of this witness, such as witness.example.test/w1', required: true },
    policy: { value: 'FILE', help: 'follow the logs of this policy' },
    log: { value: 'VKEY', help: 'follow the log with this verifier key' },
    cosign: { value: 'LOG_FOLDER', help: 'look at a log’s folder once, cosign its checkpoint there and end; no network' },
    evidence: { value: 'OUT', help: 'write all proofs of equivocation that are held to this folder; without --port or --cosign nothing else is done' },
    port: { value: 'N', help: 'serve on this port of this machine; default 8322' },
    p384: { help: 'sign with a P-384 key too' },
    adopt: { help: 'the state was moved here and its old copy is never used again' },
  },
  exits: '3 the log, the folder or the state cannot be used, 4 the log signed two heads that cannot both be true',
  async run(args, reporter) {
    const { openWitnessFolder } = await import('@weighbridge/log/node');
    const opened = await openWitnessFolder({
      folder: args.required('state'), name: args.required('name'), logs: await logsOf(args), p384: args.flag('p384'), adopt: args.flag('adopt'),
      now: () => BigInt(Math.floor(Date.now() / 1000)),
    });
    try {
      return await work(args, opened, reporter);
    } finally {
      opened.close();
    }
  },
};

async function work(args: Arguments, { witness: own, made }: OpenedWitness, reporter: Reporter): Promise<number> {
  for (const { text, kind } of own.verifierKeys) reporter.say('vkey', `${made ? 'made' : 'key '}  ${text}`, { vkey: text, kind, made });
  const folder = args.text('cosign');
  const out = args.text('evidence');
  try {
    if (folder !== undefined) await cosignFolder(own, folder, reporter);
  } finally {
    if (out !== undefined) await writeEvidence(own, out, reporter);
  }
  if (folder === undefined && (out === undefined || args.text('port') !== undefined)) await serveUntilStopped(own, args.wholeNumber('port', 0) ?? 8322, reporter);
  return 0;
}

async function logsOf(args: Arguments): Promise<VerifierKey[]> {
  const { parsePolicy, parseVerifierKey } = await import('@weighbridge/log');
  const [policy, vkey] = [args.text('policy'), args.text('log')];
  if ((policy === undefined) === (vkey === undefined)) throw new UsageError('give either --policy or --log. Try: weighbridge witness --help');
  if (vkey !== undefined) return [parseVerifierKey(vkey, { key: 'log' })];
  return parsePolicy(await readFile(policy ?? ''), { file: policy ?? '' }).logs.map(({ key }) => key);
}

async function cosignFolder(own: Witness, folder: string, reporter: Reporter): Promise<void> {
  const { followFolder } = await import('@weighbridge/log/node');
  const followed = await followFolder(own, folder);
  const { origin, size } = followed.head;
  const fields = { origin, size: String(size) };
  switch (followed.kind) {
    case 'cosigned':
      reporter.say('cosigned', `cosigned ${origin} at ${size} entries`, { ...fields, lines: followed.lines, published: followed.published });
      if (!followed.published) reporter.issue({ code: 'HEAD_MOVED', severity: 'warning', message: 'the log published another head meanwhile, and the lines were not put below it', place: { object: origin }, repair: 'run the same command again' });
      return;
    case 'behind':
      reporter.issue({
        code: 'LOG_BEHIND', severity: 'warning', message: `the folder shows ${size} entries, and ${followed.stored} were cosigned before; ${followed.checked ? 'it is the beginning of them' : 'whether it is the beginning of them cannot be told from the folder'}`,
        place: { object: origin }, repair: 'get the log’s latest folder; if there is none, the log was rolled back',
      });
      return;
    case 'equivocation':
      throw new ProvenFalse([equivocationIssue(origin, followed.id)]);
  }
}

async function writeEvidence(own: Witness, out: string, reporter: Reporter): Promise<void> {
  const held = own.equivocations();
  await mkdir(out, { recursive: true });
  for (const { id, evidence } of held) await writeFileDurably(join(out, `equivocation-${id}.txt`), evidence);
  reporter.say('evidence', held.length === 0 ? 'no evidence is held' : `${held.length} proofs of equivocation written to ${out}`, { count: held.length, ids: held.map(({ id }) => id) });
}

async function serveUntilStopped(own: Witness, port: number, reporter: Reporter): Promise<void> {
  const { serveWitness } = await import('@weighbridge/log/node');
  const { faultIssue } = await import('../fault.ts');
  const { Refusal } = await import('@weighbridge/base');
  const server = await serveWitness({
    witness: own, port,
    onAnswer: ({ origin, equivocation }) => { if (equivocation !== undefined) reporter.issue(equivocationIssue(origin, equivocation)); },
    onError: (error) => { for (const issue of error instanceof Refusal ? error.issues : [faultIssue(error)]) reporter.issue(issue); },
  });
  reporter.say('serving', `witness at ${server.url}  (stop with Ctrl+C)`, { url: server.url });
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

function equivocationIssue(origin: string | undefined, id: string): Issue {
  return {
    code: 'LOG_EQUIVOCATION', severity: 'error', message: `the log signed two heads that cannot both be true; the evidence ${id} is kept`, place: origin === undefined ? {} : { object: origin },
    repair: 'write it out with --evidence, and give it to everybody who relies on the log',
  };
}
