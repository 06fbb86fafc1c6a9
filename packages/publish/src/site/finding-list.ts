/**
 * Findings as a list of tagged sentences with the cells they are about.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { CellKey } from '@weighbridge/base';
import type { ReleaseFinding } from '../findings.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { tag } from './page.ts';

/** Most cells linked beside one finding; the rest are counted, and all are in the manifest. */
const CELLS_SHOWN = 12;

/** The list, warnings first; `link` prints a cell of the finding's table. */
export function findingList(findings: readonly ReleaseFinding[], link: ((key: CellKey) => Html) | null): Html {
  if (findings.length === 0) return html`<p>Nothing was found that a reader has to know.</p>`;
  const ordered = [...findings.filter((f) => f.severity === 'warning'), ...findings.filter((f) => f.severity === 'info')];
  return html`<ul class="findings">
${ordered.map((f) => html`<li>${tagOf(f)} ${f.message}${/[.!?]$/.test(f.message) ? '' : '.'}${cellsOf(f, link)}</li>
`)}</ul>`;
}

/** Findings that report a test that was passed. */
const TESTED = new Set(['CONTROL_MET', 'LEVELS_TESTED', 'SOURCES_AGREE']);

function tagOf(finding: ReleaseFinding): Html {
  if (finding.severity === 'warning') return tag('Note well', 'warning');
  return TESTED.has(finding.code) ? tag('Checked', 'good') : tag('Note', 'plain');
}

function cellsOf(finding: ReleaseFinding, link: ((key: CellKey) => Html) | null): Html | null {
  if (link === null || finding.cells.length === 0) return null;
  const rest = finding.cells.length - CELLS_SHOWN;
  return html` <span class="finding-cells">Numbers: ${finding.cells.slice(0, CELLS_SHOWN).map((c, i) => html`${i > 0 ? ', ' : ''}${link(c.key)}`)}${rest > 0 ? ` and ${formatNumber(rest)} more, listed in the manifest` : ''}.</span>`;
}
