/**
 * What a JSON parser does not tell about a text: member names that stand twice, texts that are too long to parse, and the
 * lines on which the elements of an array start.
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

/**
 * The line on which each element of an array starts, counting from 1.
 * @param json - valid JSON without repeated names, which has an array at the path
 */
export function elementLines(json: string, path: readonly string[]): number[] {
  const cursor = new Cursor(json);
  for (const step of path) cursor.enter(step);
  const lines: number[] = [];
  for (let more = cursor.open(); more; more = cursor.next()) {
    lines.push(cursor.line);
    cursor.skipValue();
  }
  return lines;
}

/** Walks through valid JSON. No text holds a line end, so that lines are counted between values only. */
class Cursor {
  line = 1;
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
    this.#skipSpace();
  }

  /** From the start of an object or array to the value of a member, or the element at a place. */
  enter(step: string): void {
    const named = this.#json.charAt(this.#at) === '{';
    let place = 0;
    for (let more = this.open(); more; more = this.next()) {
      const name = named ? this.#name() : String(place++);
      if (name === step) return;
      this.skipValue();
    }
  }

  /** From the start of an object or array to its first part; false when it has none. */
  open(): boolean {
    this.#at++;
    this.#skipSpace();
    return !CLOSING.has(this.#json.charAt(this.#at));
  }

  /** From behind a part to the next part; false when it was the last. */
  next(): boolean {
    if (this.#json.charAt(this.#at) !== ',') return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  /** To the comma or bracket after the value. */
  skipValue(): void {
    let depth = 0;
    for (; this.#at < this.#json.length; this.#at++) {
      switch (this.#json.charCodeAt(this.#at)) {
        case 0x22: // "
          this.#at = textEnd(this.#json, this.#at);
          break;
        case 0x7b: // {
        case 0x5b: // [
          depth++;
          break;
        case 0x7d: // }
        case 0x5d: // ]
          if (depth === 0) return;
          depth--;
          break;
        case 0x2c: // ,
          if (depth === 0) return;
          break;
        case 0x0a:
          this.line++;
          break;
        default:
      }
    }
  }

  #name(): string {
    const end = textEnd(this.#json, this.#at);
    const name = textOf(this.#json.slice(this.#at + 1, end));
    this.#at = end + 1;
    this.#skipSpace();
    this.#at++; // the colon
    this.#skipSpace();
    return name;
  }

  #skipSpace(): void {
    for (; SPACE.has(this.#json.charAt(this.#at)); this.#at++) if (this.#json.charAt(this.#at) === '\n') this.line++;
  }
}

const SPACE: ReadonlySet<string> = new Set([' ', '\t', '\r', '\n']);
const CLOSING: ReadonlySet<string> = new Set(['}', ']']);

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
