/**
 * Colours and patterns of charts. The six colours are the categorical palette of the UK Government Analysis Function
 * (accessible to colour-blind readers, 3:1 against white); patterns and point shapes tell series apart in black and white.
 * @module
 */

export const INK = '#0b0c0c';
export const QUIET = '#505a5f';
export const GRID = '#d8dcde';

const COLOURS = ['#12436d', '#28a197', '#801650', '#f46a25', '#3d3d3d', '#a285d1'] as const;
/** Which pattern each series gets in the first round of colours; the first round after that shifts them by one. */
const PATTERNS = ['solid', 'diagonal', 'dots', 'vertical', 'cross', 'horizontal'] as const;
export const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye'] as const;

type Pattern = (typeof PATTERNS)[number];

/** How a series looks. */
export interface SeriesStyle {
  readonly colour: string;
  readonly pattern: Pattern;
  readonly symbol: (typeof SYMBOLS)[number];
  /** Colour of a text drawn on the series' colour. */
  readonly textOn: string;
}

/** Most series that stay distinct. */
export const MOST_SERIES = COLOURS.length * 4;

/** The style of the n-th series, counting from 0. */
export function seriesStyle(n: number): SeriesStyle {
  const round = Math.floor(n / COLOURS.length);
  const colour = COLOURS[n % COLOURS.length] ?? COLOURS[0];
  const pattern = PATTERNS[(n + round) % PATTERNS.length] ?? 'solid';
  const symbol = SYMBOLS[(n + round) % SYMBOLS.length] ?? 'circle';
  return { colour, pattern, symbol, textOn: colour === '#f46a25' || colour === '#a285d1' || colour === '#28a197' ? INK : '#ffffff' };
}

/** The fill of a series: its colour, or a reference to its pattern. `prefix` keeps the ids of one page apart. */
export function fillOf(n: number, prefix: string): string {
  const { colour, pattern } = seriesStyle(n);
  return pattern === 'solid' ? colour : `url(#${prefix}-p${n})`;
}

/** The `<defs>` that {@link fillOf} refers to, for the first `count` series. */
export function patternDefs(count: number, prefix: string): string {
  const defs = Array.from({ length: count }, (_, n) => {
    const { colour, pattern } = seriesStyle(n);
    const lines = PATTERN_LINES[pattern];
    if (lines === '') return '';
    return `<pattern id="${prefix}-p${n}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="${colour}"/>${lines}</pattern>`;
  }).join('');
  return defs === '' ? '' : `<defs>${defs}</defs>`;
}

const STROKE = 'stroke="#ffffff" stroke-width="1.4" stroke-opacity="0.75" fill="none"';
const PATTERN_LINES: Readonly<Record<Pattern, string>> = {
  solid: '',
  diagonal: `<path d="M-2,2l4,-4M0,8l8,-8M6,10l4,-4" ${STROKE}/>`,
  dots: '<circle cx="2" cy="2" r="1.2" fill="#ffffff" fill-opacity="0.8"/><circle cx="6" cy="6" r="1.2" fill="#ffffff" fill-opacity="0.8"/>',
  cross: `<path d="M0,8l8,-8M0,0l8,8" ${STROKE}/>`,
  vertical: `<path d="M4,0v8" ${STROKE}/>`,
  horizontal: `<path d="M0,4h8" ${STROKE}/>`,
};
