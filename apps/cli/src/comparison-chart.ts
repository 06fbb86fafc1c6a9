/**
 * A comparison of methods as one SVG image: a row a method, risk left on one side, use lost on the other, every bar with its
 * number. Solid and hatched bars tell parts apart in black and white.
 * Leaves out: the renderer of published charts, which draws protected tables only.
 * @module
 */
import type { ComparedMethod, Comparison } from '@weighbridge/protect';
import { grouped, numberText, percentText } from './comparison-files.ts';

const WIDTH = 1000;
/** The height of a row, unless what stands in it takes more. */
const ROW = 56;
const LINE = 14;
const BAR = 14;
const TOP = 152;
const INK = '#0b0c0c';
const QUIET = '#505a5f';
const SOLID = '#12436d';
const WARNING_RED = '#942514';

/** A part of a bar: a value on its panel's scale. */
interface Part {
  readonly value: number;
  readonly hatched: boolean;
}

interface Panel {
  readonly x: number;
  readonly width: number;
  readonly title: readonly string[];
  /** Keys to the parts of a bar. */
  readonly keys?: readonly (readonly [string, hatched: boolean])[];
  readonly partsOf: (method: Ran) => readonly Part[];
  readonly textOf: (method: Ran) => string;
  /** What the full width stands for; default: the longest bar. */
  readonly full?: number;
}

type Ran = Extract<ComparedMethod, { ran: true }>;

/** Draws the comparison. Confidential as the comparison is: the image says so. */
export function comparisonChart(comparison: Comparison): string {
  const ran = comparison.methods.filter((each) => each.ran);
  const panels = panelsOf(comparison);
  const tops = [TOP];
  for (const each of comparison.methods) tops.push((tops.at(-1) ?? TOP) + heightOf(each, panels));
  const height = (tops.at(-1) ?? TOP) + 58;
  const notes = [
    'Scales begin at 0; that of risk ends at all cells attacked. Errors are means over what is shown.',
    `A share is lost when its cell or its total is withheld or reads zero.${comparison.seed === 'trial' ? ' Errors are those of a trial seed.' : ''}`,
  ];
  const scales = panels.map(({ partsOf, full }) => full ?? Math.max(...ran.map((each) => partsOf(each).reduce((sum, { value }) => sum + value, 0)), 0));
  const rows = comparison.methods.map((each, i) => rowOf(each, panels, scales, tops[i] ?? TOP)).join('');
  const title = 'Risk left and use lost, method by method';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="compare-title" aria-describedby="compare-desc" font-family="Arial, Helvetica, sans-serif" font-size="13" fill="${INK}">`
    + `<title id="compare-title">${title} (confidential)</title><desc id="compare-desc">${escaped(describe(comparison))}</desc>`
    + `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/><defs><pattern id="compare-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/><path d="M0,0V6" stroke="${SOLID}" stroke-width="4"/></pattern></defs>`
    + text(title, 16, 28, 'font-size="18" font-weight="bold"') + text('CONFIDENTIAL: true errors are in it', WIDTH - 16, 28, `text-anchor="end" font-weight="bold" fill="${WARNING_RED}"`)
    + text(facts(comparison), 16, 52, `fill="${QUIET}"`)
    + side('RISK LEFT', panels.slice(0, 1)) + side('USE LOST', panels.slice(1))
    + panels.map(heading).join('') + rows
    + notes.map((line, i) => text(line, 16, height - 34 + i * 16, `font-size="12" fill="${QUIET}"`)).join('')
    + '</svg>\n';
}

function panelsOf({ table, attacked }: Comparison): readonly Panel[] {
  const close = table.of === 'counts' ? 'within one' : 'too closely';
  return [
    {
      x: 260, width: 210, title: ['Unsafe cells that an attacker', `derives, of ${grouped(attacked.cells)} attacked`], keys: [['exactly', false], [close, true]],
      partsOf: ({ risk }) => [{ value: risk.exact, hatched: false }, { value: risk.close - risk.exact, hatched: true }],
      full: attacked.cells,
      textOf: ({ risk }) => (risk.close === 0 ? 'none' : `${grouped(risk.close)} (${percentText(risk.closePercent)}), ${risk.exact === 0 ? 'none' : grouped(risk.exact)} of them exactly`) + (risk.unlisted === 0 ? '' : `; besides, ${grouped(risk.unlisted)} not listed`),
    },
    {
      x: 500, width: 190, title: ['Value, in percent of', 'that of all cells'], keys: [['withheld', false], ['moved', true]],
      partsOf: ({ use }) => [{ value: use.valueWithheldPercent, hatched: false }, { value: use.valueMovedPercent, hatched: true }],
      textOf: ({ use }) => (use.withheld > 0 ? `${percentText(use.withheldPercent)} of cells, ${percentText(use.valueWithheldPercent)} of value` : `${percentText(use.valueMovedPercent)} moved`),
    },
    {
      x: 720, width: 120, title: ['Mean error', 'of totals'],
      partsOf: ({ use }) => [{ value: use.totalError.mean ?? 0, hatched: false }], textOf: ({ use }) => numberText(use.totalError.mean) + (use.totalsWithheld === 0 ? '' : `; ${grouped(use.totalsWithheld)} withheld`),
    },
    {
      x: 864, width: 120, title: ['Mean error of', 'shares, points'],
      partsOf: ({ use }) => [{ value: use.shareError.mean ?? 0, hatched: false }], textOf: ({ use }) => numberText(use.shareError.mean) + (use.sharesLostPercent === 0 ? '' : `; ${percentText(use.sharesLostPercent)} lost`),
    },
  ];
}

/** The name of a side over a rule as wide as its panels. */
function side(name: string, panels: readonly Panel[]): string {
  const [first, last] = [panels[0], panels.at(-1)];
  if (first === undefined || last === undefined) return '';
  return text(name, first.x, 82, 'font-weight="bold"') + `<path d="M${first.x},88H${last.x + last.width}" stroke="${INK}"/>`;
}

function heading({ x, title, keys = [] }: Panel): string {
  let at = x;
  const samples = keys.map(([name, hatched]) => {
    const markup = `<rect x="${at}" y="${TOP - 20}" width="12" height="10" fill="${fillOf(hatched)}" stroke="${SOLID}"/>` + text(name, at + 17, TOP - 11, 'font-size="12"');
    at += 30 + name.length * 7;
    return markup;
  });
  return title.map((line, i) => text(line, x, 106 + i * 16, '')).join('') + samples.join('');
}

function rowOf(each: ComparedMethod, panels: readonly Panel[], scales: readonly number[], y: number): string {
  const rule = `<path d="M16,${y}H${WIDTH - 16}" stroke="#d8dcde"/>`;
  const name = text(each.method, 16, y + 22, 'font-weight="bold"');
  if (!each.ran) return rule + name + reasonOf(each).map((line, i) => text(line, 260, y + 22 + i * 16, `fill="${QUIET}"`)).join('');
  const notes = notesOf(each).map((line, i) => text(line, 16, y + 37 + i * LINE, `font-size="12" fill="${QUIET}"`)).join('');
  return rule + name + notes + panels.map((panel, p) => barOf(panel, each, scales[p] ?? 0, y)).join('');
}

/** Room for the longest of what stands in a row. */
function heightOf(each: ComparedMethod, panels: readonly Panel[]): number {
  if (!each.ran) return 20 + 16 * reasonOf(each).length;
  return Math.max(ROW, 48 + LINE * (notesOf(each).length - 1), ...panels.map((panel) => 54 + LINE * (wordsOf(panel, each).length - 1)));
}

function reasonOf({ reason }: Extract<ComparedMethod, { ran: false }>): readonly string[] {
  return lines(`does not apply: ${reason}`, 104);
}

function notesOf({ settings, use, mended }: Ran): readonly string[] {
  return lines(`${settings}; ${use.additive ? 'sums hold' : 'sums do not hold'}${mended ? '; more withheld, as the attacker broke it' : ''}`, 40);
}

/** As many characters to a line as a panel has room for. */
function wordsOf({ width, textOf }: Panel, each: Ran): readonly string[] {
  return lines(textOf(each), Math.floor(width / 5.4));
}

function barOf(panel: Panel, each: Ran, scale: number, y: number): string {
  const { x, width, partsOf } = panel;
  let at = x;
  const parts = partsOf(each).map(({ value, hatched }) => {
    const length = scale === 0 ? 0 : Math.round((1000 * width * value) / scale) / 1000;
    const markup = length === 0 ? '' : `<rect x="${at}" y="${y + 10}" width="${length}" height="${BAR}" fill="${fillOf(hatched)}" stroke="${SOLID}"/>`;
    at = Math.round(1000 * (at + length)) / 1000;
    return markup;
  });
  return `<path d="M${x},${y + 7}v${BAR + 6}" stroke="${INK}"/>${parts.join('')}` + wordsOf(panel, each).map((line, i) => text(line, x, y + 41 + i * LINE, 'font-size="12"')).join('');
}

function fillOf(hatched: boolean): string {
  return hatched ? 'url(#compare-hatch)' : SOLID;
}

function facts({ table, attacked }: Comparison): string {
  return `${grouped(table.cells)} cells, ${grouped(table.unsafe)} of them unsafe; ${attacked.drawn ? `${grouped(attacked.cells)} of those drawn and attacked` : 'all of those attacked'}.`;
}

/** What the chart shows, for those who cannot see it. */
function describe(comparison: Comparison): string {
  const close = comparison.table.of === 'counts' ? 'to within one' : 'too closely';
  const each = comparison.methods.map((method) => (method.ran
    ? `${method.method} (${method.settings}): ${method.risk.exact} unsafe cells derived exactly, ${method.risk.close} ${close}${method.risk.unlisted === 0 ? '' : `, besides ${method.risk.unlisted} that nobody lists`}; ${percentText(method.use.withheldPercent)} of the cells and ${percentText(method.use.valueWithheldPercent)} of the value withheld, ${percentText(method.use.valueMovedPercent)} moved; mean error of totals ${numberText(method.use.totalError.mean)}, of shares ${numberText(method.use.shareError.mean)} points, ${method.use.totalsWithheld} totals withheld and ${percentText(method.use.sharesLostPercent)} of shares lost; sums ${method.use.additive ? 'hold' : 'do not hold'}${method.mended ? '; the attacker broke what the method had chosen, and more was withheld' : ''}.`
    : `${method.method} does not apply: ${method.reason}.`));
  return `Confidential. Bar chart, one row a method. ${facts(comparison)} ${each.join(' ')} All numbers are in compare.csv.`;
}

/** Words in lines of at most so many characters. */
function lines(words: string, most: number): readonly string[] {
  const made: string[] = [];
  for (const word of words.split(' ')) {
    const last = made.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) made[made.length - 1] = `${last} ${word}`;
    else made.push(word);
  }
  return made;
}

function text(content: string, x: number, y: number, attributes: string): string {
  return `<text x="${x}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
