/**
 * Dates of the proleptic Gregorian calendar as definitions write them: ISO 8601, years 0001 to 9999.
 * @module
 */

/** Is the text a day that exists, written YYYY-MM-DD? */
export function isCalendarDate(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number);
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Is the text a month that exists, written YYYY-MM? */
export function isCalendarMonth(text: string): boolean {
  return isCalendarDate(`${text}-01`);
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
