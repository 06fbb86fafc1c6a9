/**
 * The report of a run that is whole: matrix, scores, predictions, a page for each proposal, and the series as data.
 * @module
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileDurably } from '@weighbridge/base/node';
import { PROPOSALS } from '../proposals/index.ts';
import { readRun } from '../results.ts';
import { aboutPage } from './about-page.ts';
import { SERIES_FILE, seriesCollection } from './collection.ts';
import { matrixPage } from './matrix-page.ts';
import { judgePredictions, outcomesOf, readPredictions } from './predictions.ts';
import { PREDICTIONS_FILE, predictionsPage } from './predictions-page.ts';
import { proposalPage } from './proposal-page.ts';
import { scoresPage } from './scores-page.ts';
import { RESULT_FIELDS, TIME_FIELDS, dataPackage, resultSeries, seriesCsv, seriesJson, timesSeries } from './series.ts';
import { readCitations } from './sources.ts';
import { LAB_STYLE } from './style.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', '..', 'docs');

/**
 * Writes the report of the run in `folder` to `out`. Nothing is written of a run that is not whole.
 * @throws Refusal as {@link readRun} does; LAB_PREDICTION when the predictions cannot be read.
 */
export async function writeReport(folder: string, out: string): Promise<{ readonly pages: number; readonly rows: number; readonly predictions: number; readonly held: number; readonly failed: number; readonly undecided: number; readonly absent: number }> {
  const run = await readRun(folder);
  const proposals = PROPOSALS.filter((p) => run.plan.proposals.includes(p.id));
  const predictions = await readFile(join(DOCS, 'lab', 'predictions.md'), 'utf8');
  const judged = judgePredictions(run, readPredictions(predictions)).filter((j) => run.plan.proposals.includes(j.prediction.proposal));
  const citations = readCitations(await readFile(join(DOCS, 'references.md'), 'utf8'));
  const sourceText = (key: string): string | undefined => citations.get(key);
  const pages: readonly (readonly [string, string])[] = [
    ['index.html', matrixPage(run, PROPOSALS)], ['scores.html', scoresPage(run, proposals, sourceText)], ['predictions.html', predictionsPage(judged, proposals)], ['about.html', aboutPage(run)],
    ...proposals.map((p) => [`${p.id}.html`, proposalPage(run, p, judged, sourceText)] as const),
  ];
  const results = resultSeries(run, proposals);
  const tables = [
    { path: SERIES_FILE, title: 'Results of the lab', text: seriesCsv(results), fields: RESULT_FIELDS },
    { path: 'times.csv', title: 'Times of the lab: they differ from machine to machine', text: seriesCsv(timesSeries(run, proposals), TIME_FIELDS), fields: TIME_FIELDS },
  ];
  await mkdir(out, { recursive: true });
  for (const [name, text] of pages) await writeFileDurably(join(out, name), text);
  for (const { path, text } of tables) await writeFileDurably(join(out, path), text);
  await writeFileDurably(join(out, 'style.css'), LAB_STYLE);
  await writeFileDurably(join(out, PREDICTIONS_FILE), predictions);
  await writeFileDurably(join(out, 'series.json'), seriesJson(run, results));
  await writeFileDurably(join(out, 'datapackage.json'), dataPackage(run, tables));
  for (const { path, text } of seriesCollection(run, results, proposals)) {
    await mkdir(join(out, 'collection', dirname(path)), { recursive: true });
    await writeFileDurably(join(out, 'collection', path), text);
  }
  await copyCells(folder, out, run.results.map((r) => r.cell.id));
  return { pages: pages.length, rows: results.length, predictions: judged.length, ...outcomesOf(judged) };
}

async function copyCells(folder: string, out: string, ids: readonly string[]): Promise<void> {
  for (const kind of ['cells', 'times']) {
    await mkdir(join(out, kind), { recursive: true });
    for (const id of ids) await copyFile(join(folder, kind, `${id}.json`), join(out, kind, `${id}.json`));
  }
}
