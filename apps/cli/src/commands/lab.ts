import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { Arguments, Command } from '../command.ts';
import type { Progress, Reporter } from '../reporter.ts';

/** `weighbridge lab`: starts the lab as a process of its own. Nothing imports the lab, and it is not part of what is installed. */
export const lab: Command = {
  name: 'lab',
  summary: 'measures published access and safety proposals on a real end-to-end encrypted protocol, with synthetic people',
  positionals: ['ACTION'],
  options: {
    out: { value: 'DIR', help: 'run: results, and where a stopped run goes on; report: where the pages go, default RUN/report', required: false },
    run: { value: 'DIR', help: 'report: the folder of a run that is whole' },
    proposal: { value: 'P[,P]', help: 'run: these proposals only, by the names in docs/lab/README.md' },
    size: { value: 'N[,N]', help: 'run: people in the conversation, 2 to 1000; default 2,10,100' },
    seed: { value: 'N', help: 'run: the same seed gives the same results, times apart; default 1' },
  },
  details: [
    'ACTION:',
    '  run --out DIR [--proposal P] [--size N] [--seed N]   runs every proposal; repeat the command to go on with a stopped run',
    '  report --run DIR [--out DIR]                         one matrix, a page for each proposal, a series as CSV and JSON',
    'The lab runs in one process, talks to nobody and writes to DIR alone. It works in the repository only.',
  ],
  exits: '3 the run or its folder cannot be used, 130 stopped by Ctrl-C (what is done is kept)',
  async run(args, reporter) {
    const task = taskOf(args);
    const program = join(import.meta.dirname, '..', '..', '..', '..', 'packages', 'lab', 'src', 'main.ts');
    if (!existsSync(program)) refuse('LAB_NOT_HERE', 'the lab is not part of what is installed: it is for measurements, and private to the repository', {}, 'run the command in a clone of the repository');
    const made = await makeFolder(task.out);
    const code = await start(program, task, reporter);
    // What was refused leaves nothing behind.
    if (code !== 0 && made) await rmdir(task.out).catch(() => undefined);
    return code;
  },
};

type Task = Readonly<Record<string, unknown>> & { readonly out: string };

function taskOf(args: Arguments): Task {
  const action = args.positional(0);
  if (action === 'run') {
    const [proposals, sizes, seed] = [args.text('proposal')?.split(','), args.text('size')?.split(',').map(wholeNumber), args.wholeNumber('seed', 0)];
    return { action, out: args.required('out'), choice: { ...(proposals && { proposals }), ...(sizes && { sizes }), ...(seed === undefined ? {} : { seed }) } };
  }
  if (action === 'report') {
    const run = args.required('run');
    return { action, run, out: args.text('out') ?? join(run, 'report') };
  }
  throw new UsageError(`there is no action "${action}"; there are run, report`);
}

/** The lab may write to a folder that is there when it starts. Resolves with whether it had to be made. */
async function makeFolder(folder: string): Promise<boolean> {
  try {
    return (await mkdir(folder, { recursive: true })) !== undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOTDIR')) refuse('LAB_OUT_NOT_A_FOLDER', 'there is a file where the folder should be', { file: folder }, 'name a folder that is empty or new', { cause: error });
    throw error;
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--size expects whole numbers with commas between them, got "${text}"`);
  return Number(text);
}

/** What the lab's program says while it works. */
interface Word {
  readonly progress?: Progress;
  readonly issue?: Issue;
  readonly fault?: Readonly<Record<string, string>>;
  readonly say?: { readonly event: string; readonly line: string; readonly fields: Readonly<Record<string, unknown>> };
}

/** Runs the lab's program with leave to write to one folder, and passes on what it says. Resolves with its exit code. */
function start(program: string, task: Task, reporter: Reporter): Promise<number> {
  const permissions = ['--permission', '--allow-worker', '--allow-fs-read=*', `--allow-fs-write=${resolve(task.out)}`];
  const child = fork(program, [JSON.stringify(task)], { execArgv: [...permissions, '--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let fault: Word['fault'];
  let stopped = false;
  process.once('SIGINT', () => {
    stopped = true;
    child.kill('SIGINT');
  });
  child.on('message', (word: Word) => {
    if (word.progress) reporter.progress(word.progress);
    if (word.issue) reporter.issue(word.issue);
    if (word.say) reporter.say(word.say.event, word.say.line, word.say.fields);
    fault = word.fault ?? fault;
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      if (stopped) {
        reporter.say('lab-stopped', `stopped; what is done is kept in ${task.out}, and the same command goes on`, { out: task.out });
        done(130);
      } else if (fault !== undefined) failed(Object.assign(new Error(fault['message']), fault));
      else if (code === null) failed(new Error('the lab was ended from outside'));
      else done(code);
    });
  });
}
