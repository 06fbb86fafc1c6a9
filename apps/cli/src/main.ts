/**
 * The `weighbridge` command: finds the command named, runs it, and turns what it throws into an exit code.
 * Exit 0 done, 1 our fault, 2 usage, 3 the input was refused, 4 what was to be verified is false.
 * @module
 */
import { ProvenFalse, Refusal, UsageError, formatIssue } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { commandHelp, readArguments } from './command.ts';
import type { Command } from './command.ts';
import { check } from './commands/check.ts';
import { init } from './commands/init.ts';
import { release } from './commands/release.ts';
import { run } from './commands/run.ts';
import { sample } from './commands/sample.ts';
import { serve } from './commands/serve.ts';
import { submit } from './commands/submit.ts';
import { verify } from './commands/verify.ts';
import { faultIssue } from './fault.ts';
import { reporterFor } from './reporter.ts';
import type { Reporter } from './reporter.ts';

const COMMANDS: readonly Command[] = [init, sample, check, submit, release, run, verify, serve];

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
  const reporter = reporterFor(process.stdout);
  try {
    return await command.run(readArguments(command, rest), reporter);
  } catch (error) {
    return fail(error, reporter);
  } finally {
    reporter.end();
  }
}

function fail(error: unknown, reporter: Reporter): number {
  if (error instanceof UsageError) return usage(error.message);
  if (error instanceof ProvenFalse) return tell(error.issues, reporter, 4);
  if (error instanceof Refusal) return tell(error.issues, reporter, 3);
  const issue = faultIssue(error);
  return tell([issue], reporter, issue.code === 'FAULT' ? 1 : 3);
}

/** Issues go to standard output as events or coloured lines; in a pipe also, for people, to standard error. */
function tell(issues: readonly Issue[], reporter: Reporter, exitCode: number): number {
  reporter.end();
  for (const issue of issues) {
    reporter.issue(issue);
    if (!process.stdout.isTTY) process.stderr.write(`${formatIssue(issue)}\n`);
  }
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
    'On a terminal: progress and colour. In a pipe: NDJSON, one event a line, and nothing else.',
    'More: weighbridge COMMAND --help', '',
  ].join('\n');
}
