import { writeFileDurably } from '@weighbridge/base/node';
import { UsageError, refuse } from '@weighbridge/base';
import type { LogEntry } from '@weighbridge/log';
import type { Arguments, Command } from '../command.ts';
import type { Reporter } from '../reporter.ts';
import { unwitnessed } from '../unwitnessed.ts';
import { readBytes, readPolicy, verifyLogFolder } from '../verify-log-folder.ts';

/** `weighbridge log`: what a store's owner does with its log besides submitting and releasing. */
export const log: Command = {
  name: 'log',
  summary: 'a store’s transparency log: its policy, its entries, an audit, an event, a receipt; or a log of synthetic entries',
  positionals: ['ACTION', 'DIR'],
  options: {
    policy: { value: 'FILE', help: 'audit: whom to believe; witnesses: the log’s policy from now on' },
    out: { value: 'FILE', help: 'policy, receipt: write to this file instead of standard output' },
    index: { value: 'N', help: 'receipt: the entry; list: begin there' },
    event: { value: 'WORD', help: 'record: what happened, such as issued, executed, disclosed, expired' },
    kind: { value: 'KIND', help: 'record: authorisation or disclosure' },
    agency: { value: 'A', help: 'record: the agency concerned' },
    details: { value: 'FILE', help: 'record: the event in full; it stays in the store, the log commits to it' },
    follows: { value: 'N', help: 'record: the entry that this one follows up' },
    origin: { value: 'NAME', help: 'create: the log’s name, a URL prefix without scheme that you control' },
    entries: { value: 'N', help: 'synthetic: how many entries' },
    seed: { value: 'N', help: 'synthetic: the same seed gives the same entries' },
  },
  details: [
    'ACTION and what DIR is:',
    '  create STORE --origin NAME    makes the log of a new store under a name of yours',
    '  policy STORE                  whom to believe about it: hand it to whoever verifies',
    '  witnesses STORE --policy FILE sets the policy; its witnesses that have an address are asked from now on',
    '  cosign STORE                  asks them again about the present head',
    '  list STORE                    every entry, in order',
    '  receipt STORE --index N       the proof of an entry, which needs no server',
    '  record STORE --kind authorisation|disclosure --agency A --event WORD --details FILE [--follows N]',
    '                                enters an event: agency and event are public words, the details stay in the store',
    '  adopt STORE                   goes on with a copy of a store; never while another copy is written to',
    '  audit LOG --policy FILE       checks every entry of a log’s folder, such as STORE/log',
    '  synthetic DIR --entries N     makes a log of synthetic entries, to try verifiers on',
  ],
  exits: '3 the log, the store or the event cannot be used',
  async run(args, reporter) {
    const [action, dir] = [args.positional(0), args.positional(1)];
    const work = ACTIONS[action];
    if (work === undefined) throw new UsageError(`there is no action "${action}"; there are ${Object.keys(ACTIONS).join(', ')}`);
    await work(dir, args, reporter);
    return 0;
  },
};

const ACTIONS: Readonly<Record<string, (dir: string, args: Arguments, reporter: Reporter) => Promise<void>>> = {
  create, policy, witnesses, cosign, list, audit, receipt, record, adopt, synthetic,
};

/** Makes a store's log under a name of the owner's choice. The first submission makes one under a made-up name otherwise. */
async function create(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const store = await openStore(dir, { origin: args.required('origin') });
  await policyOf(await store.policy(), args, reporter);
}

async function policy(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  await policyOf(await (await openStore(dir, { existing: true })).policy(), args, reporter);
}

/** Sets the policy: witnesses in it that have an address are asked to cosign from now on. */
async function witnesses(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const store = await openStore(dir, { existing: true });
  await store.setPolicy(Buffer.from(await readBytes(args.required('policy'))).toString('utf8'));
  await policyOf(await store.policy(), args, reporter);
}

async function policyOf(text: string, args: Arguments, reporter: Reporter): Promise<void> {
  const out = args.text('out');
  if (out !== undefined) await writeFileDurably(out, text);
  reporter.say('policy', out === undefined ? text.trimEnd() : `policy written to ${out}`, { policy: text });
}

async function list(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const entries = await (await openStore(dir, { existing: true })).log();
  for (const [index, entry] of entries.entries()) {
    if (index >= (args.wholeNumber('index', 0) ?? 0)) reporter.say('entry', `${String(index).padStart(6)}  ${entry.time}  ${wordsOf(entry)}`, { index, entry });
  }
}

/** What a person looks for in a list. */
function wordsOf(entry: LogEntry): string {
  switch (entry.kind) {
    case 'submission': return `submission     ${entry.agency}, ${entry.instrument}, ${entry.round}, edition ${entry.edition}  ${entry.commitment.slice(0, 16)}…${entry.corrects === undefined ? '' : `  corrects ${entry.corrects}`}`;
    case 'definition': return `${entry.what.padEnd(14)} ${entry.collection}: ${entry.path}`;
    case 'release': return `release        ${entry.collection}, from ${entry.submissions.length} submissions  ${entry.manifest.slice(0, 16)}…`;
    case 'access': return `access         ${entry.purpose}: entries ${entry.submissions.join(', ')}`;
    case 'authorisation': case 'disclosure': return `${entry.kind.padEnd(14)} ${entry.agency}: ${entry.event}${entry.follows === undefined ? '' : `  follows ${entry.follows}`}`;
    case 'deletion': return `deletion       of entry ${entry.submission}`;
    case 'key': return `key            ${entry.change}, ${entry.purpose}: ${entry.key.slice(0, 60)}…`;
    case 'adoption': return `adoption       at ${entry.size} entries`;
  }
}

/** Asks the policy's witnesses about the head, and says who has not signed. */
async function cosign(dir: string, _args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const store = await openStore(dir, { existing: true });
  await store.transact(() => Promise.resolve()); // opening the log asks them
  const issue = await unwitnessed(store);
  if (issue) reporter.issue(issue);
  else reporter.say('cosigned', 'the head has the cosignatures that the policy asks for', {});
}

async function audit(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const file = args.text('policy');
  const { head, proved, notProved } = await verifyLogFolder(dir, file === undefined ? undefined : await readPolicy(file), reporter);
  for (const line of proved) reporter.say('proved', `proved      ${line}`, { what: line });
  for (const line of notProved) reporter.say('not-proved', `not proved  ${line}`, { what: line });
  reporter.say('whole', `whole: ${head.origin}, ${head.size} entries`, { origin: head.origin, size: Number(head.size) });
}

async function receipt(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const index = args.wholeNumber('index', 0);
  if (index === undefined) throw new UsageError('--index N is missing');
  const text = await (await openStore(dir, { existing: true })).transact((transaction) => transaction.receipt(index));
  const out = args.text('out');
  if (out !== undefined) await writeFileDurably(out, text);
  reporter.say('receipt', out === undefined ? text.trimEnd() : `receipt of entry ${index} written to ${out}`, { index, receipt: text });
}

/** Enters an authorisation or a disclosure: the log commits to the details, which stay in the store. */
async function record(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { commit } = await import('@weighbridge/log');
  const { openStore } = await import('@weighbridge/intake');
  const kind = args.required('kind');
  if (kind !== 'authorisation' && kind !== 'disclosure') throw new UsageError('--kind expects authorisation or disclosure');
  const [agency, event, follows] = [args.required('agency'), args.required('event'), args.wholeNumber('follows', 0)];
  for (const [name, word] of [['agency', agency], ['event', event]] as const) {
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(word)) throw new UsageError(`--${name} expects one word of small letters, digits and hyphens: it is public for ever; what it is about goes into --details`);
  }
  const details = commit(`weighbridge-${kind}/1`, await readBytes(args.required('details')));
  const [logged] = await (await openStore(dir, { existing: true })).transact(async ({ keepOpening, entries, record: enter }) => {
    if (follows !== undefined && entries[follows] === undefined) refuse('ENTRY_INDEX', `the log has no entry ${follows}`, { key: 'follows' }, 'name an entry that the log has: `weighbridge log list`');
    await keepOpening(details);
    return enter([{ kind, agency, event, commitment: details.commitment, ...(follows === undefined ? {} : { follows }) }]);
  });
  reporter.say('recorded', `${kind} entered as ${logged?.index ?? ''}`, { index: logged?.index, commitment: details.commitment, receipt: logged?.receipt });
}

async function adopt(dir: string, _args: Arguments, reporter: Reporter): Promise<void> {
  const { openStore } = await import('@weighbridge/intake');
  const index = await (await openStore(dir, { existing: true })).adopt();
  reporter.say('adopted', `this copy of the store is the one that counts from now on; entry ${index} says so`, { index });
}

/** A log of synthetic entries, to try verifiers on: nothing in it happened. */
async function synthetic(dir: string, args: Arguments, reporter: Reporter): Promise<void> {
  const { makeSyntheticLog } = await import('@weighbridge/log/node');
  const entries = args.wholeNumber('entries', 0);
  if (entries === undefined) throw new UsageError('--entries N is missing');
  const made = await makeSyntheticLog(dir, {
    entries, seed: args.wholeNumber('seed', 0) ?? 1, ...(args.text('origin') === undefined ? {} : { origin: args.required('origin') }),
    onProgress: (done) => { reporter.progress({ stage: 'logging', done, total: entries }); },
  });
  reporter.say('made', `synthetic log of ${entries} entries in ${dir}; policy in ${made.policyFile}`, { entries, policy: made.policyFile });
}
