/**
 * Queries of New Zealand's published counts at the grain in which the files have them: offence division, age, sex, ethnicity, year.
 * What is counted: police proceedings, people on days; adults convicted, once for each ethnicity.
 * @module
 */
import { join } from 'node:path';

/**
 * Police proceedings by every age group and ethnicity of the file, which has whole years from 2015 to 2022.
 * @param data - the folder of the real data
 */
export function policeProceedings(data: string): string {
  return `SELECT "ANZSOC.Division", "Age.Group", SEX, Ethnicity, '20' || right("Year.Month", 2) AS "year", SUM(CAST(Proceedings AS BIGINT)) AS n
    FROM read_csv('${join(data, 'nz-police', 'nzpolice_proceedings_2014-07_2023-07.csv.gz')}', all_varchar = true, header = true) GROUP BY ALL ORDER BY ALL`;
}

/**
 * Adults convicted, 2001 to 2014: division rows and the main sentences, which add up without counting twice.
 * @param data - the folder of the real data
 */
export function adultsConvicted(data: string): string {
  const files = ['2001-2009', '2010-2014'].map((years) => `'${join(data, 'nz-justice', `justice-coded-${years}.csv.gz`)}'`).join();
  return `SELECT MAIN_OFFENCE, AGE_GROUP, GENDER, ETHNICITY, "YEAR", SUM(CAST("Value" AS BIGINT)) AS n FROM read_csv([${files}], all_varchar = true, header = true)
    WHERE length(MAIN_OFFENCE) = 2 AND SENTENCE IN ('100', '200', '16', '23', '29') GROUP BY ALL ORDER BY ALL`;
}
