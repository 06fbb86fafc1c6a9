/**
 * The row of a perturbation table that has the largest entropy for its mean and variance, in closed form: p_v is
 * proportional to exp(b v + c v²), with p_0 held at its lower bound where that binds and neighbours pooled where p must
 * rise up to 0. Source: docs/references.md#ptable (the row as a programme), docs/references.md#maximum-entropy (its form),
 * docs/references.md#pool-adjacent-violators (pooling).
 * b and c come from a damped Newton iteration on a convex function of two variables: no solver library, and the same
 * numbers on every machine to about 1e-12.
 * @module
 */

/** What a row has to meet. */
export interface RowTarget {
  /** Changes that the row may make, ascending. */
  readonly changes: readonly number[];
  readonly variance: number;
  /** Lower bound of the probability of no change; 0 for none. Ignored when 0 is not among the changes. */
  readonly stay: number;
  /** Probabilities do not fall on the way up to 0. Ignored when 0 is not among the changes. */
  readonly monotone: boolean;
}

/** Largest excess of a moment over its target at which a row counts as solved. */
const TOLERANCE = 1e-11;
const MAX_STEPS = 500;

/**
 * Probabilities in the order of the changes: sum 1, mean 0, variance as asked, and no distribution under the same bounds
 * has more entropy. Undefined when there is none of that variance that falls away from 0 (c > 0 would be needed): the
 * variance is then too small, too large, or too large for the bound on no change.
 */
export function entropyRow(target: RowTarget): readonly number[] | undefined {
  const zero = target.changes.indexOf(0);
  const free = solve(target, undefined);
  if (free === undefined || zero === -1 || (free[zero] ?? 0) >= target.stay - TOLERANCE) return free ?? (zero === -1 || target.stay === 0 ? undefined : solve(target, target.stay));
  return solve(target, target.stay);
}

/** Features of one change, averaged over the changes that it is pooled with. */
interface Feature {
  readonly v: number;
  readonly square: number;
}

interface State {
  readonly value: number;
  readonly p: readonly number[];
  readonly features: readonly Feature[];
  readonly mean: number;
  readonly variance: number;
}

/** @param held - probability of no change, fixed; undefined to leave it free */
function solve(target: RowTarget, held: number | undefined): readonly number[] | undefined {
  const changes = held === undefined ? target.changes : target.changes.filter((v) => v !== 0);
  if (!changes.some((v) => v < 0) || !changes.some((v) => v > 0)) return undefined;
  const mass = 1 - (held ?? 0);
  const pooledUpTo = target.monotone && target.changes.includes(0) ? 0 : -Infinity;
  let [b, c] = [0, 0];
  let state = evaluate(changes, b, c, mass, target.variance, pooledUpTo);
  for (let step = 0; step < MAX_STEPS; step++) {
    if (Math.abs(state.mean) < TOLERANCE && Math.abs(state.variance - target.variance) < TOLERANCE) return accept(target, held, state, c);
    const [db, dc] = newtonStep(state, target.variance, mass);
    let scale = 1;
    let next = evaluate(changes, b + db, c + dc, mass, target.variance, pooledUpTo);
    // Armijo rule: the function falls by a part of what its slope promises.
    const slope = db * state.mean + dc * (state.variance - target.variance);
    while (!(next.value <= state.value + 1e-4 * scale * slope) && scale > 1e-12) {
      scale /= 2;
      next = evaluate(changes, b + scale * db, c + scale * dc, mass, target.variance, pooledUpTo);
    }
    [b, c] = [b + scale * db, c + scale * dc];
    state = next;
    if (!(Math.abs(b) + Math.abs(c) < 1e4)) return undefined;
  }
  return Math.abs(state.mean) < 1e-9 && Math.abs(state.variance - target.variance) < 1e-9 ? accept(target, held, state, c) : undefined;
}

function accept(target: RowTarget, held: number | undefined, state: State, c: number): readonly number[] | undefined {
  // c > 0 puts the mass at both ends: the largest entropy is then reached at a smaller variance. Three changes or fewer
  // leave no choice of shape.
  if (c > 1e-9 && target.changes.length > 3) return undefined;
  if (held === undefined) return state.p;
  const below = target.changes.filter((v) => v < 0).length;
  if (target.monotone && (state.p[below - 1] ?? 0) > held + TOLERANCE) return undefined;
  return [...state.p.slice(0, below), held, ...state.p.slice(below)];
}

/** The convex function whose gradient is (mean, variance - target), and all that a step needs. */
function evaluate(changes: readonly number[], b: number, c: number, mass: number, variance: number, pooledUpTo: number): State {
  const features = pool(changes, b, c, pooledUpTo);
  const exponents = features.map((f) => b * f.v + c * f.square);
  const top = Math.max(...exponents);
  const weights = exponents.map((s) => Math.exp(s - top));
  const total = weights.reduce((s, w) => s + w, 0);
  const p = weights.map((w) => (mass * w) / total);
  const moment = (of: (f: Feature) => number): number => features.reduce((s, f, i) => s + (p[i] ?? 0) * of(f), 0);
  return { value: mass * (top + Math.log(total)) - c * variance, p, features, mean: moment((f) => f.v), variance: moment((f) => f.square) };
}

/** Pool adjacent violators over the changes up to `upTo`: exponents there must not fall; a block takes its mean. */
function pool(changes: readonly number[], b: number, c: number, upTo: number): Feature[] {
  const blocks: { v: number; square: number; size: number }[] = [];
  const exponent = (f: { v: number; square: number; size: number } | undefined): number => (f === undefined ? -Infinity : (b * f.v + c * f.square) / f.size);
  for (const change of changes) {
    let block = { v: change, square: change * change, size: 1 };
    while (change <= upTo && exponent(blocks.at(-1)) > exponent(block)) {
      const last = blocks.pop() ?? block;
      block = { v: block.v + last.v, square: block.square + last.square, size: block.size + last.size };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ v, square, size }) => Array.from({ length: size }, () => ({ v: v / size, square: square / size })));
}

/** Newton's step: the inverse covariance of the features times the gradient, kept from breaking down by a small ridge. */
function newtonStep(state: State, variance: number, mass: number): readonly [number, number] {
  const { p, features } = state;
  const [m1, m2] = [state.mean / mass, state.variance / mass];
  let [s11, s12, s22] = [0, 0, 0];
  for (const [i, f] of features.entries()) {
    const w = p[i] ?? 0;
    s11 += w * (f.v - m1) ** 2;
    s12 += w * (f.v - m1) * (f.square - m2);
    s22 += w * (f.square - m2) ** 2;
  }
  const ridge = 1e-13 * (s11 + s22) + 1e-300;
  const [a, d] = [s11 + ridge, s22 + ridge];
  const determinant = a * d - s12 * s12;
  const [g1, g2] = [-state.mean, variance - state.variance];
  return [(d * g1 - s12 * g2) / determinant, (a * g2 - s12 * g1) / determinant];
}
