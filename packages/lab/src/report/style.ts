/**
 * What the lab's pages add to the style sheet of releases: the matrix, its bars and its scores.
 * @module
 */
import { STYLE } from '@weighbridge/publish/markup';

export const LAB_STYLE = `${STYLE}
.wide { max-width: 100rem; }
.matrix th, .matrix td { font-size: .875rem; padding: .375rem .625rem .375rem 0; }
.matrix thead th { min-width: 5.5rem; max-width: 8rem; font-weight: 600; }
.matrix tbody th { position: sticky; left: 0; background: var(--paper); min-width: 11rem; max-width: 15rem; padding-right: .75rem; z-index: 1; }
.matrix .family th { font-weight: 700; padding-top: 1.25rem; border-bottom: 2px solid var(--deep); }
.matrix td a { color: inherit; text-decoration: none; display: block; min-height: 1.5rem; }
.matrix td a:hover { text-decoration: underline; }
.matrix .variant { display: block; color: var(--quiet); }
.bars { display: block; margin-top: .125rem; }
.empty { color: var(--quiet); }
.score { display: inline-block; min-width: 1.75rem; padding: .05rem .375rem; text-align: center; border: 1px solid var(--ink); }
.score-0 { background: var(--paper); }
.score-1 { background: #d5dfe8; }
.score-2 { background: var(--deep); color: #ffffff; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.held { white-space: nowrap; }
.cell-conditions { color: var(--quiet); font-size: .9375rem; max-width: none; }
details > summary { cursor: pointer; padding: .25rem 0; }
@media print { .matrix th, .matrix td { font-size: 7.5pt; padding: 2pt 4pt 2pt 0; } .matrix thead th { min-width: 0; } details { break-inside: avoid; } }
`;
