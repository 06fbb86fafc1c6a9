/**
 * What a command says: progress bars and colour on a terminal, NDJSON and nothing else on standard output in a pipe.
 * @module
 */
import { formatIssue } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';

/** One step's progress; `total` absent when it is not known beforehand. */
export interface Progress {
  readonly stage: string;
  readonly done?: number;
  readonly total?: number;
}

/** Where a command reports to. */
export interface Reporter {
  progress(progress: Progress): void;
  issue(issue: Issue): void;
  /** A plain line for people; the same as an event for programs. */
  say(event: string, line: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Clears a progress bar that stands unfinished. */
  end(): void;
}

/** The reporter that fits a stream: people read terminals, programs read pipes. */
export function reporterFor(out: NodeJS.WriteStream): Reporter {
  return out.isTTY ? terminalReporter(out) : ndjsonReporter(out);
}

const COLOURS = { error: '\u001b[31m', warning: '\u001b[33m', info: '\u001b[36m' } as const;
const RESET = '\u001b[0m';

function terminalReporter(out: NodeJS.WriteStream): Reporter {
  let barShown = false;
  let lastDraw = 0;
  const clear = (): void => {
    if (barShown) out.write('\r\u001b[2K');
    barShown = false;
  };
  return {
    progress({ stage, done, total }) {
      const now = performance.now();
      const finished = done !== undefined && done === total;
      if (now - lastDraw < 80 && !finished) return;
      lastDraw = now;
      clear();
      out.write(bar(stage, done, total, (out.columns || 80) - 1));
      barShown = true;
    },
    issue(issue) {
      clear();
      const colour = process.env['NO_COLOR'] === undefined ? COLOURS[issue.severity] : '';
      out.write(`${colour}${formatIssue(issue)}${colour === '' ? '' : RESET}\n`);
    },
    say(_event, line) {
      clear();
      out.write(`${line}\n`);
    },
    end: clear,
  };
}

function bar(stage: string, done: number | undefined, total: number | undefined, width: number): string {
  if (done === undefined || total === undefined || total === 0) return `${stage}${done === undefined ? ' …' : `  ${done.toLocaleString('en-NZ')}`}`.slice(0, width);
  const share = Math.min(1, done / total);
  const cells = 24;
  const full = Math.round(share * cells);
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${String(Math.floor(share * 100)).padStart(3)} %  ${stage}`.slice(0, width);
}

function ndjsonReporter(out: NodeJS.WriteStream): Reporter {
  const write = (event: Readonly<Record<string, unknown>>): void => void out.write(`${JSON.stringify(event)}\n`);
  let lastStage = '';
  let lastWrite = 0;
  return {
    progress({ stage, done, total }) {
      const now = performance.now();
      if (stage === lastStage && now - lastWrite < 1000) return;
      lastStage = stage;
      lastWrite = now;
      write({ event: 'progress', stage, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) });
    },
    issue(issue) {
      write({ event: 'issue', ...issue });
    },
    say(event, _line, fields) {
      write({ event, ...fields });
    },
    end() {
      // Nothing is drawn in a pipe.
    },
  };
}
