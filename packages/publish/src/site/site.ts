/**
 * All pages of a release, with their style sheet, script and charts.
 * @module
 */
import { drawChart } from '../chart/chart.ts';
import { layOut } from '../layout.ts';
import { findingsPage } from './findings-page.ts';
import { homePage } from './home-page.ts';
import type { SiteContext } from './page.ts';
import { revisionsPage } from './revisions-page.ts';
import { searchIndexScript, searchPage } from './search-page.ts';
import { SEARCH_SCRIPT } from './search-script.ts';
import { sourcePage } from './source-page.ts';
import { ICON, STYLE } from './style.ts';
import { submissionsPage } from './submissions-page.ts';
import { CHART_WIDTH, tablePage } from './table-page.ts';

/** Path → text of every page and asset. Pure. */
export function renderSite(context: SiteContext): readonly (readonly [string, string])[] {
  const tables = context.views.flatMap((view): (readonly [string, string])[] => {
    const { id } = view.meta;
    const layout = layOut(view);
    const chart = drawChart(view, { width: CHART_WIDTH, prefix: 'chart', standalone: true });
    return [
      [`tables/${id}.html`, tablePage(context, view, layout)],
      [`tables/${id}-source.html`, sourcePage(context, view, layout)],
      ...(chart === null ? [] : [[`tables/${id}.svg`, `${chart.svg}\n`] as const]),
    ];
  });
  return [
    ['index.html', homePage(context)],
    ['findings.html', findingsPage(context)],
    ...(context.revisions.length > 0 ? [['revisions.html', revisionsPage(context)] as const] : []),
    ['submissions.html', submissionsPage(context)],
    ['search.html', searchPage(context)],
    ...tables,
    ['assets/style.css', STYLE],
    ['assets/icon.svg', ICON],
    ['assets/search.js', SEARCH_SCRIPT],
    ['assets/search-index.js', searchIndexScript(context)],
  ];
}
