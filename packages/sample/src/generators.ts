/**
 * Settings turned into closures that fill one record at a time. Everything that depends only on the agency and the round
 * is settled before the first record.
 * @module
 */
import { sha384 } from '@weighbridge/base';
import { DayTexts, dayNumber } from './calendar.ts';
import type { Prng } from './prng.ts';
import type { Band, CaseSettings, FieldSettings, SampleSettings } from './settings.ts';
import { kindOf } from './settings.ts';

/** The record being filled. Fields keep their value from the record before until they are drawn again. */
export interface Draft {
  readonly values: string[];
  /** Day number of each date field; NaN where it is blank. */
  readonly days: Float64Array;
  /** Position in the file, from 0. */
  index: number;
}

/** What one file's records have in common. */
export interface FileContext {
  readonly instrument: string;
  readonly agency: string;
  readonly round: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Records of the instrument in all files: sizes the pool of shared pseudonyms. */
  readonly instrumentRows: number;
}

type Fill = (draft: Draft) => void;
type Generator = FieldSettings | CaseSettings;

const HEX_16 = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));

/**
 * Compiles the settings for one file.
 * @param slots - names of fields and hidden names, each at the index that it has in {@link Draft.values}
 * @returns a function that fills the next record; call it once per record, in order
 */
export function compileRecord(settings: SampleSettings, slots: readonly string[], context: FileContext, chance: Prng): Fill {
  return new Compiler(slots, context, chance).record(settings);
}

class Compiler {
  readonly #slot: ReadonlyMap<string, number>;
  readonly #context: FileContext;
  readonly #chance: Prng;
  readonly #texts = new DayTexts();
  /** Group field → records left in its run and its size, shared with the fields that it holds. */
  readonly #runs = new Map<string, { left: number; size: number; first: boolean; count: number }>();

  /** Field → codes used in the run, for fields whose codes do not repeat within it; shared by the field's cases. */
  readonly #used = new Map<number, { run: number; readonly codes: Set<string> }>();

  constructor(slots: readonly string[], context: FileContext, chance: Prng) {
    this.#slot = new Map(slots.map((name, i) => [name, i]));
    this.#context = context;
    this.#chance = chance;
  }

  record(settings: SampleSettings): Fill {
    const fills = settings.fields.map((field) => this.#field(field));
    return (draft) => {
      for (const fill of fills) fill(draft);
    };
  }

  #field(field: FieldSettings): Fill {
    const slot = this.#at(field.field);
    const fill = this.#cases(field, slot);
    if (field.heldBy === undefined) return fill;
    const run = this.#run(field.heldBy);
    return (draft) => {
      if (run.first) fill(draft);
    };
  }

  /** Cases that cannot apply to this file are dropped; the first that always applies ends the list. */
  #cases(field: FieldSettings, slot: number): Fill {
    const cases: { readonly test: (draft: Draft) => boolean; readonly fill: Fill }[] = [];
    for (const one of field.cases) {
      const fixed = { agency: this.#context.agency, round: this.#context.round };
      const conditions = Object.entries(one.when).map(([name, codes]) => ({ name, codes: typeof codes === 'string' ? [codes] : codes }));
      if (conditions.some(({ name, codes }) => (name === 'agency' || name === 'round') && !codes.includes(fixed[name]))) continue;
      const tests = conditions.filter(({ name }) => name !== 'agency' && name !== 'round');
      const fill = this.#generator(one, slot, field.field);
      if (tests.length === 0) return withCases(cases, fill);
      cases.push({ test: this.#test(tests), fill });
    }
    return withCases(cases, this.#generator(field, slot, field.field));
  }

  #test(conditions: readonly { readonly name: string; readonly codes: readonly string[] }[]): (draft: Draft) => boolean {
    const [first, ...others] = conditions.map(({ name, codes }) => {
      const slot = this.#at(name);
      const [only] = codes;
      return codes.length === 1 ? (draft: Draft) => draft.values[slot] === only : (draft: Draft) => codes.includes(draft.values[slot] ?? '');
    });
    if (first === undefined) return () => true;
    return others.length === 0 ? first : (draft) => first(draft) && others.every((test) => test(draft));
  }

  #generator(node: Generator, slot: number, name: string): Fill {
    const kind = kindOf(node);
    switch (kind) {
      case 'value': return fillText(slot, () => node.value ?? '');
      case 'choose': {
        const weights = node.choose ?? {};
        const pick = this.#weighted(weights);
        return fillText(slot, node.distinctWithin === undefined ? pick : this.#distinct(pick, weights, node.distinctWithin, slot));
      }
      case 'integer': {
        const draw = this.#band(node.integer?.bands ?? []);
        const times = node.integer?.times ?? 1;
        return fillText(slot, () => String(draw() * times));
      }
      case 'date': return this.#date(node, slot);
      case 'id': return this.#id(node, slot, name);
      case 'group': return this.#group(node, slot, name);
      case 'sizeOf': {
        const run = this.#run(node.sizeOf ?? '');
        return fillText(slot, () => String(run.size));
      }
    }
  }

  #date(node: Generator, slot: number): Fill {
    const { from, days, blankAfterRound = false } = node.date ?? {};
    const start = dayNumber(this.#context.from);
    const end = dayNumber(this.#context.to);
    const set = (draft: Draft, day: number): void => {
      const blank = Number.isNaN(day) || (blankAfterRound && day > end);
      draft.days[slot] = blank ? Number.NaN : day;
      draft.values[slot] = blank ? '' : this.#texts.text(day);
    };
    const lag = this.#band(days ?? [{ from: 0, to: end - start, weight: 1 }]);
    if (from === undefined) return (draft) => { set(draft, start + lag()); };
    const base = this.#at(from);
    return (draft) => { set(draft, (draft.days[base] ?? Number.NaN) + lag()); };
  }

  #id(node: Generator, slot: number, name: string): Fill {
    const prefix = `SYN-${node.id?.prefix ?? 'X'}-`;
    const own = filePart(this.#context, name);
    const unique = pseudonyms(prefix, own);
    const shared = node.id?.shared;
    if (!shared) return (draft) => { draft.values[slot] = unique(draft.index); };
    const { instrumentRows } = this.#context;
    const pool = Math.min(2_097_152, Math.max(1, Math.floor((instrumentRows * shared.perThousand) / 1000 / shared.holders)));
    const again = pseudonyms(prefix, sha384(`${this.#context.instrument}|${name}|shared`).slice(0, 8));
    return (draft) => {
      draft.values[slot] = this.#chance.below(1000) < shared.perThousand ? again(this.#chance.below(pool)) : unique(draft.index);
    };
  }

  #group(node: Generator, slot: number, name: string): Fill {
    const prefix = `SYN-${node.group?.prefix ?? 'X'}-`;
    const nameOf = pseudonyms(prefix, filePart(this.#context, name));
    const size = this.#weighted(node.group?.size ?? {});
    const run = this.#run(name);
    const { rows } = this.#context;
    return (draft) => {
      run.first = run.left === 0;
      if (run.first) {
        // The last run of a file is cut short, so that its stated size is true.
        run.size = Math.min(Number(size()), rows - draft.index);
        run.left = run.size;
        draft.values[slot] = nameOf(run.count++);
      }
      run.left--;
    };
  }

  /** Draws again while the code has been used in the run; after many tries takes the first code that has not. */
  #distinct(pick: () => string, weights: Readonly<Record<string, number>>, group: string, slot: number): () => string {
    const codes = Object.keys(weights).filter((code) => (weights[code] ?? 0) > 0);
    const run = this.#run(group);
    const seen = this.#used.get(slot) ?? { run: 0, codes: new Set<string>() };
    this.#used.set(slot, seen);
    const used = seen.codes;
    return () => {
      if (seen.run !== run.count) used.clear();
      seen.run = run.count;
      let code = pick();
      for (let tries = 0; used.has(code) && tries < 100; tries++) code = pick();
      if (used.has(code)) code = codes.find((c) => !used.has(c)) ?? code;
      used.add(code);
      return code;
    };
  }

  #weighted(weights: Readonly<Record<string, number>>): () => string {
    const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
    const codes = entries.map(([code]) => code);
    const [only] = codes;
    if (only !== undefined && codes.length === 1) return () => only;
    // One slot per unit of weight: a draw is a look-up.
    const slots = new Uint16Array(entries.reduce((total, [, weight]) => total + weight, 0));
    let end = 0;
    for (const [i, [, weight]] of entries.entries()) slots.fill(i, end, (end += weight));
    return () => codes[slots[this.#chance.below(slots.length)] ?? 0] ?? '';
  }

  #band(bands: readonly Band[]): () => number {
    const index = this.#weighted(Object.fromEntries(bands.map((b, i) => [String(i), b.weight])));
    const [only] = bands;
    const within = (b: Band): number => b.from + (b.to === b.from ? 0 : this.#chance.below(b.to - b.from + 1));
    if (only !== undefined && bands.length === 1) return () => within(only);
    return () => {
      const band = bands[Number(index())];
      return band === undefined ? 0 : within(band);
    };
  }

  #at(name: string): number {
    const slot = this.#slot.get(name);
    if (slot === undefined) throw new TypeError(`compileRecord: no slot for "${name}"`);
    return slot;
  }

  #run(name: string): { left: number; size: number; first: boolean; count: number } {
    const known = this.#runs.get(name);
    if (known) return known;
    const run = { left: 0, size: 0, first: true, count: 0 };
    this.#runs.set(name, run);
    return run;
  }
}

function withCases(cases: readonly { readonly test: (draft: Draft) => boolean; readonly fill: Fill }[], otherwise: Fill): Fill {
  if (cases.length === 0) return otherwise;
  return (draft) => {
    for (const one of cases) {
      if (one.test(draft)) {
        one.fill(draft);
        return;
      }
    }
    otherwise(draft);
  };
}

function fillText(slot: number, make: () => string): Fill {
  return (draft) => { draft.values[slot] = make(); };
}

/** Eight hexadecimal digits that tell one file's pseudonyms from another's. */
export function filePart(context: Pick<FileContext, 'instrument' | 'agency' | 'round'>, field: string): string {
  return sha384(`${context.instrument}|${field}|${context.agency}|${context.round}`).slice(0, 8);
}

/**
 * Numbers to pseudonyms: the part and eight digits more. A bijection of 32-bit integers (odd multiplications and shifts can be undone), so that
 * pseudonyms of one part neither repeat nor count up; the part also turns the bijection, so that two columns do not match.
 */
function pseudonyms(prefix: string, part: string): (index: number) => string {
  const start = prefix + part;
  const turn = Number.parseInt(part, 16);
  return (index) => {
    let x = Math.imul(index ^ turn, 0x85ebca6b);
    x ^= x >>> 15;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    return start + (HEX_16[x >>> 16] ?? '') + (HEX_16[x & 0xffff] ?? '');
  };
}
