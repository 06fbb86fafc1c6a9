/**
 * Searches that are given so many seconds and no more.
 * @module
 */

/** The search took longer than it was given. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** @returns a clock that says how many seconds are left, which throws `OutOfTime` when none are, and a DOMException `AbortError` when the signal says so */
export function clockOf({ seconds, signal }: { readonly seconds?: number | undefined; readonly signal?: AbortSignal | undefined }): () => number {
  const deadline = seconds === undefined ? Infinity : performance.now() + 1000 * seconds;
  return () => {
    signal?.throwIfAborted();
    const left = (deadline - performance.now()) / 1000;
    if (left <= 0) throw new OutOfTime('the search took longer than it was given');
    return left;
  };
}
