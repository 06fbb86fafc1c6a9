/**
 * Adults convicted in New Zealand, released twice: offence division × age × sex × ethnicity × year with all margins, for all years
 * up to one, and a year later for one year more. No cell of 1 to 5 can be derived from the first, nor from both together: by our
 * attacker, and by the gate's, which shares no line with it.
 * The file has all five dimensions; adults convicted are counted once for each ethnicity, so their totals are adult-ethnicity counts.
 * Two years are taken, 2,171 cells and then 6,528, of which 541 and 1,456 are unsafe: a minute of CPU, nearly all of it for
 * the attacks on both.
 */
import { adultsConvicted } from './nz-sources.ts';
import { DATA, describeReal } from './real-data.ts';
import { byElimination, testTwoReleases } from './two-releases.ts';

/** Unsafe cells for which the gate looks for another table of whole numbers: a program each, and on a busy machine many seconds. */
const WHOLE = 10;

describeReal('Adults convicted, released twice', () => {
  testTwoReleases({
    title: '2001, then 2002 too', first: ['2001'], next: '2002', cells: [2171, 6528], primary: [541, 1456], sql: adultsConvicted(DATA), choose: byElimination,
    gate: { sample: WHOLE, integerSeconds: 240 },
  });
});
