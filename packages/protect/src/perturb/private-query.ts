/**
 * Answers with differential privacy, for tables that anybody may query: exact noise, charged to a ledger, the same answer to the same
 * query for ever. Source: docs/references.md#canonne-kamath-steinke (mechanisms), docs/references.md#differential-privacy.
 * The list of cells must come from definitions, not from the data: cells without records get noise like all others, and which
 * cells stand tells nothing. Answers may be negative and do not add; rounding them up to 0 biases sums.
 * Leaves out: choosing the budget, and telling answers apart by the time they take.
 * @module
 */
import { canonicalJson, hmacSha256, refuse } from '@weighbridge/base';
import { assertKey } from '../cell-draw.ts';
import { discreteGaussian, discreteLaplace } from './discrete-noise.ts';
import { keyedBits } from './keyed-bits.ts';
import { charge, costIn } from './privacy-ledger.ts';
import type { Contributions, LedgerEntry, PrivacyLedger } from './privacy-ledger.ts';
import { divide, formatRational, multiply, parseRational, rational } from './rational.ts';
import type { Rational } from './rational.ts';

declare const kind: unique symbol;

/** A whole number with privacy noise: releasable. */
export type NoisyValue = number & { readonly [kind]: 'noisy value' };

/** What is asked. */
export interface PrivateQuery {
  /** The question in words or canonical text, for the ledger. */
  readonly name: string;
  /** The edition of the data that answers, by its hash. */
  readonly data: string;
  /** How much of the answer one unit can be: made true beforehand, see {@link boundContributions}. */
  readonly contributions: Contributions;
  /** Loss as an exact fraction: `0.5`, `1/3`. */
  readonly noise: { readonly kind: 'laplace'; readonly epsilon: string } | { readonly kind: 'gaussian'; readonly rho: string };
}

/** A true value: a count, or a sum of whole numbers (confidential). */
export interface QueryCell {
  readonly address: string;
  readonly value: number;
}

/** The answer, and the ledger that has been charged for it. Keep the ledger before the answer is shown. */
export interface PrivateAnswer {
  readonly ledger: PrivacyLedger;
  readonly cells: readonly { readonly address: string; readonly value: NoisyValue }[];
  /** True when the query was answered before and cost nothing now. */
  readonly repeated: boolean;
}

/**
 * Answers a query, or refuses before anything is drawn.
 *
 * Deterministic: the noise is drawn from the secret, the query and the true values, so the same query over the same data has the
 * same answer, and over other data noise that has nothing to do with it. The order of cells plays no part.
 * Laplace noise has scale cellsPerUnit · perCell / epsilon in every cell; Gaussian noise has variance
 * cellsPerUnit · perCell² / (2 rho).
 *
 * @param secret - at least 16 bytes; whoever holds it can take the noise away
 * @throws Refusal `PRIVACY_BUDGET_SPENT` and others of {@link charge} and {@link costIn}; `PRIVACY_LOSS` for a loss that is no fraction
 *   above 0; `CONTRIBUTIONS` for bounds that are no whole numbers from 1; `QUERY_EMPTY` for a query without cells; `CELL_TWICE`;
 *   `VALUE_NOT_WHOLE` with the cell's address
 */
export function answerQuery(ledger: PrivacyLedger, query: PrivateQuery, cells: readonly QueryCell[], secret: Uint8Array): PrivateAnswer {
  assertKey(secret);
  checkCells(query, cells);
  const { scale, loss, mechanism } = noiseOf(query, cells.length);
  const entry: LedgerEntry = {
    id: entryId(query, cells, secret), query: query.name, data: query.data, mechanism,
    contributions: query.contributions, cost: formatRational(costIn(ledger, mechanism, loss)),
  };
  const charged = charge(ledger, entry);
  const draw = mechanism === 'discrete Laplace' ? discreteLaplace : discreteGaussian;
  return {
    ledger: charged, repeated: charged === ledger,
    cells: cells.map(({ address, value }) => ({ address, value: toSafe(BigInt(value) + draw(keyedBits(secret, `differential privacy 1\n${entry.id}\n${address}`), scale)) })),
  };
}

/** What one unit contributes to one cell. */
export interface Contribution {
  readonly unit: string;
  readonly cell: string;
  /** Whole number; 1 for a count. */
  readonly amount: number;
}

/**
 * Sums contributions after making the bounds true: of a unit's cells only some are kept, chosen by the secret and by nothing that other
 * units do, and its amount in a cell is cut to ± perCell. What is lost by that is a bias that the reader should be told of.
 * @returns a value for every cell of the list, and none beside
 * @throws Refusal `CONTRIBUTIONS` for bounds that are no whole numbers from 1, `VALUE_NOT_WHOLE` for an amount that is no whole number, with the cell
 */
export function boundContributions(contributions: Iterable<Contribution>, cells: readonly string[], bounds: Contributions, secret: Uint8Array): QueryCell[] {
  assertKey(secret);
  checkBounds(bounds, 'bounds');
  const sums = new Map(cells.map((cell) => [cell, 0]));
  const units = new Map<string, Map<string, number>>();
  for (const { unit, cell, amount } of contributions) {
    if (!sums.has(cell)) continue;
    if (!Number.isSafeInteger(amount)) refuse('VALUE_NOT_WHOLE', 'an amount is no whole number', { object: cell }, 'count in whole units, such as cents');
    const own = units.get(unit) ?? new Map<string, number>();
    own.set(cell, (own.get(cell) ?? 0) + amount);
    units.set(unit, own);
  }
  for (const [unit, own] of units) {
    const kept = own.size <= bounds.cellsPerUnit ? [...own] : ranked(own, unit, secret).slice(0, bounds.cellsPerUnit);
    for (const [cell, amount] of kept) sums.set(cell, (sums.get(cell) ?? 0) + Math.max(-bounds.perCell, Math.min(bounds.perCell, amount)));
  }
  return cells.map((address) => ({ address, value: sums.get(address) ?? 0 }));
}

function ranked(own: ReadonlyMap<string, number>, unit: string, secret: Uint8Array): [string, number][] {
  return [...own]
    .map(([cell, amount]) => ({ cell, amount, rank: Buffer.from(hmacSha256(secret, `weighbridge contribution 1\n${canonicalJson([unit, cell])}`)).toString('hex') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ cell, amount }) => [cell, amount]);
}

function noiseOf(query: PrivateQuery, cells: number): { readonly scale: Rational; readonly loss: Rational; readonly mechanism: LedgerEntry['mechanism'] } {
  checkBounds(query.contributions, query.name);
  const reach = rational(BigInt(Math.min(query.contributions.cellsPerUnit, cells)));
  const perCell = rational(BigInt(query.contributions.perCell));
  if (query.noise.kind === 'laplace') {
    const epsilon = lossOf(query.noise.epsilon, query.name);
    return { scale: divide(multiply(reach, perCell), epsilon), loss: epsilon, mechanism: 'discrete Laplace' };
  }
  const rho = lossOf(query.noise.rho, query.name);
  return { scale: divide(multiply(reach, multiply(perCell, perCell)), multiply(rational(2n), rho)), loss: rho, mechanism: 'discrete Gaussian' };
}

function lossOf(text: string, query: string): Rational {
  try {
    const loss = parseRational(text);
    if (loss.num > 0n) return loss;
  } catch {
    // Said below, with the place.
  }
  return refuse('PRIVACY_LOSS', 'the privacy loss of a query is a fraction above 0', { object: query }, 'write it as 1, 0.5 or 1/3');
}

function checkBounds({ cellsPerUnit, perCell }: Contributions, object: string): void {
  for (const bound of [cellsPerUnit, perCell]) {
    if (!Number.isSafeInteger(bound) || bound < 1) refuse('CONTRIBUTIONS', 'bounds of what one unit contributes are whole numbers from 1', { object }, 'say in how many cells a unit can be, and with how much in each');
  }
}

function checkCells(query: PrivateQuery, cells: readonly QueryCell[]): void {
  if (cells.length === 0) refuse('QUERY_EMPTY', 'the query has no cells', { object: query.name }, 'list the cells by the definitions of their dimensions');
  const seen = new Set<string>();
  for (const { address, value } of cells) {
    if (!Number.isSafeInteger(value)) refuse('VALUE_NOT_WHOLE', 'a value is no whole number', { object: address }, 'count in whole units, such as cents');
    if (seen.has(address)) refuse('CELL_TWICE', 'two cells have the same address', { object: address }, 'give each cell once');
    seen.add(address);
  }
}

/** A keyed hash of all that makes the query that query, true values included: changed data are charged anew. */
function entryId(query: PrivateQuery, cells: readonly QueryCell[], secret: Uint8Array): string {
  const sorted = cells.map(({ address, value }) => [address, value] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(hmacSha256(secret, `weighbridge private query 1\n${canonicalJson({ query, cells: sorted })}`)).toString('hex');
}

/** Values beyond the safe integers are cut: a step after the noise, which costs no privacy. */
function toSafe(value: bigint): NoisyValue {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > limit ? limit : value < -limit ? -limit : value) as NoisyValue;
}
