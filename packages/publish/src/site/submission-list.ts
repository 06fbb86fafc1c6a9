/**
 * Sealed submissions as rows: who sent what, the commitment to it, and what was done before counting. Each has an anchor on the page
 * of all submissions.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { CellKey, SubmissionSource, TableMeta } from '@weighbridge/base';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { tag } from './page.ts';
import type { SiteContext } from './page.ts';
import { plainTable } from './plain-table.ts';
import type { PlainColumn, PlainRow } from './plain-table.ts';

const NAME: PlainColumn = { label: 'Agency and round', header: true };
const EDITION: PlainColumn = { label: 'Edition' };
const ROWS: PlainColumn = { label: 'Rows', num: true };
const DONE: PlainColumn = { label: 'Done before counting' };

/** The table of submissions on the page of all of them, with anchors and hashes. */
export function submissionTable(context: SiteContext, submissions: readonly SubmissionSource[], names: { readonly id: string; readonly caption: string }): Html {
  return plainTable({
    ...names, columns: [NAME, EDITION, ROWS, { label: 'Commitment in the log (SHA-384)' }, DONE],
    rows: submissions.map((s): PlainRow => ({
      id: submissionAnchor(s),
      cells: [
        html`${submissionWords(context, s)}${syntheticTag(s)}`, editionWords(s), rowsWords(s),
        html`<code class="hash">${s.manifest}</code>${s.original === undefined ? null : html`<br>published file <code class="hash">${s.original}</code>`}`, repairs(s),
      ],
    })),
  });
}

/** The same beside one table's numbers: every row leads up to the page of all submissions. */
export function linkedSubmissionTable(context: SiteContext, submissions: readonly SubmissionSource[], names: { readonly id: string; readonly caption: string }): Html {
  return plainTable({
    ...names, columns: [NAME, EDITION, ROWS, { label: 'Commitment in the log' }, DONE],
    rows: submissions.map((s): PlainRow => ({
      cells: [
        html`<a href="../submissions.html#${submissionAnchor(s)}">${submissionWords(context, s)}</a>${syntheticTag(s)}`, editionWords(s), rowsWords(s),
        html`<code class="hash">${s.manifest}</code>`, repairs(s),
      ],
    })),
  });
}

/** The anchor of a submission: the beginning of its manifest's hash. */
export function submissionAnchor(submission: SubmissionSource): string {
  return `submission-${submission.manifest.slice(0, 24)}`;
}

/** "Northern Harbour Police, Year to June 2020". */
export function submissionWords(context: SiteContext, { agency, round }: SubmissionSource): string {
  const { agencies, rounds } = context.content.collection;
  return `${agencies.find((a) => a.id === agency)?.title ?? agency}, ${rounds.find((r) => r.id === round)?.title ?? round}`;
}

/** The submissions in which the records of a cell can stand: those of its agency and its round, where the table tells them apart. */
export function submissionsOf(meta: TableMeta, key: CellKey): readonly SubmissionSource[] {
  const at = (field: string): string | null => key[meta.dimensions.findIndex((d) => d.field === field)] ?? null;
  const [agency, round] = [at('agency'), at('round')];
  return meta.provenance.submissions.filter((s) => (agency === null || s.agency === agency) && (round === null || s.round === round));
}

function syntheticTag(s: SubmissionSource): Html | null {
  return s.synthetic ? html` ${tag('Synthetic', 'synthetic')}` : null;
}

function editionWords(s: SubmissionSource): string {
  return s.editionLabel === undefined ? String(s.edition) : `${s.edition} (${s.editionLabel})`;
}

function rowsWords(s: SubmissionSource): string {
  return s.rows === undefined ? 'not shown' : formatNumber(s.rows);
}

function repairs(s: SubmissionSource): Html | string {
  if (s.repairs.length === 0) return 'nothing';
  return html`<ul>${s.repairs.map((r) => html`<li>${r.text}${r.records === undefined ? null : ` in ${formatNumber(r.records)} records`}</li>`)}</ul>`;
}
