/**
 * Traceback of forwarded messages: every message has a key, and leaves with the platform an identifier that only who knows
 * key and text can compute, and a pointer to the message before it, encrypted under the key. With one reported key the
 * platform walks back (`path`), or also forward to everybody (`tree`). Source: docs/references.md#traceback-2019.
 * Reduced: who sent a message knows the key from which the next one's are derived; the source splits it with the platform.
 * @module
 */
import { hmacSha256 } from '../hmac-sha256.ts';
import type { SeededRandom } from '../random.ts';
import type { Hooks } from '../world.ts';

export type Tracing = 'path' | 'tree';

/** Bytes of a message's key, of its identifier and of its pointer. */
export const TRACE_BYTES = 32;

/** A message as it is sent on: key and text are encrypted, the clear part goes to the platform. */
export interface TracedMessage {
  readonly key: Uint8Array;
  /** Identifier and pointer. */
  readonly clear: Uint8Array;
}

/** What the platform keeps of a message. */
export interface TraceRecord {
  /** Order in which the platform took it in. */
  readonly place: number;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly pointer: Uint8Array;
}

/**
 * A text sent on. `previous` is the key of the message that brought it, or chance when the text is new: both look alike.
 * `count`: how often this sender has sent this text on before; with `tree` the key follows from it.
 */
export function traced(tracing: Tracing, text: Uint8Array, previous: Uint8Array, sender: string, count: number, random: SeededRandom): TracedMessage {
  const key = tracing === 'tree' ? nextKey(previous, sender, count) : random.bytes(TRACE_BYTES);
  return { key, clear: link(key, text, previous) };
}

/** The clear part of a message: identifier of key and text, and pointer to the key of the message before. */
export function link(key: Uint8Array, text: Uint8Array, previous: Uint8Array): Uint8Array {
  return Buffer.concat([identify(key, text), xor(previous, prf(key, 'pointer'))]);
}

/** Recipient: a reason to refuse a message that could not be traced, or nothing. Where the pointer leads, a recipient cannot see. */
export function refuseUntraceable(key: Uint8Array, text: Uint8Array, clear: Uint8Array): string | undefined {
  return clear.length === 2 * TRACE_BYTES && identify(key, text).equals(clear.subarray(0, TRACE_BYTES)) ? undefined : 'the message cannot be traced';
}

/** The platform's store, and what it can do with a report. */
export class TraceStore {
  readonly #records = new Map<string, TraceRecord>();

  /** Takes in what came with a message. An identifier that is known already is not replaced. */
  take(clear: Uint8Array, sender: string, recipients: readonly string[]): void {
    const id = Buffer.from(clear.subarray(0, TRACE_BYTES)).toString('hex');
    if (!this.#records.has(id)) this.#records.set(id, { place: this.#records.size, sender, recipients, pointer: clear.subarray(TRACE_BYTES) });
  }

  /** The messages from the reported one back to the first: empty when the report fits nothing that was sent to the reporter. */
  path(reporter: string, key: Uint8Array, text: Uint8Array): TraceRecord[] {
    return this.#walk(reporter, key, text).steps;
  }

  /** Everybody who sent or received the text, as far as forwarders derived their keys as they should. */
  tree(reporter: string, key: Uint8Array, text: Uint8Array): Set<string> {
    const { steps, origin } = this.#walk(reporter, key, text);
    const people = new Set(steps.flatMap((step) => [step.sender, ...step.recipients]));
    const source = steps.at(-1)?.sender;
    const open = source === undefined ? [] : [{ holder: source, from: origin }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (let count = 0; ; count += 1) {
        const next = nextKey(at.from, at.holder, count);
        const record = this.#find(next, text);
        if (record?.sender !== at.holder) break;
        for (const person of record.recipients) {
          people.add(person);
          open.push({ holder: person, from: next });
        }
      }
    }
    return people;
  }

  /** Bytes kept for a message: identifier, pointer, and 16 for each account. */
  static bytesFor(recipients: number): number {
    return 2 * TRACE_BYTES + 16 * (1 + recipients);
  }

  /** Each step back must lead to an earlier message that the sender of the later one received: else the walk ends there. */
  #walk(reporter: string, reported: Uint8Array, text: Uint8Array): { steps: TraceRecord[]; origin: Uint8Array } {
    const steps: TraceRecord[] = [];
    let [key, holder, before] = [reported, reporter, Infinity];
    for (;;) {
      const record = this.#find(key, text);
      if (record === undefined || record.place >= before || !record.recipients.includes(holder)) return { steps, origin: key };
      steps.push(record);
      key = xor(record.pointer, prf(key, 'pointer'));
      holder = record.sender;
      before = record.place;
    }
  }

  #find(key: Uint8Array, text: Uint8Array): TraceRecord | undefined {
    return this.#records.get(identify(key, text).toString('hex'));
  }
}

/** Client and platform in a conversation of new messages: 64 bytes in the clear part, key before text. */
export function tracingHooks(tracing: Tracing, random: SeededRandom): Hooks & Required<Pick<Hooks, 'enclose' | 'accompany' | 'check'>> {
  const clears = new Map<string, Uint8Array>();
  return {
    enclose({ sender, plaintext }) {
      const { key, clear } = traced(tracing, plaintext, random.bytes(TRACE_BYTES), sender.name, 0, random);
      const enclosed = Buffer.concat([key, plaintext]);
      clears.set(enclosed.toString('hex'), clear);
      return Promise.resolve(enclosed);
    },
    accompany({ plaintext }) {
      const id = Buffer.from(plaintext).toString('hex');
      const clear = clears.get(id) ?? new Uint8Array();
      clears.delete(id);
      return Promise.resolve(clear);
    },
    check: ({ plaintext, authenticatedData }) => Promise.resolve(refuseUntraceable(plaintext.subarray(0, TRACE_BYTES), plaintext.subarray(TRACE_BYTES), authenticatedData)),
  };
}

/** HMAC-SHA-256 of the text under the key: opens to this pair only. */
function identify(key: Uint8Array, text: Uint8Array): Buffer {
  return hmacSha256(key, 'id', text);
}

function nextKey(previous: Uint8Array, sender: string, count: number): Buffer {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(count);
  return hmacSha256(previous, 'next', counter, sender);
}

function prf(key: Uint8Array, label: string): Buffer {
  return hmacSha256(key, label);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
