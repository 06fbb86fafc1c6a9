/**
 * A disk in memory that knows what would outlive a power failure, and the one place where every operation of a writer can be made to fail.
 * Model (POSIX): the bytes of a created file are durable, for `create` syncs them; a name made, moved or removed is durable once its folder
 * is synced, and until then any part of such changes may or may not be there afterwards. A swap of the cell is durable when it returns.
 * Leaves out: disks that lie about syncing.
 * @module
 */
import { dirname } from 'node:path';
import type { Cell, CellState } from '../../src/cell.ts';
import type { Disk } from '../../src/disk.ts';
import type { Rng } from './harness.ts';

/** What becomes of the operation that fails. Every one of them is reported as a failure. */
export type Outcome = 'lost' | 'torn' | 'persisted' | 'full';

/** Counts operations and makes one of them fail. */
export class Injector {
  #count = 0;
  #at: number | string = -1;
  #outcome: Outcome = 'lost';
  #dies = false;
  #dead = false;
  /** Names of the operations so far. */
  readonly seen: string[] = [];
  /** True when the fault came about. */
  hit = false;

  /** Makes operation number `at`, counted from now, fail, or the first of that name. `dies`: nothing works after it, until {@link heal}. */
  plan(at: number | string, outcome: Outcome, dies: boolean): void {
    this.#count = 0;
    this.#at = at;
    this.#outcome = outcome;
    this.#dies = dies;
    this.hit = false;
    this.seen.length = 0;
  }

  /** What every operation on a disk waits for: how two writers come to be interleaved in every way. */
  pause: () => Promise<void> = () => Promise.resolve();

  heal(): void {
    this.#at = -1;
    this.#dead = false;
  }

  run<T>(what: string, effect: () => T, torn: () => void = effect): T {
    if (this.#dead) throw new Error('the process is gone');
    const n = this.#count++;
    this.seen.push(what);
    if (this.#at === -1) return effect();
    if (this.#outcome === 'full') {
      if (n < Number(this.#at) || !what.startsWith('create')) return effect();
      this.hit = true;
      torn();
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }
    if (n !== this.#at && (what !== this.#at || this.hit)) return effect();
    this.hit = true;
    this.#dead = this.#dies;
    if (this.#outcome === 'torn') torn();
    if (this.#outcome === 'persisted') effect();
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  }
}

/** Names below folders; a folder's entry is `null`. */
type Names = Map<string, Uint8Array | null>;
/** Changes of names that must come about together; undefined removes. */
type Change = readonly (readonly [string, Uint8Array | null | undefined])[];

export class Volume implements Disk {
  readonly #injector: Injector;
  readonly #label: string;
  #live: Names;
  #durable: Names;
  /** Per folder what is not yet durable, in order. */
  #pending: { readonly folder: string; readonly change: Change }[] = [];

  constructor(injector: Injector, label: string, names: Names = new Map()) {
    this.#injector = injector;
    this.#label = label;
    this.#live = new Map(names);
    this.#durable = new Map(names);
  }

  /** The same content on another disk, everything durable. */
  copy(injector: Injector): Volume {
    return new Volume(injector, this.#label, this.#live);
  }

  /** What is there, as a reader sees it. */
  files(): Map<string, Uint8Array> {
    return new Map([...this.#live].flatMap(([path, bytes]) => (bytes === null ? [] : [[path, bytes] as const])));
  }

  /** Puts or removes a file behind the writer's back, durably. */
  put(path: string, bytes: Uint8Array | undefined): void {
    for (const names of [this.#live, this.#durable]) {
      if (bytes === undefined) names.delete(path);
      else names.set(path, bytes);
    }
  }

  /** All content at once, as a backup is put back. */
  restore(files: ReadonlyMap<string, Uint8Array>): void {
    this.#live = namesOf(files);
    this.#durable = namesOf(files);
    this.#pending = [];
  }

  /** The power fails: of what was not synced, this much remains (0 nothing, 1 everything, between by chance). */
  powerLoss(rng: Rng, share: number): void {
    for (const { change } of this.#pending) if (rng.int(1000) < share * 1000) apply(this.#durable, change);
    this.#pending = [];
    this.#live = new Map([...this.#durable].filter(([path]) => reachable(this.#durable, path)));
    this.#durable = new Map(this.#live);
  }

  async read(path: string): Promise<Uint8Array | null> {
    await this.#injector.pause();
    return this.#injector.run(`read ${this.#label}`, () => this.#live.get(path) ?? null);
  }

  async create(path: string, bytes: Uint8Array): Promise<void> {
    await this.#injector.pause();
    this.#injector.run(`create ${this.#label}`, () => { this.#make(path, Uint8Array.from(bytes)); }, () => { this.#make(path, bytes.slice(0, bytes.length >> 1)); });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#injector.pause();
    const bytes = this.#live.get(from);
    if (bytes === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    // Torn: both names stand, as after a link that was not followed by its unlink.
    this.#injector.run(`rename ${this.#label}`, () => { this.#do(dirname(to), [[to, bytes], [from, undefined]]); }, () => { this.#do(dirname(to), [[to, bytes]]); });
  }

  async syncFolder(path: string): Promise<void> {
    await this.#injector.pause();
    const settle = (all: boolean): void => {
      const mine = this.#pending.filter(({ folder }) => folder === path);
      const done = all ? mine : mine.slice(0, mine.length >> 1);
      for (const { change } of done) apply(this.#durable, change);
      this.#pending = this.#pending.filter((pending) => !done.includes(pending));
    };
    this.#injector.run(`sync ${this.#label}`, () => { settle(true); }, () => { settle(false); });
  }

  async remove(path: string): Promise<void> {
    await this.#injector.pause();
    const below = [...this.#live.keys()].filter((name) => name === path || name.startsWith(`${path}/`)).sort().reverse();
    const some = (names: readonly string[]): void => { for (const name of names) this.#do(dirname(name), [[name, undefined]]); };
    this.#injector.run(`remove ${this.#label}`, () => { some(below); }, () => { some(below.slice(0, below.length >> 1)); });
  }

  async list(path: string): Promise<string[]> {
    await this.#injector.pause();
    return this.#injector.run(`list ${this.#label}`, () => [...this.#live.keys()].filter((name) => dirname(name) === path).map((name) => name.slice(path === '.' ? 0 : path.length + 1)));
  }

  #make(path: string, bytes: Uint8Array): void {
    const parents: string[] = [];
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) parents.unshift(folder);
    for (const folder of parents) if (!this.#live.has(folder)) this.#do(dirname(folder), [[folder, null]]);
    this.#do(dirname(path), [[path, bytes]]);
  }

  #do(folder: string, change: Change): void {
    apply(this.#live, change);
    this.#pending.push({ folder, change });
  }
}

function apply(names: Names, change: Change): void {
  for (const [path, value] of change) {
    if (value === undefined) names.delete(path);
    else names.set(path, value);
  }
}

function reachable(names: Names, path: string): boolean {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) if (!names.has(folder)) return false;
  return true;
}

function namesOf(files: ReadonlyMap<string, Uint8Array>): Names {
  const names: Names = new Map();
  for (const [path, bytes] of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) names.set(folder, null);
    names.set(path, bytes);
  }
  return names;
}

/** The cell as its port describes it. */
export class MemoryCell implements Cell {
  readonly #injector: Injector;
  #state: CellState | null;
  /** Every state that it ever held. */
  readonly held: CellState[] = [];

  constructor(injector: Injector, state: CellState | null = null) {
    this.#injector = injector;
    this.#state = state;
    if (state) this.held.push(state);
  }

  read(): CellState | null {
    return this.#injector.run('read cell', () => this.#state);
  }

  swap(old: CellState | null, next: CellState): boolean {
    const set = (): boolean => {
      if (this.#state?.checkpoint !== old?.checkpoint) return false;
      this.#state = next;
      this.held.push(next);
      return true;
    };
    // Torn: a database rolls back what it did not finish.
    return this.#injector.run('swap cell', set, () => undefined);
  }

  /** Puts a state back behind the writer's back. */
  restore(state: CellState | null): void {
    this.#state = state;
  }

  /** What it holds, without an operation. */
  get state(): CellState | null {
    return this.#state;
  }

  close(): void {
    // Nothing to give back.
  }
}
