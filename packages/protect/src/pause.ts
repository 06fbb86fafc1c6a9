/**
 * Long work in turns: a signal that comes from outside can only be seen when the event loop runs.
 * @module
 */

/** Lets timers, input and signals run that are waiting. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, 0); });
}
