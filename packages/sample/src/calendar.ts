/**
 * Dates as day numbers (days since 1970-01-01, proleptic Gregorian), so that lags are additions. No time zone, no clock.
 * @module
 */

const DAY_MS = 86_400_000;

/** The day number of an ISO date. @throws RangeError for a date that does not exist. */
export function dayNumber(iso: string): number {
  const ms = Date.parse(`${iso}T00:00:00Z`);
  if (Number.isNaN(ms)) throw new RangeError('dayNumber: expected an ISO date');
  return ms / DAY_MS;
}

/** A cache of ISO texts by day number: dates repeat, and building their text is the dear part. */
export class DayTexts {
  /** The first hundred years stand in an array, which finds them much faster than a map. */
  readonly #near = new Array<string | undefined>(36_525).fill(undefined);
  readonly #far = new Map<number, string>();

  text(day: number): string {
    const known = this.#near[day] ?? this.#far.get(day);
    if (known !== undefined) return known;
    const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (day >= 0 && day < this.#near.length) this.#near[day] = text;
    else this.#far.set(day, text);
    return text;
  }
}
