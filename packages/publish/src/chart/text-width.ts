/**
 * How wide a text is, without a browser: advance widths of Helvetica (Adobe core 14 metrics), with room for wider fonts.
 * Leaves out: kerning, and any character beyond ASCII (taken as wide as a capital).
 * @module
 */

/** Widths of U+0020 to U+007E in thousandths of the font size. */
const ADVANCE = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
  556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
  1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
  333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
  556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const OTHER = 667;
/** Fallback fonts are wider than Helvetica. */
const ROOM = 1.1;

/** Width in pixels at a font size in pixels; of the longest line when there are several. */
export function textWidth(text: string, size: number): number {
  return Math.max(...text.split('\n').map((line) => lineWidth(line, size)));
}

/**
 * The text broken into lines no wider than `width` pixels where words allow; a word longer than a line is cut with a hyphen.
 * Gives at least one line.
 */
export function wrapText(text: string, size: number, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((w) => w !== '').flatMap((w) => cutWord(w, size, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && lineWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function cutWord(word: string, size: number, width: number): readonly string[] {
  if (lineWidth(word, size) <= width) return [word];
  const parts: string[] = [];
  let part = '';
  for (const c of word) {
    if (part !== '' && lineWidth(`${part}${c}-`, size) > width) {
      parts.push(`${part}-`);
      part = '';
    }
    part += c;
  }
  return [...parts, part];
}

function lineWidth(line: string, size: number): number {
  let sum = 0;
  for (const c of line) sum += ADVANCE[(c.codePointAt(0) ?? 0) - 32] ?? OTHER;
  return (sum * size * ROOM) / 1000;
}
