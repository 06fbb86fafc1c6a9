import { describe, expect, test } from 'vitest';
import type { ChartMeta } from '@weighbridge/base';
import { drawChart } from '../src/chart/chart.ts';
import { chartData, chartRefusal } from '../src/chart/chart-data.ts';
import { fillOf, seriesStyle } from '../src/chart/palette.ts';
import { niceTicks } from '../src/chart/render-plot.ts';
import { textWidth, wrapText } from '../src/chart/text-width.ts';
import { tableView } from '../src/table-view.ts';
import type { TableView } from '../src/table-view.ts';
import { codes, dimension, fixtureTable, fixtureTables } from './fixtures.ts';
import type { FixtureCell } from './fixtures.ts';

const options = { width: 860, prefix: 'x', standalone: true };

function view(id: string): TableView {
  const table = fixtureTables().find((t) => t.meta.id === id);
  if (table === undefined) throw new Error(`no fixture ${id}`);
  return tableView(table);
}

function drawn(v: TableView, width = 860): string {
  return drawChart(v, { ...options, width })?.svg ?? '';
}

describe('every chart of the demonstration', () => {
  test.each(fixtureTables().filter((t) => t.meta.chart !== null).map((t) => t.meta.id))('%s: one SVG image with title, description and SYNTHETIC, without style or script', (id) => {
    for (const width of [330, 860]) {
      const svg = drawn(view(id), width);
      expect(svg).toMatch(/^<svg [^>]*role="img" aria-labelledby="x-title" aria-describedby="x-desc"/);
      expect(svg).toMatch(/<title id="x-title">[^<]+<\/title><desc id="x-desc">SYNTHETIC data\. [^<]+<\/desc>/);
      expect(svg.match(/>SYNTHETIC DATA</g)).toHaveLength(1);
      expect(svg).not.toMatch(/<style| style=|<script|NaN|Infinity|undefined|aria-hidden/);
    }
  });

  test('a table that is not synthetic does not say so', () => {
    const table = fixtureTable({ id: 't', title: 'T', synthetic: false, dimensions: [dimension('kind', 'Kind', codes('a'))], value: () => ({ value: 1 }), chart: { kind: 'bar', x: 'kind', at: {}, value: 'value' } });
    expect(drawn(tableView(table))).not.toContain('SYNTHETIC');
  });
});

describe('lines', () => {
  const years = [...codes('2020', '2021'), { code: '2022', label: '2022', partPeriod: 'to June' }];
  const line = (values: Readonly<Record<string, FixtureCell>>, breaks: boolean): TableView => tableView(fixtureTable({
    id: 't', title: 'T', method: 'suppress', dimensions: [dimension('year', 'Year', years, { kind: 'time', total: null })], value: ([y]) => values[y ?? ''] ?? null,
    chart: { kind: 'line', x: 'year', at: {}, value: 'value' }, breaks: breaks ? [{ field: 'year', at: '2021', why: 'new unit' }] : [],
  }));
  const values = { 2020: { value: 1 }, 2021: { value: 2 }, 2022: { value: 3 } };
  const segments = (svg: string): number => (svg.match(/stroke-linecap="round"/g) ?? []).length;

  test('no line crosses a break, and the break is drawn and told', () => {
    expect(segments(drawn(line(values, false)))).toBe(2);
    const broken = drawn(line(values, true));
    expect(segments(broken)).toBe(1);
    expect(broken).toContain('>break<');
    expect(broken).toContain('Break at 2021: new unit.');
  });

  test('a part period is hollow and its line is dashed', () => {
    const svg = drawn(line(values, false));
    expect(svg).toContain('stroke-dasharray="2 5"');
    expect(svg).toMatch(/stroke="#12436d" fill="#ffffff"/);
    expect(svg).toContain('Part periods: 2022 (to June).');
  });

  test('a suppressed number is a cross on the base line, and no line runs over it', () => {
    const svg = drawn(line({ ...values, 2021: { value: null } }, false));
    expect(segments(svg)).toBe(0);
    expect(svg).toContain('×');
    expect(svg).toContain('1 number is suppressed.');
  });

  test('more lines than can be told apart each get a panel', () => {
    expect(drawn(view('referrals'))).toContain('font-weight="bold">Messenger with end-to-end encryption<');
  });
});

describe('what is not drawn', () => {
  const kinds = dimension('kind', 'Kind', codes('a', 'b'), { notAdditive: 'a record counts under each of its values' });
  const made = (chart: ChartMeta, total: string | null = 'Total'): TableView => tableView(fixtureTable({
    id: 't', title: 'T', dimensions: [dimension('area', 'Area', codes('x', 'y'), { total }), kinds], value: () => ({ value: 1 }), chart,
  }));

  test('codes that must not be added are drawn side by side, and the chart says why', () => {
    const data = chartData(made({ kind: 'stacked-bar', x: 'area', series: 'kind', at: {}, value: 'value' }));
    expect([data?.kind, data?.totals, data?.remarks[0]]).toEqual(['bar', [], 'Drawn side by side, not stacked: a record counts under each of its values']);
  });

  test('a dimension without a total must be held at a code', () => {
    expect(chartRefusal(made({ kind: 'bar', x: 'kind', at: {}, value: 'value' }, null))).toContain('has no total');
    expect(chartRefusal(made({ kind: 'bar', x: 'kind', at: { area: 'x' }, value: 'value' }, null))).toBeNull();
    expect(chartRefusal(made({ kind: 'bar', x: 'kind', at: { area: 'z' }, value: 'value' }, null))).toContain('has no code');
  });

  test('numbers of different units are not drawn on one scale', () => {
    const mixed = dimension('kind', 'Kind', [{ code: 'a', label: 'A', unit: 'reports' }, { code: 'b', label: 'B', unit: 'percent' }], { total: null });
    const v = tableView(fixtureTable({ id: 't', title: 'T', dimensions: [mixed], value: () => ({ value: 1 }), chart: { kind: 'bar', x: 'kind', at: {}, value: 'value' } }));
    expect(chartRefusal(v)).toBe('its numbers have different units');
  });

  test('with too many categories the largest are drawn and the chart says so', () => {
    const list = codes(...Array.from({ length: 60 }, (_, i) => `c${i}`));
    const table = fixtureTable({ id: 't', title: 'T', dimensions: [dimension('c', 'C', list)], value: ([c]) => ({ value: Number((c ?? 'c0').slice(1)) }), chart: { kind: 'bar', x: 'c', at: {}, value: 'value' } });
    const data = chartData(tableView(table));
    expect(data?.xs.map((x) => x.code).slice(0, 2)).toEqual(['c59', 'c58']);
    expect(data?.xs).toHaveLength(40);
    expect(data?.remarks[0]).toBe('The 40 largest of 60 are drawn, in order of size; the table has all of them');
  });
});

describe('stacks of shares', () => {
  const made = (kind: 'category' | 'time'): TableView => tableView(fixtureTable({
    id: 't', title: 'T', method: 'round-base-3', dimensions: [dimension('row', 'Row', codes('r'), { kind }), dimension('part', 'Part', codes('a', 'b'))],
    value: ([, part]) => ({ value: part === 'a' ? 66 : part === 'b' ? 45 : 99 }), chart: { kind: 'stacked-bar', x: 'row', series: 'part', at: {}, value: 'share' },
  }));

  test('that add to more than 100%, since each number is rounded by itself, are drawn whole', () => {
    const bars = (svg: string): number[][] => [...svg.matchAll(/<rect height="([\d.]+)" width="([\d.]+)" y="(-?[\d.]+)" x="([\d.]+)"/g)].map((m) => m.slice(1).map(Number));
    for (const width of [330, 860]) {
      const rows = bars(drawn(made('category'), width));
      const columns = bars(drawn(made('time'), width));
      expect([rows.length > 1, columns.length > 1]).toEqual([true, true]);
      for (const [, w = 0, , x = 0] of rows) expect(x + w).toBeLessThanOrEqual(width);
      for (const [, , y = 0] of columns) expect(y).toBeGreaterThanOrEqual(0);
    }
  });

  test('have an axis that ends at 100%', () => {
    for (const kind of ['category', 'time'] as const) expect([...drawn(made(kind)).matchAll(/>(\d+)%</g)].map((m) => Number(m[1])).filter((n) => n % 20 === 0)).toEqual(expect.arrayContaining([0, 100]));
    expect(drawn(made('time'))).not.toContain('>120%<');
  });
});

describe('text', () => {
  test.each([80, 120, 300])('lines of a wrapped text are no wider than %i pixels', (width) => {
    const text = 'Offences against justice procedures, government security and Verwaltungsverfahrensgesetzgebungszuständigkeiten';
    const lines = wrapText(text, 13, width);
    expect(lines.every((l) => textWidth(l, 13) <= width)).toBe(true);
    expect(lines.join(' ').replace(/- /g, '').replace(/[ -]/g, '')).toBe(text.replace(/[ -]/g, ''));
  });

  test('an empty text is one empty line', () => {
    expect(wrapText('', 13, 100)).toEqual(['']);
  });
});

describe('scales and colours', () => {
  test.each([[0, [0, 1]], [7, [0, 2, 4, 6, 8]], [1, [0, 1]], [95, [0, 20, 40, 60, 80, 100]], [0.5, [0, 0.1, 0.2, 0.3, 0.4, 0.5]]])('ticks to %d', (max, want) => {
    expect(niceTicks(max, 5)).toEqual(want);
  });

  test('24 series have 24 different fills, and neighbours differ in colour', () => {
    const styles = Array.from({ length: 24 }, (_, n) => seriesStyle(n));
    expect(new Set(styles.map((s) => `${s.colour} ${s.pattern}`)).size).toBe(24);
    expect(styles.every((s, i) => s.colour !== styles[i + 1]?.colour)).toBe(true);
    expect(fillOf(0, 'x')).toBe('#12436d');
  });
});
