/**
 * What a run of the lab consists of: every proposal, variant, size and padding, as a list of cells that is the same for
 * the same choices, and the fingerprint of the code that will run them.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import { libraryVersion } from './mls/library.ts';
import type { Padding } from './mls/member.ts';
import type { Conditions, Proposal } from './proposal.ts';
import { PROPOSALS } from './proposals/index.ts';

/** Format of a run's folder. */
export const RUN_FORMAT = 'weighbridge-lab-run/1';

/** Sizes that a run has unless others are asked for. */
export const DEFAULT_SIZES: readonly number[] = [2, 10, 100];

/** One run of one proposal under one set of conditions. */
export interface Cell {
  /** Names the cell's files: proposal, variant, size and padding. */
  readonly id: string;
  readonly proposal: string;
  readonly variant: string;
  readonly conditions: Conditions;
}

/** What was asked for. Together with the code's fingerprint it decides every result. */
export interface Plan {
  readonly format: typeof RUN_FORMAT;
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly paddings: readonly Padding[];
  readonly epochs: number;
  readonly messagesPerEpoch: number;
  readonly payloadBytes: number;
  readonly proposals: readonly string[];
  /** SHA-384 over the lab's source files and the versions of what it stands on. */
  readonly code: string;
  readonly library: string;
}

/** What somebody may choose. */
export interface Choice {
  readonly proposals?: readonly string[];
  readonly sizes?: readonly number[];
  readonly seed?: number;
}

/**
 * The plan of a run. @throws Refusal LAB_PROPOSAL_UNKNOWN, LAB_SIZE, LAB_SEED.
 */
export function planRun({ proposals, sizes = DEFAULT_SIZES, seed = 1 }: Choice): Plan {
  const known = PROPOSALS.map((p) => p.id);
  for (const id of proposals ?? []) {
    if (!known.includes(id)) refuse('LAB_PROPOSAL_UNKNOWN', `there is no proposal "${id}"`, { key: 'proposal' }, `name one of: ${known.join(', ')}`);
  }
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < 2 || size > 1000) refuse('LAB_SIZE', `a conversation of ${size} cannot be run: 2 to 1,000 people expected`, { key: 'size' }, 'give whole numbers from 2 to 1000, with commas between them');
  }
  if (sizes.length === 0 || new Set(sizes).size !== sizes.length) refuse('LAB_SIZE', 'at least one size, and each once, expected', { key: 'size' }, 'give whole numbers from 2 to 1000, with commas between them');
  if (!Number.isSafeInteger(seed) || seed < 0) refuse('LAB_SEED', 'a seed is a whole number from 0 to 9007199254740991', { key: 'seed' }, 'give another seed');
  return {
    format: RUN_FORMAT, seed, sizes: sizes.toSorted((a, b) => a - b), paddings: ['on', 'off'], epochs: 5, messagesPerEpoch: 20, payloadBytes: 100,
    proposals: known.filter((id) => proposals === undefined || proposals.includes(id)), code: codeFingerprint(), library: `ts-mls ${libraryVersion()}`,
  };
}

/** The cells of a plan, in the order in which they run: those that share a group stand together. */
export function cellsOf(plan: Plan): Cell[] {
  const { seed, epochs, messagesPerEpoch, payloadBytes } = plan;
  return plan.sizes.flatMap((size, sizeIndex) => plan.paddings.flatMap((padding, paddingIndex) => plan.proposals.flatMap((id) => {
    const proposal = proposalOf(id);
    if ((!proposal.depends.size && sizeIndex > 0) || (!proposal.depends.padding && paddingIndex > 0)) return [];
    const name = [proposal.depends.size ? `n${size}` : 'any', ...(proposal.depends.padding ? [padding === 'on' ? 'padded' : 'unpadded'] : [])].join('.');
    return proposal.variants.map((variant) => ({
      id: `${id}.${variant.id}.${name}`, proposal: id, variant: variant.id, conditions: { size, epochs, messagesPerEpoch, payloadBytes, padding, seed },
    }));
  })));
}

/** The options of the command that make a plan. */
export function optionsOf({ seed, sizes, proposals }: Plan): string {
  return `--seed ${seed} --size ${sizes.join(',')}${proposals.length === PROPOSALS.length ? '' : ` --proposal ${proposals.join(',')}`}`;
}

/** @throws Refusal LAB_PROPOSAL_UNKNOWN */
export function proposalOf(id: string): Proposal {
  return PROPOSALS.find((p) => p.id === id) ?? refuse('LAB_PROPOSAL_UNKNOWN', `there is no proposal "${id}"`, { key: 'proposal' }, `name one of: ${PROPOSALS.map((p) => p.id).join(', ')}`);
}

/** Lines of the files of a mechanism that are neither blank nor comment. */
export function mechanismLines(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + codeLines(readFileSync(join(import.meta.dirname, 'mechanisms', file), 'utf8')), 0);
}

function codeLines(source: string): number {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
}

/** Results belong to the code that made them: what computes them, not what shows them. */
function codeFingerprint(): string {
  const hash = createHash('sha384');
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).map((f) => f.replaceAll('\\', '/')).filter((f) => f.endsWith('.ts') && !f.startsWith('report/')).toSorted();
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(import.meta.dirname, file)));
  hash.update(readFileSync(join(import.meta.dirname, '..', 'package.json')));
  return hash.digest('hex');
}
