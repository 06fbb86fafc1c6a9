/**
 * What the lab's pages add to the style sheet of releases: the matrix, its bars and its scores.
 * @module
 */
import { STYLE } from '@weighbridge/publish/markup';

/** Where the whole matrix fits, its head stays at the top of the window and nothing scrolls sideways. */
const FITS = '@media screen and (min-width: 78rem)';

export const LAB_STYLE = `${STYLE}
.width { max-width: 84rem; }
.matrix { width: 100%; }
.matrix th, .matrix td { font-size: .8125rem; padding: .375rem .375rem .375rem 0; }
.dense td { font-size: .75rem; }
.matrix thead th { min-width: 4.5rem; font-weight: 600; font-size: .75rem; line-height: 1.25; overflow-wrap: normal; }
.matrix thead th:first-child, .matrix tbody th { position: sticky; left: 0; background: var(--paper); min-width: 9.5rem; max-width: 13rem; padding-right: .75rem; z-index: 1; }
.matrix .family th { position: static; max-width: none; font-weight: 700; padding-top: 1.25rem; border-bottom: 2px solid var(--deep); }
.dense thead th { font-size: .6875rem; }
.matrix .more { display: block; margin-top: .25rem; font-weight: 400; font-size: .6875rem; color: var(--quiet); }
.matrix td a { color: inherit; text-decoration: none; display: block; min-height: 1.5rem; }
.matrix td a:hover { text-decoration: underline; }
.matrix .tag { padding: 0 .375rem; font-size: .6875rem; }
.variant { display: block; color: var(--quiet); }
.matrix .variant { font-size: .75rem; }
.legend > div { grid-template-columns: 6rem 1fr; }
.bars { display: block; margin-top: .125rem; }
.empty { color: var(--quiet); }
.score { display: inline-block; min-width: 1.75rem; padding: .05rem .375rem; text-align: center; border: 1px solid var(--ink); color: var(--ink); }
.score-0 { background: var(--paper); }
.score-1 { background: #d5dfe8; }
.score-2 { background: var(--deep); color: #ffffff; }
.beside { display: block; font-size: .75rem; color: var(--quiet); }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .num { white-space: normal; }
.numbers tbody th { min-width: 12rem; }
.numbers td.num { white-space: normal; min-width: 8.5rem; max-width: 11rem; }
.numbers tbody th[scope=rowgroup] { border-right: 0; max-width: none; }
.numbers td.num, .numbers thead .num { font-size: .875rem; }
.by-variant { margin: .125rem 0 .25rem; padding-left: 1.125rem; }
.by-variant li { margin: 0; }
.statements .answers { font-size: .9375rem; }
.source-of { color: var(--quiet); font-size: .9375rem; white-space: nowrap; }
.source-key { overflow-wrap: anywhere; }
li:target { background: var(--focus); }
.predictions td:last-child { min-width: 14rem; }
.note { display: block; margin-top: .25rem; max-width: 30rem; }
.cell-conditions { color: var(--quiet); font-size: .9375rem; max-width: none; }
details > summary { cursor: pointer; padding: .25rem 0; }
@media screen and (max-width: 40rem) {
  .matrix thead th:first-child, .matrix tbody th { min-width: 38vw; max-width: 45vw; border-right: 1px solid var(--line); }
  .matrix .family th { border-right: 0; }
  .matrix th + th, .matrix th + td { padding-left: .375rem; }
  .numbers tbody th { min-width: 9rem; }
  .stacked tbody th { font-weight: 700; max-width: none; }
  .predictions td:last-child { min-width: 0; }
  .source-of { white-space: normal; }
}
@media screen and (min-width: 40.0625rem) { .long .matrix thead { z-index: 2; } }
${FITS} {
  .scroll.long { overflow: visible; max-height: none; background: none; }
  .matrix thead th { min-width: 0; }
}
@media print {
  .matrix th, .matrix td { font-size: 6.5pt; padding: 2pt 3pt 2pt 0; }
  .matrix thead th { min-width: 0; font-size: 6pt; }
  .matrix .more, .matrix .variant, .beside { font-size: 5.5pt; }
  .matrix thead th:first-child, .matrix tbody th { position: static; min-width: 24mm; }
  .numbers tbody th { min-width: 24mm; }
  .numbers td.num { min-width: 0; font-size: 7.5pt; }
  .bars { height: 9pt; width: auto; }
  .predictions .about { font-size: 6.5pt; line-height: 1.3; }
  details { break-inside: avoid; }
}
`;
