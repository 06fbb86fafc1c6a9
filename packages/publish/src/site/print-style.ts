/**
 * The part of the style sheet that is for paper. Pages of generated records say so at their head; navigation is left out,
 * and addresses stand where a reader needs them.
 * @module
 */

/** Rules for print. */
export const PRINT = `@media print {
  @page {
    margin: 18mm 14mm 16mm;
    @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt Helvetica, Arial, sans-serif; color: #505a5f; }
  }
  @page synthetic {
    @top-right { content: "SYNTHETIC DATA: none of these numbers is real"; font: bold 8pt Helvetica, Arial, sans-serif; color: #942514; }
  }
  @page wide { size: landscape; }
  @page wide-synthetic {
    size: landscape;
    @top-right { content: "SYNTHETIC DATA: none of these numbers is real"; font: bold 8pt Helvetica, Arial, sans-serif; color: #942514; }
  }
  body.synthetic { page: synthetic; }
  .wide { page: wide; }
  .wide table { font-size: 7pt; }
  body.synthetic .wide { page: wide-synthetic; }
  html { font-size: 9pt; }
  body { font-size: 9.5pt; }
  .width { max-width: none; padding: 0; }
  .header { background: none; color: var(--ink); border-bottom: 2pt solid var(--ink); }
  .header a, .header a:visited { color: var(--ink); }
  .header-nav, .skip-link, .breadcrumbs, .search, .letters, .screen, nav[aria-label="Questions"] { display: none; }
  .banner { border: 1pt solid var(--ink); background: none; }
  .banner .width { padding: 0 6pt; }
  .footer { background: none; border-top: 2pt solid var(--ink); margin-top: 18pt; padding: 6pt 0 0; break-inside: avoid; }
  p, li, .findings li, .summary dd, .legend dd { max-width: none; orphans: 3; widows: 3; }
  h1 { font-size: 18pt; max-width: none; }
  h2 { font-size: 13pt; margin-top: 18pt; }
  h1, h2, h3, .source { break-inside: avoid; }
  h1, h2, h3, caption, .source, .inset, h2 + p, h3 + p { break-after: avoid; }
  a, a:visited, a.look, a.look:visited { color: var(--ink); text-decoration: none; }
  .downloads a::after { content: " [" attr(href) "]"; color: var(--quiet); overflow-wrap: anywhere; }
  .scroll { overflow: visible; background: none; margin-bottom: 12pt; }
  table { font-size: 8pt; width: 100%; }
  th, td { padding: 2pt 4pt 2pt 0; }
  caption > span { max-width: none; position: static; }
  .num { padding-left: 4pt; }
  .num a.look { white-space: normal; }
  .numbers .derived > a.look:not(.look-refused) { white-space: nowrap; }
  .numbers tbody th { position: static; border-right: 0; min-width: 24mm; max-width: none; }
  .plain .num { padding-right: 6pt; }
  thead { display: table-header-group; break-inside: avoid; break-after: avoid; }
  tr, li, figure, .summary > div, .legend > div, .findings li { break-inside: avoid; }
  tbody tr:first-child, tbody tr:last-child, .tables li:first-child, .findings li:first-child { break-before: avoid; }
  .hash, .plain .hash { font-size: 6pt; }
  .chart { margin-top: 10pt; }
  .chart svg { max-height: 180mm; width: auto; }
  .tall svg { max-height: 232mm; }
  .chart-wide { display: block; }
  .chart-phone { display: none; }
  .look { min-height: 0; min-width: 0; line-height: 1.3; }
  .spec { white-space: pre-wrap; background: none; border: .5pt solid var(--line); padding: 6pt; }
  .tag { border: .5pt solid currentcolor; outline: 0; padding: 0 3pt; }
  .box { break-inside: avoid; }
  .contents, .columns { columns: 2; }
}`;
