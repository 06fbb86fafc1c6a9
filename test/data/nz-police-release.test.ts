/**
 * Police proceedings in New Zealand, released twice: offence division × age × sex × ethnicity × year with all margins, for 2015, and
 * a year later for 2015 and 2016. No cell of 1 to 5 can be derived from the first, nor from both together.
 * 2015 is the first full year of the file, and what is counted are people on days. The file has every dimension; its 18 ages come in
 * six bands and its ten ethnicities in seven groups here: 2,454 cells and then 7,547, of which 571 and 1,644 are unsafe, take a minute
 * and a half of CPU. As the file has them they are 6,369 and 19,890, of which 2,502 and 7,456 are unsafe.
 */
import { join } from 'node:path';
import { DATA, describeReal } from './real-data.ts';
import { testTwoReleases } from './two-releases.ts';

const FILE = join(DATA, 'nz-police', 'nzpolice_proceedings_2014-07_2023-07.csv.gz');
/** The two that a spreadsheet turned into dates are 5 to 9 and 10 to 14. */
const AGE = `CASE WHEN "Age.Group" = 'NotSpecified' THEN 'not specified' WHEN "Age.Group" IN ('0-4', '5-Sep', 'Oct-14', '15-19') THEN '0-19'
  WHEN "Age.Group" IN ('20-24', '25-29') THEN '20-29' WHEN "Age.Group" IN ('30-34', '35-39', '40-44') THEN '30-44'
  WHEN "Age.Group" IN ('45-49', '50-54', '55-59') THEN '45-59' ELSE '60 or over' END`;
const ETHNICITY = `CASE WHEN Ethnicity IN ('African', 'Latin American/Hispanic', 'Middle Eastern') THEN 'Middle Eastern, Latin American, African'
  WHEN Ethnicity = 'Indian' THEN 'Asian' ELSE Ethnicity END`;

describeReal('Police proceedings, released twice', () => {
  testTwoReleases({
    title: '2015, then 2016 too', first: ['2015'], next: '2016', cells: [2454, 7547], primary: [571, 1644],
    sql: `SELECT "ANZSOC.Division", ${AGE} AS age, SEX, ${ETHNICITY} AS ethnicity, '20' || right("Year.Month", 2) AS "year", SUM(CAST(Proceedings AS BIGINT)) AS n
      FROM read_csv('${FILE}', all_varchar = true, header = true) GROUP BY ALL ORDER BY ALL`,
  });
});
