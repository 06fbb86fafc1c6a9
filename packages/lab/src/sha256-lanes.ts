/**
 * SHA-256 of four messages of one block at once, as WebAssembly that is assembled here: each 32-bit word of the standard is one lane
 * of a vector of four. For the lab's searches, in which a call of the platform's hash costs several times what its hashing costs.
 * Source: FIPS 180-4 §4.1.2 (functions), §4.2.2 (constants), §5.3.3 (first value), §6.2; the WebAssembly Core Specification 2.0, §5.4.
 * Leaves out: messages of more than one block, and any byte order: words go in and come out as numbers.
 * @module
 */

/** Bytes that fit in one block beside the padding. */
export const LONGEST = 55;
const ROUNDS = 64;
const LANES = 4;
const OUT = 16 * LANES * 4;

/** One instance and its memory. Calls of one instance must not overlap. */
export interface Sha256Lanes {
  /** Word `i` of the block in lane `j` stands at `4 i + j`: 16 words, with the padding of the standard, see {@link setMessage}. */
  readonly block: Int32Array;
  /** Word `i` of the hash in lane `j` stands at `4 i + j`: 8 words. */
  readonly digest: Int32Array;
  /** Hashes the four blocks. They stay as they are. */
  readonly hash: () => void;
}

/** What is used of the platform's WebAssembly, whose types come with those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly hash: () => void } };
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Assembled once for a thread, when it is first asked for. */
let compiled: object | undefined;

/** A new instance with memory of its own. */
export function sha256Lanes(): Sha256Lanes {
  compiled ??= new WebAssembly.Module(assemble());
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { own: { memory } });
  return { block: new Int32Array(memory.buffer, 0, 16 * LANES), digest: new Int32Array(memory.buffer, OUT, 8 * LANES), hash: exports.hash };
}

/** Puts a message of up to 55 bytes, with its padding (FIPS 180-4 §5.1.1), into all four lanes. @throws RangeError when it is longer. */
export function setMessage({ block }: Sha256Lanes, message: Uint8Array): void {
  if (message.length > LONGEST) throw new RangeError(`a message of at most ${LONGEST} bytes expected, got ${message.length}`);
  const padded = new DataView(new ArrayBuffer(64));
  for (const [i, byte] of message.entries()) padded.setUint8(i, byte);
  padded.setUint8(message.length, 0x80);
  padded.setUint32(60, message.length * 8);
  for (let word = 0; word < 16; word += 1) block.fill(padded.getInt32(word * 4), word * LANES, word * LANES + LANES);
}

/** The hash in one lane as bytes. */
export function digestOf({ digest }: Sha256Lanes, lane: number): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(32));
  for (let word = 0; word < 8; word += 1) out.setInt32(word * 4, digest[word * LANES + lane] ?? 0);
  return new Uint8Array(out.buffer);
}

type Code = readonly number[];

// All variables are vectors: the eight of the standard, and the sixteen latest words of the schedule.
const work = (i: number): number => i & 7;
const schedule = (t: number): number => 8 + (t & 15);
const T1 = 24;
const VECTORS = 25;

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const vector = (op: number): Code => [0xfd, ...unsigned(op)];
const i32 = (n: number): Code => [0x41, n];
const ADD = vector(174);
const XOR = vector(81);
const SELECT = vector(82);
const shiftRight = (x: Code, bits: number): Code => [...x, ...i32(bits), ...vector(173)];
const rotate = (x: Code, bits: number): Code => [...shiftRight(x, bits), ...x, ...i32(32 - bits), ...vector(171), ...vector(80)];
const sum = (first: Code, ...others: Code[]): Code => [...first, ...others.flatMap((each) => [...each, ...ADD])];
const xor = (first: Code, ...others: Code[]): Code => [...first, ...others.flatMap((each) => [...each, ...XOR])];
const load = (address: number): Code => [0x41, 0, ...vector(0), 4, ...unsigned(address)];
const store = (address: number, value: Code): Code => [0x41, 0, ...value, ...vector(11), 4, ...unsigned(address)];
const constant = (n: number): Code => [...vector(12), ...[0, 1, 2, 3].flatMap(() => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24])];

/** Round `t` (§6.2.2, step 3). The variables of the standard change places instead of values. */
function round(t: number, k: number): Code {
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => get(work(i - t))) as [Code, Code, Code, Code, Code, Code, Code, Code];
  const choose = [...f, ...g, ...e, ...SELECT];
  const majority = [...c, ...a, ...xor(a, b), ...SELECT];
  return [
    ...sum(h, get(schedule(t)), constant(k), choose, xor(rotate(e, 6), rotate(e, 11), rotate(e, 25))), ...set(T1),
    ...sum(d, get(T1)), ...set(work(3 - t)),
    ...sum(get(T1), majority, xor(rotate(a, 2), rotate(a, 13), rotate(a, 22))), ...set(work(7 - t)),
  ];
}

/** The word of the schedule that is used sixteen rounds later (§6.2.2, step 1), in the place of the one that was used. */
function nextWord(t: number): Code {
  const [x, y] = [get(schedule(t + 1)), get(schedule(t + 14))];
  return [...sum(get(schedule(t)), get(schedule(t + 9)), xor(rotate(x, 7), rotate(x, 18), shiftRight(x, 3)), xor(rotate(y, 17), rotate(y, 19), shiftRight(y, 10))), ...set(schedule(t))];
}

function body(): Code {
  const eight = [0, 1, 2, 3, 4, 5, 6, 7];
  const first = firstPrimes(8).map((p) => fraction(Math.sqrt(p)));
  const constants = firstPrimes(ROUNDS).map((p) => fraction(Math.cbrt(p)));
  return [
    ...eight.flatMap((i) => [...constant(first[i] ?? 0), ...set(work(i))]),
    ...[...eight, ...eight.map((i) => i + 8)].flatMap((t) => [...load(t * LANES * 4), ...set(schedule(t))]),
    ...constants.flatMap((k, t) => [...round(t, k), ...(t < ROUNDS - 16 ? nextWord(t) : [])]),
    ...eight.flatMap((i) => store(OUT + i * LANES * 4, sum(get(work(i)), constant(first[i] ?? 0)))),
    0x0b,
  ];
}

/** A module that imports its memory and exports `hash`. */
function assemble(): Uint8Array<ArrayBuffer> {
  const name = (text: string): Code => counted([...Buffer.from(text)]);
  return Uint8Array.from([
    ...Buffer.from('\0asm'), 1, 0, 0, 0,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, ...name('own'), ...name('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('hash'), 0, 0]),
    ...section(10, [1, ...counted([1, VECTORS, 0x7b, ...body()])]),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...counted(content)];
}

function counted(content: Code): Code {
  return [...unsigned(content.length), ...content];
}

/** LEB128 (WebAssembly Core Specification §5.2.2). */
function unsigned(n: number): Code {
  return n < 128 ? [n] : [n & 127 | 128, ...unsigned(n >>> 7)];
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes;
}

/** The first 32 bits of the fractional part: what the standard's constants are. */
function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}
