/**
 * A worker thread that answers what it is sent, one message for each, in order.
 * @module
 */
import { Worker } from 'node:worker_threads';

/** One thread and what it was asked for. */
export class AnsweringWorker<Task, Answer> {
  readonly #worker: Worker;
  readonly #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (reason: Error) => void }[] = [];

  /**
   * @param module - name of the module beside this one, without its ending: the source here, the compiled file where it was installed
   * @param data - the thread's `workerData`
   */
  constructor(module: string, data?: unknown) {
    this.#worker = new Worker(new URL(`./${module}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url), { workerData: data });
    this.#worker.on('message', (answer: Answer) => { this.#waiting.shift()?.resolve(answer); });
    this.#worker.on('error', (error: Error) => { this.#fail(error); });
    this.#worker.on('exit', () => { this.#fail(new Error('a thread ended before its work was done')); });
  }

  /** Tasks that it has not answered yet. */
  get load(): number {
    return this.#waiting.length;
  }

  /** Sends a task. What stands in `moved` is given away to the thread. */
  ask(task: Task, moved: readonly ArrayBuffer[] = []): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => { this.#waiting.push({ resolve, reject }); });
    // Whoever gives up early leaves answers behind that nobody waits for.
    answer.catch(() => undefined);
    this.#worker.postMessage(task, moved);
    return answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
