/**
 * Adults convicted in New Zealand, released twice: offence division × age × sex × ethnicity × year with all margins, for all years
 * up to one, and a year later for one year more. No cell of 1 to 5 can be derived from the first, nor from both together: by our
 * attacker, and by the gate's, which shares no line with it.
 * The file has all five dimensions; adults convicted are counted once for each ethnicity, so their totals are adult-ethnicity counts.
 * Two years are taken, 2,171 cells and then 6,528, of which 541 and 1,456 are unsafe: a minute of CPU, nearly all of it for
 * the attacks on both.
 */
import { join } from 'node:path';
import { DATA, describeReal } from './real-data.ts';
import { testTwoReleases } from './two-releases.ts';

const FILES = ['2001-2009', '2010-2014'].map((years) => `'${join(DATA, 'nz-justice', `justice-coded-${years}.csv.gz`)}'`).join();

describeReal('Adults convicted, released twice', () => {
  testTwoReleases({
    // Division rows and the main sentences: what adds up without counting twice.
    title: '2001, then 2002 too', first: ['2001'], next: '2002', cells: [2171, 6528], primary: [541, 1456],
    sql: `SELECT MAIN_OFFENCE, AGE_GROUP, GENDER, ETHNICITY, "YEAR", SUM(CAST("Value" AS BIGINT)) AS n FROM read_csv([${FILES}], all_varchar = true, header = true)
      WHERE length(MAIN_OFFENCE) = 2 AND SENTENCE IN ('100', '200', '16', '23', '29') GROUP BY ALL ORDER BY ALL`,
  });
});
