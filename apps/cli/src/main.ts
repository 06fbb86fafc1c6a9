/**
 * The `weighbridge` command: finds the command named, runs it, and turns what it throws into an exit code.
 * Exit 0 done, 1 our fault, 2 usage, 3 the input was refused, 4 what was to be verified is false.
 * @module
 */
import { ProvenFalse, Refusal, UsageError } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { commandHelp, readArguments } from './command.ts';
import type { Command } from './command.ts';
import { audit } from './commands/audit.ts';
import { check } from './commands/check.ts';
import { compare } from './commands/compare.ts';
import { deletion } from './commands/delete.ts';
import { init } from './commands/init.ts';
import { lab } from './commands/lab.ts';
import { log } from './commands/log.ts';
import { protect } from './commands/protect.ts';
import { receipt } from './commands/receipt.ts';
import { release } from './commands/release.ts';
import { run as runAll } from './commands/run.ts';
import { sample } from './commands/sample.ts';
import { serve } from './commands/serve.ts';
import { submit } from './commands/submit.ts';
import { verify } from './commands/verify.ts';
import { witness } from './commands/witness.ts';
import { faultIssue } from './fault.ts';
import { reporterFor } from './reporter.ts';
import type { Reporter } from './reporter.ts';

const COMMANDS: readonly Command[] = [init, sample, check, submit, release, runAll, verify, protect, audit, compare, log, witness, receipt, deletion, lab, serve];

/** Runs one command line. Never throws. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((c) => c.name === name);
  if (!command) return usage(`there is no command "${name}"`);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(commandHelp(command));
    return 0;
  }
  const { reporter, errors } = remembering(reporterFor(process.stdout));
  const exitCode = await run(command, rest, reporter);
  const end = ENDS[exitCode];
  if (end !== undefined && !process.stdout.isTTY) process.stderr.write(`weighbridge ${command.name}: ${end} (${[...errors].join(', ')}); standard output says where and what to do, one JSON object a line\n`);
  return exitCode;
}

async function run(command: Command, argv: readonly string[], reporter: Reporter): Promise<number> {
  try {
    return await command.run(readArguments(command, argv), reporter);
  } catch (error) {
    return fail(error, reporter);
  } finally {
    reporter.end();
  }
}

/** What an exit code means to the people beside a pipe. Usage is told on standard error alone. */
const ENDS: Readonly<Record<number, string>> = { 1: 'a fault of ours', 3: 'refused', 4: 'proven false' };

/** Remembers the codes of the errors told. */
function remembering(reporter: Reporter): { readonly reporter: Reporter; readonly errors: ReadonlySet<string> } {
  const errors = new Set<string>();
  const issue = (told: Issue): void => {
    if (told.severity === 'error') errors.add(told.code);
    reporter.issue(told);
  };
  return { reporter: { ...reporter, issue }, errors };
}

function fail(error: unknown, reporter: Reporter): number {
  if (error instanceof UsageError) return usage(error.message);
  if (error instanceof ProvenFalse) return tell(error.issues, reporter, 4);
  if (error instanceof Refusal) return tell(error.issues, reporter, 3);
  const issue = faultIssue(error);
  return tell([issue], reporter, issue.code === 'FAULT' ? 1 : 3);
}

/** Each issue once: on standard output, as a coloured line or in a pipe as an event. */
function tell(issues: readonly Issue[], reporter: Reporter, exitCode: number): number {
  reporter.end();
  for (const issue of issues) reporter.issue(issue);
  return exitCode;
}

function usage(message: string): number {
  process.stderr.write(`weighbridge: ${message}\n`);
  return 2;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((c) => c.name.length));
  return [
    "Weighbridge: from agencies' sealed records to protected, traceable figures.", '',
    'Usage: weighbridge COMMAND [arguments]', '', 'Commands:',
    ...COMMANDS.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`), '',
    'Exit codes: 0 done, 1 a fault of ours, 2 wrong usage, 3 your input was refused, 4 what was to be verified is false.',
    'On a terminal: progress and colour. In a pipe: NDJSON, one event a line, and nothing else; why a command failed is',
    'also one line on standard error.',
    'More: weighbridge COMMAND --help', '',
  ].join('\n');
}
