/**
 * The sealed submissions of the whole release, each with the tables that were made from it: the way back from a
 * submission to the numbers.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { SubmissionSource } from '@weighbridge/base';
import { html } from '../html.ts';
import type { TableView } from '../table-view.ts';
import { renderPage } from './page.ts';
import type { SiteContext } from './page.ts';
import { submissionAnchor, submissionTable } from './submission-list.ts';

/** Submissions of one instrument from which the same tables were made. */
interface Group {
  readonly instrument: string;
  readonly views: readonly TableView[];
  readonly submissions: readonly SubmissionSource[];
}

/** `submissions.html`. */
export function submissionsPage(context: SiteContext): string {
  const groups = groupsOf(context);
  const n = context.content.submissions.length;
  const main = html`<h1>Sealed submissions</h1>
<p class="lead">What agencies sent, as they sent it. Nothing here was changed afterwards: a correction is a new edition beside the old one.</p>
<p>Every number of this release was computed from ${n === 1 ? 'this one submission' : `these ${formatNumber(n)} submissions`}. A submission is known by the hash of its bytes: whoever holds the file can compute it again. The source page of a table says which of them its numbers come from.</p>
${n === 0 ? html`<p>No submission was needed for this release.</p>` : null}
${groups.map((group, i) => html`<h2 id="return-${i}">Return “${headingOf(groups, group)}”</h2>
<h3 id="tables-${i}">Tables made from these submissions</h3>
<ul class="columns">${group.views.map((v) => html`<li><a href="tables/${v.meta.id}-source.html">${v.meta.title}</a></li>
`)}</ul>
${submissionTable(context, group.submissions, { id: `submissions-${i}`, caption: `Submissions of the return “${headingOf(groups, group)}”` })}
`)}`;
  return renderPage(context, { title: 'Sealed submissions', root: '', main, breadcrumbs: [{ text: 'Tables', href: 'index.html' }] });
}

function groupsOf(context: SiteContext): readonly Group[] {
  const users = (s: SubmissionSource): readonly TableView[] =>
    context.views.filter((v) => v.meta.provenance.submissions.some((own) => own.manifest === s.manifest && own.instrument === s.instrument));
  const once = [...new Map(context.content.submissions.map((s) => [submissionAnchor(s), s])).values()];
  const keyed = once.map((s) => ({ s, views: users(s) }));
  const groups = Map.groupBy(keyed, ({ s, views }) => JSON.stringify([s.instrument, views.map((v) => v.meta.id)]));
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ instrument: first.s.instrument, views: first.views, submissions: own.map(({ s }) => s) }];
  });
}

/** The return's id, numbered when its submissions fall into several groups. */
function headingOf(groups: readonly Group[], group: Group): string {
  const same = groups.filter((g) => g.instrument === group.instrument);
  return same.length === 1 ? group.instrument : `${group.instrument}, part ${same.indexOf(group) + 1}`;
}
