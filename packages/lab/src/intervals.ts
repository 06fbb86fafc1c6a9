/**
 * Intervals for a share: Clopper and Pearson (exact, never too short) and Wilson (score, close to the level on average).
 * Sources: docs/references.md#clopper-1934, #wilson-1927, #newcombe-1998. Both assume trials that are independent of each other;
 * where trials share something (two pairs with one image in common), the caller says so beside the figure.
 * @module
 */
import { refuse } from '@weighbridge/base';

/** Two limits of a share, in [0, 1]. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The exact interval of Clopper and Pearson for `count` successes of `of` trials: the shares under which neither as many nor as few
 * would be seen with a chance below (1 − level) / 2. With no success the lower limit is 0, with nothing else the upper limit is 1.
 * @throws Refusal LAB_INTERVAL when the counts are not whole, `of` is below 1, `count` is outside 0..of or the level outside (0, 1)
 * @example clopperPearson(0, 20) // { low: 0, high: 0.1684… }
 */
export function clopperPearson(count: number, of: number, level = 0.95): Interval {
  checkShare(count, of, level);
  const tail = (1 - level) / 2;
  // The binomial tail P(X ≥ count) at p is the incomplete beta function I_p(count, of − count + 1).
  const low = count === 0 ? 0 : quantile(tail, count, of - count + 1);
  const high = count === of ? 1 : quantile(1 - tail, count + 1, of - count);
  return { low, high };
}

/**
 * The score interval of Wilson, without continuity correction.
 * @throws Refusal LAB_INTERVAL as {@link clopperPearson}
 * @example wilson(0, 20) // { low: 0, high: 0.1611… }
 */
export function wilson(count: number, of: number, level = 0.95): Interval {
  checkShare(count, of, level);
  const z = normalQuantile((1 + level) / 2);
  const centre = count + (z * z) / 2;
  const half = z * Math.sqrt((count * (of - count)) / of + (z * z) / 4);
  const whole = of + z * z;
  return { low: count === 0 ? 0 : (centre - half) / whole, high: count === of ? 1 : (centre + half) / whole };
}

function checkShare(count: number, of: number, level: number): void {
  if (Number.isSafeInteger(count) && Number.isSafeInteger(of) && of >= 1 && count >= 0 && count <= of && level > 0 && level < 1) return;
  refuse('LAB_INTERVAL', `whole numbers 0 <= count <= of, of >= 1, and a level between 0 and 1 expected, got ${count} of ${of} at ${level}`, {}, 'give the number of successes, the number of trials and a level such as 0.95');
}

/** The share at which I_p(a, b) reaches the target: bisection until the two ends are neighbours on the number line. */
function quantile(target: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 1100; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (incompleteBeta(middle, a, b) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function I_x(a, b), by its continued fraction on the side where it converges fast. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated forwards (Lentz). */
function betaFraction(x: number, a: number, b: number): number {
  const guard = (v: number): number => (Math.abs(v) < 1e-300 ? 1e-300 : v);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return value;
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) after moving x above 15. */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 15) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / (at * at);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188 - (inverse * 691) / 360_360))))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** The quantile of the standard normal distribution, by bisection of the distribution function. */
function normalQuantile(share: number): number {
  let low = -40;
  let high = 40;
  while (high - low > 1e-13) {
    const middle = (low + high) / 2;
    if (normalDistribution(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(z): the convergent series of the error function (DLMF 7.6.2); beyond 8 the tail is below the precision of a number. */
function normalDistribution(z: number): number {
  if (Math.abs(z) > 8) return z < 0 ? 0 : 1;
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (z * z) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
