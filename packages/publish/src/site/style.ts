/**
 * The one style sheet. Patterns after govuk-frontend (MIT), rewritten; system fonts; contrast at least AA; prints.
 * @module
 */

import { PRINT } from './print-style.ts';

/** `assets/style.css`. */
export const STYLE = `:root {
  --ink: #0b0c0c;
  --quiet: #505a5f;
  --line: #b1b4b6;
  --pale: #f3f4f5;
  --paper: #ffffff;
  --link: #1a65a6;
  --link-visited: #4c2c92;
  --deep: #12436d;
  --focus: #ffdd00;
  --warning: #942514;
  --sand: #fff3d6;
}
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; color: var(--ink); background: var(--paper); overflow-wrap: break-word;
  font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif;
}
.width { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
[hidden] { display: none !important; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

h1, h2, h3 { line-height: 1.2; font-weight: 700; }
h1 { text-wrap: balance; }
h1 { font-size: 2.25rem; margin: 1.5rem 0 1rem; max-width: 48rem; }
h2 { font-size: 1.5rem; margin: 3rem 0 1rem; padding-top: 1rem; border-top: 2px solid var(--deep); }
h3 { font-size: 1.1875rem; margin: 2rem 0 .5rem; }
p, ul, ol, dl { margin: 0 0 1rem; }
p, li { max-width: 44rem; }
ul, ol { padding-left: 1.25rem; }
.lead { font-size: 1.25rem; line-height: 1.4; max-width: 48rem; }
.overline { display: block; font-size: 1.125rem; font-weight: 400; color: var(--quiet); margin-bottom: .25rem; }
.about, .source { color: var(--quiet); font-size: .9375rem; }
.answers { color: var(--quiet); }

a { color: var(--link); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .15em; }
a:visited { color: var(--link-visited); }
a:hover { color: var(--ink); text-decoration-thickness: 3px; }
a:focus-visible, [tabindex]:focus-visible, input:focus-visible {
  outline: 3px solid var(--focus); outline-offset: 0; box-shadow: 0 0 0 5px var(--ink);
}
a:focus-visible { color: var(--ink); background: var(--focus); text-decoration: none; }
main:focus { outline: none; }
.skip-link { position: absolute; left: -999rem; padding: .75rem 1.25rem; background: var(--focus); color: var(--ink); }
.skip-link:focus { left: 0; top: 0; z-index: 5; }

.header { background: var(--deep); color: #ffffff; }
.header-inner { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between; padding-top: .75rem; padding-bottom: .75rem; }
.header a, .header a:visited { color: #ffffff; text-decoration: none; display: inline-block; padding: .25rem 0; min-height: 1.5rem; }
.header a:hover { text-decoration: underline; text-decoration-thickness: 3px; }
.header a:focus-visible { color: var(--ink); }
.header-name { margin: 0; font-weight: 700; font-size: 1.1875rem; line-height: 1.3; }
.header-nav { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; margin: 0; padding: 0; }
.banner { background: var(--sand); border-bottom: 4px solid #b65b00; }
.banner p { margin: 0; padding: .75rem 0; max-width: none; }
.breadcrumbs { margin-top: 1rem; font-size: .9375rem; }
.breadcrumbs ol { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; }
.breadcrumbs li:not(:last-child)::after { content: "\\203a"; margin: 0 .5rem; color: var(--quiet); }
.breadcrumbs a { color: var(--ink); display: inline-block; min-height: 1.5rem; }
.footer { margin-top: 4rem; padding: 1.5rem 0; background: var(--pale); border-top: 10px solid var(--deep); font-size: .9375rem; }
.footer p { margin: 0 0 .5rem; max-width: none; }

.inset { border-left: 8px solid var(--line); padding: .5rem 1rem; margin: 1.25rem 0; }
.box { border: 1px solid var(--line); border-left: 8px solid var(--deep); padding: .25rem 1.25rem; margin-bottom: 1rem; }
.tag { display: inline-block; padding: .05rem .5rem; font-size: .8125rem; line-height: 1.5; letter-spacing: .03em; white-space: nowrap; vertical-align: middle; }
.tag-plain { background: #e3e6e8; color: #26292b; }
.tag-warning { background: #f9e1d6; color: #6b2408; }
.tag-good { background: #d3ece6; color: #0a4a3d; }
.tag-synthetic { background: var(--sand); color: #6a3400; outline: 1px solid #b65b00; text-transform: uppercase; }

.summary { margin: 0 0 1.5rem; }
.summary > div { display: grid; grid-template-columns: 13rem 1fr; gap: 0 1.5rem; padding: .625rem 0; border-bottom: 1px solid var(--line); }
.box .summary { margin: 0; }
.box .summary > div:last-child { border-bottom: 0; }
.summary dt { font-weight: 700; }
.summary dd { margin: 0; min-width: 0; max-width: 44rem; }
.summary dd ul { margin: 0; }
.contents { columns: 22rem 2; column-gap: 2rem; padding-left: 0; list-style: none; }
.contents li { break-inside: avoid; padding-bottom: .625rem; }
.contents a, .contents .about { display: block; }
.question { margin-bottom: 2rem; }
.question h3 { margin-bottom: .125rem; max-width: 44rem; }
.source { margin-bottom: .5rem; }
.tables { list-style: none; padding: 0; margin: 0; }
.tables li { padding: .625rem 0; border-top: 1px solid var(--line); max-width: none; }
.tables .about, .search-results .about, .statements .about { display: block; }
.columns { columns: 22rem 2; column-gap: 2.5rem; }
.columns li { break-inside: avoid; padding-bottom: .25rem; }
.statements li { margin-bottom: .75rem; }

.chart { margin: 2rem 0 0; }
.chart svg { display: block; max-width: 100%; height: auto; }
.chart-phone { display: none; }
.chart figcaption { margin-top: .5rem; font-size: .9375rem; color: var(--quiet); }

.scroll {
  position: relative; overflow-x: auto; margin: 0 0 1.75rem; background-color: var(--paper); background-repeat: no-repeat;
  background-size: 3rem 100%, 3rem 100%, 1rem 100%, 1rem 100%; background-position: 0 0, 100% 0, 0 0, 100% 0;
  background-attachment: local, local, scroll, scroll;
  background-image: linear-gradient(to right, #ffffff 40%, #ffffff00), linear-gradient(to left, #ffffff 40%, #ffffff00),
    linear-gradient(to right, #0b0c0c40, #0b0c0c00), linear-gradient(to left, #0b0c0c40, #0b0c0c00);
}
table { border-collapse: collapse; font-size: 1rem; line-height: 1.35; }
caption { text-align: left; font-weight: 700; padding: .5rem 0; }
caption > span { display: inline-block; position: sticky; left: 0; max-width: min(100%, 44rem, calc(100vw - 2rem)); }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink); }
thead th.group { border-bottom: 1px solid var(--line); }
tbody th { font-weight: 400; }
.numbers tbody th { max-width: 26rem; min-width: 8rem; }
.narrow tbody th { max-width: 40rem; }
.unit { padding-left: .75rem; }
.num { text-align: right; font-variant-numeric: tabular-nums; padding-left: .75rem; }
.num a.look { white-space: nowrap; }
.num a.look-state, .num a.look-refused, .num .base a.look { white-space: normal; text-wrap: balance; }
.numbers tr.total > *, .numbers td.total { font-weight: 700; }
.numbers tr.total > * { border-top: 2px solid var(--ink); }
.numbers .derived { font-weight: 400; }
.numbers tbody tr:hover > * { background: var(--pale); }
.numbers tbody th.time { white-space: nowrap; }
.depth-1 { padding-left: 1.25rem; }
.depth-2 { padding-left: 2.5rem; }
.depth-3 { padding-left: 3.75rem; }
.depth-4 { padding-left: 5rem; }
.depth-5 { padding-left: 6.25rem; }
.part { display: inline-block; font-size: .8125rem; font-weight: 400; line-height: 1.3; color: #6b2408; border: 1px dashed #6b2408; padding: 0 .375rem; white-space: nowrap; }
.differs { background: #f9e1d6; }
.code { color: var(--quiet); font-size: .875rem; }

.look { display: inline-block; min-width: 1.5rem; min-height: 1.5rem; line-height: 1.5rem; }
a.look, a.look:visited { color: var(--ink); text-decoration-color: #8a9299; text-decoration-style: dotted; }
a.look:hover { text-decoration-style: solid; text-decoration-color: currentcolor; }
.look-zero, a.look-zero, a.look-zero:visited { color: var(--quiet); }
.look-bounds { border-left: 3px double #28a197; padding-left: .375rem; }
.look-marked { font-style: italic; }
.look-state, a.look-state, a.look-state:visited { color: var(--quiet); font-size: .875rem; font-style: italic; }
.look-suppressed, .look-partner { background: repeating-linear-gradient(135deg, #eceef0 0 4px, #ffffff 4px 8px); padding: 0 .375rem; font-size: .875rem; }
.look-none { color: var(--quiet); font-size: .875rem; }
.look-refused, a.look-refused, a.look-refused:visited { font-size: .875rem; color: #6b2408; }
.legend > div { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; padding: .25rem 0; }
.legend dd { margin: 0; max-width: 40rem; }
.findings { list-style: none; padding: 0; }
.findings li { padding: .5rem 0; border-bottom: 1px solid var(--line); max-width: 52rem; }
.finding-cells { display: block; color: var(--quiet); }
.finding-cells .look { min-width: 0; }

.plain { width: 100%; }
.plain tbody th:not(.num) { font-weight: 700; }
.plain ul { margin: 0; }
.plain .num { padding-right: 1.5rem; }
.cells tr:target > * { background: var(--focus); }
.numbers td:target { outline: 3px solid var(--ink); outline-offset: -3px; background: var(--focus); }
.hash { font-size: .8125rem; overflow-wrap: anywhere; }
.plain .hash { font-size: .75rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9375rem; }
.spec { margin: 0; padding: 1rem; background: var(--pale); font-size: .875rem; line-height: 1.5; }

.search label { display: block; font-weight: 700; margin-bottom: .375rem; }
.search input { font: inherit; width: 100%; max-width: 36rem; min-height: 2.75rem; padding: .375rem .625rem; border: 2px solid var(--ink); border-radius: 0; background: var(--paper); color: var(--ink); }
.search-status { min-height: 1.5rem; margin-top: 1rem; }
.search-results { padding-left: 1.5rem; }
.search-results li { padding: .375rem 0; }
.letters { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem; }
.letters a { display: inline-block; min-width: 2.25rem; padding: .25rem .5rem; text-align: center; border: 1px solid var(--line); }
.letter > summary { cursor: pointer; padding: .5rem 0; border-bottom: 1px solid var(--line); }
.letter > summary h3 { display: inline; margin: 0; }
.words > div { display: grid; grid-template-columns: 13rem 1fr; gap: 0 1rem; padding: .25rem 0; border-bottom: 1px solid #e3e6e8; }
.words dt { font-weight: 700; }
.words dd { margin: 0; }
.words ul { list-style: none; margin: 0; padding: 0; }
.words a, .downloads a, .tables a, .search-results a, .back { display: inline-block; min-height: 1.5rem; }

@media screen and (max-width: 40rem) {
  body { font-size: 1rem; }
  .width { padding: 0 .9375rem; }
  h1 { font-size: 1.625rem; }
  h2 { font-size: 1.3125rem; }
  .lead { font-size: 1.125rem; }
  .chart-wide { display: none; }
  .chart-phone { display: block; }
  .summary > div, .legend > div, .words > div { grid-template-columns: 1fr; gap: .125rem; }
  table { font-size: .9375rem; }
  .numbers:not(.narrow) tbody th { min-width: 38vw; max-width: 45vw; white-space: normal; position: sticky; left: 0; background: var(--paper); border-right: 1px solid var(--line); }
  .numbers:not(.narrow) tbody tr:hover th { background: var(--pale); }
  .narrow { width: 100%; }
  .narrow tbody th { min-width: 0; }
  .stacked, .stacked caption, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { padding: .625rem 0; border-top: 2px solid var(--ink); }
  .stacked tbody th, .stacked tbody td { padding: .125rem 0; border: 0; text-align: left; }
  .stacked tbody td { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0 .75rem; }
  .stacked tbody td.differs { background: none; }
  .stacked td::before { content: attr(data-label); content: attr(data-label) / ""; color: var(--quiet); }
  .stacked td > div { min-width: 0; }
  .stacked.numbers tbody th { font-weight: 700; max-width: none; }
  .stacked.numbers .total > * { border: 0; }
}
@media screen and (min-width: 40.0625rem) {
  .wide .numbers tbody th { min-width: 12rem; position: sticky; left: 0; background: var(--paper); border-right: 1px solid var(--line); }
  .wide .numbers tbody tr:hover th { background: var(--pale); }
  .long {
    max-height: 85vh; overflow-y: auto;
    background-size: 3rem 100%, 3rem 100%, 100% 3rem, 1rem 100%, 1rem 100%, 100% 1rem; background-position: 0 0, 100% 0, 0 100%, 0 0, 100% 0, 0 100%;
    background-attachment: local, local, local, scroll, scroll, scroll;
    background-image: linear-gradient(to right, #ffffff 40%, #ffffff00), linear-gradient(to left, #ffffff 40%, #ffffff00), linear-gradient(to top, #ffffff 40%, #ffffff00),
      linear-gradient(to right, #0b0c0c40, #0b0c0c00), linear-gradient(to left, #0b0c0c40, #0b0c0c00), linear-gradient(to top, #0b0c0c40, #0b0c0c00);
  }
  .long thead { position: sticky; top: 0; z-index: 1; background: var(--paper); box-shadow: 0 2px 0 var(--ink); }
}

${PRINT}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) { .tag, .box, .banner { border: 1px solid; } }
`;

/** `assets/icon.svg`: a balance. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#12436d"/><path d="M16 6v20M9 26h14M6 10h20M6 10l-3 8h6zM26 10l-3 8h6z" fill="none" stroke="#ffffff" stroke-width="2" stroke-linejoin="round"/></svg>
`;
