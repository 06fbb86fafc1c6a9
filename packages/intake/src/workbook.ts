/**
 * What a workbook says besides its cells: sheets, shared texts, which number formats are dates or percentages.
 * Source: ECMA-376 Part 1 §18.2 (workbook), §18.4 (shared strings), §18.8 (styles).
 * @module
 */
import { refuse } from '@weighbridge/base';
import { MAX_SHARED_STRINGS_BYTES } from './limits.ts';
import { attribute, richText, startTags } from './xml-text.ts';
import type { Zip } from './zip.ts';

/** What a number format makes of a number. `day-month` and `month-year` are what spreadsheets show for mangled codes. */
export type NumberKind = 'number' | 'percent' | 'date' | 'day-month' | 'month-year' | 'time';

export interface Workbook {
  /** Path of the chosen sheet's part. */
  readonly sheetPart: string;
  readonly sheetName: string;
  /** The other sheets, in the order of the workbook. */
  readonly others: readonly { readonly name: string; readonly part: string }[];
  readonly strings: readonly string[];
  /** Cell style → kind. */
  readonly kinds: readonly NumberKind[];
  readonly date1904: boolean;
}

const SMALL_PART = 32 << 20;

/**
 * Reads the workbook and chooses the named sheet, or the first visible one.
 * @throws Refusal `MACROS`, `NOT_A_WORKBOOK`, `SHEET_MISSING`, `ZIP_BOMB`
 */
export async function readWorkbook(zip: Zip, file: string, sheet?: string): Promise<Workbook> {
  if (zip.names.some((name) => /vbaProject\.bin$/i.test(name))) {
    refuse('MACROS', 'the workbook holds macros', { file }, 'save it as .xlsx without macros, or save the table as CSV (UTF-8)');
  }
  const main = await relationTarget(zip, '_rels/.rels', '', (type) => type.endsWith('/officeDocument'));
  if (main === undefined || !zip.has(main)) refuse('NOT_A_WORKBOOK', 'the archive is not an XLSX workbook', { file }, 'save the table as XLSX or as CSV (UTF-8)');
  const xml = await partText(zip, main, file);
  const sheets = sheetsOf(xml);
  const chosen = chooseSheet(sheets, file, sheet);
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  const relations = `${folder}_rels/${main.slice(folder.length)}.rels`;
  const sheetPart = await relationTarget(zip, relations, folder, (_, id) => id === chosen.id);
  if (sheetPart === undefined || !zip.has(sheetPart)) refuse('NOT_A_WORKBOOK', 'the sheet’s part is missing from the workbook', { file }, 'save the workbook again');
  const stringsPart = await relationTarget(zip, relations, folder, (type) => type.endsWith('/sharedStrings'));
  const stylesPart = await relationTarget(zip, relations, folder, (type) => type.endsWith('/styles'));
  return {
    sheetPart, sheetName: chosen.name, others: await otherSheets(zip, sheets.filter((s) => s !== chosen), relations, folder),
    strings: stringsPart !== undefined && zip.has(stringsPart) ? await sharedStrings(zip, stringsPart) : [],
    kinds: stylesPart !== undefined && zip.has(stylesPart) ? numberKinds(await partText(zip, stylesPart, file)) : [],
    date1904: /^(1|true)$/.test(startTags(xml, 'workbookPr').map((tag) => attribute(tag, 'date1904') ?? '')[0] ?? ''),
  };
}

interface SheetEntry {
  readonly name: string;
  readonly id: string;
  readonly visible: boolean;
}

function sheetsOf(xml: string): SheetEntry[] {
  return startTags(xml, 'sheet').map((tag) => ({
    name: attribute(tag, 'name') ?? '',
    id: /\sr?\w*:id\s*=\s*["']([^"']+)["']/.exec(tag)?.[1] ?? '',
    visible: attribute(tag, 'state') === undefined || attribute(tag, 'state') === 'visible',
  }));
}

async function otherSheets(zip: Zip, sheets: readonly SheetEntry[], relations: string, folder: string): Promise<Workbook['others']> {
  const others: { name: string; part: string }[] = [];
  for (const { name, id } of sheets) {
    const part = await relationTarget(zip, relations, folder, (_, relation) => relation === id);
    if (part !== undefined && zip.has(part)) others.push({ name, part });
  }
  return others;
}

function chooseSheet(sheets: readonly SheetEntry[], file: string, wanted?: string): SheetEntry {
  const chosen = wanted === undefined ? (sheets.find((s) => s.visible) ?? sheets[0]) : sheets.find((s) => s.name === wanted);
  if (chosen) return chosen;
  return refuse('SHEET_MISSING', wanted === undefined ? 'the workbook has no sheet' : `the workbook has no sheet named “${wanted}”`, { file },
    sheets.length === 0 ? 'save the workbook again' : `name the sheet as the instrument does; it has ${sheets.map((s) => `“${s.name}”`).join(', ')}`);
}

async function partText(zip: Zip, name: string, file: string): Promise<string> {
  const text = await zip.text(name, SMALL_PART);
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) refuse('NOT_A_WORKBOOK', `the part ${name} declares entities`, { file }, 'save the workbook again with a spreadsheet program');
  return text;
}

/** The target of the first relation that fits, as a part name. */
async function relationTarget(zip: Zip, part: string, folder: string, fits: (type: string, id: string) => boolean): Promise<string | undefined> {
  if (!zip.has(part)) return undefined;
  for (const tag of startTags(await zip.text(part, SMALL_PART), 'Relationship')) {
    const target = attribute(tag, 'Target');
    if (target === undefined || attribute(tag, 'TargetMode') === 'External') continue;
    if (fits(attribute(tag, 'Type') ?? '', attribute(tag, 'Id') ?? '')) return resolvePart(folder, target);
  }
  return undefined;
}

function resolvePart(folder: string, target: string): string {
  const steps: string[] = [];
  for (const step of (target.startsWith('/') ? target : folder + target).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}

async function sharedStrings(zip: Zip, part: string): Promise<string[]> {
  const strings: string[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  let bytes = 0;
  const item = /<(?:[\w.-]+:)?si(?:\s[^>]*)?(?:\/>|>([\s\S]*?)<\/(?:[\w.-]+:)?si>)/y;
  const open = /<(?:[\w.-]+:)?si[\s/>]/g;
  for await (const chunk of zip.stream(part)) {
    bytes += chunk.length;
    if (bytes > MAX_SHARED_STRINGS_BYTES) refuse('ZIP_BOMB', 'the workbook’s shared texts are too large', { file: part }, 'save the table as CSV (UTF-8)');
    rest += decoder.decode(chunk, { stream: true });
    let used = 0;
    for (;;) {
      open.lastIndex = used;
      const start = open.exec(rest)?.index;
      if (start === undefined) break;
      item.lastIndex = start;
      const match = item.exec(rest);
      if (!match) break;
      strings.push(richText(match[1] ?? ''));
      used = item.lastIndex;
    }
    rest = rest.slice(used);
  }
  return strings;
}

/** §18.8.30: identifiers below 164 are built in. */
function numberKinds(xml: string): NumberKind[] {
  const formats = new Map(startTags(xml, 'numFmt').map((tag) => [attribute(tag, 'numFmtId') ?? '', attribute(tag, 'formatCode') ?? '']));
  const cellFormats = /<(?:[\w.-]+:)?cellXfs[\s>]([\s\S]*?)<\/(?:[\w.-]+:)?cellXfs>/.exec(xml)?.[1] ?? '';
  return startTags(cellFormats, 'xf').map((tag) => {
    const id = attribute(tag, 'numFmtId') ?? '0';
    const code = formats.get(id);
    return code === undefined ? (BUILT_IN[id] ?? 'number') : kindOfFormat(code);
  });
}

const BUILT_IN: Readonly<Record<string, NumberKind>> = {
  9: 'percent', 10: 'percent', 14: 'date', 15: 'date', 16: 'day-month', 17: 'month-year', 18: 'time', 19: 'time', 20: 'time', 21: 'time', 22: 'date',
  27: 'date', 28: 'date', 29: 'date', 30: 'date', 31: 'date', 36: 'date', 45: 'time', 46: 'time', 47: 'time',
  50: 'date', 51: 'date', 52: 'date', 53: 'date', 54: 'date', 55: 'date', 56: 'date', 57: 'date', 58: 'date',
};

/** What a format code shows, from its first section without quoted texts, escapes, colours and conditions. */
export function kindOfFormat(code: string): NumberKind {
  const bare = (code.split(';')[0] ?? '').replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]/gi, '').toLowerCase();
  if (bare.includes('general') || /[0#?]/.test(bare)) return bare.includes('%') ? 'percent' : 'number';
  const [year, month, day, hour] = [/[ye]/.test(bare), bare.includes('m'), bare.includes('d'), /[hs]/.test(bare)];
  if (year && month && !day) return 'month-year';
  if (!year && month && day) return 'day-month';
  if (year || day) return 'date';
  return hour ? 'time' : month ? 'month-year' : 'number';
}
