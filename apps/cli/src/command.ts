/**
 * How a command is declared, and how its arguments are read.
 * @module
 */
import { parseArgs } from 'node:util';
import { UsageError } from '@weighbridge/base';
import type { Reporter } from './reporter.ts';

/** An option of a command: `value` names what follows it; a flag has none. */
export interface OptionSpec {
  readonly value?: string;
  readonly help: string;
  readonly required?: boolean;
}

/** One command of the table in the design. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in order, e.g. `['COLLECTION']`. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Lines of the help between usage and options. */
  readonly details?: readonly string[];
  /** What exit codes mean beyond 0, 1 and 2. */
  readonly exits: string;
  /** Does the work. Returns the exit code; throws Refusal (3), ProvenFalse (4) or UsageError (2). */
  run(args: Arguments, reporter: Reporter): Promise<number>;
}

/** Arguments that met the command's declaration. */
export class Arguments {
  readonly #positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  constructor(positionals: readonly string[], values: Readonly<Record<string, string | boolean | undefined>>) {
    this.#positionals = positionals;
    this.#values = values;
  }

  positional(index: number): string {
    return this.#positionals[index] ?? '';
  }

  /** The text of an option, or undefined when it was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** The text of an option declared `required`. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is missing`);
    return value;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A whole number, at least `least`. @throws UsageError otherwise. */
  wholeNumber(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const n = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(n >= least)) throw new UsageError(`--${name} expects a whole number from ${least}, got "${text}"`);
    return n;
  }
}

/** Reads a command's arguments. @throws UsageError naming what is missing, unknown or too much. */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, spec]) => [name, { type: spec.value === undefined ? ('boolean' as const) : ('string' as const) }]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : '';
    throw new UsageError(`${message}. Try: weighbridge ${command.name} --help`);
  }
  const missing = command.positionals[parsed.positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing. Try: weighbridge ${command.name} --help`);
  const extra = parsed.positionals[command.positionals.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many. Try: weighbridge ${command.name} --help`);
  for (const [name, spec] of Object.entries(command.options)) {
    if (spec.required === true && parsed.values[name] === undefined) throw new UsageError(`--${name} ${spec.value ?? ''} is missing. Try: weighbridge ${command.name} --help`);
  }
  return new Arguments(parsed.positionals, parsed.values);
}

/** The `--help` text of one command. */
export function commandHelp(command: Command): string {
  const names = Object.entries(command.options).map(([name, spec]) => [`--${name}${spec.value === undefined ? '' : ` ${spec.value}`}`, spec] as const);
  const width = Math.max(...names.map(([n]) => n.length), 0);
  const usage = ['weighbridge', command.name, ...command.positionals, ...names.filter(([, s]) => s.required).map(([n]) => n), names.some(([, s]) => !s.required) ? '[options]' : ''];
  return [
    command.summary, '', `Usage: ${usage.filter((u) => u !== '').join(' ')}`, '',
    ...(command.details === undefined ? [] : [...command.details, '']),
    ...(names.length > 0 ? ['Options:', ...names.map(([n, s]) => `  ${n.padEnd(width)}  ${s.help}${s.required ? ' (required)' : ''}`), ''] : []),
    `Exit codes: 0 done${command.exits === '' ? '' : `, ${command.exits}`}, 2 wrong usage, 1 a fault of ours.`, '',
  ].join('\n');
}
