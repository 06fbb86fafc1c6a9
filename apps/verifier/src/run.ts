/**
 * Runs the verification beside the page, in a worker made from the page's own script, so that the page stays alive; in the page itself where
 * there are no workers. A run can be stopped; then it has no result.
 * @module
 */
import type { Choice } from './choice.ts';
import { judge } from './judge.ts';
import type { Outcome, Progress } from './judge.ts';

/** What a worker says. */
type Message = { readonly progress: Progress } | { readonly outcomes: readonly Outcome[] };

export interface Run {
  readonly outcomes: Promise<readonly Outcome[]>;
  stop(): void;
}

/** The part of the worker's global scope that is used here; the compiler sees a page's. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Choice>) => void) | null;
  postMessage(message: Message): void;
}

/** Answers the page, in the worker. */
export function serveRuns(scope: WorkerScope): void {
  scope.onmessage = ({ data }) => {
    void judge(data, (progress) => { scope.postMessage({ progress }); }).then((outcomes) => { scope.postMessage({ outcomes }); });
  };
}

/** Starts a run. @param script - the text of the page's script */
export function startRun(choice: Choice, script: string, onProgress: (progress: Progress) => void): Run {
  const worker = makeWorker(script);
  if (worker === undefined) return runHere(choice, onProgress);
  let here: Run | undefined;
  const outcomes = new Promise<readonly Outcome[]>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('progress' in data) {
        onProgress(data.progress);
        return;
      }
      worker.terminate();
      resolve(data.outcomes);
    };
    // A browser may make a worker and then not let it run.
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      here = runHere(choice, onProgress);
      void here.outcomes.then(resolve);
    };
    worker.postMessage(choice);
  });
  return {
    outcomes,
    stop: () => {
      worker.terminate();
      here?.stop();
    },
  };
}

function makeWorker(script: string): Worker | undefined {
  try {
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    try {
      return new Worker(url);
    } finally {
      // The worker's script may not have been fetched yet.
      setTimeout(() => { URL.revokeObjectURL(url); }, 60_000);
    }
  } catch {
    return undefined;
  }
}

/** Files are read one after the other, so that the page has its turn between them. */
function runHere(choice: Choice, onProgress: (progress: Progress) => void): Run {
  let stopped = false;
  const outcomes = judge(choice, (progress) => { if (!stopped) onProgress(progress); });
  return {
    outcomes: outcomes.then((done) => (stopped ? new Promise<never>(() => undefined) : done)),
    stop: () => { stopped = true; },
  };
}
