/**
 * Seconds against cells, both on logarithmic scales, with the fitted exponent: one SVG image.
 * @module
 */

export interface GrowthPoint {
  readonly cells: number;
  readonly seconds: number;
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [760, 460, 80, 70, 80, 60];

/** Draws the points and the line fitted to their logarithms by least squares. Needs two points or more. */
export function growthChart(points: readonly GrowthPoint[]): { readonly svg: string; readonly exponent: number } {
  const logs = points.map(({ cells, seconds }) => [Math.log10(cells), Math.log10(Math.max(seconds, 1e-3))] as const);
  const mean = (pick: (p: readonly [number, number]) => number): number => logs.reduce((sum, p) => sum + pick(p), 0) / logs.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const exponent = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const span = (values: readonly number[]): [number, number] => [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
  const [x0, x1] = span(logs.map(([x]) => x));
  const [y0, y1] = span(logs.map(([, y]) => y));
  const px = (x: number): number => LEFT + ((x - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const py = (y: number): number => HEIGHT - BOTTOM - ((y - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const text = (x: number, y: number, words: string, more = ''): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${words}</text>`;
  const ticks = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const grid = [
    ...ticks(x0, x1).map((x) => `<line x1="${px(x)}" x2="${px(x)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#d0d4d8"/>${text(px(x), HEIGHT - BOTTOM + 20, (10 ** x).toLocaleString('en'), 'text-anchor="middle"')}`),
    ...ticks(y0, y1).map((y) => `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${py(y)}" y2="${py(y)}" stroke="#d0d4d8"/>${text(LEFT - 8, py(y) + 4, String(10 ** y), 'text-anchor="end"')}`),
  ];
  const fit = (x: number): number => my + exponent * (x - mx);
  const dots = logs.map(([x, y], i) => `<circle cx="${px(x)}" cy="${py(y)}" r="5" fill="#12436d"/>${text(px(x) + 10, py(y) + 18, `${points[i]?.seconds ?? 0} s`)}`);
  const title = `Suppression by boxes: CPU seconds grow with cells to the power of ${exponent.toFixed(2)}`;
  return {
    exponent: Number(exponent.toFixed(3)),
    svg: [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="13" fill="#0b0c0c">`,
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`, text(LEFT, 28, title, 'font-size="16" font-weight="600"'), text(LEFT, 50, 'Generated tables of three dimensions with one level of groups; both scales logarithmic'),
      ...grid, `<line x1="${px(logs[0]?.[0] ?? 0)}" y1="${py(fit(logs[0]?.[0] ?? 0))}" x2="${px(logs.at(-1)?.[0] ?? 0)}" y2="${py(fit(logs.at(-1)?.[0] ?? 0))}" stroke="#a05a00" stroke-width="2" stroke-dasharray="6 4"/>`,
      ...dots, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, 'cells', 'text-anchor="middle"'), text(18, (TOP + HEIGHT - BOTTOM) / 2, 'CPU seconds', `text-anchor="middle" transform="rotate(-90 18 ${(TOP + HEIGHT - BOTTOM) / 2})"`), '</svg>', '',
    ].join('\n'),
  };
}
