/**
 * What a JSON parser does not tell about a text: member names that stand twice, and texts that are too long to parse.
 * Source: RFC 8259, section 4 (names should be unique; what a reader does otherwise is unpredictable).
 * @module
 */

/** The first member whose object has its name already: the name, and where it stands in the text. Give it valid JSON. */
export function duplicateMember(json: string): { readonly name: string; readonly at: number } | undefined {
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let nameNext = false;
  for (let i = 0; i < json.length; i++) {
    switch (json.charAt(i)) {
      case '{':
        open.push(names = new Set());
        nameNext = true;
        break;
      case '[':
        open.push(names = undefined);
        nameNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        names = open.at(-1);
        nameNext = false;
        break;
      case ',':
        nameNext = names !== undefined;
        break;
      case '"': {
        const end = textEnd(json, i);
        if (nameNext && names) {
          const name = textOf(json.slice(i + 1, end));
          if (names.has(name)) return { name, at: i };
          names.add(name);
          nameNext = false;
        }
        i = end;
        break;
      }
      default:
    }
  }
  return undefined;
}

/** The first text longer than `most` in JSON that may be cut off: the text before it, which for a value is its member's name. */
export function longText(json: string, most: number): { readonly before: string } | undefined {
  let before = '';
  for (let i = json.indexOf('"'); i !== -1; i = json.indexOf('"', i + 1)) {
    const end = textEnd(json, i);
    if (end - i > most) return { before };
    before = end - i > 200 ? '' : json.slice(i + 1, end);
    i = end;
  }
  return undefined;
}

/** Where the closing quote of the text that opens at `open` stands; the end of the JSON when it is cut off. */
function textEnd(json: string, open: number): number {
  for (let at = open + 1; ;) {
    const quote = json.indexOf('"', at);
    if (quote === -1) return json.length;
    let slashes = 0;
    while (json[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}

function textOf(written: string): string {
  return written.includes('\\') ? JSON.parse(`"${written}"`) as string : written;
}
