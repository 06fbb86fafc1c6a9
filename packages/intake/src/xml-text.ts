/**
 * The little XML that workbooks need: attributes and texts. Source: XML 1.0 §4.6; ECMA-376 Part 1 §22.4.2.4 for `_xHHHH_`.
 * Leaves out: document types (refused: they can define entities), comments inside texts, CDATA in cells.
 * @module
 */

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves the five named and the numeric references; others stay as they are. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/g, (whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A cell's text: references, then `_xHHHH_` escapes. */
export function decodeCellText(text: string): string {
  const plain = decodeXml(text);
  return plain.includes('_x') ? plain.replaceAll(/_x([0-9a-fA-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : plain;
}

/** An attribute of a start tag, by its name; undefined when absent. */
export function attribute(tag: string, name: string): string | undefined {
  for (let at = tag.indexOf(name); at !== -1; at = tag.indexOf(name, at + 1)) {
    const before = tag.charCodeAt(at - 1);
    const open = at + name.length;
    if (before > 32 || tag[open] !== '=') continue;
    const quote = tag[open + 1] ?? '';
    const close = tag.indexOf(quote, open + 2);
    return close === -1 ? undefined : decodeXml(tag.slice(open + 2, close));
  }
  return undefined;
}

/** Every start tag with this local name, whatever its prefix, in order. */
export function startTags(xml: string, local: string): string[] {
  return xml.match(new RegExp(`<(?:[\\w.-]+:)?${local}(?=[\\s/>])[^>]*>`, 'g')) ?? [];
}

/** All `t` elements of a string item or inline string, phonetic readings left out, joined. */
export function richText(xml: string): string {
  const only = /^<(?:[\w.-]+:)?t(?: [^>]*)?>([^<]*)<\/[^<]*>$/.exec(xml);
  if (only) return decodeCellText(only[1] ?? '');
  const spoken = xml.includes('rPh') ? xml.replaceAll(/<(?:[\w.-]+:)?rPh[\s>][\s\S]*?<\/(?:[\w.-]+:)?rPh>/g, '') : xml;
  let text = '';
  for (const match of spoken.matchAll(/<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<\//g)) text += decodeCellText(match[1] ?? '');
  return text;
}
